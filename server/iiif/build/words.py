"""Language maps (Presentation API 3.0 §4.1) and the fixed words of our manifests, in French and English.

A text keeps its own language; `none` says that the source does not tell it. Pure.
"""

import html
from collections.abc import Iterable, Mapping

from server.model.description import Text, Title

LanguageMap = dict[str, list[str]]

NO_LANGUAGE = "none"

UNTITLED: LanguageMap = {"fr": ["[Sans titre]"], "en": ["[Untitled]"]}
CONTENTS: LanguageMap = {"fr": ["Table des matières"], "en": ["Table of contents"]}
NOTICE: LanguageMap = {"fr": ["Notice et visionneuse"], "en": ["Record and viewer"]}
DUBLIN_CORE: LanguageMap = {"fr": ["Notice en Dublin Core (OAI-PMH)"], "en": ["Dublin Core record (OAI-PMH)"]}
MISSING: LanguageMap = {"fr": ["Lacune"], "en": ["Missing page"]}
WHY_MISSING: LanguageMap = {
    "fr": ["Cette page manque au document ou n’a pas pu être numérisée."],
    "en": ["This page is missing from the document or could not be scanned."],
}
ATTRIBUTION: LanguageMap = {"fr": ["Mention à citer"], "en": ["Attribution"]}


def both(french: str, english: str) -> LanguageMap:
    """Return a map of one value in French and one in English."""
    return {"fr": [french], "en": [english]}


def same(*values: str) -> LanguageMap:
    """Return a map of values whose language is unknown or that have none: names, shelfmarks, dates."""
    return {NO_LANGUAGE: list(values)}


def from_labels(labels: Mapping[str, str]) -> LanguageMap:
    """Return the map of a label that has one value in each of its languages."""
    return {language or NO_LANGUAGE: [value] for language, value in labels.items() if value}


def from_texts(texts: Iterable[Text | Title]) -> LanguageMap:
    """Return the map of texts, each under its own language, in their order."""
    found: LanguageMap = {}
    for text in texts:
        if text.value:
            found.setdefault(text.language or NO_LANGUAGE, []).append(text.value)
    return found


def linked(text: str, uri: str) -> str:
    """Return a text as a link where its URI can be followed: HTML as Presentation API 3.0 §4.2 allows it in values."""
    if not uri.startswith(("http://", "https://")):
        return text
    return f'<a href="{html.escape(uri)}">{html.escape(text, quote=False)}</a>'
