"""The directories of a TIFF file (TIFF 6.0 §2 and BigTIFF): read, and changed in place where values get fewer.

Only what the pyramid and the facts of a master need. No pixels, no libvips.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO

from server.errors import ImageError

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_CODES = {1: "B", 2: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_MAX_DIRECTORIES = 64
_MAX_VALUES = 1 << 24


class Tag(IntEnum):
    """The tags that are looked at."""

    IMAGE_WIDTH = 256
    IMAGE_LENGTH = 257
    BITS_PER_SAMPLE = 258
    COMPRESSION = 259
    TILE_OFFSETS = 324
    TILE_BYTE_COUNTS = 325
    EXTRA_SAMPLES = 338
    JPEG_TABLES = 347


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a directory: where it stands in the file, the type and number of its values, where these stand."""

    position: int
    kind: int
    count: int
    values_at: int


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
            raise ImageError(f"TIFF tag {tag} announces {entry.count} values; the file is damaged, ask for it again")
        code = f"{self.order}{entry.count}{_CODES[entry.kind]}"
        return struct.unpack(code, _exactly(file, entry.values_at, struct.calcsize(code)))

    def overwrite(self, file: BinaryIO, tag: Tag, values: tuple[int, ...]) -> None:
        """Put other values, not more than there were, in the place of those under `tag`."""
        entry = self.entries[tag]
        if len(values) > entry.count:
            raise ValueError(f"tag {tag} has room for {entry.count} values, not {len(values)}")
        inline = 8 if self.big else 4
        packed = struct.pack(f"{self.order}{len(values)}{_CODES[entry.kind]}", *values)
        head = struct.pack(f"{self.order}{'Q' if self.big else 'I'}", len(values))
        file.seek(entry.position + 4)
        file.write(head)
        if len(packed) <= inline:
            file.write(packed.ljust(inline, b"\0"))
        else:
            file.seek(entry.values_at)
            file.write(packed)


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
        raise ImageError("this TIFF has no image in it; ask the supplier for it again")
    return found


def _header(file: BinaryIO) -> tuple[str, bool, int]:
    start = _exactly(file, 0, 8)
    order = {b"II": "<", b"MM": ">"}.get(start[:2])
    if order is None:
        raise ImageError("not a TIFF file")
    version = struct.unpack(f"{order}H", start[2:4])[0]
    if version == 42:
        return order, False, struct.unpack(f"{order}I", start[4:8])[0]
    if version == 43:
        return order, True, struct.unpack(f"{order}Q", _exactly(file, 8, 8))[0]
    raise ImageError("not a TIFF file")


def _directory(file: BinaryIO, where: int, order: str, *, big: bool) -> tuple[Directory, int]:
    count_code, entry_code, link_code = ("Q", "HHQ", "Q") if big else ("H", "HHI", "I")
    count_size, link_size = struct.calcsize(f"<{count_code}"), struct.calcsize(f"<{link_code}")
    count = struct.unpack(f"{order}{count_code}", _exactly(file, where, count_size))[0]
    if count > 4096:
        raise ImageError("its TIFF directory is damaged; ask the supplier for it again")
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
            f"its TIFF directory points to byte {where + length}, but the file ends after {end}; ask the supplier for it again"
        )
    file.seek(where)
    return file.read(length)
