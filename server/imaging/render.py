"""Everything that is not stored as it is served: a region, resized, turned, in another quality or format.

Taken from the smallest pyramid level that has enough pixels. Up to `IN_MEMORY` pixels of that level are decoded to one
array; more are streamed, tile row by tile row, so that memory stays bounded. No web framework.
"""

import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.errors import ImageError
from server.imaging import jpeg
from server.imaging.plain_png import plain_png
from server.imaging.request import Geometry
from server.imaging.resample import Axis, apply, is_whole, plan
from server.imaging.tiles import PyramidReader
from server.imaging.vips import pyvips, reason

IN_MEMORY = 8 * 2**20
IN_A_BUFFER = 2**20
"""Pixels up to which a PNG or TIFF is written to memory, not through a temporary file."""

ENCODED_WHOLE = 4 * 2**20
"""Pixels up to which a JPEG is encoded from one array."""

JPEG_QUALITY = 85
WEBP_QUALITY = 80
AVIF_QUALITY = 60
EVEN_PALETTE = 2**19
"""Pixels above which a GIF gets the 216 colours of an even cube: to choose its own takes a second for each million."""

ENCODING = {"jpg": 1, "tif": 2, "png": 3, "webp": 8, "avif": 24, "gif": 24}
"""About how many times as long as JPEG an encoder takes for a pixel."""

_THRESHOLD = 127
_BLACK_AND_WHITE = [-0x1000000, -1]
"""A palette of GIF as libvips takes it: signed integers of 32 bits, alpha, red, green, blue."""

Pixels = NDArray[np.uint8]
"""Rows × columns × bands."""

IsWanted = Callable[[], bool]
"""Tells whether somebody still waits for the result; asked often, in the thread that renders."""


class NotWanted(Exception):
    """Nobody waits for the result any more: rendering was given up."""


def weigh(reader: PyramidReader, geometry: Geometry) -> int:
    """Return the weight of a request: the pixels of the chosen level that must be decoded, and what encoding costs.

    An encoder that takes longer for a pixel than that of JPEG counts each as so many more; so does turning.
    """
    _, across, down = _axes(reader, geometry)
    decoded = (across.span[1] - across.span[0]) * (down.span[1] - down.span[0])
    made = geometry.width * geometry.height * ENCODING[geometry.format]
    return decoded + (made if geometry.rotation.degrees in (0, 90, 180, 270) else 2 * made)


def render(
    reader: PyramidReader, geometry: Geometry, *, is_wanted: IsWanted | None = None, jpeg_quality: int = JPEG_QUALITY
) -> bytes:
    """Return the file that the request asks for.

    Ends soon after `is_wanted` has said no. Raises ImageError where the pyramid is damaged, NotWanted.
    """
    asked = is_wanted or _always
    level, across, down = _axes(reader, geometry)
    (left, right), (top, bottom) = across.span, down.span
    width, height, bands = right - left, bottom - top, reader.index.bands
    pixels = np.empty((height, width, bands), np.uint8) if width * height <= IN_MEMORY else None
    parts = _while_wanted(reader.rows(level, left, top, right, bottom, pixels), asked)
    try:
        with (
            _in_memory(parts, pixels) if pixels is not None else _streamed(parts, width, height, bands) as image,
            _stopping_when_unwanted(asked) as watched,
        ):
            shaped = _in_quality(_shaped(apply(image, across, down), geometry), geometry, watched)
            return _encode(watched(shaped), geometry, jpeg_quality)
    except pyvips.Error as error:
        if not asked():
            raise NotWanted(f"{reader.name}: nobody waits for the result") from error
        raise ImageError(f"{reader.name}: cannot be rendered ({reason(error)})") from error


def _always() -> bool:
    return True


