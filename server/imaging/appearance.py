"""What a picture looks like: sheet and border, margins, ink, tone, colour of the paper. numpy only.

Everything is measured on the picture made small (`LONG_SIDE` pixels), upright, as it would be shown. Lengths are shares of
the picture's width or height; gray values go from 0 to 255, colours are CIE L*a*b* under D65 (IEC 61966-2-1, ISO 11664-4).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.imaging.likeness import SIDE, fingerprint
from server.imaging.skew import skew

LONG_SIDE = 1000
SMALLEST = 200
"""Pixels of the shorter side below which a picture tells nothing."""

_INK_DEPTH = 0.11
"""How much darker than the paper around it ink is, as a share of the paper's gray value."""

_PAPER_NEAR = 0.15
"""By how much paper may differ from its usual tone, as a share of that: in little light as in much."""

_COVERED = 25.0
"""Gray values by which a picture on its mount is darker than the lightest there."""

_TONAL = 0.05
_LEAST_INK = 0.0002
"""Share of ink from which there is something on a page: a clean one has none, a page that was scanned too flat has little."""

_AROUND = 12
_ON = 20
"""Pixels in which print goes on, so that it is no mere line."""

_INSET = 0.025

Field = NDArray[np.float32]
Sides = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """What the pixels of a view tell.

    `borders` is how wide the background shows at each side, `margins` how far from the edge of the picture what is
    printed begins where no background shows (1 where it does); `ink` is the share of the sheet that is darker than the
    paper around it, `tones` that which is neither paper nor ink; `skew` in degrees, None where nothing has an angle;
    `frames` is, of the same sides, where a picture begins that covers much of the side: a photograph on its mount;
    `sharpness` from 0 to 1, 0 where there are no edges; `white` and `black` the shares of the sheet at the ends of
    the scale; `mean`, `contrast`, `lightest` and `darkest` (its 98th and 2nd hundredth) are of the sheet; `paper` its colour, L*, a*, b*; `hash` for likeness.
    """

    width: int
    height: int
    borders: Sides
    margins: Sides
    frames: Sides
    ink: float
    tones: float
    skew: float | None
    sharpness: float
    white: float
    black: float
    mean: float
    contrast: float
    lightest: float
    darkest: float
    paper: tuple[float, float, float]
    hash: str

    @property
    def is_marked(self) -> bool:
        """Whether something is printed or written on it, however little or faint."""
        return self.ink >= _LEAST_INK

    @property
    def is_tonal(self) -> bool:
        """Whether it is a picture in many tones, such as a photograph, and not something printed on paper."""
        return self.tones > _TONAL


def appearance(
    small: NDArray[np.uint8], size: tuple[int, int], sharpness: float, samples: NDArray[np.uint8] | None = None
) -> Appearance:
    """Return what a picture looks like, from its small form (rows × columns × 1 or 3 bands) and its size in pixels.

    `samples` is the small form before its colours were converted, where they were: what is at the ends of the scale is
    told from it.
    """
    colour = small.astype(np.float32)
    gray = _gray(colour)
    tone = _percentile(gray, 80)
    borders = _borders(gray, tone)
    box = _inside(gray.shape, borders, 0.0)
    within = _inside(gray.shape, borders, _INSET)
    sheet, inner = gray[box], gray[within]
    paper_tone = _percentile(inner, 75)
    ink = _ink(gray)
    inked = ink[within]
    brightest = _brightest((small if samples is None else samples)[within])
    return Appearance(
        width=size[0],
        height=size[1],
        borders=_rounded(borders),
        margins=_rounded(_margins(ink, borders)),
        frames=_rounded(_frames(gray, borders, tone)),
        ink=round(float(inked.mean()), 5),
        tones=round(float(((np.abs(inner - paper_tone) > _PAPER_NEAR * paper_tone) & ~inked).mean()), 4),
        skew=None if (angle := skew(gray)) is None else round(angle, 2),
        sharpness=round(sharpness, 4),
        white=round(float((brightest >= 254).mean()), 5),
        black=round(float((brightest <= 2).mean()), 5),
        mean=round(float(inner.mean()), 2),
        contrast=round(_contrast(inner, inked, paper_tone), 2),
        lightest=round(_percentile(inner, 98), 2),
        darkest=round(_percentile(inner, 2), 2),
        paper=_paper(colour[within], inner),
        hash=fingerprint(_squared(sheet)),
    )


