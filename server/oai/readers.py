"""Which requests to a repository come from somebody who reads: they get a page, harvesters get XML as ever.

A browser names `text/html` and `application/xhtml+xml` before any XML. Programs name neither, or, as Java does unasked,
`text/html` among images: whoever is not surely a reader is a harvester. Must not import flask.
"""

from server.iiif.http import Scope, header, weights

RESPONSE = "response.xml"
"""What stands behind `/oai/` or `/oai/{harvester}/` where a reader wants the XML."""

_XML = ("text/xml", "application/xml")


def is_for_reader(scope: Scope) -> bool:
    """Whether a request to a repository, by its path and what it accepts, is to be answered with a page."""
    if scope["method"] not in ("GET", "HEAD") or "." in scope["path"]:
        return False
    return prefers_page(header(scope, "accept"))


def prefers_page(accept: str) -> bool:
    """Whether an Accept header is that of a reader (RFC 9110 §12.5.1)."""
    asked = {kind: weight for kind, weight in weights(accept).items() if weight > 0.0}
    page = asked.get("text/html", 0.0)
    named = {kind for kind in asked if "*" not in kind}
    is_reader = "application/xhtml+xml" in named or named == {"text/html"}
    return is_reader and page > max(asked.get(kind, 0.0) for kind in _XML)
