"""The small picture that stands for a view, in manifests, records and pages alike. Pure."""

from server.model.addresses import Addresses
from server.model.item import PublishedView
from server.model.levels import THUMBNAIL_SIDES, thumbnail

THUMBNAIL_SIDE = max(THUMBNAIL_SIDES)
"""Longest side of a thumbnail in pixels: what Gallica takes at most, and enough for a sharp small picture."""


def thumbnail_size(view: PublishedView) -> tuple[int, int]:
    """Return width and height of a view's thumbnail: that of the picture within 400 pixels that is stored ready-made."""
    return thumbnail(view.width, view.height, THUMBNAIL_SIDE)


def thumbnail_address(view: PublishedView, addresses: Addresses) -> str:
    """Return the address of a view's thumbnail, in the canonical form of its size."""
    size = thumbnail_size(view)
    # Image API 3.0 §4.7: the canonical size of the whole image at its own size is `max`
    asked = "max" if size == (view.width, view.height) else f"{size[0]},{size[1]}"
    return addresses.image_file(view.image, size=asked)
