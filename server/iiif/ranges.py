"""Parts of a representation, as a client asks for them: Range and If-Range (RFC 9110 §13.1.5 and §14). Pure.

One range at a time: a request for several is answered with the whole, as §14.2 allows. Units other than bytes, and what
is not understood, count as not asked for.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from server.iiif.http import Scope, header, read_http_date

_ONE = re.compile(r"bytes[ \t]*=[ \t]*(?P<first>[0-9]*)-(?P<last>[0-9]*)[ \t]*", re.IGNORECASE)
_MOST_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `first` up to and with `last` of `size`."""

    first: int
    last: int
    size: int

    @property
    def length(self) -> int:
        """How many bytes these are."""
        return self.last - self.first + 1

    @property
    def content_range(self) -> str:
        """The value of Content-Range."""
        return f"bytes {self.first}-{self.last}/{self.size}"


class NotSatisfiable(Exception):
    """The range begins behind the end: 416, with what `Content-Range: bytes */size` says."""


def wants_part(scope: Scope) -> bool:
    """Whether a request may be for a part: Range is defined for GET alone."""
    return scope["method"] == "GET" and bool(header(scope, "range"))


def asked_part(scope: Scope, size: int, etag: str, modified: datetime) -> Part | None:
    """Return the part that a request asks for, None for the whole. `etag` is quoted and strong. Raises NotSatisfiable."""
    if not wants_part(scope) or not _is_same(header(scope, "if-range"), etag, modified):
        return None
    match = _ONE.fullmatch(header(scope, "range"))
    if match is None or max(len(match["first"]), len(match["last"])) > _MOST_DIGITS:
        return None
    if not match["first"]:
        return _last_bytes(match["last"], size)
    first = int(match["first"])
    last = min(int(match["last"]), size - 1) if match["last"] else size - 1
    if match["last"] and int(match["last"]) < first:
        return None  # not a range at all (§14.1.1)
    if first >= size:
        raise NotSatisfiable
    return Part(first, last, size)


def _last_bytes(count: str, size: int) -> Part | None:
    if not count:
        return None
    if not int(count) or not size:
        raise NotSatisfiable
    return Part(max(0, size - int(count)), size - 1, size)


def _is_same(condition: str, etag: str, modified: datetime) -> bool:
    """Whether the client's first part is of this very representation: by a strong ETag, or by the exact date."""
    if not condition:
        return True
    if condition.startswith(('"', "W/")):
        return condition == etag
    return read_http_date(condition) == modified.replace(microsecond=0)
