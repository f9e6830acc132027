"""One pass over a master: the same look whatever packs the pixels, upright, in little memory."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from server.imaging.appearance import Appearance
from server.imaging.likeness import unlikeness
from server.imaging.overview import look_at, look_through
from server.imaging.skew import skew
from tests.support.profiles import adobe_profile
from tests.support.views.capture import Take, capture
from tests.support.views.sheets import draw_sheet, style_of

MANY = 10**9


@pytest.fixture(scope="module")
def page() -> Image.Image:
    style = style_of("print", 11, "first")
    return Image.fromarray(capture(style, draw_sheet(style, 1), Take(seed=1)))


def looks(path: Path) -> Appearance:
    seen = look_through(path, MANY).appearance
    assert seen is not None
    return seen


def alike(one: Appearance, other: Appearance) -> bool:
    return (
        unlikeness(one.hash, other.hash) < 0.05
        and abs(one.mean - other.mean) < 1.5
        and abs(one.ink - other.ink) < 0.003
        and abs(one.sharpness - other.sharpness) < 0.06
        and (one.width, one.height) == (other.width, other.height)
    )


def test_a_page_looks_the_same_in_every_format(tmp_path: Path, page: Image.Image) -> None:
    whole = look_at(np.asarray(page))
    page.save(tmp_path / "a.tif")
    assert looks(tmp_path / "a.tif") == whole
    page.save(tmp_path / "a.png")
    assert looks(tmp_path / "a.png") == whole
    page.save(tmp_path / "a.jpg", quality=92)
    assert alike(looks(tmp_path / "a.jpg"), whole)
    page.save(tmp_path / "a.jp2", irreversible=False)
    assert alike(looks(tmp_path / "a.jp2"), whole)


def test_sixteen_bits_gray_alpha_and_a_turn_make_no_other_page(tmp_path: Path, page: Image.Image) -> None:
    whole = look_at(np.asarray(page))
    gray = look_at(np.asarray(page.convert("L"))[:, :, None])
    wide = np.asarray(page.convert("L")).astype(np.uint16) * 257
    Image.fromarray(wide).save(tmp_path / "wide.png")
    assert alike(looks(tmp_path / "wide.png"), gray)
    page.convert("RGBA").save(tmp_path / "alpha.png")
    assert alike(looks(tmp_path / "alpha.png"), whole)
    exif = Image.Exif()
    exif[0x0112] = 8
    page.transpose(Image.Transpose.ROTATE_270).save(tmp_path / "turned.jpg", quality=95, exif=exif)
    assert alike(looks(tmp_path / "turned.jpg"), whole)


def test_a_larger_scan_of_the_same_page_looks_the_same(page: Image.Image) -> None:
    whole = look_at(np.asarray(page))
    large = look_at(np.asarray(page.resize((page.width * 3, page.height * 3), Image.Resampling.BICUBIC)))
    assert unlikeness(whole.hash, large.hash) < 0.05
    assert abs(whole.mean - large.mean) < 2
    assert large.sharpness < whole.sharpness  # three times as many pixels for the same edges
    assert large.skew == pytest.approx(whole.skew, abs=0.2)


@pytest.mark.parametrize("angle", [-5.0, -1.5, 0.0, 0.7, 3.0])
def test_the_angle_is_measured_to_a_third_of_a_degree(angle: float) -> None:
    style = style_of("columns", 12, "second")
    assert look_at(capture(style, draw_sheet(style, 2), Take(seed=3, angle=angle))).skew == pytest.approx(
        angle, abs=0.36
    )


def test_what_has_no_lines_has_no_angle() -> None:
    rng = np.random.default_rng(1)
    assert skew(rng.normal(128, 30, (500, 700)).astype(np.float32)) is None
    assert skew(np.full((500, 700), 200, np.float32)) is None


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_an_even_picture_is_looked_at_too(shade: int) -> None:
    seen = look_at(np.full((300, 400, 3), shade, np.uint8))
    assert (seen.ink, seen.skew, seen.sharpness, seen.borders) == (0.0, None, 0.0, (0.0, 0.0, 0.0, 0.0))


def test_what_is_burnt_out_is_told_from_the_samples_and_not_from_colours_that_srgb_has_not(tmp_path: Path) -> None:
    seen = {}
    for green, name in ((238, "sound"), (255, "burnt")):
        pixels = np.full((600, 400, 3), (120, green, 40), np.uint8)
        pixels[:, 200:] = (200, 190, 170)
        Image.fromarray(pixels).save(tmp_path / f"{name}.tif", icc_profile=adobe_profile())
        seen[name] = looks(tmp_path / f"{name}.tif")
        turned = Image.Exif()
        turned[0x0112] = 6
        Image.fromarray(pixels).save(tmp_path / f"{name}.png", icc_profile=adobe_profile(), exif=turned)
        assert looks(tmp_path / f"{name}.png").white == seen[name].white
    assert seen["sound"].white == 0.0
    assert seen["burnt"].white == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("kind", "seed", "take", "least", "most"),
    [("register", 5, Take(contrast=0.3, lift=42), 0.35, 1.0), ("plates", 10, Take(blur=4), 0.1, 0.22)],
)
def test_how_sharp_a_page_is_is_told_from_faint_edges_where_there_are_no_others(
    kind: str, seed: int, take: Take, least: float, most: float
) -> None:
    style = style_of(kind, seed, "first")
    assert least < look_at(capture(style, draw_sheet(style, 3), take)).sharpness < most


def test_a_clean_page_has_no_edges_however_much_shines_through() -> None:
    style = replace(style_of("print", 4, "first"), backing="none")
    clean = look_at(capture(style, draw_sheet(style, 5, is_blank=True, show_through=0.12), Take(seed=2)))
    assert (clean.is_marked, clean.sharpness) == (False, 0.0)


def test_a_picture_that_is_too_small_or_not_asked_for_is_not_looked_at(tmp_path: Path, page: Image.Image) -> None:
    page.crop((0, 0, 900, 199)).save(tmp_path / "a.png")
    assert look_through(tmp_path / "a.png", MANY).appearance is None
    page.save(tmp_path / "b.png")
    seen = look_through(tmp_path / "b.png", MANY, looking=False)
    assert (seen.appearance, seen.pixels) == (None, look_through(tmp_path / "b.png", MANY).pixels)


def test_a_large_master_is_looked_at_in_little_memory(tmp_path: Path) -> None:
    rows = np.tile(np.arange(9000, dtype=np.uint8)[None, :, None], (9000, 1, 3))
    Image.fromarray(rows).save(tmp_path / "large.tif")
    del rows
    tracemalloc.start()
    try:
        assert looks(tmp_path / "large.tif").width == 9000
        assert tracemalloc.get_traced_memory()[1] < 90 * 2**20  # the picture has 243 MB
    finally:
        tracemalloc.stop()
