"""A PDF alone goes the whole way: inspect, check, ingest, publish; seen on its page, searched by the words of its layer."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from server.asgi import create_application
from server.delivery.inspection import inspect_delivery
from server.delivery.opening import look_into, open_delivery
from server.ingest.run import ingest
from server.quality.checking import check
from server.workshop import Workshop
from tests.support.asgi import Answered, request
from tests.support.printed import LETTERS, SIZE, write_printed
from tests.support.workshops import Quiet, accept, publish_all

BOOK = (
    (("Le", 100, 200), ("beffroi", 180, 200), ("de", 100, 300), ("Béthune", 180, 300)),
    (("Inauguration", 100, 200), ("du", 420, 200), ("beffroi", 100, 320)),
)


def ask(workshop: Workshop, *targets: str) -> list[Answered]:
    """Ask the application, in one life of it."""

    async def asked() -> list[Answered]:
        application = create_application(workshop.settings)
        try:
            return [
                await request(
                    application, target.removeprefix(workshop.settings.base), headers={"host": "127.0.0.1:8000"}
                )
                for target in targets
            ]
        finally:
            application.close()

    return asyncio.run(asked())


def read(answer: Answered) -> Any:
    assert answer.status == 200
    return json.loads(answer.body)


@pytest.fixture
def books(workshop: Workshop, tmp_path: Path) -> dict[str, str]:
    """Two PDFs of one delivery, one without text, taken the whole way; their names by identifier."""
    folder = tmp_path / "livres"
    write_printed(folder / "beffroi.pdf", BOOK, title="Le beffroi de Béthune", chapters=("Le beffroi", "La fête"))
    write_printed(folder / "images.pdf", ((), (), ()), title="Album")
    (folder / "delivery.toml").write_text(
        'institution = "bm-lille"\nsupplier = "numerix"\ntypology = "livres-imprimes"\nrights = "public-domain"\n'
        'language = "fre"\n',
        encoding="utf-8",
    )
    seen = inspect_delivery(look_into(folder))
    assert (seen.kind, seen.missing) == ("pdf", ())
    assert [(item.identifier, item.views, item.texts) for item in seen.items] == [("beffroi", 2, 2), ("images", 3, 0)]
    delivery = open_delivery(folder)
    report = check(delivery)
    assert report.passed, report.findings
    assert "image-shared" not in {found.rule for found in report.findings}
    summary = ingest(delivery, workshop, Quiet())
    assert [outcome.state for outcome in summary.outcomes] == ["ingested", "ingested"]
    accept(workshop, summary.delivery)
    assert [outcome.state for outcome in publish_all(workshop)] == ["published", "published"]
    assert [outcome.state for outcome in ingest(open_delivery(folder), workshop, Quiet()).outcomes] == ["held", "held"]
    return {outcome.identifier: outcome.name for outcome in summary.outcomes}


def test_one_with_a_text_layer_is_read_and_searched(workshop: Workshop, books: dict[str, str]) -> None:
    name = books["beffroi"]
    answers = ask(
        workshop,
        f"/iiif/presentation/3/{name}/manifest",
        f"/iiif/presentation/3/{name}/f2/text",
        f"/iiif/search/2/{name}?q=inauguration",
        f"/iiif/search/2/{name}?q=bethune",
        f"/fr/ark:/{workshop.settings.naan}/{name}",
        "/fr/recherche?q=inauguration",
        f"/iiif/image/3/{name}.f1/info.json",
        f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:{workshop.settings.repository_id}:{name}",
    )
    manifest, text, found, folded = map(read, answers[:4])
    assert manifest["label"].popitem()[1] == ["Le beffroi de Béthune"]
    assert [(canvas["width"], canvas["height"]) for canvas in manifest["items"]] == [SIZE, SIZE]
    assert [part["label"].popitem()[1] for part in manifest["structures"][0]["items"]] == [["Le beffroi"], ["La fête"]]
    assert "Inauguration" in " ".join(one["body"]["value"] for one in text["items"])
    [hit] = found["items"]
    canvas, _, place = hit["target"].partition("#xywh=")
    assert canvas == manifest["items"][1]["id"]
    x, y, width, height = (int(number) for number in place.split(","))
    assert abs(x - 100) <= 8
    assert 150 <= width <= 300
    assert 200 - 1.2 * LETTERS <= y <= 200
    assert 200 - LETTERS / 2 <= y + height <= 200 + LETTERS / 2
    assert [hit["target"].partition("#")[0] for hit in folded["items"]] == [manifest["items"][0]["id"]]
    page, results, info, record = answers[4:]
    assert [answer.status for answer in (page, results, record)] == [200] * 3
    assert "Le beffroi de Béthune" in page.body.decode()
    assert name in results.body.decode()
    assert (read(info)["width"], read(info)["height"]) == SIZE
    assert re.search("<dc:title[^>]*>Le beffroi de Béthune</dc:title>", record.body.decode())


def test_one_without_is_shown_and_promises_no_text(workshop: Workshop, books: dict[str, str]) -> None:
    name = books["images"]
    manifest_answer, text, page, tile, results = ask(
        workshop,
        f"/iiif/presentation/3/{name}/manifest",
        f"/iiif/presentation/3/{name}/f1/text",
        f"/fr/ark:/{workshop.settings.naan}/{name}",
        f"/iiif/image/3/{name}.f3/full/max/0/default.jpg",
        "/fr/recherche?q=beffroi",
    )
    manifest = read(manifest_answer)
    assert len(manifest["items"]) == 3
    assert all("annotations" not in canvas for canvas in manifest["items"])
    assert "SearchService2" not in json.dumps(manifest)
    assert (text.status, page.status, tile.status) == (404, 200, 200)
    assert name not in results.body.decode()
    assert books["beffroi"] in results.body.decode()
