"""Pages that the sample holdings have none of, by axe-core and in every window: withdrawn, in volumes, empty, in trouble.

The pages are those of the application, handed to Chromium without a server: what is published is made in a moment.
"""

import mimetypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Route

from server.app import create_app
from server.catalogue.session import Catalogue
from server.errors import Overloaded, VitrineError
from server.model.addresses import Addresses
from server.model.description import Date, Person, Typology, Whole, WholeKind
from server.model.item import Item
from server.model.structure import Range, Target
from server.portal import lists
from server.search.library.find import Library as Search
from server.settings import load_settings
from server.static_files import FOLDER, StaticFiles
from server.storage.local import LocalStorage
from tests.browser.axe import faults_of_new, wide_at_any_size, wide_with_large_text
from tests.support.publications import make_newspaper, make_postcard, renamed
from tests.support.searching import BASE, Library, make_item, open_library, set_page

OF_NOTHING = (
    ("/", 200), ("/collections", 200), ("/places", 200), ("/time", 200), ("/institutions", 200), ("/search", 200),
    ("/recherche?q=lille", 200), ("/help/iiif", 200), ("/help/harvest", 200), ("/oai", 200), ("/collections/titres", 404),
)  # fmt: skip
"""Pages of a portal in which nothing is published."""

OF_TROUBLE = (("/", 503), ("/collections", 503), ("/search?q=lille", 503), ("/ark:/99999/v1carte", 503))
"""Pages while the database is away."""

OF_SOME = (
    ("/ark:/99999/v1gone", 410), ("/ark:/99999/v1gone/f1", 410), ("/embed/ark:/99999/v1gone", 410),
    ("/ark:/99999/v1hist2/f1", 200), ("/ark:/99999/v1carte/f1", 200), ("/ark:/99999/v1carte/f2", 200),
    ("/mosaic/ark:/99999/v1carte", 200), ("/collections/ouvrages", 200), ("{work}", 200), ("{work}?page=9", 404),
    ("/ark:/99999/v1carte?iiif-content=%7Babimé", 400), ("/ark:/99999/v1carte/f9", 404), ("/search?q=lile", 200),
    ("/search?q=introuvable&f.type=presse&from=1700", 200), ("/search?q=carte&page=9", 404), ("/nothing-there", 404),
)  # fmt: skip
"""Pages of documents and lists that are seldom: withdrawn, in volumes, without text, without result."""


def make_volume(number: str, title: str) -> Item:
    """Return a volume of a history in several, with a chapter."""
    item = renamed(make_newspaper(), f"v1hist{number}", title)
    described = replace(
        item.description, typology=Typology.BOOKS, dates=(Date("1848"),), people=(Person("Société des sciences, Lille", "", "aut", is_body=True),),
        part_of=Whole("Histoire de Lille", "", number, WholeKind.MULTIVOLUME),
    )  # fmt: skip
    return replace(
        item, description=described, structure=(Range("chapter", "Les remparts", targets=(Target(2),), language="fr"),)
    )


