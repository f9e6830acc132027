"""A library whose documents can be searched: published as `publish` does, with words where a test puts them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from lxml import html

from server.app import create_app
from server.catalogue.models import CollectionRow
from server.catalogue.publication_models import PublicationRow
from server.catalogue.session import Catalogue
from server.iiif.search import SearchService
from server.model.addresses import Addresses
from server.model.item import Item
from server.model.text import Block, Box, Hyphen, Line, PageText, Word
from server.publish.packing import pack
from server.publish.pages import make_pages
from server.publish.render import PublicImage, render
from server.publish.stamp import Stamp
from server.publish.transaction import make_live, make_withdrawn
from server.settings import load_settings
from server.storage.local import LocalStorage
from tests.support.asking import Answer, ask_now
from tests.support.publications import MOMENT, Shelf, make_newspaper, make_view, renamed

BASE = "http://127.0.0.1:8000"
ADDRESSES = Addresses(BASE, "99999", "vitrine.example.org")
LETTER, LINE_HEIGHT = 20, 40


@dataclass
class Library:
    """Documents with text on one database, and their search."""

    catalogue: Catalogue
    shelf: Shelf
    service: SearchService
    stamp: int = 0

    def put(self, item: Item, texts: Mapping[int, PageText]) -> None:
        """Publish an item with the texts of its views, or publish it again."""
        self.stamp += 1
        images = tuple(PublicImage(v.image, v.number, v.width, v.height, "p", "i", "0") for v in item.views)
        with self.catalogue.write() as session:
            if session.get(PublicationRow, item.name) is None:
                self.shelf._hold(session, item)
            stamp = Stamp(self.stamp, int(MOMENT.timestamp()) + self.stamp)
            rendering = render(item, make_pages(item, texts.get, ADDRESSES), images, ADDRESSES)
            make_live(session, rendering, pack(rendering.documents), stamp, ADDRESSES.oai_identifier(item.name))

    def select(self, name: str, label: Mapping[str, str]) -> None:
        """Register a curated collection, of which items may say that they are in it."""
        with self.catalogue.write() as session:
            session.add(CollectionRow(name=name, label=dict(label), summary={}))

    def withdraw(self, name: str) -> None:
        """Withdraw an item."""
        self.stamp += 1
        with self.catalogue.write() as session:
            stamp = Stamp(self.stamp, int(MOMENT.timestamp()) + self.stamp)
            row = session.get_one(PublicationRow, name)
            make_withdrawn(session, row, stamp, ADDRESSES.oai_identifier(name), "demande")

    def ask(
        self, path: str, headers: Mapping[str, str] | None = None, given: Mapping[str, str] | None = None, **more: str
    ) -> Answer:
        """Send a request: a path below the search, or a whole address, and parameters."""
        parameters = {**(given or {}), **more}
        path = path.removeprefix(BASE)
        if not path.startswith("/"):
            path = f"/iiif/search/{path}"
        if parameters:
            path += f"?{urlencode(parameters)}"
        return ask_now(self.service, path, headers or {})

    def get(self, path: str, **parameters: str) -> Any:
        """Return the JSON of an answer that must be 200."""
        answer = self.ask(path, given=parameters)
        assert answer.status == 200, answer.text
        return json.loads(answer.body)

    def hits(self, path: str, q: str) -> list[str]:
        """Return what was hit, page after page, by version 1.0."""
        page = self.get(f"1/{path}", q=q)
        found: list[str] = []
        while True:
            found += [hit["match"] for hit in page["hits"]]
            if "next" not in page:
                return found
            page = self.get(page["next"])


def open_library(database_url: str) -> Library:
    """Return an empty library on a database."""
    catalogue = Catalogue(database_url)
    shelf = Shelf(catalogue)
    shelf.prepare(BASE)
    settings = load_settings(base_url=BASE, database_url=database_url, secret_key="k" * 32)
    return Library(catalogue, shelf, SearchService(settings, catalogue))


def ask_pages(library: Library, home: Path) -> FlaskClient:
    """Return a client that asks the pages of a library as a French browser does."""
    app = create_app(load_settings(base_url=BASE, home_dir=home), library.catalogue, LocalStorage(home / "storage"))
    app.testing = True
    client = app.test_client()
    client.environ_base.update({"HTTP_ACCEPT": "text/html", "HTTP_ACCEPT_LANGUAGE": "fr"})
    return client


def read_page(client: FlaskClient, path: str, status: int = 200) -> html.HtmlElement:
    """Return a page that is answered with a status."""
    answer = client.get(path)
    assert answer.status_code == status
    page: html.HtmlElement = html.document_fromstring(answer.get_data(as_text=True))
    return page


def make_item(name: str = "v1hjkmn0", pages: int = 3, title: str = "L’Écho", **notes: object) -> Item:
    """Return a newspaper all of whose pages have text."""
    item = renamed(make_newspaper(name, 1), name, title)
    views = tuple(
        make_view(name, number, (2000, 3000), label=str(number), has_text=True, **notes)
        for number in range(1, pages + 1)
    )
    return replace(item, views=views, structure=())


def set_page(*lines: str, broken: Mapping[str, str] | None = None) -> PageText:
    """Return a page of 2 000 x 3 000 pixels set in letters 20 wide, lines 40 apart; ` | ` parts blocks.

    `broken` gives the whole word of a half by how the half is printed: `expo-` is a first half, `-sition` a second one,
    printed without its hyphen.
    """
    broken = broken or {}
    set_lines = []
    for number, line in enumerate(lines):
        words, x = [], 100
        for printed in line.split():
            content, hyphen, whole = printed, None, broken.get(printed, "")
            if whole and printed.startswith("-"):
                content, hyphen = printed[1:], Hyphen.SECOND
            elif whole:
                hyphen = Hyphen.FIRST
            width = LETTER * len(content)
            words.append(Word(content, Box(x, 100 + LINE_HEIGHT * number, width, 30), None, hyphen, whole))
            x += width + LETTER
        set_lines.append(Line(tuple(words), Box(100, 100 + LINE_HEIGHT * number, x - 100, 30)))
    return PageText(2000, 3000, (Block("b", tuple(set_lines), Box(100, 100, 1800, 2800)),), "fr")


def boxes(page: Mapping[str, Any]) -> list[str]:
    """Return where the annotations of a page of 1.0 lie: canvas and box."""
    found = [mark["on"] if isinstance(mark["on"], str) else mark["on"]["@id"] for mark in page["resources"]]
    return [each.rpartition("/canvas/")[2] for each in found]


def matches(pages: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what was hit on pages of 1.0."""
    return [hit["match"] for page in pages for hit in page["hits"]]
