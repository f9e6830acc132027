"""What a master says of itself in its headers, each place by itself, and whether it is well-formed. No pixels, no libvips.

JPEG (ITU-T T.81 annex B; JFIF 1.02; Exif 2.32 §4.6), TIFF 6.0 §2 and §8, PNG (third edition, §5 and §11.3.4.3), and
for JP2 (ISO/IEC 15444-1 annex I) the validator jpylyzer.
"""

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from server.errors import ImageError
from server.imaging import jpeg2000
from server.imaging.tiff import Directory, Tag, read_directories

_INCH = {1: 1.0, 2: 2.54}
"""JFIF's units: dots an inch, dots a centimetre."""

_RATIONAL = 5
_NEEDED = (Tag.IMAGE_WIDTH, Tag.IMAGE_LENGTH, Tag.PHOTOMETRIC)
_PHOTOMETRIC = {0: "gray", 1: "gray", 2: "rgb", 3: "palette", 5: "cmyk", 6: "rgb", 8: "lab"}
_PNG_COLOURS = {0: "gray", 2: "rgb", 3: "palette", 4: "gray", 6: "rgb"}
_TAIL = 4096


@dataclass(frozen=True, slots=True)
class Statements:
    """What the headers say.

    `resolutions` are place, dots an inch across and down; `colour` is bilevel, gray, rgb, palette, cmyk or lab, empty where it
    is not said; `malformed` is what breaks the format, empty where nothing does.
    """

    resolutions: tuple[tuple[str, float, float], ...] = ()
    colour: str = ""
    malformed: str = ""


def read_statements(path: Path, kind: str, bits: int) -> Statements:
    """Read the headers of a master of a known kind (`source.sniff`). Raises ImageError where they are cut short."""
    with path.open("rb") as file:
        if kind == "jpeg":
            return _jpeg(file)
        if kind == "tiff":
            return _tiff(file, bits)
        if kind == "png":
            return _png(file, bits)
    if kind == "pdf":
        return Statements()  # its pages have a size on paper, which says how large they are drawn
    header = jpeg2000.read_header(path)
    colour = header.colour if header.colour in {"gray", "rgb", "cmyk"} else "gray" if header.bands < 3 else "rgb"
    resolutions = (("JP2", round(header.dpi, 1), round(header.dpi, 1)),) if header.dpi else ()
    return Statements(resolutions, colour, _jp2(path) if kind == "jp2" else "")


def _jpeg(file: BinaryIO) -> Statements:
    resolutions: list[tuple[str, float, float]] = []
    colour, at = "", 2
    while True:
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in {0xDA, 0xD9}:
            break
        marker, length = head[1], max(2, struct.unpack(">H", head[2:])[0])
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xE0:
            resolutions += _jfif(file.read(min(length, 16)))
        elif marker == 0xE1:
            resolutions += _exif(file.read(length - 2))
        elif 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            body = file.read(6)
            colour = {1: "gray", 3: "rgb", 4: "cmyk"}.get(body[5] if len(body) == 6 else 0, "")
        at += 2 + length
    tail = _tail(file)
    if not tail.endswith(b"\xff\xd9"):
        beyond = len(tail) - tail.rfind(b"\xff\xd9") - 2
        said = f"{beyond} bytes follow its end marker" if b"\xff\xd9" in tail else "it has no end marker (FFD9)"
        return Statements(tuple(resolutions), colour, said)
    return Statements(tuple(resolutions), colour)


def _jfif(body: bytes) -> list[tuple[str, float, float]]:
    if len(body) < 12 or body[:5] != b"JFIF\0" or body[7] not in _INCH:
        return []
    across, down = struct.unpack_from(">HH", body, 8)
    inch = _INCH[body[7]]
    return [("JFIF", round(across * inch, 1), round(down * inch, 1))] if across and down else []


def _exif(body: bytes) -> list[tuple[str, float, float]]:
    if not body.startswith(b"Exif\0\0"):
        return []
    inner = io.BytesIO(body[6:])
    try:
        return _resolution(inner, read_directories(inner, 1)[0], "EXIF")
    except (ImageError, struct.error):
        return []  # an EXIF block that cannot be read says nothing


