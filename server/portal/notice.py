"""The notice of an item as a page shows it: labels in the language of the page, values in their own. No queries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date as Day  # noqa: N812  # `Date` is that of a document

from server.iiif.build.collection import collection_name, memberships
from server.model.description import (
    TYPOLOGY_LABELS,
    Date,
    DateKind,
    Description,
    Person,
    SubjectKind,
    Text,
    Title,
    TitleKind,
)
from server.model.item import Item
from server.model.labels import language_label, place_label, role_label, shown_genre
from server.model.rights import LICENCE_OUVERTE_URI, RightsStatus
from server.model.spoken_dates import format_edtf
from server.model.traits import place_slug
from server.portal.language import _, language_of, pick


@dataclass(frozen=True, slots=True)
class Value:
    """A value: `language` where it is not the page's, `uri` where an authority describes it, `path` a page of ours."""

    text: str
    language: str | None = None
    uri: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A line of the notice."""

    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation of what is on the web (ISO 690:2021): `viewed` and `where` are its words in the language of the page.

    `day` is when the document is consulted, `shown_day` the same in words.
    """

    source: str
    viewed: str
    day: str
    shown_day: str
    where: str
    address: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.source}. [{self.viewed} {self.shown_day}]. {self.where} {self.address}"


_CITED = {"fr": ("consulté le", "Disponible à l’adresse :"), "en": ("viewed", "Available from:")}
"""Not among the texts of the pages: a citation is asked for in a language, whatever that of the browser is."""


def build_notice(item: Item, language: str) -> list[Field]:
    """Return the lines of a notice, in the order in which a librarian reads a record; the title is above it."""
    return [Field(label, kept) for label, values in _lines(item, language) if (kept := tuple(_shown(values, language)))]


def rights_uri(item: Item) -> str:
    """Return where the terms of use can be read, or an empty string."""
    rights = item.description.rights
    return LICENCE_OUVERTE_URI if rights.status is RightsStatus.LICENCE_OUVERTE else rights.uri


def date_line(description: Description, language: str) -> str:
    """Return the first date of a document in words, or an empty string."""
    return next((shown for date in description.dates if (shown := show_date(date, language))), "")


def show_date(date: Date, language: str) -> str:
    """Return a date as the source wrote it, which is in French, else in words of the page's language."""
    if date.literal and (language == "fr" or not date.edtf):
        return date.literal
    return format_edtf(date.edtf, language) if date.edtf else ""


_MAKING = frozenset({"", "aut", "cre", "art", "pht", "ctg", "cmp", "drm", "ill", "asg", "edt", "jrn", "arc"})
"""Roles (MARC relators) of those who made a document; who has none is taken for one of them."""


def makers(description: Description) -> list[Person]:
    """Return those who made the document, each once, whatever they all did: with them a citation begins."""
    kept: dict[str, Person] = {}
    for person in description.people:
        if person.role in _MAKING:
            kept.setdefault(person.name, person)
    return list(kept.values())


def authors(description: Description) -> list[str]:
    """Return the names of those who made the document."""
    return [person.name for person in makers(description)]


def abstracts(description: Description, language: str) -> tuple[Text, ...]:
    """Return the abstracts in a language; all of them where there is none in it."""
    return tuple(text for text in description.abstracts if text.language == language) or description.abstracts


def cite(item: Item, language: str, permalink: str, day: Day) -> Citation:
    """Return what to cite (ISO 690): makers, title, place and publisher, date, institution, shelfmark; day and permalink."""
    described = item.description
    published = " : ".join(part for part in (described.publication_place, described.publisher) if part)
    held = ", ".join(part for part in (pick(item.institution.label, language), described.shelfmark) if part)
    dated = ", ".join(part for part in (published, date_line(described, language)) if part)
    parts = [" ; ".join(authors(described)), described.title.value, dated, held]
    viewed, where = _CITED[language]
    source = ". ".join(part.rstrip(". ") for part in parts if part)
    return Citation(source, viewed, day.isoformat(), format_edtf(day.isoformat(), language), where, permalink)


def _lines(item: Item, language: str) -> Iterator[tuple[str, Iterable[Value]]]:
    described = item.description
    others = [title for title in described.titles if title is not described.title]
    yield _("Titre parallèle"), _texts(title for title in others if title.kind is not TitleKind.ALTERNATIVE)
    yield _("Autre titre"), _texts(title for title in others if title.kind is TitleKind.ALTERNATIVE)
    yield from _people(described, language)
    for kind, label in ((DateKind.ISSUED, _("Date de publication")), (DateKind.CREATED, _("Date de création"))):
        yield label, [Value(show_date(date, language)) for date in described.dates if date.kind is kind]
    yield _("Éditeur"), [Value(described.publisher)]
    yield pick(place_label(described), language), [Value(described.publication_place)]
    if described.part_of is not None:
        whole = described.part_of
        shown = ", ".join(part for part in (whole.label, whole.number) if part)
        yield _("Fait partie de"), [Value(shown, path=_whole_path(item, language))]
    typology = TYPOLOGY_LABELS[described.typology]
    yield (
        _("Type de document"),
        [
            Value(
                pick(typology, language),
                path=f"/{language}/collections/{collection_name('typology', described.typology)}",
            )
        ],
    )
    yield _("Genre"), [Value(shown_genre(described))]
    yield _("Description matérielle"), [Value(described.extent)]
    yield _("Langue"), [Value(pick(language_label(code), language)) for code in described.languages]
    yield (
        _("Lieu"),
        [Value(place.label, uri=place.uri, path=_place_path(place.label, language)) for place in described.places],
    )
    subjects = {
        SubjectKind.TOPIC: _("Sujet"),
        SubjectKind.PERSON: _("Personne citée"),
        SubjectKind.PLACE: _("Lieu évoqué"),
        SubjectKind.PERIOD: _("Période"),
    }
    for subject_kind, label in subjects.items():
        chosen = [subject for subject in described.subjects if subject.kind is subject_kind]
        yield label, [Value(subject.label.replace(" -- ", " — "), uri=subject.uri) for subject in chosen]
    yield _("Note"), _texts(described.notes)
    yield _("Cote"), [Value(described.shelfmark)]
    if item.campaign is not None:
        theme = item.campaign.theme
        campaign = f"{pick(theme, language)} ({item.campaign.year})"
        yield _("Campagne de numérisation"), [Value(campaign, language_of(theme, language))]


def _place_path(label: str, language: str) -> str:
    slug = place_slug(label)
    return f"/{language}/places/{slug}" if slug else ""


def _whole_path(item: Item, language: str) -> str:
    """Return the page of the newspaper title or of the work in several volumes that an item is a part of."""
    names = [membership.name for membership in memberships(item) if membership.kind in ("title", "work")]
    return f"/{language}/collections/{names[0]}" if names else ""


def _people(described: Description, language: str) -> Iterator[tuple[str, Iterable[Value]]]:
    by_role: dict[str, list[Value]] = {}
    for person in described.people:
        shown = f"{person.name} ({person.dates})" if person.dates else person.name
        by_role.setdefault(person.role, []).append(Value(shown, uri=person.uri))
    for role, values in by_role.items():
        yield pick(role_label(role), language) or _("Personne ou collectivité"), values


def _texts(texts: Iterable[Text | Title]) -> list[Value]:
    return [Value(text.value, text.language) for text in texts]


def _shown(values: Iterable[Value], language: str) -> Iterator[Value]:
    for value in values:
        if value.text:
            uri = value.uri if value.uri.startswith(("http://", "https://")) else ""
            yield Value(value.text, value.language if value.language != language else None, uri, value.path)
