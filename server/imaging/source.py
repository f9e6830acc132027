"""Masters: what they are, and their pixels as they are to be shown (upright, sRGB or gray, 8 bits, no alpha).

TIFF, JPEG, PNG and JPEG 2000, told apart by their first bytes and never by their names; 1 to 16 bits, gray, RGB,
palette, alpha, CMYK; with or without ICC profile; EXIF orientation applied once. Headers are read first and too many
pixels refused before anything is decoded. A file that ends early is refused, with how far it got.
"""

import re
import struct
from dataclasses import dataclass
from pathlib import Path

from server.errors import ImageError, ImageTooLarge
from server.imaging import jpeg2000, pdf
from server.imaging.metadata import check_metadata
from server.imaging.profiles import is_srgb
from server.imaging.tiff import Tag, read_directories
from server.imaging.vips import pyvips, reason
from server.told import told

WHOLE_PICTURE_PIXELS = 400_000_000
"""Pixels above which a file that cannot be read row by row is refused: it would take more than a gigabyte of memory."""

LONGEST_SIDE = 65_500
"""Pixels in one direction of a master: more cannot be sent as one JPEG."""

LARGEST_RATIO = 10_000
"""How often the shorter side may go into the longer one: beyond it there is nothing to be seen."""

REMEDY = told("ask the supplier for it again")
_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II\x2a\x00", "tiff"),
    (b"MM\x00\x2a", "tiff"),
    (b"II\x2b\x00", "tiff"),
    (b"MM\x00\x2b", "tiff"),
    (jpeg2000.SIGNATURE, "jp2"),
    (jpeg2000.CODESTREAM, "j2k"),
    (b"%PDF-", "pdf"),
)
_TIFF_COMPRESSION = {
    1: "none", 2: "ccitt-rle", 3: "ccitt-g3", 4: "ccitt-g4", 5: "lzw", 6: "old-jpeg", 7: "jpeg", 8: "deflate",
    32773: "packbits", 32946: "deflate", 34712: "jpeg2000", 34925: "lzma", 50000: "zstd", 50001: "webp",
}  # fmt: skip
_PROFILE_SPACE = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}
UNSPECIFIED_SAMPLE = 0
"""The value of TIFF's ExtraSamples for a band that is no alpha."""


@dataclass(frozen=True, slots=True)
class MasterFacts:
    """What a master says of itself. Width and height are of the picture upright; `dpi` is 0 where not said.

    `format` is tiff, jpeg, png, jp2, j2k or pdf; `bands` counts alpha too; `icc_name` is empty without a profile;
    `orientation` is the EXIF value, 1 where not said.
    """

    format: str
    width: int
    height: int
    bands: int
    bits: int
    dpi: float
    icc_name: str
    orientation: int
    compression: str


def probe(path: Path, page: int = 1) -> MasterFacts:
    """Read a master's header, no pixels; of a PDF, how large a page is drawn. Raises ImageError naming the file."""
    kind = sniff(path)
    if kind == "pdf":
        size = pdf.page_size(path, page)
        bands = 1 if size.is_gray else 3
        return MasterFacts(kind, size.width, size.height, bands, 8, round(size.dpi, 1), "", 1, "pdf")
    check_metadata(path, kind)
    if kind in ("jp2", "j2k"):
        header = jpeg2000.read_header(path)
        return MasterFacts(
            kind, header.width, header.height, header.bands, header.bits, round(header.dpi, 1),
            profile_name(header.profile), 1, "jpeg2000",
        )  # fmt: skip
    image = open_as_is(path, kind, sequential=True)
    orientation = orientation_of(image)
    width, height = (image.width, image.height) if orientation < 5 else (image.height, image.width)
    profile = bytes(image.get("icc-profile-data")) if image.get_typeof("icc-profile-data") else b""
    bits = int(image.get("bits-per-sample")) if image.get_typeof("bits-per-sample") else _bits(image.format)
    said = image.xres > 1.0 and (kind != "jpeg" or _jpeg_says_resolution(path, image))
    dpi = round(image.xres * 25.4, 1) if said else 0.0  # libvips says 1 pixel a millimetre for "not said"
    compression = tiff_value(path, Tag.COMPRESSION) if kind == "tiff" else 0
    named = {"tiff": _TIFF_COMPRESSION.get(compression, str(compression)), "jpeg": "jpeg", "png": "deflate"}[kind]
    return MasterFacts(kind, width, height, image.bands, bits, dpi, profile_name(profile), orientation, named)


