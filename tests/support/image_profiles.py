"""The features that Image API 3.0 and 2.1 have names for, and which of them level 2 demands, as data for tests.

From the tables of features (3.0 §5.7, 2.1 §5.3) and the profile documents `level2.json` of either version.
"""

_BOTH = {
    "baseUriRedirect", "cors", "jsonldMediaType", "regionByPct", "regionByPx", "rotationBy90s", "sizeByConfinedWh",
    "sizeByH", "sizeByPct", "sizeByW", "sizeByWh",
}  # fmt: skip
_FREE = {"canonicalLinkHeader", "mirroring", "profileLinkHeader", "rotationArbitrary"}
DEPRECATED = {"sizeByWhListed", "sizeByForcedWh"}

NAMES = {
    3: _BOTH | _FREE | {"regionSquare", "sizeUpscaling"},
    2: _BOTH | _FREE | DEPRECATED | {"regionSquare", "sizeAboveFull", "sizeByDistortedWh"},
}
"""By version: every feature that the specification names."""

LEVEL_2 = {
    3: {"features": _BOTH | {"regionSquare"}, "formats": {"jpg", "png"}, "qualities": {"default"}},
    2: {
        "features": _BOTH | DEPRECATED | {"sizeByDistortedWh"},
        "formats": {"jpg", "png"},
        "qualities": {"default", "bitonal"},
    },
}
"""By version: what the profile document of level 2 demands."""
