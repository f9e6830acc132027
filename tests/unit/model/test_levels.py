"""The sizes that are stored ready-made are those that will be asked for."""

from hypothesis import given
from hypothesis import strategies as st

from server.errors import BadRequest
from server.imaging.request import ImageRequest
from server.imaging.size import Limits
from server.model.levels import (
    LARGEST_READY_MADE,
    THUMBNAIL_SIDES,
    level_sizes,
    ready_made_sizes,
    thumbnail,
)

WIDE = Limits(10**6, 10**6, 10**12)
sides = st.integers(1, 100_000)


@given(width=sides, height=sides, side=st.sampled_from([*THUMBNAIL_SIDES, 1, 7, 333]))
def test_a_thumbnail_is_what_the_request_gives(width: int, height: int, side: int) -> None:
    size = thumbnail(width, height, side)
    request = ImageRequest.parse("full", f"!{side},{side}", "0", "default", "jpg")
    try:
        geometry = request.resolve(width, height, WIDE)
    except BadRequest:
        assert 1 in size
    else:
        assert size == (geometry.width, geometry.height)


@given(width=sides, height=sides, tile_size=st.sampled_from([256, 512]))
def test_what_is_ready_made(width: int, height: int, tile_size: int) -> None:
    sizes = ready_made_sizes(width, height, tile_size)
    levels = level_sizes(width, height, tile_size)
    assert len(set(sizes)) == len(sizes)
    assert list(sizes) == sorted(sizes, reverse=True)
    for size in levels[:-1]:
        assert (size in sizes) == (size[0] * size[1] <= LARGEST_READY_MADE and max(size) <= 65_500)
    for side in THUMBNAIL_SIDES:
        small = thumbnail(width, height, side)
        assert small in sizes or small == levels[-1] or max(width, height) <= side
        assert min(small) >= 1
        assert max(small) <= side


def test_examples() -> None:
    assert ready_made_sizes(5001, 7003, 512) == ((1251, 1751), (626, 876), (286, 400), (143, 200))
    assert ready_made_sizes(1, 5000, 512) == ((1, 5000), (1, 2500), (1, 1250), (1, 625), (1, 400), (1, 200))
    assert ready_made_sizes(100, 90, 512) == ()
    assert ready_made_sizes(800, 600, 512) == ((800, 600), (200, 150)), "400 × 300 is a tile"
    assert ready_made_sizes(0x800, 0x800, 512)[0] == (0x800, 0x800)
    assert ready_made_sizes(0x801, 0x800, 512)[0] == (0x401, 0x400)
