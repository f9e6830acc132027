"""Where the words of a view are printed, in a few bytes: what a hit is shown with, without opening the ALTO.

`Layout` holds the printed words with their boxes and lines, and for each searchable word which printed ones it is of: a
word broken at the end of a line is one searchable word on two printed ones, `c'est-à-dire` is four on one. Pure.
"""

import struct
import sys
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from server.model.text import Box

_HEAD = struct.Struct("<BIIIII")
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

    words: tuple[str, ...]
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


def pack_layout(layout: Layout) -> bytes:
    """Return a layout as bytes, the same for the same layout."""
    columns = [
        _rises(layout.lines),
        layout.boxes[0::4],
        _rises(layout.boxes[1::4]),
        layout.boxes[2::4],
        layout.boxes[3::4],
        _rises(layout.firsts),
        [last - first for first, last in zip(layout.firsts, layout.lasts, strict=True)],
        [part for one, other, keeps in layout.halves for part in (one, other, int(keeps))],
    ]
    head = _HEAD.pack(
        _FORMAT, len(layout.words), len(layout.firsts), len(layout.halves), layout.beyond, layout.next_view
    )
    body = b"".join(_bytes(column) for column in columns)
    return zlib.compress(head + body + "\n".join(layout.words).encode(), _LEVEL)


def unpack_layout(packed: bytes) -> Layout:
    """Return the layout that `pack_layout` packed."""
    data = zlib.decompress(packed)
    _, words, searchable, halves, beyond, next_view = _HEAD.unpack_from(data)
    place = _HEAD.size

    def column(count: int) -> "array[int]":
        nonlocal place
        values = array("i")
        values.frombytes(data[place : place + 4 * count])
        if sys.byteorder == "big":
            values.byteswap()
        place += 4 * count
        return values

    lines = array("i", accumulate(column(words)))
    boxes = array("i", bytes(16 * words))
    boxes[0::4] = column(words)
    boxes[1::4] = array("i", accumulate(column(words)))
    boxes[2::4] = column(words)
    boxes[3::4] = column(words)
    firsts = array("i", accumulate(column(searchable)))
    lasts = array("i", map(int.__add__, firsts, column(searchable)))
    flat = column(3 * halves)
    printed = tuple(data[place:].decode().split("\n")) if words else ()
    return Layout(
        printed,
        lines,
        boxes,
        firsts,
        lasts,
        tuple((one, other, bool(keeps)) for one, other, keeps in zip(flat[0::3], flat[1::3], flat[2::3], strict=True)),
        beyond,
        next_view,
    )


def _rises(values: Sequence[int]) -> list[int]:
    return [values[0], *(after - before for before, after in pairwise(values))] if values else []


def _bytes(values: Sequence[int]) -> bytes:
    packed = array("i", values)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()
