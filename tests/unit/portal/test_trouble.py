"""Trouble of the server, and addresses that ask for what cannot be: pages worth reading, in the language of the page."""

import re
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from server.app import create_app
from server.catalogue.session import Catalogue
from server.errors import CatalogueError, Overloaded, StorageError
from server.portal.error_words import in_french
from server.search.library.find import Library
from server.settings import load_settings
from server.storage.local import LocalStorage
from tests.support.postgres import Postgres
from tests.support.publications import Shelf, make_newspaper
from tests.unit.portal.conftest import BASE, HTML

SAID = {"fr": "Rien n’est perdu", "en": "Nothing is lost"}


@pytest.fixture
def published(database_url: str, tmp_path: Path) -> Iterator[tuple[Catalogue, FlaskClient]]:
    """An installation with one newspaper, on both databases; errors are answered as they are to readers."""
    catalogue = Catalogue(database_url)
    shelf = Shelf(catalogue)
    shelf.prepare(BASE)
    shelf.put(make_newspaper(), texts={1: "LES NOUVELLES"})
    app = create_app(load_settings(base_url=BASE, home_dir=tmp_path), catalogue, LocalStorage(tmp_path / "storage"))
    yield catalogue, app.test_client()
    catalogue.close()


def take_away(catalogue: Catalogue, postgres: Postgres | None) -> None:
    """Make the database go away, and not come back."""
    if postgres is None:
        catalogue.engine.dispose()
        path = Path(str(catalogue.url.database))
        for each in path.parent.glob(f"{path.name}*"):
            if each.is_file():
                each.write_bytes(b"no database at all" * 100)
    else:
        with postgres.database() as other:
            outside = Catalogue(other)
            with outside.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                name = str(catalogue.url.database)
                connection.execute(text(f'alter database "{name}" allow_connections false'))
                connection.execute(
                    text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"), {"name": name}
                )
            outside.close()


def bring_back(catalogue: Catalogue, postgres: Postgres) -> None:
    """Let it be dropped, as its fixture does."""
    with postgres.database() as other:
        outside = Catalogue(other)
        with outside.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'alter database "{catalogue.url.database}" allow_connections true'))
        outside.close()


@pytest.mark.parametrize(
    "path", ["/", "/ark:/99999/v1hjkmn0", "/recherche?q=nouvelles", "/search", "/places", "/no/such"]
)
def test_a_database_that_is_away_has_a_page_worth_reading(
    published: tuple[Catalogue, FlaskClient], request: pytest.FixtureRequest, path: str
) -> None:
    catalogue, client = published
    postgres = None if catalogue.is_sqlite else request.getfixturevalue("postgres")
    take_away(catalogue, postgres)
    try:
        for language in ("fr", "en"):
            answer = client.get(
                f"/{language}{path}", headers={**HTML, "Accept-Language": language}, follow_redirects=True
            )
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.headers["Cache-Control"] == "no-cache"
            page = lxml.html.document_fromstring(answer.text)
            assert page.get("lang") == language
            assert len(page.xpath("//h1")) == 1
            assert SAID[language] in page.text_content()
            assert page.xpath("//main//a[@class='button']/@href"), "the same address again"
            for secret in (str(catalogue.url.database), "sqlite", "postgres", "Traceback", "VITRINE_"):
                assert secret not in answer.text
        told = client.get(f"/fr{path}", headers={"Accept": "application/json"}, follow_redirects=True)
        assert (told.status_code, told.is_json) == (503, True)
        assert str(catalogue.url.database) not in told.text
    finally:
        if postgres is not None:
            bring_back(catalogue, postgres)


def test_a_database_that_goes_away_while_it_is_read_says_so(postgres_url: str) -> None:
    catalogue = Catalogue(postgres_url)
    Shelf(catalogue).prepare(BASE)
    other = Catalogue(postgres_url)

    def read_while_it_goes() -> None:
        with catalogue.snapshot() as connection:
            process = connection.scalar(text("select pg_backend_pid()"))
            with other.engine.connect() as outside:
                outside.execute(text("select pg_terminate_backend(:pid)"), {"pid": process})
            connection.execute(text("select 1"))

    with pytest.raises(CatalogueError, match="does not answer"):
        read_while_it_goes()
    other.close()
    catalogue.close()


