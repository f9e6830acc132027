"""The tile index of a pyramid: where the bytes of each tile lie in its TIFF.

The file, little-endian: a header (magic, version, bands, width, height, tile size, length of the JPEG head, size of
the TIFF, number of tiles, CRC-32 of all but itself), the JPEG head, one 64-bit offset per tile, one 32-bit length
per tile. Tiles are counted row by row, level by level, the full image first. A set top bit in a length says that the
tile is a whole JPEG stream; otherwise the head (SOI, JFIF marker and the tables of TIFF tag 347) comes before it.

In memory it is two numpy arrays: no Python object per tile. No I/O here.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.errors import ImageError
from server.model.levels import level_sizes

MAGIC = b"VITRTIDX"
VERSION = 1
_HEADER = struct.Struct("<8sHHIIIIQII")
_WHOLE = 1 << 31


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a pyramid: its size in pixels, its grid, the number of its first tile."""

    width: int
    height: int
    columns: int
    rows: int
    first: int


def grid(width: int, height: int, tile_size: int) -> tuple[Level, ...]:
    """Return the levels of a pyramid with their tile grids, the full image first."""
    levels: list[Level] = []
    first = 0
    for w, h in level_sizes(width, height, tile_size):
        columns, rows = -(-w // tile_size), -(-h // tile_size)
        levels.append(Level(w, h, columns, rows, first))
        first += columns * rows
    return tuple(levels)


@dataclass(frozen=True, slots=True)
class TileIndex:
    """Where the tiles of one pyramid lie. `bands` is 1 (gray) or 3 (colour); `tif_size` is in bytes."""

    width: int
    height: int
    tile_size: int
    bands: int
    tif_size: int
    head: bytes
    levels: tuple[Level, ...]
    offsets: NDArray[np.uint64]
    lengths: NDArray[np.uint32]

    @classmethod
    def build(
        cls,
        size: tuple[int, int],
        tile_size: int,
        bands: int,
        tif_size: int,
        head: bytes,
        tiles: Sequence[tuple[int, int, bool]],
    ) -> "TileIndex":
        """Make an index from (offset, length, needs the head) of every tile, in the order of the file."""
        levels = grid(*size, tile_size)
        if len(tiles) != levels[-1].first + levels[-1].columns * levels[-1].rows:
            raise ValueError(f"{len(tiles)} tiles do not make a pyramid of {size[0]} × {size[1]}")
        offsets = np.array([tile[0] for tile in tiles], dtype="<u8")
        lengths = np.array([tile[1] if tile[2] else tile[1] | _WHOLE for tile in tiles], dtype="<u4")
        return cls(size[0], size[1], tile_size, bands, tif_size, head, levels, offsets, lengths)

    @classmethod
    def load(cls, data: bytes, name: str = "tile index") -> "TileIndex":
        """Read an index; `name` is for messages. Raises ImageError where it is damaged."""
        if len(data) < _HEADER.size:
            raise _damaged(name, "it is cut short")
        magic, version, bands, width, height, tile_size, head_length, tif_size, count, checksum = _HEADER.unpack_from(
            data
        )
        if magic != MAGIC:
            raise _damaged(name, "it is not a tile index")
        if version != VERSION:
            raise _damaged(name, f"it has version {version}, this program reads version {VERSION}")
        if len(data) != _HEADER.size + head_length + count * 12 or _checksum(data) != checksum:
            raise _damaged(name, "its checksum is wrong")
        if not width or not height or not tile_size or bands not in (1, 3):
            raise _damaged(name, "its header makes no sense")
        levels = grid(width, height, tile_size)
        if count != levels[-1].first + levels[-1].columns * levels[-1].rows:
            raise _damaged(name, f"{count} tiles do not make a pyramid of {width} × {height}")
        at = _HEADER.size + head_length
        offsets = np.frombuffer(data, dtype="<u8", count=count, offset=at)
        lengths = np.frombuffer(data, dtype="<u4", count=count, offset=at + 8 * count)
        if count and int((offsets + (lengths & np.uint32(_WHOLE - 1))).max()) > tif_size:
            raise _damaged(name, "a tile lies beyond the end of the pyramid")
        return cls(width, height, tile_size, bands, tif_size, data[_HEADER.size : at], levels, offsets, lengths)

    def dump(self) -> bytes:
        """Return the file's content."""
        body = self.head + self.offsets.astype("<u8").tobytes() + self.lengths.astype("<u4").tobytes()
        header = _HEADER.pack(
            MAGIC,
            VERSION,
            self.bands,
            self.width,
            self.height,
            self.tile_size,
            len(self.head),
            self.tif_size,
            len(self.offsets),
            0,
        )
        return header[:-4] + struct.pack("<I", _checksum(header + body)) + body

    def locate(self, level: int, column: int, row: int) -> tuple[int, int, bool]:
        """Return offset and length of a tile's bytes, and whether `head` must come before them.

        Raises IndexError outside the grid.
        """
        found = self.levels[level]
        if not (0 <= column < found.columns and 0 <= row < found.rows):
            raise IndexError(f"level {level} has no tile in column {column}, row {row}")
        number = found.first + row * found.columns + column
        length = int(self.lengths[number])
        return int(self.offsets[number]), length & (_WHOLE - 1), not length & _WHOLE

    def find(
        self, x: int, y: int, w: int, h: int, width: int, height: int, slack: tuple[int, int] = (0, 0)
    ) -> tuple[int, int, int] | None:
        """Return level, column and row of the tile that shows the region x, y, w, h as width × height pixels.

        The region is in pixels of the image, already cropped at its edges. None where no tile is exactly that;
        `slack` is by how many pixels width and height may differ from the tile's.
        """
        for k in range(len(self.levels)):
            span = self.tile_size << k
            if x % span or y % span:
                return None
            if (
                w == min(span, self.width - x)
                and h == min(span, self.height - y)
                and abs(width - -(-w >> k)) <= slack[0]
                and abs(height - -(-h >> k)) <= slack[1]
            ):
                return k, x // span, y // span
        return None

    def extent(self, level: int) -> tuple[int, int]:
        """Return where a level's inner tiles begin and end in the TIFF; (0, 0) where it has edge tiles alone."""
        found = self.levels[level]
        tiles = slice(found.first, found.first + found.columns * found.rows)
        inner = self.lengths[tiles] < _WHOLE
        if not inner.any():
            return 0, 0
        offsets, lengths = self.offsets[tiles][inner], self.lengths[tiles][inner]
        return int(offsets.min()), int((offsets + lengths).max())

    @property
    def memory(self) -> int:
        """Bytes that this index holds, for caches."""
        return len(self.head) + 12 * len(self.offsets) + 200


def _checksum(data: bytes) -> int:
    """Return the CRC-32 of everything but the four bytes that hold it."""
    return zlib.crc32(memoryview(data)[_HEADER.size :], zlib.crc32(memoryview(data)[: _HEADER.size - 4]))


def _damaged(name: str, problem: str) -> ImageError:
    return ImageError(f"{name}: {problem}; ingest its view again")
