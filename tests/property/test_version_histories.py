"""Random histories of publications, updates and withdrawals: a manifest that was seen opens as it was, until it is closed.

The code that is tested is the real one from the database's rows to the HTTP answers: `publish_item`, `withdraw_item`,
`withdraw_view`, `rebase` and the service of the Presentation API.
"""

import gzip
import hashlib
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import make_url, select, update

from server.catalogue.models import ItemRow, ViewRow
from server.catalogue.publication_models import DocumentRow, MementoRow, PayloadRow, PublicationRow
from server.catalogue.session import Catalogue
from server.errors import CatalogueError
from server.iiif import mementos
from server.publish import documents, transaction, withdraw
from server.publish.rebase import rebase
from server.publish.run import publish_item
from server.publish.withdraw import withdraw_item, withdraw_view
from server.settings import Settings, load_settings
from server.storage import open_storage
from server.workshop import Workshop
from tests.support.deliveries import Row, write_table
from tests.support.postgres import Postgres
from tests.support.visits import Visitor
from tests.support.workshops import HeldClock, accept, make_workshop, take_in

HERE, ELSEWHERE = "http://127.0.0.1:8000", "https://ailleurs.example.org"
WHICH = st.integers(0, 1)
VIEW = st.integers(1, 3)

STEPS = st.one_of(
    st.tuples(st.just("publish"), WHICH),
    st.tuples(st.just("title"), WHICH, st.sampled_from(("La gare", "Le beffroi"))),
    st.tuples(st.just("hide"), WHICH, VIEW, st.booleans()),
    st.tuples(st.just("withdraw view"), WHICH, VIEW),
    st.tuples(st.just("withdraw"), WHICH),
    st.tuples(st.just("move"), st.sampled_from((HERE, ELSEWHERE))),
    st.tuples(st.just("wait"), st.integers(1, 100)),
)
HISTORIES = st.lists(STEPS, min_size=1, max_size=14)
FIRST: list[Any] = [("publish", 0), ("wait", 3)]


@dataclass
class Life:
    """An installation with two documents of three views each, and somebody who looks at them after every step."""

    workshop: Workshop
    clock: HeldClock
    visitor: Visitor

    def live(self, history: list[Any]) -> None:
        """Live through a history; fail where what was seen does not open, or bytes lie about that nobody names."""
        for action, *what in [*FIRST, *history]:
            self._step(action, *what)
            self.visitor.look(self.workshop.addresses.base, self.clock.now)
            must_hold_what_is_named(self.workshop.catalogue)

    def _step(self, action: str, *what: Any) -> None:
        if action == "wait":
            self.clock.move(seconds=what[0])
        elif action == "move":
            self._move(what[0])
        else:
            name, rest = self.visitor.names[what[0]], what[1:]
            if action == "publish":
                publish_item(self.workshop, name, restore=True)
            elif action == "title":
                self._change(name, ItemRow, ItemRow.name == name, description=self._titled(name, *rest))
            elif action == "hide":
                self._change(name, ViewRow, (ViewRow.item == name) & (ViewRow.number == rest[0]), public=rest[1])
            elif action == "withdraw view":
                self._withdraw_view(name, *rest)
            else:
                self._withdraw(name)

    def _titled(self, name: str, title: str) -> dict[str, Any]:
        with self.workshop.catalogue.read() as session:
            description = session.get_one(ItemRow, name).description
        return {**description, "titles": [{"value": title, "language": "fr", "kind": "main"}]}

    def _change(self, name: str, table: type[ItemRow] | type[ViewRow], which: Any, **values: Any) -> None:
        """Change a row of a document as an ingest would, and publish it."""
        with self.workshop.catalogue.write() as session:
            session.execute(update(table).where(which).values(**values))
        publish_item(self.workshop, name)

    def _withdraw_view(self, name: str, number: int) -> None:
        try:
            withdraw_view(self.workshop, name, number, "demande")
        except CatalogueError:
            return  # the last public one: the document is to be withdrawn instead
        self.visitor.hear_withdrawn(name, number)

    def _withdraw(self, name: str) -> None:
        if withdraw_item(self.workshop, name, "demande"):
            self.visitor.hear_withdrawn(name)

    def _move(self, base: str) -> None:
        with self.workshop.catalogue.read() as session:
            if session.scalar(select(PublicationRow.name).limit(1)) is None:
                return
        list(rebase(self.workshop, base))
        self.workshop = replace(self.workshop, settings=self.workshop.settings.model_copy(update={"base_url": base}))


