"""The arithmetic of a pyramid: which levels there are and how large each is.

Level k is the image reduced 2**k times, rounded up in both directions; the last level fits in one tile. Image API 3.0
§5.3 (`sizes`) and §5.4 (`tiles`, `scaleFactors`) announce exactly these.
"""

from collections.abc import Iterable


def level_sizes(width: int, height: int, tile_size: int) -> tuple[tuple[int, int], ...]:
    """Return width and height in pixels of every level, the full image first."""
    sizes = [(width, height)]
    while max(sizes[-1]) > tile_size:
        k = len(sizes)
        sizes.append((-(-width >> k), -(-height >> k)))
    return tuple(sizes)


def scale_factors(width: int, height: int, tile_size: int) -> tuple[int, ...]:
    """Return the scale factor of every level (1, 2, 4 and so on)."""
    return tuple(1 << k for k in range(len(level_sizes(width, height, tile_size))))


LONGEST_JPEG_SIDE = 65_500
"""Pixels in one direction that a JPEG can hold (libjpeg's own limit)."""


def listed_sizes(width: int, height: int, tile_size: int) -> tuple[tuple[int, int], ...]:
    """Return the sizes that info.json lists: one per scale factor, the smallest first, as far as JPEG can hold them."""
    sizes = level_sizes(width, height, tile_size)
    return tuple(size for size in reversed(sizes) if max(size) <= LONGEST_JPEG_SIDE)


def is_within(width: int, height: int, max_width: int, max_height: int, max_area: int) -> bool:
    """Whether an image is no larger than what is made on request (3.0 §5.2, 2.1 §5.3): told and kept by the same rule."""
    return width <= max_width and height <= max_height and width * height <= max_area


LARGEST_READY_MADE = 2**22
"""Pixels, width times height, up to which the whole image is stored ready-made in the size of a level."""

THUMBNAIL_SIDES = (400, 200)
"""Sides in pixels of the squares into which a ready-made small picture fits."""


def scaled(side: int, part: int, whole: int) -> int:
    """Return side × part / whole to the nearest whole number, halves up, in whole numbers alone: tiles need it quickly."""
    return (2 * side * part + whole) // (2 * whole)


def thumbnail(width: int, height: int, side: int) -> tuple[int, int]:
    """Return the size of an image fitted into a square, never enlarged: exactly that of the request `!side,side`.

    Of an image so narrow that the request would be refused one pixel is left.
    """
    longest = max(width, height)
    if longest <= side:
        return width, height
    return max(1, scaled(width, side, longest)), max(1, scaled(height, side, longest))


def ready_made_sizes(width: int, height: int, tile_size: int) -> tuple[tuple[int, int], ...]:
    """Return the sizes in which the whole image is stored as one picture, the largest first; none is a single tile."""
    levels = level_sizes(width, height, tile_size)
    wanted = [
        (w, h)
        for w, h in levels
        if max(w, h) > tile_size and w * h <= LARGEST_READY_MADE and max(w, h) <= LONGEST_JPEG_SIDE
    ]
    for side in THUMBNAIL_SIDES:
        size = thumbnail(width, height, side)
        if max(width, height) > side and size not in wanted and size != levels[-1]:
            wanted.append(size)
    return tuple(sorted(wanted, reverse=True))


LONGEST_MADE_SIDE = 6000
"""Pixels in one direction up to which any size is made on request, unless an installation chooses otherwise."""

GREATEST_MADE_AREA = 24_000_000
"""Pixels, width times height, up to which any size is made on request, unless an installation chooses otherwise."""


def whole_image_size(width: int, height: int, sizes: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return the size in which a whole image is given: its own where that is made, else the greatest listed within."""
    if _is_made(width, height):
        return width, height
    return max((size for size in sizes if _is_made(*size)), key=lambda size: size[0] * size[1], default=(width, height))


def _is_made(width: int, height: int) -> bool:
    return max(width, height) <= LONGEST_MADE_SIDE and width * height <= GREATEST_MADE_AREA
