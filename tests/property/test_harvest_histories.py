"""Random histories of publications, updates and withdrawals: every harvester's mirror ends equal to the repository.

Harvesters stop and go on at any page, with pages of any size, before and after a restart; a record that is let fall from
the repository of one harvester becomes a tombstone there and stays elsewhere. On PostgreSQL several publishers write at
once, and one holds its transaction open while harvesters go by.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from server.catalogue import migrations
from server.catalogue.publication_models import OaiRecordRow
from server.catalogue.session import Catalogue
from server.model.addresses import Addresses
from server.oai.formats.render import RenderedRecord
from server.publish.records import keep_records
from server.publish.stamp import next_stamp
from server.publish.transaction import write_journal
from tests.support.oai import OAI, Harvested, make_settings
from tests.support.published_records import Records, register

ADDRESSES = Addresses("http://127.0.0.1:8000", "99999", "vitrine.example.org")
NAMES = tuple(f"v1{number:06d}" for number in range(12))
REPOSITORIES = ("", "gallica")

STEPS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(NAMES), st.sampled_from("abc"), st.booleans()),
    st.tuples(st.just("withdraw"), st.sampled_from(NAMES)),
    st.tuples(st.just("wait"), st.integers(0, 2)),
    st.tuples(st.just("page"), st.integers(0, 3), st.integers(1, 100)),
    st.tuples(st.just("page"), st.integers(0, 3), st.integers(1, 3)),
)


@dataclass
class Mirror:
    """A harvester: what it holds, where it is in its list, from when it comes back."""

    repository: str
    held: dict[str, tuple[str, str]] = field(default_factory=dict)
    since: str = ""
    first_date: str = ""
    token: str = ""

    def page(self, world: "World", size: int) -> bool:
        """Take one page; return whether the list goes on. Each page is asked of a server that has just started."""
        asked = Harvested(
            world.catalogue,
            world.records,
            make_settings(world.url, oai_page_size=size),
            moment=world.now,
            path=f"/oai/{self.repository}".rstrip("/"),
        )
        if self.token:
            said = asked.ask("ListRecords", resumptionToken=self.token)
        else:
            since = {"from": self.since} if self.since else {}
            said = asked.ask("ListRecords", metadataPrefix="oai_dc", **since)
            self.first_date = said.date
        asked.service.close()
        assert said.errors in ([], ["noRecordsMatch"])
        for record in said.root.iter(f"{OAI}record"):
            header = record.find(f"{OAI}header")
            title = record.findtext(".//{*}title") or ""
            self.held[header.findtext(f"{OAI}identifier")] = (header.get("status") or "", title)
        self.token = said.token
        if not self.token:
            self.since = self.first_date
        return bool(self.token)


class World:
    """A catalogue in which records are published by the code that publishes, and harvesters of it."""

    def __init__(self, url: str) -> None:
        self.url, self.catalogue = url, Catalogue(url)
        migrations.upgrade(self.catalogue)
        self.records = Records(self.catalogue)
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)
        self.mirrors = [Mirror(REPOSITORIES[number % 2]) for number in range(4)]

    def begin(self) -> None:
        """Make what there is at the beginning: every item is published once, everywhere."""
        self.records.prepare()
        self.records.now = self.now
        self.records.add(len(NAMES))
        with self.catalogue.write() as session:
            for row in session.scalars(select(OaiRecordRow)).all():
                same = {name: getattr(row, name) for name in ("name", "prefix", "sequence", "datestamp", "deleted", "fingerprint", "header", "body")}  # fmt: skip
                session.add(OaiRecordRow(repository="gallica", **same))
            session.add(register("gallica"))
        self.now = self.records.now

    def publish(self, name: str, title: str, elsewhere: bool, hold: threading.Event | None = None) -> None:
        """Publish an item's records, or withdraw it where the title is empty; `hold` keeps the transaction open."""
        body = f'<metadata><dc xmlns="urn:x"><title>{title}</title></dc></metadata>'.encode()
        wanted = (RenderedRecord("oai_dc", body, ()),)
        with self.catalogue.publication_lock(), self.catalogue.write() as session:
            stamp = next_stamp(session, self.now)
            for key in REPOSITORIES:
                records = wanted if title and (elsewhere or not key) else ()
                keep_records(session, key, name, records, stamp, ADDRESSES.oai_identifier(name))
            write_journal(session, name, "Update", stamp, None)
            session.flush()
            if hold is not None:
                assert hold.wait(60)

    def there(self, repository: str) -> dict[str, tuple[str, str]]:
        """Return what the repository holds, as a mirror would."""
        found = {}
        with self.catalogue.read() as session:
            for row in session.scalars(select(OaiRecordRow).where(OaiRecordRow.repository == repository)):
                title = (
                    row.body.decode().rpartition("title>")[0].partition("title")[2].partition(">")[2].partition("<")[0]
                )
                found[ADDRESSES.oai_identifier(row.name)] = (
                    "deleted" if row.deleted else "",
                    "" if row.deleted else title,
                )
        return found

    def finish(self) -> None:
        """Let every harvester end its list and come back once; each then holds what there is."""
        for mirror in self.mirrors:
            while mirror.token and mirror.page(self, 7):
                pass
        self.now += timedelta(seconds=5)
        for mirror in self.mirrors:
            while mirror.page(self, 5):
                pass
            assert mirror.held == self.there(mirror.repository)

    def live(self, history: list[Any]) -> None:
        """Live through a history."""
        for action, *what in history:
            if action == "put":
                self.publish(*what)
            elif action == "withdraw":
                self.publish(what[0], "", elsewhere=False)
            elif action == "wait":
                self.now += timedelta(seconds=what[0])
            else:
                self.mirrors[what[0]].page(self, what[1])
        self.finish()


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    made = World(sqlite_url)
    made.begin()
    yield made
    made.catalogue.close()