def open_master(path: Path, max_pixels: int, *, sequential: bool = True, page: int = 1) -> pyvips.Image:
    """Open a master as it is to be shown: upright, 8 bits, one band (gray) or three (sRGB).

    Sequential access reads the rows once, from the top, in little memory; a picture that must be turned is read to a
    temporary file instead. Pixels are read while the result is used: turn its errors into ours with `explain`.
    Raises ImageError, ImageTooLarge.
    """
    kind = sniff(path)
    check_size(path, kind, max_pixels, page)
    if kind == "pdf":
        return pdf.draw_page(path, page)
    if kind in ("jp2", "j2k"):
        image = open_jpeg2000(path)
    else:
        image = open_as_is(path, kind, sequential=sequential)
        if sequential and orientation_of(image) > 2:
            image = open_as_is(path, kind, sequential=False)
    real_alpha = kind != "tiff" or tiff_value(path, Tag.EXTRA_SAMPLES, 1) != UNSPECIFIED_SAMPLE
    try:
        shown = as_shown(image, path.name, real_alpha=real_alpha)
        return shown.autorot() if orientation_of(image) > 1 else shown
    except pyvips.Error as error:
        raise ImageError(
            told(
                "{name}: its colours cannot be read ({reason}); {remedy}",
                name=path.name,
                reason=reason(error),
                remedy=REMEDY,
            )
        ) from error


def explain(path: Path, error: Exception) -> ImageError:
    """Return our error for one that libvips raised while reading the pixels of a master: how far it got, what to do."""
    said = reason(error)
    try:
        rows, height = _readable_rows(path)
        if exact := re.search(r"scanline (\d+)", said):  # libtiff names the row, libvips reads several at once
            rows = max(rows, min(int(exact[1]), height - 1))
    except (ImageError, pyvips.Error):
        return ImageError(
            told("{name}: cannot be decoded ({said}); {remedy}", name=path.name, said=said, remedy=REMEDY)
        )
    if rows >= height:
        return ImageError(told("{name}: cannot be worked on ({said})", name=path.name, said=said))
    return ImageError(
        told(
            "{name}: ends after {rows} % of its rows ({said}); {remedy}",
            name=path.name,
            rows=rows * 100 // height,
            said=said,
            remedy=REMEDY,
        )
    )


def sniff(path: Path) -> str:
    """Return tiff, jpeg, png, jp2, j2k or pdf by the first bytes. Raises ImageError."""
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError as error:
        raise ImageError(
            told("{name}: cannot be read ({strerror})", name=path.name, strerror=error.strerror)
        ) from error
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    what = told("is empty") if not start else told("is not a TIFF, JPEG, PNG or JPEG 2000 image, nor a PDF")
    raise ImageError(told("{name}: {what}; {remedy} in one of these formats", name=path.name, what=what, remedy=REMEDY))


def profile_name(profile: bytes) -> str:
    """Return the description of an ICC profile (ICC.1 `desc` tag), empty where there is none."""
    if len(profile) < 132:
        return ""
    for number in range(min(struct.unpack_from(">I", profile, 128)[0], 100)):
        if len(profile) < 144 + 12 * number:
            return ""
        signature, offset, length = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        tag = profile[offset : offset + min(length, 4096)]
        if signature != b"desc" or len(tag) < 12:
            continue
        if tag[:4] == b"desc":
            return tag[12 : 12 + struct.unpack_from(">I", tag, 8)[0]].split(b"\0")[0].decode("ascii", "replace").strip()
        if tag[:4] == b"mluc" and len(tag) >= 28:
            size, at = struct.unpack_from(">II", tag, 20)
            return tag[at : at + size].decode("utf-16-be", "replace").strip("\0 ")
    return "unnamed"


