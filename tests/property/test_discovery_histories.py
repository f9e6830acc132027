"""Random histories of publications, updates, withdrawals and moves: whoever follows them ends with what is published."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.catalogue import migrations
from server.catalogue.session import Catalogue
from server.model.description import Date, Whole, WholeKind
from server.model.item import Item
from server.publish import activities
from tests.support.chronicle import ELSEWHERE, HERE, Chronicle, Consumer
from tests.support.publications import CAMPAIGN, DOUAI, LILLE, make_postcard, renamed

NAMES = ("v1bcdfg0", "v1bcdfg1", "v1bcdfg2")

ECHO = (Whole("L’Écho du Nord", "0000-0001"), "1848-03-01")
ECHO_1900 = (Whole("L’Écho du Nord", "0000-0001"), "1900-05-02")
GAZETTE = (Whole("La Gazette", "0000-0002"), "1848-03-01")
HISTORY = (Whole("Histoire de Lille", "", "Tome II", WholeKind.MULTIVOLUME), "1900")

STEPS = st.one_of(
    st.tuples(
        st.just("put"),
        st.sampled_from(NAMES),
        st.sampled_from(("La gare", "Le beffroi")),
        st.sampled_from((LILLE, DOUAI)),
        st.sampled_from((None, CAMPAIGN)),
        st.sampled_from((None, ECHO, ECHO_1900, GAZETTE, HISTORY)),
    ),
    st.tuples(st.just("withdraw"), st.sampled_from(NAMES)),
    st.tuples(st.just("move"), st.sampled_from((HERE, ELSEWHERE)), st.sampled_from(("", *NAMES))),
    st.tuples(st.just("wait"), st.integers(1, 100)),
    st.tuples(st.just("crawl"), st.integers(0, 2)),
)
HISTORIES = st.lists(STEPS, min_size=1, max_size=14)
FIRST = ("put", NAMES[0], "La gare", LILLE, None, None)


def item_of(name: str, title: str, institution: Any, campaign: Any, part: Any) -> Item:
    item = replace(renamed(make_postcard(), name, title), institution=institution, campaign=campaign)
    if part is None:
        return item
    whole, date = part
    return replace(item, description=replace(item.description, part_of=whole, dates=(Date(date, ""),)))


def follow(catalogue: Catalogue, history: list[Any]) -> None:
    """Live through a history; fail where a consumer ends with something else, or a full page changes."""
    chronicle = Chronicle(catalogue)
    chronicle.begin()
    consumers = [Consumer() for _ in range(3)]
    seen: dict[str, bytes] = {}
    for action, *what in [FIRST, *history]:
        if action == "put":
            chronicle.put(item_of(*what))
        elif action == "withdraw":
            chronicle.withdraw(*what)
        elif action == "move":
            chronicle.move(*what)
        elif action == "wait":
            chronicle.wait(*what)
        else:
            consumers[what[0]].crawl(chronicle)
            assert consumers[what[0]].known == chronicle.published()
        pages = chronicle.pages()
        for address, body in pages.items():
            assert seen.setdefault(address, body) == body, f"{address} has changed"
    for consumer in [*consumers, Consumer()]:
        consumer.crawl(chronicle)
        assert consumer.known == chronicle.published()


@pytest.fixture
def catalogue(sqlite_url: str) -> Iterator[Catalogue]:
    opened = Catalogue(sqlite_url)
    migrations.upgrade(opened)
    yield opened
    opened.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HISTORIES)
def test_whoever_follows_ends_with_what_is_published(catalogue: Catalogue, history: list[Any]) -> None:
    follow(catalogue, history)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HISTORIES)
def test_so_it_is_on_postgresql(postgres_url: str, history: list[Any]) -> None:
    opened = Catalogue(postgres_url)
    try:
        migrations.upgrade(opened)
        follow(opened, history)
    finally:
        opened.close()


LIFE: list[Any] = [
    ("put", NAMES[1], "Le beffroi", DOUAI, CAMPAIGN, ECHO),
    ("put", NAMES[2], "Tome II", LILLE, None, HISTORY),
    ("crawl", 0),
    ("wait", 5),
    ("put", NAMES[1], "Le beffroi", LILLE, None, GAZETTE),
    ("withdraw", NAMES[0]),
    ("crawl", 1),
    ("move", ELSEWHERE, ""),
    ("wait", 5),
    ("withdraw", NAMES[1]),
    ("withdraw", NAMES[2]),
    ("crawl", 0),
    ("move", HERE, ""),
    ("put", NAMES[0], "La gare", LILLE, None, ECHO_1900),
]


def test_one_whole_life(catalogue: Catalogue) -> None:
    follow(catalogue, LIFE)


@pytest.mark.parametrize(
    "fault", ["collections stay", "old base stays", "nothing is ever gone", "pages change their size"]
)
def test_a_fault_does_not_stay_hidden(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    tell, write = activities._Teller.tell, activities._Teller._write

    def forgetful(self: Any, subject: str, name: str, *, is_there: bool = True) -> str:
        return tell(self, subject, name, is_there=is_there) if is_there or subject == "Manifest" else ""

    def fixed(self: Any, activity: str, subject: str, name: str, base: str) -> None:
        if activity != "Delete" or base == self._addresses.base:
            write(self, activity, subject, name, base)

    def renumbering(self: Chronicle) -> dict[str, bytes]:
        self.page_size = 3 + len(self.live) % 2
        return pages(self)

    pages = Chronicle.pages
    if fault == "collections stay":
        monkeypatch.setattr(activities._Teller, "tell", forgetful)
    elif fault == "old base stays":
        monkeypatch.setattr(activities._Teller, "_write", fixed)
    elif fault == "pages change their size":
        monkeypatch.setattr(Chronicle, "pages", renumbering)
    else:
        monkeypatch.setattr(activities, "DELETE", "Update")
    with pytest.raises(AssertionError):
        follow(catalogue, LIFE)
