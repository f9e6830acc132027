"""Dates for harvesters: what a machine can sort, from EDTF (ISO 8601-2) to W3CDTF, or to an ISO 8601 interval.

Doubts (`~`, `?`, `%`) have no place in W3CDTF: the literal, which stands in dc:description, keeps them. Pure.
"""

import re

from server.model.dates import bounds
from server.model.description import Date, DateKind

_PLAIN = re.compile(r"^\d{4}(?:-(?:0[1-9]|1[0-2])(?:-\d{2})?)?$")
_MARKS = str.maketrans("", "", "?~%")

_LABELS = {DateKind.ISSUED: "Date de publication", DateKind.CREATED: "Date de création"}


def w3cdtf(edtf: str) -> str:
    """Return `1905`, `1905-04`, `1905-04-12`, `1900/1909` for a vague date, or nothing where nothing is known."""
    plain = edtf.translate(_MARKS)
    if _PLAIN.match(plain):
        return plain
    start, slash, end = plain.partition("/")
    if slash and _PLAIN.match(start) and _PLAIN.match(end):
        return plain
    if "XXXX" in plain:
        return ""
    limits = bounds(edtf)
    years = [f"{day.year:04d}" for day in (limits.earliest, limits.latest) if day is not None]
    return "/".join(dict.fromkeys(years))


def literal_note(date: Date) -> str:
    """Return the sentence for dc:description that keeps a date as its source wrote it; empty where dc:date says it all."""
    literal = date.literal.strip()
    return f"{_LABELS[date.kind]} : {literal}" if literal and literal != w3cdtf(date.edtf) else ""
