"""The small picture that stands for a view, in manifests, records and pages alike. Pure."""

from server.model.addresses import Addresses
from server.model.item import PublishedView

THUMBNAIL_SIDE = 400
"""Longest side of a thumbnail in pixels: what Gallica takes at most, and enough for a sharp small picture."""


def thumbnail_size(view: PublishedView) -> tuple[int, int]:
    """Return width and height of a view's thumbnail: the largest stored size within 400 pixels, else one made to fit."""
    within = [size for size in view.sizes if max(size) <= THUMBNAIL_SIDE]
    if within:
        best = max(within)
        if max(best) >= THUMBNAIL_SIDE // 2 or best == (view.width, view.height):
            return best
    longest = max(view.width, view.height)
    if longest <= THUMBNAIL_SIDE:
        return view.width, view.height
    return (
        max(1, round(view.width * THUMBNAIL_SIDE / longest)),
        max(1, round(view.height * THUMBNAIL_SIDE / longest)),
    )


def thumbnail_address(view: PublishedView, addresses: Addresses) -> str:
    """Return the address of a view's thumbnail, in the canonical form of its size."""
    size = thumbnail_size(view)
    # Image API 3.0 §4.7: the canonical size of the whole image at its own size is `max`
    asked = "max" if size == (view.width, view.height) else f"{size[0]},{size[1]}"
    return addresses.image_file(view.image, size=asked)
