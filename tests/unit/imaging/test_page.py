from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from server.imaging import jpeg
from server.imaging.index import TileIndex
from server.imaging.page import LONGEST, SHORTEST, SIDE, PagePicture, page_picture, page_recipe
from server.imaging.pyramid import make_pyramid
from server.imaging.tiles import PyramidReader


def reader_of(folder: Path, size: tuple[int, int], *, mode: str = "RGB") -> PyramidReader:
    """Return a pyramid of an image that is dark on the left and light on the right."""
    shades = np.tile(np.linspace(0, 255, size[0], dtype=np.uint8), (size[1], 1))
    master = folder / "master.png"
    Image.fromarray(shades).convert(mode).save(master)
    made = make_pyramid(master, folder, tile_size=512, quality=85, max_pixels=10**8)
    data = made.tif.read_bytes()
    return PyramidReader(
        "v1.f1", TileIndex.load(made.index.read_bytes()), lambda offset, length: data[offset : offset + length]
    )


def look(made: PagePicture) -> None:
    pixels = jpeg.decode(made.stream)
    assert pixels.shape == (made.height, made.width, made.bands)
    assert pixels[:, : made.width // 8].mean() < 40
    assert pixels[:, -made.width // 8 :].mean() > 215


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((3000, 2000), (1500, 1000)),  # a level of its own, ready-made
        ((2400, 1600), (2400, 1600)),  # the whole, ready-made
        ((2800, 2100), (SIDE, 1500)),  # 1400 is too small: made
        ((5200, 1000), (SIDE, 385)),
        ((900, 1200), (900, 1200)),  # smaller than wanted: never enlarged
        ((200, 300), (200, 300)),
    ],
)
def test_a_page_is_as_large_as_it_is_read(tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]) -> None:
    made = page_picture(reader_of(tmp_path, size))
    assert (made.width, made.height) == expected
    look(made)


def test_a_ready_made_picture_is_taken_as_it_is(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, (3000, 2000))
    number = reader.index.ready_made(1500, 1000)
    assert number is not None
    assert page_picture(reader).stream == reader.stream(number)


def test_gray_stays_gray(tmp_path: Path) -> None:
    made = page_picture(reader_of(tmp_path, (2800, 2100), mode="L"))
    assert made.bands == 1
    look(made)


def test_made_twice_it_is_the_same_and_the_recipe_says_how(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, (2800, 2100))
    assert page_picture(reader) == page_picture(reader)
    assert page_recipe() == "2000q72"
    assert SHORTEST < SIDE < LONGEST
