"""How pixels are judged: against a picture of coloured squares that the suite draws itself.

Neighbouring squares are light and dark by turns, so that a shift, a turn or a mirror shows in every direction, and each
has a colour of its own, so that no part of the picture can be taken for another. Knows no server.
"""

import io
import random
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 100
"""Pixels along a square."""

ALIKE = 12.0
"""Mean difference of a channel, of 255, up to which JPEG and another kernel explain what differs."""


MOST = 400
"""Pixels in either direction that are looked at for a shift: it is the same everywhere."""


def squares(width: int, height: int, *, gray: bool = False) -> Image.Image:
    """Draw the picture: squares of 100 pixels, cut off at the right and at the bottom."""
    chance = random.Random(7)
    pixels = np.zeros((height, width, 3), np.uint8)
    for row in range(-(-height // SIDE)):
        for column in range(-(-width // SIDE)):
            light = (row + column) % 2
            low, high = (150, 250) if light else (5, 90)
            colour = [chance.randrange(low, high) for _ in range(3)]
            pixels[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE] = colour
    drawn = Image.fromarray(pixels)
    return drawn.convert("L") if gray else drawn


def wanted(
    picture: Image.Image,
    region: tuple[int, int, int, int],
    size: tuple[int, int] | None = None,
    *,
    mirrored: bool = False,
    turned: int = 0,
) -> Image.Image:
    """Return what a request comes to: x, y, w, h of the picture, resized, mirrored, turned clockwise by 0, 90, 180, 270."""
    x, y, w, h = region
    image = picture.crop((x, y, x + w, y + h))
    if size is not None and size != (w, h):
        image = image.resize(size, Image.Resampling.LANCZOS)
    if mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return image.rotate(-turned, expand=True) if turned else image


def check_alike(found: Image.Image, expected: Image.Image, said: str) -> None:
    """Fail unless a picture is the expected one: same size, same colours, nothing shifted by a pixel."""
    assert found.size == expected.size, f"{said}: {found.size} instead of {expected.size} pixels"
    here, there = _channels(found), _channels(expected)
    difference = float(np.abs(here - there).mean())
    assert difference < ALIKE, f"{said}: another picture; colours differ by {difference:.0f} of 255"
    shift = shift_between(here, there)
    assert shift == (0, 0), f"{said}: shifted by {shift} pixels"


def shift_between(here: NDArray[np.int16], there: NDArray[np.int16]) -> tuple[int, int]:
    """Return by how many pixels, to the right and down, one picture must be moved to lie best on the other."""
    edge = 2
    if min(here.shape[:2]) < 4 * edge:
        return 0, 0
    here, there = here[:MOST, :MOST], there[:MOST, :MOST]
    inner = here[edge:-edge, edge:-edge]
    height, width = inner.shape[:2]
    best, smallest = (0, 0), float(np.abs(inner - there[edge:-edge, edge:-edge]).mean())
    for dy in range(-edge, edge + 1):
        for dx in range(-edge, edge + 1):
            moved = there[edge + dy : edge + dy + height, edge + dx : edge + dx + width]
            difference = float(np.abs(inner - moved).mean())
            if difference < smallest - 0.05:  # where nothing shows the direction, nothing is said
                best, smallest = (dx, dy), difference
    return best


def colourfulness(image: Image.Image) -> float:
    """Return how far the channels of a picture lie apart, of 255: 0 for gray."""
    pixels = _channels(image)
    return float((pixels.max(axis=2) - pixels.min(axis=2)).mean())


def colours(image: Image.Image) -> set[tuple[int, int, int]]:
    """Return the colours that occur."""
    pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    return {(int(r), int(g), int(b)) for r, g, b in np.unique(pixels, axis=0)}


@lru_cache(maxsize=64)
def opened(body: bytes) -> Image.Image:
    """Read an image file whole; many rules ask for the same one, and none changes it."""
    image = Image.open(io.BytesIO(body))
    image.load()
    return image


def _channels(image: Image.Image) -> NDArray[np.int16]:
    return np.asarray(image.convert("RGB")).astype(np.int16)
