"""The size parameter of the IIIF Image API (§4.2 of 3.0 and of 2.1) and its canonical form (3.0 §4.8, 2.1 §4.7).

Pure numbers and text. `Size.parse` reads the size of 3.0; the size of 2.1 is made of the same forms in `request2`.
Where the specifications leave something open, this is decided here:

- What is smaller than half a pixel is an error where the client gave the measure (`w,` — `,h` — `pct:n` — `!w,h`): 3.0
  §4.2 and 2.1 §4.2. `max` names no measure, and the whole image must be there at `max` (3.0 compliance §3.2): there a
  side has at least one pixel, the nearest to the ratio that an image can have. So it is with `w,` and `,h` in 2.1,
  where tiles are asked for with `w,` (appendix A) and must be had (2.1 compliance §3.2), those of a very thin image too.
- In 2.1, clients ask for tiles and for the sizes of info.json with `w,` (appendix A, §5.2). Ours are rounded up, so that
  the height which follows from a narrow width may be pixels off: `w,` is then the picture that lies ready in this width,
  the nearest where there are two, as there may be one pixel wide. `,h` is the one that is a pixel off.
- The limits are of the scaled region, before it is turned (3.0 §4.2).
- Within a limit of area the longer side is as long as possible, and the shorter one is nearest to the ratio that fits.
"""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Self

from server.errors import BadRequest
from server.imaging.grammar import DECIMAL, WHOLE, not_understood, rounded, shown
from server.model.levels import is_within, scaled

TOLERANCE = 1
"""Pixels by which a computed `w,h` may pass the region without `^`: viewers round up where we would round down."""

Sizes = frozenset[tuple[int, int]]

_FORMS = "max, w, — ,h — w,h — !w,h or pct:n, each with ^ to enlarge"
_SCALING = re.compile(rf"pct:({DECIMAL})|(!?)({WHOLE})?,({WHOLE})?")


class SizeKind(StrEnum):
    """How a size is written (§4.2). `full` is of 2.1 alone."""

    FULL = "full"
    MAX = "max"
    PERCENT = "percent"
    WIDTH = "width"
    HEIGHT = "height"
    EXACT = "exact"
    WITHIN = "within"


@dataclass(frozen=True, slots=True)
class Limits:
    """The greatest image that is made on request, in pixels (maxWidth, maxHeight, maxArea: 3.0 §5.2, 2.1 §5.3).

    `ready` is what lies ready of the image: in 2.1 `w,` and `,h` come to it.
    """

    max_width: int
    max_height: int
    max_area: int
    ready: "Ready | None" = None

    def allow(self, width: int, height: int) -> bool:
        """Tell whether a result is within the limits."""
        return is_within(width, height, self.max_width, self.max_height, self.max_area)

    def ready_of(self, x: int, y: int, w: int, h: int) -> Sizes:
        """Return the sizes within the limits in which a region lies ready."""
        if self.ready is None:
            return frozenset()
        return frozenset(size for size in self.ready.of(x, y, w, h) if self.allow(*size))


