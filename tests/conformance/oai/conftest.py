from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from server.catalogue.session import Catalogue
from tests.support.oai import Harvested, make_settings
from tests.support.published_records import Records
from tests.support.skips import SHARED

DESCRIPTIONS = Path(__file__).parent / "descriptions"
"""Schemas of the descriptions of Identify that ../shared does not have, written after the implementation guidelines."""


@pytest.fixture(scope="session")
def oai_schema(shared: Path) -> etree.XMLSchema:
    official = shared / "schemas" / "oai-pmh" / "all.xsd"
    ours = "".join(
        f'<xs:import namespace="http://www.openarchives.org/OAI/2.0/{name}/" schemaLocation="{DESCRIPTIONS / name}.xsd"/>'
        for name in ("branding", "friends", "rights")
    )
    whole = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="{official}"/>{ours}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(whole))


@pytest.fixture
def harvested(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[Harvested]:
    """An empty repository on SQLite; every response is checked against the XSD where the schemas are at hand."""
    catalogue = Catalogue(sqlite_url)
    schema = request.getfixturevalue("oai_schema") if SHARED.is_dir() else None
    yield Harvested(catalogue, Records(catalogue).prepare(), make_settings(sqlite_url), schema)
    catalogue.close()
