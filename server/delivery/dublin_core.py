"""A description from Dublin Core elements and terms, whether they come from a table's cells or from XML.

DCMI Metadata Terms, with the conventions of docs/reference/delivery-table.md: `Nom, Prénom (dates). Rôle <URI>`,
`Éditeur (Ville)`, `Lille (Nord) <URI> @50.6372,3.0633`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from server.delivery.context import find_typology
from server.delivery.rights import Stated, context_rights, state_rights
from server.delivery.rules import Notes
from server.delivery.values import Context
from server.formats.mods import read_coordinates
from server.model.dates import to_edtf
from server.model.description import (
    Date,
    DateKind,
    Description,
    Person,
    Place,
    Subject,
    Text,
    Title,
    TitleKind,
    Typology,
    Whole,
    WholeKind,
)
from server.model.languages import bcp47, iso639_2b
from server.model.rights import Rights, RightsStatus
from server.model.roles import relator_code

ALIASES = {
    "dc:coverage": "dcterms:spatial",
    "dcterms:title": "dc:title",
    "dcterms:alternative": "dcterms:alternative",
    "dcterms:ispartof": "dcterms:ispartof",
    "dc:relation": "dcterms:ispartof",
    "dcterms:creator": "dc:creator",
    "dcterms:contributor": "dc:contributor",
    "dcterms:issued": "dc:date",
    "dcterms:date": "dc:date",
    "dcterms:type": "dc:type",
    "dcterms:language": "dc:language",
    "dcterms:publisher": "dc:publisher",
    "dcterms:extent": "dc:format",
    "dcterms:format": "dc:format",
    "dcterms:subject": "dc:subject",
    "dcterms:description": "dc:description",
    "dcterms:abstract": "dc:description",
    "dcterms:rights": "dc:rights",
    "dcterms:license": "dc:rights",
    "dcterms:source": "dc:source",
    "dcterms:identifier": "dc:identifier",
}
"""Names that mean the same here, in lower case."""

KNOWN = frozenset(ALIASES.values()) | {
    "dcterms:created",
    "rights_basis",
    "cleared_by",
    "not_before",
    "genre",
    "rights_holder",
}

# each is searched for in one pass: a cell may be long, and made to take for ever
_AUTHORITY = re.compile(r"<(?P<uri>[^<>\s]+)>$")
_IN_BRACKETS = re.compile(r"\((?P<inside>[^()]+)\)(?P<after>[^()]*)$")
_SPREADSHEET = re.compile(
    r"^(?:#+|[2-5]\d{4}(?:[.,]\d+)?|\d{1,4}[/-]\d{1,2}[/-]\d{1,4} \d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?|"
    r"(?:janv?|f[ée]vr?|mars?|avr|apr|mai|may|juin|jun|juil|jul|ao[uû]t|aug|sept?|oct|nov|d[ée]c)\.?-\d{2}|\d{1,2}-(?:janv?|f[ée]vr?|mars?|avr|apr|mai|"
    r"may|juin|jun|juil|jul|ao[uû]t|aug|sept?|oct|nov|d[ée]c)\.?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One value: the element's name in lower case with its prefix, its language (BCP 47) or None, the value."""

    name: str
    value: str
    language: str | None = None


def canonical(name: str) -> str:
    """Return the name under which an element or a column is known here."""
    lowered = name.strip().lower()
    return ALIASES.get(lowered, lowered)


def describe(statements: Iterable[Statement], context: Context, notes: Notes) -> Description | None:
    """Return the description that the statements make, or None where title or typology are missing (noted)."""
    said: dict[str, list[Statement]] = {}
    for statement in statements:
        said.setdefault(statement.name, []).append(statement)

    def each(name: str) -> list[Statement]:
        return said.get(name, [])

    def only(name: str) -> str:
        return said[name][0].value if said.get(name) else ""

    titles = _titles(each("dc:title"), each("dcterms:alternative"), context)
    if not titles:
        notes.add("title-missing", "the document has no title; give one in dc:title")
    typology = read_typology([statement.value for statement in each("dc:type")], context, notes)
    if not titles or typology is None:
        return None
    publisher, publication_place = _publisher(only("dc:publisher"))
    return Description(
        titles=titles,
        typology=typology,
        rights=_rights(each("dc:rights"), only, context, notes),
        people=tuple(read_person(s.value, notes) for s in [*each("dc:creator"), *each("dc:contributor")]),
        dates=(
            *(read_date(statement.value, DateKind.ISSUED, notes) for statement in each("dc:date")),
            *(read_date(statement.value, DateKind.CREATED, notes) for statement in each("dcterms:created")),
        ),
        places=tuple(_place(statement.value, notes) for statement in each("dcterms:spatial")),
        subjects=tuple(Subject(*_authority(statement.value)) for statement in each("dc:subject")),
        languages=_languages([statement.value for statement in each("dc:language")], context, notes),
        shelfmark=only("dc:source"),
        extent=" ; ".join(statement.value for statement in each("dc:format")),
        publisher=publisher,
        publication_place=publication_place,
        abstracts=tuple(Text(s.value, s.language) for s in each("dc:description")),
        part_of=_whole(only("dcterms:ispartof"), typology),
        genre=only("genre"),
    )


