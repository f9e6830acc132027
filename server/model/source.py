"""Source records: a document's description as it was delivered, and whether readers may have it. Pure."""

from collections.abc import Iterable

from server.model.rights import Rights
from server.model.view import NEVER_PUBLISHED, ViewKind

METS, EAD, MARC, MARC_XML = "application/mets+xml", "application/ead+xml", "application/marc", "application/marcxml+xml"
CSV, PDF, JSON, XML = "text/csv", "application/pdf", "application/json", "application/xml"

SUFFIXES: dict[str, str] = {
    METS: ".mets.xml",
    EAD: ".ead.xml",
    MARC_XML: ".marc.xml",
    MARC: ".mrc",
    CSV: ".csv",
    PDF: ".pdf",
    JSON: ".json",
}
"""The end of the name under which a source record is kept, by its media type; any other is XML."""

_TELLS_OF_VIEWS = frozenset({METS, PDF})
"""What says, or shows, what is on each view."""


def suffix_of(media_type: str) -> str:
    """Return the end of the name under which a source record is kept."""
    return SUFFIXES.get(media_type, ".xml")


def media_type_of(key: str) -> str:
    """Return the media type of a source record by its name; XML where an older version kept it."""
    return next((media_type for media_type, suffix in SUFFIXES.items() if key.endswith(suffix)), XML)


def is_given(media_type: str, rights: Rights, views: Iterable[tuple[ViewKind, bool]]) -> bool:
    """Return whether readers may have a source record; `views` are their kinds, and whether they are public.

    What tells of each view is kept back where one is hidden or withdrawn, a PDF where the document may not be taken away.
    """
    if media_type == JSON:
        return False  # our own file of an export, which tells everything
    is_hiding = any(not public and kind not in NEVER_PUBLISHED for kind, public in views)
    if media_type in _TELLS_OF_VIEWS and is_hiding:
        return False
    return media_type != PDF or rights.allow_taking
