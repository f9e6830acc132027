"""The versions of the Image API that are served, each at its own base URI: grammar, info.json, and what names them.

A viewer that knows one version reads its info.json at that version's address: viewers do not negotiate. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from server.iiif.build import info, info2
from server.imaging.request import ImageRequest
from server.imaging.request2 import parse_2

PREFIX = b"/iiif/image/"
"""All versions lie below it; the version's number follows."""


@dataclass(frozen=True, slots=True)
class ImageApi:
    """One version. `profile` is the URI of the compliance level, `json_ld` the media type of info.json as JSON-LD."""

    number: int
    title: str
    context: str
    profile: str
    json_ld: str
    is_linked_unasked: bool
    """Whether JSON-LD is sent to those who do not say what they accept: 3.0 §5.1 wants it, 2.1 §5.1 wants plain JSON."""
    parse: Callable[[str, str, str, str, str], ImageRequest]
    build_info: Callable[..., dict[str, Any]]

    @property
    def context_link(self) -> str:
        """Link header of info.json where it is sent as plain JSON (JSON-LD 1.1 §6.1)."""
        return f'<{self.context}>;rel="http://www.w3.org/ns/json-ld#context";type="application/ld+json"'

    @property
    def profile_link(self) -> str:
        """Link header that names the compliance level."""
        return f'<{self.profile}>;rel="profile"'


VERSION_3 = ImageApi(
    3,
    "3.0",
    info.CONTEXT,
    info.PROFILE_URI,
    f'application/ld+json;profile="{info.CONTEXT}"',
    True,
    ImageRequest.parse,
    info.build_info,
)
VERSION_2 = ImageApi(
    2, "2.1", info2.CONTEXT, info2.PROFILE_URI, "application/ld+json", False, parse_2, info2.build_info_2
)

VERSIONS = {b"3": VERSION_3, b"2": VERSION_2}
"""By what stands in the path."""
