"""The grammar of Image API 3.0 and 2.1 (§4): canonical forms, sizes to the pixel, and that nothing but BadRequest is raised."""

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from server.errors import BadRequest
from server.imaging.request import FORMATS, LONGEST_SIDE, QUALITIES, Geometry, ImageRequest
from server.imaging.request2 import parse_2
from server.imaging.size import Limits, Ready
from server.model.levels import level_sizes, listed_sizes
from tests.support.image_oracle import AskedRegion, AskedSize, expect

PARSERS: dict[int, Callable[[str, str, str, str, str], ImageRequest]] = {3: ImageRequest.parse, 2: parse_2}
both_versions = pytest.mark.parametrize("version", [3, 2])

sides = st.one_of(st.integers(1, 12), st.integers(1, 2000), st.integers(1, LONGEST_SIDE["jpg"]))
numbers = st.one_of(st.integers(0, 12), st.integers(0, 2000), st.integers(0, 100_000))
decimals = st.one_of(
    st.decimals(0, 400, places=3, allow_nan=False, allow_infinity=False).map(str),
    st.floats(0.001, 120, allow_nan=False).map(repr),  # as JavaScript writes them, too
    st.sampled_from(["0", "100", "100.0", "007", ".5", "1.", "99.999999999999", "33.333333333333336", "360", "50"]),
).filter(lambda text: "e" not in text)
four_numbers = st.tuples(*(numbers.map(str),) * 4)
four_decimals = st.tuples(*(decimals,) * 4)
regions = st.one_of(
    st.sampled_from([AskedRegion("full"), AskedRegion("square")]),
    st.builds(AskedRegion, st.just("px"), four_numbers),
    st.builds(AskedRegion, st.just("pct"), four_decimals),
)
rotations = st.tuples(st.sampled_from(["", "!"]), decimals).map("".join)
quarter_turns = st.sampled_from(["0", "!0", "90", "180.0", "!270", "360"])
"""Those after which a JPEG has no limits but the server's."""

areas = st.one_of(st.integers(1, 5000), st.integers(1, 10**8))
limits = st.one_of(st.builds(Limits, sides, sides, areas), st.builds(Limits, st.just(10**6), st.just(10**6), areas))
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no fault of the grammar."""

WIDE = Limits(10**6, 10**6, 10**12)


def sizes_of(version: int) -> st.SearchStrategy[AskedSize]:
    """Every form of a version's sizes."""
    carets = st.booleans() if version == 3 else st.just(False)
    forms = ["max", "w", "h", "wh", "within", "pct"] + (["full"] if version == 2 else [])
    return st.builds(AskedSize, st.sampled_from(forms), carets, numbers, numbers, decimals)


def resolve(
    version: int, region: object, size: object, image: tuple[int, int], within: Limits = WIDE, rotation: str = "0"
) -> Geometry:
    return PARSERS[version](str(region), str(size), rotation, "default", "jpg").resolve(*image, within)


def again(version: int, canonical: str, image: tuple[int, int], within: Limits, *, gray: bool = False) -> Geometry:
    region, size, rotation, last = canonical.split("/")
    quality, _, form = last.rpartition(".")
    return PARSERS[version](region, size, rotation, quality, form).resolve(*image, within, gray=gray)


@both_versions
@unhurried
@given(st.data())
def test_results_are_what_the_specification_says(version: int, data: st.DataObject) -> None:
    region, size, rotation = data.draw(regions), data.draw(sizes_of(version)), data.draw(quarter_turns)
    image, within = data.draw(st.tuples(sides, sides)), data.draw(limits)
    longest = LONGEST_SIDE["jpg"]
    bounds = (min(within.max_width, longest), min(within.max_height, longest), within.max_area)
    wanted = expect(version, region, size, image, bounds)
    try:
        got = resolve(version, region, size, image, within, rotation)
    except BadRequest:
        assert wanted is None or wanted.may_fail
        return
    assert wanted is not None, f"{got.width} × {got.height} instead of a refusal"
    assert (got.x, got.y, got.w, got.h) == wanted.region
    assert wanted.accepts(got.width, got.height), (got.width, got.height, wanted)
    assert within.allow(got.width, got.height)
    assert got.width >= 1
    assert got.height >= 1


