"""What readers take away, over HTTP: whole, in parts, packed, gone, not made yet; in both databases."""

import asyncio
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.catalogue.renderings import find_file
from server.errors import StorageError
from server.iiif import http, renderings
from server.iiif.http import MOST_HELD, Message, holding
from server.iiif.renderings import RenderingService
from server.publish.making import PdfMaker
from server.publish.withdraw import withdraw_item, withdraw_view
from server.settings import Settings
from server.workshop import Workshop
from tests.support.asgi import scope_of
from tests.support.asking import Answer, ask_now
from tests.support.deliveries import Row, write_table
from tests.support.s3 import S3Server
from tests.support.workshops import bring_online, make_workshop


@dataclass
class Holdings:
    """A document of two views with text, and the service that gives it away."""

    workshop: Workshop
    service: RenderingService
    name: str

    def get(self, file: str, method: str = "GET", **headers: str) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = ask_now(self.service, f"/renderings/{self.name}/{file}", given, method)
        assert answer.header("access-control-allow-origin") == "*"
        return answer

    def pdf(self) -> bytes:
        [stored] = self.workshop.storage.list(f"renderings/{self.name}")
        return self.workshop.storage.get(stored.key)


@pytest.fixture
def held(workshop: Workshop, tmp_path: Path) -> Iterator[Holdings]:
    folder = write_table(tmp_path / "cartes", [Row("c1", text=True, title="Lille : l’œuvre / « 1905 »")])
    [outcome] = bring_online(workshop, folder)
    service = RenderingService(workshop.settings, workshop.catalogue, workshop.storage)
    yield Holdings(workshop, service, outcome.name)
    service.close()


def test_before_it_is_made_a_pdf_says_when_to_come_back(held: Holdings) -> None:
    for method in ("GET", "HEAD"):
        answer = held.get("document.pdf", method)
        assert answer.status == 503
        assert answer.header("retry-after") == "60"
        assert answer.header("cache-control") == "no-cache"
    assert held.get("document.pdf").text.startswith(f"Le PDF de {held.name} est en préparation")


def test_a_pdf_whole_with_its_size_announced(held: Holdings, monkeypatch: pytest.MonkeyPatch) -> None:
    PdfMaker(held.workshop).make_all()
    body = held.pdf()
    monkeypatch.setattr(renderings, "PIECE", 1000)
    answer = held.get("document.pdf")
    assert (answer.status, answer.body) == (200, body)
    assert len(answer.chunks) > len(body) // 1000
    assert max(len(chunk) for chunk in answer.chunks) <= 1000
    head = held.get("document.pdf", "HEAD")
    assert (head.status, head.body) == (200, b"")
    for one in (answer, head):
        assert one.header("content-length") == str(len(body))
        assert one.header("content-type") == "application/pdf"
        assert one.header("accept-ranges") == "bytes"
        assert one.header("cache-control") == "public, max-age=29, s-maxage=29"
        assert one.header("link").endswith('>;rel="collection";type="text/html"')
        assert "/ark:/99999/" in one.header("link")
        assert one.header("content-disposition") == (
            f'inline; filename="Lille l\'oeuvre 1905 ({held.name}).pdf"; '
            f"filename*=UTF-8''Lille%20l%E2%80%99%C5%93uvre%20%C2%AB%201905%20%C2%BB%20%28{held.name}%29.pdf"
        )


def test_an_interrupted_download_goes_on(held: Holdings) -> None:
    PdfMaker(held.workshop).make_all()
    body = held.pdf()
    whole = held.get("document.pdf")
    etag, modified = whole.header("etag"), whole.header("last-modified")
    rest = held.get("document.pdf", range="bytes=500-", if_range=etag)
    assert (rest.status, rest.body) == (206, body[500:])
    assert rest.header("content-range") == f"bytes 500-{len(body) - 1}/{len(body)}"
    assert rest.header("content-length") == str(len(body) - 500)
    assert rest.header("etag") == etag
    assert held.get("document.pdf", range="bytes=-10", if_range=modified).body == body[-10:]
    assert held.get("document.pdf", range="bytes=500-", if_range='"another"').body == body
    behind = held.get("document.pdf", range=f"bytes={len(body)}-")
    assert (behind.status, behind.header("content-range")) == (416, f"bytes */{len(body)}")
    assert held.get("document.pdf", if_none_match=etag, range="bytes=0-1").status == 304
    assert held.get("document.pdf", "HEAD", range="bytes=0-1").status == 200


