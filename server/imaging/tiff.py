"""The directories of a TIFF file (TIFF 6.0 §2 and BigTIFF): read, and written for a tiled pyramid.

Only what the pyramid and the facts of a master need. No pixels, no libvips.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO

from server.errors import ImageError
from server.told import told

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_CODES = {1: "B", 2: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_MAX_DIRECTORIES = 64
_MAX_VALUES = 1 << 24


class Tag(IntEnum):
    """The tags that are looked at or written."""

    SUBFILE = 254
    IMAGE_WIDTH = 256
    IMAGE_LENGTH = 257
    BITS_PER_SAMPLE = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    STRIP_OFFSETS = 273
    SAMPLES_PER_PIXEL = 277
    STRIP_BYTE_COUNTS = 279
    X_RESOLUTION = 282
    Y_RESOLUTION = 283
    PLANAR = 284
    RESOLUTION_UNIT = 296
    TILE_WIDTH = 322
    TILE_LENGTH = 323
    TILE_OFFSETS = 324
    TILE_BYTE_COUNTS = 325
    EXTRA_SAMPLES = 338
    JPEG_TABLES = 347
    EXIF = 34665
    PIXELS_ACROSS = 40962
    PIXELS_DOWN = 40963
    YCBCR_SUBSAMPLING = 530
    REFERENCE_BLACK_WHITE = 532


HEADER_SIZE = 16
"""Bytes at the start of a file that is being written which its header may need."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a directory: where it stands in the file, the type and number of its values, where these stand."""

    position: int
    kind: int
    count: int
    values_at: int

    @property
    def size(self) -> int:
        """Bytes that the values take."""
        return _SIZES.get(self.kind, 1) * self.count