def _resolution(file: BinaryIO, directory: Directory, place: str) -> list[tuple[str, float, float]]:
    """Return the resolution of a TIFF directory (TIFF 6.0 §8): inches unless centimetres are said."""
    unit = (directory.values(file, Tag.RESOLUTION_UNIT) or (2,))[0]
    if unit not in {2, 3}:
        return []
    found = []
    for tag in (Tag.X_RESOLUTION, Tag.Y_RESOLUTION):
        entry = directory.entries.get(tag)
        if entry is None or entry.kind != _RATIONAL:
            return []
        file.seek(entry.values_at)
        body = file.read(8)
        over, under = struct.unpack(f"{directory.order}II", body) if len(body) == 8 else (0, 0)
        found.append(over / under * (2.54 if unit == 3 else 1.0) if under else 0.0)
    across, down = found
    return [(place, round(across, 1), round(down, 1))] if across and down else []


def _tiff(file: BinaryIO, bits: int) -> Statements:
    directory = read_directories(file, 1)[0]
    photometric = (directory.values(file, Tag.PHOTOMETRIC) or (-1,))[0]
    colour = _PHOTOMETRIC.get(photometric, "")
    if colour == "gray" and bits == 1:
        colour = "bilevel"
    return Statements(tuple(_resolution(file, directory, "TIFF")), colour, _tiff_fault(file, directory))


def _tiff_fault(file: BinaryIO, directory: Directory) -> str:
    tags = list(directory.entries)
    if tags != sorted(tags):
        return "the tags of its directory are not in ascending order (TIFF 6.0 §2)"
    for tag in _NEEDED:
        if tag not in directory.entries:
            return f"its directory lacks the tag {tag.value} (TIFF 6.0 §8)"
    end = file.seek(0, 2)
    for places, sizes in (
        (Tag.STRIP_OFFSETS, Tag.STRIP_BYTE_COUNTS),
        (Tag.TILE_OFFSETS, Tag.TILE_BYTE_COUNTS),
    ):
        at, length = directory.values(file, places), directory.values(file, sizes)
        if at and len(at) != len(length):
            return f"it names {len(at)} places of pixels and {len(length)} sizes"
        beyond = sum(1 for where, size in zip(at, length, strict=True) if where + size > end)
        if beyond:
            return f"{beyond} of its {len(at)} strips or tiles lie beyond the end of the file"
    return ""


def _png(file: BinaryIO, bits: int) -> Statements:
    resolutions: list[tuple[str, float, float]] = []
    colour, at, end = "", 8, file.seek(0, 2)
    while True:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return Statements(tuple(resolutions), colour, "it has no end chunk (IEND)")
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IHDR":
            colour = _PNG_COLOURS.get(file.read(10)[9:10][0] if length >= 10 else -1, "")
            if colour == "gray" and bits == 1:
                colour = "bilevel"
        elif kind == b"pHYs" and length == 9:
            across, down, unit = struct.unpack(">IIB", file.read(9))
            if unit == 1:
                resolutions.append(("PNG", round(across * 0.0254, 1), round(down * 0.0254, 1)))
        elif kind == b"IEND":
            beyond = end - (at + 12)
            return Statements(tuple(resolutions), colour, f"{beyond} bytes follow its end" if beyond > 0 else "")
        at += 12 + length


def _tail(file: BinaryIO) -> bytes:
    end = file.seek(0, 2)
    file.seek(max(0, end - _TAIL))
    return file.read().rstrip(b"\0")


def _jp2(path: Path) -> str:
    """Return which tests of jpylyzer a JP2 fails."""
    from jpylyzer import jpylyzer  # type: ignore[import-untyped]  # it has no types, and takes long to load

    try:
        told = jpylyzer.checkOneFile(str(path))
    except Exception as error:  # noqa: BLE001  # whatever it stumbles over is a fault of the file
        return f"jpylyzer cannot read it ({type(error).__name__})"
    if (told.findtext("isValid") or "").strip() == "True":
        return ""
    tests = told.find("tests")
    failed = [test.tag for test in tests.iter() if (test.text or "").strip() == "False"] if tests is not None else []
    return f"it is no valid JP2; of jpylyzer's tests it fails {', '.join(failed[:6]) or 'to be read'}"
