"""Reading MODS 3.x: the pieces of a description, in the vocabulary of `server/model/description.py`.

`crosswalks/mods.toml` says what its elements mean (MODS User Guidelines 3); here is what needs a program: dates, headings of
several parts, kinds of titles. Also takes `mods` without a namespace, as CCS docWorks writes it. Rights and typology are
not decided here: accessCondition, genre and typeOfResource are handed on as written. No database.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from server.formats.crosswalk import Element, Statement, apply_rules, fill, read_crosswalk
from server.formats.xml import XLINK_HREF, children, first, local, words
from server.model.dates import bounds, qualified, to_edtf
from server.model.description import (
    Date,
    DateKind,
    Person,
    Place,
    Subject,
    SubjectKind,
    Text,
    Title,
    TitleKind,
    Whole,
    WholeKind,
)
from server.model.languages import bcp47, iso639_2b
from server.model.roles import relator_code

_BODIES = ("corporate", "conference")
_TITLE_KINDS = {
    "translated": TitleKind.PARALLEL,
    "alternative": TitleKind.ALTERNATIVE,
    "abbreviated": TitleKind.ALTERNATIVE,
    "uniform": TitleKind.ALTERNATIVE,
}
_PERIODICALS = ("newspaper", "periodical", "journal", "presse", "périodique", "revue")
_CONTINUING = ("continuing", "serial")
_DECIMAL = re.compile(r"^\s*([+-]?\d{1,3}(?:\.\d+)?)\s*[,;\s]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*$")
_SEXAGESIMAL = re.compile(
    r"([NSEWO])\s*(\d{1,3})\s*°\s*(?:(\d{1,2})\s*['′’]\s*)?(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"″”]|'')\s*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ModsRecord:
    """What one MODS record says. `identifiers` are (type, value) and `conditions` (type, text or URI), as written."""

    titles: tuple[Title, ...] = ()
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
    notes: tuple[Text, ...] = ()
    part_of: Whole | None = None
    genre: str = ""
    resource_type: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()
    unknown_languages: tuple[str, ...] = field(default=())

    def identifier(self, *kinds: str) -> str:
        """Return the first identifier of the first of these types that the record has; empty where it has none."""
        for kind in kinds:
            for found, value in self.identifiers:
                if found.lower() == kind:
                    return value
        return ""


def read_mods(element: etree._Element) -> ModsRecord:
    """Read a `mods` element, or the first of a `modsCollection`, by the rules of `crosswalks/mods.toml`.

    Where it holds what Goobi or Kitodo keep for themselves, those of `goobi.toml` are taken.
    """
    if local(element) == "modsCollection":
        element = first(element, "mods") if first(element, "mods") is not None else element  # type: ignore[assignment]
    node = Element(element)
    table = read_crosswalk("goobi" if list(node.select("extension/goobi")) else "mods")
    said: dict[str, list[Statement]] = {}
    for statement in apply_rules(table, node):
        said.setdefault(statement.name, []).append(statement)

    def each(term: str) -> list[Statement]:
        return said.get(term, [])

    def only(term: str) -> str:
        return next((statement.value for statement in each(term)), "")

    languages, unknown = _languages(each("dc:language"))
    places, subjects = _subjects(each("dc:subject"), table.maps.get("subjects", {}))
    return ModsRecord(
        titles=_titles(each("dc:title")),
        people=tuple(_person(statement) for statement in each("dc:creator")),
        dates=(
            *(_date(statement, DateKind.ISSUED) for statement in each("dc:date")),
            *(_date(statement, DateKind.CREATED) for statement in each("dcterms:created")),
        ),
        places=places,
        subjects=subjects,
        languages=languages,
        shelfmark=only("dc:source"),
        extent=" ; ".join(statement.value for statement in each("dc:format")),
        publisher=only("dc:publisher"),
        publication_place=only("publication_place"),
        abstracts=_texts(each("dc:description")),
        notes=_texts(each("note")),
        part_of=next((_whole(statement) for statement in each("dcterms:ispartof")), None),
        genre=only("genre"),
        resource_type=only("typology.hint"),
        identifiers=tuple((statement.part("type"), statement.value) for statement in each("dc:identifier")),
        conditions=tuple(
            (statement.part("type"), value)
            for statement in each("dc:rights")
            for value in dict.fromkeys((statement.value, statement.part("also")))
            if value
        ),
        unknown_languages=unknown,
    )


def read_coordinates(said: str) -> tuple[float, float] | None:
    """Return latitude and longitude from `50.63, 3.06` or `E 3°03'45" / N 50°38'13"`; None where it is neither.

    Where a rectangle is given, its middle is returned.
    """
    match = _DECIMAL.match(said)
    if match:
        return _on_earth(float(match[1]), float(match[2]))
    found: dict[str, list[float]] = {"lat": [], "lon": []}
    for letter, degrees, minutes, seconds in _SEXAGESIMAL.findall(said):
        value = int(degrees) + int(minutes or 0) / 60 + float(seconds or 0) / 3600
        axis = "lat" if letter.upper() in "NS" else "lon"
        found[axis].append(-value if letter.upper() in "SWO" else value)
    if not found["lat"] or not found["lon"]:
        return None
    return _on_earth(sum(found["lat"]) / len(found["lat"]), sum(found["lon"]) / len(found["lon"]))


def _on_earth(latitude: float, longitude: float) -> tuple[float, float] | None:
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _titles(said: Sequence[Statement]) -> tuple[Title, ...]:
    titles: list[Title] = []
    for statement in said:
        language, kind = bcp47(statement.language or "") or None, _TITLE_KINDS.get(statement.part("type"))
        if kind is None:
            mains = [title for title in titles if title.kind is TitleKind.MAIN]
            other = mains and language and mains[0].language and language != mains[0].language
            kind = TitleKind.MAIN if not mains else TitleKind.PARALLEL if other else TitleKind.ALTERNATIVE
        titles.append(Title(_with_part(statement), language, kind))
    if titles and all(title.kind is not TitleKind.MAIN for title in titles):
        titles[0] = Title(titles[0].value, titles[0].language)
    return tuple(titles)


def _with_part(statement: Statement) -> str:
    part = statement.part("part")
    return f"{statement.value}. {part}" if part else statement.value


def _person(statement: Statement) -> Person:
    roles = (code for term in statement.part("role").split(";") if (code := relator_code(term.strip())))
    return Person(
        statement.value, statement.part("dates"), next(roles, ""), _uri(statement.part("uri")),
        is_body=statement.part("kind") in _BODIES,
    )  # fmt: skip


def _uri(said: str) -> str:
    return said if said.startswith(("http://", "https://")) else ""


def _date(statement: Statement, kind: DateKind) -> Date:
    part = statement.part
    if part("start") and part("end"):
        both = f"{_edtf(part('start'), part('start_qualifier'))}/{_edtf(part('end'), part('end_qualifier'))}"
        known = bounds(both).earliest and bounds(both).latest
        literal = f"{part('start')}-{part('end')}"
        return Date(both if known else to_edtf(literal), literal, kind)
    # a coded date says what it means, the one in words says how it is printed
    written = part("written") or statement.value
    if part("coded"):
        return Date(_edtf(part("coded"), part("coded_qualifier")), written, kind)
    return Date(_edtf(statement.value, part("qualifier")), written, kind)


def _edtf(said: str, qualifier: str) -> str:
    return qualified(to_edtf(said), approximate=qualifier == "approximate", uncertain=qualifier == "questionable")


def _languages(said: Sequence[Statement]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    known: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for statement in said:
        terms = [term.strip() for term in statement.value.split(";") if term.strip()]
        codes = [code for term in terms if (code := iso639_2b(term))]
        if codes:
            known[codes[0]] = None
        else:
            unknown.update(dict.fromkeys(terms))
    return tuple(known), tuple(unknown)


def _texts(said: Sequence[Statement]) -> tuple[Text, ...]:
    return tuple(Text(statement.value, bcp47(statement.language or "") or None) for statement in said)


def _subjects(said: Sequence[Statement], kinds: Mapping[str, str]) -> tuple[tuple[Place, ...], tuple[Subject, ...]]:
    places: list[Place] = []
    subjects: list[Subject] = []
    for statement in said:
        if kind := statement.part("kind"):
            if kind == SubjectKind.PLACE:
                places.append(Place(statement.value))
            else:
                subjects.append(Subject(statement.value, "", SubjectKind(kind)))
            continue
        assert isinstance(statement.at, Element)
        parts = [part for part in children(statement.at.element, *kinds) if words(part)]
        if not parts:
            continue
        uri = _uri(statement.part("uri")) or next((found for part in parts if (found := _uri_of(part))), "")
        label = " -- ".join(_subject_part(part) for part in parts)
        if all(kinds[local(part)] == SubjectKind.PLACE for part in parts):
            point = read_coordinates(statement.part("coordinates"))
            places.append(Place(label, point[0] if point else None, point[1] if point else None, uri))
        else:
            subjects.append(Subject(label, uri, SubjectKind(kinds[local(parts[0])])))
    return tuple(places), tuple(subjects)


def _uri_of(element: etree._Element) -> str:
    return _uri(element.get("valueURI", "").strip() or element.get(XLINK_HREF, "").strip())


def _subject_part(element: etree._Element) -> str:
    if local(element) == "hierarchicalGeographic":
        return ", ".join(reversed([text for part in children(element) if (text := words(part))]))
    if local(element) == "titleInfo":
        return fill("{nonSort} {title}[ : {subTitle}][. {partNumber}][, {partName}]", Element(element), {})
    if local(element) == "name":
        return ", ".join(text for part in children(element, "namePart") if (text := words(part)))
    return words(element)


def _whole(statement: Statement) -> Whole:
    genres = statement.part("genre").lower()
    is_periodical = any(word in genres for word in _PERIODICALS) or any(
        statement.part(name) in _CONTINUING for name in ("issuance", "issuance_of_part")
    )
    kind = WholeKind.PERIODICAL if is_periodical else WholeKind.MULTIVOLUME
    return Whole(_with_part(statement), statement.part("identifier"), statement.part("number"), kind)
