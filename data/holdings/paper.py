"""Stock and ink: what makes a drawn page look as if it had lain in a stack for a century and then on a scanner.

Fields are float32 arrays (rows, columns); layers of ink are 8-bit images, 0 for none and 255 for full. Sizes are in
pixels. Large pictures are put together in strips, so that memory stays flat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Field = NDArray[np.float32]
Colour = tuple[int, int, int]
STRIP = 512
BLOCK = 32
"""Rows of a strip that are reckoned at once: so many that what they need stays near the processor."""


@dataclass(frozen=True, slots=True)
class Stock:
    """A kind of paper: its colour, how much darker and yellower it is at the edges, its marks of age (0 to 1)."""

    colour: Colour = (238, 226, 198)
    mottle: float = 0.03
    grain: float = 0.022
    yellowing: float = 0.5
    foxing: int = 10
    laid: float = 0.0
    folds_down: tuple[float, ...] = ()
    folds_across: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Ink:
    """A layer of ink; `strength` 1 covers the paper, `uneven` is how much the density wanders."""

    layer: Image.Image
    colour: Colour = (34, 30, 28)
    strength: float = 0.93
    uneven: float = 0.1


def noise(rng: np.random.Generator, width: int, height: int, cells: float, octaves: int = 3) -> Image.Image:
    """Return smooth noise of mean 0 and deviation about 1 (mode F); `cells` is how many waves fit in the longer side."""
    small_w, small_h = max(width // 4, 2), max(height // 4, 2)
    total = np.zeros((small_h, small_w), np.float32)
    weight, side = 1.0, max(width, height)
    for octave in range(octaves):
        cell = side / (cells * 2**octave)
        grid = rng.standard_normal((int(height / cell) + 4, int(width / cell) + 4), dtype=np.float32)
        total += weight * np.asarray(Image.fromarray(grid).resize((small_w, small_h), Image.Resampling.BICUBIC))
        weight *= 0.5
    total /= max(float(total.std()), 1e-6)
    return Image.fromarray(total - total.mean())


def enlarge(field: Image.Image, width: int, top: int, bottom: int, height: int) -> Field:
    """Return rows top..bottom of a small field enlarged to `width` x `height`."""
    scale = field.height / height
    return np.asarray(
        field.resize(
            (width, bottom - top), Image.Resampling.BILINEAR, box=(0, top * scale, field.width, bottom * scale)
        )
    )


@lru_cache(maxsize=4)
def grain(seed: int = 7, side: int = 1024) -> Field:
    """Return a tile of fine grain with fibres, mean 0, deviation 1, that joins with itself at the edges."""
    rng = np.random.default_rng(seed)
    fine = rng.standard_normal((side, side), dtype=np.float32)
    soft = (fine + np.roll(fine, 1, 0) + np.roll(fine, 1, 1) + np.roll(fine, (1, 1), (0, 1))) / 2
    fibres = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(fibres)
    for _ in range(1400):
        x, y = rng.integers(30, side - 30, 2)
        angle, length, bend = rng.uniform(0, np.pi), rng.uniform(6, 26), rng.normal(0, 0.5)
        middle = (x + np.cos(angle) * length / 2, y + np.sin(angle) * length / 2)
        end = (middle[0] + np.cos(angle + bend) * length / 2, middle[1] + np.sin(angle + bend) * length / 2)
        pen.line([(float(x), float(y)), middle, end], fill=int(rng.integers(60, 255)), width=1)
    threads = np.asarray(fibres.filter(ImageFilter.GaussianBlur(0.7)), dtype=np.float32) / 90.0
    tile = soft * 0.8 - threads
    return np.asarray((tile - tile.mean()) / tile.std(), dtype=np.float32)


def tiled(tile: Field, x: int, y: int, width: int, height: int) -> Field:
    """Return a window on an endless repetition of a tile."""
    rows = (np.arange(y, y + height) % tile.shape[0])[:, None]
    return np.asarray(tile[rows, (np.arange(x, x + width) % tile.shape[1])[None, :]])


def bleed(layer: Image.Image, radius: float = 0.55, gain: float = 1.25) -> Image.Image:
    """Return a layer as ink takes to paper: its edges soften and spread a little."""
    soft = layer.filter(ImageFilter.GaussianBlur(radius))
    return soft.point([min(255, int(value * gain)) for value in range(256)])


def _stains(rng: np.random.Generator, width: int, height: int, count: int) -> Image.Image:
    """Return foxing and a few larger stains at an eighth of the size, 8 bits."""
    w, h = max(width // 8, 4), max(height // 8, 4)
    marks = Image.new("L", (w, h), 0)
    pen = ImageDraw.Draw(marks)
    for _ in range(count):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), float(rng.lognormal(0.0, 0.6)) * max(w, h) / 330
        pen.ellipse((x - r, y - r * 0.8, x + r, y + r * 0.8), fill=int(rng.integers(30, 150)))
    return marks.filter(ImageFilter.GaussianBlur(max(w, h) / 330))


def _edges(rng: np.random.Generator, length: int, swing: float) -> Field:
    """Return how far an edge of the sheet wanders, in pixels, along its length."""
    slow = np.interp(np.arange(length), np.linspace(0, length, 9), rng.normal(0, swing, 9))
    knots = np.arange(0, length + 24, 12)
    quick = np.interp(np.arange(length), knots, rng.normal(0, swing * 0.22, len(knots)))
    return np.asarray(slow + quick, dtype=np.float32)


def _fold(positions: tuple[float, ...], start: int, end: int, length: int) -> Field:
    """Return the darkening along one axis that the folds of a sheet cause."""
    along = np.arange(length, dtype=np.float32)
    total = np.zeros(length, np.float32)
    for position in positions:
        centre, unit = start + position * (end - start), length / 1000
        off = (along - centre) / unit
        total += 0.16 * np.exp(-((off / 0.7) ** 2)) + 0.05 * np.exp(-np.abs(off) / 9) * np.sign(off) * 0.8
    return total


def scan(
    rng: np.random.Generator,
    size: tuple[int, int],
    page: tuple[int, int, int, int],
    stock: Stock,
    inks: Sequence[Ink],
    verso: Image.Image | None = None,
    gutter: str = "",
    felt: Colour = (43, 41, 40),
    show_through: float = 0.055,
    under: Image.Image | None = None,
) -> Image.Image:
    """Put ink on paper, paper on the felt of a scanner, and return the picture (RGB, `size`).

    `page` is the sheet (left, top, right, bottom); `verso` the ink of the other side, as read; `gutter` is `left` or
    `right` where the sheet is bound; `under` is a picture printed on the sheet below all ink (RGB, of that shape).
    """
    width, height = size
    left, top, right, bottom = page
    mottle, unevenness = noise(rng, width, height, 7, 4), noise(rng, width, height, 90, 2)
    stains = _stains(rng, width, height, stock.foxing).convert("F")
    tile, shift = grain(), rng.integers(0, 1024, 2)
    swing = max(width, height) / 2600
    edge_left, edge_right = _edges(rng, height, swing) + left, _edges(rng, height, swing) + right
    edge_top, edge_bottom = _edges(rng, width, swing) + top, _edges(rng, width, swing) + bottom
    across = np.arange(width, dtype=np.float32)
    mirrored = None
    if verso is not None:
        turned = verso.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        mirrored = (
            turned.resize((width // 2, height // 2))
            .filter(ImageFilter.GaussianBlur(max(width, height) / 1800))
            .convert("F")
        )
    shadow = _shadow(size, page)
    fold_x, fold_y = _fold(stock.folds_across, left, right, width), _fold(stock.folds_down, top, bottom, height)
    bind = _binding(across, left, right, gutter)
    reach = 0.035 * max(width, height)
    laid = 0.9 * np.exp(-((((across % (width / 13)) - 9) / 2.5) ** 2))
    off_middle = ((across - width / 2) / width) ** 2
    out = Image.new("RGB", size)
    for start in range(0, height, STRIP):
        end = min(start + STRIP, height)
        light_of, dark_of = (enlarge(each, width, start, end, height) for each in (mottle, shadow))
        stains_of, unevenness_of = (enlarge(each, width, start, end, height) for each in (stains, unevenness))
        verso_of = None if mirrored is None else enlarge(mirrored, width, start, end, height)
        picture_of = None if under is None else _rows(under, width, start, end, height)
        layers_of = [np.asarray(ink.layer.crop((0, start, width, end))) for ink in inks]
        strip = np.empty((end - start, width, 3), np.uint8)
        for first in range(start, end, BLOCK):
            last = min(first + BLOCK, end)
            part = slice(first - start, last - start)
            rows = np.arange(first, last, dtype=np.float32)[:, None]
            fine = tiled(tile, int(shift[0]), int(shift[1]) + first, width, last - first)
            depth = np.minimum(across - edge_left[first:last, None], edge_right[first:last, None] - across)
            np.minimum(depth, np.minimum(rows - edge_top, edge_bottom - rows), out=depth)
            cover = np.clip(depth + 0.5, 0, 1)
            age = np.exp(-np.maximum(depth, 0) / reach) * stock.yellowing
            light = 1 + stock.mottle * light_of[part] + stock.grain * fine
            light -= fold_x + fold_y[first:last, None] + bind + 0.05 * age
            if stock.laid:
                light += stock.laid * (np.sin(rows * 0.9) * 0.5 + laid)
            if verso_of is not None:
                light -= show_through * verso_of[part] / 255
            brown = age * 0.3 + stains_of[part] / 255 * 0.55
            density = 1 - np.clip(unevenness_of[part] * 0.8, -2, 2) * 0.5
            lens = 1 - 0.10 * (off_middle + ((rows - height / 2) / height) ** 2)
            blots = np.clip(fine - 0.9, 0, 1.5)
            amounts = [
                np.asarray(layer[part], dtype=np.float32)
                / 255
                * (ink.strength * (1 - ink.uneven * (1 - density) - ink.uneven * blots))
                for ink, layer in zip(inks, layers_of, strict=True)
            ]
            lit = 1 + 0.3 * (light - 1)
            shaded = None if picture_of is None else 0.75 + 0.25 * light
            for channel in range(3):
                tint = stock.colour[channel] - brown * (18, 34, 60)[channel]
                if picture_of is None or shaded is None:
                    sheet = tint * light
                else:
                    sheet = picture_of[part, :, channel] * shaded * tint / stock.colour[channel]
                for ink, amount in zip(inks, amounts, strict=True):
                    sheet += amount * (ink.colour[channel] * lit - sheet)
                ground = (felt[channel] + 4 * fine) * dark_of[part]
                sheet -= ground
                sheet *= cover
                sheet += ground
                sheet *= lens
                strip[part, :, channel] = np.clip(sheet, 0, 255, out=sheet)
        out.paste(Image.fromarray(strip), (0, start))
    return out


def _rows(picture: Image.Image, width: int, top: int, bottom: int, height: int) -> Field:
    """Return rows of a picture that may be smaller than what it is printed on."""
    if picture.size == (width, height):
        return np.asarray(picture.crop((0, top, width, bottom)), dtype=np.float32)
    scale = picture.height / height
    box = (0, top * scale, picture.width, bottom * scale)
    return np.asarray(picture.resize((width, bottom - top), Image.Resampling.BILINEAR, box=box), dtype=np.float32)


def _shadow(size: tuple[int, int], page: tuple[int, int, int, int]) -> Image.Image:
    """Return the light on the felt around the sheet (mode F, an eighth of the size): darker just beside it."""
    w, h = max(size[0] // 8, 4), max(size[1] // 8, 4)
    mask = Image.new("L", (w, h), 0)
    left, top, right, bottom = (value / 8 for value in page)
    ImageDraw.Draw(mask).rectangle((left + w / 300, top + h / 300, right + w / 120, bottom + h / 160), fill=255)
    soft = np.asarray(mask.filter(ImageFilter.GaussianBlur(max(w, h) / 110)), dtype=np.float32) / 255
    return Image.fromarray(np.asarray(1.08 - 0.75 * soft, dtype=np.float32))


def _binding(across: Field, left: int, right: int, gutter: str) -> Field:
    """Return the darkening of a bound page towards its gutter."""
    if not gutter:
        return np.zeros_like(across)
    span = right - left
    off = (across - left if gutter == "left" else right - across) / span
    return np.asarray(
        0.42 * np.exp(-np.maximum(off, 0) / 0.018) + 0.12 * np.exp(-np.maximum(off, 0) / 0.07), dtype=np.float32
    )


def colour_target(width: int, height: int, title: str) -> Image.Image:
    """Return a colour and grey target with a ruler, as scanning suppliers lay it beside the first view."""
    from data.holdings.fonts import font

    card = Image.new("RGB", (width, height), (236, 236, 234))
    pen = ImageDraw.Draw(card)
    greys = [(v, v, v) for v in (243, 200, 160, 122, 85, 52)]
    colours = [
        (0, 133, 161),
        (187, 86, 149),
        (231, 199, 31),
        (175, 54, 60),
        (70, 148, 73),
        (56, 61, 150),
        (214, 126, 44),
        (115, 82, 68),
        (194, 150, 130),
        (98, 122, 157),
        (87, 108, 67),
        (133, 128, 177),
    ]
    cell, gap = (width * 0.96) / 9, height * 0.03
    for index, patch in enumerate(greys + colours):
        column, row = index % 9, index // 9
        x, y = width * 0.02 + column * cell, height * 0.16 + row * (height * 0.26 + gap)
        pen.rectangle((x + 2, y, x + cell - 3, y + height * 0.26), fill=patch)
    base = height * 0.80
    for tick in range(181):
        x = width * 0.02 + tick * (width * 0.96) / 180
        pen.line(
            (x, base, x, base + height * (0.09 if tick % 10 == 0 else 0.06 if tick % 5 == 0 else 0.035)),
            fill=(20, 20, 20),
            width=max(1, width // 1200),
        )
        if tick % 20 == 0 and tick < 180:
            pen.text(
                (x + 3, base + height * 0.07),
                str(tick // 10),
                fill=(20, 20, 20),
                font=font("plain", int(height * 0.075)),
            )
    pen.text((width * 0.02, height * 0.03), title, fill=(20, 20, 20), font=font("plain", int(height * 0.085)))
    pen.text((width * 0.93, height * 0.725), "cm", fill=(20, 20, 20), font=font("plain", int(height * 0.07)))
    return card
