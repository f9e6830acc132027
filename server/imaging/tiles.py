"""Pixels out of a pyramid by its index: tiles as streams, rectangles of a level as arrays.

Reads through a callable, so that a folder and an S3 bucket look the same; neighbouring tiles that lie together in the
file are read at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from server.errors import ImageError
from server.imaging.index import TileIndex

Read = Callable[[int, int], bytes]
"""Return exactly so many bytes from an offset of the pyramid: read(offset, length)."""


@dataclass(frozen=True, slots=True)
class PyramidReader:
    """A pyramid that can be read. `name` is for messages; `path` is its file where it lies on this machine."""

    name: str
    index: TileIndex
    read: Read
    path: Path | None = None

    def tile(self, level: int, column: int, row: int) -> bytes:
        """Return a tile as a whole JPEG stream."""
        offset, length, needs_head = self.index.locate(level, column, row)
        data = self.read(offset, length)
        return self.index.head + data if needs_head else data

    def pixels(self, level: int, left: int, top: int, right: int, bottom: int) -> NDArray[np.uint8]:
        """Return the rectangle of a level as rows × columns × bands. The bounds are pixels inside the level."""
        size = self.index.tile_size
        rectangle = np.empty((bottom - top, right - left, self.index.bands), np.uint8)
        for row in range(top // size, -(-bottom // size)):
            columns = range(left // size, -(-right // size))
            for column, stream in zip(columns, self._row(level, row, columns), strict=True):
                tile = self._decode(level, column, row, stream)
                x, y = column * size, row * size
                x0, x1 = max(left, x), min(right, x + tile.shape[1])
                y0, y1 = max(top, y), min(bottom, y + tile.shape[0])
                rectangle[y0 - top : y1 - top, x0 - left : x1 - left] = tile[y0 - y : y1 - y, x0 - x : x1 - x]
        return rectangle

    def _row(self, level: int, row: int, columns: range) -> Iterator[bytes]:
        """Yield the streams of neighbouring tiles, reading those together that lie together."""
        places = [self.index.locate(level, column, row) for column in columns]
        start = 0
        while start < len(places):
            end = start + 1
            while end < len(places) and _follows(places[end - 1], places[end]):
                end += 1
            base = places[start][0]
            data = self.read(base, places[end - 1][0] + places[end - 1][1] - base)
            for offset, length, needs_head in places[start:end]:
                piece = data[offset - base : offset - base + length]
                yield self.index.head + piece if needs_head else piece
            start = end

    def _decode(self, level: int, column: int, row: int, stream: bytes) -> NDArray[np.uint8]:
        found = self.index.levels[level]
        size = self.index.tile_size
        wanted = (min(size, found.height - row * size), min(size, found.width - column * size), self.index.bands)
        try:
            tile: NDArray[np.uint8] = imagecodecs.jpeg8_decode(stream)
        except (imagecodecs.Jpeg8Error, ValueError, RuntimeError) as error:
            raise ImageError(
                f"{self.name}: tile {column},{row} of level {level} is damaged ({error}); ingest its view again"
            ) from error
        if tile.ndim == 2:
            tile = tile[:, :, np.newaxis]
        if tile.shape != wanted:
            raise ImageError(
                f"{self.name}: tile {column},{row} of level {level} has the wrong size; ingest its view again"
            )
        return tile


def _follows(one: tuple[int, int, bool], other: tuple[int, int, bool]) -> bool:
    """Whether a tile lies just behind another (two bytes between them are the start marker that is left out)."""
    return 0 <= other[0] - (one[0] + one[1]) <= 64
