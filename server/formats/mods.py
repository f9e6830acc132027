"""Reading MODS 3.x: the pieces of a description, in the vocabulary of `server/model/description.py`.

MODS User Guidelines 3: titleInfo, name, originInfo, language, physicalDescription, subject, location, relatedItem,
accessCondition, identifier. Also takes `mods` without a namespace, as CCS docWorks writes it. Rights and typology are
not decided here: accessCondition, genre and typeOfResource are handed on as written. No database.
"""

import re
from dataclasses import dataclass, field

from lxml import etree

from server.formats.xml import XLINK_HREF, XML_LANG, children, first, local, words
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

_SUBJECT_PARTS: dict[str, SubjectKind] = {
    "topic": SubjectKind.TOPIC,
    "name": SubjectKind.PERSON,
    "geographic": SubjectKind.PLACE,
    "hierarchicalGeographic": SubjectKind.PLACE,
    "temporal": SubjectKind.PERIOD,
    "titleInfo": SubjectKind.TOPIC,
    "occupation": SubjectKind.TOPIC,
    "genre": SubjectKind.TOPIC,
}
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
    """Read a `mods` element, or the first of a `modsCollection`."""
    if local(element) == "modsCollection":
        element = first(element, "mods") if first(element, "mods") is not None else element  # type: ignore[assignment]
    languages, unknown = _languages(element)
    places, subjects = _subjects(element)
    record_names = [
        words(name) for info in children(element, "recordInfo") for name in children(info, "recordIdentifier")
    ]
    origins = list(children(element, "originInfo"))
    publication = _publication(origins)
    return ModsRecord(
        titles=_titles(element),
        people=_people(element),
        dates=tuple(date for origin in origins for date in _dates(origin)),
        places=places,
        subjects=subjects,
        languages=languages,
        shelfmark=_shelfmark(element),
        extent=" ; ".join(
            text
            for part in children(element, "physicalDescription")
            for found in children(part, "extent")
            if (text := words(found))
        ),
        publisher=publication[0],
        publication_place=publication[1],
        abstracts=_texts(element, "abstract"),
        notes=_texts(element, "note"),
        part_of=_host(element),
        genre=next((text for found in children(element, "genre") if (text := words(found))), ""),
        resource_type=next((text for found in children(element, "typeOfResource") if (text := words(found))), ""),
        identifiers=tuple(
            (found.get("type", ""), text) for found in children(element, "identifier") if (text := words(found))
        )
        + tuple(("record", name) for name in record_names if name),
        conditions=tuple(
            (found.get("type", ""), said)
            for found in children(element, "accessCondition")
            for said in (found.get(XLINK_HREF) or found.get("href") or "", words(found))
            if said
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


def _titles(element: etree._Element) -> tuple[Title, ...]:
    titles: list[Title] = []
    for info in children(element, "titleInfo"):
        value = _title_text(info)
        if not value:
            continue
        language = _language_of(info) or next((_language_of(t) for t in children(info, "title")), None)
        kind = {"translated": TitleKind.PARALLEL, "alternative": TitleKind.ALTERNATIVE}.get(info.get("type", ""))
        if info.get("type") in ("abbreviated", "uniform"):
            kind = TitleKind.ALTERNATIVE
        if kind is None:
            mains = [title for title in titles if title.kind is TitleKind.MAIN]
            other = mains and language and mains[0].language and language != mains[0].language
            kind = TitleKind.MAIN if not mains else TitleKind.PARALLEL if other else TitleKind.ALTERNATIVE
        titles.append(Title(value, language, kind))
    if titles and all(title.kind is not TitleKind.MAIN for title in titles):
        titles[0] = Title(titles[0].value, titles[0].language)
    return tuple(titles)


def _title_text(info: etree._Element) -> str:
    article = words(first(info, "nonSort"))
    title = words(first(info, "title"))
    if not title:
        return ""
    text = f"{article}{'' if article.endswith((chr(39), '’')) else ' '}{title}" if article else title
    subtitle = words(first(info, "subTitle"))
    if subtitle:
        text += f" : {subtitle}"
    parts = ", ".join(
        part for name in ("partNumber", "partName") for found in children(info, name) if (part := words(found))
    )
    return f"{text}. {parts}" if parts else text


def _people(element: etree._Element) -> tuple[Person, ...]:
    people = []
    for name in children(element, "name"):
        parts: dict[str, str] = {}
        for part in children(name, "namePart"):
            parts.setdefault(part.get("type", ""), words(part))
        person = parts.get("") or ", ".join(part for part in (parts.get("family"), parts.get("given")) if part)
        person = person or words(first(name, "displayForm"))
        if not person:
            continue
        role = ""
        for term in (term for found in children(name, "role") for term in children(found, "roleTerm")):
            role = role or relator_code(words(term)) or relator_code(term.get("valueURI", ""))
        people.append(Person(person, parts.get("date", ""), role, _uri(name)))
    return tuple(people)


def _uri(element: etree._Element) -> str:
    said = element.get("valueURI", "").strip() or element.get(XLINK_HREF, "").strip()
    return said if said.startswith(("http://", "https://")) else ""


def _dates(origin: etree._Element) -> list[Date]:
    dates: list[Date] = []
    for name, kind in (
        ("dateIssued", DateKind.ISSUED),
        ("dateCreated", DateKind.CREATED),
        ("dateCaptured", None),
        ("copyrightDate", DateKind.ISSUED),
    ):
        found = [date for date in children(origin, name) if words(date)]
        if not found or kind is None or (name == "copyrightDate" and dates):
            continue
        start = next((date for date in found if date.get("point") == "start"), None)
        end = next((date for date in found if date.get("point") == "end"), None)
        if start is not None and end is not None:
            both = f"{_one_date(start)}/{_one_date(end)}"
            known = bounds(both).earliest and bounds(both).latest
            literal = f"{words(start)}-{words(end)}"
            dates.append(Date(both if known else to_edtf(literal), literal, kind))
            continue
        chosen = next((date for date in found if date.get("keyDate") == "yes"), found[0])
        # a coded date says what it means, the one in words says how it is printed
        coded = next((date for date in found if date.get("encoding") in ("w3cdtf", "iso8601", "edtf")), chosen)
        written = next((date for date in found if not date.get("encoding")), chosen)
        dates.append(Date(_one_date(coded), words(written), kind))
    return dates


def _one_date(element: etree._Element) -> str:
    qualifier = element.get("qualifier", "")
    return qualified(
        to_edtf(words(element)), approximate=qualifier == "approximate", uncertain=qualifier == "questionable"
    )


def _publication(origins: list[etree._Element]) -> tuple[str, str]:
    publisher = place = ""
    for origin in origins:
        publisher = publisher or words(first(origin, "publisher"))
        for term in (term for found in children(origin, "place") for term in children(found, "placeTerm")):
            if term.get("type", "text") == "text":
                place = place or words(term)
    return publisher, place


def _languages(element: etree._Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    known: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for language in children(element, "language"):
        terms = [words(term) for term in children(language, "languageTerm")] or [words(language)]
        codes = [code for term in terms if (code := iso639_2b(term))]
        if codes:
            known[codes[0]] = None
        else:
            unknown.update(dict.fromkeys(term for term in terms if term))
    return tuple(known), tuple(unknown)


def _language_of(element: etree._Element) -> str | None:
    said = element.get(XML_LANG) or element.get("lang") or ""
    return bcp47(said) or None


def _texts(element: etree._Element, name: str) -> tuple[Text, ...]:
    return tuple(Text(text, _language_of(found)) for found in children(element, name) if (text := words(found)))


def _subjects(element: etree._Element) -> tuple[tuple[Place, ...], tuple[Subject, ...]]:
    places: list[Place] = []
    subjects: list[Subject] = []
    for subject in children(element, "subject"):
        parts = [part for part in children(subject, *_SUBJECT_PARTS) if words(part)]
        point: tuple[float, float] | None = next(
            (
                where
                for graphic in children(subject, "cartographics")
                for written in children(graphic, "coordinates")
                if (where := read_coordinates(words(written)))
            ),
            None,
        )
        if not parts:
            continue
        uri = _uri(subject) or next((found for part in parts if (found := _uri(part))), "")
        if all(_SUBJECT_PARTS[local(part)] is SubjectKind.PLACE for part in parts):
            label = " -- ".join(_subject_part(part) for part in parts)
            places.append(Place(label, point[0] if point else None, point[1] if point else None, uri))
        else:
            subjects.append(
                Subject(" -- ".join(_subject_part(part) for part in parts), uri, _SUBJECT_PARTS[local(parts[0])])
            )
    return tuple(places), tuple(subjects)


def _subject_part(element: etree._Element) -> str:
    if local(element) == "hierarchicalGeographic":
        return ", ".join(reversed([text for part in children(element) if (text := words(part))]))
    if local(element) == "titleInfo":
        return _title_text(element)
    if local(element) == "name":
        return ", ".join(text for part in children(element, "namePart") if (text := words(part)))
    return words(element)


def _shelfmark(element: etree._Element) -> str:
    for location in children(element, "location"):
        for found in location.iter():
            if local(found) == "shelfLocator" and words(found):
                return words(found)
    return next((words(found) for found in children(element, "identifier") if found.get("type") == "shelfmark"), "")


def _host(element: etree._Element) -> Whole | None:
    for related in children(element, "relatedItem"):
        if related.get("type") not in ("host", "series"):
            continue
        label = next((text for info in children(related, "titleInfo") if (text := _title_text(info))), "")
        if not label:
            continue
        identifiers = [text for found in children(related, "identifier") if (text := words(found))]
        identifiers += [
            words(name) for info in children(related, "recordInfo") for name in children(info, "recordIdentifier")
        ]
        numbers = [
            text
            for holder in (related, element)
            for part in children(holder, "part")
            for detail in children(part, "detail")
            for found in children(detail, "number")
            if (text := words(found))
        ]
        kind = WholeKind.PERIODICAL if _is_periodical(related) or _is_periodical(element) else WholeKind.MULTIVOLUME
        return Whole(label, identifiers[0] if identifiers else "", numbers[0] if numbers else "", kind)
    return None


def _is_periodical(element: etree._Element) -> bool:
    genres = " ".join(words(found).lower() for found in children(element, "genre"))
    issuance = " ".join(
        words(found) for origin in children(element, "originInfo") for found in children(origin, "issuance")
    )
    return any(word in genres for word in ("newspaper", "periodical", "journal", "presse", "périodique", "revue")) or (
        issuance in ("continuing", "serial")
    )