def _axes(reader: PyramidReader, geometry: Geometry) -> tuple[int, Axis, Axis]:
    """Return the smallest level with enough pixels, and what of it is taken in both directions."""
    index = reader.index
    right, bottom = geometry.x + geometry.w == index.width, geometry.y + geometry.h == index.height
    level = 0
    for k in range(1, len(index.levels)):
        if not (
            _is_enough(geometry.x / 2**k, geometry.w / 2**k, geometry.width, to_the_edge=right)
            and _is_enough(geometry.y / 2**k, geometry.h / 2**k, geometry.height, to_the_edge=bottom)
        ):
            break
        level = k
    found, factor = index.levels[level], 1 << level
    return (
        level,
        plan(geometry.x / factor, geometry.w / factor, geometry.width, found.width, to_the_edge=right),
        plan(geometry.y / factor, geometry.h / factor, geometry.height, found.height, to_the_edge=bottom),
    )


def _is_enough(begin: float, extent: float, wanted: int, *, to_the_edge: bool) -> bool:
    return extent >= wanted or is_whole(begin, extent, wanted, to_the_edge=to_the_edge)


def _while_wanted(parts: Iterator[Pixels], asked: IsWanted) -> Iterator[Pixels]:
    while True:
        if not asked():
            raise NotWanted("nobody waits for the result")
        part = next(parts, None)
        if part is None:
            return
        yield part


Watched = Callable[[pyvips.Image], pyvips.Image]
"""Returns the image such that libvips stops working on it, and on what is made of it, when nobody waits."""


@contextmanager
def _stopping_when_unwanted(asked: IsWanted) -> Iterator[Watched]:
    """Have libvips ask now and then, and stop.

    libvips calls through a pointer to what belongs to the Python object, also while it works on other images that are
    made of it. So each is held here until all work is done: were it collected before, the process would end.
    """
    held: list[pyvips.Image] = []

    def watched(image: pyvips.Image) -> pyvips.Image:
        if asked is _always:
            return image
        image = image.copy()
        held.append(image)
        image.set_progress(True)
        image.signal_connect("eval", lambda running, _: None if asked() else running.set_kill(True))
        return image

    try:
        yield watched
    finally:
        for image in held:
            image.set_progress(False)


@contextmanager
def _in_memory(parts: Iterator[Pixels], pixels: Pixels) -> Iterator[pyvips.Image]:
    for _ in parts:
        pass
    height, width, bands = pixels.shape
    image = pyvips.Image.new_from_memory(pixels.data, width, height, bands, "uchar")
    yield image.copy(interpretation="srgb" if bands == 3 else "b-w")


@contextmanager
def _streamed(parts: Iterator[Pixels], width: int, height: int, bands: int) -> Iterator[pyvips.Image]:
    """Give libvips the rows through a socket, as it asks for them: a thread decodes them, in little memory.

    (libvips could ask through callbacks instead, but an error in one would end the process; and it could read the
    TIFF itself, but then without our checksums. Of what it reads from a stream, PNG is the plainest without loss.)
    """
    ours, theirs = socket.socketpair()
    failed: list[Exception] = []

    def feed() -> None:
        try:
            for piece in plain_png(parts, width, height, bands):
                ours.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the reader has ended: it says why
        except Exception as error:  # noqa: BLE001  # raised below, in the thread that waits
            failed.append(error)
        finally:
            with suppress(OSError):
                ours.shutdown(socket.SHUT_WR)

    feeder = Thread(target=feed, name="image-rows", daemon=True)
    feeder.start()
    try:
        source = pyvips.Source.new_from_descriptor(theirs.fileno())
        yield pyvips.Image.pngload_source(source, access="sequential", fail_on="error", unlimited=True)
    finally:
        with suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)
        feeder.join()
        ours.close()
        theirs.close()
        if failed:
            raise failed[0]


def _shaped(image: pyvips.Image, geometry: Geometry) -> pyvips.Image:
    """Mirror; turning comes after the quality, because it may add transparency."""
    return image.fliphor() if geometry.rotation.mirrored else image


