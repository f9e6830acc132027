"""Image API 2.1 §4, by its own examples and tables, and what its text leaves open."""

import pytest

from server.errors import BadRequest
from server.imaging.request import Geometry, ImageRequest
from server.imaging.request2 import parse_2
from server.imaging.size import Limits, Ready

WIDE = Limits(10_000, 10_000, 10**8)


def resolve(path: str, width: int = 300, height: int = 200, limits: Limits = WIDE, *, gray: bool = False) -> Geometry:
    region, size, rotation, last = path.split("/")
    quality, _, form = last.rpartition(".")
    return parse_2(region, size, rotation, quality, form).resolve(width, height, limits, gray=gray)


def by_size(size: str, width: int = 300, height: int = 200, limits: Limits = WIDE) -> tuple[int, int, str]:
    got = resolve(f"full/{size}/0/default.jpg", width, height, limits)
    assert got.canonical == f"full/{got.size_text}/0/default.jpg"
    return got.width, got.height, got.size_text


def refusal(path: str, **options: object) -> str:
    with pytest.raises(BadRequest) as told:
        resolve(path, **options)  # type: ignore[arg-type]  # as resolve takes them
    return str(told.value)


def test_a_request_knows_its_version() -> None:
    assert parse_2("full", "full", "0", "default", "jpg").version == 2
    assert resolve("full/full/0/default.jpg").version == 2
    assert ImageRequest.parse("full", "max", "0", "default", "jpg").version == 3


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
        ("pct:0,0,100,100", "full"),
        ("125%2c15%2C120%2C140", "125,15,120,140"),
        ("pct%3A0,0,50,50", "0,0,150,100"),
    ],
)
def test_regions(region: str, wanted: str) -> None:
    assert resolve(f"{region}/full/0/default.jpg").canonical == f"{wanted}/full/0/default.jpg"


def test_a_square_of_a_square_is_full() -> None:
    assert resolve("square/full/0/default.jpg", 200, 200).region_text == "full"


@pytest.mark.parametrize("region", ["0,0,0,10", "300,0,1,1", "pct:100,0,10,10", "-1,0,10,10", "1.5,0,10,10", "1,2,3"])
def test_refused_regions(region: str) -> None:
    assert "region" in refusal(f"{region}/full/0/default.jpg")


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ("full", (300, 200, "full")),
        ("max", (300, 200, "full")),
        ("150,", (150, 100, "150,")),
        (",150", (225, 150, "225,")),
        ("pct:50", (150, 100, "150,")),
        ("225,100", (225, 100, "225,100")),
        ("!225,100", (150, 100, "150,")),
        ("150,100", (150, 100, "150,")),
        ("300,", (300, 200, "full")),
        ("300,200", (300, 200, "full")),
        ("pct:100", (300, 200, "full")),
        ("pct%3A50", (150, 100, "150,")),
        ("%21225%2C100", (150, 100, "150,")),
        ("00150,", (150, 100, "150,")),
    ],
)
def test_sizes(size: str, wanted: tuple[int, int, str]) -> None:
    assert by_size(size) == wanted


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ("600,", (600, 400, "600,")),
        (",300", (450, 300, "450,")),
        ("pct:150.0", (450, 300, "450,")),
        ("301,200", (301, 200, "301,200")),
        ("600,200", (600, 200, "600,200")),
        ("!600,600", (600, 400, "600,")),
        ("!99999,99999", (10_000, 6667, "10000,")),
    ],
)
def test_sizes_above_full(size: str, wanted: tuple[int, int, str]) -> None:
    assert by_size(size) == wanted


@pytest.mark.parametrize(
    ("size", "why"),
    [
        ("^max", "not understood"), ("^150,", "not understood"), ("%5E150,", "not understood"), ("", "not understood"),
        ("Full", "not understood"), (",", "not understood"), ("!150,", "not understood"), ("150.0,", "not understood"),
        ("!full", "not understood"), ("full,", "not understood"), ("pct:.", "not understood"), ("pct:0", "no pixel"),
        ("0,", "no pixel"), (",0", "no pixel"), ("0,0", "no pixel"), ("pct:0.1", "0 pixels"), ("pct:0.0", "no pixel"),
        ("10001,", "above the limits"), (",10001", "above the limits"), ("pct:9999", "above the limits"),
    ],
)  # fmt: skip
def test_refused_sizes(size: str, why: str) -> None:
    assert why in refusal(f"full/{size}/0/default.jpg")


def test_the_refusal_of_a_size_names_the_forms_of_this_version() -> None:
    told = refusal("full/^max/0/default.jpg")
    assert "full, max, w," in told
    assert "to enlarge" not in told


def test_full_above_the_limits_is_refused_and_max_made_smaller() -> None:
    limits = Limits(1000, 1000, 10**6)
    assert "above the limits" in refusal("full/full/0/default.jpg", width=6000, height=4000, limits=limits)
    assert by_size("max", 6000, 4000, limits) == (1000, 667, "1000,")
    assert by_size("!5000,5000", 6000, 4000, limits) == (1000, 667, "1000,")
    assert by_size("1000,667", 6000, 4000, limits) == (1000, 667, "1000,")
    assert resolve("0,0,1000,1000/full/0/default.jpg", 6000, 4000, limits).canonical == (
        "0,0,1000,1000/full/0/default.jpg"
    )


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        (Limits(1000, 10**6, 10**12), (1000, 667, "1000,")),
        (Limits(10**6, 1000, 10**12), (1500, 1000, "1500,")),
        (Limits(10**6, 10**6, 540_000), (900, 600, "900,")),
        (Limits(10**6, 10**6, 10**12), (6000, 4000, "full")),
    ],
)
def test_max_within_each_limit_alone(limits: Limits, wanted: tuple[int, int, str]) -> None:
    assert by_size("max", 6000, 4000, limits) == wanted


