"""What the pages show, read from the catalogue into values that a template only has to write down. No flask here.

Addresses inside pages are relative to the host, so a page also works behind a tunnel; permalinks are absolute.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from server.catalogue.browsing import count_members
from server.catalogue.published import (
    ChildCollection,
    Published,
    PublishedCollection,
    count_children,
    count_live,
    find_collection,
    find_document,
    find_image,
    find_publication,
    last_change,
    list_children,
    list_collections,
    list_live_views,
    list_member_items,
    list_newest,
)
from server.errors import Unknown
from server.iiif.build.collection import GROUPS
from server.model.addresses import Addresses, image_name
from server.model.clock import local_day
from server.model.description import Text
from server.model.item import Item, PublishedView
from server.model.spoken_dates import format_edtf
from server.model.structure import Range
from server.model.thumbnail import thumbnail_size
from server.model.view import ViewDescription, ViewKind
from server.portal.reading import Passage, arrange, read_lines

if TYPE_CHECKING:
    from sqlalchemy import Connection

PAGE_SIZE = 24
MOSAIC_SIZE = 120
"""Views on a page of the mosaic."""
STRIP = 40
"""Views in the strip below the reader: of a long book those around the open one."""
NEWEST = 13
"""One stands beside the welcome, the others fill rows of two, three or four."""
PLAIN_SIDE = 1200
"""Longest side in pixels that the picture of a page without scripts should have at least."""

LEAST_SIDE, MOST_SIDE = 500, 3000
"""Longest sides in pixels of the pictures among which a browser chooses."""
_ALIKE = 0.15
"""By how much of their height two facing pages may differ."""

_VIEW = {"fr": "vue", "en": "view"}
_LEAF = re.compile(r"^\d+ ?(?:bis|ter|quater)? ?[rv]°?$")
"""A side of a numbered leaf, recto or verso: where a document has one, its other numbers count leaves as well."""
_NUMBER = re.compile(r"^(?:\d+ ?(?:bis|ter|quater)? ?[a-z]?°?|[ivxlcdm]+|[IVXLCDM]+)$")
"""A number with nothing said of what it counts: `12`, `2 bis`, `1r`, `xiv`."""

KINDS = ("typology", "institution", "campaign", "curated")


@dataclass(frozen=True, slots=True)
class Picture:
    """An image for an `img` element: address and size in pixels."""

    address: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Card:
    """An item in a list: `picture` stands for it."""

    name: str
    item: Item
    picture: Picture
    description: Text | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection in a list, with the picture of its first member."""

    collection: PublishedCollection
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Home:
    """The home page."""

    newest: tuple[Card, ...]
    shelves: dict[str, tuple[Shelf, ...]]
    items: int
    views: int
    groups: tuple[str, ...] = ()
    """The groups of collections that are not empty: newspaper titles, works in several volumes."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a collection; pages are counted from 1. `years` are those of a newspaper title, `counts` their issues."""

    collection: PublishedCollection
    cards: tuple[Card, ...]
    page: int
    pages: int
    years: tuple[ChildCollection, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """A page of all newspaper titles or all works in several volumes; pages are counted from 1."""

    name: str
    label: Mapping[str, str]
    shelves: tuple[Shelf, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of contents: `view` is where it begins, 0 where nothing of it is public."""

    label: str
    language: str | None
    view: int
    children: tuple["Entry", ...]


@dataclass(frozen=True, slots=True)
class ItemPage:
    """An item open at a view."""

    item: Item
    modified: datetime
    view: PublishedView
    picture: Picture
    description: ViewDescription | None
    text: tuple[str, ...]
    passages: tuple[Passage, ...]
    previous: int | None
    next: int | None
    contents: tuple[Entry, ...]

    @property
    def facing(self) -> PublishedView | None:
        """The page that lies open beside this one, where the document is bound and both are of about one height."""
        return find_facing(self.item, self.view)

    @property
    def near(self) -> tuple[PublishedView, ...]:
        """The views around this one that the strip shows; all of them where there are few."""
        views = self.item.public_views
        place = next(number for number, view in enumerate(views) if view.number == self.view.number)
        first = max(0, min(place - STRIP // 2, len(views) - STRIP))
        return views[first : first + STRIP]

    @property
    def has_words(self) -> bool:
        """Whether anything says in words what this view shows."""
        notes = self.view.notes
        return bool(self.passages or self.description or any(text.value for text in notes.transcriptions))

    @property
    def is_searchable(self) -> bool:
        """Whether any public view has text that can be searched."""
        return any(
            view.has_text or any(text.value for text in view.notes.transcriptions) for view in self.item.public_views
        )

    @property
    def entries(self) -> int:
        """How many lines the table of contents has."""
        return _count(self.contents)

    def name_view(self, view: PublishedView, language: str) -> str:
        """Return what a view is called."""
        return name_view(self.item, view, language)

    def day(self, language: str) -> str:
        """Return the day of the last change in words, as it was where the libraries are."""
        return format_edtf(local_day(self.modified).isoformat(), language)


@dataclass(frozen=True, slots=True)
class Mosaic:
    """A page of the views of an item, side by side; `count` is of all of them."""

    item: Item
    views: tuple[PublishedView, ...]
    count: int
    page: int
    pages: int


@dataclass
class HomeReader:
    """Reads the home page, and keeps it until something is published."""

    addresses: Addresses
    _sequence: int = -1
    _home: Home | None = None

    def read(self, connection: "Connection") -> Home:
        """Return the home page as it is now."""
        sequence, _moment = last_change(connection)
        if self._home is None or sequence != self._sequence:
            self._home, self._sequence = self._build(connection), sequence
        return self._home

    def _build(self, connection: "Connection") -> Home:
        shelves: dict[str, list[Shelf]] = {kind: [] for kind in KINDS}
        for collection in list_collections(connection, KINDS):
            shelves.setdefault(collection.kind, []).append(_shelf(connection, self.addresses, collection))
        items, views = count_live(connection)
        newest = tuple(card(published, self.addresses) for published in list_newest(connection, NEWEST))
        groups = tuple(name for name in GROUPS if count_children(connection, name)[0])
        return Home(newest, {kind: tuple(found) for kind, found in shelves.items()}, items, views, groups)


def read_group(connection: "Connection", addresses: Addresses, name: str, page: int) -> Group:
    """Return a page of one of `GROUPS`. Raises Unknown where it is empty, or has no such page."""
    count, _changed = count_children(connection, name)
    pages = count_pages(name, count, page)
    if not count:
        raise Unknown(f"the collection {name} is empty: no document is in any collection of it")
    children = list_children(connection, name, (page - 1) * PAGE_SIZE, PAGE_SIZE)
    shelves = (_shelf(connection, addresses, find_collection(connection, child.name)) for child in children)
    return Group(name, GROUPS[name][1], tuple(shelves), page, pages)


def read_listing(connection: "Connection", addresses: Addresses, name: str, page: int) -> Listing:
    """Return a page of a collection. Raises Unknown where there is no such collection or page."""
    collection = find_collection(connection, name)
    pages = count_pages(name, collection.members, page)
    members = list_member_items(connection, name, (page - 1) * PAGE_SIZE, PAGE_SIZE)
    years = tuple(list_children(connection, name))
    counts = count_members(connection, name) if years else {}
    return Listing(collection, tuple(card(published, addresses) for published in members), page, pages, years, counts)


def read_item(connection: "Connection", addresses: Addresses, name: str, number: int | None, language: str) -> ItemPage:
    """Return an item open at a view, at its face when `number` is None. Raises Unknown, Withdrawn.

    A view that was withdrawn a moment ago is not shown, though the item is not published without it yet.
    """
    published = find_publication(connection, name)
    live = list_live_views(connection, name)
    item = replace(published.item, views=tuple(view for view in published.item.views if view.number in live))
    views = item.public_views
    shown = item.face if number is None else next((view for view in views if view.number == number), None)
    if shown is None:
        find_image(connection, image_name(name, number or 0))  # a withdrawn view says so
        raise Unknown(f"{name} has no view f{number}")
    place = views.index(shown)
    lines = read_lines(find_document(connection, name, f"text/f{shown.number}").plain) if shown.has_text else ()
    public = frozenset(view.number for view in views)
    return ItemPage(
        item,
        published.modified,
        shown,
        reading_picture(shown, addresses),
        describe(shown, language),
        tuple(line.text for line in lines),
        arrange(lines, item.structure, shown.number),
        views[place - 1].number if place else None,
        views[place + 1].number if place + 1 < len(views) else None,
        tuple(_entry(each, public) for each in item.structure),
    )


def read_mosaic(connection: "Connection", name: str, page: int) -> Mosaic:
    """Return a page of all views of an item. Raises Unknown, Withdrawn."""
    published = find_publication(connection, name)
    live = list_live_views(connection, name)
    views = tuple(view for view in published.item.public_views if view.number in live)
    pages = max(1, -(-len(views) // MOSAIC_SIZE))
    if not 1 <= page <= pages:
        raise Unknown(f"the mosaic of {name} has {pages} page{'s' if pages > 1 else ''}")
    shown = views[(page - 1) * MOSAIC_SIZE : page * MOSAIC_SIZE]
    return Mosaic(published.item, shown, len(views), page, pages)


def card(published: Published, addresses: Addresses) -> Card:
    """Return an item as a list shows it."""
    face = published.item.face
    described = describe(face, "fr")
    return Card(published.item.name, published.item, thumbnail(face, addresses), described.text if described else None)


def thumbnail(view: PublishedView, addresses: Addresses) -> Picture:
    """Return the small picture of a view, the one that manifests announce."""
    return _picture(view, thumbnail_size(view), addresses)


def reading_picture(view: PublishedView, addresses: Addresses) -> Picture:
    """Return a picture that can be read without zoom: the smallest stored size of 1200 pixels or more, else the largest."""
    sizes = sorted({*view.sizes, *([(view.width, view.height)] if max(view.width, view.height) < PLAIN_SIDE else [])})
    if not sizes:
        longest = max(view.width, view.height)
        factor = min(1.0, PLAIN_SIDE / longest)
        return _picture(view, (max(1, round(view.width * factor)), max(1, round(view.height * factor))), addresses)
    return _picture(view, next((size for size in sizes if max(size) >= PLAIN_SIDE), sizes[-1]), addresses)


def name_view(item: Item, view: PublishedView, language: str) -> str:
    """Return what a view is called: its label, which says what it counts where it is a bare number."""
    label = view.notes.label.strip()
    if not label:
        return f"{_VIEW[language]} {view.number}"
    if not _NUMBER.match(label):
        return label
    leaves = any(_LEAF.match(each.notes.label.strip()) for each in item.public_views)
    return f"{'folio' if leaves else 'page'} {label}"


def picture_set(view: PublishedView, addresses: Addresses) -> tuple[Picture, ...]:
    """Return the pictures of a view that a browser may choose from: the stored sizes that are read without zoom."""
    chosen = [size for size in sorted(view.sizes) if LEAST_SIDE <= max(size) <= MOST_SIDE]
    return tuple(_picture(view, size, addresses) for size in chosen) if len(chosen) > 1 else ()


def find_facing(item: Item, view: PublishedView) -> PublishedView | None:
    """Return the view that faces one in a bound document: the first lies alone, then they face two by two.

    Presentation API 3.0, behavior `paged`. None where one of them folds out or they differ in height.
    """
    views = item.public_views
    place = next((number for number, each in enumerate(views) if each.number == view.number), 0)
    if not item.paged or place == 0:
        return None
    other = place + 1 if place % 2 else place - 1
    if other >= len(views):
        return None
    facing = views[other]
    if ViewKind.FOLD_OUT in (view.notes.kind, facing.notes.kind):
        return None
    return facing if abs(view.height - facing.height) <= _ALIKE * max(view.height, facing.height) else None


def describe(view: PublishedView, language: str) -> ViewDescription | None:
    """Return the description of a view in a language, else in any."""
    found = view.notes.descriptions
    return next((each for each in found if each.text.language == language), found[0] if found else None)


def _shelf(connection: "Connection", addresses: Addresses, collection: PublishedCollection) -> Shelf:
    first = list_member_items(connection, collection.name, limit=1)
    return Shelf(collection, thumbnail(first[0].item.face, addresses) if first else None)


def count_pages(name: str, count: int, page: int) -> int:
    """Return how many pages so many entries fill. Raises Unknown where `page` is none of them."""
    pages = max(1, -(-count // PAGE_SIZE))
    if not 1 <= page <= pages:
        raise Unknown(f"the collection {name} has {pages} page{'s' if pages > 1 else ''}")
    return pages


def _picture(view: PublishedView, size: tuple[int, int], addresses: Addresses) -> Picture:
    asked = "max" if size == (view.width, view.height) else f"{size[0]},{size[1]}"
    return Picture(addresses.image_file(view.image, asked), *size)


def _entry(division: Range, public: frozenset[int]) -> Entry:
    children = tuple(_entry(child, public) for child in division.children)
    own = [target.view for target in division.targets if target.view in public]
    begins = own[0] if own else next((child.view for child in children if child.view), 0)
    return Entry(division.label, division.language, begins, children)


def _count(entries: tuple[Entry, ...]) -> int:
    return sum(1 + _count(entry.children) for entry in entries)
