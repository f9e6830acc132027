"""One pass over the pixels of a master, from its first row to its last: is it whole, which pixels are they, how do they look.

Rows come from the decoder a strip at a time, in little memory. Of each strip libvips makes a small one (the mean of k × k
pixels), a few contrasted pieces are kept in full resolution, and the digest goes on. Colours are converted and the
picture is turned when it is small.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xxhash
from numpy.typing import NDArray

from server.errors import ImageError
from server.imaging import pdf
from server.imaging.appearance import LONG_SIDE, SMALLEST, Appearance, appearance
from server.imaging.focus import BLOCK, Blocks
from server.imaging.preview import keep_picture
from server.imaging.source import (
    UNSPECIFIED_SAMPLE,
    as_shown,
    check_size,
    explain,
    open_as_is,
    open_jpeg2000,
    orientation_of,
    sniff,
    tiff_value,
)
from server.imaging.tiff import Tag
from server.imaging.vips import pyvips

_STRIP = 4 * BLOCK
_SCANNED = ("srgb", "rgb", "rgb16", "b-w", "grey16")
"""What libvips calls light: ink has its ends of the scale the other way round."""

_BYTES = {"uchar": np.uint8, "ushort": np.uint16}


@dataclass(frozen=True, slots=True)
class Overview:
    """What a pass over the pixels gave: their digest (XXH3, 128 bits), and how they look where that was asked.

    The digest is of the samples as decoded, whatever packs them: another compression of the same picture has the same.
    """

    pixels: str
    appearance: Appearance | None = None


def look_through(
    path: Path, max_pixels: int, *, page: int = 1, looking: bool = True, picture: Path | None = None
) -> Overview:
    """Read every pixel of a master, or of a page of it, once. Raises ImageError saying how far the file got, ImageTooLarge.

    A picture of fewer than `SMALLEST` pixels in one direction is not looked at. What was made small is written to `picture`
    as a JPEG, where that is given: a report needs no second pass.
    """
    kind = sniff(path)
    check_size(path, kind, max_pixels, page)
    if kind == "pdf":
        image = pdf.draw_page(path, page)
    else:
        image = open_jpeg2000(path) if kind in ("jp2", "j2k") else open_as_is(path, kind, sequential=True)
    seen = (looking or picture is not None) and image.format in _BYTES
    digest = xxhash.xxh3_128(f"{image.width} {image.height} {image.bands} {image.format}".encode())
    reducing = _Reducing(image) if seen else None
    try:
        for top, data in _strips(image):
            digest.update(data)
            if reducing:
                reducing.add(top, data)
    except pyvips.Error as error:
        raise explain(path, error) from error
    if reducing is None:
        return Overview(digest.hexdigest())
    real_alpha = kind != "tiff" or tiff_value(path, Tag.EXTRA_SAMPLES, 1) != UNSPECIFIED_SAMPLE
    try:
        scanned = reducing.small()
        small = _shown(image, scanned, path.name, real_alpha=real_alpha)
        if picture is not None:
            keep_picture(small, picture)
        pixels, samples = _pixels(small), _samples(image, scanned)
    except (pyvips.Error, ImageError):
        return Overview(digest.hexdigest())  # of a kind that cannot be shown: told where it is ingested
    if not looking or min(image.width, image.height) < SMALLEST:
        return Overview(digest.hexdigest())
    size = (image.width, image.height)
    if orientation_of(image) > 4:
        size = size[::-1]
    return Overview(digest.hexdigest(), _looks(pixels, size, reducing.blocks, samples))


def look_at(pixels: NDArray[np.uint8]) -> Appearance:
    """Return how a picture in memory looks (rows × columns × 1 or 3 bands, sRGB or gray)."""
    height, width, bands = pixels.shape
    image = pyvips.Image.new_from_memory(np.ascontiguousarray(pixels).data, width, height, bands, "uchar")
    image = image.copy(interpretation="srgb" if bands == 3 else "b-w")
    reducing = _Reducing(image)
    for top, data in _strips(image):
        reducing.add(top, data)
    small = _pixels(_shown(image, reducing.small(), "picture", real_alpha=True))
    return _looks(small, (width, height), reducing.blocks)


def _looks(
    small: NDArray[np.uint8], size: tuple[int, int], blocks: Blocks, samples: NDArray[np.uint8] | None = None
) -> Appearance:
    """Return how a picture looks; where no edge is high and there are lines to be seen, its faint edges tell how sharp it is."""
    looks = appearance(small, size, blocks.sharpness(), samples)
    if not looks.sharpness and looks.is_marked and looks.skew is not None:
        looks = replace(looks, sharpness=round(blocks.faint_sharpness(), 4))
    return looks


class _Reducing:
    """The picture made small, and its pieces, while the rows come by."""

    def __init__(self, image: pyvips.Image) -> None:
        self._image = image
        self._factor = max(1, max(image.width, image.height) // LONG_SIDE)
        self._type = _BYTES[image.format]
        self._band = 1 if image.bands >= 3 else 0
        self._parts: list[bytes] = []
        self._size = (0, 0)
        self._left = b""
        self.blocks = Blocks(image.width, image.height)

    def add(self, top: int, data: bytes) -> None:
        width, bands = self._image.width, self._image.bands
        rows: NDArray[np.uint8 | np.uint16] = np.frombuffer(data, self._type).reshape(-1, width, bands)
        gray = rows[:, :, self._band]
        self.blocks.add(top, (gray >> 8 if self._type is np.uint16 else gray).astype(np.uint8, copy=False))
        k = self._factor
        if k == 1:
            self._keep(rows, 1)
            return
        # what is left of the strip before comes first: squares do not end with strips
        if self._left:
            data = self._left + data
            rows = np.frombuffer(data, self._type).reshape(-1, width, bands)
        whole = len(rows) // k * k
        if whole:
            self._keep(rows[:whole], k)
        self._left = rows[whole:].tobytes()

    def small(self) -> pyvips.Image:
        """Return the picture, not larger than twice `LONG_SIDE`; its last rows may be missing where they fill no square."""
        return pyvips.Image.new_from_memory(b"".join(self._parts), *self._size, self._image.bands, self._image.format)

    def _keep(self, rows: NDArray[np.uint8 | np.uint16], k: int) -> None:
        height, width, bands = rows.shape
        strip = pyvips.Image.new_from_memory(rows.tobytes(), width, height, bands, self._image.format)
        small = strip.shrink(min(k, width), k) if k > 1 else strip
        self._parts.append(small.write_to_memory())
        self._size = (small.width, self._size[1] + small.height)


def _strips(image: pyvips.Image) -> Iterator[tuple[int, bytes]]:
    region = pyvips.Region.new(image)
    for top in range(0, image.height, _STRIP):
        yield top, region.fetch(0, top, image.width, min(_STRIP, image.height - top))


def _shown(image: pyvips.Image, small: pyvips.Image, name: str, *, real_alpha: bool) -> pyvips.Image:
    """Return the small picture upright, sRGB or gray."""
    small = as_shown(_described(image, small), name, real_alpha=real_alpha)
    if orientation_of(image) > 1:
        small = small.autorot()
    return small.copy_memory()


def _samples(image: pyvips.Image, small: pyvips.Image) -> NDArray[np.uint8] | None:
    """Return the small picture upright as it was scanned; None where it has no profile: it is shown as scanned then, or in ink.

    Colours that sRGB has not are put at the end of its scale: what is burnt out is not to be told from the picture as shown.
    """
    if not image.get_typeof("icc-profile-data") or image.interpretation not in _SCANNED:
        return None
    small = _described(image, small).extract_band(0, n=3 if image.bands >= 3 else 1)
    if orientation_of(image) > 1:
        small = small.autorot()
    return _pixels((small >> 8).cast("uchar") if small.format == "ushort" else small)


def _described(image: pyvips.Image, small: pyvips.Image) -> pyvips.Image:
    """Return the small picture with the profile and the orientation of the large one."""
    small = small.copy(interpretation=image.interpretation)
    for field in ("icc-profile-data", "orientation"):
        if image.get_typeof(field):
            small = small.copy()
            small.set_type(image.get_typeof(field), field, image.get(field))
    return small


def _pixels(small: pyvips.Image) -> NDArray[np.uint8]:
    """Return the pixels of a small picture, its longer side of `LONG_SIDE` at most."""
    share = LONG_SIDE / max(small.width, small.height)
    if share < 1:
        small = small.resize(share, kernel="linear")
    pixels: NDArray[np.uint8] = np.frombuffer(small.write_to_memory(), np.uint8)
    return pixels.reshape(small.height, small.width, small.bands)
