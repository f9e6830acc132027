"""Random histories of publications and harvests: how far documents were taken is what the harvesters really hold.

Records are moved by the code that publishes; a harvest takes a stretch of a list at one moment, and what it brought is
written down by the test as the harvester sees it. After each step the numbers of an institution, its lists and what each
document says of itself are compared with that, for one who has looked on all the time and for one who just came.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from server.catalogue.harvest_models import HarvestRow
from server.catalogue.offered import Taken
from server.catalogue.offers import Offers
from server.catalogue.publication_models import (
    JournalRow,
    MemberRow,
    OaiFormerRecordRow,
    OaiRecordRow,
    OaiRecordSetRow,
    OaiSetRow,
    OaiStandingRow,
    PublicationRow,
    PublishedCollectionRow,
)
from server.catalogue.session import Catalogue
from server.model.addresses import Addresses
from server.oai.formats.render import RenderedRecord
from server.oai.formats.sets import SetMembership
from server.publish.records import keep_records
from server.publish.stamp import Stamp, next_stamp
from server.publish.transaction import write_journal
from tests.support.published_records import Records, register

ADDRESSES = Addresses("http://127.0.0.1:8000", "99999", "vitrine.example.org")
NAMES = tuple(f"v1{number:06d}" for number in range(3))
WHOLE = "titre-echo"
REPOSITORIES = ("gallica", "armarium")
PREFIXES = ("oai_dc", "mods")
SPECS = ("", "type:press")
OURS, OTHERS = "institution-bm-lille", "institution-bm-douai"

PUT = st.tuples(
    st.just("put"), st.sampled_from(NAMES), st.sampled_from(REPOSITORIES), st.sampled_from(("ab", "a", "b")),
    st.sampled_from(("listed", "listed", "listed", "covered", "refused", "late", "out")), st.booleans(),
)  # fmt: skip
WHOLE_MADE = st.tuples(st.just("whole"), st.sampled_from(REPOSITORIES), st.sampled_from("abc-"), st.sampled_from(NAMES))
HARVEST = st.tuples(
    st.just("harvest"), st.sampled_from(REPOSITORIES), st.sampled_from(PREFIXES), st.sampled_from(SPECS),
    st.integers(1, 12), st.integers(0, 2),
)  # fmt: skip
STEPS = st.one_of(
    PUT, PUT, PUT, HARVEST, HARVEST, HARVEST, WHOLE_MADE,
    st.tuples(st.sampled_from(("withdraw", "leave")), st.sampled_from(NAMES)),
)  # fmt: skip


@dataclass
class World:
    """A catalogue of two institutions, and what harvesters were given: places by repository, format and record."""

    catalogue: Catalogue
    now: datetime
    begun: int = 0
    number: int = 0
    given: dict[tuple[str, str], set[tuple[str, int]]] = field(default_factory=dict)
    states: dict[tuple[str, str, str], list[tuple[int, bool]]] = field(default_factory=dict)

    def clear(self) -> None:
        """Take everything out but the sequence, which goes on."""
        with self.catalogue.write() as session:
            for table in (HarvestRow, OaiFormerRecordRow, OaiRecordSetRow, OaiStandingRow, MemberRow):
                session.execute(delete(table))
            session.execute(delete(OaiRecordRow).where(OaiRecordRow.repository != ""))
            self.begun = session.scalar(select(JournalRow.sequence).order_by(JournalRow.sequence.desc()).limit(1)) or 0
        self.given, self.states = {}, {}

    def step(self, step: tuple[object, ...]) -> None:
        """Do one thing, a second after the last."""
        self.now += timedelta(seconds=1)
        getattr(self, str(step[0]))(*step[1:])

    def put(self, name: str, repository: str, formats: str, state: str, in_set: bool) -> None:
        """Publish a document, which stands so in a repository."""
        with self.catalogue.publication_lock(), self.catalogue.write() as session:
            stamp = next_stamp(session, self.now)
            if session.get(MemberRow, (OURS, name)) is None:
                session.execute(delete(MemberRow).where(MemberRow.name == name))
                session.add(MemberRow(collection=OURS, name=name, sort_key=formats, fragment=b""))
                which = update(PublicationRow).where(PublicationRow.name == name)
                session.execute(which.values(first_sequence=stamp.sequence))
            row = session.get(OaiStandingRow, (repository, name))
            if row is not None:
                session.delete(row)
                session.flush()
            if state != "out":
                whole = WHOLE if state == "covered" else ""
                session.add(OaiStandingRow(repository=repository, name=name, state=state, whole=whole, problems=[]))
            if state != "late":
                records = [
                    RenderedRecord(prefix, f"<r>{self.now:%s}</r>".encode(), _sets(in_set))
                    for prefix, letter in zip(PREFIXES, "ab", strict=True)
                    if letter in formats and state == "listed"
                ]
                keep_records(session, repository, name, records, stamp, ADDRESSES.oai_identifier(name))
            self._end(session, name, stamp)

    def whole(self, repository: str, letter: str, because: str) -> None:
        """Make the record of the whole anew, or take it away."""
        records = () if letter == "-" else (RenderedRecord("oai_dc", letter.encode(), ()),)
        with self.catalogue.publication_lock(), self.catalogue.write() as session:
            stamp = next_stamp(session, self.now)
            keep_records(session, repository, WHOLE, records, stamp, ADDRESSES.oai_identifier(WHOLE))
            self._end(session, because, stamp)

    def withdraw(self, name: str) -> None:
        """Withdraw a document everywhere."""
        with self.catalogue.publication_lock(), self.catalogue.write() as session:
            stamp = next_stamp(session, self.now)
            session.execute(delete(MemberRow).where(MemberRow.name == name))
            session.execute(delete(OaiStandingRow).where(OaiStandingRow.name == name))
            for repository in REPOSITORIES:
                keep_records(session, repository, name, (), stamp, ADDRESSES.oai_identifier(name))
            self._end(session, name, stamp)

    def leave(self, name: str) -> None:
        """Give a document to another institution: it stands as it stood."""
        with self.catalogue.publication_lock(), self.catalogue.write() as session:
            session.execute(update(MemberRow).where(MemberRow.name == name).values(collection=OTHERS))
            write_journal(session, name, "Update", next_stamp(session, self.now), None)

    def harvest(self, repository: str, prefix: str, spec: str, back: int, short: int) -> None:
        """Take a list of what came in the last so many places, leaving out the last of it."""
        with self.catalogue.write() as session:
            newest = session.scalar(select(JournalRow.sequence).order_by(JournalRow.sequence.desc()).limit(1)) or 0
            first, reached = max(self.begun, newest - back), newest - short
            if reached <= first:
                return
            rows = session.scalars(
                select(OaiRecordRow).where(
                    OaiRecordRow.repository == repository, OaiRecordRow.prefix == prefix,
                    OaiRecordRow.sequence > first, OaiRecordRow.sequence <= reached,
                )
            ).all()  # fmt: skip
            for row in rows:
                if not spec or session.get(OaiRecordSetRow, (repository, prefix, spec, row.name)) is not None:
                    self.given.setdefault((repository, row.name), set()).add((prefix, row.sequence))
            self.number += 1
            ended = self.now + timedelta(milliseconds=500)
            session.add(
                HarvestRow(
                    number=str(self.number), repository=repository, verb="ListRecords", prefix=prefix, spec=spec,
                    began=ended, ended=ended, records=len(rows), first=first, upto=newest, reached=reached,
                )
            )  # fmt: skip

    def _end(self, session: object, name: str, stamp: Stamp) -> None:
        write_journal(session, name, "Update", stamp, None)  # type: ignore[arg-type]  # the session of its caller
        session.flush()  # type: ignore[attr-defined]
        for row in session.scalars(select(OaiRecordRow).where(OaiRecordRow.repository != "")):  # type: ignore[attr-defined]
            held = self.states.setdefault((row.repository, row.prefix, row.name), [])
            if (row.sequence, row.deleted) not in held:
                held.append((row.sequence, row.deleted))

    def expect(self, repository: str) -> dict[str, Taken]:
        """Return how each document of ours stands in a repository, by what its harvester was given."""
        with self.catalogue.read() as session:
            members = {
                row.name: row.first_sequence
                for row in session.execute(
                    select(MemberRow.name, PublicationRow.first_sequence)
                    .join(PublicationRow, PublicationRow.name == MemberRow.name)
                    .where(MemberRow.collection == OURS)
                )
            }
            standings = select(OaiStandingRow).where(OaiStandingRow.repository == repository)
            found = dict.fromkeys(members, Taken.UNOFFERED)
            for row in session.scalars(standings):
                if row.name in members and row.state != "refused":
                    record = WHOLE if row.state == "covered" else row.name
                    begun = members[row.name] if row.state == "covered" else -1
                    found[row.name] = self._stand(repository, record, begun)
        return found

    def _stand(self, repository: str, record: str, begun: int) -> Taken:
        given = self.given.get((repository, record), set())
        states = {prefix: self.states.get((repository, prefix, record), []) for prefix in PREFIXES}
        live = {(prefix, held[-1][0]) for prefix, held in states.items() if held and not held[-1][1]}
        if not live:
            return Taken.UNOFFERED
        if live & given:
            return Taken.CURRENT
        former = sorted(
            (sequence, not is_deleted)
            for prefix, held in states.items()
            for sequence, is_deleted in held[:-1]
            if (prefix, sequence) in given
        )
        is_earlier = bool(former) and former[-1][1] and former[-1][0] > begun
        return Taken.EARLIER if is_earlier else Taken.PENDING


def _sets(in_set: bool) -> tuple[SetMembership, ...]:
    return (SetMembership("type:press", {"fr": "Presse"}, ""),) if in_set else ()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    catalogue = Catalogue(f"sqlite:///{tmp_path_factory.mktemp('takings') / 'catalogue.sqlite'}")
    records = Records(catalogue)
    records.prepare()
    records.add(len(NAMES))
    with catalogue.write() as session:
        for name in (OURS, OTHERS):
            session.add(
                PublishedCollectionRow(name=name, kind="institution", label={}, summary={}, sequence=1, datestamp=1)
            )
        for repository in REPOSITORIES:
            session.add(register(repository, PREFIXES))
            session.flush()
            session.add(OaiSetRow(repository=repository, spec="type:press", label={}, description={}))
    yield World(catalogue, datetime(2026, 6, 1, 8, tzinfo=UTC))
    catalogue.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=8, max_size=24))
def test_how_far_documents_were_taken_is_what_harvesters_hold(
    world: World, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[object, ...]]
) -> None:
    monkeypatch.setattr("server.catalogue.takings.FRESH_SECONDS", -1.0)
    world.clear()
    looking_on = Offers()
    for step in steps:
        world.step(step)
        compare(world, looking_on)
    compare(world, Offers())


def compare(world: World, offers: Offers) -> None:
    with world.catalogue.snapshot() as connection:
        counted = {each.repository: each for each in offers.list_offers(connection, OURS, "institution:bm-lille")}
        told = offers.find_offers(connection, NAMES)
        for repository in REPOSITORIES:
            expected = world.expect(repository)
            numbers = Counter(expected.values())
            shown = counted.get(repository)
            if shown is None:
                assert set(numbers) <= {Taken.UNOFFERED}
                continue
            assert (shown.current, shown.earlier, shown.pending, shown.unoffered) == (
                numbers[Taken.CURRENT], numbers[Taken.EARLIER], numbers[Taken.PENDING], numbers[Taken.UNOFFERED],
            )  # fmt: skip
            assert shown.documents == shown.current + shown.earlier + shown.pending
            for taken in Taken:
                names = offers.list_names(connection, OURS, repository, [taken])
                assert set(names) == {name for name, state in expected.items() if state is taken}
            for name, state in expected.items():
                of_document = [each for each in told.get(name, []) if each.repository == repository]
                assert len(of_document) == (state is not Taken.UNOFFERED)
                for each in of_document:
                    is_taken, is_earlier = each.taken is not None, each.earlier is not None
                    assert (is_taken, is_earlier) == (state is Taken.CURRENT, state is Taken.EARLIER)
