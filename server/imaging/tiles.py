"""Pixels out of a pyramid by its index: tiles and pictures as streams, rectangles of a level as arrays.

Reads through a callable, so that a folder and an S3 bucket look the same; neighbouring tiles that lie together in the
file are read at once. What is read is compared with its checksum before anything is made of it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.errors import ImageError
from server.imaging import jpeg
from server.imaging.index import TileIndex

Read = Callable[[int, int], bytes]
"""Return exactly so many bytes from an offset of the pyramid: read(offset, length)."""

_LARGEST_READ = 8 * 2**20


@dataclass(frozen=True, slots=True)
class PyramidReader:
    """A pyramid that can be read. `name` is for messages."""

    name: str
    index: TileIndex
    read: Read

    def tile(self, level: int, column: int, row: int) -> bytes:
        """Return a tile as a whole JPEG stream. Raises ImageError where it is damaged, IndexError where none is."""
        return self.stream(self.index.number(level, column, row))

    def stream(self, number: int) -> bytes:
        """Return a tile or a ready-made picture as a whole JPEG stream. Raises ImageError where it is damaged."""
        offset, length, needs_head = self.index.place(number)
        data = self.read(offset, length)
        if not self.index.is_sound(number, data):
            raise self._damaged(number)
        return self.index.head + data if needs_head else data

    def rows(
        self, level: int, left: int, top: int, right: int, bottom: int, into: NDArray[np.uint8] | None = None
    ) -> Iterator[NDArray[np.uint8]]:
        """Yield the rectangle from its top in parts of rows × columns × bands, one for each row of tiles.

        The parts are views of `into` where that is given: it has the size of the rectangle. Otherwise each is good until
        the next is asked for: one row of tiles is all that is held.
        """
        size = self.index.tile_size
        room = np.empty((min(size, bottom - top), right - left, self.index.bands), np.uint8) if into is None else into
        for row in range(top // size, -(-bottom // size)):
            y0, y1 = max(top, row * size), min(bottom, (row + 1) * size)
            start = 0 if into is None else y0 - top
            part = room[start : start + y1 - y0]
            columns = range(left // size, -(-right // size))
            for column, (number, stream) in zip(columns, self._row(level, row, columns), strict=True):
                tile = self._decode(level, column, row, number, stream)
                x = column * size
                x0, x1 = max(left, x), min(right, x + tile.shape[1])
                part[:, x0 - left : x1 - left] = tile[y0 - row * size : y1 - row * size, x0 - x : x1 - x]
            yield part

    def _row(self, level: int, row: int, columns: range) -> Iterator[tuple[int, bytes]]:
        """Yield number and stream of neighbouring tiles, reading those together that lie together."""
        numbers = range(self.index.number(level, columns[0], row), self.index.number(level, columns[-1], row) + 1)
        places = [self.index.place(number) for number in numbers]
        start = 0
        while start < len(places):
            base, end = places[start][0], start + 1
            while end < len(places) and _follows(places[end - 1], places[end], base):
                end += 1
            data = memoryview(self.read(base, places[end - 1][0] + places[end - 1][1] - base))
            for number, (offset, length, needs_head) in zip(numbers[start:end], places[start:end], strict=True):
                piece = data[offset - base : offset - base + length]
                if not self.index.is_sound(number, piece):
                    raise self._damaged(number)
                yield number, self.index.head + piece if needs_head else bytes(piece)
            start = end

    def _decode(self, level: int, column: int, row: int, number: int, stream: bytes) -> NDArray[np.uint8]:
        found = self.index.levels[level]
        size = self.index.tile_size
        wanted = (min(size, found.height - row * size), min(size, found.width - column * size), self.index.bands)
        try:
            tile = jpeg.decode(stream)
        except ValueError as error:
            raise self._damaged(number) from error
        if tile.shape != wanted:
            raise self._damaged(number)
        return tile

    def _damaged(self, number: int) -> ImageError:
        return ImageError(f"{self.name}: its {self.index.name(number)} is damaged; ingest its view again")


def _follows(one: tuple[int, int, bool], other: tuple[int, int, bool], base: int) -> bool:
    """Whether a tile lies just behind another (between them is the start marker that is left out), in one short read."""
    return 0 <= other[0] - (one[0] + one[1]) <= 64 and other[0] + other[1] - base <= _LARGEST_READ