@dataclass(frozen=True, slots=True)
class Ready:
    """What lies ready of an image of width × height pixels, or is told to clients: `sizes` of the whole, and its tiles."""

    width: int
    height: int
    tile_size: int
    sizes: Sizes

    def of(self, x: int, y: int, w: int, h: int) -> Sizes:
        """Return the sizes in which a region is one picture: a tile at its level, or the whole."""
        if (w, h) == (self.width, self.height):
            return self.sizes
        found = []
        right, bottom = self.width - x, self.height - y
        k, span = 0, self.tile_size
        while not x % span and not y % span:
            if w == min(span, right) and h == min(span, bottom):
                found.append((-(-w >> k), -(-h >> k)))
            if span >= self.width and span >= self.height:
                break
            k, span = k + 1, span << 1
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Size:
    """How large the result is to be. `width` and `height` are pixels, 0 where not given.

    `upscale` says that it may be larger than the region: `^` in 3.0, any form but `max` and `full` in 2.1. `least` are
    the pixels that a side computed from the other has at least: 1 in 2.1.
    """

    kind: SizeKind
    upscale: bool = False
    width: int = 0
    height: int = 0
    percent: Fraction = Fraction(0)
    least: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a size of 3.0. Raises BadRequest."""
        form = text.removeprefix("^")
        upscale = form != text
        if form == "max":
            return cls(SizeKind.MAX, upscale)
        return cls.read_scaling(form, text, _FORMS, upscale=upscale)

    @classmethod
    def read_scaling(cls, form: str, text: str, wanted: str, *, upscale: bool, least: int = 0) -> Self:
        """Read `w,` `,h` `w,h` `!w,h` or `pct:n`, the forms of both versions, from `form`.

        `text` is all that the client wrote, `wanted` the forms of its version, for the refusal. Raises BadRequest.
        """
        match = _SCALING.fullmatch(form)
        if match is None:
            raise not_understood("size", text, wanted)
        percent, within, w, h = match.groups()
        if percent:
            if not Fraction(percent):
                raise BadRequest(f"The size {shown(text)} would leave no pixel.")
            return cls(SizeKind.PERCENT, upscale, percent=Fraction(percent))
        width, height = int(w or 0), int(h or 0)
        if (w and not width) or (h and not height):
            raise BadRequest(f"The size {shown(text)} would leave no pixel.")
        if within and width and height:
            return cls(SizeKind.WITHIN, upscale, width, height)
        if within or not (width or height):
            raise not_understood("size", text, wanted)
        kind = SizeKind.EXACT if width and height else SizeKind.WIDTH if width else SizeKind.HEIGHT
        return cls(kind, upscale, width, height, least=least)

    def resolve(self, w: int, h: int, limits: Limits, ready: Sizes = frozenset()) -> tuple[int, int]:
        """Return the width and height of the result for a region of w × h pixels; below 1 where nothing is left.

        The limits, which are those of the format too, bind `max` and `!w,h` here; the other forms are checked by `ImageRequest.resolve`. `ready` are the
        sizes that lie ready of the region, to which `w,` and `,h` come. Raises BadRequest.
        """
        if self.kind is SizeKind.FULL:
            return w, h
        if self.kind is SizeKind.MAX:
            return _greatest(w, h, limits, upscale=self.upscale)
        if self.kind is SizeKind.WITHIN:
            box = Limits(min(self.width, limits.max_width), min(self.height, limits.max_height), limits.max_area)
            return _fitted(w, h, box, upscale=self.upscale)
        if self.kind is SizeKind.PERCENT:
            if self.percent > 100 and not self.upscale:
                raise BadRequest("A size above 100 per cent needs ^ before it: ^pct:n.")
            return rounded(w * self.percent / 100), rounded(h * self.percent / 100)
        slack = 0
        if self.kind is SizeKind.WIDTH:
            width, height = by_width(w, h, self.width, ready, self.least)
        elif self.kind is SizeKind.HEIGHT:
            width, height = _by_height(w, h, self.height, ready, self.least)
        else:
            width, height = self.width, self.height
            slack = TOLERANCE
        if not self.upscale:
            if width > w + slack or height > h + slack:
                raise BadRequest(
                    f"The size {width} × {height} is larger than the region of {w} × {h} pixels; to enlarge it put ^ before the size."
                )
            width, height = min(width, w), min(height, h)
        return width, height


def size_text(region: tuple[int, int], result: tuple[int, int], limits: Limits) -> str:
    """Return the canonical size of a result in pixels for a region in pixels by 3.0 §4.8: max, w,h or either with ^."""
    if limits.allow(*region) and result[0] <= region[0] and result[1] <= region[1]:  # the usual case, without more
        return "max" if result == region else f"{result[0]},{result[1]}"
    if result == _greatest(*region, limits, upscale=False):
        return "max"
    larger = result[0] > region[0] or result[1] > region[1]
    if larger and result == _greatest(*region, limits, upscale=True):
        return "^max"
    return f"{'^' if larger else ''}{result[0]},{result[1]}"


def size_text_2(region: tuple[int, int], result: tuple[int, int], ready: Sizes = frozenset()) -> str:
    """Return the canonical size by 2.1 §4.7: `w,` exactly where that comes to the same, with `ready` as `resolve` has it."""
    if result == region:
        return "full"
    width, height = result
    return f"{width}," if by_width(*region, width, ready, 1) == result else f"{width},{height}"


def by_width(w: int, h: int, width: int, ready: Sizes = frozenset(), least: int = 0) -> tuple[int, int]:
    """Return the size to which a region of w × h pixels comes by its width, with `ready` and `least` as `Size` has them."""
    height = max(least, scaled(h, width, w))
    if ready:
        heights = [near for across, near in ready if across == width]
        height = min(heights, key=lambda near: (abs(near - height), near), default=height)
    return width, height


def _by_height(w: int, h: int, height: int, ready: Sizes, least: int) -> tuple[int, int]:
    width = max(least, scaled(w, height, h))
    if ready:
        return next(
            ((near, height) for near in (width, width - 1, width + 1) if (near, height) in ready), (width, height)
        )
    return width, height


def _greatest(w: int, h: int, limits: Limits, *, upscale: bool) -> tuple[int, int]:
    """Return `_fitted`, with one pixel at least in each direction."""
    width, height = _fitted(w, h, limits, upscale=upscale)
    if not width:
        return 1, min(height, limits.max_area)
    if not height:
        return min(width, limits.max_area), 1
    return width, height


def _fitted(w: int, h: int, limits: Limits, *, upscale: bool) -> tuple[int, int]:
    """Return the largest size in the ratio of w × h within the limits; not above w × h unless `upscale`."""
    width, height = limits.max_width, limits.max_height
    if not upscale:
        width, height = min(width, w), min(height, h)
    if width * h <= height * w:
        height = min(height, scaled(h, width, w))
    else:
        width = min(width, scaled(w, height, h))
    area = limits.max_area
    if width * height <= area:
        return width, height
    if w >= h:
        width = min(width, math.isqrt(area * w // h))
        return width, min(height, scaled(h, width, w), area // width)
    height = min(height, math.isqrt(area * h // w))
    return min(width, scaled(w, height, h), area // height), height