def test_a_store_that_is_away_has_the_same_page(
    published: tuple[Catalogue, FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise StorageError("the bucket s3://secret does not answer")

    monkeypatch.setattr("server.portal.item_views.pages.read_item", refuse)
    answer = published[1].get("/fr/ark:/99999/v1hjkmn0", headers=HTML)
    assert answer.status_code == 503
    assert SAID["fr"] in answer.text
    assert "secret" not in answer.text


def test_a_search_that_takes_too_long_keeps_its_words(
    published: tuple[Catalogue, FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_long(*_args: object, **_more: object) -> None:
        raise Overloaded("this search takes too long; ask for rarer words")

    monkeypatch.setattr(Library, "search", take_long)
    for path, said in (("/fr/recherche", "mot plus rare"), ("/en/search", "rarer words")):
        answer = published[1].get(f"{path}?q=nouvelles", headers=HTML)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        page = lxml.html.document_fromstring(answer.text)
        assert said in page.text_content()
        assert page.xpath("//main//input[@name='q']/@value") == ["nouvelles"]


@pytest.mark.parametrize(
    ("path", "status", "french", "english"),
    [
        ("/collections/type-presse?page=x", 400, "doit être un nombre", "Page must be a number"),
        ("/ark:/99999/v1hjkmn0/f1?q=nouvelles&start=x", 400, "premier passage", "Start must be a number"),
        ("/ark:/99999/v1hjkmn0/f1?q=" + "a" * 2000, 400, "caractères", "characters"),
        ("/ark:/99999/v1hjkmn0/f1?q=" + "+".join(f"mot{n}" for n in range(50)), 400, "La recherche a", "q has"),
        ("/search?sort=x", 400, "Le tri «\u00a0x\u00a0» n’existe pas", "sort='x' is no order"),
        ("/search?f.colour=x", 400, "Le filtre «\u00a0colour\u00a0» n’existe pas", "there is no facet"),
        ("/search?from=hier", 400, "from=hier n’est pas un nombre", "no number"),
        ("/search?" + "&".join(f"f.person={n}" for n in range(60)), 400, "Plus de 40 filtres", "more than 40"),
        ("/search?title=" + "+".join(f"a{n}" for n in range(20)) + "&text=" + "+".join(f"b{n}" for n in range(20)), 400, "mots", "words"),
        ("/collections/type-presse?page=9", 404, "Cette liste compte", "has 1 page"),
        ("/collections/nothing", 404, "Aucune collection", "There is no collection"),
        ("/collections/ouvrages", 404, "Cette collection est vide", "is empty"),
        ("/ark:/99999/nothing", 404, "Aucun document n’a le nom", "There is no published item"),
        ("/ark:/99999/v1hjkmn0/x9", 404, "n’a pas de partie", "has no part"),
        ("/ark:/99999/v1hjkmn0/f99", 404, "n’a pas cette vue", "There is no image"),
        ("/ark:/12345/zz", 404, "Rien n’a jamais porté", "nothing was ever known"),
        ("/places/nowhere", 404, "ne montre de lieu", "shows a place"),
        ("/time/yesterday", 404, "n’est pas une suite d’années", "no stretch of years"),
        ("/time/1909-1900", 404, "la première vient avant", "the first must not"),
        ("/time/1100-1101", 404, "n’est des années 1100 à 1101", "from the years 1100"),
        ("/mosaic/ark:/99999/v1hjkmn0?page=4", 404, "Cette mosaïque compte", "the mosaic"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_the_language_of_the_page(
    client: FlaskClient, path: str, status: int, french: str, english: str
) -> None:
    for language, said, other in (("fr", french, english), ("en", english, french)):
        answer = client.get(f"/{language}{path}", headers=HTML, follow_redirects=True)
        assert answer.status_code == status
        main = lxml.html.document_fromstring(answer.text).xpath("//main")[0].text_content()
        assert re.search(re.escape(said), main, re.IGNORECASE), main
        assert other.lower() not in main.lower()


def test_a_message_without_french_words_is_not_shown_on_a_french_page() -> None:
    assert in_french("something else is wrong") == ""
    assert in_french("start=9000 is further than hits are counted; follow `next` from page to page").startswith(
        "Les passages"
    )
