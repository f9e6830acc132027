"""PDFs from the delivery to the file: announced at once, made in the background, gone with the document."""

import hashlib
import io
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from server.catalogue.models import ItemRow
from server.catalogue.publication_models import DocumentRow, PublicationRow, PublishedFileRow
from server.catalogue.published import find_document
from server.catalogue.renderings import PublishedFile, find_file
from server.catalogue.session import Catalogue
from server.errors import StorageError, Unknown, Withdrawn
from server.publish import making
from server.publish.making import PdfMaker
from server.publish.rebase import rebase
from server.publish.run import publish_item
from server.publish.sweep import _make_pdfs, sweep
from server.publish.withdraw import withdraw_item, withdraw_view
from server.settings import load_settings
from server.storage import open_storage
from server.storage.base import Stored
from server.storage.local import LocalStorage
from server.workshop import Workshop
from tests.support.deliveries import Row, write_table
from tests.support.s3 import S3Server
from tests.support.workshops import bring_online, make_workshop


def online(workshop: Workshop, folder: Path, **row: object) -> str:
    """Bring a document of two views online; return its name."""
    rows = [Row("c1", text=True, **row)]  # type: ignore[arg-type]  # fields of a row
    [outcome] = bring_online(workshop, write_table(folder / "cartes", rows))
    assert outcome.state == "published"
    return outcome.name


def found(workshop: Workshop, name: str, file: str = "document.pdf") -> PublishedFile:
    with workshop.catalogue.snapshot() as connection:
        return find_file(connection, name, file)


def change_title(workshop: Workshop, name: str) -> None:
    with workshop.catalogue.write() as session:
        row = session.get_one(ItemRow, name)
        row.description = {**row.description, "titles": [{"value": "Le beffroi", "language": "fr", "kind": "main"}]}
    assert publish_item(workshop, name).state == "updated"


def read(workshop: Workshop, name: str) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(workshop.storage.get(found(workshop, name).key)), strict=True)


def test_a_pdf_is_announced_when_it_is_published_and_made_by_the_next_look(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path)
    with workshop.catalogue.snapshot() as connection:
        manifest = json.loads(find_document(connection, name, "manifest/3").plain)
    assert [(each["id"].rpartition("/")[2], each["format"]) for each in manifest["rendering"]] == [
        ("document.pdf", "application/pdf"),
        ("text.txt", "text/plain"),
    ]
    assert found(workshop, name).size is None
    assert PdfMaker(workshop).make_all() == 1
    made = found(workshop, name)
    assert made.size == workshop.storage.size(made.key)
    with read(workshop, name) as reader:
        assert [page.extract_text().strip() for page in reader.pages] == ["L’œuvre", "L’œuvre"]
        assert reader.xmp_metadata is not None
        assert reader.xmp_metadata.dc_title is not None
        assert reader.xmp_metadata.dc_title["x-default"] == "Vue de la Grand’Place"
        assert reader.xmp_metadata.dc_source == f"http://127.0.0.1:8000/ark:/99999/{name}"
    assert PdfMaker(workshop).make_all() == 0
    assert not list((workshop.settings.home_dir / "scratch").iterdir())


def test_what_did_not_change_is_not_made_again_and_what_did_has_another_key(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path)
    PdfMaker(workshop).make_all()
    before = found(workshop, name)
    with workshop.catalogue.write() as session:
        session.get_one(ItemRow, name).thumbnail_view = 2
    assert publish_item(workshop, name).state == "updated"  # another picture stands for it: no page is another
    assert found(workshop, name) == before
    change_title(workshop, name)
    assert found(workshop, name).size is None
    assert workshop.storage.exists(before.key)
    assert PdfMaker(workshop).make_all() == 1
    assert found(workshop, name).key != before.key
    assert not workshop.storage.exists(before.key)


