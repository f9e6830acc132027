"""info.json, Image API 2.1 §5."""

import inspect
from typing import Any

import pytest

from server.iiif.build.info import build_info
from server.iiif.build.info2 import build_info_2
from tests.support.image_profiles import DEPRECATED, LEVEL_2, NAMES


def plain_info(width: int, height: int, limit: int = 10**6, area: int = 10**12, **more: Any) -> dict[str, Any]:
    return build_info_2("x", width, height, tile_size=512, max_width=limit, max_height=limit, max_area=area, **more)


def test_document_in_full() -> None:
    got = build_info_2(
        "https://example.org/iiif/image/2/v1b.f1",
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
        "@context": "http://iiif.io/api/image/2/context.json",
        "@id": "https://example.org/iiif/image/2/v1b.f1",
        "protocol": "http://iiif.io/api/image",
        "width": 1301,
        "height": 1000,
        "profile": [
            "http://iiif.io/api/image/2/level2.json",
            {
                "formats": ["webp", "gif", "tif", "avif"],
                "qualities": ["color", "gray"],
                "supports": [
                    "canonicalLinkHeader",
                    "mirroring",
                    "profileLinkHeader",
                    "regionSquare",
                    "rotationArbitrary",
                    "sizeAboveFull",
                ],
                "maxWidth": 6000,
                "maxHeight": 5000,
                "maxArea": 24_000_000,
            },
        ],
        "sizes": [{"width": 326, "height": 250}, {"width": 651, "height": 500}, {"width": 1301, "height": 1000}],
        "tiles": [{"width": 512, "height": 512, "scaleFactors": [1, 2, 4]}],
        "license": "http://creativecommons.org/publicdomain/mark/1.0/",
    }
    assert next(iter(got)) == "@context"


def test_it_takes_what_the_document_of_3_takes() -> None:
    assert inspect.signature(build_info_2) == inspect.signature(build_info)


def test_what_is_not_known_is_left_out() -> None:
    assert "license" not in plain_info(10, 10)


def test_any_address_of_terms_is_a_license() -> None:
    assert plain_info(10, 10, rights_uri="https://example.org/terms")["license"] == "https://example.org/terms"


def test_the_profile_object_adds_to_level_2_and_names_nothing_deprecated() -> None:
    _, beyond = plain_info(10, 10)["profile"]
    assert set(beyond["supports"]) == NAMES[2] - LEVEL_2[2]["features"] - DEPRECATED
    assert not set(beyond["formats"]) & LEVEL_2[2]["formats"]
    assert not set(beyond["qualities"]) & LEVEL_2[2]["qualities"]
    assert not {"@context", "@id", "@type"} & set(beyond)


def test_an_image_without_colour_does_not_list_color() -> None:
    assert plain_info(10, 10, gray=True)["profile"][1]["qualities"] == ["gray"]


@pytest.mark.parametrize(("width", "height"), [(1, 1), (513, 1), (12_000, 9_000), (100_000, 300)])
def test_sizes_and_tiles_are_those_of_3(width: int, height: int) -> None:
    for limit, area in [(10**6, 10**12), (6000, 24_000_000), (300, 10**5)]:
        got = plain_info(width, height, limit, area)
        other = build_info("x", width, height, tile_size=512, max_width=limit, max_height=limit, max_area=area)
        assert (got.get("sizes"), got.get("tiles")) == (other.get("sizes"), other.get("tiles"))
