"""The tile index: what is written is read, and damage is named."""

import pytest

from server.errors import ImageError
from server.imaging.index import TileIndex, grid


def sample() -> TileIndex:
    tiles = [(100 * n, 90 + n, n % 2 == 0) for n in range(6 + 2 + 1)]
    return TileIndex.build((1300, 1000), 512, 3, 5000, b"\xff\xd8head", tiles)


def test_levels_are_rounded_up_and_end_with_one_tile() -> None:
    assert [(level.width, level.height, level.columns, level.rows, level.first) for level in grid(1300, 1000, 512)] == [
        (1300, 1000, 3, 2, 0),
        (650, 500, 2, 1, 6),
        (325, 250, 1, 1, 8),
    ]


def test_index_comes_back() -> None:
    index = TileIndex.load(sample().dump())
    assert index.head == b"\xff\xd8head"
    assert index.locate(0, 0, 0) == (0, 90, True)
    assert index.locate(0, 2, 1) == (500, 95, False)
    assert index.locate(2, 0, 0) == (800, 98, True)
    assert index.dump() == sample().dump()
    assert index.memory < 400


@pytest.mark.parametrize("place", [(0, 3, 0), (0, 0, 2), (0, -1, 0), (3, 0, 0)])
def test_places_outside_the_grid_have_no_tile(place: tuple[int, int, int]) -> None:
    with pytest.raises(IndexError):
        sample().locate(*place)


def test_number_of_tiles_must_fit() -> None:
    with pytest.raises(ValueError, match="do not make a pyramid"):
        TileIndex.build((1300, 1000), 512, 3, 5000, b"", [(0, 1, True)])


def test_any_flipped_byte_and_any_cut_is_found() -> None:
    whole = sample().dump()
    for at in range(len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 0x41
        with pytest.raises(ImageError, match=r"f0012\.idx: .*ingest its view again"):
            TileIndex.load(bytes(broken), "f0012.idx")
    for end in range(0, len(whole), 7):
        with pytest.raises(ImageError, match=r"f0012\.idx"):
            TileIndex.load(whole[:end], "f0012.idx")


def test_tiles_beyond_the_file_are_found() -> None:
    index = TileIndex.build((64, 64), 64, 1, 99, b"", [(90, 10, False)])
    with pytest.raises(ImageError, match="beyond the end"):
        TileIndex.load(index.dump(), "x")
