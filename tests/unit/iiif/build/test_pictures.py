"""The painting body's address gives what its width and height say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.iiif.build.pictures import build_body
from server.imaging.request import ImageRequest
from server.imaging.size import Limits
from server.model.addresses import Addresses
from server.model.item import PublishedView
from server.model.levels import GREATEST_MADE_AREA, LONGEST_MADE_SIDE, listed_sizes
from server.model.view import ViewNotes
from server.settings import load_settings

ADDRESSES = Addresses("https://vitrine.example.org", "99999", "vitrine.example.org")


def view(width: int, height: int) -> PublishedView:
    return PublishedView(1, "v1b.f1", width, height, ViewNotes(), sizes=listed_sizes(width, height, 512))


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (3000, 2000, "max"),
        (6000, 4000, "max"),
        (6000, 4001, "3000,2001"),
        (6001, 100, "3001,50"),
        (25_000, 20_000, "3125,2500"),
        (70_000, 500, "4375,32"),
    ],
)
def test_a_body_is_as_large_as_its_address_gives(width: int, height: int, size: str) -> None:
    body = build_body(view(width, height), ADDRESSES)
    assert body["id"] == f"https://vitrine.example.org/iiif/image/3/v1b.f1/full/{size}/0/default.jpg"
    named = f"{body['width']},{body['height']}"
    assert named == (f"{width},{height}" if size == "max" else size)


@given(st.integers(1, 200_000), st.integers(1, 200_000))
def test_the_image_service_makes_just_that(width: int, height: int) -> None:
    shown = view(width, height)
    body = build_body(shown, ADDRESSES)
    region, size, rotation, last = body["id"].rsplit("/", 4)[1:]
    quality, form = last.split(".")
    limits = Limits(LONGEST_MADE_SIDE, LONGEST_MADE_SIDE, GREATEST_MADE_AREA)
    made = ImageRequest.parse(region, size, rotation, quality, form).resolve(width, height, limits, gray=False)
    assert (made.width, made.height) == (body["width"], body["height"])


def test_what_is_made_on_request_is_what_an_installation_makes_by_default() -> None:
    settings = load_settings()
    assert (settings.max_width, settings.max_height) == (LONGEST_MADE_SIDE, LONGEST_MADE_SIDE)
    assert settings.max_area == GREATEST_MADE_AREA
