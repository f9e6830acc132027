"""Real deliveries go the whole way and are viewed: on one machine (SQLite, a folder) and on many (PostgreSQL, S3)."""

import asyncio
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from server.asgi import Dispatcher, create_application
from server.delivery.opening import open_delivery
from server.delivery.values import Context
from server.ingest.run import Summary, ingest
from server.publish.run import publish_item
from server.publish.withdraw import withdraw_item
from server.quality.checking import check
from server.settings import Settings
from server.workshop import Workshop
from tests.support.asgi import Answered, request
from tests.support.deliveries import Row, write_table
from tests.support.s3 import S3Server
from tests.support.workshops import Quiet, accept, make_workshop

ABOUT = Context(
    institution="bm-lille", campaign="2026-fetes", typology="livres-imprimes", rights="public-domain", language="ger"
)


@pytest.fixture(params=["one machine", "many machines"])
def path_settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    if request.param == "one machine":
        return settings
    server: S3Server = request.getfixturevalue("s3_server")
    return settings.model_copy(
        update={
            "database_url": request.getfixturevalue("bare_postgres_url"),
            "storage_url": f"s3://{server.bucket}/{settings.home_dir.parent.name}",
            "s3_endpoint": server.endpoint,
            "s3_access_key_id": server.access_key,
            "s3_secret_access_key": server.secret_key,
            "secret_key": ("a key for the tests",),
        }
    )


@pytest.fixture
def path_workshop(path_settings: Settings, tmp_path: Path) -> Iterator[Workshop]:
    opened = make_workshop(path_settings, tmp_path / "registers")
    yield opened
    opened.catalogue.close()


class Reader:
    """Somebody who asks the running application."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def get(self, *targets: str, host: str = "127.0.0.1:8000") -> list[Answered]:
        """Ask for addresses, in one life of the application."""

        async def ask() -> list[Answered]:
            application: Dispatcher = create_application(self._settings)
            try:
                paths = [target.removeprefix(self._settings.base) for target in targets]
                return [await request(application, path, headers={"host": host}) for path in paths]
            finally:
                application.close()

        return asyncio.run(ask())


def bring(workshop: Workshop, folder: Path, about: Context = ABOUT) -> Summary:
    """Check, accept, ingest, publish."""
    delivery = open_delivery(folder, about)
    report = check(delivery)
    assert report.passed, report.findings
    summary = ingest(delivery, workshop, Quiet())
    assert [outcome.state for outcome in summary.outcomes] == ["ingested"] * len(delivery.items)
    accept(workshop, summary.delivery)
    for outcome in summary.outcomes:
        assert publish_item(workshop, outcome.name).state == "published"
    return summary


def see(settings: Settings, name: str) -> dict[str, tuple[int, int]]:
    """View a document as a viewer does: its manifest, each image's info.json, a tile, the page, the record."""
    reader = Reader(settings)
    [answer] = reader.get(f"/iiif/presentation/3/{name}/manifest")
    assert answer.status == 200
    manifest = json.loads(answer.body)
    sizes = {}
    for canvas in manifest["items"]:
        body = canvas["items"][0]["items"][0]["body"]
        service = body["service"][0]["id"]
        edge = min(512, canvas["width"]), min(512, canvas["height"])
        tile = f"{service}/0,0,{edge[0]},{edge[1]}/{edge[0]},{edge[1]}/0/default.jpg"
        info, first, whole, thumbnail = reader.get(
            f"{service}/info.json", tile, body["id"], canvas["thumbnail"][0]["id"]
        )
        assert (info.status, first.status, whole.status, thumbnail.status) == (200, 200, 200, 200)
        told = json.loads(info.body)
        assert (told["width"], told["height"]) == (canvas["width"], canvas["height"])
        assert Image.open(io.BytesIO(first.body)).size == edge
        sizes[canvas["id"]] = (canvas["width"], canvas["height"])
        for page in canvas.get("annotations", ()):
            [text] = reader.get(page["id"])
            assert text.status == 200
            assert json.loads(text.body)["items"]
    page, record = reader.get(
        f"/fr/ark:/{settings.naan}/{name}",
        f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:{settings.repository_id}:{name}",
    )
    assert (page.status, record.status) == (200, 200)
    assert manifest["label"].popitem()[1][0].encode() in page.body
    assert etree.fromstring(record.body).find(".//{*}metadata") is not None
    return sizes


