"""Dates of documents in words: EDTF (ISO 8601-2, level 1) as a reader writes it, in French and in English.

What a librarian wrote beside the date (its literal) is shown instead; this is for dates that have none. Pure.
"""

import re
from datetime import date

from babel.dates import format_date

_DATE = re.compile(r"^(?P<year>-?\d{4})(?:-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d{2}))?)?(?P<doubt>[?~%]?)$")
_PERIOD = re.compile(r"^(?P<digits>\d{2,3})(?P<open>X{1,2})(?P<doubt>[?~%]?)$")
_DOUBT = {
    "fr": {"~": "vers {}", "?": "{} (?)", "%": "vers {} (?)"},
    "en": {"~": "about {}", "?": "{} (?)", "%": "about {} (?)"},
}
_BETWEEN = {"fr": ("avant {}", "depuis {}"), "en": ("before {}", "since {}")}


def format_edtf(edtf: str, language: str) -> str:
    """Return a date in words; EDTF that has no simple words stays as it is."""
    start, interval, end = edtf.partition("/")
    if not interval:
        return _one(edtf, language)
    if not start or start == "..":
        return _BETWEEN[language][0].format(_one(end, language))
    if not end or end == "..":
        return _BETWEEN[language][1].format(_one(start, language))
    return f"{_one(start, language)} – {_one(end, language)}"


def _one(edtf: str, language: str) -> str:
    if found := _PERIOD.match(edtf):
        words = _period(found["digits"], language)
    elif found := _DATE.match(edtf):
        try:
            words = _day(found, language)
        except ValueError:
            return edtf
    else:
        return edtf
    return _DOUBT[language].get(found["doubt"], "{}").format(words)


def _period(digits: str, language: str) -> str:
    if len(digits) == 3:
        return f"années {digits}0" if language == "fr" else f"{digits}0s"
    century = int(digits) + 1
    if language == "fr":
        return f"{_roman(century)}{'er' if century == 1 else 'e'} siècle"
    suffix = "th" if 10 <= century % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(century % 10, "th")
    return f"{century}{suffix} century"


def _day(found: re.Match[str], language: str) -> str:
    year = int(found["year"])
    if not found["month"] or year < 1:
        return found["year"].lstrip("0") or "0"
    if not found["day"]:
        return format_date(date(year, int(found["month"]), 1), "MMMM y", locale=language)
    day = date(year, int(found["month"]), int(found["day"]))
    if language == "fr" and day.day == 1:
        return format_date(day, "'1er' MMMM y", locale="fr")
    return format_date(day, "long", locale=_LOCALES[language])


_LOCALES = {"fr": "fr_FR", "en": "en_GB"}


def _roman(number: int) -> str:
    shown = ""
    for value, letters in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            shown, number = shown + letters, number - value
    return shown
