"""A resized rectangle lies where it ought to, wherever it begins: measured on pictures whose values are positions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from server.imaging.resample import Axis, apply, plan, resized
from server.imaging.vips import pyvips

LENGTH = 240
FLAT = plan(0.0, 8.0, 8, 8)


PERIOD = 32


def wave(length: int = LENGTH) -> NDArray[np.uint8]:
    """Return eight equal rows, a wave along them: its phase tells the place, whatever sharpness it has."""
    row = 128 + 100 * np.cos(2 * np.pi * np.arange(length) / PERIOD)
    return np.broadcast_to(np.round(row).astype(np.uint8), (8, length))


def shift(row: NDArray[np.float64], begin: float, step: float) -> float:
    """Return by how many pixels of the source a row of the result lies too far right."""
    ideal = 2 * np.pi * (begin + (np.arange(len(row)) + 0.5) * step - 0.5) / PERIOD
    waves = np.stack([np.cos(ideal), np.sin(ideal), np.ones(len(row))], axis=-1)
    cosine, sine, _ = np.linalg.lstsq(waves, row)[0]
    return float(np.arctan2(sine, cosine) * PERIOD / (2 * np.pi))


def taken(pixels: NDArray[np.uint8], across: Axis, down: Axis) -> NDArray[np.float64]:
    part = np.ascontiguousarray(pixels[slice(*down.span), slice(*across.span)])
    image = pyvips.Image.new_from_memory(part.data, part.shape[1], part.shape[0], 1, "uchar")
    return np.asarray(apply(image.copy(interpretation="b-w"), across, down).numpy(), np.float64)


@given(
    begin=st.one_of(st.integers(20, 60).map(float), st.integers(160, 480).map(lambda eighths: eighths / 8)),
    extent=st.one_of(st.integers(64, 150).map(float), st.integers(512, 1200).map(lambda eighths: eighths / 8)),
    wanted=st.integers(16, 300),
)
def test_nothing_is_shifted_by_more_than_a_twelfth_of_a_pixel(begin: float, extent: float, wanted: int) -> None:
    across = plan(begin, extent, wanted, LENGTH)
    step = extent / wanted
    for got in (taken(wave(), across, FLAT), taken(wave().T, FLAT, across).T):
        assert got.shape == (8, wanted)
        assert abs(shift(got[4], begin, step)) <= min(step, 4) / 12 + 0.03


@given(begin=st.integers(0, 100), extent=st.integers(1, 139))
def test_at_scale_one_pixels_are_copied(begin: int, extent: int) -> None:
    across = plan(float(begin), float(extent), extent, LENGTH)
    assert across.span == (begin, begin + extent)
    assert (taken(wave(), across, FLAT)[4] == wave()[4, begin : begin + extent]).all()


@pytest.mark.parametrize(("begin", "extent", "wanted", "step"), [(0.0, 99.5, 100, 0.995), (40.0, 1.25, 2, 0.625)])
def test_only_where_the_image_ends_is_a_pixel_filled_in_part_a_whole_one(
    begin: float, extent: float, wanted: int, step: float
) -> None:
    assert plan(begin, extent, wanted, LENGTH).step == step
    assert plan(begin + 0.25, extent, wanted, LENGTH, to_the_edge=True).step == step
    at_the_edge = plan(begin, extent, wanted, math.ceil(begin + extent), to_the_edge=True)
    assert at_the_edge.step == 1
    assert at_the_edge.span == (begin, begin + wanted)


def test_halves_of_a_pixel_are_placed_between() -> None:
    black_and_white = np.zeros((8, LENGTH), np.uint8)
    black_and_white[:, 100:] = 200
    between = taken(black_and_white, plan(50.5, 100.0, 100, LENGTH), FLAT)[4]
    assert abs(between[49] - 100) <= 2


def test_few_pixels_more_than_needed_are_read() -> None:
    for begin in np.arange(10, 12, 0.125):
        for wanted in range(40, 101):
            first, end = plan(float(begin), 100.0, wanted, LENGTH).span
            assert 100 <= end - first <= 100 + 4 * 100 / wanted + 4


@pytest.mark.parametrize(
    ("begin", "extent", "wanted"), [(0.0, 12.0, 5), (228.0, 12.0, 5), (0.5, 11.5, 12), (0.0, 0.25, 1)]
)
def test_beside_the_image_its_edge_goes_on(begin: float, extent: float, wanted: int) -> None:
    got = taken(np.full((8, LENGTH), 77, np.uint8), plan(begin, extent, wanted, LENGTH), FLAT)
    assert got.shape == (8, wanted)
    assert np.abs(got - 77).max() <= 1


def test_both_directions_and_bands_are_kept_apart() -> None:
    x, y = np.meshgrid(np.arange(LENGTH), np.arange(100))
    pixels = np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)
    got = resized(pixels, (239.5, 99.25), (90, 50)).astype(float)
    assert got.shape == (50, 90, 3)
    step_x, step_y = 239.5 / 90, 99.25 / 50
    assert np.abs(got[5:-5, 5:-5, 0] - ((np.arange(90) + 0.5) * step_x - 0.5)[None, 5:-5]).max() <= 1
    assert np.abs(got[5:-5, 5:-5, 1] - ((np.arange(50) + 0.5) * step_y - 0.5)[5:-5, None]).max() <= 1
    assert np.abs(got[..., 0] + got[..., 2] - 255).max() <= 1