def test_texts_are_packed_or_in_parts(held: Holdings) -> None:
    plain = held.get("f1.txt")
    assert plain.text == "L’œuvre\n"
    assert plain.header("content-type") == "text/plain; charset=utf-8"
    packed = held.get("f1.txt", accept_encoding="gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.header("vary") == "Accept-Encoding"
    assert packed.header("etag") != plain.header("etag")
    assert held.get("f1.txt", accept_encoding="gzip", if_none_match=packed.header("etag")).status == 304
    part = held.get("f1.txt", accept_encoding="gzip", range="bytes=4-6")
    assert (part.status, part.body) == (206, plain.body[4:7])
    assert "content-encoding" not in part.headers
    assert held.get("f1.txt", range="bytes=99-").status == 416


def test_the_text_of_the_document_and_the_alto(held: Holdings, tmp_path: Path) -> None:
    whole = held.get("text.txt")
    assert whole.text.startswith("Lille : l’œuvre / « 1905 »\n")
    assert "[f2]\n\nL’œuvre\n" in whole.text
    assert "filename=\"Lille l'oeuvre 1905 (" in whole.header("content-disposition")
    alto = held.get("f2.alto.xml")
    assert alto.body == (tmp_path / "cartes" / "c1_0002.xml").read_bytes()
    assert alto.header("content-type") == "application/xml"
    assert alto.header("content-disposition").startswith(
        f'attachment; filename="Lille l\'oeuvre 1905 - f2 ({held.name}).alto.xml"'
    )


@pytest.mark.parametrize(
    "file", ["", "document.doc", "f0.txt", "f3.txt", "f3.alto.xml", "f01.txt", "f1.pdf", "../x", "f1.txt/", "%661.txt"]
)
def test_what_is_not_there_is_not_found(held: Holdings, file: str) -> None:
    answer = held.get(file)
    assert answer.status == 404
    assert held.name in answer.text


def test_no_document_of_that_name(held: Holdings) -> None:
    assert ask_now(held.service, "/renderings/v1nothing/document.pdf").status == 404
    assert held.get("document.pdf", "POST").status == 405
    assert held.get("document.pdf", "OPTIONS").status == 204


def test_after_a_withdrawal_everything_is_gone_at_once(held: Holdings) -> None:
    PdfMaker(held.workshop).make_all()
    withdraw_view(held.workshop, held.name, 2, "essai")
    assert held.get("document.pdf").status == 503  # it is made anew, without that view
    assert {held.get(file).status for file in ("f2.txt", "f2.alto.xml")} == {410}
    assert "[f2]" not in held.get("text.txt").text
    withdraw_item(held.workshop, held.name, "demande de l’ayant droit")
    gone = held.get("document.pdf")
    assert gone.status == 410
    assert "demande de l’ayant droit" in gone.text
    assert {held.get(file).status for file in ("text.txt", "f1.txt", "f1.alto.xml", "f2.txt")} == {410}


def test_who_does_not_take_holds_one_piece_and_who_goes_away_nothing(
    held: Holdings, monkeypatch: pytest.MonkeyPatch
) -> None:
    PdfMaker(held.workshop).make_all()
    monkeypatch.setattr(renderings, "PIECE", 1000)
    reads: list[int] = []
    read = held.workshop.storage.read

    def counted(key: str, offset: int, length: int) -> bytes:
        reads.append(offset)
        return read(key, offset, length)

    monkeypatch.setattr(held.workshop.storage, "read", counted)

    async def talk() -> tuple[int, int, int]:
        taking, gone, begun = asyncio.Event(), asyncio.Event(), asyncio.Event()
        asked = False
        sent: list[Message] = []

        async def receive() -> Message:
            nonlocal asked
            if asked:
                await gone.wait()
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)
            if len(sent) == 2:
                begun.set()
                await taking.wait()

        scope: dict[str, Any] = scope_of(f"/renderings/{held.name}/document.pdf")
        answering = asyncio.create_task(held.service(scope, receive, send))
        await begun.wait()
        during = holding.size
        read_while_it_waits = len(reads)
        gone.set()
        taking.set()
        await answering
        return during, read_while_it_waits, holding.size

    during, read_while_it_waits, after = asyncio.run(talk())
    assert (during, read_while_it_waits, after) == (1000, 1, 0)
    assert len(reads) <= 3  # of about ten


