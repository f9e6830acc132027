from datetime import date

import pytest

from server.catalogue.browsing import Issue
from server.errors import Unknown
from server.model.addresses import Addresses
from server.portal import browsing, lists
from tests.support.publications import Shelf, make_postcard, renamed

ADDRESSES = Addresses("", "99999")


def test_a_timeline_has_its_empty_stretches_too() -> None:
    bars = browsing.draw_timeline({1848: 1, 1908: 2, 1909: 6})
    assert (bars[0].first, bars[0].last, bars[-1].first) == (1840, 1849, 1900)
    assert [bar.documents for bar in bars] == [1, 0, 0, 0, 0, 0, 8]
    assert (bars[-1].height, bars[1].height) == (100, 0)
    assert browsing.draw_timeline({}) == ()


@pytest.mark.parametrize(
    ("first", "last", "span"), [(1900, 1999, 10), (1400, 1999, 25), (900, 1999, 50), (1, 1999, 50), (1, 2020, 100)]
)
def test_a_long_timeline_has_wider_bars(first: int, last: int, span: int) -> None:
    bars = browsing.draw_timeline({first: 1, last: 1})
    assert bars[1].last - bars[1].first + 1 == span
    assert bars[0].first >= 1, "there is no year naught"
    assert len(bars) <= browsing.MOST_BARS


def test_a_calendar_has_issues_on_their_days() -> None:
    issues = [
        Issue("v1a", date(1909, 3, 7)), Issue("v1b", date(1909, 3, 7)), Issue("v1c", date(1909, 12, 31)),
        Issue("v1d", None), Issue("v1e", date(1910, 1, 1)),
    ]  # fmt: skip
    months = browsing.draw_calendar(1909, issues)
    assert [month.issues for month in months] == [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    days = [day for week in months[2].weeks for day in week if day is not None]
    assert len(days) == 31
    assert [(day.number, day.issues) for day in days if day.issues] == [(7, ("v1a", "v1b"))]
    assert months[2].weeks[0][0] == browsing.Day(1, ()), "1 March 1909 was a Monday"
    assert browsing.draw_calendar(1911, issues) == ()


def test_places_and_years_have_pages(shelf: Shelf) -> None:
    for number in range(lists.PAGE_SIZE):
        shelf.put(renamed(make_postcard(), f"v1many{number:02}", f"Carte {number:02}"))
    with shelf.catalogue.snapshot() as connection:
        place = browsing.read_place(connection, ADDRESSES, "lille-nord", 2)
        assert (place.pages, len(place.cards)) == (2, 1)
        time = browsing.read_time(connection, ADDRESSES, 1840, 1909, 1)
        assert (time.documents, time.pages, dict(time.years)) == (26, 2, {1848: 1, 1908: 25})
        for first, last in ((1909, 1840), (1500, 1599), (0, 5)):
            with pytest.raises(Unknown):
                browsing.read_time(connection, ADDRESSES, first, last, 1)
        with pytest.raises(Unknown):
            browsing.read_place(connection, ADDRESSES, "lille-nord", 3)


def test_what_is_kept_is_read_again_when_something_is_published(shelf: Shelf) -> None:
    read = browsing.keep_places()
    with shelf.catalogue.snapshot() as connection:
        before = read(connection)
        assert read(connection) is before
    shelf.put(renamed(make_postcard(), "v1fresh0", "Une carte nouvelle"))
    with shelf.catalogue.snapshot() as connection:
        assert read(connection)[0].documents == before[0].documents + 1
