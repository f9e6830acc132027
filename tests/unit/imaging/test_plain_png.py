"""Rows as an uncompressed PNG: another program reads the same pixels."""

import io

import numpy as np
import pytest
from PIL import Image

from server.imaging.plain_png import plain_png
from tests.support.pictures import picture


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (300, 217), (70_000, 30), (3, 5000)])
def test_what_is_written_is_read(bands: int, width: int, height: int) -> None:
    pixels = np.asarray(picture(width, height, bands)).reshape(height, width, bands)
    parts = [pixels[top : top + 100] for top in range(0, height, 100)]
    with Image.open(io.BytesIO(b"".join(plain_png(parts, width, height, bands)))) as read:
        assert read.mode == ("RGB" if bands == 3 else "L")
        assert (np.asarray(read).reshape(height, width, bands) == pixels).all()


def test_little_is_held_at_a_time() -> None:
    part = np.zeros((512, 9000, 3), np.uint8)
    assert max(len(piece) for piece in plain_png([part, part], 9000, 1024, 3)) < 2 * 2**20
