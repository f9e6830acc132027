"""When a place of the publication sequence was last taken, as the log of harvests says it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update

from server.catalogue import takings as module
from server.catalogue.harvest_models import HarvestRow
from server.catalogue.session import Catalogue
from server.catalogue.takings import Former, Stretch, Takings, lay_in, lay_over

BEGUN = datetime(2026, 3, 1, 8, tzinfo=UTC)

stretches = st.builds(
    lambda first, length, ended: Stretch(first, first + length, float(ended)),
    st.integers(0, 30), st.integers(1, 20), st.integers(1, 6),
)  # fmt: skip


@given(st.lists(stretches, max_size=12), st.lists(stretches, max_size=4))
def test_the_latest_lies_on_top_whatever_comes_first(some: list[Stretch], more: list[Stretch]) -> None:
    laid = lay_over([*lay_over(some), *more])
    for place in range(52):
        taken = [each.ended for each in (*some, *more) if each.first < place <= each.reached]
        told = [each.ended for each in laid if each.first < place <= each.reached]
        assert told == ([max(taken)] if taken else [])
    assert laid == sorted(laid)
    assert laid == lay_over(laid)


@given(st.lists(st.lists(stretches, max_size=6), max_size=4), st.booleans())
def test_what_is_laid_in_piece_by_piece_lies_as_laid_at_once(come: list[list[Stretch]], is_earliest: bool) -> None:
    held: list[Stretch] = []
    for some in come:
        held = lay_in(held, some, is_earliest=is_earliest)
    choose = min if is_earliest else max
    for place in range(52):
        taken = [each.ended for some in come for each in some if each.first < place <= each.reached]
        told = [each.ended for each in held if each.first < place <= each.reached]
        assert told == ([choose(taken)] if taken else [])
    assert held == sorted(held)


def test_few_stretches_remain_of_many_harvests() -> None:
    days = [Stretch(place * 10, place * 10 + 10, 100.0 + place) for place in range(400)]
    assert len(lay_over([*days, Stretch(0, 4000, 1000.0)])) == 1


@pytest.fixture
def catalogue(database_url: str) -> Iterator[Catalogue]:
    opened = Catalogue(database_url)
    yield opened
    opened.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that have passed in the process; to be set."""
    now = [1000.0]
    monkeypatch.setattr("server.catalogue.takings.monotonic", lambda: now[0])
    return now


def note(catalogue: Catalogue, number: str, reached: int, *, ended: datetime = BEGUN) -> None:
    with catalogue.write() as session:
        session.add(
            HarvestRow(
                number=number, repository="gallica", verb="ListRecords", prefix="oai_dc", began=ended, ended=ended,
                records=reached, first=0, upto=9, reached=reached,
            )
        )  # fmt: skip


def taken(takings: Takings, catalogue: Catalogue, place: int) -> datetime | None:
    with catalogue.snapshot() as connection:
        takings.refresh(connection)
    return takings.last_past("gallica", "oai_dc", (), place)


def test_what_is_new_in_the_log_is_told_after_seconds(catalogue: Catalogue, clock: list[float]) -> None:
    takings = Takings()
    assert taken(takings, catalogue, 3) is None
    note(catalogue, "a", 3)
    assert taken(takings, catalogue, 3) is None, "the log was looked into just now"
    clock[0] += module.FRESH_SECONDS
    assert taken(takings, catalogue, 3) == BEGUN
    assert taken(takings, catalogue, 4) is None
    assert takings.last("gallica") == BEGUN
    assert takings.last("armarium") is None


def test_a_harvest_that_goes_on_and_one_that_is_written_late_are_told(catalogue: Catalogue, clock: list[float]) -> None:
    takings = Takings()
    note(catalogue, "a", 3)
    assert taken(takings, catalogue, 3) == BEGUN
    later = BEGUN + timedelta(minutes=2)
    with catalogue.write() as session:
        session.execute(update(HarvestRow).values(reached=6, ended=later))
    note(catalogue, "late", 8, ended=BEGUN - timedelta(minutes=5))
    clock[0] += module.FRESH_SECONDS
    assert taken(takings, catalogue, 6) == later
    assert taken(takings, catalogue, 8) == BEGUN - timedelta(minutes=5)


def test_what_was_forgotten_goes_after_hours(catalogue: Catalogue, clock: list[float]) -> None:
    takings = Takings()
    note(catalogue, "a", 3)
    assert taken(takings, catalogue, 3) == BEGUN
    with catalogue.write() as session:
        session.execute(delete(HarvestRow))
    clock[0] += 6 * 3600
    assert taken(takings, catalogue, 3) is None
    assert takings.last("gallica") is None


def test_an_earlier_state_was_taken_where_a_harvest_had_ended_when_it_moved(catalogue: Catalogue) -> None:
    takings = Takings()
    note(catalogue, "a", 3)
    note(catalogue, "b", 6, ended=BEGUN + timedelta(days=2))
    taken(takings, catalogue, 1)
    moved = int((BEGUN + timedelta(days=1)).timestamp())

    def earlier(*states: Former) -> datetime | None:
        found = takings.find_earlier("gallica", states)
        return found.moment if found else None

    assert earlier(Former("oai_dc", 3, moved, is_deleted=False, specs=())) == BEGUN, (
        "not on the day when all came again"
    )
    assert earlier(Former("oai_dc", 4, moved, is_deleted=False, specs=())) is None, "it came when this had moved"
    assert earlier(Former("mods", 3, moved, is_deleted=False, specs=())) is None
    first, gone = (Former("oai_dc", place, moved, is_deleted=place > 1, specs=()) for place in (1, 2))
    assert earlier(first, gone) is None, "the portal knows that it was taken away"
    assert earlier(gone, Former("oai_dc", 3, moved, is_deleted=False, specs=())) == BEGUN
