"""The levels of a pyramid, made in one pass from the top: rows come in, whole tiles of every level come out.

Each level holds one row of tiles. When it is full its tiles are given out, and each is halved (the mean of 2 × 2
pixels) into the level below. Where an image ends within a tile, its last column and row are continued; so level k has
ceil(size / 2**k) pixels in both directions. Levels of few pixels are held whole as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.imaging.index import Level

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile that is done. `pixels` is full to the tile's size, of which `width` and `height` show the image.

    Its pixels are good until the next tile is asked for.
    """

    level: int
    pixels: Pixels
    width: int
    height: int


class Strips:
    """The levels while they are made: one row of tiles of each."""

    def __init__(self, levels: Sequence[Level], tile_size: int, bands: int, held_pixels: int) -> None:
        self._levels, self._size, self._bands = levels, tile_size, bands
        self._rows = [np.empty((level.columns, tile_size, tile_size, bands), np.uint8) for level in levels]
        self._filled = [0] * len(levels)
        self._above = [0] * len(levels)
        self.held: dict[int, Pixels] = {
            k: np.empty((level.height, level.width, bands), np.uint8)
            for k, level in enumerate(levels)
            if level.width * level.height <= held_pixels
        }
        """The levels of at most so many pixels, whole when all rows have come."""

        self.batch = 64 if tile_size % 64 == 0 else 16
        """How many rows at a time must be given, until the last."""

        self._sums = np.empty((self.batch // 2, tile_size, bands), np.uint16)
        self._means = np.empty((self.batch // 2, tile_size // 2, bands), np.uint16)

    def add(self, rows: Pixels) -> Iterator[Tile]:
        """Take the next rows of the image, as rows × columns × bands; yield the tiles that are done by them."""
        start = self._filled[0]
        for column, tile in enumerate(self._rows[0]):
            part = rows[:, column * self._size : (column + 1) * self._size]
            tile[start : start + len(rows), : part.shape[1]] = part
        self._filled[0] += len(rows)
        if self._filled[0] == self._size:
            yield from self._flush(0)

    def finish(self) -> Iterator[Tile]:
        """Yield the tiles that remain when all rows have come."""
        for k in range(len(self._levels)):
            if self._filled[k]:
                yield from self._flush(k)

    def _flush(self, k: int) -> Iterator[Tile]:
        level, size, tiles = self._levels[k], self._size, self._rows[k]
        height = min(size, level.height - self._above[k])
        rest = level.width - (level.columns - 1) * size
        tiles[-1, :height, rest:] = tiles[-1, :height, rest - 1 : rest]
        tiles[:, height:] = tiles[:, height - 1 : height]
        for column, pixels in enumerate(tiles):
            width = size if column < level.columns - 1 else rest
            if k in self.held:
                left, top = column * size, self._above[k]
                self.held[k][top : top + height, left : left + width] = pixels[:height, :width]
            yield Tile(k, pixels, width, height)
        self._above[k] += height
        self._filled[k] = 0
        if k + 1 < len(self._levels):
            self._halve(k, -(-height // 2))
            if self._filled[k + 1] == size:
                yield from self._flush(k + 1)

    def _halve(self, k: int, height: int) -> None:
        """Put the row of tiles of a level, halved, into the next one."""
        half, top = self._size // 2, self._filled[k + 1]
        for column, tile in enumerate(self._rows[k]):
            left = column % 2 * half
            target = self._rows[k + 1][column // 2, top : top + half, left : left + half]
            for start in range(0, 2 * height, self.batch):
                self._mean(tile[start : start + self.batch], target[start // 2 : (start + self.batch) // 2])
        self._filled[k + 1] += height

    def _mean(self, pixels: Pixels, target: Pixels) -> None:
        sums, means = self._sums, self._means
        np.add(pixels[0::2], pixels[1::2], out=sums, dtype=np.uint16)
        pairs = sums.reshape(sums.shape[0], -1, 2, self._bands)
        for band in range(self._bands):  # band by band: numpy is slow where the innermost run is three long
            np.add(pairs[:, :, 0, band], pairs[:, :, 1, band], out=means[:, :, band])
        np.add(means, 2, out=means)
        np.right_shift(means, 2, out=means)
        target[...] = means