def test_mets_and_tiff_in_a_bag(path_workshop: Workshop, shared: Path) -> None:
    summary = bring(path_workshop, shared / "samples" / "kant1784-bagit-mets-alto-page-tiff")
    sizes = see(path_workshop.settings, summary.outcomes[0].name)
    assert list(sizes.values()) == [(1457, 2083), (1457, 2084)]


def test_jpeg_2000_in_a_bag(path_workshop: Workshop, shared: Path) -> None:
    summary = bring(path_workshop, shared / "samples" / "kant1784-bagit-mets-page-jp2")
    assert len(see(path_workshop.settings, summary.outcomes[0].name)) == 1


def test_jpeg_and_alto_with_a_table(path_workshop: Workshop, shared: Path, tmp_path: Path) -> None:
    folder = tmp_path / "livre"
    shutil.copytree(shared / "samples" / "gallicorpora-bpt6k6495917k-alto4-jpeg", folder)
    (folder / "notice.csv").write_text(
        "dc:identifier;dc:title;dc:type;dc:language;dc:rights;images\n"
        "bpt6k6495917k;Arsace et Isménie;livres-imprimes;fre;domaine public;*.jpeg\n",
        encoding="utf-8",
    )
    about = Context(institution="bm-lille")
    summary = bring(path_workshop, folder, about)
    sizes = see(path_workshop.settings, summary.outcomes[0].name)
    assert list(sizes.values()) == [(1590, 2920), (1605, 2927), (1560, 2930)]
    [text] = Reader(path_workshop.settings).get(f"/iiif/presentation/3/{summary.outcomes[0].name}/f1/text")
    assert "ISMÉNIE" in text.body.decode()


def test_our_own_cards_are_seen_and_then_gone(path_workshop: Workshop, tmp_path: Path) -> None:
    summary = bring(
        path_workshop,
        write_table(tmp_path / "cartes", [Row("c1", text=True, former_url="https://ancien.example.org/notice/7")]),
        Context(),
    )
    name = summary.outcomes[0].name
    settings = path_workshop.settings
    assert list(see(settings, name).values()) == [(320, 240), (320, 240)]
    assert withdraw_item(path_workshop, name, "demande de l’ayant droit")
    answers = Reader(settings).get(
        f"/iiif/presentation/3/{name}/manifest",
        f"/iiif/image/3/{name}.f1/info.json",
        f"/iiif/image/3/{name}.f1/full/max/0/default.jpg",
        f"/iiif/presentation/3/{name}/f1/text",
        f"/fr/ark:/{settings.naan}/{name}",
    )
    assert [answer.status for answer in answers] == [410] * 5
    assert all(answer.lines("access-control-allow-origin") == ["*"] for answer in answers[:4])
    assert "demande de l’ayant droit" in answers[4].body.decode()
    [record] = Reader(settings).get("/oai?verb=ListRecords&metadataPrefix=oai_dc")
    assert b'<header status="deleted">' in record.body


def test_former_names_lead_to_the_document(path_workshop: Workshop, tmp_path: Path) -> None:
    row = Row("c1", ark="ark:/12148/btv1b8449691v", former_url="https://ancien.example.org/notice/7")
    summary = bring(path_workshop, write_table(tmp_path / "cartes", [row]), Context())
    settings = path_workshop.settings
    permalink = f"/ark:/{settings.naan}/{summary.outcomes[0].name}"
    former = ("/ark:/12148/btv1b8449691v", "/ark:12148/btv1b-8449691v", "/notice/7")
    for answer in Reader(settings).get(*former, host="ancien.example.org"):
        assert answer.status == 301
        assert answer.header("location").removeprefix(settings.base) == permalink
        assert answer.lines("access-control-allow-origin") == ["*"]
