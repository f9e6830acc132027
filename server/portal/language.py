"""The two languages of the pages: French first, English complete. An address says its language or it is negotiated."""

from collections.abc import Mapping

from babel.dates import get_day_names, get_month_names
from flask_babel import gettext
from werkzeug.datastructures import LanguageAccept

LANGUAGES = ("fr", "en")
NAMES = {"fr": "Français", "en": "English"}


def _(message: str) -> str:
    """Return a text of the pages, written in French, in the page's language."""
    return str(gettext(message))


def negotiate(accepted: LanguageAccept) -> str:
    """Return the language that a browser asks for; French where it asks for neither."""
    return accepted.best_match(LANGUAGES, default="fr") or "fr"


def of_path(path: str) -> str | None:
    """Return the language that an address says, or None."""
    first = path.lstrip("/").split("/", 1)[0]
    return first if first in LANGUAGES else None


def pick(labels: Mapping[str, str], language: str) -> str:
    """Return a label in the page's language, else in French, else in any."""
    return labels.get(language) or labels.get("fr") or next(iter(labels.values()), "")


def language_of(labels: Mapping[str, str], language: str) -> str:
    """Return the language of what `pick` returns."""
    return next((each for each in (language, "fr", *labels) if labels.get(each)), language)


def weekday_names(language: str) -> list[str]:
    """Return the names of the days of the week, from Monday on."""
    names = get_day_names("wide", context="stand-alone", locale=language)
    return [str(names[day]) for day in range(7)]


def month_name(number: int, language: str) -> str:
    """Return the name of a month, counted from 1."""
    return str(get_month_names("wide", context="stand-alone", locale=language)[number])


def spaced(text: str) -> str:
    """Return a French text in which no mark that stands off a word can come to begin a line; markup stays markup."""
    for mark in (";", ":", "?", "!", "»"):
        text = text.replace(f" {mark}", f"\u00a0{mark}")
    return text.replace("« ", "«\u00a0")
