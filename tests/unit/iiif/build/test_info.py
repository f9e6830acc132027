"""info.json, Image API 3.0 §5."""

from typing import Any

import pytest

from server.iiif.build.info import build_info
from tests.support.image_profiles import LEVEL_2, NAMES


def plain_info(width: int, height: int, limit: int = 10**6, area: int = 10**12, **more: Any) -> dict[str, Any]:
    return build_info("x", width, height, tile_size=512, max_width=limit, max_height=limit, max_area=area, **more)


def test_document_in_full() -> None:
    got = build_info(
        "https://example.org/iiif/image/3/v1b.f1",
        1301,
        1000,
        tile_size=512,
        max_width=6000,
        max_height=5000,
        max_area=24_000_000,
        rights_uri="http://creativecommons.org/publicdomain/mark/1.0/",
        part_of=[
            ("https://example.org/iiif/presentation/3/v1b/manifest", {"fr": ["Le beffroi"], "en": ["The belfry"]})
        ],
    )
    assert got == {
        "@context": "http://iiif.io/api/image/3/context.json",
        "id": "https://example.org/iiif/image/3/v1b.f1",
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level2",
        "width": 1301,
        "height": 1000,
        "maxWidth": 6000,
        "maxHeight": 5000,
        "maxArea": 24_000_000,
        "sizes": [{"width": 326, "height": 250}, {"width": 651, "height": 500}, {"width": 1301, "height": 1000}],
        "tiles": [{"width": 512, "height": 512, "scaleFactors": [1, 2, 4]}],
        "preferredFormats": ["jpg"],
        "extraFormats": ["webp", "gif", "tif", "avif"],
        "extraQualities": ["color", "gray", "bitonal"],
        "extraFeatures": [
            "canonicalLinkHeader",
            "mirroring",
            "profileLinkHeader",
            "rotationArbitrary",
            "sizeUpscaling",
        ],
        "rights": "http://creativecommons.org/publicdomain/mark/1.0/",
        "partOf": [
            {
                "id": "https://example.org/iiif/presentation/3/v1b/manifest",
                "type": "Manifest",
                "label": {"fr": ["Le beffroi"], "en": ["The belfry"]},
            }
        ],
    }
    assert next(iter(got)) == "@context"


def test_what_is_not_known_is_left_out() -> None:
    got = plain_info(10, 10)
    assert "rights" not in got
    assert "partOf" not in got
    assert plain_info(10, 10, part_of=[("m", {})])["partOf"] == [{"id": "m", "type": "Manifest"}]


@pytest.mark.parametrize(
    ("uri", "known"),
    [
        ("http://creativecommons.org/licenses/by/4.0/", True),
        ("http://rightsstatements.org/vocab/InC/1.0/", True),
        ("https://www.etalab.gouv.fr/licence-ouverte-open-licence/", False),
        ("https://example.org/terms", False),
    ],
)
def test_rights_are_of_the_lists_that_the_specification_names(uri: str, *, known: bool) -> None:
    assert plain_info(10, 10, rights_uri=uri).get("rights") == (uri if known else None)


def test_features_are_named_by_the_specification_and_beyond_level_2() -> None:
    got = plain_info(10, 10)
    assert set(got["extraFeatures"]) == NAMES[3] - LEVEL_2[3]["features"]
    assert not set(got["extraFormats"]) & LEVEL_2[3]["formats"]
    assert not set(got["extraQualities"]) & LEVEL_2[3]["qualities"]
    assert set(got["preferredFormats"]) <= LEVEL_2[3]["formats"] | set(got["extraFormats"])


def test_an_image_without_colour_does_not_list_color() -> None:
    assert plain_info(10, 10, gray=True)["extraQualities"] == ["gray", "bitonal"]


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (512, 512), (513, 1), (8191, 3), (12_000, 9_000), (65_500, 4_000)]
)
def test_one_size_per_scale_factor(width: int, height: int) -> None:
    got = plain_info(width, height)
    factors = got["tiles"][0]["scaleFactors"]
    assert [(size["width"], size["height"]) for size in reversed(got["sizes"])] == [
        (-(-width // factor), -(-height // factor)) for factor in factors
    ]
    assert factors == [2**k for k in range(len(factors))]
    assert max(got["sizes"][0].values()) <= 512


@pytest.mark.parametrize(("limit", "area"), [(6000, 10**12), (10**6, 24_000_000), (3000, 6_750_000)])
def test_sizes_are_within_the_limits_and_only_the_greatest_may_be_missing(limit: int, area: int) -> None:
    got = [(size["width"], size["height"]) for size in plain_info(12_000, 9_000, limit, area)["sizes"]]
    ways = {1: (12_000, 9000), 2: (6000, 4500), 4: (3000, 2250), 8: (1500, 1125), 16: (750, 563), 32: (375, 282)}
    assert got == [(w, h) for w, h in reversed(ways.values()) if max(w, h) <= limit and w * h <= area]
    assert len(got) in {4, 5}


def test_sizes_and_tiles_that_are_above_the_limits_are_not_announced() -> None:
    got = plain_info(12_000, 9_000, 300)
    assert "sizes" not in got
    assert "tiles" not in got
    assert "tiles" not in plain_info(12_000, 9_000, 512, 512 * 511)
    assert "tiles" in plain_info(12_000, 9_000, 512, 512 * 512)
    assert "tiles" in plain_info(300, 200, 300, 60_000)


def test_width_and_height_are_limits_of_their_own() -> None:
    for wide, high, greatest in [(700, 2000, 512), (2000, 700, 512), (2000, 2000, 1024)]:
        got = build_info("x", 1024, 800, tile_size=256, max_width=wide, max_height=high, max_area=10**9)
        assert got["sizes"][-1]["width"] == greatest


def test_sizes_that_no_jpeg_can_hold_are_not_listed() -> None:
    got = plain_info(100_000, 300)
    assert max(size["width"] for size in got["sizes"]) == 50_000