def check_size(path: Path, kind: str, max_pixels: int, page: int = 1) -> None:
    """Refuse what is too large before anything is decoded. Raises ImageTooLarge."""
    if kind == "png":
        check_metadata(path, kind)
        width, height, whole = _png_header(path)
    else:
        facts = probe(path, page)
        width, height = facts.width, facts.height
        whole = kind not in ("tiff", "pdf") and (
            kind != "jpeg" or bool(open_as_is(path, kind, sequential=True).get_typeof("interlaced"))
        )
    if max(width, height) > LONGEST_SIDE or max(width, height) > min(width, height) * LARGEST_RATIO:
        raise ImageTooLarge(
            told(
                "{name}: its header announces {width} × {height} pixels; a side has 1 to {longest_side} "
                "pixels, and the longer at most {largest_ratio} times those of the shorter: ask for the "
                "picture in several parts",
                name=path.name,
                width=width,
                height=height,
                longest_side=LONGEST_SIDE,
                largest_ratio=LARGEST_RATIO,
            )
        )
    if width * height > max_pixels:
        raise ImageTooLarge(
            told(
                "{name}: its header announces {width} × {height} pixels, more than the {max_pixels} that "
                "VITRINE_MAX_MASTER_PIXELS allows; raise it if the master is sound",
                name=path.name,
                width=width,
                height=height,
                max_pixels=max_pixels,
            )
        )
    if whole and width * height > WHOLE_PICTURE_PIXELS:
        raise ImageTooLarge(
            told(
                "{name}: its header announces {width} × {height} pixels, and a JPEG 2000, a progressive "
                "JPEG or an interlaced PNG must be decoded whole: above {whole_picture_pixels} pixels ask "
                "for a TIFF",
                name=path.name,
                width=width,
                height=height,
                whole_picture_pixels=WHOLE_PICTURE_PIXELS,
            )
        )


def _png_header(path: Path) -> tuple[int, int, bool]:
    """Return width, height and whether it is interlaced (PNG §11.2.2), before libvips refuses it in its own words."""
    with path.open("rb") as file:
        start = file.read(29)
    if len(start) < 29 or start[12:16] != b"IHDR":
        raise ImageError(told("{name}: ends within its header; {remedy}", name=path.name, remedy=REMEDY))
    width, height = struct.unpack_from(">II", start, 16)
    return width, height, start[28] != 0


def open_as_is(path: Path, kind: str, *, sequential: bool) -> pyvips.Image:
    """Open a TIFF, JPEG or PNG with its own samples, neither turned nor converted. Raises ImageError."""
    load = {"tiff": pyvips.Image.tiffload, "jpeg": pyvips.Image.jpegload, "png": pyvips.Image.pngload}[kind]
    # Our own limits on pixels and metadata were checked before; that on the scans of a JPEG is left to libvips.
    unlimited = {"unlimited": True} if kind == "png" else {}
    try:
        return load(
            str(path),
            access="sequential" if sequential else "random",
            fail_on="error",
            revalidate=True,
            **unlimited,
        )
    except pyvips.Error as error:
        if kind == "tiff":
            tiff_value(path, Tag.COMPRESSION)  # says it better where the directory is cut off
        raise ImageError(
            told(
                "{name}: its header cannot be read ({reason}); {remedy}",
                name=path.name,
                reason=reason(error),
                remedy=REMEDY,
            )
        ) from error


def open_jpeg2000(path: Path) -> pyvips.Image:
    """Open a JPEG 2000 with its own samples, decoded whole. Raises ImageError."""
    header = jpeg2000.read_header(path)
    pixels = jpeg2000.decode(path, header)
    height, width, bands = pixels.shape
    sixteen = pixels.dtype.itemsize == 2
    image = pyvips.Image.new_from_memory(pixels.data, width, height, bands, "ushort" if sixteen else "uchar")
    cmyk = header.colour == "cmyk" or (header.profile[16:20] == b"CMYK" and bands >= 4)
    if cmyk:
        kind = "cmyk"
    elif bands < 3:
        kind = "grey16" if sixteen else "b-w"
    else:
        kind = "rgb16" if sixteen else "srgb"
    image = image.copy(interpretation=kind)
    if header.profile:
        image = image.copy()
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", header.profile)
    return image


