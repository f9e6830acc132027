"""The text of a view: words with their boxes.

Boxes are x, y, width, height in pixels of the view as it is served, origin at the top left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Numbers = tuple[int, int, int, int]
"""x, y, width, height of a box."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the served view."""

    x: int
    y: int
    width: int
    height: int

    @property
    def xywh(self) -> str:
        """The media fragment value `x,y,w,h`."""
        return f"{self.x},{self.y},{self.width},{self.height}"


class Hyphen(StrEnum):
    """Which half of a word broken at a line end this is (ALTO HypPart1, HypPart2)."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Word:
    """A word as printed; `whole` is the unbroken word where `hyphen` says that this is a half of it."""

    content: str
    box: Box
    confidence: float | None = None
    hyphen: Hyphen | None = None
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of words, in reading order."""

    words: tuple[Word, ...]
    box: Box


@dataclass(frozen=True, slots=True)
class Block:
    """A block of lines; `identifier` is the ALTO ID that a METS area points to."""

    identifier: str
    lines: tuple[Line, ...]
    box: Box


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of one view, in reading order. `width` and `height` are of the page that the boxes refer to."""

    width: int
    height: int
    blocks: tuple[Block, ...]
    language: str | None = None

    def fit(self, box: Box, size: tuple[int, int]) -> Box | None:
        """Return a box of this page in pixels of a view of that size, inside it; None where nothing of it is inside."""
        numbers = self.fitting(size)(box)
        return Box(*numbers) if numbers is not None else None

    def fitting(self, size: tuple[int, int]) -> Callable[[Box], Numbers | None]:
        """Return what `fit` does for a view of that size, as a function that gives the numbers: a page has thousands."""
        width, height = size
        across = width / self.width if self.width > 0 else 1.0
        down = height / self.height if self.height > 0 else 1.0

        def brought(box: Box) -> Numbers | None:
            x, y = box.x, box.y
            left, top = max(0, round(x * across)), max(0, round(y * down))
            right, bottom = min(width, round((x + box.width) * across)), min(height, round((y + box.height) * down))
            return (left, top, right - left, bottom - top) if right > left and bottom > top else None

        def as_it_is(box: Box) -> Numbers | None:
            x, y, wide, high = box.x, box.y, box.width, box.height
            if x >= 0 and y >= 0 and wide > 0 and high > 0 and x + wide <= width and y + high <= height:
                return x, y, wide, high
            return brought(box)

        return as_it_is if across == down == 1.0 else brought

    def plain(self) -> str:
        """Return the text as read: words broken at a line end joined, blocks separated by an empty line."""
        paragraphs = []
        for block in self.blocks:
            lines = []
            for line in block.lines:
                shown = []
                for word in line.words:
                    if word.hyphen is Hyphen.SECOND and word.whole:
                        continue
                    shown.append(word.whole if word.hyphen is Hyphen.FIRST and word.whole else word.content)
                if shown:
                    lines.append(" ".join(shown))
            if lines:
                paragraphs.append("\n".join(lines))
        return "\n\n".join(paragraphs)
