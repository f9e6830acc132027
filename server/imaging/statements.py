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
from server.imaging import jpeg2000, pdf
from server.imaging.tiff import Directory, Tag, read_directories, read_directory
from server.told import NOTHING, Told, told

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
    is not said; `malformed` is what breaks the format, empty where nothing does; `exif_size` the width and height in pixels
    that EXIF states of the picture as it was taken.
    """

    resolutions: tuple[tuple[str, float, float], ...] = ()
    colour: str = ""
    malformed: Told = NOTHING
    exif_size: tuple[int, int] | None = None


def read_statements(path: Path, kind: str, bits: int, page: int = 1) -> Statements:
    """Read the headers of a master of a known kind (`source.sniff`). Raises ImageError where they are cut short."""
    with path.open("rb") as file:
        if kind == "jpeg":
            return _jpeg(file)
        if kind == "tiff":
            return _tiff(file, bits)
        if kind == "png":
            return _png(file, bits)
    if kind == "pdf":
        # a page has a size on paper: with the pixels of its scan it says how many there are to the inch
        size = pdf.page_size(path, page)
        dpi = round(size.dpi, 1)
        return Statements((("PDF", dpi, dpi),) if size.is_scan else (), "gray" if size.is_gray else "rgb")
    header = jpeg2000.read_header(path)
    colour = header.colour if header.colour in {"gray", "rgb", "cmyk"} else "gray" if header.bands < 3 else "rgb"
    resolutions = (("JP2", round(header.dpi, 1), round(header.dpi, 1)),) if header.dpi else ()
    return Statements(resolutions, colour, _jp2(path) if kind == "jp2" else NOTHING)


def _jpeg(file: BinaryIO) -> Statements:
    resolutions: list[tuple[str, float, float]] = []
    colour, at = "", 2
    exif_size: tuple[int, int] | None = None
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
            stated, size = _exif(file.read(length - 2))
            resolutions += stated
            exif_size = size or exif_size
        elif 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            body = file.read(6)
            colour = {1: "gray", 3: "rgb", 4: "cmyk"}.get(body[5] if len(body) == 6 else 0, "")
        at += 2 + length
    tail = _tail(file)
    if not tail.endswith(b"\xff\xd9"):
        beyond = len(tail) - tail.rfind(b"\xff\xd9") - 2
        said = (
            told("{beyond} bytes follow its end marker", beyond=beyond)
            if b"\xff\xd9" in tail
            else told("it has no end marker (FFD9)")
        )
        return Statements(tuple(resolutions), colour, said, exif_size)
    return Statements(tuple(resolutions), colour, NOTHING, exif_size)


def _jfif(body: bytes) -> list[tuple[str, float, float]]:
    if len(body) < 12 or body[:5] != b"JFIF\0" or body[7] not in _INCH:
        return []
    across, down = struct.unpack_from(">HH", body, 8)
    inch = _INCH[body[7]]
    return [("JFIF", round(across * inch, 1), round(down * inch, 1))] if across and down else []


def _exif(body: bytes) -> tuple[list[tuple[str, float, float]], tuple[int, int] | None]:
    if not body.startswith(b"Exif\0\0"):
        return [], None
    inner = io.BytesIO(body[6:])
    try:
        directory = read_directories(inner, 1)[0]
        return _resolution(inner, directory, "EXIF"), _exif_size(inner, directory)
    except (ImageError, struct.error):
        return [], None  # an EXIF block that cannot be read says nothing


def _exif_size(file: BinaryIO, directory: Directory) -> tuple[int, int] | None:
    """Return the size in pixels that EXIF states (Exif 2.32 §4.6.5, PixelXDimension), None where it does not."""
    try:
        [where] = directory.values(file, Tag.EXIF) or (0,)
        taken = read_directory(file, where, directory) if where else None
        across = taken.values(file, Tag.PIXELS_ACROSS) if taken else ()
        down = taken.values(file, Tag.PIXELS_DOWN) if taken else ()
    except (ImageError, struct.error, ValueError):
        return None
    return (across[0], down[0]) if across and down and across[0] and down[0] else None


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
    return Statements(
        tuple(_resolution(file, directory, "TIFF")), colour, _tiff_fault(file, directory), _exif_size(file, directory)
    )


def _tiff_fault(file: BinaryIO, directory: Directory) -> Told:
    tags = list(directory.entries)
    if tags != sorted(tags):
        return told("the tags of its directory are not in ascending order (TIFF 6.0 §2)")
    for tag in _NEEDED:
        if tag not in directory.entries:
            return told("its directory lacks the tag {tag} (TIFF 6.0 §8)", tag=tag.value)
    end = file.seek(0, 2)
    for places, sizes in (
        (Tag.STRIP_OFFSETS, Tag.STRIP_BYTE_COUNTS),
        (Tag.TILE_OFFSETS, Tag.TILE_BYTE_COUNTS),
    ):
        at, length = directory.values(file, places), directory.values(file, sizes)
        if at and len(at) != len(length):
            return told("it names {places} places of pixels and {sizes} sizes", places=len(at), sizes=len(length))
        beyond = sum(1 for where, size in zip(at, length, strict=True) if where + size > end)
        if beyond:
            return told(
                "{beyond} of its {count} strips or tiles lie beyond the end of the file", beyond=beyond, count=len(at)
            )
    return NOTHING


def _png(file: BinaryIO, bits: int) -> Statements:
    resolutions: list[tuple[str, float, float]] = []
    colour, at, end = "", 8, file.seek(0, 2)
    while True:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return Statements(tuple(resolutions), colour, told("it has no end chunk (IEND)"))
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
            return Statements(
                tuple(resolutions),
                colour,
                told("{beyond} bytes follow its end", beyond=beyond) if beyond > 0 else NOTHING,
            )
        at += 12 + length


def _tail(file: BinaryIO) -> bytes:
    end = file.seek(0, 2)
    file.seek(max(0, end - _TAIL))
    return file.read().rstrip(b"\0")


def _jp2(path: Path) -> Told:
    """Return which tests of jpylyzer a JP2 fails."""
    from jpylyzer import jpylyzer  # type: ignore[import-untyped]  # it has no types, and takes long to load

    try:
        report = jpylyzer.checkOneFile(str(path))
    except Exception as error:  # noqa: BLE001  # whatever it stumbles over is a fault of the file
        return told("jpylyzer cannot read it ({kind})", kind=type(error).__name__)
    if (report.findtext("isValid") or "").strip() == "True":
        return NOTHING
    tests = report.find("tests")
    failed = [test.tag for test in tests.iter() if (test.text or "").strip() == "False"] if tests is not None else []
    if not failed:
        return told("it is no valid JP2; jpylyzer cannot read it")
    return told("it is no valid JP2; of jpylyzer's tests it fails {names}", names=", ".join(failed[:6]))
