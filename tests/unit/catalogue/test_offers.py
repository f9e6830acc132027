"""What harvesters are offered of an institution's documents, on its page, and of a document, on its own."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, update

from server.catalogue.harvest_models import HarvestRow
from server.catalogue.offers import Offer, OfferedDocument, Offers
from server.catalogue.publication_models import (
    RECORDS,
    JournalRow,
    OaiRecordRow,
    OaiRecordSetRow,
    OaiRepositoryRow,
    OaiSetRow,
    OaiStandingRow,
)
from server.catalogue.session import Catalogue
from tests.support.publications import Shelf, make_newspaper, make_postcard

BASE = "http://vitrine.test"
CAME = datetime(2026, 3, 12, 22, 30, tzinfo=UTC)
COLLECTION = f"institution-{make_postcard().institution.name}"


@pytest.fixture
def shelf(database_url: str) -> Iterator[Shelf]:
    catalogue = Catalogue(database_url)
    shelf = Shelf(catalogue)
    shelf.prepare(BASE)
    shelf.put(make_postcard("v1aaa0"))
    shelf.put(make_postcard("v1bbb0"))
    shelf.put(make_newspaper("v1ccc0"))
    yield shelf
    catalogue.close()


def offer(
    shelf: Shelf, repository: str, standings: dict[str, str], *, spec: str = "", formats: tuple[str, ...] = ("oai_dc",)
) -> None:
    with shelf.catalogue.write() as session:
        session.add(
            OaiRepositoryRow(
                name=repository, label={"fr": f"Pour {repository}"}, contact="", formats=list(formats), definition={},
                digest="",
            )
        )  # fmt: skip
        if spec:
            session.add(OaiSetRow(repository=repository, spec=spec, label={}, description={}))
        for name, state in standings.items():
            whole = "title-echo" if state == "covered" else ""
            session.add(OaiStandingRow(repository=repository, name=name, state=state, whole=whole, problems=[]))


def keep_record(
    shelf: Shelf,
    repository: str,
    name: str,
    sequence: int,
    *,
    prefix: str = "oai_dc",
    spec: str = "",
    deleted: bool = False,
) -> None:
    with shelf.catalogue.write() as session:
        session.add(
            OaiRecordRow(
                repository=repository, prefix=prefix, name=name, sequence=sequence, datestamp=sequence, deleted=deleted,
                fingerprint="", header=b"", body=b"",
            )
        )  # fmt: skip
        if spec:
            session.add(
                OaiRecordSetRow(
                    repository=repository, prefix=prefix, spec=spec, name=name, sequence=sequence, datestamp=sequence
                )
            )


def take(
    shelf: Shelf, repository: str, first: int, reached: int, *, day: int = 0, prefix: str = "oai_dc", spec: str = "",
    verb: str = "ListRecords",
) -> None:  # fmt: skip
    """Note that a list was taken up to a place in the publication sequence, so many days after the first one."""
    ended = CAME + timedelta(days=day)
    with shelf.catalogue.write() as session:
        session.add(
            HarvestRow(
                number=f"{repository}{day}", repository=repository, verb=verb, prefix=prefix, spec=spec, began=ended,
                ended=ended, records=1, first=first, upto=reached + 1, reached=reached,
            )
        )  # fmt: skip


def told(shelf: Shelf, name: str) -> dict[str, datetime | None]:
    with shelf.catalogue.snapshot() as connection:
        return {offer.repository: offer.taken for offer in Offers().find_offers(connection, (name,))[name]}


def harvest(shelf: Shelf, repository: str, *, verb: str = "ListRecords", records: int = 2) -> None:
    with shelf.catalogue.write() as session:
        session.add(
            HarvestRow(number=f"{repository}{verb}", repository=repository, verb=verb, began=CAME, ended=CAME, records=records)
        )  # fmt: skip


def test_an_institution_reads_what_is_offered_and_when_somebody_came(shelf: Shelf) -> None:
    offer(shelf, "gallica", {"v1aaa0": "listed", "v1bbb0": "late", "v1ccc0": "refused"}, spec="institution:x")
    offer(shelf, "armarium", {"v1aaa0": "covered", "v1bbb0": "listed"})
    offer(shelf, "europeana", {"v1aaa0": "refused"})
    keep_record(shelf, "gallica", "v1aaa0", 4)
    keep_record(shelf, "gallica", "v1bbb0", 5)
    keep_record(shelf, "armarium", "title-echo", 6)
    keep_record(shelf, "armarium", "v1bbb0", 7, deleted=True)
    harvest(shelf, "gallica")
    harvest(shelf, "armarium", verb="Identify")
    with shelf.catalogue.snapshot() as connection:
        assert Offers().list_offers(connection, COLLECTION, "institution:x") == [
            Offer("armarium", {"fr": "Pour armarium"}, 1, None, "oai_dc", "", "", 0, 0, 1, 1),
            Offer("gallica", {"fr": "Pour gallica"}, 2, CAME, "oai_dc", "institution:x", "", 0, 0, 2, 0),
        ]
        assert Offers().list_offers(connection, "institution-elsewhere", "institution:x") == []


def test_documents_are_counted_again_only_when_something_changed(shelf: Shelf) -> None:
    offer(shelf, "gallica", {"v1aaa0": "listed"})
    keep_record(shelf, "gallica", "v1aaa0", 3)
    offers, counted = Offers(), [0]
    elsewhere = make_newspaper("v1ddd0")
    assert elsewhere.institution.name != make_postcard().institution.name

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        counted[0] += "FROM oai_standing" in statement

    def count() -> list[int]:
        with shelf.catalogue.snapshot() as connection:
            return [each.documents for each in offers.list_offers(connection, COLLECTION, "institution:x")]

    event.listen(shelf.catalogue.engine, "before_cursor_execute", note)
    try:
        assert (count(), count(), counted) == ([1], [1], [1])
        shelf.put(elsewhere)
        assert (count(), counted) == ([1], [1]), "a document of another institution is none of this one"
        shelf.put(make_postcard("v1eee0"))
        keep_record(shelf, "gallica", "v1eee0", shelf.sequence)
        with shelf.catalogue.write() as session:
            session.add(OaiStandingRow(repository="gallica", name="v1eee0", state="listed", problems=[]))
        assert (count(), counted) == ([2], [2])
        with shelf.catalogue.snapshot() as old:
            offers.list_offers(old, COLLECTION, "institution:x")  # it sees what there was until now
            with shelf.catalogue.write() as session:  # as a rule that is applied anew leaves it
                session.execute(update(OaiStandingRow).where(OaiStandingRow.name == "v1aaa0").values(state="refused"))
                session.add(JournalRow(sequence=99, datestamp=99, activity=RECORDS, name="v1aaa0", reason=""))
            assert (count(), counted) == ([1], [3])
            assert [each.documents for each in offers.list_offers(old, COLLECTION, "institution:x")] == [2]
        assert count() == [1], "what an older snapshot saw is not kept for a newer one"
    finally:
        event.remove(shelf.catalogue.engine, "before_cursor_execute", note)


def test_as_many_are_counted_as_are_listed(shelf: Shelf) -> None:
    """Whatever is there of a record: a whole may stand for a document before its own record is made, or after it went."""
    chance, names = random.Random(1909), [f"v1x{number}" for number in range(12)]
    for name in names:
        shelf.put(make_postcard(name))
    for number in range(8):
        repository = f"r{number}"
        states = {name: chance.choice(("listed", "covered", "late", "refused")) for name in names}
        offer(shelf, repository, states)
        for name, state in states.items():  # written with the standing; one that was listed before is deleted
            keep_record(shelf, repository, name, 5, deleted=state not in ("listed", "late"))
        if number < 6:
            keep_record(shelf, repository, "title-echo", 5, deleted=number % 2 == 0)
    with shelf.catalogue.snapshot() as connection:
        counted = {
            each.repository: each.documents
            for each in Offers().list_offers(connection, COLLECTION, "x")
            if each.documents
        }
        listed = Counter(each.repository for told in Offers().find_offers(connection, names).values() for each in told)
    assert counted == dict(listed)
    assert len(set(counted.values())) > 3


def test_a_document_says_to_whom_it_is_offered(shelf: Shelf) -> None:
    offer(shelf, "gallica", {"v1aaa0": "late"}, formats=("marcxchange", "oai_dc"))
    offer(shelf, "armarium", {"v1aaa0": "covered"})
    offer(shelf, "europeana", {"v1aaa0": "refused"})
    offer(shelf, "asuivre", {"v1bbb0": "listed"})
    keep_record(shelf, "gallica", "v1aaa0", 7)
    keep_record(shelf, "armarium", "title-echo", 9)
    keep_record(shelf, "armarium", "v1aaa0", 8, deleted=True)
    take(shelf, "armarium", 0, 9)
    with shelf.catalogue.snapshot() as connection:
        assert Offers().find_offers(connection, ("v1aaa0", "v1bbb0", "v1ccc0")) == {
            "v1aaa0": [
                OfferedDocument("armarium", {"fr": "Pour armarium"}, "title-echo", True, CAME, "oai_dc"),
                OfferedDocument("gallica", {"fr": "Pour gallica"}, "v1aaa0", False, None, "oai_dc"),
            ]
        }, "what has no record yet is not offered"
        assert Offers().find_offers(connection, ()) == {}


@pytest.mark.parametrize(
    ("harvest", "is_taken"),
    [
        ({"first": 0, "reached": 7}, True),
        ({"first": 6, "reached": 9}, True),
        ({"first": 0, "reached": 6}, False),  # it had not come so far
        ({"first": 7, "reached": 9}, False),  # it asked for what changed later
        ({"first": 0, "reached": 9, "prefix": "mods"}, False),  # a format in which there is no record
        ({"first": 0, "reached": 9, "verb": "ListIdentifiers"}, False),
        ({"first": 0, "reached": 9, "spec": "type:press"}, True),
        ({"first": 0, "reached": 9, "spec": "type:maps"}, False),
    ],
)
def test_a_record_was_taken_where_a_list_went_past_it(shelf: Shelf, harvest: dict[str, object], is_taken: bool) -> None:
    offer(shelf, "gallica", {"v1aaa0": "listed"})
    keep_record(shelf, "gallica", "v1aaa0", 7, spec="type:press")
    keep_record(shelf, "gallica", "v1bbb0", 8, spec="type:maps")
    take(shelf, "gallica", **harvest)  # type: ignore[arg-type]  # the arguments of one call
    assert told(shelf, "v1aaa0") == {"gallica": CAME if is_taken else None}


def test_the_last_harvest_of_any_format_counts(shelf: Shelf) -> None:
    offer(shelf, "gallica", {"v1aaa0": "listed"}, formats=("oai_dc", "mods"))
    keep_record(shelf, "gallica", "v1aaa0", 7)
    keep_record(shelf, "gallica", "v1aaa0", 7, prefix="mods")
    take(shelf, "gallica", 0, 7)
    take(shelf, "gallica", 0, 9, day=3, prefix="mods")
    take(shelf, "gallica", 8, 12, day=5)
    assert told(shelf, "v1aaa0") == {"gallica": CAME + timedelta(days=3)}
