"""Where the words of a view are printed, in a few bytes: what a hit is shown with, without opening the ALTO.

`Layout` holds the printed words with their boxes and lines, and for each searchable word which printed ones it is of: a
word broken at the end of a line is one searchable word on two printed ones, `c'est-à-dire` is four on one. Pure.
"""

import struct
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import overload

from server.model.text import Box

_HEAD = struct.Struct("=IIIIII")
_FORMAT = 1
_LEVEL = 5


@dataclass(frozen=True, slots=True)
class Layout:
    """The printed words of a view in reading order.

    `boxes` holds x, y, width, height of each word in pixels of the served view, four zeros where they are not known;
    `lines` rises with each new line. `firsts` and `lasts` give for each searchable word the numbers of its printed ones.
    `halves` are pairs of printed words that make one, with whether the hyphen belongs to it. The last `beyond` words
    are printed on the view `next_view`.
    """

    words: Sequence[str]
    lines: Sequence[int]
    boxes: Sequence[int]
    firsts: Sequence[int]
    lasts: Sequence[int]
    halves: tuple[tuple[int, int, bool], ...] = ()
    beyond: int = 0
    next_view: int = 0

    def box(self, word: int) -> Box | None:
        """Return where a printed word is, None where that is not known."""
        x, y, width, height = self.boxes[word * 4 : word * 4 + 4]
        return Box(x, y, width, height) if width > 0 and height > 0 else None


class _Words(Sequence[str]):
    """Words cut out of their text when they are asked for: a hit shows twenty of a page's thousands."""

    __slots__ = ("_begins", "_text")

    def __init__(self, text: str, begins: Sequence[int]) -> None:
        self._text, self._begins = text, begins

    def __len__(self) -> int:
        return len(self._begins) - 1

    @overload
    def __getitem__(self, number: int) -> str: ...

    @overload
    def __getitem__(self, number: slice) -> tuple[str, ...]: ...

    def __getitem__(self, number: int | slice) -> str | tuple[str, ...]:
        if isinstance(number, slice):
            return tuple(self[each] for each in range(*number.indices(len(self))))
        return self._text[self._begins[number] : self._begins[number + 1] - 1]


def pack_layout(layout: Layout) -> bytes:
    """Return a layout as bytes, the same for the same layout."""
    columns = (
        [0, *accumulate(len(word) + 1 for word in layout.words)],
        layout.lines,
        layout.boxes,
        layout.firsts,
        layout.lasts,
        [part for one, other, keeps in layout.halves for part in (one, other, int(keeps))],
    )
    head = _HEAD.pack(
        _FORMAT, len(layout.words), len(layout.firsts), len(layout.halves), layout.beyond, layout.next_view
    )
    body = b"".join(array("i", column).tobytes() for column in columns)
    return zlib.compress(head + body + "\n".join(layout.words).encode(), _LEVEL)


def unpack_layout(packed: bytes) -> Layout:
    """Return the layout that `pack_layout` packed. The numbers are not copied: a page of results opens many."""
    data = memoryview(zlib.decompress(packed))
    _, words, searchable, halves, beyond, next_view = _HEAD.unpack_from(data)
    ends = list(accumulate((words + 1, words, 4 * words, searchable, searchable, 3 * halves), initial=0))
    numbers = data[_HEAD.size : _HEAD.size + 4 * ends[-1]].cast("i")
    begins, lines, boxes, firsts, lasts, flat = (numbers[begin:end] for begin, end in pairwise(ends))
    return Layout(
        _Words(str(data[_HEAD.size + 4 * ends[-1] :], "utf-8"), begins),
        lines,
        boxes,
        firsts,
        lasts,
        tuple((one, other, bool(keeps)) for one, other, keeps in zip(flat[0::3], flat[1::3], flat[2::3], strict=True))
        if halves
        else (),
        beyond,
        next_view,
    )
