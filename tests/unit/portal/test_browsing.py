from datetime import date

import pytest
from sqlalchemy import func, select

from server.catalogue.browsing import Issue
from server.catalogue.find_models import FindDocumentRow
from server.errors import Unknown
from server.model.addresses import Addresses
from server.portal import browsing, lists
from tests.support.publications import Shelf, make_postcard, renamed

ADDRESSES = Addresses("", "99999")


def show(shelf: Shelf, name: str, *, earliest: int | None = None, **shown: object) -> None:
    """Keep what the search shows of a document, as its publication does."""
    with shelf.catalogue.write() as session:
        number = (session.scalar(select(func.max(FindDocumentRow.number))) or 0) + 1
        session.add(
            FindDocumentRow(
                number=number, name=name, change=number, live=True, recipe=1, digest="", first_sequence=number,
                sort_key=name, earliest=earliest, latest=earliest, facets={},
                shown={"type": "presse", "image": f"{name}.f1", "size": [400, 250], "whole": [3200, 2000]} | shown,
            )
        )  # fmt: skip


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


def test_documents_of_a_place_stand_in_order_of_date(shelf: Shelf) -> None:
    shelf.put(renamed(make_postcard(), "v1aaa0", "Une carte sans date connue"))
    shelf.put(renamed(make_postcard(), "v1bbb0", "Une carte"))
    show(shelf, "v1bbb0", earliest=18990101)
    show(shelf, "v1bcdfg0", earliest=19080814)
    with shelf.catalogue.snapshot() as connection:
        place = browsing.read_place(connection, ADDRESSES, "lille-nord", 1)
    names = [card.name for card in place.cards]
    assert names[:2] == ["v1bbb0", "v1bcdfg0"]
    assert names[-1] == "v1aaa0", "the undated come last"


def test_a_picture_stands_for_a_place_and_a_period(shelf: Shelf) -> None:
    shelf.put(renamed(make_postcard(), "v1aaa0", "Un numéro"))
    show(shelf, "v1aaa0", type="presse", image="v1aaa0.f1")
    show(shelf, "v1bcdfg0", type="cartes-postales", image="v1bcdfg0.f1")
    with shelf.catalogue.snapshot() as connection:
        (place,) = browsing.keep_place_ways(ADDRESSES)(connection)
        times = browsing.keep_time_ways(ADDRESSES)(connection)
    assert (place.path, place.name, place.documents) == ("places/lille-nord", "Lille (Nord)", 2)
    assert place.picture is not None
    assert "/v1bcdfg0.f1/" in place.picture.address, "a picture before a page of text"
    assert [way.path for way in times] == ["time/1840-1849", "time/1900-1909"]
    assert times[0].picture is None, "nothing is kept to show of the newspaper"
    assert (times[1].name, times[1].documents) == ("1900–1909", 2)  # as it is printed


def test_what_is_kept_is_read_again_when_something_is_published(shelf: Shelf) -> None:
    read = browsing.keep_places()
    with shelf.catalogue.snapshot() as connection:
        before = read(connection)
        assert read(connection) is before
    shelf.put(renamed(make_postcard(), "v1fresh0", "Une carte nouvelle"))
    with shelf.catalogue.snapshot() as connection:
        assert read(connection)[0].documents == before[0].documents + 1