def again(world: World) -> None:
    """Forget the harvesters of the example before; what was published stays, as in any repository."""
    world.mirrors = [Mirror(REPOSITORIES[number % 2]) for number in range(4)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=30))
def test_every_mirror_ends_equal_to_the_repository(world: World, history: list[Any]) -> None:
    again(world)
    world.live(history)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(("", "d", "e")), st.booleans()), min_size=1, max_size=6),
    st.integers(1, 100),
)
def test_so_it_is_with_publishers_at_once_and_a_late_commit(
    postgres_url: str, writes: list[tuple[str, str, bool]], size: int
) -> None:
    world = World(postgres_url)
    try:
        with world.catalogue.read() as session:
            is_new = session.scalar(select(OaiRecordRow).limit(1)) is None
        if is_new:
            world.begin()
        else:
            world.now += timedelta(days=1)
        hold = threading.Event()
        late = threading.Thread(target=world.publish, args=(NAMES[0], "late", True, hold))
        late.start()
        while not world.catalogue.is_publishing():
            pass
        world.now += timedelta(seconds=30)  # the clock goes on while the transaction is open
        for mirror in world.mirrors:
            while mirror.page(world, size):
                pass
        others = [threading.Thread(target=world.publish, args=write) for write in writes]
        for other in others:
            other.start()
        hold.set()
        for mirror in world.mirrors:
            mirror.page(world, size)
        for each in (late, *others):
            each.join(60)
        world.finish()
    finally:
        world.catalogue.close()


def test_a_clock_that_passes_open_transactions_does_not_stay_hidden(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With responseDate as the bare clock the late record is missed, and the mirrors say so."""
    monkeypatch.setattr(Catalogue, "is_publishing", lambda _: False)
    locked = world.now
    world.now += timedelta(seconds=30)
    for mirror in world.mirrors:
        while mirror.page(world, 5):
            pass
    world.now = locked
    world.publish(NAMES[0], "late", elsewhere=True)
    world.now += timedelta(seconds=60)
    with pytest.raises(AssertionError):
        world.finish()
