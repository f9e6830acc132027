"""Everything that is not stored as it is served: a region, resized, turned, in another quality or format.

Taken from the smallest pyramid level that has enough pixels. Up to `IN_MEMORY` pixels of that level are decoded to one
array; more are streamed by libvips from the TIFF itself, tile row by tile row, so that memory stays bounded. No web
framework.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from server.errors import ImageError
from server.imaging.request import Geometry
from server.imaging.tiles import PyramidReader
from server.imaging.vips import pyvips, reason

IN_MEMORY = 16 * 2**20
JPEG_QUALITY = 85
WEBP_QUALITY = 80
AVIF_QUALITY = 60
EVEN_PALETTE = 4 * 2**20
"""Pixels above which a GIF gets the 216 colours of an even cube: to choose its own would take half a minute."""

_FETCH = 8 * 2**20
_THRESHOLD = 127


def source_pixels(reader: PyramidReader, geometry: Geometry) -> int:
    """Return how many pixels of the chosen level must be decoded: the weight of a request."""
    _, left, top, right, bottom = _rectangle(reader, geometry)
    return (right - left) * (bottom - top)


def render(reader: PyramidReader, geometry: Geometry) -> bytes:
    """Return the file that the request asks for. Raises ImageError where the pyramid is damaged."""
    level, left, top, right, bottom = _rectangle(reader, geometry)
    width, height = right - left, bottom - top
    try:
        if width * height > IN_MEMORY:
            with _opened_level(reader, level) as whole:
                return _finished(whole.crop(left, top, width, height), geometry)
        pixels = reader.pixels(level, left, top, right, bottom)
        image = pyvips.Image.new_from_memory(pixels.data, width, height, reader.index.bands, "uchar")
        return _finished(image.copy(interpretation="srgb" if reader.index.bands == 3 else "b-w"), geometry)
    except pyvips.Error as error:
        raise ImageError(f"{reader.name}: cannot be rendered ({reason(error)})") from error


def _rectangle(reader: PyramidReader, geometry: Geometry) -> tuple[int, int, int, int, int]:
    """Return the smallest level with enough pixels, and the rectangle of it that covers the region."""
    level = 0
    for k in range(1, len(reader.index.levels)):
        if -(-geometry.w >> k) < geometry.width or -(-geometry.h >> k) < geometry.height:
            break
        level = k
    found = reader.index.levels[level]
    left, top = geometry.x >> level, geometry.y >> level
    right = min(found.width, -(-(geometry.x + geometry.w) >> level))
    bottom = min(found.height, -(-(geometry.y + geometry.h) >> level))
    return level, left, top, max(right, left + 1), max(bottom, top + 1)


def _finished(image: pyvips.Image, geometry: Geometry) -> bytes:
    return _encode(_in_quality(_shaped(image, geometry), geometry), geometry)


def _shaped(image: pyvips.Image, geometry: Geometry) -> pyvips.Image:
    """Resize and mirror; turning comes after the quality, because it may add transparency."""
    if (image.width, image.height) != (geometry.width, geometry.height):
        image = image.resize(geometry.width / image.width, vscale=geometry.height / image.height, kernel="lanczos3")
        if (image.width, image.height) != (geometry.width, geometry.height):
            image = image.embed(0, 0, geometry.width, geometry.height, extend="copy")
    return image.fliphor() if geometry.rotation.mirrored else image


def _in_quality(image: pyvips.Image, geometry: Geometry) -> pyvips.Image:
    if geometry.quality in ("gray", "bitonal") and image.bands == 3:
        image = image.colourspace("b-w")
    if geometry.quality == "bitonal":
        image = (image > _THRESHOLD).copy(interpretation="b-w")
    return _turned(image, geometry)


def _turned(image: pyvips.Image, geometry: Geometry) -> pyvips.Image:
    """Rotate clockwise; what appears in the corners is white, or transparent where the format can be."""
    degrees = geometry.rotation.degrees
    if not degrees:
        return image
    image = image.copy_memory()
    if degrees in (90, 180, 270):
        return image.rot(f"d{degrees}")
    if geometry.format == "jpg" or geometry.quality == "bitonal":
        return image.rotate(float(degrees), background=[255] * image.bands)
    return image.bandjoin(255).rotate(float(degrees), background=[0] * (image.bands + 1))


def _encode(image: pyvips.Image, geometry: Geometry) -> bytes:
    bitonal = geometry.quality == "bitonal"
    one_bit: dict[str, Any] = {"bitdepth": 1} if bitonal else {}
    match geometry.format:
        case "jpg":
            data = image.jpegsave_buffer(Q=JPEG_QUALITY, keep="none")
        case "png":
            data = image.pngsave_buffer(compression=2, filter="none" if bitonal else "sub", keep="none", **one_bit)
        case "webp":
            data = image.webpsave_buffer(Q=WEBP_QUALITY, effort=1, lossless=bitonal, keep="none")
        case "gif":
            if image.width * image.height > EVEN_PALETTE and not bitonal:
                image = ((image + 25) // 51 * 51).cast("uchar")
            data = image.gifsave_buffer(effort=1, dither=0, keep="none", **one_bit)
        case "tif":
            compression: dict[str, Any] = (
                {"compression": "ccittfax4"}
                if bitonal
                else {"compression": "deflate", "predictor": "horizontal", "level": 1}
            )
            data = image.tiffsave_buffer(keep="none", **compression, **one_bit)
        case "avif":
            data = image.heifsave_buffer(compression="av1", Q=AVIF_QUALITY, effort=0, keep="none")
        case other:
            raise ValueError(f"format {other} has no encoder")
    return bytes(data)


@contextmanager
def _opened_level(reader: PyramidReader, level: int) -> Iterator[pyvips.Image]:
    """Open a level of the TIFF so that libvips reads only the tiles it needs, when it needs them.

    A pyramid that does not lie on this machine is fetched to a temporary file first, without the tiles of the other
    levels. (libvips could read through callbacks instead, but an error in one would end the process.)
    """
    with ExitStack() as undo:
        path = reader.path
        if path is None:
            copy = undo.enter_context(NamedTemporaryFile(prefix="vitrine-", suffix=".tif"))
            _fetch(reader, level, copy)
            path = Path(copy.name)
        yield pyvips.Image.tiffload(str(path), page=level, access="random", fail_on="error", revalidate=True)


def _fetch(reader: PyramidReader, level: int, copy: IO[bytes]) -> None:
    """Write the pyramid to `copy`, leaving holes where tiles of other levels lie."""
    position = 0
    holes = sorted(reader.index.extent(other) for other in range(len(reader.index.levels)) if other != level)
    for start, end in [*holes, (reader.index.tif_size, reader.index.tif_size)]:
        while position < start:
            length = min(_FETCH, start - position)
            copy.seek(position)
            copy.write(reader.read(position, length))
            position += length
        position = max(position, end)
    copy.truncate(reader.index.tif_size)
    copy.flush()
