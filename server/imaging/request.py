"""The request grammar of the IIIF Image API 3.0 (§4), and what a request comes to on a given image.

Pure: text in, values out; no pixels, no I/O, no web framework. `ImageRequest.parse` reads the five parameters,
`ImageRequest.resolve` applies them to an image's size and the server's limits with the specification's rounding, and
`Geometry.canonical` is the canonical form (§4.7). Whatever is wrong is a BadRequest whose text says what and why.

The parameters are values of their own (`Region`, `Size`, `Rotation`), so that another version of the grammar can make
them from other text.
"""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Self
from urllib.parse import unquote

from server.errors import BadRequest

QUALITIES = ("default", "color", "gray", "bitonal")
FORMATS = ("jpg", "png", "webp", "gif", "tif", "avif")
MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "tif": "image/tiff",
    "avif": "image/avif",
}
LONGEST_SIDE = {"jpg": 65_500, "webp": 16_383, "gif": 65_535, "png": 2**31 - 1, "tif": 2**31 - 1, "avif": 65_535}
"""Pixels that a format can hold in one direction."""

TOLERANCE = 1
"""Pixels by which a computed `w,h` may pass the region without `^`: viewers round up where we would round down."""

_WHOLE = r"[0-9]{1,9}"
_DECIMAL = r"(?:[0-9]{1,9}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})"
_PIXELS = re.compile(rf"({_WHOLE}),({_WHOLE}),({_WHOLE}),({_WHOLE})")
_PERCENT = re.compile(rf"pct:({_DECIMAL}),({_DECIMAL}),({_DECIMAL}),({_DECIMAL})")
_SIZE = re.compile(rf"(\^?)(?:(max)|pct:({_DECIMAL})|(!?)({_WHOLE})?,({_WHOLE})?)")
_ROTATION = re.compile(rf"(!?)({_DECIMAL})")


class RegionKind(StrEnum):
    """How a region is written (§4.1)."""

    FULL = "full"
    SQUARE = "square"
    PIXELS = "pixels"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Region:
    """The part of the image that is asked for; the four numbers are pixels or per cent."""

    kind: RegionKind
    x: Fraction = Fraction(0)
    y: Fraction = Fraction(0)
    w: Fraction = Fraction(0)
    h: Fraction = Fraction(0)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a region. Raises BadRequest."""
        if text in ("full", "square"):
            return cls(RegionKind(text))
        if match := _PIXELS.fullmatch(text):
            kind = RegionKind.PIXELS
        elif match := _PERCENT.fullmatch(text):
            kind = RegionKind.PERCENT
        else:
            raise _bad("region", text, "full, square, x,y,w,h or pct:x,y,w,h")
        x, y, w, h = (Fraction(number) for number in match.groups())
        if not w or not h:
            raise BadRequest(f"The region {_shown(text)} is empty: its width and height must be above 0.")
        return cls(kind, x, y, w, h)

    def resolve(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return x, y, w, h in pixels, cropped at the image's edges. Raises BadRequest where nothing is left."""
        if self.kind is RegionKind.FULL:
            return 0, 0, width, height
        if self.kind is RegionKind.SQUARE:
            side = min(width, height)
            return (width - side) // 2, (height - side) // 2, side, side
        if self.kind is RegionKind.PERCENT:
            x, w = _round(self.x * width / 100), _round(self.w * width / 100)
            y, h = _round(self.y * height / 100), _round(self.h * height / 100)
        else:
            x, y, w, h = int(self.x), int(self.y), int(self.w), int(self.h)
        if x >= width or y >= height:
            raise BadRequest(f"The region begins at {x},{y}, outside the image of {width} × {height} pixels.")
        w, h = min(w, width - x), min(h, height - y)
        if w < 1 or h < 1:
            raise BadRequest(f"The region is smaller than one pixel of the image of {width} × {height} pixels.")
        return x, y, w, h


class SizeKind(StrEnum):
    """How a size is written (§4.2)."""

    MAX = "max"
    PERCENT = "percent"
    WIDTH = "width"
    HEIGHT = "height"
    EXACT = "exact"
    WITHIN = "within"


@dataclass(frozen=True, slots=True)
class Limits:
    """The greatest image that is made on request, in pixels (§5.2 maxWidth, maxHeight, maxArea).

    `listed` are the sizes of the whole image that info.json lists: these are served, as upright JPEG, in any case.
    """

    max_width: int
    max_height: int
    max_area: int
    listed: frozenset[tuple[int, int]] = frozenset()

    def allow(self, width: int, height: int) -> bool:
        """Tell whether a result is within the limits."""
        return width <= self.max_width and height <= self.max_height and width * height <= self.max_area


