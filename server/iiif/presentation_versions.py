"""The versions of the Presentation API that are served, each below its own base, and the choice between them by Accept.

A versioned address always gives its version; the neutral one gives 3.0 unless the client would rather have 2.1 and says
so by the profile of the media type (Presentation API 3.0 §6.3; RFC 9110 §12.5.1). Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from server.iiif.build import collection, properties2
from server.iiif.http import wants_json_ld, weights

_LINKED, _PLAIN = "application/ld+json", "application/json"
_RANGE = re.compile(r'([^\s;,"=]+)((?:\s*;\s*[^\s;,="]+\s*=\s*(?:"[^"]*"|[^\s;,"]*))*)')
_PROFILE = re.compile(r';\s*profile\s*=\s*(?:"([^"]*)"|([^\s;,"]*))', re.IGNORECASE)
_PARAMETERS = re.compile(r';\s*profile\s*=\s*(?:"[^"]*"|[^\s;,"]*)', re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class PresentationApi:
    """One version: `manifest` is the kind of document that it is served from, `key` what holds ids.

    `pages` are the kinds of documents about one view (their `/f12` left out), by the last word of their address.
    """

    number: int
    title: str
    context: str
    manifest: str
    pages: Mapping[str, str]
    key: str
    is_linked_unasked: bool
    """Whether JSON-LD is sent to those who do not say what they accept: 3.0 §6.3 wants it, 2.1 §7.2 forbids it."""

    def media_type(self, accept: str) -> str:
        """Return the content type: JSON-LD where it is asked for and plain JSON is not wanted more.

        A client that takes anything, as browsers and their scripts do, gets JSON, which a browser shows.
        """
        is_linked = wants_json_ld(accept, unasked=self.is_linked_unasked)
        return f'{_LINKED};profile="{self.context}"' if is_linked else _PLAIN


VERSION_3 = PresentationApi(
    3,
    "3.0",
    collection.PRESENTATION,
    "manifest/3",
    MappingProxyType({"text": "text", "words": "words", "georeference": "georeference"}),
    "id",
    is_linked_unasked=True,
)
VERSION_2 = PresentationApi(
    2, "2.1", properties2.CONTEXT, "manifest/2", MappingProxyType({"text": "text2"}), "@id", is_linked_unasked=False
)

VERSIONS = {"3": VERSION_3, "2": VERSION_2}
"""By what stands in the path."""


def choose_version(accept: str) -> PresentationApi:
    """Return the version that a client wants most: 2.1 only where it names its context as a profile.

    An equal wish for any JSON does not outdo the one for 2.1; an equal one for 3.0 by name does.
    """
    named = {VERSION_2.context: 0.0, VERSION_3.context: 0.0}
    unnamed = 0.0
    for media_type, parameters in _RANGE.findall(accept):
        weight = max(weights(f"x{_PARAMETERS.sub('', parameters)}").values(), default=0.0)
        profiles = " ".join(quoted or bare for quoted, bare in _PROFILE.findall(parameters)).split()
        for profile in profiles:
            if profile in named:
                named[profile] = max(named[profile], weight)
        if not profiles and media_type.lower() in (_LINKED, _PLAIN, "application/*", "*/*"):
            unnamed = max(unnamed, weight)
    second, third = named[VERSION_2.context], named[VERSION_3.context]
    return VERSION_2 if second > third and second >= unnamed else VERSION_3
