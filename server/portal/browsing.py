"""Browsing by place and by time: what those pages show, read from the catalogue. No flask here."""

import calendar
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Generic, TypeVar

from server.catalogue.browsing import (
    Holder,
    Issue,
    PlaceCount,
    count_between,
    count_years,
    find_place,
    list_between,
    list_glimpses,
    list_holders,
    list_issues,
    list_places,
)
from server.catalogue.published import last_change
from server.errors import Unknown
from server.model.addresses import Addresses
from server.model.description import PICTORIAL
from server.model.traits import PLACE, YEAR
from server.portal.lists import PAGE_SIZE, Card, Shelf, card, count_pages, read_shelves
from server.portal.pictures import Picture, found_picture

if TYPE_CHECKING:
    from sqlalchemy import Connection

_T = TypeVar("_T")

MOST_BARS = 40
"""Bars of a timeline: where decades would be more, each stands for a quarter of a century, then for a century."""

MOST_WAYS = 12
"""Places that are shown as pictures: those with the most documents."""

_GLIMPSES = 12
"""Documents among which the picture of a place or a period is chosen."""

_SPANS = (10, 25, 50, 100)


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of years, both included, and how many documents are from it; `height` is of 100."""

    first: int
    last: int
    documents: int
    height: int


@dataclass(frozen=True, slots=True)
class Way:
    """A way to documents as a picture of one of them: a place or a stretch of years; `path` is below the language."""

    path: str
    name: str
    documents: int
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class PlacePage:
    """A page of the documents of a place."""

    place: PlaceCount
    cards: tuple[Card, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class TimePage:
    """A page of the documents of a stretch of years; `years` has those of each year that has any."""

    first: int
    last: int
    documents: int
    years: Mapping[int, int]
    cards: tuple[Card, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a calendar: its weeks of seven days from Monday, None where a day is another month's."""

    number: int
    weeks: tuple[tuple["Day | None", ...], ...]
    issues: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day with the issues that appeared on it: mostly none or one."""

    number: int
    issues: tuple[str, ...]


@dataclass
class Kept(Generic[_T]):
    """A reading of the catalogue that is kept until something is published."""

    read: Callable[["Connection"], _T]
    _sequence: int = -1
    _value: list[_T] = field(default_factory=list)

    def __call__(self, connection: "Connection") -> _T:
        """Return it as it is now."""
        sequence, _moment = last_change(connection)
        if not self._value or sequence != self._sequence:
            self._value, self._sequence = [self.read(connection)], sequence
        return self._value[0]


def keep_places() -> Kept[list[PlaceCount]]:
    """Return what reads all places."""
    return Kept(list_places)


def keep_types(addresses: Addresses) -> Kept[tuple[Shelf, ...]]:
    """Return what reads the types of documents."""
    return Kept(lambda connection: read_shelves(connection, addresses, "typology"))


def keep_timeline() -> Kept[tuple[Bar, ...]]:
    """Return what reads the timeline."""
    return Kept(lambda connection: draw_timeline(count_years(connection)))


def keep_place_ways(addresses: Addresses) -> Kept[tuple[Way, ...]]:
    """Return what reads the pictures of the places with the most documents, in the order of their names."""

    def read(connection: "Connection") -> tuple[Way, ...]:
        places = sorted(list_places(connection), key=lambda place: -place.documents)[:MOST_WAYS]
        places.sort(key=lambda place: place.slug)
        pictures = _choose_pictures(connection, addresses, PLACE, ((place.slug, place.slug) for place in places))
        return tuple(
            Way(f"places/{place.slug}", place.label, place.documents, picture)
            for place, picture in zip(places, pictures, strict=True)
        )

    return Kept(read)


def keep_time_ways(addresses: Addresses) -> Kept[tuple[Way, ...]]:
    """Return what reads the pictures of the stretches of the timeline that have documents."""

    def read(connection: "Connection") -> tuple[Way, ...]:
        bars = [bar for bar in draw_timeline(count_years(connection)) if bar.documents]
        spans = ((f"{bar.first:04}", f"{bar.last:04}") for bar in bars)
        return tuple(
            Way(
                f"time/{bar.first}-{bar.last}", f"{bar.first}–{bar.last}", bar.documents, picture
            )  # a dash between years
            for bar, picture in zip(bars, _choose_pictures(connection, addresses, YEAR, spans), strict=True)
        )

    return Kept(read)


def _choose_pictures(
    connection: "Connection", addresses: Addresses, kind: str, spans: Iterable[tuple[str, str]]
) -> list[Picture | None]:
    """Return a picture for each span of values: no document twice where there is another, pictures before pages of text."""
    shown: set[str] = set()
    pictures: list[Picture | None] = []
    for low, high in spans:
        chosen = min(
            list_glimpses(connection, kind, low, high, _GLIMPSES),
            key=lambda each: (each.name in shown, each.shown["type"] not in PICTORIAL),
            default=None,
        )
        if chosen is not None:
            shown.add(chosen.name)
        pictures.append(found_picture(chosen.shown, addresses) if chosen else None)
    return pictures


def draw_timeline(years: Mapping[int, int]) -> tuple[Bar, ...]:
    """Return the bars of a timeline from the first document to the last, the empty ones between them too."""
    if not years:
        return ()
    span = next((each for each in _SPANS if (max(years) - min(years)) / each < MOST_BARS), _SPANS[-1])
    first = min(years) // span * span
    counts: dict[int, int] = dict.fromkeys(range(first, max(years) + 1, span), 0)
    for year, documents in years.items():
        counts[year // span * span] += documents
    most = max(counts.values())
    return tuple(
        Bar(max(1, start), start + span - 1, documents, max(4, round(100 * documents / most)) if documents else 0)
        for start, documents in counts.items()
    )


def read_place(connection: "Connection", addresses: Addresses, slug: str, page: int) -> PlacePage:
    """Return a page of a place. Raises Unknown where no document shows it, or it has no such page."""
    place = find_place(connection, slug)
    pages = count_pages(place.label, place.documents, page)
    found = list_between(connection, PLACE, slug, slug, (page - 1) * PAGE_SIZE, PAGE_SIZE)
    return PlacePage(place, tuple(card(each, addresses) for each in found), page, pages)


def read_time(connection: "Connection", addresses: Addresses, first: int, last: int, page: int) -> TimePage:
    """Return a page of a stretch of years. Raises Unknown where it is none, is empty, or has no such page."""
    if not 1 <= first <= last <= 9999:
        raise Unknown(f"{first}-{last} is no stretch of years; the first must not be after the last")
    low, high = f"{first:04}", f"{last:04}"
    documents = count_between(connection, YEAR, low, high)
    if not documents:
        raise Unknown(f"no published document is from the years {first} to {last}")
    pages = count_pages(f"{first}-{last}", documents, page)
    years = {year: count for year, count in count_years(connection).items() if first <= year <= last}
    found = list_between(connection, YEAR, low, high, (page - 1) * PAGE_SIZE, PAGE_SIZE)
    return TimePage(first, last, documents, years, tuple(card(each, addresses) for each in found), page, pages)


def read_calendar(connection: "Connection", collection: str, year: str) -> tuple[Month, ...]:
    """Return the calendar of a year of a newspaper; empty where its issues have no day, or `year` is no year."""
    if not (year.isascii() and year.isdigit() and 1 <= int(year) <= 9999):
        return ()
    return draw_calendar(int(year), list_issues(connection, collection))


def draw_calendar(year: int, issues: list[Issue]) -> tuple[Month, ...]:
    """Return the twelve months of a year with the issues on their days; empty where no issue has a day in it."""
    by_day: dict[date, list[str]] = {}
    for issue in issues:
        if issue.day is not None and issue.day.year == year:
            by_day.setdefault(issue.day, []).append(issue.name)
    if not by_day:
        return ()
    months = []
    for number in range(1, 13):
        weeks = tuple(
            tuple(Day(day, tuple(by_day.get(date(year, number, day), ()))) if day else None for day in week)
            for week in calendar.Calendar().monthdayscalendar(year, number)
        )
        count = sum(len(day.issues) for week in weeks for day in week if day is not None)
        months.append(Month(number, weeks, count))
    return tuple(months)


def read_holders(connection: "Connection", counts: Mapping[str, int]) -> tuple[tuple[Holder, int], ...]:
    """Return every institution with the number of its live documents, which `counts` has by name; the fullest first."""
    held = [(holder, counts.get(holder.name, 0)) for holder in list_holders(connection)]
    return tuple(sorted(held, key=lambda each: (-each[1], each[0].name)))
