"""Image API 3.0 §4, by its own examples and tables."""

import re

import pytest

from server.errors import BadRequest
from server.imaging.request import ImageRequest
from server.imaging.size import Limits, Ready

WIDE = Limits(10_000, 10_000, 10**8)


def canonical(path: str, width: int = 300, height: int = 200, limits: Limits = WIDE, *, gray: bool = False) -> str:
    region, size, rotation, last = path.split("/")
    quality, _, form = last.rpartition(".")
    return ImageRequest.parse(region, size, rotation, quality, form).resolve(width, height, limits, gray=gray).canonical


def refusal(path: str, **options: object) -> str:
    with pytest.raises(BadRequest) as told:
        canonical(path, **options)  # type: ignore[arg-type]  # as canonical takes them
    return str(told.value)


@pytest.mark.parametrize(
    ("region", "wanted"),
    [
        ("full", "full"),
        ("square", "50,0,200,200"),
        ("125,15,120,140", "125,15,120,140"),
        ("pct:41.6,7.5,40,70", "125,15,120,140"),
        ("125,15,200,200", "125,15,175,185"),
        ("pct:41.6,7.5,66.6,100", "125,15,175,185"),
        ("0,0,300,200", "full"),
        ("0,0,999,999", "full"),
        ("pct:0,0,100,100", "full"),
        ("pct:.5,0.,10.50,10", "2,0,32,20"),
        ("pct:99.99,0,10,10", "299,0,1,20"),  # begins inside, at 299.97
        ("pct:99.9,99.9,50,50", "299,199,1,1"),
        ("125%2C15%2c120,140", "125,15,120,140"),
        ("pct%3A0,0,50,50", "0,0,150,100"),
        ("00125,015,120,140", "125,15,120,140"),
        ("pct:33.333333333333336,0,33.333333333333336,100", "100,0,100,200"),
    ],
)  # fmt: skip
def test_regions(region: str, wanted: str) -> None:
    assert canonical(f"{region}/max/0/default.jpg") == f"{wanted}/max/0/default.jpg"


@pytest.mark.parametrize(
    "region",
    [
        "", "Full", "0,0,0,10", "0,0,10,0", "pct:0,0,0,50", "1,2,3", "1,2,3,4,5", "-1,0,10,10", "0.5,0,10,10", "300,0,1,1",
        "0,200,1,1", "pct:100,0,10,10", "pct:0,100.01,10,10", "pct:0,0,0.1,50", "pct:1e1,0,10,10", " 0,0,1,1", "0,0,1,1\n", "pct:", "٣,0,1,1",
        "0,0,9999999999,1", "pct:.,0,10,10",
    ],
)  # fmt: skip
def test_refused_regions(region: str) -> None:
    assert "region" in refusal(f"{region}/max/0/default.jpg")


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ("max", "max"),
        ("150,", "150,100"),
        (",150", "225,150"),
        ("225,100", "225,100"),
        ("pct:50", "150,100"),
        ("pct:100", "max"),
        ("!225,100", "150,100"),
        ("!1000,1000", "max"),
        ("300,200", "max"),
        ("300,", "max"),
        ("301,200", "max"),
        ("301,201", "max"),
        ("^360,", "^360,240"),
        ("^,240", "^360,240"),
        ("^360,360", "^360,360"),
        ("^pct:120", "^360,240"),
        ("^!360,360", "^360,240"),
        ("^150,", "150,100"),
        ("^max", "^max"),
        ("^10000,6667", "^max"),
        ("1,1", "1,1"),
        ("150%2C", "150,100"),
        ("%5E360,", "^360,240"),
        ("%5e%21360%2C360", "^360,240"),
        ("00150,", "150,100"),
        ("pct:50.", "150,100"),
        ("pct:.5", "2,1"),
        ("pct:33.333333333333336", "100,67"),
        ("^pct:50", "150,100"),
        ("^!150,150", "150,100"),
    ],
)
def test_sizes(size: str, wanted: str) -> None:
    assert canonical(f"full/{size}/0/default.jpg") == f"full/{wanted}/0/default.jpg"


@pytest.mark.parametrize(
    ("size", "why"),
    [
        ("302,200", r"put ^ before"), ("300,202", r"put ^ before"), ("301,", r"put ^ before"), (",201", r"put ^ before"),
        ("pct:101", "^pct"), ("0,", "no pixel"), ("0,0", "no pixel"), ("!0,5", "no pixel"), ("pct:0", "no pixel"),
        (",", "not understood"), ("!150,", "not understood"), ("!,150", "not understood"), ("full", "not understood"),
        ("", "not understood"), ("^", "not understood"), ("^^max", "not understood"), ("!max", "not understood"),
        (",^240", "not understood"), ("!^9,9", "not understood"), ("%255E9,", "not understood"), ("pct:0.00", "no pixel"),
        ("^0,", "no pixel"), ("^,", "not understood"), ("+9,", "not understood"),
        ("pct:100.0000000001", "^pct"), ("1234567890,", "not understood"), ("pct:" + "1" * 41, "not understood"),
        ("150.0,", "not understood"), ("-1,", "not understood"), ("150,100,", "not understood"), ("pct:0.1", "0 pixels"),
        ("^20000,", "above the limits"), ("^pct:9999", "above the limits"), ("^10000,10001", "above the limits"),
    ],
)  # fmt: skip
def test_refused_sizes(size: str, why: str) -> None:
    assert why in refusal(f"full/{size}/0/default.jpg")


