"""Parts of manifests: cut out in a thread of their own, of manifests that are parsed once."""

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from server.catalogue.session import Catalogue
from server.iiif import parts
from server.iiif.presentation import PresentationService
from server.model.item import Item
from server.settings import load_settings
from tests.support.asking import ask, ask_now
from tests.support.publications import Shelf, make_newspaper, renamed
from tests.support.searching import BASE, Library

CANVAS = "/iiif/presentation/3/v1hjkmn0/canvas"
MANIFEST = "/iiif/presentation/3/v1hjkmn0/manifest"


@pytest.fixture
def library(database_url: str) -> Iterator[Library]:
    catalogue = Catalogue(database_url)
    shelf = Shelf(catalogue)
    shelf.prepare(BASE)
    settings = load_settings(base_url=BASE, database_url=database_url, secret_key="k" * 32)
    # nothing is kept for a moment: every answer is looked up
    service: Any = PresentationService(settings, catalogue, clock=iter(range(0, 10_000_000, 100)).__next__)
    opened = Library(catalogue, shelf, service)
    yield opened
    opened.service.close()
    catalogue.close()


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the manifests that were parsed."""
    sizes: list[int] = []
    loads = json.loads

    class Counting:
        @staticmethod
        def loads(plain: bytes) -> Any:
            sizes.append(len(plain))
            return loads(plain)

    monkeypatch.setattr(parts, "json", Counting)
    return sizes


def titled(title: str, name: str = "v1hjkmn0") -> Item:
    return renamed(make_newspaper(), name, title)


def test_a_manifest_waits_for_no_part(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put(make_newspaper(), {})
    held = threading.Event()
    cut = PresentationService._part

    def slow(*arguments: Any) -> Any:
        held.wait(30)
        return cut(*arguments)

    monkeypatch.setattr(PresentationService, "_part", slow)

    async def storm() -> None:
        canvases = [asyncio.create_task(ask(library.service, f"{CANVAS}/f1")) for _ in range(20)]
        try:
            await asyncio.sleep(0)
            manifest = await asyncio.wait_for(ask(library.service, MANIFEST), 10)
            assert manifest.status == 200
        finally:
            held.set()
            answers = await asyncio.gather(*canvases)
        assert {answer.status for answer in answers} == {200}

    asyncio.run(storm())


def test_too_many_parts_are_asked_to_come_back(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put(make_newspaper(), {})
    monkeypatch.setattr(parts, "MOST_WAITING", 2)

    async def storm() -> list[Any]:
        return await asyncio.gather(*(ask(library.service, f"{CANVAS}/f1") for _ in range(10)))

    answers = asyncio.run(storm())
    refused = [answer for answer in answers if answer.status == 503]
    assert len(refused) == 10 - 2 - parts.THREADS
    assert {answer.header("retry-after") for answer in refused} == {"5"}
    assert ask_now(library.service, f"{CANVAS}/f1").status == 200


def test_whoever_asks_for_every_canvas_has_the_manifest_parsed_once(library: Library, parsed: list[int]) -> None:
    library.put(titled("Un"), {})
    for number in (1, 2, 3):
        answer = ask_now(library.service, f"{CANVAS}/f{number}")
        assert json.loads(answer.body)["id"] == f"{BASE}{CANVAS}/f{number}"
    assert len(parsed) == 1
    library.put(titled("Deux"), {})
    assert "Deux" in ask_now(library.service, f"{CANVAS}/f1").text, "what is published is shown at once"
    assert len(parsed) == 2
    library.withdraw("v1hjkmn0")
    assert ask_now(library.service, f"{CANVAS}/f1").status == 410


def test_few_parsed_manifests_are_kept(library: Library, parsed: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"v1hjkmn{number}" for number in range(parts.MOST_KEPT + 1)]
    for name in names:
        library.put(titled("Un", name), {})

    def ask_each(*asked: str) -> None:
        for name in asked:
            assert ask_now(library.service, f"/iiif/presentation/3/{name}/canvas/f1").status == 200

    ask_each(*names)
    ask_each(*names[1:])
    assert len(parsed) == len(names)
    ask_each(names[0])
    assert len(parsed) == len(names) + 1, "the one that was asked for longest ago made room"
    monkeypatch.setattr(parts, "MOST_BYTES_KEPT", 1)
    ask_each(names[1], names[1], names[2], names[1])
    assert len(parsed) == len(names) + 4, "of large ones the last is kept"