def must_hold_what_is_named(catalogue: Catalogue) -> None:
    """Fail where a document or a version names bytes that are not there, or bytes are there that nobody names."""
    with catalogue.snapshot() as connection:
        named = set(connection.scalars(select(DocumentRow.payload)))
        named |= set(connection.scalars(select(MementoRow.payload).where(MementoRow.payload.is_not(None))))
        rows = connection.execute(select(PayloadRow.digest, PayloadRow.gzip)).all()
    assert {row.digest for row in rows} == named
    for row in rows:
        assert hashlib.sha256(gzip.decompress(row.gzip)).hexdigest() == row.digest


@dataclass(frozen=True)
class Beginning:
    """A catalogue in which two documents were taken in and accepted; `copy` gives one for each history."""

    settings: Settings
    names: tuple[str, ...]
    copy: Callable[[], AbstractContextManager[str]]

    @contextmanager
    def life(self) -> Iterator[Life]:
        """Begin a life of its own."""
        clock = HeldClock()
        with self.copy() as url:
            settings = self.settings.model_copy(update={"database_url": url})
            workshop = Workshop(settings, Catalogue(url), open_storage(settings), clock, actor="tests")
            try:
                yield Life(workshop, clock, Visitor(settings, workshop.catalogue, self.names))
            finally:
                workshop.catalogue.close()


def take_in_two(folder: Path, url: str) -> tuple[Settings, tuple[str, ...]]:
    """Take in and accept two documents of three views."""
    settings = load_settings(home_dir=folder / "home", database_url=url, workers=1, base_url=HERE)
    workshop = make_workshop(settings, folder / "registers")
    rows = [Row(name, [f"{name}_{number}.png" for number in (1, 2, 3)], text=True) for name in ("c1", "c2")]
    summary = take_in(workshop, write_table(folder / "cartes", rows))
    accept(workshop, summary.delivery)
    workshop.catalogue.close()
    return settings, tuple(outcome.name for outcome in summary.outcomes)


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Beginning:
    folder = tmp_path_factory.mktemp("versions")
    first, copies = folder / "first.sqlite", itertools.count()
    settings, names = take_in_two(folder, f"sqlite:///{first}")

    @contextmanager
    def copy() -> Iterator[str]:
        own = folder / f"{next(copies)}.sqlite"
        shutil.copyfile(first, own)
        yield f"sqlite:///{own}"

    return Beginning(settings, names, copy)


@pytest.fixture(scope="module")
def beginning_on_postgresql(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beginning]:
    with postgres.database() as url:
        settings, names = take_in_two(tmp_path_factory.mktemp("versions"), url)
        template = str(make_url(url).database)
        yield Beginning(settings, names, lambda: postgres.database(template))


@hypothesis_settings(max_examples=15, deadline=None)
@given(HISTORIES)
def test_what_was_seen_opens_until_it_is_closed(beginning: Beginning, history: list[Any]) -> None:
    with beginning.life() as life:
        life.live(history)


@hypothesis_settings(max_examples=4, deadline=None)
@given(HISTORIES)
def test_so_it_is_on_postgresql(beginning_on_postgresql: Beginning, history: list[Any]) -> None:
    with beginning_on_postgresql.life() as life:
        life.live(history)


LIFE: list[Any] = [
    ("title", 0, "La gare"),
    ("wait", 1),
    ("title", 0, "Le beffroi"),
    ("title", 0, "La gare"),
    ("publish", 1),
    ("wait", 60),
    ("move", ELSEWHERE),
    ("hide", 1, 2, False),
    ("wait", 2),
    ("withdraw view", 0, 3),
    ("hide", 1, 2, True),
    ("withdraw", 1),
    ("wait", 1),
    ("publish", 1),
    ("withdraw", 0),
]


def test_one_whole_life(beginning: Beginning) -> None:
    with beginning.life() as life:
        life.live(LIFE)
        seen = [each for every in life.visitor.seen.values() for each in every]
        assert sum(bool(each.address) for each in seen) > 8
        assert {each.is_open for each in seen} == {True, False}


@pytest.mark.parametrize(
    "fault", ["bytes stay", "no version is kept", "nothing closes", "views stay to be seen", "the gate takes the first"]
)
def test_a_fault_does_not_stay_hidden(beginning: Beginning, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    def nothing(*_: Any) -> set[str]:
        return set()

    if fault == "bytes stay":
        monkeypatch.setattr(transaction, "forget_payloads", nothing)
        monkeypatch.setattr(withdraw, "forget_payloads", nothing)
    elif fault == "no version is kept":
        monkeypatch.setattr(documents, "keep_memento", nothing)
    elif fault == "nothing closes":
        monkeypatch.setattr(transaction, "close_mementos", nothing)
    elif fault == "views stay to be seen":
        monkeypatch.setattr(transaction, "close_those_that_show", nothing)
        monkeypatch.setattr(withdraw, "close_those_that_show", nothing)
    else:
        monkeypatch.setattr(mementos, "choose", lambda versions, _: versions[0])
    with beginning.life() as life, pytest.raises(AssertionError):
        life.live(LIFE)