@both_versions
@unhurried
@given(st.data())
def test_canonical_form_means_the_same_and_is_its_own_canonical_form(version: int, data: st.DataObject) -> None:
    image = data.draw(st.tuples(sides, sides))
    within = data.draw(limits)
    if data.draw(st.booleans()):
        within = Limits(
            within.max_width,
            within.max_height,
            within.max_area,
            Ready(*image, 64, frozenset(listed_sizes(*image, tile_size=64))),
        )
    gray = data.draw(st.booleans())
    quality, form = data.draw(st.sampled_from(QUALITIES)), data.draw(st.sampled_from(FORMATS))
    parts = (str(data.draw(regions)), str(data.draw(sizes_of(version))), data.draw(rotations), quality, form)
    try:
        first = PARSERS[version](*parts).resolve(*image, within, gray=gray)
    except BadRequest:
        return  # refusals have their own tests
    second = again(version, first.canonical, image, within, gray=gray)
    assert second.canonical == first.canonical
    assert (second.x, second.y, second.w, second.h) == (first.x, first.y, first.w, first.h)
    assert (second.width, second.height, second.quality) == (first.width, first.height, first.quality)
    assert second.rotation == first.rotation
    assert (second.format, second.version) == (first.format, version)
    # Whoever asks for the same pixels in other words is told the same.
    caret = "^" if version == 3 and (first.width > first.w or first.height > first.h) else ""
    plain = f"{first.x},{first.y},{first.w},{first.h}/{caret}{first.width},{first.height}"
    rest = first.canonical.split("/", 2)[2]
    assert again(version, f"{plain}/{rest}", image, within, gray=gray).canonical == first.canonical


@both_versions
@unhurried
@given(st.data())
def test_max_is_served_in_every_format_and_as_large_as_it_is_made(version: int, data: st.DataObject) -> None:
    """`max` is as large as the server makes it (3.0 and 2.1 §4.2): never refused, whatever the format and the turn."""
    image, within = data.draw(st.tuples(sides, sides)), data.draw(limits)
    rest = f"{data.draw(rotations)}/{data.draw(st.sampled_from(QUALITIES))}.{data.draw(st.sampled_from(FORMATS))}"
    assume(Fraction(rest.split("/", maxsplit=1)[0].lstrip("!")) <= 360)
    got = again(version, f"full/max/{rest}", image, within)
    exact = again(version, f"full/{got.width},{got.height}/{rest}", image, within)
    assert (exact.width, exact.height, exact.canonical) == (got.width, got.height, got.canonical)
    if min(got.width, got.height) > 8 and (got.width, got.height) != image:
        # A side that was rounded down keeps the other from its full length, by so much as they differ.
        larger = f"{got.width + image[0] // image[1] + 4},{got.height + image[1] // image[0] + 4}"
        with pytest.raises(BadRequest):
            again(version, f"full/{larger}/{rest}", image, within)


CANONICAL_SIZE = {3: r"\^?(?:max|{n},{n})", 2: r"full|{n},(?:{n})?"}


@both_versions
@unhurried
@given(st.data())
def test_canonical_form_is_written_as_the_specification_says(version: int, data: st.DataObject) -> None:
    image, within = data.draw(st.tuples(sides, sides)), data.draw(limits)
    try:
        got = resolve(version, data.draw(regions), data.draw(sizes_of(version)), image, within, data.draw(rotations))
    except BadRequest:
        return  # refusals have their own tests
    region, size, rotation, last = got.canonical.split("/")
    assert (region == "full") == ((got.w, got.h) == image)
    assert re.fullmatch(r"full|[0-9]+,[0-9]+,[1-9][0-9]*,[1-9][0-9]*", region)
    assert re.fullmatch(CANONICAL_SIZE[version].replace("{n}", "[1-9][0-9]*"), size)
    assert re.fullmatch(r"!?(?:0|[1-9][0-9]{0,2})(?:\.[0-9]{0,9}[1-9])?", rotation)
    assert last == "default.jpg"
    if (got.width, got.height) == (got.w, got.h):
        assert size == ("max" if version == 3 else "full")
    if version == 2 and size.endswith(","):
        assert abs(Fraction(got.width * got.h, got.w) - got.height) <= (Fraction(1, 2) if got.height > 1 else 1)
    if version == 3:
        assert size.startswith("^") == (got.width > got.w or got.height > got.h)


