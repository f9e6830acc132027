"""What a master carries beside its pixels, measured before any library reads it into memory.

PNG (third edition, §5 and §11.3): chunks, also what compressed ones grow to. JPEG (ITU-T T.81, annex B): segments
before the first scan. TIFF (6.0, §2): values of every directory. Only lengths are read, and of compressed chunks no
more is unpacked than is allowed. No libvips. What is cut short or makes no sense is left to the decoders, who say so.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from server.errors import ImageError
from server.imaging.tiff import Tag, read_directories
from server.told import told

MOST_METADATA = 16 * 2**20
"""Bytes that profiles, EXIF, texts and thumbnails may take in all. A profile has some kilobytes, seldom two megabytes."""

MOST_PARTS = 10_000
"""Chunks, segments or directories that are no pixels."""

_REMEDY = told("ask the supplier for it without")
_PIXELS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_COMPRESSED = frozenset({b"iCCP", b"zTXt", b"iTXt"})
_PLACES = frozenset({Tag.STRIP_OFFSETS, Tag.STRIP_BYTE_COUNTS, Tag.TILE_OFFSETS, Tag.TILE_BYTE_COUNTS})
_SMALLEST_USUAL = 1024
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN, _END = 0xDA, 0xD9
_CARRIED = frozenset({*range(0xE0, 0xF0), 0xFE})


def check_metadata(path: Path, kind: str) -> None:
    """Refuse a `png`, `jpeg` or `tiff` master that carries too much. Raises ImageError naming the file."""
    measure = {"png": _png, "jpeg": _jpeg, "tiff": _tiff}.get(kind)
    if measure is None:
        return
    total = parts = 0
    with path.open("rb") as file:
        for what, length in measure(file):
            total, parts = total + length, parts + (length > 0)
            if total > MOST_METADATA:
                raise ImageError(
                    told(
                        "{name}: carries more than {most_metadata} MiB beside its pixels ({what}); {remedy}",
                        name=path.name,
                        most_metadata=MOST_METADATA // 2**20,
                        what=what,
                        remedy=_REMEDY,
                    )
                )
            if parts > MOST_PARTS:
                raise ImageError(
                    told(
                        "{name}: carries more than {most_parts} parts beside its pixels; {remedy}",
                        name=path.name,
                        most_parts=MOST_PARTS,
                        remedy=_REMEDY,
                    )
                )


def _png(file: BinaryIO) -> Iterator[tuple[str, int]]:
    """Yield name and length of each chunk, 0 for pixels, and of compressed ones also the length once unpacked."""
    at = 8
    while True:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            return
        said = told("chunk {kind}", kind=kind.decode("latin-1"))
        if kind in _PIXELS:
            yield said, 0 if length >= _SMALLEST_USUAL else 1  # countless tiny ones would take long to step over
        else:
            yield said, length
            if kind in _COMPRESSED:
                yield f"{said}, unpacked", _unpacked(kind, file.read(length))
        at += 12 + length


def _unpacked(kind: bytes, content: bytes) -> int:
    """Return how long a compressed text or profile is, or one byte more than is allowed where it is longer."""
    _, _, rest = content.partition(b"\0")  # the keyword
    if kind == b"iTXt":
        if rest[:1] != b"\x01":
            return 0  # not compressed: counted as it is
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]  # the language, the keyword in it
    else:
        rest = rest[1:]  # the method
    try:
        return len(zlib.decompressobj().decompress(rest, MOST_METADATA + 1))
    except zlib.error:
        return 0


def _jpeg(file: BinaryIO) -> Iterator[tuple[str, int]]:
    """Yield name and length of each application segment and comment before the first scan."""
    at = 2
    while True:
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return
        marker = head[1]
        if marker == 0xFF:  # a fill byte
            at += 1
            yield "fill bytes", 1
        elif marker in _STANDALONE:
            at += 2
            yield "markers", 2
        elif marker in {_SCAN, _END}:
            return
        else:
            length = max(2, struct.unpack(">H", head[2:])[0])
            yield f"segment FF{marker:02X}", length if marker in _CARRIED else 0
            at += 2 + length


def _tiff(file: BinaryIO) -> Iterator[tuple[str, int]]:
    """Yield tag and length of the values of each directory, but for those that say where pixels lie."""
    try:
        directories = read_directories(file, MOST_PARTS)
    except ImageError:
        return
    for directory in directories:
        for tag, entry in directory.entries.items():
            yield f"tag {tag}", 0 if tag in _PLACES else entry.size
