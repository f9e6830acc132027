"""The request grammar of the IIIF Image API 3.0 (§4), and what a request comes to on a given image.

Pure: text in, values out; no pixels, no I/O, no web framework. `ImageRequest.parse` reads the five parameters of 3.0
(those of 2.1 are read in `request2`), `ImageRequest.resolve` applies them to an image's size and the server's limits
with the specification's rounding, and `Geometry.canonical` is the canonical form of the request's version (3.0 §4.8,
2.1 §4.7). Whatever is wrong is a BadRequest whose text says what and why.
"""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Self
from urllib.parse import unquote

from server.errors import BadRequest
from server.imaging.grammar import DECIMAL, WHOLE, not_understood, rounded, shown
from server.imaging.size import Limits, Size, SizeKind, size_text, size_text_2

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

GREATEST_AREA = {"png": 8 * 2**20, "tif": 8 * 2**20, "webp": 4 * 2**20, "gif": 2 * 2**20, "avif": 2 * 2**20}
GREATEST_AREA_OF_BITONAL_WEBP = 2 * 2**20
GREATEST_TURNED_AREA = {
    "jpg": 6 * 2**20, "png": 6 * 2**20, "tif": 6 * 2**20, "webp": 2 * 2**20, "gif": 2 * 2**20, "avif": 2**20,
}  # fmt: skip
"""Pixels of a result: upright or after quarter turns, and of the box around it after any other turn.

An encoder needs so many bytes for each: 22 for AVIF, 13 for GIF, 10 for WebP without loss and 20 where it may be
transparent, 4 for other WebP; PNG and TIFF are held whole. Up to 50 MB come before it, for the rows of a large level. So
that no request takes more than a JPEG of 24 Mpx after a quarter turn, about 110 MB (tests/unit/imaging/test_memory.py).
"""

ANGLE_DIGITS = 10
"""Digits after the point to which an angle is taken: more turn no pixel, and 2.1 §4 advises no more."""

_SLACK = 1 - 1e-9
"""What is left for the rounding of floating point."""

