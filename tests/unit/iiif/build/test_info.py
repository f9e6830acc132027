"""info.json, Image API 3.0 §5."""

from typing import Any

import pytest

from server.iiif.build.info import build_info


def plain_info(width: int, height: int) -> dict[str, Any]:
    return build_info("x", width, height, tile_size=512, max_width=6000, max_height=6000, max_area=24_000_000)


def test_document_in_full() -> None:
    got = build_info(
        "https://example.org/iiif/image/3/v1b.f1",
        1301,
        1000,
        tile_size=512,
        max_width=6000,
        max_height=6000,
        max_area=24_000_000,
        rights_uri="http://creativecommons.org/publicdomain/mark/1.0/",
        part_of=["https://example.org/iiif/presentation/3/v1b/manifest"],
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
        "maxHeight": 6000,
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
        "partOf": [{"id": "https://example.org/iiif/presentation/3/v1b/manifest", "type": "Manifest"}],
    }
    assert next(iter(got)) == "@context"


def test_what_is_not_known_is_left_out() -> None:
    got = plain_info(10, 10)
    assert "rights" not in got
    assert "partOf" not in got


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


def test_sizes_that_no_jpeg_can_hold_are_not_listed() -> None:
    got = plain_info(100_000, 300)
    assert max(size["width"] for size in got["sizes"]) == 50_000