@dataclass(frozen=True, slots=True)
class Directory:
    """One image of a TIFF file."""

    order: str
    big: bool
    entries: dict[int, Entry]

    def values(self, file: BinaryIO, tag: Tag) -> tuple[int, ...]:
        """Return the integers under `tag`, none where it is absent. Raises ImageError where they are not there."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _CODES:
            return ()
        if entry.count > _MAX_VALUES:
            raise ImageError(
                told(
                    "TIFF tag {tag} announces {count} values; the file is damaged, ask for it again",
                    tag=tag,
                    count=entry.count,
                )
            )
        code = f"{self.order}{entry.count}{_CODES[entry.kind]}"
        return struct.unpack(code, _exactly(file, entry.values_at, struct.calcsize(code)))


def read_directories(file: BinaryIO, limit: int = _MAX_DIRECTORIES) -> list[Directory]:
    """Return the first `limit` directories of the main chain. Raises ImageError where the file is not whole."""
    order, big, where = _header(file)
    found: list[Directory] = []
    seen: set[int] = set()
    while where and where not in seen and len(found) < limit:
        seen.add(where)
        directory, where = _directory(file, where, order, big=big)
        found.append(directory)
    if not found:
        raise ImageError(told("this TIFF has no image in it; ask the supplier for it again"))
    return found


def read_directory(file: BinaryIO, where: int, like: Directory) -> Directory:
    """Return the directory that stands at a place of a file, as that of EXIF does. Raises ImageError."""
    found, _ = _directory(file, where, like.order, big=like.big)
    return found


def _header(file: BinaryIO) -> tuple[str, bool, int]:
    start = _exactly(file, 0, 8)
    order = {b"II": "<", b"MM": ">"}.get(start[:2])
    if order is None:
        raise ImageError(told("not a TIFF file"))
    version = struct.unpack(f"{order}H", start[2:4])[0]
    if version == 42:
        return order, False, struct.unpack(f"{order}I", start[4:8])[0]
    if version == 43:
        return order, True, struct.unpack(f"{order}Q", _exactly(file, 8, 8))[0]
    raise ImageError(told("not a TIFF file"))


def _directory(file: BinaryIO, where: int, order: str, *, big: bool) -> tuple[Directory, int]:
    count_code, entry_code, link_code = ("Q", "HHQ", "Q") if big else ("H", "HHI", "I")
    count_size, link_size = struct.calcsize(f"<{count_code}"), struct.calcsize(f"<{link_code}")
    count = struct.unpack(f"{order}{count_code}", _exactly(file, where, count_size))[0]
    if count > 4096:
        raise ImageError(told("its TIFF directory is damaged; ask the supplier for it again"))
    entry_size = 20 if big else 12
    table = _exactly(file, where + count_size, count * entry_size + link_size)
    inline = 8 if big else 4
    entries = {}
    for number in range(count):
        at = number * entry_size
        tag, kind, values = struct.unpack_from(f"{order}{entry_code}", table, at)
        position = where + count_size + at
        value_field = at + entry_size - inline
        if _SIZES.get(kind, 1) * values <= inline:
            values_at = where + count_size + value_field
        else:
            values_at = struct.unpack_from(f"{order}{'Q' if big else 'I'}", table, value_field)[0]
        entries[tag] = Entry(position, kind, values, values_at)
    following = struct.unpack_from(f"{order}{link_code}", table, count * entry_size)[0]
    return Directory(order, big, entries), following


def _exactly(file: BinaryIO, where: int, length: int) -> bytes:
    """Read `length` bytes at `where`."""
    file.seek(0, 2)
    end = file.tell()
    if where + length > end:
        raise ImageError(
            told(
                "its TIFF directory points to byte {where}, but the file ends after {end}; ask the "
                "supplier for it again",
                where=where + length,
                end=end,
            )
        )
    file.seek(where)
    return file.read(length)


@dataclass(frozen=True, slots=True)
class TiledJpeg:
    """One image of a pyramid as its directory tells it; `bands` is 1 (gray) or 3 (YCbCr with 4:2:0 subsampling).

    Sizes are in pixels; `tables` is a JPEG stream of tables alone; offsets and lengths are of every tile, in bytes.
    """

    width: int
    height: int
    tile_size: int
    bands: int
    tables: bytes
    offsets: Sequence[int]
    lengths: Sequence[int]


def make_directories(images: Sequence[TiledJpeg], at: int) -> tuple[bytes, bytes]:
    """Return the header of a little-endian TIFF and its directories, which are to be written at the byte `at`.

    The first image is the full one, the others are reductions of it. BigTIFF where the file grows beyond 4 GiB.
    """
    if at + len(_chain(images, 0, big=True)) < 1 << 32:  # the classic ones are shorter
        return struct.pack("<2sHI8x", b"II", 42, at), _chain(images, at, big=False)
    return struct.pack("<2sHHHQ", b"II", 43, 8, 0, at), _chain(images, at, big=True)


def _chain(images: Sequence[TiledJpeg], at: int, *, big: bool) -> bytes:
    written = b""
    for number, image in enumerate(images):
        following = number + 1 < len(images)
        written += _one_directory(_entries(image, reduced=number > 0, big=big), at + len(written), following, big=big)
    return written


def _entries(image: TiledJpeg, *, reduced: bool, big: bool) -> list[tuple[Tag, int, int, bytes]]:
    """Return tag, type, number of values and values; TIFF 6.0 §15 (tiles), §21 (YCbCr), Technical Note 2 (JPEG)."""

    def shorts(*values: int) -> tuple[int, int, bytes]:
        return 3, len(values), struct.pack(f"<{len(values)}H", *values)

    def longs(*values: int) -> tuple[int, int, bytes]:
        return 4, len(values), struct.pack(f"<{len(values)}I", *values)

    def rationals(*values: int) -> tuple[int, int, bytes]:
        return 5, len(values), b"".join(struct.pack("<II", value, 1) for value in values)

    count = len(image.offsets)
    offsets = (16, count, struct.pack(f"<{count}Q", *image.offsets)) if big else None
    colour = image.bands == 3
    said: dict[Tag, tuple[int, int, bytes]] = {
        Tag.SUBFILE: longs(int(reduced)),
        Tag.IMAGE_WIDTH: longs(image.width),
        Tag.IMAGE_LENGTH: longs(image.height),
        Tag.BITS_PER_SAMPLE: shorts(*[8] * image.bands),
        Tag.COMPRESSION: shorts(7),
        Tag.PHOTOMETRIC: shorts(6 if colour else 1),
        Tag.SAMPLES_PER_PIXEL: shorts(image.bands),
        Tag.X_RESOLUTION: rationals(1),
        Tag.Y_RESOLUTION: rationals(1),
        Tag.PLANAR: shorts(1),
        Tag.RESOLUTION_UNIT: shorts(1),
        Tag.TILE_WIDTH: shorts(image.tile_size),
        Tag.TILE_LENGTH: shorts(image.tile_size),
        Tag.TILE_OFFSETS: offsets or longs(*image.offsets),
        Tag.TILE_BYTE_COUNTS: longs(*image.lengths),
        Tag.JPEG_TABLES: (7, len(image.tables), image.tables),
    }
    if colour:
        said[Tag.YCBCR_SUBSAMPLING] = shorts(2, 2)
        said[Tag.REFERENCE_BLACK_WHITE] = rationals(0, 255, 128, 255, 128, 255)
    return [(tag, *said[tag]) for tag in sorted(said)]


def _one_directory(entries: list[tuple[Tag, int, int, bytes]], at: int, following: bool, *, big: bool) -> bytes:
    count_code, entry_code, link_code = ("<Q", "<HHQ", "<Q") if big else ("<H", "<HHI", "<I")
    inline = 8 if big else 4
    table_size = struct.calcsize(count_code) + len(entries) * (20 if big else 12) + struct.calcsize(link_code)
    table, values = struct.pack(count_code, len(entries)), b""
    for tag, kind, count, packed in entries:
        table += struct.pack(entry_code, tag, kind, count)
        if len(packed) <= inline:
            table += packed.ljust(inline, b"\0")
        else:
            table += struct.pack(link_code, at + table_size + len(values))
            values += packed + bytes(-len(packed) % 8)
    end = table_size + len(values)
    end += -end % 8
    table += struct.pack(link_code, at + end if following else 0)
    return (table + values).ljust(end, b"\0")
