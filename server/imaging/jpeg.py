"""JPEG streams (ITU-T T.81) as pyramids hold them: encoded, decoded, and parted into tables and picture.

Streams of the same quality and number of bands share their tables. No libvips.
"""

import struct

import imagecodecs
import numpy as np
from numpy.typing import NDArray

START, END = b"\xff\xd8", b"\xff\xd9"
JFIF = bytes.fromhex("ffe0 0010 4a46494600 0101 00 0001 0001 00 00")
_TABLES = frozenset({0xDB, 0xC4})
_SCAN = 0xDA
_APPLICATION = range(0xE0, 0xF0)


def encode(pixels: NDArray[np.uint8], quality: int) -> bytes:
    """Return rows × columns × bands (1 or 3) as a JPEG, colour as YCbCr with 4:2:0 subsampling."""
    return bytes(
        imagecodecs.jpeg8_encode(np.ascontiguousarray(pixels), level=quality, subsampling="420", optimize=False)
    )


def decode(stream: bytes) -> NDArray[np.uint8]:
    """Return the pixels as rows × columns × bands. Raises ValueError where the stream is damaged."""
    try:
        pixels: NDArray[np.uint8] = imagecodecs.jpeg8_decode(stream)
    except (imagecodecs.Jpeg8Error, RuntimeError) as error:
        raise ValueError(str(error)) from error
    return pixels[:, :, np.newaxis] if pixels.ndim == 2 else pixels


def part(stream: bytes) -> tuple[bytes, bytes]:
    """Return the tables of a stream, and its frame and scan up to the end marker; JFIF and the like are left out."""
    tables, frame, at = b"", b"", len(START)
    while True:
        marker, length = struct.unpack_from(">xBH", stream, at)
        if marker == _SCAN:
            return tables, frame + stream[at:]
        segment = stream[at : at + 2 + length]
        if marker in _TABLES:
            tables += segment
        elif marker not in _APPLICATION:
            frame += segment
        at += 2 + length
