"""The tile index of a pyramid: where the bytes of each tile and of each ready-made picture lie, and their checksums.

The file, little-endian: a header (magic, version, bands, width, height, tile size, length of the JPEG head, size of
the TIFF, number of tiles, number of ready-made pictures, checksum of the rest of the TIFF, CRC-32 of all but itself),
the JPEG head, one 64-bit offset, one 32-bit length and one 32-bit checksum (the low half of XXH3) for each tile and
then each picture, width and height of each picture. Tiles are counted row by row, level by level, the full image
first; pictures are counted on from there. A set top bit in a length says that the stream is whole; otherwise the head
(SOI, JFIF marker and the tables of TIFF tag 347) comes before it. The rest of the TIFF is what is in no such stream.

An index of another version is refused: its view is ingested again.

In memory it is three compact arrays: no Python object per tile. No I/O here.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import xxhash
from numpy.typing import NDArray

from server.errors import ImageError
from server.model.levels import level_sizes
from server.told import told

MAGIC = b"VITRTIDX"
VERSION = 2
_HEADER = struct.Struct("<8sHHIIIIQIII")
_VERSIONED = struct.Struct("<8sH")
"""How the header of every version begins."""
_CRC = struct.Struct("<I")
_WHOLE = 1 << 31
_LENGTH = _WHOLE - 1
_LOW = 0xFFFFFFFF

Bytes = bytes | bytearray | memoryview


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


def checksum(data: Bytes) -> int:
    """Return the 32 bits by which stored bytes are known again."""
    return xxhash.xxh3_64_intdigest(data) & _LOW


@dataclass(frozen=True, slots=True)
class Stream:
    """Where a JPEG stream lies, in bytes. `checksum` is of the stored bytes, without the head that may be needed."""

    offset: int
    length: int
    needs_head: bool
    checksum: int


@dataclass(frozen=True, slots=True)
class TileIndex:
    """Where the tiles of one pyramid lie. `bands` is 1 (gray) or 3 (colour); `tif_size` is in bytes.

    `pictures` are width and height of the ready-made pictures, `rest` the checksum of what is no stream. A number
    counts tiles and then pictures.
    """

    width: int
    height: int
    tile_size: int
    bands: int
    tif_size: int
    head: bytes
    levels: tuple[Level, ...]
    offsets: NDArray[np.uint64]
    lengths: NDArray[np.uint32]
    checksums: NDArray[np.uint32]
    pictures: tuple[tuple[int, int], ...]
    rest: int
    # What is asked for each tile is read from these: a memoryview gives an int in a third of the time of an array.
    _offset: memoryview = field(init=False, repr=False, compare=False)
    _length: memoryview = field(init=False, repr=False, compare=False)
    _checksum: memoryview = field(init=False, repr=False, compare=False)
    _grids: tuple[tuple[int, int, int], ...] = field(init=False, repr=False, compare=False)
    _whole: dict[tuple[int, int], int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "_offset", self.offsets.data)
        put(self, "_length", self.lengths.data)
        put(self, "_checksum", self.checksums.data)
        put(self, "_grids", tuple((level.first, level.columns, level.rows) for level in self.levels))
        whole = {(level.width, level.height): level.first for level in self.levels if level.columns * level.rows == 1}
        whole |= {size: self.tiles + number for number, size in enumerate(self.pictures)}
        put(self, "_whole", whole)

    @classmethod
    def build(
        cls,
        size: tuple[int, int],
        tile_size: int,
        bands: int,
        tif_size: int,
        head: bytes,
        tiles: Sequence[Stream],
        pictures: Sequence[tuple[tuple[int, int], Stream]] = (),
        rest: int = 0,
    ) -> "TileIndex":
        """Make an index from the streams of every tile, in the order of their numbers, and of the pictures by size."""
        levels = grid(*size, tile_size)
        if len(tiles) != _count(levels):
            raise ValueError(f"{len(tiles)} tiles do not make a pyramid of {size[0]} × {size[1]}")
        streams = [*tiles, *(stream for _, stream in pictures)]
        return cls(
            size[0],
            size[1],
            tile_size,
            bands,
            tif_size,
            head,
            levels,
            np.array([stream.offset for stream in streams], np.uint64),
            np.array([stream.length | (0 if stream.needs_head else _WHOLE) for stream in streams], np.uint32),
            np.array([stream.checksum for stream in streams], np.uint32),
            tuple(picture_size for picture_size, _ in pictures),
            rest,
        )

    @classmethod
    def load(cls, data: bytes, name: str = "tile index") -> "TileIndex":
        """Read an index; `name` is for messages. Raises ImageError where it is damaged."""
        if len(data) < _VERSIONED.size:
            raise _damaged(name, "it is cut short")
        magic, version = _VERSIONED.unpack_from(data)
        if magic != MAGIC:
            raise _damaged(name, "it is not a tile index")
        if version != VERSION:
            raise _damaged(name, f"it has version {version}, this program reads version {VERSION} alone")
        at = _HEADER.size + _CRC.size
        if len(data) < at:
            raise _damaged(name, "it is cut short")
        _, _, bands, width, height, tile_size, head_length, tif_size, tiles, shown, rest = _HEADER.unpack_from(data)
        count = tiles + shown
        if len(data) != at + head_length + count * 16 + shown * 8 or _crc(data, _HEADER.size) != data[at - 4 : at]:
            raise _damaged(name, "its checksum is wrong")
        if not width or not height or not tile_size or bands not in (1, 3):
            raise _damaged(name, "its header makes no sense")
        levels = grid(width, height, tile_size)
        if tiles != _count(levels):
            raise _damaged(name, f"{tiles} tiles do not make a pyramid of {width} × {height}")
        head, at = data[at : at + head_length], at + head_length
        # Copies: aligned, in the machine's own order, and the file's bytes can be let go.
        offsets = np.frombuffer(data, "<u8", count, at).astype(np.uint64)
        lengths = np.frombuffer(data, "<u4", count, at + 8 * count).astype(np.uint32)
        checksums = np.frombuffer(data, "<u4", count, at + 12 * count).astype(np.uint32)
        ends = offsets + (lengths & np.uint32(_LENGTH))
        if int(ends.max()) > tif_size or bool((ends < offsets).any()):
            raise _damaged(name, "a tile lies beyond the end of the pyramid")
        sizes = struct.unpack_from(f"<{2 * shown}I", data, at + 16 * count)
        pictures = tuple(zip(sizes[::2], sizes[1::2], strict=True))
        return cls(
            width, height, tile_size, bands, tif_size, head, levels, offsets, lengths, checksums, pictures, rest
        )  # fmt: skip

    def dump(self) -> bytes:
        """Return the file's content."""
        header = _HEADER.pack(
            MAGIC,
            VERSION,
            self.bands,
            self.width,
            self.height,
            self.tile_size,
            len(self.head),
            self.tif_size,
            self.tiles,
            len(self.pictures),
            self.rest,
        )
        body = b"".join(
            (
                self.head,
                self.offsets.astype("<u8").tobytes(),
                self.lengths.astype("<u4").tobytes(),
                self.checksums.astype("<u4").tobytes(),
                *(struct.pack("<II", *size) for size in self.pictures),
            )
        )
        return header + _crc(header + bytes(_CRC.size) + body, len(header)) + body

    @property
    def tiles(self) -> int:
        """How many tiles there are."""
        return _count(self.levels)

    def number(self, level: int, column: int, row: int) -> int:
        """Return a tile's number. Raises IndexError outside the grid."""
        first, columns, rows = self._grids[level]
        if 0 <= column < columns and 0 <= row < rows:
            return first + row * columns + column
        raise IndexError(f"level {level} has no tile in column {column}, row {row}")

    def place(self, number: int) -> tuple[int, int, bool]:
        """Return offset and length of the stored bytes of a tile or picture, and whether `head` comes before them."""
        length = self._length[number]
        return self._offset[number], length & _LENGTH, length < _WHOLE

    def is_sound(self, number: int, data: Bytes) -> bool:
        """Tell whether these are the stored bytes of a tile or picture, without the head."""
        return xxhash.xxh3_64_intdigest(data) & _LOW == self._checksum[number]

    def ready_made(self, width: int, height: int) -> int | None:
        """Return the number of the stored stream that shows the whole image in this size, None where there is none."""
        return self._whole.get((width, height))

    def name(self, number: int) -> str:
        """Return what a number stands for, for messages."""
        if number >= self.tiles:
            width, height = self.pictures[number - self.tiles]
            return f"ready-made picture of {width} × {height}"
        level = max(k for k, (first, _, _) in enumerate(self._grids) if first <= number)
        row, column = divmod(number - self._grids[level][0], self._grids[level][1])
        return f"tile in column {column}, row {row} of level {level}"

    def find(
        self, x: int, y: int, w: int, h: int, width: int, height: int, slack: tuple[int, int] = (0, 0)
    ) -> tuple[int, int, int] | None:
        """Return level, column and row of the tile that shows the region x, y, w, h as width × height pixels.

        The region is in pixels of the image, already cropped at its edges. None where no tile is exactly that;
        `slack` is by how many pixels width and height may differ from the tile's.
        """
        if slack == (0, 0) and (width > 1 or height > 1):
            # The longer side of the result can be that of one level alone.
            k = ((w - 1) // width if width >= height else (h - 1) // height).bit_length()
            span = self.tile_size << k
            if (
                k < len(self.levels)
                and -(-w >> k) == width
                and -(-h >> k) == height
                and not x % span
                and not y % span
                and (w == span <= self.width - x or w == self.width - x < span)
                and (h == span <= self.height - y or h == self.height - y < span)
            ):
                return k, x // span, y // span
            return None
        return self._search(x, y, w, h, width, height, slack)

    def _search(
        self, x: int, y: int, w: int, h: int, width: int, height: int, slack: tuple[int, int]
    ) -> tuple[int, int, int] | None:
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

    @property
    def memory(self) -> int:
        """Bytes that this index holds, for caches."""
        return len(self.head) + 16 * len(self.offsets) + 200 * (len(self.levels) + len(self.pictures)) + 1500


def _count(levels: tuple[Level, ...]) -> int:
    return levels[-1].first + levels[-1].columns * levels[-1].rows


def _crc(data: bytes, at: int) -> bytes:
    """Return the CRC-32 of everything but the four bytes that hold it, as these bytes."""
    return _CRC.pack(zlib.crc32(memoryview(data)[at + _CRC.size :], zlib.crc32(memoryview(data)[:at])))


def _damaged(name: str, problem: str) -> ImageError:
    return ImageError(told("{name}: {problem}; ingest its view again", name=name, problem=problem))
