"""Resizing without a shift: any rectangle of a level, also one that begins within a pixel, as so many pixels.

libvips reduces a whole rectangle of pixels, centre upon centre. So for each direction the rectangle is chosen (with a
few pixels more than are wanted, which are cut off again) such that the centres fall where they ought to, to within a
twelfth of a pixel of the result and mostly far less. Where that cannot be, the pixels are first moved by a part of one.
What is enlarged is placed exactly by interpolation. All positions are edges: 0 is the left edge of the first pixel.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.imaging.vips import pyvips

_GOOD = 1 / 32
_ENOUGH = 1 / 12
_MORE = 4
_REACH = 3
"""Pixels beside a place that interpolation looks at."""

_BEFORE, _BEHIND = 1, 2
"""Pixels beside those that are moved which the movement looks at."""

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Axis:
    """What is done in one direction. `start` and `length` are the pixels that are taken, `limit` how many there are.

    They are moved by `shift` of a pixel; `step` of them make one pixel of the result; so many are `made`, of which
    those `skipped` before the first of `wanted` are cut off. To enlarge, none is made, but the result is interpolated
    from position `shift` on.
    """

    start: int
    length: int
    limit: int
    step: float
    wanted: int
    made: int
    skipped: int = 0
    shift: float = 0.0

    @property
    def span(self) -> tuple[int, int]:
        """First and last (exclusive) of the pixels that are there."""
        first = min(max(self.start, 0), self.limit - 1)
        return first, max(first + 1, min(self.start + self.length, self.limit))


def is_whole(begin: float, extent: float, wanted: int, *, to_the_edge: bool) -> bool:
    """Return whether the pixels from `begin` on are the `wanted` ones as they are, the last of them filled in part.

    Only where the image ends can that be (`to_the_edge`): a level ends within its last pixel, which shows nothing else.
    """
    return to_the_edge and begin == math.floor(begin) and wanted - 1 < extent <= wanted


def plan(begin: float, extent: float, wanted: int, limit: int, *, to_the_edge: bool = False) -> Axis:
    """Choose how `extent` pixels from `begin`, of a row of `limit`, become `wanted` pixels.

    `to_the_edge` says that the image ends where they end: then a last pixel that it fills in part counts as a whole one.
    """
    if is_whole(begin, extent, wanted, to_the_edge=to_the_edge):
        extent = float(wanted)
    step = extent / wanted
    if step < 1:
        start = math.floor(begin) - _REACH
        length = math.ceil(begin + extent) + _REACH - start
        return Axis(start, length, limit, step, wanted, 0, shift=begin - start)
    best, least = None, math.inf
    for more in range(_MORE if step > 1 else 1):
        for skipped in {0, more}:
            made = wanted + more
            for length in {math.floor(made * step + _ROUNDING), math.ceil(made * step - _ROUNDING)}:
                if length < 1 or math.floor(length / step + 0.5) != made:
                    continue  # libvips would make another number of pixels
                offset = begin - skipped * step - (length - made * step) / 2
                start = round(offset)
                if abs(start - offset) < least - _ROUNDING:
                    least = abs(start - offset)
                    best = Axis(start, length, limit, step, wanted, made, skipped)
        if least <= _GOOD * step:
            break
    if best is not None and (least <= _ENOUGH * step if step > 1 else least < _ROUNDING):
        return best
    return _moved(begin, step, wanted, limit)


def _moved(begin: float, step: float, wanted: int, limit: int) -> Axis:
    """Return a reduction after a movement by part of a pixel."""
    length = max(1, math.floor(wanted * step + 0.5))
    offset = begin - (length - wanted * step) / 2
    start = math.floor(offset)
    return Axis(
        start - _BEFORE, length + _BEFORE + _BEHIND, limit, step, wanted, wanted, shift=offset - start
    )  # fmt: skip


def apply(image: pyvips.Image, across: Axis, down: Axis) -> pyvips.Image:
    """Return the result; `image` holds the pixels of both spans alone."""
    left, top = across.start - across.span[0], down.start - down.span[0]
    width, height = across.length, down.length
    if (left, top, width, height) != (0, 0, image.width, image.height):
        image = image.embed(-left, -top, width, height, extend="copy")
    if down.made:
        image = _reduced(image, down, upright=True)
    if across.made:
        image = _reduced(image, across, upright=False)
    if not across.made or not down.made:
        image = _enlarged(image, across, down)
    x, y = across.skipped, down.skipped
    if (x, y, across.wanted, down.wanted) != (0, 0, image.width, image.height):
        image = image.crop(x, y, across.wanted, down.wanted)
    return image


def _reduced(image: pyvips.Image, axis: Axis, *, upright: bool) -> pyvips.Image:
    if axis.shift:
        weights = _weights(axis.shift)
        mask = pyvips.Image.new_from_list([[weight] for weight in weights] if upright else [weights], scale=64)
        image = image.conv(mask, precision="integer")
        # The third of four weights stands on a pixel: what is between the second and third lies one further on.
        length = axis.length - _BEFORE - _BEHIND
        image = image.crop(0, 2, image.width, length) if upright else image.crop(2, 0, length, image.height)
    if axis.step == 1:
        return image
    if upright:
        return image.reducev(axis.step, kernel="lanczos3", gap=2.0)
    return image.reduceh(axis.step, kernel="lanczos3", gap=2.0)


def _weights(f: float) -> list[int]:
    """Return what four neighbours weigh, in 64ths, at a place between the second and third (Catmull and Rom)."""
    exact = (
        f * (2 * f - 1 - f * f) / 2,
        (2 - 5 * f * f + 3 * f**3) / 2,
        f * (1 + 4 * f - 3 * f * f) / 2,
        f * f * (f - 1) / 2,
    )
    weights = [round(64 * weight) for weight in exact]
    weights[1] += 64 - sum(weights)
    return weights


def _enlarged(image: pyvips.Image, across: Axis, down: Axis) -> pyvips.Image:
    """Interpolate in the directions that are enlarged; the others stay as they are."""
    scale_x, shift_x, width = _interpolation(across)
    scale_y, shift_y, height = _interpolation(down)
    return image.affine(
        [scale_x, 0, 0, scale_y],
        interpolate=pyvips.Interpolate.new("bicubic"),
        odx=shift_x,
        ody=shift_y,
        oarea=[0, 0, width, height],
        extend="copy",
    )


def _interpolation(axis: Axis) -> tuple[float, float, int]:
    """Return scale and shift between the centres of pixels, and how many pixels are made."""
    if axis.made:
        return 1.0, 0.0, axis.made
    return 1 / axis.step, (0.5 - axis.shift) / axis.step - 0.5, axis.wanted


def resized(pixels: NDArray[np.uint8], extent: tuple[float, float], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return rows × columns × bands, of which the first `extent` pixels show the image, as width × height pixels."""
    height, width, bands = pixels.shape
    across = plan(0.0, extent[0], size[0], width, to_the_edge=True)
    down = plan(0.0, extent[1], size[1], height, to_the_edge=True)
    rows, columns = slice(*down.span), slice(*across.span)
    taken = np.ascontiguousarray(pixels[rows, columns])
    image = pyvips.Image.new_from_memory(taken.data, taken.shape[1], taken.shape[0], bands, "uchar")
    made = apply(image.copy(interpretation="srgb" if bands == 3 else "b-w"), across, down)
    return np.frombuffer(made.write_to_memory(), np.uint8).reshape(size[1], size[0], bands)