def test_limits_bind_max_and_within_but_refuse_the_rest() -> None:
    limits = Limits(1000, 1000, 10**6)
    assert canonical("full/max/0/default.jpg", 6000, 4000, limits) == "full/max/0/default.jpg"
    request = ImageRequest.parse("full", "max", "0", "default", "jpg").resolve(6000, 4000, limits)
    assert (request.width, request.height) == (1000, 667)
    assert canonical("full/1000,667/0/default.jpg", 6000, 4000, limits) == "full/max/0/default.jpg"
    assert canonical("full/!2000,2000/0/default.jpg", 6000, 4000, limits) == "full/max/0/default.jpg"
    assert "above the limits" in refusal("full/1001,/0/default.jpg", width=6000, height=4000, limits=limits)
    area = ImageRequest.parse("full", "^max", "0", "default", "jpg").resolve(100, 100, Limits(1000, 1000, 90_000))
    assert (area.width, area.height) == (300, 300)


@pytest.mark.parametrize(
    ("limits", "greatest", "enlarged"),
    [
        (Limits(1000, 10**6, 10**12), (1000, 667), (1000, 667)),
        (Limits(10**6, 1000, 10**12), (1500, 1000), (1500, 1000)),
        (Limits(10**6, 10**6, 540_000), (900, 600), (900, 600)),
        (Limits(12_000, 10**6, 10**12), (6000, 4000), (12_000, 8000)),
        (Limits(10**6, 12_000, 10**12), (6000, 4000), (18_000, 12_000)),
        (Limits(10**6, 10**6, 96_000_000), (6000, 4000), (12_000, 8000)),
        (Limits(6000, 4000, 24_000_000), (6000, 4000), (6000, 4000)),
    ],
)
def test_max_within_each_limit_alone(limits: Limits, greatest: tuple[int, int], enlarged: tuple[int, int]) -> None:
    for size, wanted in (("max", greatest), ("^max", enlarged)):
        got = ImageRequest.parse("full", size, "0", "default", "jpg").resolve(6000, 4000, limits)
        assert (got.width, got.height) == wanted
        assert got.size_text == ("^max" if wanted > (6000, 4000) else "max")


@pytest.mark.parametrize(
    ("width", "height", "area", "wanted"),
    [
        (600, 7, 1000, (292, 3)),
        (7, 600, 1000, (3, 292)),
        (300, 200, 2500, (61, 40)),  # 61,41 would be nearer to the ratio, and one pixel too large
        (200, 300, 2500, (40, 61)),
    ],
)
def test_an_area_is_filled_as_far_as_the_ratio_lets(
    width: int, height: int, area: int, wanted: tuple[int, int]
) -> None:
    limits = Limits(10**6, 10**6, area)
    for size in ("max", "^max", "!5000,5000", "^!5000,5000"):
        got = ImageRequest.parse("full", size, "0", "default", "jpg").resolve(width, height, limits)
        assert (got.width, got.height) == wanted


def test_the_whole_image_is_there_at_max_however_thin() -> None:
    limits = Limits(6000, 6000, 24_000_000)
    for width, height, wanted in [(1, 65_000, (1, 6000)), (65_000, 1, (6000, 1)), (2, 65_000, (1, 6000))]:
        for size in ("max", "^max"):
            got = ImageRequest.parse("full", size, "0", "default", "jpg").resolve(width, height, limits)
            assert (got.width, got.height) == wanted
            assert got.size_text == "max"
    assert "0 × 6000" in refusal("full/!6000,6000/0/default.jpg", width=1, height=65_000, limits=limits)
    assert "0 × 6000" in refusal("full/,6000/0/default.jpg", width=1, height=65_000, limits=limits)
    few = ImageRequest.parse("full", "max", "0", "default", "jpg").resolve(1, 65_000, Limits(6000, 6000, 100))
    assert (few.width, few.height) == (1, 100)


def test_a_square_of_a_square_is_full() -> None:
    assert canonical("square/max/0/default.jpg", 200, 200) == "full/max/0/default.jpg"


def test_a_box_larger_than_the_region_enlarges_with_a_caret_alone() -> None:
    assert canonical("full/!600,600/0/default.jpg") == "full/max/0/default.jpg"
    assert canonical("full/^!600,600/0/default.jpg") == "full/^600,400/0/default.jpg"


def test_the_limits_hold_for_sizes_that_lie_ready_too() -> None:
    limits = Limits(1000, 1000, 10**6, Ready(6000, 4000, 512, frozenset({(6000, 4000), (3000, 2000)})))
    for path in ("full/3000,2000/0/default.jpg", "full/6000,4000/0/gray.jpg", "full/3000,2000/90/default.jpg"):
        assert "above the limits" in refusal(path, width=6000, height=4000, limits=limits)


