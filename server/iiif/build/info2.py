"""The image information document, `info.json`, of Image API 2.1 (§5).

Pure, as `info` is, and called with the same arguments, so that a service can call either.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from server.iiif.build.info import EXTRA_FORMATS, PROTOCOL, sizes_and_tiles

CONTEXT = "http://iiif.io/api/image/2/context.json"
PROFILE_URI = "http://iiif.io/api/image/2/level2.json"
FORMATS = EXTRA_FORMATS
"""Those that level 2 has not; the same are served in both versions."""
QUALITIES = ("color", "gray")
"""Those that the profile document of level 2 has not: it has default and bitonal."""
SUPPORTS = (
    "canonicalLinkHeader",
    "mirroring",
    "profileLinkHeader",
    "regionSquare",
    "rotationArbitrary",
    "sizeAboveFull",
)
"""Features that the profile document of level 2 has not (2.1 compliance §3 and §4)."""


def build_info_2(
    base_uri: str,
    width: int,
    height: int,
    *,
    tile_size: int,
    max_width: int,
    max_height: int,
    max_area: int,
    rights_uri: str = "",
    part_of: Sequence[tuple[str, Mapping[str, Sequence[str]]]] = (),  # noqa: ARG001  # 2.1 has no such property; the arguments are those of 3.0
    gray: bool = False,
) -> dict[str, Any]:
    """Return info.json of one image.

    `base_uri` is the image service's own, without a final slash; sizes are in pixels. The second entry of `profile`
    adds to the first (§5.3): it holds only what level 2 has not, and the limits. `gray` says that the image has no
    colour. Any address of terms of use is a `license` (§5.4).
    """
    limits = (max_width, max_height, max_area)
    beyond = {
        "formats": list(FORMATS),
        "qualities": [quality for quality in QUALITIES if quality != "color" or not gray],
        "supports": list(SUPPORTS),
        "maxWidth": max_width,
        "maxHeight": max_height,
        "maxArea": max_area,
    }
    return {
        "@context": CONTEXT,
        "@id": base_uri,
        "protocol": PROTOCOL,
        "width": width,
        "height": height,
        "profile": [PROFILE_URI, beyond],
        **sizes_and_tiles(width, height, tile_size, limits),
        **({"license": rights_uri} if rights_uri else {}),
    }
