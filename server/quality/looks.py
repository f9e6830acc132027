"""How the views of a delivery look, document by document: what the picture rules judge and compare. No pixels here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from server.delivery.values import DeliveredItem, Finding
from server.imaging.appearance import Appearance
from server.quality.examine import Examined
from server.quality.registry import Rule
from server.told import Told, told

SIDES = (told("left"), told("top"), told("right"), told("bottom"))
FEW = 4
"""Views of a document below which they have no middle to be compared with."""


@dataclass(frozen=True, slots=True)
class Look:
    """A view of a document, and how it looks."""

    item: str
    view: int
    source: str
    looks: Appearance

    @property
    def master(self) -> str:
        """The file that holds it."""
        return self.source.partition("#page=")[0]

    def found(self, this: Rule, message: Told) -> Finding:
        """Return a finding about it."""
        return this.finding(
            told("view f{view}: {message}", view=self.view, message=message), self.master, self.item, self.view
        )


def documents(examined: Examined) -> Iterator[list[Look]]:
    """Yield the views of each document that were looked at."""
    for item in examined.delivery.items:
        yield _views(examined, item)


def peers(examined: Examined) -> Iterator[tuple[list[Look], bool]]:
    """Yield views to be compared with one another, and whether they are one document.

    A document of a few views, as postcards and photographs are, has no middle: those of a delivery are taken together.
    """
    few: list[Look] = []
    for views in documents(examined):
        if len(views) >= FEW:
            yield views, True
        else:
            few += views
    if few:
        yield few, False


def middle(values: Sequence[float]) -> tuple[float, float]:
    """Return the median and the normalised median absolute deviation, which few outliers do not move."""
    usual = median(values)
    return usual, 1.4826 * median(abs(one - usual) for one in values)


def _views(examined: Examined, item: DeliveredItem) -> list[Look]:
    found = []
    for view in item.views:
        seen = examined.images.get(view.source)
        if seen and seen.appearance:
            found.append(Look(item.identifier, view.number, view.source, seen.appearance))
    return found
