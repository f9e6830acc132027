"""The grammar of Image API 3.0 §4: canonical forms, arithmetic of sizes, and that nothing but BadRequest is raised."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from server.errors import BadRequest
from server.imaging.request import FORMATS, QUALITIES, Geometry, ImageRequest, Limits

sides = st.integers(1, 70_000)
small = st.integers(0, 100_000)
decimals = st.decimals(0, 400, places=3, allow_nan=False, allow_infinity=False).map(str)
regions = st.one_of(
    st.sampled_from(["full", "square"]),
    st.tuples(small, small, small, small).map(lambda four: ",".join(map(str, four))),
    st.tuples(decimals, decimals, decimals, decimals).map(lambda four: "pct:" + ",".join(four)),
)
plain_sizes = st.one_of(
    st.just("max"),
    decimals.map(lambda number: f"pct:{number}"),
    small.map(lambda w: f"{w},"),
    small.map(lambda h: f",{h}"),
    st.tuples(small, small).map(lambda two: f"{two[0]},{two[1]}"),
    st.tuples(small, small).map(lambda two: f"!{two[0]},{two[1]}"),
)
sizes = st.tuples(st.sampled_from(["", "^"]), plain_sizes).map("".join)
rotations = st.tuples(st.sampled_from(["", "!"]), decimals).map("".join)
limits = st.builds(Limits, st.integers(1, 10_000), st.integers(1, 10_000), st.integers(1, 10**8))
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no fault of the grammar."""

WIDE = Limits(10**6, 10**6, 10**12)


def resolve(region: str, size: str, width: int, height: int, within: Limits = WIDE, rotation: str = "0") -> Geometry:
    return ImageRequest.parse(region, size, rotation, "default", "png").resolve(width, height, within)


@unhurried
@given(
    regions, sizes, rotations, st.sampled_from(QUALITIES), st.sampled_from(FORMATS), sides, sides, limits, st.booleans()
)
@example("0,0,1,1", "^max", "359.9996", "color", "jpg", 1, 1, Limits(1, 1, 1), False)
def test_canonical_form_means_the_same_and_is_its_own_canonical_form(
    region: str, size: str, rotation: str, quality: str, form: str, width: int, height: int, within: Limits, gray: bool
) -> None:
    try:
        first = ImageRequest.parse(region, size, rotation, quality, form).resolve(width, height, within, gray=gray)
    except BadRequest:
        return  # refusals have their own tests
    parts = first.canonical.split("/")
    quality, _, form = parts[3].rpartition(".")
    again = ImageRequest.parse(parts[0], parts[1], parts[2], quality, form).resolve(width, height, within, gray=gray)
    assert again.canonical == first.canonical
    assert (again.x, again.y, again.w, again.h) == (first.x, first.y, first.w, first.h)
    assert (again.width, again.height, again.quality) == (first.width, first.height, first.quality)
    assert abs(again.rotation.degrees - first.rotation.degrees) < Fraction(1, 10**9)


@unhurried
@given(regions, sizes, rotations, sides, sides, limits)
def test_result_is_within_region_and_limits(
    region: str, size: str, rotation: str, width: int, height: int, within: Limits
) -> None:
    try:
        got = resolve(region, size, width, height, within, rotation)
    except BadRequest:
        return  # refusals have their own tests
    assert 0 <= got.x < got.x + got.w <= width
    assert 0 <= got.y < got.y + got.h <= height
    assert 1 <= got.width <= within.max_width
    assert 1 <= got.height <= within.max_height
    assert got.width * got.height <= within.max_area
    if not size.startswith("^"):
        assert got.width <= got.w
        assert got.height <= got.h


def check_sentence(error: BadRequest) -> None:
    assert str(error).endswith(".")
    assert str(error).isprintable()


@unhurried
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=12), st.text(max_size=12), st.text(max_size=6))
def test_no_text_raises_anything_but_bad_request(
    region: str, size: str, rotation: str, quality: str, form: str
) -> None:
    for arguments in (
        (region, "max", "0", "default", "jpg"),
        ("full", size, "0", "default", "jpg"),
        ("full", "max", rotation, "default", "jpg"),
        ("full", "max", "0", quality, "jpg"),
        ("full", "max", "0", "default", form),
    ):
        try:
            ImageRequest.parse(*arguments).resolve(300, 200, Limits(100, 100, 5000))
        except BadRequest as error:
            check_sentence(error)


numberlike = st.text("0123456789.,:!^pctmaxfulsqre %-+e²٣", max_size=24)


@unhurried
@given(numberlike, numberlike, numberlike)
def test_no_number_like_text_raises_anything_but_bad_request(region: str, size: str, rotation: str) -> None:
    for arguments in ((region, "max", "0"), ("full", size, "0"), ("full", "max", rotation)):
        try:
            ImageRequest.parse(*arguments, "default", "jpg").resolve(300, 200, Limits(100, 100, 5000))
        except BadRequest as error:
            check_sentence(error)


@unhurried
@given(sides, sides, st.integers(1, 70_000))
def test_one_side_given_the_other_follows_by_rounding(width: int, height: int, asked: int) -> None:
    assume(asked <= width)
    exact = Fraction(height * asked, width)
    if exact < Fraction(1, 2):
        with pytest.raises(BadRequest, match="0 pixels"):
            resolve("full", f"{asked},", width, height)
    else:
        got = resolve("full", f"{asked},", width, height)
        assert got.width == asked
        assert abs(got.height - exact) <= Fraction(1, 2)


@unhurried
@given(sides, sides, st.integers(1, 5000), st.integers(1, 5000))
def test_within_is_as_large_as_possible(width: int, height: int, w: int, h: int) -> None:
    try:
        got = resolve("full", f"!{w},{h}", width, height)
    except BadRequest:
        assert min(Fraction(w, width) * height, Fraction(h, height) * width) < Fraction(1, 2)
        return
    assert got.width <= min(w, width)
    assert got.height <= min(h, height)
    assert got.width in {w, width} or got.height in {h, height}


@unhurried
@given(sides, sides)
def test_square_is_centred(width: int, height: int) -> None:
    got = resolve("square", "max", width, height)
    assert got.w == got.h == min(width, height)
    assert abs((width - got.w) / 2 - got.x) < 1
    assert abs((height - got.h) / 2 - got.y) < 1


@unhurried
@given(sides, sides, small, small, st.integers(1, 10**6), st.integers(1, 10**6))
def test_regions_partly_outside_are_cropped(width: int, height: int, x: int, y: int, w: int, h: int) -> None:
    if x >= width or y >= height:
        with pytest.raises(BadRequest, match="outside the image"):
            resolve(f"{x},{y},{w},{h}", "max", width, height)
    else:
        got = resolve(f"{x},{y},{w},{h}", "max", width, height)
        assert (got.x, got.y, got.w, got.h) == (x, y, min(w, width - x), min(h, height - y))
