"""Pixels as a PNG stream without compression (PNG, third edition, §5 and §10): how rows are given to libvips.

Nothing is held but the rows that are being written. No I/O.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GRAY, _COLOUR = 0, 2
_PIECE = 2**20
"""Bytes of pixels that are written at once."""


def plain_png(parts: Iterable[NDArray[np.uint8]], width: int, height: int, bands: int) -> Iterator[bytes]:
    """Yield the stream of a picture whose parts come from the top, each rows × columns × bands (1 or 3)."""
    kind = _COLOUR if bands == 3 else _GRAY
    yield _SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))
    stored = zlib.compressobj(0)
    lines = np.zeros((max(1, _PIECE // (width * bands)), 1 + width * bands), np.uint8)
    for part in parts:
        for top in range(0, len(part), len(lines)):
            some = part[top : top + len(lines)]
            lines[: len(some), 1:] = some.reshape(len(some), width * bands)  # the byte 0 before them is "no filter"
            yield _chunk(b"IDAT", stored.compress(lines[: len(some)].data))
    yield _chunk(b"IDAT", stored.flush()) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))