def test_a_withdrawn_document_has_no_file_and_comes_back_with_the_same(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path)
    PdfMaker(workshop).make_all()
    key = found(workshop, name).key
    digest = hashlib.sha256(workshop.storage.get(key)).hexdigest()
    withdraw_item(workshop, name, "demande de l’ayant droit")
    with pytest.raises(Withdrawn):
        found(workshop, name)
    PdfMaker(workshop).make_all()
    assert not workshop.storage.exists(key)
    assert publish_item(workshop, name, restore=True).state == "published"
    assert found(workshop, name).size is None
    assert PdfMaker(workshop).make_all() == 1
    assert found(workshop, name).key == key
    assert hashlib.sha256(workshop.storage.get(key)).hexdigest() == digest


def test_of_a_withdrawn_view_no_file_is_left_though_the_rendering_is_interrupted(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = online(workshop, tmp_path)
    PdfMaker(workshop).make_all()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("server.publish.withdraw.republish_item", killed)
        with pytest.raises(KeyboardInterrupt):
            withdraw_view(workshop, name, 2, "erreur de cadrage")
    for file in ("document.pdf", "f2.alto.xml"):
        with pytest.raises(Unknown):
            found(workshop, name, file)
    with workshop.catalogue.read() as session:
        assert {
            kind for kind in ("plain", "plain/f2", "text/f2", "text2/f2", "words/f2") if session.get(DocumentRow, (name, kind))
        } == set()  # fmt: skip
    assert found(workshop, name, "f1.alto.xml").size
    sweep(workshop)
    PdfMaker(workshop).make_all()
    with read(workshop, name) as reader:
        assert len(reader.pages) == 1


def test_the_alto_is_given_as_it_was_delivered(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path)
    alto = found(workshop, name, "f2.alto.xml")
    assert workshop.storage.get(alto.key) == (tmp_path / "cartes" / "c1_0002.xml").read_bytes()
    assert (alto.size, alto.media_type) == (workshop.storage.size(alto.key), "application/xml")


def test_an_alto_of_several_pages_speaks_of_others_and_stays_here(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1", text=True)])
    alto = folder / "c1_0002.xml"
    alto.write_text(alto.read_text().replace("</Layout>", '<Page ID="P2" WIDTH="320" HEIGHT="240"/></Layout>'))
    [outcome] = bring_online(workshop, folder)
    assert found(workshop, outcome.name, "f1.alto.xml").size
    with pytest.raises(Unknown, match=r"no f2\.alto\.xml to take away"):
        found(workshop, outcome.name, "f2.alto.xml")


def test_an_alto_that_a_hidden_view_shares_stays_here(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path)  # both views have the same words, and so the same file
    withdraw_view(workshop, name, 2, "essai")
    with pytest.raises(Unknown):
        found(workshop, name, "f1.alto.xml")


def test_what_may_only_be_looked_at_has_no_files(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path, rights="in-copyright")
    for file in ("document.pdf", "f1.alto.xml"):
        with pytest.raises(Unknown):
            found(workshop, name, file)
    with workshop.catalogue.snapshot() as connection:
        manifest = json.loads(find_document(connection, name, "manifest/3").plain)
        with pytest.raises(Unknown):
            find_document(connection, name, "plain/f1")
        assert find_document(connection, name, "text/f1").plain
    assert "rendering" not in manifest
    assert not {"rendering", "seeAlso"} & set(manifest["items"][0])
    assert PdfMaker(workshop).make_all() == 0


class Stopped(BaseException):
    """Where a test kills: nothing in the process may catch it."""


def test_ended_between_the_file_and_the_catalogue_nothing_is_made_twice(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = online(workshop, tmp_path)
    put = LocalStorage.put_file

    def killed(storage: LocalStorage, key: str, path: Path, *, move: bool = False) -> None:
        put(storage, key, path, move=move)
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(LocalStorage, "put_file", killed)
        with pytest.raises(Stopped):
            PdfMaker(workshop).make_all()
    assert found(workshop, name).size is None
    with monkeypatch.context() as patch:
        patch.setattr("server.publish.making.write_pdf", killed)
        assert PdfMaker(workshop).make_all() == 1
    assert found(workshop, name).size == workshop.storage.size(found(workshop, name).key)


def test_a_failure_stops_no_other_and_is_not_repeated_at_once(
    workshop: Workshop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1"), Row("c2")]))
    broken, sound = (outcome.name for outcome in outcomes)
    [pyramid] = [each.key for each in workshop.storage.list(f"pyramids/{broken}") if each.key.endswith(".tif")][:1]
    workshop.storage.put(pyramid, b"\0" * workshop.storage.size(pyramid))
    maker = PdfMaker(workshop)
    assert maker.make_all() == 1
    assert found(workshop, sound).size
    assert found(workshop, broken).size is None
    assert maker.make_all() == 0
    told = [record.getMessage() for record in caplog.records if record.name == "vitrine.renderings"]
    assert len(told) == 1
    assert told[0].startswith(f"the PDF of {broken} was not made: ")


def test_what_fails_for_an_unforeseen_reason_stops_no_other_and_is_tried_again_later(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1"), Row("c2"), Row("c3")]))
    unread, broken, sound = sorted(outcome.name for outcome in outcomes)
    with workshop.catalogue.write() as session:
        # what an older version may have left: it cannot be read, and what is wrong with the second is nobody's fault
        kept = session.get_one(PublicationRow, unread).item
        session.get_one(PublicationRow, unread).item = {**kept, "views": "none"}
    now = [0.0]
    maker = PdfMaker(workshop, clock=lambda: now[0])

    def fails_for_one(workshop: Workshop, wanted: object, view: object) -> object:
        if wanted.item.name == broken:  # type: ignore[attr-defined]  # of a private class
            raise ZeroDivisionError("a width of nothing")
        return page(workshop, wanted, view)  # type: ignore[arg-type]

    page = making._page
    with monkeypatch.context() as patch:
        patch.setattr(making, "_page", fails_for_one)
        assert maker.make_all() == 1
        assert found(workshop, sound).size
        assert maker.make_all() == 0
    told = [record.getMessage() for record in caplog.records if record.name == "vitrine.renderings"]
    assert [message.partition(" was not made")[0] for message in told] == [
        f"the PDF of {unread}",
        f"the PDF of {broken}",
    ]
    with workshop.catalogue.write() as session:
        session.get_one(PublicationRow, unread).item = kept
    assert maker.make_all() == 0
    now[0] = 3601.0
    assert maker.make_all() == 2


def test_one_process_makes_them_and_an_ending_one_gives_up_between_pages(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path)
    other = Catalogue(workshop.settings.database)
    with other.lock("renderings"):
        assert PdfMaker(workshop).make_all() == 0
    other.close()
    asked: list[bool] = []

    def is_ending() -> bool:
        asked.append(True)
        return len(asked) > 2

    assert PdfMaker(workshop, is_ending).make_all() == 0
    assert found(workshop, name).size is None
    assert not list(workshop.storage.list("renderings"))
    assert PdfMaker(workshop).make_all() == 1


def test_a_pdf_that_is_not_wanted_any_more_is_not_told_of(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = online(workshop, tmp_path)
    put = LocalStorage.put_file

    def withdrawn_meanwhile(storage: LocalStorage, key: str, path: Path, *, move: bool = False) -> None:
        put(storage, key, path, move=move)
        withdraw_item(workshop, name, "essai")

    with monkeypatch.context() as patch:
        patch.setattr(LocalStorage, "put_file", withdrawn_meanwhile)
        assert PdfMaker(workshop).make_all() == 0
    assert len(list(workshop.storage.list("renderings"))) == 1
    PdfMaker(workshop).make_all()
    assert list(workshop.storage.list("renderings")) == []


def test_under_other_addresses_none_is_made_until_all_are_published_anew(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path)
    assert [outcome.state for outcome in rebase(workshop, "https://new.example.org")] == ["updated"]
    assert PdfMaker(workshop).make_all() == 0
    settings = workshop.settings.model_copy(update={"base_url": "https://new.example.org"})
    moved = replace(workshop, settings=settings)
    assert PdfMaker(moved).make_all() == 1
    with read(moved, name) as reader:
        assert reader.xmp_metadata is not None
        assert str(reader.xmp_metadata.dc_source).startswith("https://new.example.org/ark:/")


class Once(threading.Event):
    """An end that comes when somebody would wait for it."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


def test_the_sweep_makes_them_in_a_thread_that_steps_back(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path)
    niceness: list[int] = []

    def work() -> None:
        _make_pdfs(workshop, Once())
        niceness.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    before = os.getpriority(os.PRIO_PROCESS, 0)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found(workshop, name).size
    assert niceness == [max(10, before)]
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


@contextmanager
def far_workshop(url: str, s3: S3Server, folder: Path) -> Iterator[Workshop]:
    settings = load_settings(
        home_dir=folder / "home", workers=1, base_url="http://127.0.0.1:8000", database_url=url,
        storage_url=f"s3://{s3.bucket}/renderings-test", s3_endpoint=s3.endpoint, s3_access_key_id=s3.access_key,
        s3_secret_access_key=s3.secret_key, secret_key="k" * 32,
    )  # fmt: skip
    opened = make_workshop(settings, folder / "registers")
    yield opened
    opened.catalogue.close()


def test_on_postgresql_and_s3_it_is_the_same_file(
    postgres_url: str, s3_server: S3Server, settings: object, tmp_path: Path
) -> None:
    near = make_workshop(
        load_settings(home_dir=tmp_path / "near", workers=1, base_url="http://127.0.0.1:8000"), tmp_path
    )
    name = online(near, tmp_path / "a")
    PdfMaker(near).make_all()
    body = near.storage.get(found(near, name).key)
    near.catalogue.close()
    with far_workshop(postgres_url, s3_server, tmp_path / "far") as far:
        assert online(far, tmp_path / "b") == name
        assert PdfMaker(far).make_all() == 1
        key = found(far, name).key
        assert far.storage.get(key) == body
        assert far.storage.read(key, 100, 50) == body[100:150]
        withdraw_item(far, name, "essai")
        PdfMaker(far).make_all()
        with pytest.raises(StorageError):
            far.storage.size(key)
        assert open_storage(far.settings).exists(key) is False


def test_the_rows_of_files_go_with_the_document(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path)
    withdraw_item(workshop, name, "essai")
    with workshop.catalogue.read() as session:
        assert session.query(PublishedFileRow).count() == 0


def test_a_file_that_was_lost_is_made_again(
    workshop: Workshop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = online(workshop, tmp_path)
    PdfMaker(workshop).make_all()
    made = found(workshop, name)
    workshop.storage.delete(made.key)
    assert PdfMaker(workshop).make_all() == 1
    assert found(workshop, name) == made
    assert workshop.storage.exists(made.key)
    assert "1 PDFs are not in the storage any more" in caplog.text


@pytest.mark.parametrize(("takes", "pause"), [(0.0, 0.0), (0.01, 1.0), (10.0, 1000.0), (600.0, 3600.0)])
def test_the_storage_is_compared_at_the_first_look_and_for_a_hundredth_of_the_time(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, takes: float, pause: float
) -> None:
    name = online(workshop, tmp_path)
    now, listed = [0.0], []
    every = LocalStorage.list

    def slow(storage: LocalStorage, prefix: str = "") -> Iterator[Stored]:
        listed.append(prefix)
        now[0] += takes
        return every(storage, prefix)

    monkeypatch.setattr(LocalStorage, "list", slow)
    maker = PdfMaker(workshop, clock=lambda: now[0])
    assert maker.make_all() == 1
    key = found(workshop, name).key
    workshop.storage.delete(key)
    workshop.storage.put("renderings/v1nobody/old.pdf", b"of nobody")
    if pause:
        now[0] += pause - 0.001
        assert maker.make_all() == 0
    assert listed == ["renderings"]
    now[0] += 0.002
    assert maker.make_all() == 1
    assert listed == ["renderings"] * 2
    assert workshop.storage.exists(key)
    assert not workshop.storage.exists("renderings/v1nobody/old.pdf")
