"""A description from Dublin Core elements and terms, whether they come from a table's cells or from XML.

DCMI Metadata Terms, with the conventions of docs/reference/delivery-table.md: `Nom, Prénom (dates). Rôle <URI>`,
`Nom [collectivité]. Rôle`, `Éditeur (Ville)`, `Lille (Nord) <URI> @50.6372,3.0633`.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from difflib import get_close_matches

from server.delivery.context import find_typology
from server.delivery.rights import Stated, context_rights, state_rights
from server.delivery.rules import Notes
from server.delivery.values import Context
from server.formats.crosswalk import Statement, read_crosswalk
from server.formats.mods import read_coordinates
from server.model.dates import to_edtf
from server.model.description import (
    Date,
    DateKind,
    Description,
    Person,
    Place,
    Subject,
    SubjectKind,
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
from server.model.words import fold
from server.told import told

ALIASES = {rule.path.lower(): rule.term for rule in read_crosswalk("dc").rules}
"""Names of elements and columns in lower case, to the terms that they mean here."""

KNOWN = frozenset(ALIASES.values()) | {
    "rights_basis",
    "cleared_by",
    "not_before",
    "genre",
    "rights_holder",
}

_TYPOLOGY_WORDS: tuple[tuple[str, Typology], ...] = (
    ("postcard", Typology.POSTCARDS), ("carte postale", Typology.POSTCARDS),
    ("newspaper", Typology.PRESS), ("periodical", Typology.PRESS), ("journal", Typology.PRESS), ("presse", Typology.PRESS),
    ("letter", Typology.LETTERS), ("correspond", Typology.LETTERS), ("lettre", Typology.LETTERS),
    ("manuscript", Typology.MANUSCRIPTS), ("manuscrit", Typology.MANUSCRIPTS),
    ("photograph", Typology.PHOTOGRAPHS), ("carte", Typology.MAPS), ("plan", Typology.MAPS), ("map", Typology.MAPS),
    ("poster", Typology.ICONOGRAPHY), ("affiche", Typology.ICONOGRAPHY), ("print", Typology.ICONOGRAPHY),
    ("estampe", Typology.ICONOGRAPHY), ("picture", Typology.ICONOGRAPHY),
    ("archiv", Typology.ARCHIVES), ("register", Typology.ARCHIVES), ("registre", Typology.ARCHIVES),
    ("monograph", Typology.BOOKS), ("imprime", Typology.BOOKS), ("book", Typology.BOOKS), ("livre", Typology.BOOKS),
)  # fmt: skip
_VAGUE_WORDS: tuple[tuple[str, Typology], ...] = (
    ("cartographic", Typology.MAPS),
    ("still image", Typology.ICONOGRAPHY),
    ("volume", Typology.BOOKS),
    ("text", Typology.BOOKS),
)
"""Words that say little (MODS typeOfResource): they count after what is said of the whole delivery."""

_SUBJECTS = {
    "dc:subject": SubjectKind.TOPIC,
    "subject.person": SubjectKind.PERSON,
    "subject.place": SubjectKind.PLACE,
    "subject.period": SubjectKind.PERIOD,
}

# each is searched for in one pass: a cell may be long, and made to take for ever
_AUTHORITY = re.compile(r"<(?P<uri>[^<>\s]+)>$")
_IN_BRACKETS = re.compile(r"\((?P<inside>[^()]+)\)(?P<after>[^()]*)$")
_MARK = re.compile(r"\[(?P<inside>[^\[\]]{1,40})\]")
_BODY = frozenset({"collectivite", "organisme", "corporate body", "corporate"})
_PERSON = frozenset({"personne", "person"})
_ALIKE = 0.9
"""A letter too many or too few makes a mark still known; `organiste` is a profession."""

_SPREADSHEET = re.compile(
    r"^(?:#+|[2-5]\d{4}(?:[.,]\d+)?|\d{1,4}[/-]\d{1,2}[/-]\d{1,4} \d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?|"
    r"(?:janv?|f[ée]vr?|mars?|avr|apr|mai|may|juin|jun|juil|jul|ao[uû]t|aug|sept?|oct|nov|d[ée]c)\.?-\d{2}|\d{1,2}-(?:janv?|f[ée]vr?|mars?|avr|apr|mai|"
    r"may|juin|jun|juil|jul|ao[uû]t|aug|sept?|oct|nov|d[ée]c)\.?)$",
    re.IGNORECASE,
)


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

    titles = _titles(each("dc:title"), each("title.parallel"), each("dcterms:alternative"), context)
    if not titles:
        notes.add("title-missing", told("the document has no title; give one in dc:title"))
    typology = read_typology(
        [statement.value for statement in each("dc:type")],
        context,
        notes,
        [statement.value for statement in each("typology.hint")],
    )
    if not titles or typology is None:
        return None
    publisher, publication_place = _publisher(each("dc:publisher"), only("publication_place"))
    return Description(
        titles=titles,
        typology=typology,
        rights=_rights([*each("dc:rights"), *each("rights.restriction")], only, context, notes),
        people=tuple(_person(statement, notes) for statement in [*each("dc:creator"), *each("dc:contributor")]),
        dates=_dates(each("dc:date"), each("dcterms:created"), each("date.coded"), notes),
        places=tuple(_place(statement, notes) for statement in each("dcterms:spatial")),
        subjects=tuple(_subject(statement, kind) for term, kind in _SUBJECTS.items() for statement in each(term)),
        languages=_languages([statement.value for statement in each("dc:language")], context, notes),
        shelfmark=only("dc:source"),
        extent=" ; ".join(statement.value for statement in each("dc:format")),
        publisher=publisher,
        publication_place=publication_place,
        abstracts=tuple(Text(s.value, s.language) for s in each("dc:description")),
        part_of=_whole(each("dcterms:ispartof"), typology),
        genre=only("genre"),
        notes=tuple(Text(s.value, s.language) for s in each("note")),
    )


def read_typology(said: list[str], context: Context, notes: Notes, hints: Iterable[str] = ()) -> Typology | None:
    """Return the first typology that is said, else that of the context, else what the hints say; None, noted, without."""
    for value in said:
        typology = find_typology(value)
        if typology:
            return typology
    if context.typology:
        return Typology(context.typology)
    hinted = list(hints)
    for value in hinted:
        typology = find_typology(value)
        if typology:
            return typology
    if found := hint_typology([*said, *hinted]):
        return found
    shown = told("{said!r} is not a typology", said=said[0]) if said else told("the typology is not said")
    notes.add(
        "typology-unknown",
        told(
            "{shown}; give one of {names} in the document, in delivery.toml or on the command line",
            shown=shown,
            names=", ".join(Typology),
        ),
    )
    return None


def hint_typology(said: Iterable[str], *, vague: bool = False) -> Typology | None:
    """Return the typology that words of a record hint at, the first that any of them does; None where none does."""
    known = _TYPOLOGY_WORDS + (_VAGUE_WORDS if vague else ())
    for text in said:
        folded = f" {fold(text)}"
        for word, typology in known:
            if f" {word}" in folded:
                return typology
    return None


def read_person(said: str, notes: Notes) -> Person:
    """Read `Nom, Prénom (dates) [collectivité]. Rôle <URI>`; every part but the name may be absent.

    Without its mark nobody is a body: that a name has no comma says nothing.
    """
    label, uri = _authority(said)
    label, is_body = _read_mark(label, notes)
    match = _IN_BRACKETS.search(label)
    name = label[: match.start()].strip() if match else ""
    if match and name and re.search(r"\d|\?|\.\.\.", match["inside"]):
        said_role = match["after"].strip(" .,;")
        role = relator_code(said_role)
        if said_role and not role:
            notes.add(
                "role-unknown",
                told("the role {said_role!r} of {name!r} is not known; it is left out", said_role=said_role, name=name),
            )
        return Person(name, match["inside"].strip(), role, uri, is_body)
    name, point, tail = label.rpartition(". ")
    if point and (role := relator_code(tail)):
        return Person(name.strip(), "", role, uri, is_body)
    return Person(label, "", "", uri, is_body)


def _read_mark(label: str, notes: Notes) -> tuple[str, bool]:
    """Return a name without the mark that says what it is, and whether that is a body; other brackets stay in the name."""
    for mark in _MARK.finditer(label):
        said, name = fold(mark["inside"]).strip(), label[: mark.start()].rstrip()
        if name and said in _BODY | _PERSON:
            return (name + label[mark.end() :]).strip(), said in _BODY
        if get_close_matches(said, _BODY | _PERSON, 1, _ALIKE):
            notes.add(
                "value-not-understood",
                told(
                    "{said!r} in {label!r} is taken for a part of the name; write [collectivité] behind the name of a "
                    "corporate body and nothing for a person",
                    said=mark[0],
                    label=label,
                ),
            )
    return label, False


def read_date(said: str, kind: DateKind, notes: Notes) -> Date:
    """Read a date as written; notes what a spreadsheet seems to have rewritten, and what is not understood."""
    if _SPREADSHEET.match(said):
        notes.add(
            "date-typed-by-spreadsheet",
            told(
                "the date {said!r} looks as if a spreadsheet had rewritten it; format the column as text "
                "and type it again",
                said=said,
            ),
        )
        return Date("", said, kind)
    edtf = to_edtf(said)
    if not edtf and not re.match(r"^\W*(s\.?\s?d|n\.?\s?d|sans date|undated)\b", said, re.IGNORECASE):
        notes.add(
            "date-not-understood",
            told("the date {said!r} is not understood; it is shown as written and not indexed", said=said),
        )
    return Date(edtf, "" if edtf == said else said, kind)


def _titles(
    titles: list[Statement], parallel: list[Statement], alternatives: list[Statement], context: Context
) -> tuple[Title, ...]:
    found: list[Title] = []
    default = bcp47(context.language) or None
    for statement in titles:
        language = statement.language or (default if not found else None)
        other = bool(found) and statement.language and statement.language != found[0].language
        kind = TitleKind.MAIN if not found else TitleKind.PARALLEL if other else TitleKind.ALTERNATIVE
        found.append(Title(statement.value, language, kind))
    if found:
        found += [
            Title(statement.value, bcp47(statement.language or "") or None, TitleKind.PARALLEL)
            for statement in parallel
        ]
        found += [Title(statement.value, statement.language, TitleKind.ALTERNATIVE) for statement in alternatives]
    return tuple(found)


def _rights(said: list[Statement], only: Callable[[str], str], context: Context, notes: Notes) -> Rights:
    start = context_rights(context)
    status, _ = state_rights(
        [Stated(one.value, tuple(reversed(_authority(one.value))), one.name == "rights.restriction") for one in said],
        start.status,
        notes,
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
                told(
                    "not_before {only!r} is not a day such as 2027-01-31; the document is held back",
                    only=only("not_before"),
                ),
            )
    if status is RightsStatus.UNDETERMINED:
        notes.add(
            "rights-undetermined",
            told("the rights are not determined; the document will not be published until they are"),
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
            notes.add(
                "language-unknown",
                told("the language {value!r} is not known; give an ISO 639 code such as fre", value=value),
            )
    return tuple(known) or ((context.language,) if context.language else ())


def _person(statement: Statement, notes: Notes) -> Person:
    if statement.parts is None:
        return read_person(statement.value, notes)
    said = statement.part("role")
    role = relator_code(said)
    if said and not role:
        notes.add(
            "role-unknown",
            told("the role {said!r} of {value!r} is not known; it is left out", said=said, value=statement.value),
        )
    return Person(
        statement.value, statement.part("dates"), role, statement.part("uri"), is_body=statement.part("kind") == "body"
    )


def _dates(issued: list[Statement], created: list[Statement], coded: list[Statement], notes: Notes) -> tuple[Date, ...]:
    code = next((edtf for statement in coded if (edtf := _coded_date(statement.value))), "")
    found: list[Date] = []
    for statement in issued:
        if code and not to_edtf(statement.value) and not found:
            # what is printed may say little (`An VII`); the cataloguer's code says what it means
            found.append(Date(code, statement.value, DateKind.ISSUED))
        else:
            found.append(read_date(statement.value, DateKind.ISSUED, notes))
    if code and not found:
        found.append(Date(code, "", DateKind.ISSUED))
    found += [read_date(statement.value, DateKind.CREATED, notes) for statement in created]
    return tuple(found)


def _coded_date(said: str) -> str:
    """Return the EDTF of `1905`, `19..` (a decade or a century), or of two of them; empty for what says nothing."""
    ends = []
    for end in said.split("/"):
        digits = end.strip().rstrip("#|.? ")
        if not digits.isdecimal() or not 2 <= len(digits) <= 4 or digits == "9999":
            ends.append("")
            continue
        ends.append(digits.ljust(4, "X"))
    if len(ends) == 1 or ends[0] == ends[1]:
        return ends[0]
    if "X" in "".join(ends) or not ends[0]:
        return ends[0]
    return "/".join((ends[0], ends[1] or ".."))


def _subject(statement: Statement, kind: SubjectKind) -> Subject:
    if statement.parts is None:
        return Subject(*_authority(statement.value), kind)
    return Subject(statement.value, statement.part("uri"), kind)


def _place(statement: Statement, notes: Notes) -> Place:
    said = statement.value
    if statement.parts is not None:
        where = read_coordinates(statement.part("point"))
        return Place(said, where[0] if where else None, where[1] if where else None, statement.part("uri"))
    label, at, point = said.rpartition("@")
    where = read_coordinates(point) if at else None
    if at and not where:
        if re.fullmatch(r"[\d\s.,;+-]+", point):
            notes.add(
                "value-not-understood",
                told("the coordinates {point!r} are not latitude and longitude in degrees", point=point),
            )
        else:
            label = said
    name, uri = _authority(label if at else said)
    return Place(name, where[0] if where else None, where[1] if where else None, uri)


def _whole(said: list[Statement], typology: Typology) -> Whole | None:
    if not said:
        return None
    first = said[0]
    label, identifier = _authority(first.value) if first.parts is None else (first.value, first.part("identifier"))
    kind = WholeKind.PERIODICAL if typology is Typology.PRESS else WholeKind.MULTIVOLUME
    if first.part("kind"):
        kind = WholeKind(first.part("kind"))
    return Whole(label, identifier, first.part("number"), kind)


def _publisher(said: list[Statement], place: str) -> tuple[str, str]:
    if not said or said[0].parts is not None or place:
        return (said[0].value if said else "", place)
    match = _IN_BRACKETS.search(said[0].value)
    name = said[0].value[: match.start()].strip() if match and not match["after"] else ""
    return (name, match["inside"].strip()) if match and name else (said[0].value, "")


def _authority(said: str) -> tuple[str, str]:
    plain = said.strip()
    match = _AUTHORITY.search(plain)
    if match:
        return (plain[: match.start()].strip() or match["uri"], match["uri"])
    return plain, ""