@both_versions
@unhurried
@given(st.data())
def test_percent_encoding_changes_nothing(version: int, data: st.DataObject) -> None:
    image = data.draw(st.tuples(sides, sides))
    parts = [str(data.draw(regions)), str(data.draw(sizes_of(version))), data.draw(rotations), "gray", "webp"]
    encoded = [
        "".join(
            data.draw(st.sampled_from([char, quote(char, safe=""), f"%{ord(char):02x}", f"%{ord(char):02X}"]))
            for char in part
        )
        for part in parts
    ]
    outcomes = []
    for written in (parts, encoded):
        try:
            outcomes.append(str(PARSERS[version](*written).resolve(*image, WIDE)))
        except BadRequest as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]


@both_versions
@unhurried
@given(sides, sides, st.sampled_from([64, 256, 512]))
def test_listed_sizes_are_had_by_both_forms(version: int, width: int, height: int, tile_size: int) -> None:
    listed = listed_sizes(width, height, tile_size)
    within = Limits(width, height, width * height, Ready(width, height, tile_size, frozenset(listed)))
    for w, h in listed:
        exact = PARSERS[version]("full", f"{w},{h}", "0", "default", "jpg").resolve(width, height, within)
        assert (exact.width, exact.height) == (w, h)
        if version == 2:
            near = parse_2("full", f"{w},", "0", "default", "jpg").resolve(width, height, within)
            check_is_one_of(near, {size for size in listed if size[0] == w}, (width, height), within)


