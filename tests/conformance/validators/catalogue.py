"""Which tests the validators have, whom they are asked of, and which of them no correct server passes.

The names stand here so that each is a test of ours with its own name; a test holds them against what the installed
validators say of themselves. Whether a test is asked of us is computed from info.json, never written down.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.validators import CLASSIC, NEW, Validator

VERSIONS = {"3.0": "3.0", "2.1": "2.0"}
"""The versions of the Image API that we offer, and what the validators call them.

`2.1` as a version of iiif-validator means one test only, which then asks for a quality of version 1.
"""

_SHARED = """
    format_error_random format_gif format_jp2 format_jpg format_pdf format_png format_tif format_webp
    id_basic id_error_escapedslash id_error_random id_error_unescaped id_escaped id_squares info_json
    quality_bitonal quality_color quality_error_random quality_grey
    region_error_random region_percent region_pixels
    rot_error_random rot_full_basic rot_full_non90 rot_mirror rot_mirror_180 rot_region_basic rot_region_non90
    size_bwh size_ch size_error_random size_percent size_region size_up size_wc size_wh
"""
_CLASSIC = f"{_SHARED} baseurl_redirect cors jsonld linkheader_canonical linkheader_profile"
_NEW = f"""{_SHARED} region_square
    http_baseurl_redirect http_caching http_cors http_jsonld http_linkheader_canonical http_linkheader_profile
"""
_NAMES = {
    (CLASSIC, "2.1"): _CLASSIC,
    (CLASSIC, "3.0"): f"{_CLASSIC} region_square size_nofull size_noup",
    (NEW, "2.1"): _NEW,
    (NEW, "3.0"): f"{_NEW} size_nofull size_noup",
}


def names(validator: Validator, version: str) -> list[str]:
    """Return the names of the tests that a validator has for a version of the API."""
    return sorted(_NAMES[validator, version].split())


OPTIONAL_OF_CLASSIC = {
    "format_gif": "gif",
    "format_jp2": "jp2",
    "format_pdf": "pdf",
    "format_tif": "tif",
    "format_webp": "webp",
    "linkheader_canonical": "canonicalLinkHeader",
    "linkheader_profile": "profileLinkHeader",
    "rot_full_non90": "rotationArbitrary",
    "rot_mirror": "mirroring",
    "rot_mirror_180": "mirroring",
    "rot_region_non90": "rotationArbitrary",
    "size_up": "sizeUpscaling",
}
"""What the tests of iiif-validator that belong to no level are about; it does not say so itself."""

_IN_2 = {"sizeUpscaling": "sizeAboveFull"}
"""Features that version 2.1 calls otherwise (Image API 2.1 §5.3; the 3.0 change log)."""

_IMPLIED = {("2.1", 2): frozenset({"bitonal"})}
"""What a level contains though a validator holds it for optional (Image API 2.1, compliance §3.4), by version and level."""


@dataclass(frozen=True)
class Announced:
    """What an info.json promises: its level, and the formats, qualities and features beyond it."""

    version: str
    level: int
    extras: frozenset[str]

    def asks_for(self, level: int, features: list[str]) -> bool:
        """Say whether a test is asked of us: it belongs to our level, or to what we announce, or to nothing at all."""
        known = {_IN_2.get(feature, feature) if self.version == "2.1" else feature for feature in features}
        return level <= self.level or not features or bool(known & self.extras)


def read_info(version: str, info: Mapping[str, Any]) -> Announced:
    """Read what an info.json announces (Image API 3.0 §5.6 and §5.7, 2.1 §5.3)."""
    if version == "3.0":
        profile, more = info["profile"], [info]
        keys = ("extraFormats", "extraQualities", "extraFeatures")
    else:
        profile, *more = info["profile"]
        keys = ("formats", "qualities", "supports")
    found = re.search(r"level([012])", profile)
    assert found is not None, profile
    level = int(found[1])
    told = frozenset(each for part in more for key in keys for each in part.get(key, ()))
    return Announced(version, level, told | _IMPLIED.get((version, level), frozenset()))


@dataclass(frozen=True)
class Fault:
    """A fault of a validator: why no correct server passes, and what it says for that reason alone."""

    why: str
    says: str


def _no_urlopen(name: str) -> Fault:
    return Fault(
        f"{name}.py calls urllib.urlopen, which Python 3 does not have, before it asks the server anything",
        rf"AttributeError: .*'urlopen' in {name}\.py:\d+ after $",
    )


_MAX = (
    "^max is made as large as maxWidth, maxHeight and maxArea allow (Image API 3.0 §4.2), one of which a server that "
    "enlarges must name (§5.7): it cannot be 1000 pixels where ^pct:200 may be 2000"
)
_BOX = (
    "the last of its five sizes, !2000,3000, must be answered with the whole region: a box larger than the region is no "
    "request to enlarge (Image API 3.0 §4.2)"
)
FAULTS = {
    **{
        (CLASSIC, version, name): _no_urlopen(name)
        for version in VERSIONS
        for name in ("format_jp2", "format_pdf", "format_webp")
    },
    (CLASSIC, "3.0", "size_noup"): Fault(
        f"{_BOX}; its raise of ValidatorError then lacks the arguments",
        r"TypeError: .*__init__\(\) missing 3 required .* in size_noup\.py:\d+ after \S+/full/!2000,3000/0/default\.jpg$",
    ),
    (NEW, "3.0", "size_noup"): Fault(
        _BOX,
        r"Retrieving upscaled image with size='!2000,3000' .*, received 200 at \S+/full/!2000,3000/0/default\.jpg$",
    ),
    (CLASSIC, "3.0", "size_up"): Fault(
        _MAX, r"Expected \(1000, 1000\) for size; Got: .* at \S+/full/\^max/0/default\.jpg$"
    ),
    (NEW, "3.0", "size_up"): Fault(
        f"{_MAX}; it then dies of Image.size, which pyvips does not have", r"AttributeError: .* in size_up\.py:\d+$"
    ),
}
"""The tests that no correct server passes. A test fails when one of them says something else: then it is mended.

What they would have asked besides, `test_validators.py` asks itself.
"""
