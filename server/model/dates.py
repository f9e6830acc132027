"""Dates as catalogue records write them, to EDTF (ISO 8601-2, level 1) and to their bounds.

French, English and numeric forms, with the doubts that cataloguers express: `[vers 1905]`, `1905?`, `18??`,
`XVIIIe siècle`, `s.d.`. What is not understood gives an empty string, never a guess. Every result is checked with the
`edtf` library. Numeric dates are read day first, as in France.
"""

import calendar
import re
import unicodedata
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import Any, cast

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv january jan", "fevrier fevr fev february feb", "mars march mar", "avril avr april apr",
            "mai may", "juin june jun", "juillet juil july jul", "aout august aug",
            "septembre september sept sep", "octobre october oct", "novembre november nov", "decembre december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_SEASONS = {
    "printemps": 21,
    "spring": 21,
    "ete": 22,
    "summer": 22,
    "automne": 23,
    "autumn": 23,
    "hiver": 24,
    "winter": 24,
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ROMAN = {"i": 1, "v": 5, "x": 10}

_UNDATED = re.compile(r"^(s\.? ?d\.?|sans date|n\.? ?d\.?|no date|undated|date inconnue|inconnue?|unknown|\?+|x+|-+)$")
_ABOUT = re.compile(
    r"^(?:vers|environ|env\.?|ca\.?|c\.|circa|about|around|approximately|approx\.?|autour de|aux alentours de)\s*(?=[\d(]|le |the |[a-z]+ \d)"
)
_PERHAPS = re.compile(r"^(?:probablement|peut-etre|sans doute|probably|possibly|perhaps)\s+")
_CENTURY = re.compile(
    r"^(?:(?P<part>1(?:er|re|ere)|premiere?|2e|2(?:nd|de)|seconde?|deuxieme|first|second|debut|fin|milieu|early|late|mid)"
    r"[\s-]+(?P<what>moitie|half)?\s*(?:du |de la |of the |of )?)?"
    r"(?:(?P<roman>[ivx]+)\s?(?:e|eme|er)?|(?P<arabic>\d{1,2})\s?(?:e|eme|er|th|st|nd|rd))\s+(?:s\.?|siecle|century|c\.)$"
)
_CENTURY_RANGE = re.compile(r"^(?P<a>[ivx]+)e?\s*-\s*(?P<b>[ivx]+)e?\s+(?:s\.?|siecles?)$")
_DECADE = re.compile(r"^(?:annees |les annees |decennie |the )?(\d{3})0s?$")
_RANGE = re.compile(
    r"^(?:entre |between |de |du |from |depuis )?(.+?)\s*(?:/|\bet\b|\band\b|\bau\b|\ba\b|\bto\b|\bou\b)\s*(.+)$"
)
_DOCUMENTED_EDTF = re.compile(r"^-?[\dX]{4}(?:-[\dX]{2}){0,2}[?~%]?(?:/(?:-?[\dX]{4}(?:-[\dX]{2}){0,2}[?~%]?)?)?$")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The earliest and the latest day that a date may mean; None where it is open or beyond the years 1 to 9999."""

    earliest: date | None
    latest: date | None


def to_edtf(literal: str) -> str:
    """Return the EDTF of a date as written, or an empty string where there is none or it is not understood."""
    return _to_edtf(literal[:200]) if literal else ""


@lru_cache(maxsize=4096)
def _to_edtf(literal: str) -> str:
    plain = _fold(literal)
    if not plain or _UNDATED.match(plain):
        return ""
    found = _read(plain)
    return found if found and is_edtf(found) else ""


@lru_cache(maxsize=4096)
def is_edtf(text: str) -> bool:
    """Return whether a text is valid EDTF with days that exist."""
    return _parsed(text) is not None


@lru_cache(maxsize=4096)
def bounds(edtf: str) -> Bounds:
    """Return the earliest and latest day of an EDTF date, for navDate and for facets; both None where it is not one."""
    if "/" in edtf:
        start, _, end = edtf.partition("/")
        return Bounds(bounds(start).earliest, bounds(end).latest)
    parsed = _parsed(edtf) if edtf not in ("", "..") else None
    if parsed is None:
        return Bounds(None, None)
    return Bounds(_day(parsed.lower_strict()), _day(parsed.upper_strict()))


def qualified(edtf: str, *, approximate: bool = False, uncertain: bool = False) -> str:
    """Return a date with a qualification added to each of its ends; one that is there already stays."""
    mark = "%" if approximate and uncertain else "~" if approximate else "?" if uncertain else ""
    if not edtf or not mark:
        return edtf
    ends = [end if not end or end == ".." or end[-1] in "?~%" else end + mark for end in edtf.split("/")]
    marked = "/".join(ends)
    return marked if is_edtf(marked) else edtf


def _fold(literal: str) -> str:
    plain = unicodedata.normalize("NFKD", literal.replace("’", "'")).encode("ascii", "ignore").decode().lower()
    # U+2013 and its like vanish in ASCII: they are put back as hyphens first
    if re.search("[‐-―−]", literal):
        return _fold(re.sub("[‐-―−]", "-", literal))
    return " ".join(plain.split())


def _read(plain: str) -> str:
    approximate = uncertain = False
    text = plain.strip(" ,;")
    if not text.endswith(".."):
        text = text.rstrip(" .,;")
    while True:
        before = text
        if (text.startswith("[") and text.endswith("]")) or (text.startswith("(") and text.endswith(")")):
            text = text[1:-1].strip()
        text = re.sub(r"^(?:cop\.?|copyright|c(?=\d{4}$))\s*", "", text)
        text = re.sub(r"^(?:date|le|the|on|en|in)\s+(?=\S*\d)", "", text)
        if _ABOUT.match(text):
            approximate, text = True, _ABOUT.sub("", text)
        if _PERHAPS.match(text):
            uncertain, text = True, _PERHAPS.sub("", text)
        if re.search(r"(?:\d|siecle|century)\s*\(?\?\)?$", text) and not re.search(r"^\d{2,3}\?{1,2}$", text):
            uncertain, text = True, re.sub(r"\s*\(?\?\)?$", "", text)
        if re.search(r"\d\s*(?:env\.?|environ|ca\.?)$", text):
            approximate, text = True, re.sub(r"\s*(?:env\.?|environ|ca\.?)$", "", text)
        if text == before:
            break
    found = _simple(text) or _range(text)
    return qualified(found, approximate=approximate, uncertain=uncertain)


def _simple(text: str) -> str:
    for reader in (_numeric, _worded, _unknown_digits, _century):
        found = reader(text)
        if found:
            return found
    return ""


def _numeric(text: str) -> str:
    if _DOCUMENTED_EDTF.match(text.upper()) and "/" not in text and not re.search(r"^\d{4}-\d{2}$", text):
        return text.upper()
    if match := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text):
        return text  # `1905-10` may mean 1905 to 1910 elsewhere; ISO 8601 says a month
    if match := re.fullmatch(r"(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{4})", text):
        return _ymd(int(match[3]), int(match[2]), int(match[1]))
    if match := re.fullmatch(r"(\d{4})[./](\d{1,2})[./](\d{1,2})", text):
        return _ymd(int(match[1]), int(match[2]), int(match[3]))
    if match := re.fullmatch(r"(\d{1,2})[./](\d{4})", text):
        return _ymd(int(match[2]), int(match[1]))
    if match := re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text):
        return _ymd(int(match[1]), int(match[2]), int(match[3]))
    if match := re.fullmatch(r"(\d{4}-\d{2}-\d{2})[t ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?", text):
        return match[1]
    return ""


def _worded(text: str) -> str:
    # the name of the day, or of a time of day, adds nothing
    text = re.sub(
        r"^(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(?:mon|tues|wednes|thurs|fri|satur|sun)day),?\s+",
        "",
        text,
    )
    if match := re.fullmatch(rf"(\d{{1,2}})(?:er|st|nd|rd|th)?\s+(?:of\s+)?({_MONTH})\.?,?\s+(\d{{4}})", text):
        return _ymd(int(match[3]), _MONTHS[match[2]], int(match[1]))
    if match := re.fullmatch(rf"({_MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})", text):
        return _ymd(int(match[3]), _MONTHS[match[1]], int(match[2]))
    if match := re.fullmatch(rf"({_MONTH})\.?,?\s+(\d{{4}})", text):
        return _ymd(int(match[2]), _MONTHS[match[1]])
    if match := re.fullmatch(rf"({'|'.join(_SEASONS)})\s+(\d{{4}})", text):
        return f"{match[2]}-{_SEASONS[match[1]]}"
    return ""


def _unknown_digits(text: str) -> str:
    if match := re.fullmatch(r"(\d{2})(?:\?\?|\.\.|--|xx|__)", text):
        return f"{match[1]}XX"
    if match := re.fullmatch(r"(\d{3})[?.\-x_]\??", text):
        return f"{match[1]}X"
    if (match := _DECADE.match(text)) and text != match[1] + "0":
        return f"{match[1]}X"
    return ""


def _century(text: str) -> str:
    if match := _CENTURY_RANGE.match(text):
        first, last = _roman(match["a"]), _roman(match["b"])
        return f"{first - 1:02d}XX/{last - 1:02d}XX" if 0 < first < last else ""
    match = _CENTURY.match(text)
    if not match:
        return ""
    century = _roman(match["roman"]) if match["roman"] else int(match["arabic"])
    if not 1 <= century <= 21:
        return ""
    base = f"{century - 1:02d}"
    part, half = match["part"] or "", bool(match["what"])
    if half:
        return f"{base}00/{base}50" if part.startswith(("1", "prem", "first")) else f"{base}50/{base}99"
    if part in ("debut", "early"):
        return f"{base}00/{base}33~"
    if part in ("milieu", "mid"):
        return f"{base}33~/{base}66~"
    if part in ("fin", "late"):
        return f"{base}66~/{base}99"
    return "" if part else f"{base}XX"


def _range(text: str) -> str:
    if match := re.fullmatch(r"(\d{4})\s*[-/]\s*(\d{4})", text):
        return _interval(match[1], match[2])
    if match := re.fullmatch(r"(\d{2})(\d{2})\s?-\s?(\d{2})", text):
        return _interval(match[1] + match[2], match[1] + match[3])
    if match := re.fullmatch(rf"(?:du )?(\d{{1,2}})(?:er)?\s*(?:-|au|et)\s*(\d{{1,2}})\s+({_MONTH})\s+(\d{{4}})", text):
        start = _ymd(int(match[4]), _MONTHS[match[3]], int(match[1]))
        return _interval(start, _ymd(int(match[4]), _MONTHS[match[3]], int(match[2])))
    if match := re.fullmatch(rf"({_MONTH})\s*(?:-|a|et)\s*({_MONTH})\s+(\d{{4}})", text):
        return _interval(_ymd(int(match[3]), _MONTHS[match[1]]), _ymd(int(match[3]), _MONTHS[match[2]]))
    if match := re.fullmatch(r"(?:avant|before|ante)\s+(.+)", text):
        end = _simple(match[1])
        return f"../{end}" if end else ""
    if match := re.fullmatch(r"(?:apres|after|post|depuis|since)\s+(.+)", text):
        start = _simple(match[1])
        return f"{start}/.." if start else ""
    if (match := re.fullmatch(r"(.+?)\s+-\s+(.+)", text)) or (match := _RANGE.match(text)):
        start, end = _end_of_range(match[1]), _end_of_range(match[2])
        return _interval(start, end) if start and end else ""
    return ""


def _end_of_range(text: str) -> str:
    return "" if "/" in (found := _read(text.strip())) else found


def _interval(start: str, end: str) -> str:
    first, last = bounds(start).earliest, bounds(end).latest
    return f"{start}/{end}" if first and last and first < last else ""


def _ymd(year: int, month: int, day: int = 0) -> str:
    if not 1 <= month <= 12 or year < 1:
        return ""
    if not day:
        return f"{year:04d}-{month:02d}"
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= day <= calendar.monthrange(year, month)[1] else ""


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    total = sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))
    return total if total > 0 and text == _to_roman(total) else 0


def _to_roman(number: int) -> str:
    out = ""
    for value, letters in ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        while number >= value:
            out, number = out + letters, number - value
    return out


_loading = Lock()


@lru_cache(maxsize=1)
def _parser() -> Callable[[str], Any]:
    """Return edtf's reader. Its grammar takes longer to build than most commands, which read no date, to begin."""
    with _loading, warnings.catch_warnings():
        # pyparsing grumbles about the grammar as soon as Python runs with warnings on
        warnings.simplefilter("ignore")
        from edtf import parse_edtf
    return cast("Callable[[str], Any]", parse_edtf)


def _parsed(text: str) -> Any:
    parse = _parser()
    try:
        return parse(text)
    except Exception:  # noqa: BLE001  # edtf raises whatever its grammar met: pyparsing's, ValueError, TypeError
        return None


def _day(moment: Any) -> date | None:
    year, month, day = (int(part) for part in moment[:3])
    if not 1 <= year <= 9999:
        return None
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