def as_shown(image: pyvips.Image, name: str, *, real_alpha: bool) -> pyvips.Image:
    """Return sRGB or gray, 8 bits, no alpha."""
    if image.interpretation in ("lab", "labs", "labq", "lch", "xyz"):
        return image.colourspace("srgb")
    if image.format not in ("uchar", "ushort"):
        raise ImageError(
            told("{name}: has samples of kind {format}; ask for 1 to 16 bits, unsigned", name=name, format=image.format)
        )
    cmyk = image.interpretation == "cmyk"
    colours = 4 if cmyk else 1 if image.bands < 3 else 3
    if image.bands not in (colours, colours + 1):
        raise ImageError(told("{name}: has {bands} bands; ask for gray, RGB or CMYK", name=name, bands=image.bands))
    top = 65535 if image.format == "ushort" else 255
    if image.bands > colours:
        if real_alpha:
            white = [0] * 4 if cmyk else [top] * colours
            image = image.copy(interpretation=_plain(colours, top, cmyk=cmyk))
            image = image.flatten(background=white, max_alpha=top)
        else:
            image = image.extract_band(0, n=colours)
    image = image.copy(interpretation=_plain(colours, top, cmyk=cmyk))
    return _to_srgb(image, colours, top)


def _to_srgb(image: pyvips.Image, colours: int, top: int) -> pyvips.Image:
    """Apply the image's own profile where it fits, else take it for sRGB (RGB, gray) or for common print (CMYK)."""
    profile = bytes(image.get("icc-profile-data")) if image.get_typeof("icc-profile-data") else b""
    if colours == 4 and top == 65535:
        image = (image >> 8).cast("uchar").copy(interpretation="cmyk")
    if profile[16:20] == _PROFILE_SPACE[colours] and not (colours == 3 and is_srgb(profile)):
        try:
            shown = image.icc_transform(
                "srgb", embedded=True, intent="relative", black_point_compensation=True, depth=8
            )
        except pyvips.Error:
            shown = None  # a damaged profile: shown as if there were none
        if shown is not None:
            return shown.extract_band(1).copy(interpretation="b-w") if colours == 1 else shown
    if colours == 4:
        return image.icc_transform("srgb", input_profile="cmyk", intent="relative", depth=8)
    return image.colourspace("b-w" if colours == 1 else "srgb")


def _plain(colours: int, top: int, *, cmyk: bool) -> str:
    if cmyk:
        return "cmyk"
    if colours == 1:
        return "grey16" if top == 65535 else "b-w"
    return "rgb16" if top == 65535 else "srgb"


def _jpeg_says_resolution(path: Path, image: pyvips.Image) -> bool:
    """Tell whether JFIF or EXIF holds a resolution: without either libvips says 72 dpi, which nobody wrote."""
    with path.open("rb") as file:
        start = file.read(14)
    if start[6:10] == b"JFIF" and start[13:14] in {b"\x01", b"\x02"}:
        return True
    return bool(image.get_typeof("exif-data") and image.get_typeof("exif-ifd0-XResolution"))


def orientation_of(image: pyvips.Image) -> int:
    """Return the EXIF orientation, 1 where it is not said or no number of a kind."""
    value = int(image.get("orientation")) if image.get_typeof("orientation") else 1
    return value if 1 <= value <= 8 else 1


def _bits(kind: str) -> int:
    return {"uchar": 8, "char": 8, "ushort": 16, "short": 16, "uint": 32, "int": 32, "float": 32}.get(kind, 64)


def tiff_value(path: Path, tag: Tag, default: int = 0) -> int:
    """Return the first value of a tag of the first directory. Raises ImageError naming the file."""
    try:
        with path.open("rb") as file:
            values = read_directories(file, 1)[0].values(file, tag)
    except ImageError as error:
        raise ImageError(told("{name}: {error}", name=path.name, error=error.told)) from error
    return values[0] if values else default


def _readable_rows(path: Path) -> tuple[int, int]:
    """Return how many rows can be decoded, and how many there should be."""
    image = open_as_is(path, sniff(path), sequential=True)
    region = pyvips.Region.new(image)
    step = 16
    for top in range(0, image.height, step):
        try:
            region.fetch(0, top, image.width, min(step, image.height - top))
        except pyvips.Error:
            return top, image.height
    return image.height, image.height
