"""Which blocks of a page are headings: those that print the label of a division that begins there.

A supplier's structure names its divisions (chapter, article) and says where they lie; where a block says just that name,
it is the heading. Levels follow the headings that stand above, so that none is skipped (ISO 14289-1 §7.4.2). Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from server.model.structure import Range
from server.model.text import Box, PageText
from server.model.words import fold

DEEPEST = 6
"""PDF 1.7 knows H1 to H6 (ISO 32000-1 table 335)."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A division's name where it may stand: on a view, in a region of it in pixels of the view, at a depth from 1."""

    view: int
    box: Box | None
    words: str
    depth: int


def expect_headings(structure: tuple[Range, ...]) -> tuple[Heading, ...]:
    """Return the headings that a structure makes expect, in its order."""
    return tuple(_expected(structure, 1))


def _expected(divisions: tuple[Range, ...], depth: int) -> Iterator[Heading]:
    for division in divisions:
        words = fold(division.label)
        first = division.targets[0] if division.targets else None
        if words and first is not None:
            yield Heading(first.view, first.box, words, depth)
        yield from _expected(division.children, depth + 1)


class Levels:
    """The level of each heading as pages go by: one more than that of the last one above it."""

    def __init__(self, expected: tuple[Heading, ...]) -> None:
        self._by_view: dict[int, list[Heading]] = {}
        for heading in expected:
            self._by_view.setdefault(heading.view, []).append(heading)
        self._open: list[int] = []

    def find(self, view: int, text: PageText, size: tuple[int, int]) -> dict[int, int]:
        """Return the levels of the blocks of a page that are headings, by the number of the block. Pages in order."""
        waiting = list(self._by_view.get(view, ()))
        found: dict[int, int] = {}
        for number, block in enumerate(text.blocks if waiting else ()):
            words = fold(PageText(text.width, text.height, (block,)).plain())
            place = text.fit(block.box, size)
            heading = next((each for each in waiting if each.words == words and _is_in(place, each.box)), None)
            if heading is not None:
                waiting.remove(heading)
                while self._open and self._open[-1] >= heading.depth:
                    self._open.pop()
                self._open.append(heading.depth)
                found[number] = min(DEEPEST, len(self._open))
        return found


def _is_in(place: Box | None, region: Box | None) -> bool:
    """Whether the middle of a block lies in a region."""
    if region is None or place is None:
        return True
    x, y = place.x + place.width / 2, place.y + place.height / 2
    return region.x <= x <= region.x + region.width and region.y <= y <= region.y + region.height
