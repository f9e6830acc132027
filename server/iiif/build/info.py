"""The image information document, `info.json`, of Image API 3.0 (§5).

Pure: numbers and addresses in, a plain dict out, in the order of the specification. What it lists is served: the
tests of the image surface ask for every size, tile, format and quality in it.
"""

from collections.abc import Sequence
from typing import Any

from server.model.levels import listed_sizes, scale_factors

CONTEXT = "http://iiif.io/api/image/3/context.json"
PROTOCOL = "http://iiif.io/api/image"
PROFILE = "level2"
PROFILE_URI = "http://iiif.io/api/image/3/level2.json"
EXTRA_FORMATS = ("webp", "gif", "tif", "avif")
EXTRA_QUALITIES = ("color", "gray", "bitonal")
EXTRA_FEATURES = ("canonicalLinkHeader", "mirroring", "profileLinkHeader", "rotationArbitrary", "sizeUpscaling")


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
    part_of: Sequence[str] = (),
) -> dict[str, Any]:
    """Return info.json of one image.

    `base_uri` is the image service's own, without a final slash; sizes are in pixels; `part_of` are the addresses of
    manifests. `sizes` has exactly one entry per scale factor, rounded up (§5.3): some viewers ask for regions that do
    not exist when one is missing.
    """
    info: dict[str, Any] = {
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
        "sizes": [{"width": w, "height": h} for w, h in listed_sizes(width, height, tile_size)],
        "tiles": [
            {"width": tile_size, "height": tile_size, "scaleFactors": list(scale_factors(width, height, tile_size))}
        ],
        "preferredFormats": ["jpg"],
        "extraFormats": list(EXTRA_FORMATS),
        "extraQualities": list(EXTRA_QUALITIES),
        "extraFeatures": list(EXTRA_FEATURES),
    }
    if rights_uri:
        info["rights"] = rights_uri
    if part_of:
        info["partOf"] = [{"id": address, "type": "Manifest"} for address in part_of]
    return info
