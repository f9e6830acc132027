"""The `metadata` pairs of a manifest (Presentation API 3.0 §3.1): labels in French and English, values as they are.

What machines read is in the OAI records; this is for a person in a viewer. Pure.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from server.iiif.build.words import LanguageMap, both, from_labels, from_texts, linked, same
from server.model.dates import bounds
from server.model.description import (
    TYPOLOGY_LABELS,
    Date,
    DateKind,
    Description,
    Person,
    Subject,
    SubjectKind,
    TitleKind,
)
from server.model.item import Item
from server.model.labels import language_label, place_label, role_label, shown_genre

_DATES: dict[DateKind, LanguageMap] = {
    DateKind.ISSUED: both("Date de publication", "Date of publication"),
    DateKind.CREATED: both("Date de création", "Date of creation"),
}
_SUBJECTS: dict[SubjectKind, LanguageMap] = {
    SubjectKind.TOPIC: both("Sujet", "Subject"),
    SubjectKind.PERSON: both("Personne citée", "Person as subject"),
    SubjectKind.PLACE: both("Lieu évoqué", "Place as subject"),
    SubjectKind.PERIOD: both("Période", "Period"),
}


def build_metadata(item: Item) -> list[dict[str, Any]]:
    """Return the pairs of an item, in the order in which a librarian reads a record."""
    return [{"label": label, "value": value} for label, value in _pairs(item) if value]


def nav_date(description: Description) -> str | None:
    """Return the `navDate` of an item: the first day that its first understood date may mean, at midnight UTC."""
    for date in description.dates:
        earliest = bounds(date.edtf).earliest if date.edtf else None
        if earliest is not None:
            return f"{earliest.isoformat()}T00:00:00Z"
    return None


def credit_line(item: Item) -> dict[str, str]:
    """Return the line to cite, per language: institution, shelfmark, rights holder."""
    described = item.description
    tail = "".join(f", {part}" for part in (described.shelfmark, described.rights.holder) if part)
    return {language: label + tail for language, label in item.institution.label.items()}


def _pairs(item: Item) -> Iterator[tuple[LanguageMap, LanguageMap]]:
    described = item.description
    main = described.title
    others = [title for title in described.titles if title is not main]
    yield both("Titre", "Title"), from_texts([main])
    yield (
        both("Titre parallèle", "Parallel title"),
        from_texts(t for t in others if t.kind is not TitleKind.ALTERNATIVE),
    )
    yield both("Autre titre", "Other title"), from_texts(t for t in others if t.kind is TitleKind.ALTERNATIVE)
    yield from _people(described.people)
    for kind, label in _DATES.items():
        yield label, _values(_date(date) for date in described.dates if date.kind is kind)
    yield both("Éditeur", "Publisher"), _values([described.publisher])
    yield from_labels(place_label(described)), _values([described.publication_place])
    if described.part_of is not None:
        whole = described.part_of
        yield (
            both("Fait partie de", "Part of"),
            _values([f"{whole.label}, {whole.number}" if whole.number else whole.label]),
        )
    yield both("Type de document", "Type of document"), from_labels(TYPOLOGY_LABELS[described.typology])
    yield both("Genre", "Genre"), _values([shown_genre(described)])
    yield both("Description matérielle", "Physical description"), _values([described.extent])
    yield both("Langue", "Language"), _languages(described.languages)
    yield both("Lieu", "Place"), _values(linked(place.label, place.uri) for place in described.places)
    for subject_kind, label in _SUBJECTS.items():
        yield label, _values(_subject(subject) for subject in described.subjects if subject.kind is subject_kind)
    yield both("Note", "Note"), from_texts(described.notes)
    yield both("Institution de conservation", "Holding institution"), from_labels(item.institution.label)
    yield both("Cote", "Shelfmark"), _values([described.shelfmark])
    if item.campaign is not None:
        year = item.campaign.year
        yield (
            both("Campagne de numérisation", "Digitisation campaign"),
            from_labels({language: f"{theme} ({year})" for language, theme in item.campaign.theme.items()}),
        )
    yield both("Conditions d’utilisation", "Terms of use"), from_labels(described.rights.label)
    yield both("Identifiant pérenne", "Persistent identifier"), same(item.ark)


def _people(people: Iterable[Person]) -> Iterator[tuple[LanguageMap, LanguageMap]]:
    # one pair per role, in the order in which the roles first appear
    by_role: dict[str, list[str]] = {}
    for person in people:
        shown = f"{person.name} ({person.dates})" if person.dates else person.name
        by_role.setdefault(person.role, []).append(linked(shown, person.uri))
    for role, names in by_role.items():
        yield from_labels(role_label(role)) or both("Personne ou collectivité", "Person or body"), _values(names)


def _date(date: Date) -> str:
    return date.literal or date.edtf


def _subject(subject: Subject) -> str:
    return linked(subject.label, subject.uri)


def _languages(codes: Iterable[str]) -> LanguageMap:
    found: LanguageMap = {}
    for code in codes:
        for language, name in language_label(code).items():
            found.setdefault(language, []).append(name)
    return found


def _values(values: Iterable[str]) -> LanguageMap:
    kept = [value for value in values if value]
    return same(*kept) if kept else {}
