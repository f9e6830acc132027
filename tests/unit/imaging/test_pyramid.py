"""Pyramids: exact levels, exact tiles, the same bytes every time."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from server.errors import ImageError, ImageTooLarge, StorageFull
from server.imaging.index import TileIndex
from server.imaging.pyramid import Pyramid, make_pyramid, recipe_name
from server.imaging.vips import pyvips

Writer = Callable[..., Path]
MANY = 10**9


def make(master: Path, tile_size: int = 64, quality: int = 85, max_pixels: int = MANY) -> Pyramid:
    folder = master.parent / f"out-{tile_size}-{quality}"
    folder.mkdir(exist_ok=True)
    return make_pyramid(master, folder, tile_size=tile_size, quality=quality, max_pixels=max_pixels)


def stream(pyramid: Pyramid, level: int, column: int, row: int) -> bytes:
    index = TileIndex.load(pyramid.index.read_bytes())
    offset, length, needs_head = index.locate(level, column, row)
    data = pyramid.tif.read_bytes()[offset : offset + length]
    return (index.head if needs_head else b"") + data


def decoded(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(data)))


def jpeg_loss(pixels: NDArray[np.uint8], quality: int = 85) -> float:
    """Return how much another JPEG writer, at the same quality, changes a picture on average."""
    written = io.BytesIO()
    Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(
        written, "JPEG", quality=quality, subsampling="4:2:0"
    )
    return float(np.abs(decoded(written.getvalue()).reshape(pixels.shape).astype(int) - pixels.astype(int)).mean())


SIZES = [(1, 1), (64, 64), (65, 64), (63, 200), (128, 128), (300, 200), (517, 389), (1000, 17), (16, 1025), (257, 511)]


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_tiles_of_every_level_cover_it_exactly(tiff: Writer, width: int, height: int, bands: int) -> None:
    pyramid = make(tiff(width, height, bands))
    index = TileIndex.load(pyramid.index.read_bytes())
    assert (index.width, index.height, index.bands) == (width, height, bands)
    assert (pyramid.width, pyramid.height, pyramid.bands) == (width, height, bands)
    assert max(index.levels[-1].width, index.levels[-1].height) <= 64
    for k, level in enumerate(index.levels):
        assert (level.width, level.height) == (-(-width // 2**k), -(-height // 2**k))
        whole = pyvips.Image.tiffload(str(pyramid.tif), page=k).numpy().reshape(level.height, level.width, bands)
        for row in range(level.rows):
            for column in range(level.columns):
                tile = decoded(stream(pyramid, k, column, row))
                expected = whole[row * 64 : row * 64 + 64, column * 64 : column * 64 + 64]
                tile = tile.reshape(*tile.shape[:2], bands)
                assert tile.shape == expected.shape
                difference = np.abs(tile.astype(int) - expected.astype(int))
                if expected.shape[:2] == (64, 64):
                    assert difference.max() == 0
                else:
                    assert difference.mean() <= jpeg_loss(expected) + 0.5


@pytest.mark.parametrize(("width", "height"), [(517, 389), (640, 333)])
def test_levels_equal_the_master_reduced(tiff: Writer, width: int, height: int) -> None:
    master = tiff(width, height)
    pyramid = make(master)
    pixels = np.asarray(Image.open(master)).astype(float)
    for k in range(5):
        padded = np.pad(pixels, ((0, -height % 2**k), (0, -width % 2**k), (0, 0)), mode="edge")
        reduced = padded.reshape(padded.shape[0] // 2**k, 2**k, padded.shape[1] // 2**k, 2**k, 3).mean(axis=(1, 3))
        level = pyvips.Image.tiffload(str(pyramid.tif), page=k).numpy().astype(float)
        assert level.shape == reduced.shape
        assert np.abs(level - reduced).mean() < jpeg_loss(reduced.round().astype(np.uint8)) + 1
        shifted = np.roll(reduced, 1, axis=1)
        assert np.abs(level - reduced).mean() < np.abs(level - shifted).mean()


def test_other_tools_open_the_file(tiff: Writer) -> None:
    pyramid = make(tiff(517, 389))
    with Image.open(pyramid.tif) as opened:
        assert opened.size == (517, 389)
        assert getattr(opened, "n_frames", 0) == 5
        assert np.asarray(opened).shape == (389, 517, 3)
        opened.seek(3)
        assert opened.size == (65, 49)


def test_same_master_and_recipe_give_the_same_bytes(tiff: Writer, tmp_path: Path) -> None:
    master = tiff(700, 500)
    first, second = make(master), make(master)
    assert first.tif != second.tif
    assert first.tif.read_bytes() == second.tif.read_bytes()
    assert first.index.read_bytes() == second.index.read_bytes()
    assert make(master, quality=60).tif.stat().st_size < first.tif.stat().st_size


def test_recipe_names_what_shapes_the_pyramid(tiff: Writer) -> None:
    assert make(tiff(10, 10), tile_size=128, quality=70).recipe == "jpeg70-128-v1" == recipe_name(128, 70)


@pytest.mark.parametrize(("tile_size", "quality"), [(100, 85), (64, 90), (64, 49)])
def test_recipes_that_would_break_the_tiles_are_refused(tiff: Writer, tile_size: int, quality: int) -> None:
    with pytest.raises(ValueError, match="multiple of 16"):
        make(tiff(10, 10), tile_size=tile_size, quality=quality)


def test_colour_tiles_are_subsampled_ycbcr_and_gray_ones_have_one_band(tiff: Writer) -> None:
    for bands, mode in ((3, "RGB"), (1, "L")):
        pyramid = make(tiff(300, 200, bands))
        for place in ((0, 0, 0), (0, 4, 3), (3, 0, 0)):
            with Image.open(io.BytesIO(stream(pyramid, *place))) as tile:
                assert tile.mode == mode
                assert tile.info["jfif"]
                sampling = [layer[1:3] for layer in tile.layer]
                assert sampling == ([(2, 2), (1, 1), (1, 1)] if bands == 3 else [(1, 1)])


def test_refused_master_leaves_no_file(tiff: Writer, tmp_path: Path) -> None:
    master = tiff(700, 500)
    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises(ImageTooLarge, match="700 × 500"):
        make_pyramid(master, folder, tile_size=64, quality=85, max_pixels=349_999)
    whole = master.read_bytes()
    at = int.from_bytes(whole[4:8], "little")
    if at > len(whole) // 2:
        pytest.fail("the test needs a TIFF whose directory comes first")
    master.write_bytes(whole[: len(whole) * 6 // 10])
    with pytest.raises(
        ImageError, match=r"master-700x500-3\.tif: ends after (5[5-9]|60) % of its rows .*ask the supplier"
    ):
        make_pyramid(master, folder, tile_size=64, quality=85, max_pixels=MANY)
    assert list(folder.iterdir()) == []


def test_full_disk_is_told_and_leaves_no_file(tiff: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageFull, match="No space left"):
        make_pyramid(tiff(100, 100), folder, tile_size=64, quality=85, max_pixels=MANY)
    assert list(folder.iterdir()) == []
