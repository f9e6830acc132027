"""What a region and a size must come to, reckoned from the text of Image API 3.0 §4 and 2.1 §4 in exact fractions.

It shares nothing with the code that it judges: a request is written down as a form and numbers, and its text is made
here. Where the specifications leave the method open the project's own choice is held fast: halves are rounded up, a
square is in the middle, 3.0 forgives a pixel in `w,h`; in 2.1 `max` never enlarges, `!w,h` may, and a side computed
from the other has a pixel at least. Only within a limit of area is a range allowed: the longer side is less than a
pixel short of the ideal, the shorter one less than two.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class AskedRegion:
    """`form` is full, square, px or pct; `numbers` are texts, as a client writes them."""

    form: str
    numbers: tuple[str, str, str, str] = ("0", "0", "0", "0")

    def __str__(self) -> str:
        if self.form in ("full", "square"):
            return self.form
        return ("pct:" if self.form == "pct" else "") + ",".join(self.numbers)


@dataclass(frozen=True)
class AskedSize:
    """`form` is full, max, w, h, wh, within or pct; `caret` is of 3.0 alone."""

    form: str
    caret: bool = False
    w: int = 0
    h: int = 0
    percent: str = "0"

    def __str__(self) -> str:
        text = {
            "full": "full",
            "max": "max",
            "w": f"{self.w},",
            "h": f",{self.h}",
            "wh": f"{self.w},{self.h}",
            "within": f"!{self.w},{self.h}",
            "pct": f"pct:{self.percent}",
        }[self.form]
        return f"^{text}" if self.caret else text


@dataclass(frozen=True)
class Wanted:
    """The region in pixels, and the least and greatest width and height; `may_fail` where a side may come to nothing."""

    region: Box
    widths: tuple[int, int]
    heights: tuple[int, int]
    may_fail: bool = False

    def accepts(self, width: int, height: int) -> bool:
        """Tell whether a result is right."""
        return self.widths[0] <= width <= self.widths[1] and self.heights[0] <= height <= self.heights[1]


def nearest(value: Fraction) -> int:
    """Round to the nearest whole number, halves up."""
    below = value.numerator // value.denominator
    return below + 1 if value - below >= Fraction(1, 2) else below


def crop(asked: AskedRegion, width: int, height: int) -> Box | None:
    """Return the region of an image (§4.1), or None where the answer is a refusal."""
    if asked.form == "full":
        return 0, 0, width, height
    if asked.form == "square":
        side = min(width, height)
        return (width - side) // 2, (height - side) // 2, side, side
    x, y, w, h = (Fraction(number) for number in asked.numbers)
    if asked.form == "pct":
        # What begins inside is not outside, though its nearest pixel may be.
        x = Fraction(min(nearest(x / 100 * width), width - 1) if x < 100 else width)
        y = Fraction(min(nearest(y / 100 * height), height - 1) if y < 100 else height)
        w, h = Fraction(nearest(w / 100 * width)), Fraction(nearest(h / 100 * height))
    right, below = min(x + w, Fraction(width)), min(y + h, Fraction(height))
    if right <= x or below <= y:
        return None
    return int(x), int(y), int(right - x), int(below - y)


def expect(
    version: int, region: AskedRegion, size: AskedSize, image: tuple[int, int], limits: tuple[int, int, int]
) -> Wanted | None:
    """Return what an image of the given width and height must give, or None for a refusal.

    `limits` are the greatest width, height and area in pixels.
    """
    box = crop(region, *image)
    if box is None:
        return None
    w, h = box[2:]
    enlarges = size.caret if version == 3 else size.form != "max"
    if size.form == "max":
        return _as_large_as_possible(box, limits[0], limits[1], limits[2], enlarges=enlarges, always=True)
    if size.form == "within":
        if not size.w or not size.h:
            return None
        across, down = min(size.w, limits[0]), min(size.h, limits[1])
        return _as_large_as_possible(box, across, down, limits[2], enlarges=enlarges, always=False)
    made = _plain(size, w, h)
    if version == 2 and size.form == "w":
        made = made[0], max(made[1], 1)
    elif version == 2 and size.form == "h":
        made = max(made[0], 1), made[1]
    if version == 3 and not size.caret:
        if size.form == "pct" and Fraction(size.percent) > 100:
            return None
        forgiven = 1 if size.form == "wh" else 0
        if made[0] > w + forgiven or made[1] > h + forgiven:
            return None
        made = min(made[0], w), min(made[1], h)
    if min(made) < 1 or made[0] > limits[0] or made[1] > limits[1] or made[0] * made[1] > limits[2]:
        return None
    return Wanted(box, (made[0], made[0]), (made[1], made[1]))


def _plain(size: AskedSize, w: int, h: int) -> tuple[int, int]:
    if size.form == "full":
        return w, h
    if size.form == "w":
        return size.w, nearest(Fraction(size.w, w) * h)
    if size.form == "h":
        return nearest(Fraction(size.h, h) * w), size.h
    if size.form == "wh":
        return size.w, size.h
    scale = Fraction(size.percent) / 100
    return nearest(w * scale), nearest(h * scale)


def _as_large_as_possible(box: Box, across: int, down: int, area: int, *, enlarges: bool, always: bool) -> Wanted:
    """Scale a region to the largest image that is no wider, higher or larger in area; `always` gives a pixel at least."""
    w, h = box[2:]
    scale = min(Fraction(across, w), Fraction(down, h))
    if not enlarges:
        scale = min(scale, Fraction(1))
    plain = nearest(scale * w), nearest(scale * h)
    least = 1 if always else 0
    if max(plain[0], 1) * max(plain[1], 1) <= area:
        width, height = max(plain[0], least), max(plain[1], least)
        return Wanted(box, (width, width), (height, height), may_fail=not width or not height)
    scale = min(scale, _root(Fraction(area, w * h)))
    ranges = []
    for side, other in ((w, h), (h, w)):
        ideal = scale * side
        short = Fraction(1) if side >= other else Fraction(2)
        ranges.append((max(least, math.floor(ideal - short) + 1), max(1, nearest(ideal))))
    if always and 1 in (ranges[0][0], ranges[1][0]):  # one pixel high or wide: the area is the length
        ranges = [(min(low, area), high) for low, high in ranges]
    return Wanted(box, ranges[0], ranges[1], may_fail=not always and 0 in (ranges[0][0], ranges[1][0]))


def _root(value: Fraction) -> Fraction:
    """Return the square root to some twenty digits, from above."""
    return Fraction(math.isqrt(value.numerator * 10**48 // value.denominator) + 1, 10**24)