def read_typology(said: list[str], context: Context, notes: Notes) -> Typology | None:
    """Return the first typology that is said, else that of the context; None, noted, where there is none."""
    for value in said:
        typology = find_typology(value)
        if typology:
            return typology
    if context.typology:
        return Typology(context.typology)
    shown = f"{said[0]!r} is not a typology" if said else "the typology is not said"
    notes.add(
        "typology-unknown",
        f"{shown}; give one of {', '.join(Typology)} in the document, in delivery.toml or on the command line",
    )
    return None


def read_person(said: str, notes: Notes) -> Person:
    """Read `Nom, Prénom (dates). Rôle <URI>`; every part but the name may be absent."""
    label, uri = _authority(said)
    match = _IN_BRACKETS.search(label)
    name = label[: match.start()].strip() if match else ""
    if match and name and re.search(r"\d|\?|\.\.\.", match["inside"]):
        said_role = match["after"].strip(" .,;")
        role = relator_code(said_role)
        if said_role and not role:
            notes.add("role-unknown", f"the role {said_role!r} of {name!r} is not known; it is left out")
        return Person(name, match["inside"].strip(), role, uri)
    name, point, tail = label.rpartition(". ")
    if point and (role := relator_code(tail)):
        return Person(name.strip(), "", role, uri)
    return Person(label, "", "", uri)


def read_date(said: str, kind: DateKind, notes: Notes) -> Date:
    """Read a date as written; notes what a spreadsheet seems to have rewritten, and what is not understood."""
    if _SPREADSHEET.match(said):
        notes.add(
            "date-typed-by-spreadsheet",
            f"the date {said!r} looks as if a spreadsheet had rewritten it; format the column as text and type it again",
        )
        return Date("", said, kind)
    edtf = to_edtf(said)
    if not edtf and not re.match(r"^\W*(s\.?\s?d|n\.?\s?d|sans date|undated)\b", said, re.IGNORECASE):
        notes.add("date-not-understood", f"the date {said!r} is not understood; it is shown as written and not indexed")
    return Date(edtf, "" if edtf == said else said, kind)


def _titles(titles: list[Statement], alternatives: list[Statement], context: Context) -> tuple[Title, ...]:
    found: list[Title] = []
    default = bcp47(context.language) or None
    for statement in titles:
        language = statement.language or (default if not found else None)
        other = bool(found) and statement.language and statement.language != found[0].language
        kind = TitleKind.MAIN if not found else TitleKind.PARALLEL if other else TitleKind.ALTERNATIVE
        found.append(Title(statement.value, language, kind))
    if found:
        found += [Title(statement.value, statement.language, TitleKind.ALTERNATIVE) for statement in alternatives]
    return tuple(found)


def _rights(said: list[Statement], only: Callable[[str], str], context: Context, notes: Notes) -> Rights:
    start = context_rights(context)
    status, _ = state_rights(
        [Stated(one.value, tuple(reversed(_authority(one.value)))) for one in said], start.status, notes
    )
    day = None
    if only("not_before"):
        try:
            day = date.fromisoformat(only("not_before"))
        except ValueError:
            # to forget an embargo would publish too early: the rights count as not determined until it is readable
            status = RightsStatus.UNDETERMINED
            notes.add(
                "value-not-understood",
                f"not_before {only('not_before')!r} is not a day such as 2027-01-31; the document is held back",
            )
    if status is RightsStatus.UNDETERMINED:
        notes.add(
            "rights-undetermined", "the rights are not determined; the document will not be published until they are"
        )
    return Rights(
        status, only("rights_basis") or start.basis, only("cleared_by") or start.cleared_by, day, only("rights_holder")
    )


def _languages(said: list[str], context: Context, notes: Notes) -> tuple[str, ...]:
    known: dict[str, None] = {}
    for value in said:
        code = iso639_2b(value)
        if code:
            known[code] = None
        else:
            notes.add("language-unknown", f"the language {value!r} is not known; give an ISO 639 code such as fre")
    return tuple(known) or ((context.language,) if context.language else ())


def _place(said: str, notes: Notes) -> Place:
    label, at, point = said.rpartition("@")
    where = read_coordinates(point) if at else None
    if at and not where:
        if re.fullmatch(r"[\d\s.,;+-]+", point):
            notes.add("value-not-understood", f"the coordinates {point!r} are not latitude and longitude in degrees")
        else:
            label = said
    name, uri = _authority(label if at else said)
    return Place(name, where[0] if where else None, where[1] if where else None, uri)


def _whole(said: str, typology: Typology) -> Whole | None:
    if not said:
        return None
    label, identifier = _authority(said)
    return Whole(label, identifier, "", WholeKind.PERIODICAL if typology is Typology.PRESS else WholeKind.MULTIVOLUME)


def _publisher(said: str) -> tuple[str, str]:
    match = _IN_BRACKETS.search(said)
    name = said[: match.start()].strip() if match and not match["after"] else ""
    return (name, match["inside"].strip()) if match and name else (said, "")


def _authority(said: str) -> tuple[str, str]:
    plain = said.strip()
    match = _AUTHORITY.search(plain)
    if match:
        return (plain[: match.start()].strip() or match["uri"], match["uri"])
    return plain, ""
