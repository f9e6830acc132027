"""The `<header>` of a record (OAI-PMH 2.0 §2.5), rendered once: it moves only when the record's datestamp moves.

The element takes the namespace of the response that it is put into. Pure.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from server.oai.formats.sets import most_specific
from server.oai.formats.xml import element


def utc_datestamp(moment: datetime) -> str:
    """Return a moment as OAI-PMH writes it: UTC, to the second, no fraction."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def write_header(identifier: str, datestamp: datetime, sets: Iterable[str] = (), *, deleted: bool = False) -> bytes:
    """Return the header of a record or of its tombstone; of a set and its parent only the set is named."""
    status = ' status="deleted"' if deleted else ""
    named = "".join(element("setSpec", spec) for spec in most_specific(sets))
    told = element("identifier", identifier) + element("datestamp", utc_datestamp(datestamp))
    return f"<header{status}>{told}{named}</header>".encode()
