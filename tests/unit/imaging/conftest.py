"""Masters that the tests make themselves."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.support.pictures import picture


@pytest.fixture
def tiff(tmp_path: Path) -> Callable[[int, int], Path]:
    """Return a function that writes a colour TIFF of the given size."""

    def write(width: int, height: int, bands: int = 3) -> Path:
        path = tmp_path / f"master-{width}x{height}-{bands}.tif"
        Image.fromarray(picture(width, height, bands)).save(path)
        return path

    return write
