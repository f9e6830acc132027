from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from server.catalogue.session import Catalogue
from tests.support.oai import Harvested, make_settings
from tests.support.published_records import Records
from tests.support.skips import SHARED


@pytest.fixture(scope="session")
def oai_schema(shared: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared / "schemas" / "oai-pmh" / "all.xsd"))


@pytest.fixture
def harvested(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[Harvested]:
    """An empty repository on SQLite; every response is checked against the XSD where the schemas are at hand."""
    catalogue = Catalogue(sqlite_url)
    schema = request.getfixturevalue("oai_schema") if SHARED.is_dir() else None
    yield Harvested(catalogue, Records(catalogue).prepare(), make_settings(sqlite_url), schema)
    catalogue.close()