def _in_quality(image: pyvips.Image, geometry: Geometry, watched: Watched) -> pyvips.Image:
    """Turn between gray and black-and-white: turned afterwards, black-and-white would have grays between again."""
    if geometry.quality in ("gray", "bitonal") and image.bands == 3:
        image = image.colourspace("b-w")
    image = _turned(image, geometry, watched)
    if geometry.quality == "bitonal":
        image = (image > _THRESHOLD).copy(interpretation="b-w")
    return image


def _turned(image: pyvips.Image, geometry: Geometry, watched: Watched) -> pyvips.Image:
    """Rotate clockwise; what appears in the corners is white, or transparent where the format can be."""
    degrees = geometry.rotation.degrees
    if not degrees:
        return image
    image = watched(image).copy_memory()
    if degrees in (90, 180, 270):
        return image.rot(f"d{degrees}")
    if geometry.format == "jpg" or geometry.quality == "bitonal":
        return image.rotate(float(degrees), background=[255] * image.bands)
    return image.bandjoin(255).rotate(float(degrees), background=[0] * (image.bands + 1))


def _encode(image: pyvips.Image, geometry: Geometry, jpeg_quality: int) -> bytes:
    bitonal = geometry.quality == "bitonal"
    one_bit: dict[str, Any] = {"bitdepth": 1} if bitonal else {}
    match geometry.format:
        case "jpg":
            data = _jpeg(image, jpeg_quality)
        case "png":
            filters = "none" if bitonal else "sub"
            data = _saved(image, "png", compression=2, filter=filters, keep="none", **one_bit)
        case "webp":
            data = image.webpsave_buffer(Q=WEBP_QUALITY, effort=1, lossless=bitonal, keep="none")
        case "gif":
            if image.width * image.height > EVEN_PALETTE and not bitonal:
                image = ((image + 25) // 51 * 51).cast("uchar")
            if bitonal:
                image = image.copy()
                image.set_type(pyvips.GValue.array_int_type, "gif-palette", _BLACK_AND_WHITE)
            data = image.gifsave_buffer(effort=1, dither=0, reuse=bitonal, keep="none", **one_bit)
        case "tif":
            compression: dict[str, Any] = (
                {"compression": "ccittfax4"}
                if bitonal
                else {"compression": "deflate", "predictor": "horizontal", "level": 1}
            )
            data = _saved(image, "tiff", keep="none", **compression, **one_bit)
        case "avif":
            data = image.heifsave_buffer(compression="av1", Q=AVIF_QUALITY, effort=0, lossless=bitonal, keep="none")
        case other:
            raise ValueError(f"format {other} has no encoder")
    return bytes(data)


def _jpeg(image: pyvips.Image, quality: int) -> bytes:
    """Return a small picture by the encoder that tiles have, which is the quicker one; a large one row by row."""
    if image.width * image.height > ENCODED_WHOLE:
        return bytes(image.jpegsave_buffer(Q=quality, keep="none"))
    pixels = np.frombuffer(image.write_to_memory(), np.uint8)
    return jpeg.encode(pixels.reshape(image.height, image.width, image.bands), quality)


def _saved(image: pyvips.Image, form: str, **options: object) -> bytes:
    """Return the file, which may be large, having held it once: the buffers of libvips hold it two or three times.

    Raises ImageError where there is no folder for temporary files.
    """
    save = getattr(image, f"{form}save_target")
    if image.width * image.height <= IN_A_BUFFER:
        target = pyvips.Target.new_to_memory()
        save(target, **options)
        return bytes(target.get("blob"))
    try:
        with tempfile.TemporaryFile(prefix="vitrine-image-", buffering=0) as file:
            save(pyvips.Target.new_to_descriptor(file.fileno()), **options)
            file.seek(0)
            return file.read()
    except OSError as error:
        raise ImageError(f"no temporary file can be used ({error}); let TMPDIR name a folder with room") from error
