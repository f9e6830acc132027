"""What harvesters are offered of an institution's documents, on its page."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.catalogue.harvest_models import HarvestRow
from server.catalogue.offers import Offer, list_offers
from server.catalogue.publication_models import OaiRepositoryRow, OaiSetRow, OaiStandingRow
from server.catalogue.session import Catalogue
from tests.support.publications import Shelf, make_newspaper, make_postcard

BASE = "http://vitrine.test"
CAME = datetime(2026, 3, 12, 22, 30, tzinfo=UTC)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    catalogue = Catalogue(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    shelf = Shelf(catalogue)
    shelf.prepare(BASE)
    shelf.put(make_postcard("v1aaa0"))
    shelf.put(make_postcard("v1bbb0"))
    shelf.put(make_newspaper("v1ccc0"))
    yield shelf
    catalogue.close()


def offer(shelf: Shelf, repository: str, standings: dict[str, str], *, spec: str = "") -> None:
    with shelf.catalogue.write() as session:
        session.add(
            OaiRepositoryRow(
                name=repository, label={"fr": f"Pour {repository}"}, contact="", formats=["oai_dc"], definition={},
                digest="",
            )
        )  # fmt: skip
        if spec:
            session.add(OaiSetRow(repository=repository, spec=spec, label={}, description={}))
        for name, state in standings.items():
            session.add(OaiStandingRow(repository=repository, name=name, state=state, problems=[]))


def harvest(shelf: Shelf, repository: str, *, verb: str = "ListRecords", records: int = 2) -> None:
    with shelf.catalogue.write() as session:
        session.add(
            HarvestRow(number=f"{repository}{verb}", repository=repository, verb=verb, began=CAME, ended=CAME, records=records)
        )  # fmt: skip


def test_an_institution_reads_what_is_offered_and_when_somebody_came(shelf: Shelf) -> None:
    collection = f"institution-{make_postcard().institution.name}"
    offer(shelf, "gallica", {"v1aaa0": "listed", "v1bbb0": "late", "v1ccc0": "refused"}, spec="institution:x")
    offer(shelf, "armarium", {"v1aaa0": "covered"})
    offer(shelf, "europeana", {"v1aaa0": "refused"})
    harvest(shelf, "gallica")
    harvest(shelf, "armarium", verb="Identify")
    with shelf.catalogue.snapshot() as connection:
        assert list_offers(connection, collection, "institution:x") == [
            Offer("armarium", {"fr": "Pour armarium"}, 1, None, "oai_dc", ""),
            Offer("gallica", {"fr": "Pour gallica"}, 2, CAME, "oai_dc", "institution:x"),
        ]
        assert list_offers(connection, "institution-elsewhere", "institution:x") == []
