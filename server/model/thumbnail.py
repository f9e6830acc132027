"""The small picture that stands for a view, in manifests, records and pages alike. Pure."""

from server.model.addresses import Addresses
from server.model.item import PublishedView
from server.model.levels import THUMBNAIL_SIDES, thumbnail

THUMBNAIL_SIDE = max(THUMBNAIL_SIDES)
"""Longest side of a thumbnail in pixels: what Gallica takes at most, and enough for a sharp small picture."""


def thumbnail_size(view: PublishedView, side: int = THUMBNAIL_SIDE) -> tuple[int, int]:
    """Return width and height of a view's thumbnail within `side` pixels; those within 400 and 200 are stored ready-made."""
    return thumbnail(view.width, view.height, side)


def thumbnail_address(view: PublishedView, addresses: Addresses, side: int = THUMBNAIL_SIDE) -> str:
    """Return the address of a view's thumbnail, in the canonical form of its size."""
    size = thumbnail_size(view, side)
    # Image API 3.0 §4.7: the canonical size of the whole image at its own size is `max`
    asked = "max" if size == (view.width, view.height) else f"{size[0]},{size[1]}"
    return addresses.image_file(view.image, size=asked)