@dataclass(frozen=True, slots=True)
class Size:
    """How large the result is to be. `width` and `height` are pixels, 0 where not given; `upscale` is `^`."""

    kind: SizeKind
    upscale: bool = False
    width: int = 0
    height: int = 0
    percent: Fraction = Fraction(0)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a size. Raises BadRequest."""
        match = _SIZE.fullmatch(text)
        if match is None:
            raise _bad("size", text, "max, w, — ,h — w,h — !w,h or pct:n, each with ^ to enlarge")
        caret, greatest, percent, within, w, h = match.groups()
        upscale = bool(caret)
        if greatest:
            return cls(SizeKind.MAX, upscale)
        if percent:
            if not Fraction(percent):
                raise BadRequest(f"The size {_shown(text)} would leave no pixel.")
            return cls(SizeKind.PERCENT, upscale, percent=Fraction(percent))
        width, height = int(w or 0), int(h or 0)
        if (w and not width) or (h and not height):
            raise BadRequest(f"The size {_shown(text)} would leave no pixel.")
        if within and width and height:
            return cls(SizeKind.WITHIN, upscale, width, height)
        if within or not (width or height):
            raise _bad("size", text, "max, w, — ,h — w,h — !w,h or pct:n, each with ^ to enlarge")
        kind = SizeKind.EXACT if width and height else SizeKind.WIDTH if width else SizeKind.HEIGHT
        return cls(kind, upscale, width, height)

    def resolve(self, w: int, h: int, limits: Limits) -> tuple[int, int]:
        """Return the width and height of the result for a region of w × h pixels.

        The limits bind `max` and `!w,h` here; the other forms are checked by `ImageRequest.resolve`. Raises BadRequest.
        """
        if self.kind is SizeKind.MAX:
            return _greatest(w, h, limits, upscale=self.upscale)
        if self.kind is SizeKind.WITHIN:
            box = Limits(min(self.width, limits.max_width), min(self.height, limits.max_height), limits.max_area)
            return _greatest(w, h, box, upscale=self.upscale)
        if self.kind is SizeKind.PERCENT:
            if self.percent > 100 and not self.upscale:
                raise BadRequest("A size above 100 per cent needs ^ before it: ^pct:n.")
            return _round(w * self.percent / 100), _round(h * self.percent / 100)
        if self.kind is SizeKind.WIDTH:
            width, height = self.width, _round(Fraction(h * self.width, w))
            slack = 0
        elif self.kind is SizeKind.HEIGHT:
            width, height = _round(Fraction(w * self.height, h)), self.height
            slack = 0
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


@dataclass(frozen=True, slots=True)
class Rotation:
    """Clockwise degrees from 0 to below 360, after mirroring at the vertical axis (§4.3)."""

    degrees: Fraction = Fraction(0)
    mirrored: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a rotation. Raises BadRequest."""
        match = _ROTATION.fullmatch(text)
        if match is None or Fraction(match[2]) > 360:
            raise _bad("rotation", text, "a number from 0 to 360, with ! before it to mirror")
        return cls(Fraction(match[2]) % 360, bool(match[1]))

    @property
    def canonical(self) -> str:
        """The rotation without superfluous zeros."""
        text = (
            f"{float(self.degrees):.12f}".rstrip("0").rstrip(".") if self.degrees.denominator > 1 else str(self.degrees)
        )
        return f"!{text}" if self.mirrored else text