def test_the_width_is_canonical_only_where_it_comes_to_the_same() -> None:
    assert by_size(",100", 2000, 3000) == (67, 100, "67,100")  # 67, would be 101 high
    assert by_size("67,", 2000, 3000) == (67, 101, "67,")
    assert by_size("!100,100", 2000, 3000) == (67, 100, "67,100")


def test_a_listed_size_is_had_by_its_width() -> None:
    limits = Limits(1301, 1000, 1_301_000, Ready(1301, 1000, 512, frozenset({(1301, 1000), (651, 500), (326, 250)})))
    assert by_size("326,", 1301, 1000, limits) == (326, 250, "326,")
    assert by_size(",250", 1301, 1000, limits) == (326, 250, "326,")
    assert by_size("326,250", 1301, 1000, limits) == (326, 250, "326,")
    assert by_size("326,251", 1301, 1000, limits) == (326, 251, "326,251")
    assert by_size("325,", 1301, 1000, limits) == (325, 250, "325,")
    part = resolve("0,0,1300,1000/326,/0/default.jpg", 1301, 1000, limits)
    assert (part.width, part.height) == (326, 251)
    assert by_size("1,", 1, 2, Limits(9, 9, 81, Ready(1, 2, 1, frozenset({(1, 2), (1, 1)})))) == (1, 2, "full")
    assert by_size("full", 1301, 1000, limits) == (1301, 1000, "full")
    small = Limits(1000, 1000, 10**6)
    assert "above the limits" in refusal("full/full/0/default.jpg", width=1301, height=1000, limits=small)


def test_a_side_that_is_computed_has_a_pixel_at_least() -> None:
    assert by_size("33,", 129, 1) == (33, 1, "33,")
    assert by_size(",6000", 1, 65_000) == (1, 6000, "1,6000")
    assert "0 × 50" in refusal("full/!50,50/0/default.jpg", width=1, height=129)
    assert "0 × 65" in refusal("full/pct:49.9/0/default.jpg", width=1, height=130)


def test_a_tile_is_had_by_its_width_whatever_height_would_follow() -> None:
    """As appendix A has viewers ask: a narrow width that was rounded up comes to a height that is pixels off."""
    limits = Limits(6000, 6000, 24_000_000, Ready(1237, 811, 256, frozenset({(1237, 811), (619, 406), (310, 203)})))
    got = resolve("1024,0,213,811/54,/0/default.jpg", 1237, 811, limits)
    assert (got.width, got.height) == (54, 203)
    assert got.canonical == "1024,0,213,811/54,/0/default.jpg"
    assert resolve("1024,0,213,811/54,203/0/default.jpg", 1237, 811, limits).canonical == got.canonical
    computed = resolve("1024,0,213,811/54,206/0/default.jpg", 1237, 811, limits)
    assert (computed.height, computed.size_text) == (206, "54,206")
    other = resolve("1024,0,212,811/53,/0/default.jpg", 1237, 811, limits)
    assert (other.width, other.height) == (53, 203)
    assert (resolve("1000,0,213,811/54,/0/default.jpg", 1237, 811, limits).height) == 206


def test_what_is_announced_of_a_thin_image_is_served() -> None:
    limits = Limits(1200, 1300, 1_560_000, Ready(5, 7001, 512, frozenset({(1, 876), (1, 438), (3, 3501), (5, 7001)})))
    assert by_size("1,876", 5, 7001, limits) == (1, 876, "1,")
    assert by_size("1,", 5, 7001, limits) == (1, 876, "1,")
    assert by_size("1,438", 5, 7001, limits) == (1, 438, "1,438")
    tile = resolve("0,0,5,7001/1,/0/default.jpg", 5, 7001, limits)
    assert tile.canonical == "full/1,/0/default.jpg"


def test_nothing_that_is_computed_is_left_to_be_found() -> None:
    for size in ("150,", ",150", "150,100", "full"):
        assert resolve(f"full/{size}/0/default.jpg").computed == ""


@pytest.mark.parametrize(
    ("rotation", "wanted"),
    [
        ("0", "0"), ("360", "0"), ("!0", "!0"), ("!360.0", "!0"), ("22.50", "22.5"), (".5", "0.5"), ("0.50", "0.5"),
        ("90.", "90"), ("007", "7"), ("%21180", "!180"), ("359.99999999999", "0"), ("0.1234567891", "0.1234567891"),
    ],
)  # fmt: skip
def test_rotations(rotation: str, wanted: str) -> None:
    assert resolve(f"full/full/{rotation}/default.jpg").canonical == f"full/full/{wanted}/default.jpg"


@pytest.mark.parametrize("rotation", ["-1", "360.0001", "+90", "1e1", "!", "90!", ""])
def test_refused_rotations(rotation: str) -> None:
    assert "rotation" in refusal(f"full/full/{rotation}/default.jpg")


def test_qualities_and_formats() -> None:
    assert resolve("full/full/0/color.jpg").quality == "default"
    assert resolve("full/full/0/gray.jpg", gray=True).quality == "default"
    assert resolve("full/full/0/bitonal.avif").canonical == "full/full/0/bitonal.avif"
    assert "quality" in refusal("full/full/0/native.jpg")
    assert "format" in refusal("full/full/0/default.jp2")
