"""The tile index: what is written is read, and damage is named."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import ImageError
from server.imaging.index import Stream, TileIndex, checksum, grid


def sample() -> TileIndex:
    tiles = [Stream(100 * n, 90 + n, n % 2 == 0, checksum(b"tile%d" % n)) for n in range(6 + 2 + 1)]
    pictures = [((650, 500), Stream(2000, 77, False, checksum(b"picture")))]
    return TileIndex.build((1300, 1000), 512, 3, 5000, b"\xff\xd8head", tiles, pictures, 12345)


def test_levels_are_rounded_up_and_end_with_one_tile() -> None:
    assert [(level.width, level.height, level.columns, level.rows, level.first) for level in grid(1300, 1000, 512)] == [
        (1300, 1000, 3, 2, 0),
        (650, 500, 2, 1, 6),
        (325, 250, 1, 1, 8),
    ]


def test_index_comes_back() -> None:
    index = TileIndex.load(sample().dump())
    assert index.head == b"\xff\xd8head"
    assert index.place(index.number(0, 0, 0)) == (0, 90, True)
    assert index.place(index.number(0, 2, 1)) == (500, 95, False)
    assert index.place(index.number(2, 0, 0)) == (800, 98, True)
    assert index.dump() == sample().dump()
    assert index.memory < 3000
    assert index.rest == 12345
    assert index.pictures == ((650, 500),)


def test_numbers_count_tiles_and_then_pictures() -> None:
    index = TileIndex.load(sample().dump())
    assert [index.number(0, 0, 0), index.number(0, 2, 1), index.number(1, 1, 0), index.number(2, 0, 0)] == [0, 5, 7, 8]
    assert index.tiles == 9
    assert index.ready_made(650, 500) == 9
    assert index.place(9) == (2000, 77, False)
    assert index.ready_made(325, 250) == 8, "a level of one tile shows the whole image too"
    assert index.ready_made(1300, 1000) is None
    assert index.name(5) == "tile in column 2, row 1 of level 0"
    assert index.name(7) == "tile in column 1, row 0 of level 1"
    assert index.name(9) == "ready-made picture of 650 × 500"


def test_every_stream_is_known_by_its_bytes() -> None:
    index = TileIndex.load(sample().dump())
    for number, data in [*((n, b"tile%d" % n) for n in range(9)), (9, b"picture")]:
        assert index.is_sound(number, data)
        assert index.is_sound(number, memoryview(bytearray(b"head" + data))[4:])
        assert not index.is_sound(number, data[:-1])
        assert not index.is_sound((number + 1) % 10, data)


@pytest.mark.parametrize("version", [0, 1, 3])
def test_an_index_of_another_version_is_refused(version: int) -> None:
    """Whatever else it holds: an index without checksums would let damaged bytes through."""
    written = bytearray(sample().dump())
    struct.pack_into("<H", written, 8, version)
    body = bytes(written[:52]) + bytes(written[56:])
    struct.pack_into("<I", written, 52, zlib.crc32(body))
    with pytest.raises(
        ImageError, match=rf"f1\.idx: it has version {version}, .* version 2 alone; ingest its view again"
    ):
        TileIndex.load(bytes(written), "f1.idx")


@given(data=st.data())
def test_find_gives_what_a_search_of_all_levels_gives(data: st.DataObject) -> None:
    """The same as trying one level after the other, the largest first."""
    size, tile = (
        data.draw(st.tuples(st.integers(1, 700), st.integers(1, 700))),
        data.draw(st.sampled_from([16, 48, 64])),
    )
    levels = grid(*size, tile)
    streams = [Stream(0, 1, False, 0)] * (levels[-1].first + levels[-1].columns * levels[-1].rows)
    index = TileIndex.build(size, tile, 3, 5000, b"", streams)
    k = data.draw(st.integers(0, len(levels)))
    span = tile << k
    near = st.sampled_from([0, 0, 0, 1, -1, span])
    x, y = (max(0, data.draw(st.integers(0, side // span)) * span + data.draw(near)) for side in size)
    if x >= size[0] or y >= size[1]:
        return
    w = min(max(1, span + data.draw(near)), size[0] - x)
    h = min(max(1, span + data.draw(near)), size[1] - y)
    width, height = (max(1, -(-side >> k) + data.draw(st.sampled_from([0, 0, 0, 1, -1]))) for side in (w, h))
    asked = (x, y, w, h, width, height)
    assert index.find(*asked) == index._search(*asked, (0, 0))
    slack = data.draw(st.tuples(st.integers(0, 1), st.integers(0, 1)))
    assert index.find(*asked, slack) == index._search(*asked, slack)


@pytest.mark.parametrize("place", [(0, 3, 0), (0, 0, 2), (0, -1, 0), (3, 0, 0)])
def test_places_outside_the_grid_have_no_tile(place: tuple[int, int, int]) -> None:
    with pytest.raises(IndexError):
        sample().number(*place)


def test_number_of_tiles_must_fit() -> None:
    with pytest.raises(ValueError, match="do not make a pyramid"):
        TileIndex.build((1300, 1000), 512, 3, 5000, b"", [Stream(0, 1, True, 0)])


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
    index = TileIndex.build((64, 64), 64, 1, 99, b"", [Stream(90, 10, False, 0)])
    with pytest.raises(ImageError, match="beyond the end"):
        TileIndex.load(index.dump(), "x")
