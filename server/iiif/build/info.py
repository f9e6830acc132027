"""The image information document, `info.json`, of Image API 3.0 (§5); that of 2.1 is in `info2`.

Pure: numbers and addresses in, a plain dict out, in the order of the specification. What it lists is served: the
tests of the image surface ask for every size, tile, format and quality in it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from server.model.levels import is_within, listed_sizes, scale_factors

CONTEXT = "http://iiif.io/api/image/3/context.json"
PROTOCOL = "http://iiif.io/api/image"
PROFILE = "level2"
PROFILE_URI = "http://iiif.io/api/image/3/level2.json"
EXTRA_FORMATS = ("webp", "gif", "tif", "avif")
EXTRA_QUALITIES = ("color", "gray", "bitonal")
EXTRA_FEATURES = ("canonicalLinkHeader", "mirroring", "profileLinkHeader", "rotationArbitrary", "sizeUpscaling")
RIGHTS = ("http://creativecommons.org/", "http://rightsstatements.org/vocab/")
"""Where the values of `rights` begin (§5.6): no extension of the list is registered."""


def build_info(
    base_uri: str,
    width: int,
    height: int,
    *,
    tile_size: int,
    max_width: int,
    max_height: int,
    max_area: int,
    rights_uri: str = "",
    part_of: Sequence[tuple[str, Mapping[str, Sequence[str]]]] = (),
    gray: bool = False,
) -> dict[str, Any]:
    """Return info.json of one image.

    `base_uri` is the image service's own, without a final slash; sizes are in pixels; `part_of` are the addresses of
    manifests, each with its label, a language map. `gray` says that the image has no colour: `color` is served all the same, but not listed (§4.4).
    `rights_uri` is left out where §5.6 does not know it.
    """
    limits = (max_width, max_height, max_area)
    return {
        "@context": CONTEXT,
        "id": base_uri,
        "type": "ImageService3",
        "protocol": PROTOCOL,
        "profile": PROFILE,
        "width": width,
        "height": height,
        "maxWidth": max_width,
        "maxHeight": max_height,
        "maxArea": max_area,
        **sizes_and_tiles(width, height, tile_size, limits),
        "preferredFormats": ["jpg"],
        **({"rights": rights_uri} if rights_uri.startswith(RIGHTS) else {}),
        "extraQualities": [quality for quality in EXTRA_QUALITIES if quality != "color" or not gray],
        "extraFormats": list(EXTRA_FORMATS),
        "extraFeatures": list(EXTRA_FEATURES),
        **({"partOf": [_document(address, label) for address, label in part_of]} if part_of else {}),
    }


def _document(address: str, label: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return an entry of `partOf` (§5.8); a label that says nothing is left out."""
    entry: dict[str, Any] = {"id": address, "type": "Manifest"}
    if label:
        entry["label"] = {language: list(texts) for language, texts in label.items()}
    return entry


def sizes_and_tiles(width: int, height: int, tile_size: int, limits: tuple[int, int, int]) -> dict[str, Any]:
    """Return `sizes` and `tiles` (3.0 §5.3 and §5.4, 2.1 §5.2), each only where it has something to say.

    `sizes` has exactly one entry per scale factor, rounded up, the smallest first: some viewers ask for regions that do
    not exist when one in the middle is missing. Both versions demand that sizes and tiles are within the limits that
    are announced (3.0 §5.2, 2.1 §5.3), so that the greatest may be missing; viewers know that case. `limits` are the
    greatest width, height and area in pixels.
    """
    found: dict[str, Any] = {}
    listed = (size for size in listed_sizes(width, height, tile_size) if is_within(*size, *limits))
    if sizes := [{"width": w, "height": h} for w, h in listed]:
        found["sizes"] = sizes
    if is_within(min(tile_size, width), min(tile_size, height), *limits):
        factors = list(scale_factors(width, height, tile_size))
        found["tiles"] = [{"width": tile_size, "height": tile_size, "scaleFactors": factors}]
    return found
