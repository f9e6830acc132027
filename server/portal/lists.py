"""Lists of documents and collections as pages show them: the home page, a collection, a group of collections. No flask here.

Addresses inside pages are relative to the host, so a page also works behind a tunnel; permalinks are absolute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.catalogue.browsing import count_members
from server.catalogue.published import (
    ChildCollection,
    Published,
    PublishedCollection,
    count_children,
    count_live,
    find_collection,
    last_change,
    list_children,
    list_collections,
    list_items,
    list_member_items,
    list_newest,
)
from server.errors import Unknown
from server.iiif.build.collection import GROUPS
from server.model.addresses import Addresses
from server.model.description import PICTORIAL, Text
from server.model.item import Item
from server.portal.pictures import Picture, describe, thumbnail

if TYPE_CHECKING:
    from sqlalchemy import Connection

PAGE_SIZE = 24
NEWEST = 13
"""One stands beside the welcome, the others fill rows of two, three or four."""
KINDS = ("typology", "institution", "campaign", "curated")


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

    @property
    def featured(self) -> Card | None:
        """The document that welcomes: the newest that is a picture rather than a page of text, else the newest."""
        pictures = (each for each in self.newest if each.item.description.typology in PICTORIAL)
        return next(pictures, self.newest[0] if self.newest else None)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a collection; pages are counted from 1. `years` are those of a newspaper title, `counts` their issues.

    `before` and `behind` are the years beside a year.
    """

    collection: PublishedCollection
    cards: tuple[Card, ...]
    page: int
    pages: int
    years: tuple[ChildCollection, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    before: ChildCollection | None = None
    behind: ChildCollection | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A page of all newspaper titles or all works in several volumes; pages are counted from 1."""

    name: str
    label: Mapping[str, str]
    shelves: tuple[Shelf, ...]
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


def read_shelves(connection: "Connection", addresses: Addresses, kind: str) -> tuple[Shelf, ...]:
    """Return the collections of a kind that are not empty."""
    return tuple(_shelf(connection, addresses, collection) for collection in list_collections(connection, (kind,)))


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
    before, behind = _years_beside(connection, collection)
    cards = tuple(card(published, addresses) for published in members)
    return Listing(collection, cards, page, pages, years, counts, before, behind)


def read_some(connection: "Connection", addresses: Addresses, name: str, names: Sequence[str], page: int) -> Listing:
    """Return a page of some documents of a collection. Raises Unknown where there is no such collection or page."""
    collection = find_collection(connection, name)
    pages = count_pages(name, len(names), page)
    shown = list_items(connection, names[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
    return Listing(collection, tuple(card(published, addresses) for published in shown), page, pages)


def card(published: Published, addresses: Addresses) -> Card:
    """Return an item as a list shows it."""
    face = published.item.face
    described = describe(face, "fr")
    return Card(published.item.name, published.item, thumbnail(face, addresses), described.text if described else None)


def count_pages(name: str, count: int, page: int) -> int:
    """Return how many pages so many entries fill. Raises Unknown where `page` is none of them."""
    pages = max(1, -(-count // PAGE_SIZE))
    if not 1 <= page <= pages:
        raise Unknown(f"the collection {name} has {pages} page{'s' if pages > 1 else ''}")
    return pages


def _years_beside(
    connection: "Connection", collection: PublishedCollection
) -> tuple[ChildCollection | None, ChildCollection | None]:
    if collection.kind != "year":
        return None, None
    years = list_children(connection, collection.parent)
    here = next((number for number, year in enumerate(years) if year.name == collection.name), None)
    if here is None:
        return None, None
    return years[here - 1] if here else None, years[here + 1] if here + 1 < len(years) else None


def _shelf(connection: "Connection", addresses: Addresses, collection: PublishedCollection) -> Shelf:
    first = list_member_items(connection, collection.name, limit=1)
    return Shelf(collection, thumbnail(first[0].item.face, addresses) if first else None)
