"""The picture of a view for a page of a PDF: a JPEG that can be read on a screen and printed, of few bytes.

A picture that the pyramid holds ready-made is taken as it is, where its longer side has the right length; otherwise one is
made from the nearest level, once. No web framework.
"""

from dataclasses import dataclass

from server.imaging.render import render
from server.imaging.request import Geometry, Rotation
from server.imaging.tiles import PyramidReader
from server.model.levels import thumbnail

SHORTEST, SIDE, LONGEST = 1500, 2000, 2500
"""Pixels of the longer side: a ready-made picture from the first to the last is taken, another is made in the middle.

A page of 20 × 28 cm then has about 180 dots to the inch: small print can be read, and a page takes 0.2 to 0.7 MB.
"""

QUALITY = 72
"""JPEG quality of a picture that is made."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A picture: a JPEG stream, its size in pixels; `bands` is 1 (gray) or 3 (sRGB)."""

    stream: bytes
    width: int
    height: int
    bands: int


def page_recipe() -> str:
    """Return the name of all that shapes a page's picture, for keys."""
    return f"{SIDE}q{QUALITY}"


def page_picture(reader: PyramidReader) -> PagePicture:
    """Return the picture of a view, never enlarged. Raises ImageError where the pyramid is damaged."""
    index = reader.index
    levels = [(level.width, level.height) for level in index.levels]
    shortest = min(SHORTEST, max(index.width, index.height))
    for width, height in sorted({*index.pictures, *levels}, reverse=True):
        number = index.ready_made(width, height)
        if number is not None and shortest <= max(width, height) <= LONGEST:
            return PagePicture(reader.stream(number), width, height, index.bands)
    width, height = thumbnail(index.width, index.height, SIDE)
    whole = Geometry(
        0, 0, index.width, index.height, width, height, Rotation(), "default", "jpg", "", "full", f"{width},{height}"
    )
    return PagePicture(render(reader, whole, jpeg_quality=QUALITY), width, height, index.bands)