@pytest.mark.parametrize(
    ("rotation", "wanted"),
    [
        ("0", "0"),
        ("!0", "!0"),
        ("90", "90"),
        ("22.50", "22.5"),
        ("0.5", "0.5"),
        (".5", "0.5"),
        ("!180.0", "!180"),
        ("360", "0"),
        ("!360", "!0"),
        ("90.", "90"),
        ("007", "7"),
        ("%2190", "!90"),
        ("0.1234567891", "0.1234567891"),
        ("359.999999999999", "0"),
        ("22.12345678901", "22.123456789"),
    ],
)
def test_rotations(rotation: str, wanted: str) -> None:
    assert canonical(f"full/max/{rotation}/default.jpg") == f"full/max/{wanted}/default.jpg"


@pytest.mark.parametrize("rotation", ["", "!", "-90", "361", "360.1", "a", "1e2", "90!", "!!90", "nan"])
def test_refused_rotations(rotation: str) -> None:
    assert "rotation" in refusal(f"full/max/{rotation}/default.jpg")


def test_qualities_and_formats() -> None:
    assert canonical("full/max/0/color.jpg") == "full/max/0/default.jpg"
    assert canonical("full/max/0/gray.jpg") == "full/max/0/gray.jpg"
    assert canonical("full/max/0/gray.jpg", gray=True) == "full/max/0/default.jpg"
    assert canonical("full/max/0/color.jpg", gray=True) == "full/max/0/color.jpg"
    assert "quality" in refusal("full/max/0/native.jpg")
    assert "format" in refusal("full/max/0/default.jp2")
    assert "format" in refusal("full/max/0/default.")


@pytest.mark.parametrize(
    ("last", "area"),
    [
        ("default.png", 8 * 2**20), ("gray.tif", 8 * 2**20), ("default.webp", 4 * 2**20), ("bitonal.webp", 2 * 2**20),
        ("default.gif", 2 * 2**20), ("color.avif", 2 * 2**20),
    ],
)  # fmt: skip
def test_formats_that_need_much_memory_are_made_up_to_an_area(last: str, area: int) -> None:
    limits = Limits(6000, 6000, 24_000_000)
    last = last.replace("color", "default")
    for size in ("max", "!6000,6000", "^max", "^!6000,6000"):
        quality, _, form = last.rpartition(".")
        got = ImageRequest.parse("full", size, "90", quality, form).resolve(5000, 4000, limits)
        assert 0.99 * area < got.width * got.height <= area
        assert got.canonical == f"full/max/90/{last}"
        assert canonical(f"full/{got.width},{got.height}/90/{last}", 5000, 4000, limits) == f"full/max/90/{last}"
    told = refusal(f"full/{got.width + 2},/0/{last}", width=5000, height=4000, limits=limits)
    assert f"{form} is made of at most {area} pixels here" in told
    assert told.endswith("ask for max or a smaller size.")
    assert canonical(f"full/max/0/{last}", 1000, 800, limits) == f"full/max/0/{last}"


@pytest.mark.parametrize(
    ("form", "area"),
    [("jpg", 6), ("png", 6), ("tif", 6), ("webp", 2), ("gif", 2), ("avif", 1)],
)
def test_what_is_turned_is_made_up_to_an_area_of_its_box(form: str, area: int) -> None:
    limits = Limits(6000, 6000, 24_000_000)
    got = ImageRequest.parse("full", "max", "45", "default", form).resolve(5000, 4000, limits)
    box = (got.width + got.height) ** 2 / 2
    assert 0.99 * area * 2**20 < box <= area * 2**20
    assert got.canonical == f"full/max/45/default.{form}"
    assert f"at most {area * 2**20} pixels here" in refusal(
        f"full/{got.width + 2},/45/default.{form}", width=5000, height=4000, limits=limits
    )
    thin = ImageRequest.parse("full", "max", "45", "default", form).resolve(1, 65_000, Limits(70_000, 70_000, 10**9))
    assert (thin.width + thin.height) ** 2 / 2 <= area * 2**20
    assert thin.width == 1


def test_formats_that_cannot_hold_the_result_are_refused_but_for_max() -> None:
    far = Limits(10**6, 10**6, 10**12)
    for width, height, turn in ((16_384, 10, "0"), (10, 16_384, "90"), (16_384, 10, "45"), (16_000, 1000, "0.5")):
        path = f"full/{width},{height}/{turn}/default.webp"
        assert re.search("webp (holds|is made of) at most", refusal(path, width=width, height=height, limits=far))
        got = ImageRequest.parse("full", "max", turn, "default", "webp").resolve(width, height, far)
        assert max(got.width, got.height) <= 16_383
        assert got.canonical == f"full/max/{turn}/default.webp"
    assert "webp holds at most 16383" in refusal("full/16384,10/0/default.webp", width=16_384, height=10, limits=far)
    got = ImageRequest.parse("full", "max", "0", "default", "webp").resolve(16_383, 10, far)
    assert (got.width, got.height) == (16_383, 10)