@unhurried
@given(sides, sides, st.sampled_from([64, 256, 512]), limits, st.data())
def test_tiles_are_had_by_their_width_in_2_1(
    width: int, height: int, tile_size: int, narrow: Limits, data: st.DataObject
) -> None:
    """As appendix A of 2.1 has viewers ask, also at the edges, where the height that follows is pixels off."""
    sizes = level_sizes(width, height, tile_size)
    level = data.draw(st.integers(0, len(sizes) - 1))
    step = tile_size << level
    x = data.draw(st.sampled_from([0, (width - 1) // step])) * step
    y = data.draw(st.integers(0, (height - 1) // step)) * step
    w, h = min(step, width - x), min(step, height - y)
    tile = (-(-w >> level), -(-h >> level))
    if data.draw(st.booleans()):
        narrow = WIDE
    within = replace(narrow, ready=Ready(width, height, tile_size, frozenset(sizes)))
    assume(within.allow(*tile))
    got = parse_2(f"{x},{y},{w},{h}", f"{tile[0]},", "0", "default", "jpg").resolve(width, height, within)
    same = {tile}
    if tile[0] == 1:  # only a width of one pixel can be that of two levels
        same = {(-(-w >> k), -(-h >> k)) for k in range(len(sizes))} if (w, h) != (width, height) else set(sizes)
    check_is_one_of(got, same, (width, height), within)
    exact = parse_2(f"{x},{y},{w},{h}", f"{tile[0]},{tile[1]}", "0", "default", "jpg").resolve(width, height, within)
    assert (exact.width, exact.height) == tile
    if tile == (got.width, got.height):
        assert exact.canonical == got.canonical


def check_is_one_of(got: Geometry, wanted: set[tuple[int, int]], image: tuple[int, int], within: Limits) -> None:
    """Check that a result is one of the stored ones, and that its canonical form leads to the same."""
    assert (got.width, got.height) in wanted
    assert got.size_text == ("full" if (got.width, got.height) == (got.w, got.h) else f"{got.width},")
    second = again(2, got.canonical, image, within)
    assert (second.width, second.height, second.canonical) == (got.width, got.height, got.canonical)


def check_sentence(error: BadRequest) -> None:
    assert str(error).endswith(".")
    assert str(error).isprintable()


@both_versions
@unhurried
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=12), st.text(max_size=12), st.text(max_size=6))
def test_no_text_raises_anything_but_bad_request(
    version: int, region: str, size: str, rotation: str, quality: str, form: str
) -> None:
    for arguments in (
        (region, "max", "0", "default", "jpg"),
        ("full", size, "0", "default", "jpg"),
        ("full", "max", rotation, "default", "jpg"),
        ("full", "max", "0", quality, "jpg"),
        ("full", "max", "0", "default", form),
    ):
        try:
            PARSERS[version](*arguments).resolve(300, 200, Limits(100, 100, 5000))
        except BadRequest as error:
            check_sentence(error)


numberlike = st.one_of(
    st.text("0123456789.,:!^pctmaxfulsqre %-+e²٣", max_size=24),
    st.tuples(st.sampled_from(["", "pct:", "!", "^", "^!", "^pct:"]), st.text("0123456789.,", max_size=70)).map(
        "".join
    ),
)


@both_versions
@unhurried
@given(numberlike, numberlike, numberlike)
@example("pct:" + "9" * 9 + "." + "9" * 40 + ",0,1,1", "pct:." + "0" * 39 + "1", "." + "9" * 40)
def test_no_number_like_text_raises_anything_but_bad_request(
    version: int, region: str, size: str, rotation: str
) -> None:
    for arguments in ((region, "max", "0"), ("full", size, "0"), ("full", "max", rotation)):
        try:
            got = PARSERS[version](*arguments, "default", "jpg").resolve(300, 200, Limits(100, 100, 5000))
        except BadRequest as error:
            check_sentence(error)
        else:
            assert Limits(100, 100, 5000).allow(got.width, got.height)


@unhurried
@given(regions, sizes_of(3), rotations, sides, sides, limits)
def test_nothing_is_enlarged_without_a_caret(
    region: AskedRegion, size: AskedSize, rotation: str, width: int, height: int, within: Limits
) -> None:
    assume(not size.caret)
    try:
        got = resolve(3, region, size, (width, height), within, rotation)
    except BadRequest:
        return  # refusals have their own tests
    assert got.width <= got.w
    assert got.height <= got.h


@both_versions
@unhurried
@given(sides, sides, st.integers(1, 70_000))
def test_one_side_given_the_other_follows_by_rounding(version: int, width: int, height: int, asked: int) -> None:
    assume(asked <= width)
    exact = Fraction(height * asked, width)
    if exact < Fraction(1, 2) and version == 3:
        with pytest.raises(BadRequest, match="0 pixels"):
            resolve(version, "full", f"{asked},", (width, height))
    elif exact < Fraction(1, 2):
        got = resolve(version, "full", f"{asked},", (width, height))
        assert (got.width, got.height) == (asked, 1)
    else:
        got = resolve(version, "full", f"{asked},", (width, height))
        assert got.width == asked
        assert abs(got.height - exact) <= Fraction(1, 2)


@unhurried
@given(sides, sides, st.integers(1, 5000), st.integers(1, 5000))
def test_within_is_as_large_as_possible(width: int, height: int, w: int, h: int) -> None:
    try:
        got = resolve(3, "full", f"!{w},{h}", (width, height))
    except BadRequest:
        assert min(Fraction(w, width) * height, Fraction(h, height) * width) < Fraction(1, 2)
        return
    assert got.width <= min(w, width)
    assert got.height <= min(h, height)
    assert got.width in {w, width} or got.height in {h, height}


@both_versions
@unhurried
@given(sides, sides)
def test_square_is_centred(version: int, width: int, height: int) -> None:
    got = resolve(version, "square", "max", (width, height))
    assert got.w == got.h == min(width, height)
    assert abs((width - got.w) / 2 - got.x) < 1
    assert abs((height - got.h) / 2 - got.y) < 1


@both_versions
@unhurried
@given(sides, sides, numbers, numbers, st.integers(1, 10**6), st.integers(1, 10**6))
def test_regions_partly_outside_are_cropped(
    version: int, width: int, height: int, x: int, y: int, w: int, h: int
) -> None:
    if x >= width or y >= height:
        with pytest.raises(BadRequest, match="outside the image"):
            resolve(version, f"{x},{y},{w},{h}", "max", (width, height))
    else:
        got = resolve(version, f"{x},{y},{w},{h}", "max", (width, height))
        assert (got.x, got.y, got.w, got.h) == (x, y, min(w, width - x), min(h, height - y))
