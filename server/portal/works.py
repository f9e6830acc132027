"""Works in several volumes, volume by volume; and what comes before and behind a document in its work or newspaper.

No flask here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.catalogue.browsing import Neighbour, list_beside
from server.catalogue.published import PublishedCollection, find_collection, list_member_items
from server.iiif.build.collection import memberships
from server.model.addresses import Addresses
from server.model.item import Item
from server.portal.lists import Card, card, count_pages
from server.portal.notice import authors
from server.portal.pages import Entry, count_entries, list_contents

if TYPE_CHECKING:
    from sqlalchemy import Connection

VOLUMES = 24
"""Volumes on a page."""

OPENED = 12
"""Lines of a volume's table of contents that are shown at once; those of a longer one are behind a press."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume: `number` as printed, its table of contents."""

    card: Card
    number: str
    contents: tuple[Entry, ...]

    @property
    def views(self) -> int:
        """How many views it has."""
        return len(self.card.item.public_views)

    @property
    def entries(self) -> int:
        """How many lines its table of contents has."""
        return count_entries(self.contents)

    @property
    def is_long(self) -> bool:
        """Whether its table of contents is behind a press."""
        return self.entries > OPENED


@dataclass(frozen=True, slots=True)
class Work:
    """A page of a work in several volumes; pages are counted from 1. `makers` are those of the volumes on it."""

    collection: PublishedCollection
    volumes: tuple[Volume, ...]
    makers: tuple[str, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Beside:
    """The documents before and behind one, in a work or in a newspaper of the name `whole`."""

    is_work: bool
    whole: str
    before: Neighbour | None
    behind: Neighbour | None


def read_work(connection: "Connection", addresses: Addresses, name: str, page: int) -> Work:
    """Return a page of a work. Raises Unknown where there is no such work or page."""
    collection = find_collection(connection, name)
    pages = count_pages(name, collection.members, page)
    members = list_member_items(connection, name, (page - 1) * VOLUMES, VOLUMES)
    volumes = tuple(_volume(each.item, card(each, addresses)) for each in members)
    return Work(collection, volumes, _makers([each.item for each in members]), page, pages)


def find_beside(connection: "Connection", item: Item) -> Beside | None:
    """Return what stands beside a document in the whole that it is part of; None where it stands alone."""
    wholes = {each.kind: each.name for each in memberships(item)}
    for kind in ("work", "year"):
        if kind not in wholes:
            continue
        found = list_beside(connection, wholes[kind], item.name)
        if any(found):
            return Beside(kind == "work", wholes[kind], *found)
    return None


def _volume(item: Item, shown: Card) -> Volume:
    part = item.description.part_of
    return Volume(shown, part.number.strip() if part else "", list_contents(item))


def _makers(items: Sequence[Item]) -> tuple[str, ...]:
    """Return who made the work, in the order of the volumes; each is named once."""
    return tuple(dict.fromkeys(name for item in items for name in authors(item.description)))[:4]