@dataclass(frozen=True, slots=True)
class Geometry:
    """What a request comes to on one image: the region x, y, w, h, the size of the result before it is rotated.

    `computed` is `width` or `height` where that side of the result was computed from the other, which was given: it
    may differ by a pixel.
    `region_text` and `size_text` are canonical.
    """

    x: int
    y: int
    w: int
    h: int
    width: int
    height: int
    rotation: Rotation
    quality: str
    format: str
    computed: str
    region_text: str
    size_text: str

    @property
    def canonical(self) -> str:
        """The path after the image's base URI, in canonical form (§4.7)."""
        return f"{self.region_text}/{self.size_text}/{self.rotation.canonical}/{self.quality}.{self.format}"

    @property
    def is_upright(self) -> bool:
        """Whether nothing is turned or mirrored."""
        return not self.rotation.degrees and not self.rotation.mirrored

    @property
    def media_type(self) -> str:
        """Content-Type of the result."""
        return MEDIA_TYPES[self.format]


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """The five parameters of an image request."""

    region: Region
    size: Size
    rotation: Rotation
    quality: str
    format: str

    @classmethod
    def parse(cls, region: str, size: str, rotation: str, quality: str, format: str) -> Self:  # noqa: A002  # the API's word
        """Read the parameters as they stand in the path, percent-encoded or not. Raises BadRequest alone."""
        region, size, rotation, quality, format = (unquote(part) for part in (region, size, rotation, quality, format))  # noqa: A001
        if quality not in QUALITIES:
            raise _bad("quality", quality, ", ".join(QUALITIES))
        if format not in FORMATS:
            raise _bad("format", format, ", ".join(FORMATS))
        return cls(Region.parse(region), Size.parse(size), Rotation.parse(rotation), quality, format)

    def resolve(self, width: int, height: int, limits: Limits, *, gray: bool = False) -> Geometry:
        """Apply the request to an image of width × height pixels; `gray` says that it has no colour.

        Raises BadRequest where the region lies outside, the result has no pixel, or is above the limits.
        """
        x, y, w, h = self.region.resolve(width, height)
        out_width, out_height = self.size.resolve(w, h, limits)
        if out_width < 1 or out_height < 1:
            raise BadRequest(f"The size asked for would make an image of {out_width} × {out_height} pixels.")
        whole = (w, h) == (width, height)
        if not limits.allow(out_width, out_height) and not (whole and self._is_listed(out_width, out_height, limits)):
            raise BadRequest(
                f"An image of {out_width} × {out_height} pixels is above the limits of this server: "
                f"{limits.max_width} wide, {limits.max_height} high, {limits.max_area} pixels in all."
            )
        self._check_format(out_width, out_height)
        default = "gray" if gray else "color"
        return Geometry(
            x,
            y,
            w,
            h,
            out_width,
            out_height,
            self.rotation,
            "default" if self.quality == default else self.quality,
            self.format,
            {SizeKind.WIDTH: "height", SizeKind.HEIGHT: "width"}.get(self.size.kind, ""),
            "full" if whole else f"{x},{y},{w},{h}",
            size_text((w, h), (out_width, out_height), limits),
        )

    def _is_listed(self, width: int, height: int, limits: Limits) -> bool:
        upright = not self.rotation.degrees and not self.rotation.mirrored
        return self.format == "jpg" and upright and (width, height) in limits.listed

    def _check_format(self, width: int, height: int) -> None:
        """Refuse what the format cannot hold: the result, or the box around it when it is turned."""
        turn = math.radians(float(self.rotation.degrees))
        across = abs(math.cos(turn)) * width + abs(math.sin(turn)) * height
        down = abs(math.sin(turn)) * width + abs(math.cos(turn)) * height
        longest = math.ceil(max(across, down))
        if longest > LONGEST_SIDE[self.format]:
            raise BadRequest(
                f"The format {self.format} holds at most {LONGEST_SIDE[self.format]} pixels in one direction, not {longest}."
            )


def size_text(region: tuple[int, int], result: tuple[int, int], limits: Limits) -> str:
    """Return the canonical size (§4.7): max, w,h or either with ^."""
    if limits.allow(*region) and result[0] <= region[0] and result[1] <= region[1]:  # the usual case, without fractions
        return "max" if result == region else f"{result[0]},{result[1]}"
    if result == _greatest(*region, limits, upscale=False):
        return "max"
    larger = result[0] > region[0] or result[1] > region[1]
    if larger and result == _greatest(*region, limits, upscale=True):
        return "^max"
    return f"{'^' if larger else ''}{result[0]},{result[1]}"


def _greatest(w: int, h: int, limits: Limits, *, upscale: bool) -> tuple[int, int]:
    """Return the largest size in the ratio of w × h within the limits; not above w × h unless `upscale`."""
    scale = min(Fraction(limits.max_width, w), Fraction(limits.max_height, h))
    if not upscale:
        scale = min(scale, Fraction(1))
    width, height = min(_round(w * scale), limits.max_width), min(_round(h * scale), limits.max_height)
    if width * height > limits.max_area:
        width = math.isqrt(limits.max_area * w // h)
        height = width * h // w
    return width, height


def _round(value: Fraction) -> int:
    """Round to the nearest whole number, halves up."""
    return math.floor(value + Fraction(1, 2))


def _bad(what: str, text: str, wanted: str) -> BadRequest:
    return BadRequest(f"The {what} {_shown(text)} is not understood; it must be {wanted}.")


def _shown(text: str) -> str:
    """Quote what a client typed, short and printable."""
    return "“" + "".join(char if char.isprintable() else "?" for char in text[:60]) + "”"