def _brightest(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the highest of the bands of each pixel: `max` over so short an axis takes four times as long."""
    highest = samples[:, :, 0]
    for band in range(1, samples.shape[2]):
        highest = np.maximum(highest, samples[:, :, band])
    return highest


def _contrast(gray: Field, inked: NDArray[np.bool_], paper_tone: float) -> float:
    """Return by how much ink is darker than paper, however little of it there is."""
    printed = gray[inked]
    if len(printed) < _LEAST_INK * gray.size:
        return _percentile(gray, 98) - _percentile(gray, 2)
    return paper_tone - _percentile(printed, 10)


def _percentile(gray: Field, share: float) -> float:
    """Return a percentile to a quarter of a gray value, by counting: a sort of a million values takes long."""
    counts = np.bincount((gray.ravel() * 4).astype(np.int16), minlength=1)
    return float(np.searchsorted(counts.cumsum(), share / 100 * gray.size)) / 4


def _gray(colour: Field) -> Field:
    if colour.shape[2] == 1:
        return colour[:, :, 0]
    return np.asarray(colour @ np.array([0.2126, 0.7152, 0.0722], np.float32), dtype=np.float32)


def _borders(gray: Field, tone: float) -> Sides:
    """Return how far dark, even background reaches into the picture from each side."""
    return (
        _border(gray, tone), _border(gray.T, tone), _border(gray[:, ::-1], tone), _border(gray[::-1].T, tone)
    )  # fmt: skip


def _border(gray: Field, tone: float) -> float:
    """Return the share of columns from the left that are background."""
    rows, columns = gray.shape
    middle = gray[rows // 8 : rows - rows // 8 : 4, : columns // 2]
    typical = np.median(middle, axis=0)
    dark = _dark(gray[:, : columns // 2], tone)
    inside = np.flatnonzero(~dark)
    width = int(inside[0]) if len(inside) else len(dark)
    if not 0 < width < len(dark):
        return 0.0  # all of it is dark: a night picture
    # background ends at an edge; the dark corner of a picture fades
    beyond = typical[min(width + 4, len(typical) - 1)]
    return width / columns if beyond > typical[max(0, width - 3)] + 40 else 0.0


def _dark(gray: Field, tone: float) -> NDArray[np.bool_]:
    """Return which columns are as dark and even as a background."""
    rows = gray.shape[0]
    middle = gray[rows // 8 : rows - rows // 8 : 4]
    lower, typical, upper = np.percentile(middle, (25, 50, 75), axis=0)
    return np.asarray((typical < min(0.45 * tone, 90.0)) & (upper - lower < 26.0))


def _inside(shape: tuple[int, ...], borders: Sides, inset: float) -> tuple[slice, slice]:
    rows, columns = shape[:2]
    left, top, right, bottom = (side + (inset if side == 0.0 else inset + 0.008) for side in borders)
    return (
        slice(int(top * rows), max(int((1 - bottom) * rows), int(top * rows) + 8)),
        slice(int(left * columns), max(int((1 - right) * columns), int(left * columns) + 8)),
    )


def _ink(gray: Field) -> NDArray[np.bool_]:
    """Return where the picture is darker than what lies around it."""
    around = _mean_around(gray)
    return np.asarray(gray < around - _INK_DEPTH * np.maximum(around, 60.0))


def _mean_around(gray: Field) -> Field:
    """Return the mean of the square around each pixel, by sums from the top left corner."""
    reach = _AROUND
    wide = np.pad(gray, ((reach + 1, reach), (reach + 1, reach)), mode="edge").astype(np.float64)
    sums = wide.cumsum(axis=0).cumsum(axis=1)
    side = 2 * reach + 1
    whole = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(whole / side**2, dtype=np.float32)


def _margins(ink: NDArray[np.bool_], borders: Sides) -> Sides:
    turned = (ink, ink.T, ink[:, ::-1], ink[::-1].T)
    left, top, right, bottom = (
        1.0 if border > 0 else _margin(each) for each, border in zip(turned, borders, strict=True)
    )
    return left, top, right, bottom


def _margin(ink: NDArray[np.bool_]) -> float:
    """Return how far from the left something printed begins: many strokes one above the other, not a stain."""
    band = ink[:, : ink.shape[1] // 2]
    strokes = (band[1:] & ~band[:-1]).sum(axis=0) * 1000 / band.shape[0]
    printed = np.append(strokes >= 8, np.zeros(_ON, bool))
    # print goes on; the edge of a book block, or of the sheet beneath, is a line and then paper
    going_on = np.convolve(printed, np.ones(_ON), "valid")[: band.shape[1]] >= 0.4 * _ON
    where = np.flatnonzero(going_on & printed[: band.shape[1]])
    return float(where[0]) / ink.shape[1] if len(where) else 1.0


def _frames(gray: Field, borders: Sides, tone: float) -> Sides:
    """Return how far from each side something darker than the lightest begins that goes on along much of it.

    It is 1 where a background shows, or may show: the edge of a dark picture on it cannot be seen.
    """
    covered = gray < _percentile(gray, 98) - _COVERED
    sides = zip(_turned(covered), _turned(gray), borders, strict=True)
    left, top, right, bottom = (
        1.0 if border > 0 or bool(_dark(each[:, :2], tone).all()) else _frame(inked) for inked, each, border in sides
    )
    return left, top, right, bottom


def _turned(field: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Return a field so that each of its sides is on the left: left, top, right, bottom."""
    return field, field.T, field[:, ::-1], field[::-1].T


def _frame(covered: NDArray[np.bool_]) -> float:
    """Return the share of columns from the left before those that are covered for the most part."""
    columns = covered[:, : covered.shape[1] // 2].mean(axis=0) > 0.5
    where = np.flatnonzero(columns)
    return float(where[0]) / covered.shape[1] if len(where) else 1.0


def _paper(colour: Field, gray: Field) -> tuple[float, float, float]:
    """Return the colour of the paper: of what is light, but not the lightest."""
    low, high = _percentile(gray, 60), _percentile(gray, 92)
    chosen = colour[(gray >= low) & (gray <= high + 0.25)]
    if colour.shape[2] == 1:
        chosen = np.repeat(chosen, 3, axis=1)
    return _lab(chosen.mean(axis=0))


def _lab(rgb: Field) -> tuple[float, float, float]:
    share = rgb.astype(np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = to_xyz @ linear / np.array([0.9505, 1.0, 1.089])

    def curve(value: float) -> float:
        return float(np.cbrt(value)) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116

    return (
        round(116 * curve(y) - 16, 2), round(500 * (curve(x) - curve(y)), 2), round(200 * (curve(y) - curve(z)), 2)
    )  # fmt: skip


def _squared(sheet: Field) -> Field:
    """Return the sheet as a square of so many means."""
    rows = _means(sheet)
    return np.ascontiguousarray(_means(rows.T).T)


def _means(sheet: Field) -> Field:
    """Return so many rows, each the mean of its share of the rows."""
    edges = np.linspace(0, sheet.shape[0], SIDE + 1)
    sums = np.vstack([np.zeros((1, sheet.shape[1])), sheet.cumsum(axis=0, dtype=np.float64)])
    whole = np.floor(edges).astype(int)
    part = edges - whole
    beyond = np.vstack([sheet, sheet[-1:]])[whole]
    upto = sums[whole] + part[:, None] * beyond
    return np.asarray(np.diff(upto, axis=0) / (sheet.shape[0] / SIDE), dtype=np.float32)


def _rounded(sides: Sides) -> Sides:
    left, top, right, bottom = (round(side, 4) for side in sides)
    return left, top, right, bottom
