"""An item as its pages show it, read from the catalogue into values that a template only has to write down. No flask here."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from server.catalogue.published import find_document, find_image, find_publication, list_live_views
from server.errors import Unknown
from server.model.addresses import Addresses, image_name
from server.model.clock import local_day
from server.model.item import Item, PublishedView
from server.model.spoken_dates import format_edtf
from server.model.structure import Range
from server.model.view import ViewDescription
from server.portal.pictures import Picture, describe, find_called, find_facing, name_pair, name_view, reading_picture
from server.portal.reading import Passage, arrange, read_lines

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOSAIC_SIZE = 120
"""Views on a page of the mosaic."""
STRIP = 60
"""Views in the strip below the reader: of a long book those around the open one."""


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
        return count_entries(self.contents)

    def name_view(self, view: PublishedView, language: str) -> str:
        """Return what a view is called."""
        return name_view(self.item, view, language)

    def name_pair(self, facing: PublishedView, language: str) -> str:
        """Return what this view and the one that faces it are called together."""
        return name_pair(self.item, self.view, facing, language)

    def find_called(self, called: str) -> PublishedView | None:
        """Return the view that a reader calls so: by what is printed on it, else by its number."""
        return find_called(self.item, called)

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
        list_contents(item),
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


def list_contents(item: Item) -> tuple[Entry, ...]:
    """Return the table of contents, which leads to public views alone."""
    public = frozenset(view.number for view in item.public_views)
    return tuple(_entry(each, public) for each in item.structure)


def count_entries(entries: tuple[Entry, ...]) -> int:
    """Return how many lines a table of contents has."""
    return sum(1 + count_entries(entry.children) for entry in entries)


def _entry(division: Range, public: frozenset[int]) -> Entry:
    children = tuple(_entry(child, public) for child in division.children)
    own = [target.view for target in division.targets if target.view in public]
    begins = own[0] if own else next((child.view for child in children if child.view), 0)
    return Entry(division.label, division.language, begins, children)
