"""JPEG 2000 masters (ISO/IEC 15444-1: JP2 files and bare codestreams), decoded by imagecodecs (OpenJPEG).

The libvips wheel has no JPEG 2000. A decoder needs many times the memory of the picture, so one decodes at a time on
a machine (a lock on a file in the temporary folder), and the header is read first: the limit on pixels holds before
anything is decoded.
"""

import fcntl
import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from server.errors import ImageError
from server.told import told

SIGNATURE = bytes.fromhex("0000000c6a5020200d0a870a")
CODESTREAM = bytes.fromhex("ff4fff51")
_END = b"\xff\xd9"
_MOST_BOXES = 10_000
_MOST_OVERHEAD = 16 * 2**20
_ENUMERATED = {12: "cmyk", 16: "rgb", 17: "gray", 18: "ycc"}


@dataclass(frozen=True, slots=True)
class Jpeg2000Header:
    """What a file says of itself. `where` and `length` are the codestream's place in bytes; `dpi` 0 if not said."""

    width: int
    height: int
    bands: int
    bits: int
    signed: bool
    colour: str
    profile: bytes
    dpi: float
    where: int
    length: int


def read_header(path: Path) -> Jpeg2000Header:
    """Read the boxes and the SIZ marker, no pixels. Raises ImageError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(12)
        if start[:4] == CODESTREAM:
            return _siz(file, path, 0, size, "", b"", 0.0)
        if start != SIGNATURE:
            raise ImageError(told("{name}: is not a JPEG 2000 file", name=path.name))
        colour, profile, dpi = "", b"", 0.0
        for kind, at, length in _boxes(file, 12, size):
            if kind == b"jp2h":
                colour, profile, dpi = _jp2h(file, at, at + length)
            elif kind == b"jp2c":
                if at + length > size:
                    raise _cut_short(path, size, at + length)
                return _siz(file, path, at, length, colour, profile, dpi)
    raise ImageError(
        told(
            "{name}: has no codestream (box jp2c); the file is cut short, ask the supplier for it again", name=path.name
        )
    )


def decode(path: Path, header: Jpeg2000Header) -> NDArray[Any]:
    """Return the pixels as height × width × bands, 8 or 16 bits; waits for the one decoder of this machine."""
    raw = header.width * header.height * header.bands * -(-header.bits // 8)
    if header.length > 2 * raw + _MOST_OVERHEAD:
        raise ImageError(
            told(
                "{name}: its codestream of {length} bytes is far larger than its {width} × {height} "
                "pixels; ask the supplier for it again",
                name=path.name,
                length=header.length,
                width=header.width,
                height=header.height,
            )
        )
    with path.open("rb") as file:
        file.seek(header.where)
        stream = file.read(header.length)
    if not stream.rstrip(b"\0").endswith(_END):
        raise ImageError(
            told("{name}: ends before its end-of-codestream marker; ask the supplier for it again", name=path.name)
        )
    if header.signed or header.bits > 16:
        raise ImageError(
            told("{name}: has signed samples or more than 16 bits; ask for 8 or 16 bits, unsigned", name=path.name)
        )
    with _one_at_a_time():
        try:
            pixels = imagecodecs.jpeg2k_decode(stream, planar=False)
        except (imagecodecs.Jpeg2kError, ValueError, RuntimeError, MemoryError) as error:
            raise ImageError(
                told(
                    "{name}: cannot be decoded ({error}); ask the supplier for it again",
                    name=path.name,
                    error=str(error),
                )
            ) from error
    if pixels.ndim == 2:
        pixels = pixels[:, :, np.newaxis]
    if pixels.shape[:2] != (header.height, header.width):
        raise ImageError(
            told("{name}: decodes to another size than its header says; ask the supplier for it again", name=path.name)
        )
    return _spread(pixels, header.bits)


def _spread(pixels: NDArray[Any], bits: int) -> NDArray[Any]:
    """Use the whole range of 8 or 16 bits: 1, 2, 4 and 12-bit samples come as small numbers."""
    if bits in (8, 16):
        return np.ascontiguousarray(pixels)
    top = 255 if bits < 8 else 65535
    wide = pixels.astype(np.uint32) * top // ((1 << bits) - 1)
    return np.ascontiguousarray(wide.astype(np.uint8 if bits < 8 else np.uint16))


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, place and length of the content of each box."""
    at = start
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        length, kind = struct.unpack_from(">I4s", head)
        inner = 8
        if length == 1 and len(head) == 16:
            length, inner = struct.unpack_from(">Q", head, 8)[0], 16
        elif length == 0:
            length = end - at
        if length < inner:
            return
        yield kind, at + inner, length - inner
        at += length


def _jp2h(file: BinaryIO, start: int, end: int) -> tuple[str, bytes, float]:
    colour, profile, dpi = "", b"", 0.0
    for kind, at, length in _boxes(file, start, end):
        file.seek(at)
        if kind == b"colr" and not colour:
            content = file.read(min(length, 16 * 2**20))
            if len(content) >= 7 and content[0] == 1:
                colour = _ENUMERATED.get(struct.unpack_from(">I", content, 3)[0], "")
            elif len(content) > 131 and content[0] == 2:
                colour, profile = "icc", content[3:]
        elif kind == b"res ":
            for inner, inner_at, _ in _boxes(file, at, at + length):
                file.seek(inner_at)
                said = file.read(10)
                if inner in (b"resc", b"resd") and len(said) == 10 and not dpi:
                    over, under, _, _, power, _ = struct.unpack(">HHHHbb", said)
                    dpi = over / under * 10.0**power * 0.0254 if under else 0.0
    return colour, profile, dpi


def _siz(
    file: BinaryIO, path: Path, where: int, length: int, colour: str, profile: bytes, dpi: float
) -> Jpeg2000Header:
    file.seek(where)
    head = file.read(43)
    if len(head) < 43 or head[:4] != CODESTREAM:
        raise ImageError(
            told("{name}: its codestream is cut short or damaged; ask the supplier for it again", name=path.name)
        )
    right, bottom, left, top = struct.unpack_from(">IIII", head, 8)
    bands, depth = struct.unpack_from(">HB", head, 40)
    if right <= left or bottom <= top or not bands:
        raise ImageError(told("{name}: its header makes no sense; ask the supplier for it again", name=path.name))
    return Jpeg2000Header(
        right - left, bottom - top, bands, (depth & 0x7F) + 1, bool(depth & 0x80), colour, profile, dpi, where, length
    )


def _cut_short(path: Path, size: int, wanted: int) -> ImageError:
    return ImageError(
        told(
            "{name}: ends after {size} % of its bytes; ask the supplier for it again",
            name=path.name,
            size=size * 100 // wanted,
        )
    )


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the machine's lock; the system lets it go when the process ends, however it ends."""
    path = Path(tempfile.gettempdir()) / f"vitrine-jpeg2000-{os.getuid()}.lock"
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
