"""Image API 3.0 §4, by its own examples and tables."""

import pytest

from server.errors import BadRequest
from server.imaging.request import ImageRequest, Limits

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
        ("125%2C15%2c120,140", "125,15,120,140"),
    ],
)  # fmt: skip
def test_regions(region: str, wanted: str) -> None:
    assert canonical(f"{region}/max/0/default.jpg") == f"{wanted}/max/0/default.jpg"


@pytest.mark.parametrize(
    "region",
    [
        "", "Full", "0,0,0,10", "0,0,10,0", "pct:0,0,0,50", "1,2,3", "1,2,3,4,5", "-1,0,10,10", "0.5,0,10,10", "300,0,1,1",
        "0,200,1,1", "pct:100,0,10,10", "pct:0,0,0.1,50", "pct:1e1,0,10,10", " 0,0,1,1", "0,0,1,1\n", "pct:", "٣,0,1,1",
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


def test_listed_sizes_are_served_above_the_limits_as_upright_jpeg_alone() -> None:
    limits = Limits(1000, 1000, 10**6, frozenset({(6000, 4000), (3000, 2000)}))
    sound = {"width": 6000, "height": 4000, "limits": limits}
    assert canonical("full/3000,2000/0/default.jpg", 6000, 4000, limits) == "full/3000,2000/0/default.jpg"
    assert canonical("full/6000,4000/0/gray.jpg", 6000, 4000, limits) == "full/6000,4000/0/gray.jpg"
    for path in ("full/3000,2000/0/default.png", "full/3000,2000/90/default.jpg", "full/3000,2000/!0/default.jpg",
                 "full/3000,1999/0/default.jpg", "0,0,5999,4000/3000,2000/0/default.jpg"):  # fmt: skip
        assert "above the limits" in refusal(path, **sound)


@pytest.mark.parametrize(
    ("rotation", "wanted"),
    [
        ("0", "0"),
        ("!0", "!0"),
        ("90", "90"),
        ("22.50", "22.5"),
        ("0.5", "0.5"),
        (".5", "0.5"),
        ("360", "0"),
        ("!180.0", "!180"),
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


def test_formats_that_cannot_hold_the_result_are_refused() -> None:
    far = Limits(10**6, 10**6, 10**12)
    assert "webp holds at most 16383" in refusal("full/max/0/default.webp", width=16_384, height=10, limits=far)
    assert "webp holds at most 16383" in refusal("full/max/45/default.webp", width=12_000, height=12_000, limits=far)
    assert canonical("full/max/0/default.webp", 16_383, 10, far) == "full/max/0/default.webp"
