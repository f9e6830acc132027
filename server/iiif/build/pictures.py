"""Images inside manifests: thumbnails with a size that is stored, bodies with their Image API 3 service. Pure."""

from typing import Any

from server.model.addresses import Addresses
from server.model.item import PublishedView
from server.model.levels import whole_image_size
from server.model.thumbnail import thumbnail_address, thumbnail_size

SMALL_SIDE = 1024
"""Sizes up to this longest side are announced on thumbnails: a client picks one instead of the full image."""


def build_thumbnail(view: PublishedView, addresses: Addresses) -> list[dict[str, Any]]:
    """Return the `thumbnail` property: one JPEG with its service and the small sizes that are stored."""
    width, height = thumbnail_size(view)
    service = build_service(view, addresses)
    small = sorted(size for size in view.sizes if max(size) <= SMALL_SIDE)
    if small:
        service["sizes"] = [{"width": size[0], "height": size[1]} for size in small]
    return [
        {
            "id": thumbnail_address(view, addresses),
            "type": "Image",
            "format": "image/jpeg",
            "width": width,
            "height": height,
            "service": [service],
        }
    ]


def build_body(view: PublishedView, addresses: Addresses) -> dict[str, Any]:
    """Return the body of a painting annotation: the whole image with its service.

    Its address gives exactly the width and height that it names: of an image larger than what is made on request, the
    greatest listed size below that. The canvas keeps the size of the image.
    """
    width, height = whole_image_size(view.width, view.height, view.sizes)
    is_whole = (width, height) == (view.width, view.height)
    return {
        "id": addresses.image_file(view.image, size="max" if is_whole else f"{width},{height}"),
        "type": "Image",
        "format": "image/jpeg",
        "width": width,
        "height": height,
        "service": [build_service(view, addresses)],
    }


def build_service(view: PublishedView, addresses: Addresses) -> dict[str, Any]:
    """Return the reference to a view's Image API 3 service."""
    return {"id": addresses.image(view.image), "type": "ImageService3", "profile": "level2"}