_PIXELS = re.compile(rf"({WHOLE}),({WHOLE}),({WHOLE}),({WHOLE})")
_PERCENT = re.compile(rf"pct:({DECIMAL}),({DECIMAL}),({DECIMAL}),({DECIMAL})")
_ROTATION = re.compile(rf"(!?)({DECIMAL})")


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
            raise not_understood("region", text, "full, square, x,y,w,h or pct:x,y,w,h")
        x, y, w, h = (Fraction(number) for number in match.groups())
        if not w or not h:
            raise BadRequest(f"The region {shown(text)} is empty: its width and height must be above 0.")
        return cls(kind, x, y, w, h)

    def resolve(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return x, y, w, h in pixels, cropped at the image's edges. Raises BadRequest where nothing is left."""
        if self.kind is RegionKind.FULL:
            return 0, 0, width, height
        if self.kind is RegionKind.SQUARE:
            side = min(width, height)
            return (width - side) // 2, (height - side) // 2, side, side
        if self.kind is RegionKind.PERCENT:
            x, w = _begin(self.x, width), rounded(self.w * width / 100)
            y, h = _begin(self.y, height), rounded(self.h * height / 100)
        else:
            x, y, w, h = int(self.x), int(self.y), int(self.w), int(self.h)
        if x >= width or y >= height:
            raise BadRequest(f"The region begins at {x},{y}, outside the image of {width} × {height} pixels.")
        w, h = min(w, width - x), min(h, height - y)
        if w < 1 or h < 1:
            raise BadRequest(f"The region is smaller than one pixel of the image of {width} × {height} pixels.")
        return x, y, w, h


def _begin(percent: Fraction, side: int) -> int:
    """Return the pixel at so many per cent of a side: of what begins within the last pixel, that one (3.0 and 2.1 §4.1)."""
    at = rounded(percent * side / 100)
    return side - 1 if at == side and percent < 100 else at


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
            raise not_understood("rotation", text, "a number from 0 to 360, with ! before it to mirror")
        return cls(round(Fraction(match[2]), ANGLE_DIGITS) % 360, bool(match[1]))

    @property
    def canonical(self) -> str:
        """The rotation with a leading zero below 1, without superfluous zeros (3.0 §4.7, 2.1 §4 and §4.7)."""
        whole, rest = divmod(self.degrees * 10**ANGLE_DIGITS, 10**ANGLE_DIGITS)
        text = f"{whole}.{int(rest):0{ANGLE_DIGITS}d}".rstrip("0").rstrip(".")
        return f"!{text}" if self.mirrored else text


@dataclass(frozen=True, slots=True)
class Geometry:
    """What a request comes to on one image: the region x, y, w, h, the size of the result before it is rotated.

    `computed` is `width` or `height` where that side of the result was computed from the other, which was given: in 3.0
    it may differ by a pixel.
    `region_text` and `size_text` are canonical in `version` of the API, 2 or 3.
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
    version: int = 3

    @property
    def canonical(self) -> str:
        """The path after the image's base URI, in canonical form (3.0 §4.8, 2.1 §4.7)."""
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
    """The five parameters of an image request, and the version of the API, 2 or 3, by which they are canonical."""

    region: Region
    size: Size
    rotation: Rotation
    quality: str
    format: str
    version: int = 3

    @classmethod
    def parse(cls, region: str, size: str, rotation: str, quality: str, format: str) -> Self:  # noqa: A002  # the API's word
        """Read the parameters of 3.0 as they stand in the path, percent-encoded or not. Raises BadRequest alone."""
        return cls.read(region, Size.parse(unquote(size)), rotation, quality, format, 3)

    @classmethod
    def read(cls, region: str, size: Size, rotation: str, quality: str, format: str, version: int) -> Self:  # noqa: A002  # the API's word
        """Read what is written alike in both versions, percent-encoded or not. Raises BadRequest alone."""
        region, rotation, quality, format = (unquote(part) for part in (region, rotation, quality, format))  # noqa: A001
        if quality not in QUALITIES:
            raise not_understood("quality", quality, ", ".join(QUALITIES))
        if format not in FORMATS:
            raise not_understood("format", format, ", ".join(FORMATS))
        return cls(Region.parse(region), size, Rotation.parse(rotation), quality, format, version)

    def resolve(self, width: int, height: int, limits: Limits, *, gray: bool = False) -> Geometry:
        """Apply the request to an image of width × height pixels; `gray` says that it has no colour.

        Raises BadRequest where the region lies outside, the result has no pixel, or is above the limits.
        """
        x, y, w, h = self.region.resolve(width, height)
        whole = (w, h) == (width, height)
        ready = limits.ready_of(x, y, w, h) if self.version == 2 else frozenset()
        within = self._narrowed(limits, w, h)
        out_width, out_height = result = self.size.resolve(w, h, within, ready)
        if out_width < 1 or out_height < 1:
            raise BadRequest(f"The size asked for would make an image of {out_width} × {out_height} pixels.")
        if not limits.allow(out_width, out_height):
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
            "" if self.version == 2 else {SizeKind.WIDTH: "height", SizeKind.HEIGHT: "width"}.get(self.size.kind, ""),
            "full" if whole else f"{x},{y},{w},{h}",
            size_text_2((w, h), result, ready) if self.version == 2 else size_text((w, h), result, within),
            self.version,
        )

    def _narrowed(self, limits: Limits, w: int, h: int) -> Limits:
        """Return the limits of what is made of a region of w × h pixels in this format: `max` is never more than that.

        Sizes in the region's ratio that are within them pass `_check_format`.
        """
        longest, area = LONGEST_SIDE[self.format], self._greatest_area() or limits.max_area
        if not self.rotation.degrees % 90:
            return Limits(
                min(limits.max_width, longest),
                min(limits.max_height, longest),
                min(limits.max_area, area),
                limits.ready,
            )
        # The box around width × height has width × height + c s (width² + height²) pixels, and grows with either. So
        # sides of at most t × w and t × h will do, one pixel at least; of less than one pixel, as of one.
        c, s = self._turn()
        side = max(c * w + s * h, s * w + c * h)
        t = min(math.sqrt(area / (w * h + c * s * (w * w + h * h))), (longest - 1) / side) * _SLACK
        long, short = max(w, h) * t, min(w, h) * t
        if short < 1:
            by_area = 2 * (area - c * s) / (1 + math.sqrt(1 + 4 * c * s * (area - c * s)))
            long, short = min(by_area, longest - 1) * _SLACK, 1.0
        width, height = (long, short) if w >= h else (short, long)
        return Limits(
            min(limits.max_width, math.floor(width)),
            min(limits.max_height, math.floor(height)),
            limits.max_area,
            limits.ready,
        )

    def _turn(self) -> tuple[float, float]:
        """Return what cosine and sine of the rotation are without their signs."""
        turn = math.radians(float(self.rotation.degrees))
        return abs(math.cos(turn)), abs(math.sin(turn))

    def _check_format(self, width: int, height: int) -> None:
        """Refuse what the format cannot hold: the result, or the box around it when it is turned."""
        across, down = float(width), float(height)
        if self.rotation.degrees % 90:
            c, s = self._turn()
            across, down = c * width + s * height, s * width + c * height
        longest, area = math.ceil(max(across, down)), math.ceil(across * down)
        if longest > LONGEST_SIDE[self.format]:
            raise BadRequest(
                f"The format {self.format} holds at most {LONGEST_SIDE[self.format]} pixels in one direction, not {longest}."
            )
        greatest = self._greatest_area()
        if greatest is not None and area > greatest:
            raise BadRequest(
                f"The format {self.format} is made of at most {greatest} pixels here, not {area}; "
                "ask for max or a smaller size."
            )

    def _greatest_area(self) -> int | None:
        if self.rotation.degrees % 90:
            return GREATEST_TURNED_AREA[self.format]
        if self.format == "webp" and self.quality == "bitonal":
            return GREATEST_AREA_OF_BITONAL_WEBP
        return GREATEST_AREA.get(self.format)