def make_client(catalogue: Catalogue, folder: Path) -> FlaskClient:
    """Return a client of the pages over a catalogue; errors are answered as they are to readers."""
    settings = load_settings(
        base_url=BASE, home_dir=folder, database_url=catalogue.url.render_as_string(), admin_email="portail@example.org"
    )
    return create_app(settings, catalogue, LocalStorage(folder / "storage"), StaticFiles().url).test_client()


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A postcard without text, a newspaper with text, a work in three volumes, a withdrawn document."""
    library = open_library(f"sqlite:///{tmp_path_factory.mktemp('some') / 'catalogue.sqlite'}")
    library.put(make_postcard("v1carte"), {})
    library.put(make_item("v1echo", 2, "L’Écho de Lille"), {1: set_page("Incendie à Lille", "la place était noire")})
    for number, title in (("10", "Tables"), ("2", "La ville française"), ("1", "Des origines à 1667")):
        library.put(make_volume(number, title), {1: set_page("Les remparts de Lille")})
    library.put(renamed(make_postcard(), "v1gone", "Une carte retirée"), {})
    library.withdraw("v1gone")
    yield library
    library.service.close()
    library.catalogue.close()


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A portal in which nothing is published."""
    library = open_library(f"sqlite:///{tmp_path_factory.mktemp('nothing') / 'catalogue.sqlite'}")
    yield library
    library.service.close()
    library.catalogue.close()


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """A catalogue that does not answer."""
    path = tmp_path_factory.mktemp("away") / "catalogue.sqlite"
    path.write_bytes(b"no database at all" * 100)
    catalogue = Catalogue(f"sqlite:///{path}")
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="module")
def axe(repository: Path) -> str:
    return (repository / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


Look = Callable[[FlaskClient, Sequence[tuple[str, int]]], None]


@pytest.fixture(scope="module")
def look_at(browser: Browser, axe: str) -> Iterator[Look]:
    """Fail where a page of an application, in either language, has a fault or is wider than a window."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    examined = set[str]()

    def look(client: FlaskClient, paths: Sequence[tuple[str, int]]) -> None:
        page = context.new_page()
        page.route("**/*", lambda route: _answer(route, client))
        faults = {}
        for path, status in paths:
            for language in ("fr", "en"):
                told = page.goto(f"{BASE}/{language}{path}", wait_until="load")
                found = _faults(page, axe, examined)
                shown = (told.status if told else 0, page.locator("html").get_attribute("lang"))
                if found or shown != (status, language):
                    faults[language + path] = [str(shown), *found]
        page.close()
        assert not faults, faults

    yield look
    context.close()


def _faults(page: Page, axe: str, examined: set[str]) -> list[str]:
    return [*faults_of_new(page, axe, examined), *wide_at_any_size(page), *wide_with_large_text(page)]


def _answer(route: Route, client: FlaskClient) -> None:
    address = urlsplit(route.request.url)
    path = address.path.removeprefix("/static/")
    if address.path != path:
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        route.fulfill(body=(FOLDER / path).read_bytes(), content_type=kind)
        return
    headers = {name: value for name, value in route.request.headers.items() if name in ("accept", "accept-language")}
    asked = client.get(
        f"{address.path}?{address.query}" if address.query else address.path, headers=headers, follow_redirects=True
    )
    route.fulfill(status=asked.status_code, headers=dict(asked.headers), body=asked.get_data())


def test_pages_of_seldom_documents_and_lists(some: Library, look_at: Look, tmp_path: Path) -> None:
    with some.catalogue.snapshot() as connection:
        (work,) = lists.read_group(connection, Addresses("", "99999"), "ouvrages", 1).shelves
    paths = [(path.format(work=f"/collections/{work.collection.name}"), status) for path, status in OF_SOME]
    look_at(make_client(some.catalogue, tmp_path), paths)


def test_pages_of_an_empty_portal(nothing: Library, look_at: Look, tmp_path: Path) -> None:
    look_at(make_client(nothing.catalogue, tmp_path), OF_NOTHING)


def test_pages_while_the_database_is_away(away: Catalogue, look_at: Look, tmp_path: Path) -> None:
    look_at(make_client(away, tmp_path), OF_TROUBLE)


@pytest.mark.parametrize(
    ("trouble", "status"),
    [(Overloaded("this search takes too long; ask for rarer words"), 503), (RuntimeError("what nobody foresaw"), 500)],
)
def test_pages_of_a_search_that_fails(
    some: Library, look_at: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    trouble: VitrineError | RuntimeError, status: int,
) -> None:  # fmt: skip
    def fail(*_args: object, **_more: object) -> None:
        raise trouble

    monkeypatch.setattr(Search, "search", fail)
    look_at(make_client(some.catalogue, tmp_path), [("/search?q=lille", status)])
