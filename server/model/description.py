"""An item's description as a librarian means it.

Languages of text are BCP 47 tags (`fr`, `en`, `la`); languages of the document are ISO 639-2/B codes (`fre`), as
harvesters ask for them. Dates are EDTF (ISO 8601-2) with the literal of the source beside it.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from server.model.rights import Rights


class Typology(StrEnum):
    """The nine categories of Armarium: they are sets, facets and collections."""

    MANUSCRIPTS = "livres-manuscrits"
    BOOKS = "livres-imprimes"
    MAPS = "cartes-et-plans"
    POSTCARDS = "cartes-postales"
    PHOTOGRAPHS = "photographies"
    ICONOGRAPHY = "documents-iconographiques"
    PRESS = "presse"
    LETTERS = "correspondances"
    ARCHIVES = "archives"


PICTORIAL = frozenset({Typology.MAPS, Typology.POSTCARDS, Typology.PHOTOGRAPHS, Typology.ICONOGRAPHY})
"""What is looked at rather than read: chosen first where one document stands for many."""

TYPOLOGY_LABELS: dict[Typology, dict[str, str]] = {
    Typology.MANUSCRIPTS: {"fr": "Livres manuscrits", "en": "Manuscript books"},
    Typology.BOOKS: {"fr": "Livres imprimés", "en": "Printed books"},
    Typology.MAPS: {"fr": "Cartes et plans", "en": "Maps and plans"},
    Typology.POSTCARDS: {"fr": "Cartes postales", "en": "Postcards"},
    Typology.PHOTOGRAPHS: {"fr": "Photographies", "en": "Photographs"},
    Typology.ICONOGRAPHY: {"fr": "Documents iconographiques", "en": "Prints and posters"},
    Typology.PRESS: {"fr": "Presse", "en": "Press"},
    Typology.LETTERS: {"fr": "Correspondances", "en": "Letters"},
    Typology.ARCHIVES: {"fr": "Archives", "en": "Archives"},
}


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its language (BCP 47), or None where the source does not say."""

    value: str
    language: str | None = None


class TitleKind(StrEnum):
    """What a title is to its document."""

    MAIN = "main"
    PARALLEL = "parallel"
    ALTERNATIVE = "alternative"


@dataclass(frozen=True, slots=True)
class Title:
    """A title with its language and kind."""

    value: str
    language: str | None = None
    kind: TitleKind = TitleKind.MAIN


@dataclass(frozen=True, slots=True)
class Person:
    """A person or body: `Nom, Prénom`, dates as written, role as a MARC relator code (`aut`, `egr`, `pht`).

    `is_body` where the notice says that it is a corporate body, or a mark in a table does.
    """

    name: str
    dates: str = ""
    role: str = ""
    uri: str = ""
    is_body: bool = False


class DateKind(StrEnum):
    """What happened on a date."""

    ISSUED = "issued"
    CREATED = "created"


@dataclass(frozen=True, slots=True)
class Date:
    """A date: `edtf` is empty where the literal could not be understood, `literal` where the source was exact."""

    edtf: str = ""
    literal: str = ""
    kind: DateKind = DateKind.ISSUED


@dataclass(frozen=True, slots=True)
class Place:
    """A place; latitude and longitude in decimal degrees, WGS 84, both or neither."""

    label: str
    latitude: float | None = None
    longitude: float | None = None
    uri: str = ""


class SubjectKind(StrEnum):
    """What a subject names."""

    TOPIC = "topic"
    PERSON = "person"
    PLACE = "place"
    PERIOD = "period"


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject heading, subdivisions joined by ` -- `, with its authority URI (RAMEAU, IdRef, GeoNames, Wikidata)."""

    label: str
    uri: str = ""
    kind: SubjectKind = SubjectKind.TOPIC


class WholeKind(StrEnum):
    """What a document is a part of."""

    PERIODICAL = "periodical"
    MULTIVOLUME = "multivolume"


@dataclass(frozen=True, slots=True)
class Whole:
    """The newspaper title or the work in several volumes of which the item is a part; `number` as printed."""

    label: str
    identifier: str = ""
    number: str = ""
    kind: WholeKind = WholeKind.PERIODICAL


@dataclass(frozen=True, slots=True)
class Description:
    """What the catalogue says of an item. The first main title is its label."""

    titles: tuple[Title, ...]
    typology: Typology
    rights: Rights
    people: tuple[Person, ...] = ()
    dates: tuple[Date, ...] = ()
    places: tuple[Place, ...] = ()
    subjects: tuple[Subject, ...] = ()
    languages: tuple[str, ...] = ()
    shelfmark: str = ""
    extent: str = ""
    publisher: str = ""
    publication_place: str = ""
    abstracts: tuple[Text, ...] = ()
    part_of: Whole | None = None
    genre: str = ""
    notes: tuple[Text, ...] = field(default=())

    @property
    def title(self) -> Title:
        """The main title."""
        return next((title for title in self.titles if title.kind is TitleKind.MAIN), self.titles[0])
