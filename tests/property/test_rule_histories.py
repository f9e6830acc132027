"""Random histories in which harvesters' rules change too, by the code that publishes: every mirror ends equal to its repository.

Documents are published, described otherwise, withdrawn and brought back; files of harvesters are rewritten and applied by
`apply_repository`. Mirrors list with pages of any size, each page asked of a server that has just started. On PostgreSQL a rule
is applied and documents are published at once, and one transaction is held open just before its commit.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from sqlalchemy import Connection, event, func, select

from server.catalogue.models import ItemRow
from server.catalogue.publication_models import JournalRow, OaiRecordRow, PublicationRow
from server.publish.apply import apply_repository
from server.publish.harvester_files import read_harvesters
from server.publish.run import publish_item
from server.publish.wholes import refresh_wholes
from server.publish.withdraw import withdraw_item
from server.settings import Settings
from server.workshop import Workshop
from tests.support.deliveries import Row, write_table
from tests.support.harvesters import write_harvester
from tests.support.oai import OAI, Harvested
from tests.support.published_records import Records
from tests.support.workshops import BEGIN, HeldClock, bring_online, make_workshop

REPOSITORIES = ("", "gallica", "armarium")
ITEMS = 6

RULES = {
    "all": "",
    "partners": '[select]\npartners_of = "gallica"\n',
    "lille": '[select]\ninstitutions = ["bm-lille"]\n',
    "roubaix": '[select]\ninstitutions = ["roubaix"]\n',
    "free": '[select]\nrights = ["public-domain"]\n',
    "titles": 'press = "title"\n',
    "both": 'press = "both"\nown_set = "own"\n',
    "closed": "[select]\nclosed = true\n",
}
INSTITUTIONS = {"lille": "bm-lille", "roubaix": "roubaix"}

NUMBER = st.integers(0, ITEMS - 1)
STEPS = st.one_of(
    st.tuples(st.just("title"), NUMBER, st.sampled_from(("A", "B", " "))),
    st.tuples(st.just("rights"), NUMBER, st.sampled_from(("public-domain", "in-copyright", "cc-by"))),
    st.tuples(st.just("part"), NUMBER, st.booleans()),
    st.tuples(st.just("withdraw"), NUMBER),
    st.tuples(st.just("restore"), NUMBER),
    st.tuples(st.just("rule"), st.sampled_from(REPOSITORIES[1:]), st.sampled_from(sorted(RULES))),
    st.tuples(st.just("wait"), st.integers(0, 2)),
    st.tuples(st.just("page"), st.integers(0, 2), st.one_of(st.integers(1, 3), st.integers(1, 100))),
)


def told(metadata: Any) -> str:
    """Return everything that a record says."""
    return " | ".join(text.strip() for text in metadata.itertext() if text.strip())


@dataclass
class Mirror:
    """A harvester: what it holds, where it is in its list, from when it comes back."""

    repository: str
    held: dict[str, tuple[bool, str]] = field(default_factory=dict)
    since: str = ""
    first_date: str = ""
    token: str = ""

    def page(self, world: "World", size: int) -> bool:
        """Take one page; return whether the list goes on."""
        asked = Harvested(
            world.workshop.catalogue, Records(world.workshop.catalogue),
            world.workshop.settings.model_copy(update={"oai_page_size": size}), moment=world.workshop.clock(),
            path=f"/oai/{self.repository}".rstrip("/"),
        )  # fmt: skip
        if self.token:
            said = asked.ask("ListRecords", resumptionToken=self.token)
        else:
            said = asked.ask("ListRecords", metadataPrefix="oai_dc", **({"from": self.since} if self.since else {}))
            self.first_date = said.date
        asked.service.close()
        assert said.errors in ([], ["noRecordsMatch"])
        for record in said.root.iter(f"{OAI}record"):
            header, metadata = record.find(f"{OAI}header"), record.find(f"{OAI}metadata")
            is_deleted = header.get("status") == "deleted"
            self.held[header.findtext(f"{OAI}identifier")] = (is_deleted, "" if is_deleted else told(metadata))
        self.token = said.token
        if not self.token:
            self.since = self.first_date
        return bool(self.token)


class World:
    """A workshop with documents of two institutions, two harvesters' files, and a mirror of each repository."""

    def __init__(self, workshop: Workshop, folder: Path) -> None:
        self.workshop = workshop
        assert isinstance(workshop.clock, HeldClock)
        self.clock = workshop.clock
        self.rules = {"gallica": "all", "armarium": "all"}
        for name in self.rules:
            write_harvester(workshop.settings.manifests_dir, name)
        with workshop.catalogue.write() as session:
            read_harvesters(session, workshop.settings.manifests_dir, BEGIN.date())
        rows = [Row(f"d{number}", images=["one.png"]) for number in range(ITEMS // 2)]
        bring_online(workshop, write_table(folder / "lille", rows))
        bring_online(workshop, write_table(folder / "roubaix", rows, institution="roubaix"), "roubaix")
        with workshop.catalogue.read() as session:
            self.names = session.scalars(select(ItemRow.name).order_by(ItemRow.name)).all()
        self.mirrors = [Mirror(each) for each in REPOSITORIES]

    def describe(self, name: str, **changes: Any) -> None:
        """Describe a document otherwise, and publish it where it is public."""
        with self.workshop.catalogue.write() as session:
            row = session.get_one(ItemRow, name)
            row.description = {**row.description, **changes}
            row.rights_status = row.description["rights"]["status"]
            live = session.get_one(PublicationRow, name).state == "live"
        if live:
            assert publish_item(self.workshop, name).state in ("updated", "unchanged")

    def rule(self, repository: str, rule: str) -> None:
        """Write a harvester's file anew and apply it."""
        write_harvester(self.workshop.settings.manifests_dir, repository, RULES[rule])
        for _ in apply_repository(self.workshop, repository):
            pass
        refresh_wholes(self.workshop)
        self.rules[repository] = rule

    def step(self, action: str, *what: Any) -> None:
        """Let one thing happen."""
        if action == "title":
            self.describe(self.names[what[0]], titles=[{"value": what[1], "language": "fr", "kind": "main"}])
        elif action == "rights":
            self.describe(self.names[what[0]], rights={"status": what[1], "basis": "", "cleared_by": ""})
        elif action == "part":
            whole = {"label": "L’Écho", "identifier": "ISSN 1234-5679", "number": "1", "kind": "periodical"}
            self.describe(self.names[what[0]], part_of=whole if what[1] else None, typology="presse")
        elif action == "withdraw":
            withdraw_item(self.workshop, self.names[what[0]], "à la demande des ayants droit")
        elif action == "restore":
            publish_item(self.workshop, self.names[what[0]], restore=True)
        elif action == "rule":
            self.rule(*what)
        elif action == "wait":
            self.clock.move(seconds=what[0])
        else:
            self.mirrors[what[0]].page(self, what[1])
        if action not in ("wait", "page"):
            refresh_wholes(self.workshop)

    def there(self, repository: str) -> dict[str, tuple[bool, str]]:
        """Return what the repository holds, as a mirror would."""
        with self.workshop.catalogue.read() as session:
            rows = session.scalars(
                select(OaiRecordRow).where(OaiRecordRow.repository == repository, OaiRecordRow.prefix == "oai_dc")
            ).all()
        return {
            self.workshop.addresses.oai_identifier(row.name): (
                row.deleted, "" if row.deleted else told(etree.fromstring(row.body)),
            )
            for row in rows
        }  # fmt: skip

    def finish(self) -> None:
        """Let every harvester end its list and come back once; each then holds what there is, and what the rules allow."""
        for mirror in self.mirrors:
            while mirror.token and mirror.page(self, 7):
                pass
        self.clock.move(seconds=5)
        for mirror in self.mirrors:
            while mirror.page(self, 5):
                pass
            assert mirror.held == self.there(mirror.repository)
        self.must_follow_the_rules()

    def must_follow_the_rules(self) -> None:
        """Fail where something is live that was withdrawn, or that a rule leaves out."""
        with self.workshop.catalogue.read() as session:
            states = session.execute(select(PublicationRow.name, PublicationRow.state)).all()
            holders = dict(session.execute(select(ItemRow.name, ItemRow.institution)).all())
        public = {name for name, state in states if state == "live"}
        start = self.workshop.addresses.oai_identifier("")
        for mirror in self.mirrors:
            live = {name.removeprefix(start) for name, (is_deleted, _) in mirror.held.items() if not is_deleted}
            items = live & set(self.names)
            if not mirror.repository:
                assert items == live == public
                continue
            assert items <= public
            rule = self.rules[mirror.repository]
            assert rule != "closed" or not live
            assert rule not in INSTITUTIONS or {holders[name] for name in items} <= {INSTITUTIONS[rule]}


def open_world(settings: Settings, url: str, folder: Path) -> World:
    chosen = {"database_url": url, "workers": 1, "secret_key": ("k" * 40,)}
    workshop = make_workshop(settings.model_copy(update=chosen), folder / "registers")
    manifests = folder / "registers" / "manifests"
    return World(replace(workshop, settings=workshop.settings.model_copy(update={"manifests_dir": manifests})), folder)


@pytest.fixture
def world(settings: Settings, sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(settings, sqlite_url, tmp_path)
    yield made
    made.workshop.catalogue.close()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=4, max_size=14))
def test_every_mirror_ends_equal_to_the_repository_whatever_rules_change(world: World, history: list[Any]) -> None:
    world.mirrors = [Mirror(each) for each in REPOSITORIES]
    for step in history:
        world.step(*step)
    world.finish()


@pytest.mark.parametrize("size", [1, 2, 100])
def test_so_it_is_while_a_rule_is_applied_late_and_documents_are_published_at_once(
    settings: Settings, postgres_url: str, tmp_path: Path, size: int
) -> None:
    world = open_world(settings, postgres_url, tmp_path)
    catalogue = world.workshop.catalogue
    with catalogue.read() as session:
        before = session.scalar(select(func.max(JournalRow.sequence))) or 0
    is_held, go_on = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        """Keep the first transaction of the late publisher open that takes a place in the sequence."""
        is_late = threading.current_thread().name == "late_0" and not is_held.is_set()
        if is_late and (connection.scalar(select(func.max(JournalRow.sequence))) or 0) > before:
            is_held.set()
            assert go_on.wait(20), "nobody let it go on"

    event.listen(catalogue.engine, "commit", hold)
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="late") as late, ThreadPoolExecutor(3) as others:
            applied = late.submit(world.rule, "armarium", "lille")
            assert is_held.wait(120)
            world.clock.now += timedelta(seconds=30)  # the clock goes on while the transaction is open
            for mirror in world.mirrors:
                while mirror.page(world, size):
                    pass
            published = [
                others.submit(world.step, "title", 0, "C"),
                others.submit(world.step, "withdraw", 4),
                others.submit(world.step, "rule", "gallica", "roubaix"),
            ]
            go_on.set()
            for mirror in world.mirrors:
                mirror.page(world, size)
            for each in (applied, *published):
                each.result(60)
        world.finish()
    finally:
        go_on.set()
        catalogue.close()
