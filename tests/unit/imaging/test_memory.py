"""What one accepted request takes at most, format by format: measured in a process of its own."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from server.imaging.pyramid import Pyramid, make_pyramid

WIDTH, HEIGHT = 6000, 4000
MOST = 115_000_000
"""Bytes above what a process holds that has rendered before; most of the formats stay far below."""

WORST = {
    "jpg": ("full/max/0/default.jpg", "full/max/90/default.jpg", "full/max/45/default.jpg", "full/6000,900/1/gray.jpg"),
    "png": ("full/max/0/default.png", "full/max/90/default.png", "full/max/45/default.png", "full/6000,900/1/default.png"),
    "tif": ("full/max/0/default.tif", "full/max/90/default.tif", "full/max/45/default.tif", "full/6000,900/1/default.tif"),
    "webp": ("full/max/90/default.webp", "full/6000,690/0/default.webp", "full/max/45/default.webp", "full/6000,340/0/bitonal.webp"),
    "gif": ("full/max/90/default.gif", "full/6000,340/0/default.gif", "full/max/45/default.gif"),
    "avif": ("full/max/90/default.avif", "full/6000,340/0/default.avif", "full/max/45/default.avif"),
}  # fmt: skip
"""The greatest, turned, and flat ones: those need the largest level, of which many rows are held for each that is made."""


@pytest.fixture(scope="module")
def pyramid(tmp_path_factory: pytest.TempPathFactory) -> Pyramid:
    """A scan of 24 Mpx with grain, so that files without loss are as large as they are of paper."""
    folder = tmp_path_factory.mktemp("memory")
    random = np.random.default_rng(1)
    soft = Image.fromarray(random.integers(0, 255, (HEIGHT // 10, WIDTH // 10, 3), np.uint8)).resize((WIDTH, HEIGHT))
    grain = random.integers(-8, 8, (HEIGHT, WIDTH, 1))
    Image.fromarray((np.asarray(soft) + grain).clip(0, 255).astype(np.uint8)).save(folder / "master.tif")
    return make_pyramid(folder / "master.tif", folder, tile_size=512, quality=85, max_pixels=10**8)


@pytest.mark.parametrize("form", WORST)
def test_no_accepted_request_takes_much_memory(pyramid: Pyramid, form: str) -> None:
    for path in WORST[form]:
        command = [sys.executable, "-m", "tests.unit.imaging.measuring", str(pyramid.tif), str(pyramid.index), path]
        told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
        assert int(told.stdout) < MOST, path