def test_where_too_much_is_held_a_download_is_asked_to_come_back(held: Holdings) -> None:
    PdfMaker(held.workshop).make_all()
    with holding.hold(MOST_HELD):
        answer = held.get("document.pdf")
        assert (answer.status, answer.header("retry-after")) == (503, "5")
        assert held.get("document.pdf", "HEAD").status == 200
        assert held.get("f1.txt").status == 200


@pytest.fixture(params=["folder", "s3"])
def stored(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Holdings]:
    """The document and its files in a folder, and in S3."""
    if request.param == "s3":
        s3: S3Server = request.getfixturevalue("s3_server")
        settings = settings.model_copy(
            update={
                "storage_url": f"s3://{s3.bucket}/{tmp_path.name}",
                "s3_endpoint": s3.endpoint,
                "s3_access_key_id": s3.access_key,
                "s3_secret_access_key": s3.secret_key,
            }
        )
    workshop = make_workshop(settings.model_copy(update={"workers": 1}), tmp_path / "registers")
    [outcome] = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1", text=True)]))
    PdfMaker(workshop).make_all()
    service = RenderingService(workshop.settings, workshop.catalogue, workshop.storage)
    yield Holdings(workshop, service, outcome.name)
    service.close()
    workshop.catalogue.close()


@pytest.mark.parametrize("file", ["document.pdf", "f1.alto.xml"])
def test_a_file_that_is_lost_says_when_to_come_back_and_the_log_names_it(
    stored: Holdings, file: str, caplog: pytest.LogCaptureFixture
) -> None:
    workshop = stored.workshop
    whole = stored.get(file)
    with workshop.catalogue.snapshot() as connection:
        key = find_file(connection, stored.name, file).key
    workshop.storage.delete(key)
    for number, (method, headers) in enumerate(
        [("GET", {}), ("HEAD", {}), ("GET", {"range": "bytes=10-20"}), ("GET", {"range": "bytes=-5"})], start=1
    ):
        answer = stored.get(file, method, **headers)
        assert (answer.status, answer.header("retry-after")) == (503, "60")
        assert answer.header("cache-control") == "no-cache"
        assert key not in answer.text
        told = [record.getMessage() for record in caplog.records if record.name == "vitrine.renderings"]
        assert len(told) == number
        assert told[-1].startswith(f"/renderings/{stored.name}/{file} cannot be read: {key}: nothing is stored")
    assert holding.size == 0
    assert whole.status == 200
    if file == "document.pdf":
        assert PdfMaker(workshop).make_all() == 1
        assert stored.get(file).body == whole.body


def test_a_file_that_is_lost_on_the_way_ends_the_connection_and_promises_nothing_more(
    held: Holdings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    PdfMaker(held.workshop).make_all()
    monkeypatch.setattr(renderings, "PIECE", 1000)
    read = held.workshop.storage.read

    def lost_after_the_first(key: str, offset: int, length: int) -> bytes:
        piece = read(key, offset, length)
        held.workshop.storage.delete(key)
        return piece

    monkeypatch.setattr(held.workshop.storage, "read", lost_after_the_first)
    with pytest.raises(StorageError):
        held.get("document.pdf")
    assert holding.size == 0
    assert f"/renderings/{held.name}/document.pdf ends before its end" in caplog.text


def test_scripts_of_other_sites_may_ask_for_parts_and_read_what_they_are() -> None:
    shared = dict(http.SHARED)["access-control-expose-headers"]
    assert {"Accept-Ranges", "Content-Range", "Content-Length", "Content-Disposition"} <= set(shared.split(", "))
    allowed = dict(http.preflight().headers)["access-control-allow-headers"]
    assert {"Range", "If-Range"} <= set(allowed.split(", "))
