"""The pictures of a view: the small one, the one to read, those among which a browser chooses; and what a view is called. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.model.addresses import Addresses
from server.model.item import Item, PublishedView
from server.model.thumbnail import thumbnail_size
from server.model.view import ViewDescription, ViewKind

PLAIN_SIDE = 1200
"""Longest side in pixels that the picture of a page without scripts should have at least."""
LEAST_SIDE, MOST_SIDE = 500, 3000
"""Longest sides in pixels of the pictures among which a browser chooses."""
_ALIKE = 0.15
"""By how much of their height two facing pages may differ."""
_VIEW = {"fr": "vue", "en": "view"}
_AND = {"fr": "et", "en": "and"}
_LEAF = re.compile(r"^\d+ ?(?:bis|ter|quater)? ?[rv]°?$")
"""A side of a numbered leaf, recto or verso: where a document has one, its other numbers count leaves as well."""
_NUMBER = re.compile(r"^(?:\d+ ?(?:bis|ter|quater)? ?[a-z]?°?|[ivxlcdm]+|[IVXLCDM]+)$")
"""A number with nothing said of what it counts: `12`, `2 bis`, `1r`, `xiv`."""

_NUMBERED = re.compile(
    rf"^(?P<what>page|folio|feuillet|vue|view) (?P<number>{_NUMBER.pattern[1:-1]}|\[{_NUMBER.pattern[1:-1]}\])$",
    re.IGNORECASE,
)
"""A name that says what it counts, and the number."""

_COUNTED = re.compile(
    r"^(?:(?P<what>pages?|folios?|feuillets?|vues?|views?|leaf|pp?\.|ff?\.|f°|fol\.)\s*)?(?P<label>.{1,80})$",
    re.IGNORECASE,
)
"""What a reader counts by, where they say so, and the number or the name."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image for an `img` element: address and size in pixels."""

    address: str
    width: int
    height: int


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


def found_picture(shown: Mapping[str, Any], addresses: Addresses) -> Picture | None:
    """Return the small picture of a document from what the search keeps to show of it."""
    if not shown.get("image"):
        return None
    width, height = shown["size"]
    size = "max" if shown["size"] == shown["whole"] else f"{width},{height}"
    return Picture(addresses.image_file(shown["image"], size), width, height)


def picture_set(view: PublishedView, addresses: Addresses) -> tuple[Picture, ...]:
    """Return the pictures of a view that a browser may choose from: the stored sizes that are read without zoom."""
    chosen = [size for size in sorted(view.sizes) if LEAST_SIDE <= max(size) <= MOST_SIDE]
    return tuple(_picture(view, size, addresses) for size in chosen) if len(chosen) > 1 else ()


def name_view(item: Item, view: PublishedView, language: str) -> str:
    """Return what a view of an item is called."""
    return call_view(view.number, view.notes.label, (each.notes.label for each in item.public_views), language)


def name_pair(item: Item, view: PublishedView, facing: PublishedView, language: str) -> str:
    """Return what two pages that lie open side by side are called, in the order in which they are read.

    What both count by is said once: `pages 12 et 13`, `folios 3v et 4r`, `vues 5 et 6`.
    """
    both = sorted((view, facing), key=item.public_views.index)
    one, other = (name_view(item, each, language) for each in both)
    first, second = _NUMBERED.match(one), _NUMBERED.match(other)
    if first and second and first["what"] == second["what"]:
        one, other = f"{first['what']}s {first['number']}", second["number"]
    return f"{one} {_AND[language]} {other}"


def call_view(number: int, label: str, labels: Iterable[str], language: str) -> str:
    """Return what a view is called: its label, which says what it counts where it is a bare number.

    `labels` are those of all views of the document that readers see.
    """
    label = label.strip()
    if not label:
        return f"{_VIEW[language]} {number}"
    if not _NUMBER.match(label):
        return label
    return f"{'folio' if any(_LEAF.match(each.strip()) for each in labels) else 'page'} {label}"


def find_called(item: Item, called: str) -> PublishedView | None:
    """Return the view that a reader means who writes `12`, `page 12`, `12r`, `vue 3`; None where there is none.

    What is printed on a page comes before the number of the view, and a leaf is its recto.
    """
    counted = _COUNTED.match(called.strip())
    if counted is None:
        return None
    what, label = (counted["what"] or "").casefold(), _plain(counted["label"])
    views = item.public_views
    is_view = what.startswith(("vue", "view"))
    printed = (
        {} if is_view else {_plain(_COUNTED.sub(r"\g<label>", each.notes.label.strip())): each for each in views[::-1]}
    )
    numbered = {str(view.number): view for view in views} if is_view or not what else {}
    return printed.get(label) or printed.get(f"{label}r") or numbered.get(label)


def _plain(label: str) -> str:
    return "".join(label.casefold().replace("°", "").split())


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


def _picture(view: PublishedView, size: tuple[int, int], addresses: Addresses) -> Picture:
    asked = "max" if size == (view.width, view.height) else f"{size[0]},{size[1]}"
    return Picture(addresses.image_file(view.image, asked), *size)
