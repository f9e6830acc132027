"""A small catalogue with publications made by hand, and a client that asks the pages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server.app import create_app
from server.catalogue.session import Catalogue
from server.settings import load_settings
from server.storage.local import LocalStorage
from tests.support.publications import Shelf, make_newspaper, make_postcard, renamed

BASE = "http://vitrine.test"
HTML = {"Accept": "text/html", "Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5"}


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue file: a postcard with former names, a newspaper with text, a document that was withdrawn."""
    path = tmp_path_factory.mktemp("portal") / "catalogue.sqlite"
    catalogue = Catalogue(f"sqlite:///{path}")
    shelf = Shelf(catalogue)
    shelf.prepare(BASE)
    shelf.put(
        make_postcard(),
        aliases={"ark": "ark:/12345/old7", "url": "https://old.test/notice.php?id=12"},
    )
    shelf.put(make_newspaper(), texts={1: "LES NOUVELLES\nde <Paris> & d’ailleurs"})
    shelf.put(renamed(make_postcard(), "v1gone00", "Une carte retirée"))
    shelf.withdraw("v1gone00", "à la demande des ayants droit")
    catalogue.close()
    return path


@pytest.fixture
def shelf(filled: Path, tmp_path: Path) -> Iterator[Shelf]:
    """A copy of that catalogue, in which more may be put."""
    copy = tmp_path / "catalogue.sqlite"
    shutil.copyfile(filled, copy)
    catalogue = Catalogue(f"sqlite:///{copy}")
    yield Shelf(catalogue, sequence=4)
    catalogue.close()


@pytest.fixture
def client(shelf: Shelf, tmp_path: Path) -> FlaskClient:
    """A client that asks the pages as a French browser does, unless it says otherwise."""
    settings = load_settings(base_url=BASE, home_dir=tmp_path)
    app = create_app(settings, shelf.catalogue, LocalStorage(tmp_path / "storage"))
    app.testing = True
    client = app.test_client()
    client.environ_base.update({"HTTP_ACCEPT": HTML["Accept"], "HTTP_ACCEPT_LANGUAGE": HTML["Accept-Language"]})
    return client
