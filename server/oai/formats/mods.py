"""MODS, metadataPrefix `mods` (MODS 3.8, www.loc.gov/standards/mods), one document at a time; METS carries the same. Pure."""

from collections.abc import Iterator

from server.model.description import Date, DateKind, Person, SubjectKind, TitleKind, Typology, WholeKind
from server.model.labels import role_label
from server.model.languages import iso639_2b
from server.oai.formats.dates import w3cdtf
from server.oai.formats.document import Document, Telling, thumbnail_of
from server.oai.formats.oai_dc import titles
from server.oai.formats.types import document_types
from server.oai.formats.xml import clean, element, lawful_language, lawful_uri, tag

PREFIX = "mods"
NAMESPACE = "http://www.loc.gov/mods/v3"
SCHEMA = "http://www.loc.gov/standards/mods/v3/mods-3-8.xsd"

_RESOURCE = {
    Typology.MAPS: "cartographic", Typology.POSTCARDS: "still image", Typology.PHOTOGRAPHS: "still image",
    Typology.ICONOGRAPHY: "still image",
}  # fmt: skip
_HANDWRITTEN = frozenset({Typology.MANUSCRIPTS, Typology.LETTERS})


def write_mods(document: Document, telling: Telling) -> bytes:
    """Return the whole `<metadata>` element of a record."""
    return f"<metadata>{mods_element(document, telling)}</metadata>".encode()


def mods_element(document: Document, telling: Telling) -> str:
    """Return the `<mods:mods>` element of a document."""
    return tag(
        "mods:mods",
        "".join(_parts(document, telling)),
        xmlns__mods=NAMESPACE,
        xmlns__xlink="http://www.w3.org/1999/xlink",
        xmlns__xsi="http://www.w3.org/2001/XMLSchema-instance",
        version="3.8",
        xsi__schemaLocation=f"{NAMESPACE} {SCHEMA}",
    )


def _parts(document: Document, telling: Telling) -> Iterator[str]:
    item = document.item
    described = item.description
    for title in titles(document, telling.profile):
        kind = {TitleKind.PARALLEL: "translated", TitleKind.ALTERNATIVE: "alternative"}.get(title.kind, "")
        yield tag(
            "mods:titleInfo", _text("mods:title", title.value), type=kind, xml__lang=lawful_language(title.language)
        )
    for person in described.people:
        if person.role != "dpc":
            yield _name(person)
    manuscript = "yes" if described.typology in _HANDWRITTEN else ""
    yield tag("mods:typeOfResource", _RESOURCE.get(described.typology, "text"), manuscript=manuscript)
    for genre in document_types(described):
        yield element("mods:genre", genre.french, "fr")
        yield element("mods:genre", genre.english, "en")
    yield _origin(document)
    for language in described.languages:
        if code := iso639_2b(language):
            term = tag("mods:languageTerm", code, type="code", authority="iso639-2b")
            yield tag("mods:language", term)
    yield _physical(document)
    for abstract in described.abstracts:
        yield _text("mods:abstract", abstract.value, abstract.language)
    for note in described.notes:
        yield _text("mods:note", note.value, note.language)
    yield from _subjects(document)
    yield from _related(document)
    if document.ark:
        yield tag("mods:identifier", document.ark, type="ark")
    yield tag("mods:identifier", _escaped(document.address), type="uri")
    yield _text("mods:identifier", document.known_as)
    yield _location(document, telling)
    words = telling.profile.rights_words(described.rights)
    if words is not None:
        for language, text in words.texts.items():
            yield tag(
                "mods:accessCondition", _escaped(text), type="use and reproduction", xlink__href=words.uri,
                xml__lang=language,
            )  # fmt: skip


def _text(name: str, value: str, language: str | None = None) -> str:
    told = clean(value)
    return element(name, told, language) if told else ""


def _escaped(value: str) -> str:
    return element("x", clean(value))[3:-4]


def _name(person: Person) -> str:
    parts = _text("mods:namePart", person.name)
    if clean(person.dates):
        parts += tag("mods:namePart", _escaped(person.dates), type="date")
    if person.role:
        code = tag("mods:roleTerm", _escaped(person.role), type="code", authority="marcrelator")
        words = tag("mods:roleTerm", _escaped(role_label(person.role).get("fr", "")), type="text")
        parts += tag("mods:role", code + words)
    return tag("mods:name", parts, type=_type(person), valueURI=lawful_uri(person.uri))


def _type(person: Person) -> str:
    """Return what MODS calls a body; whoever is not said to be one may be one all the same."""
    return "corporate" if person.is_body else ""


def _origin(document: Document) -> str:
    described = document.item.description
    place = described.publication_place
    parts = tag("mods:place", tag("mods:placeTerm", _escaped(place), type="text")) if clean(place) else ""
    parts += _text("mods:publisher", described.publisher)
    key = next((date for date in described.dates if w3cdtf(date.edtf)), None)
    parts += "".join(_date(date, is_key=date is key) for date in described.dates)
    if document.is_whole and described.typology is Typology.PRESS:
        parts += element("mods:issuance", "serial")
    return tag("mods:originInfo", parts) if parts else ""


def _date(date: Date, *, is_key: bool) -> str:
    """Return a date; of several one alone is the key date, that sorts (MODS user guidelines, keyDate)."""
    name = "mods:dateCreated" if date.kind is DateKind.CREATED else "mods:dateIssued"
    known = w3cdtf(date.edtf)
    doubt = "approximate" if "~" in date.edtf else "questionable" if "?" in date.edtf or "%" in date.edtf else ""
    start, slash, end = known.partition("/")
    key = "yes" if is_key else ""
    told = ""
    if slash:
        told += tag(name, start, encoding="w3cdtf", point="start", keyDate=key, qualifier=doubt)
        told += tag(name, end, encoding="w3cdtf", point="end", qualifier=doubt)
    elif known:
        told += tag(name, known, encoding="w3cdtf", keyDate=key, qualifier=doubt)
    if date.literal and date.literal.strip() != known:
        told += _text(name, date.literal)
    return told


def _physical(document: Document) -> str:
    parts = _text("mods:extent", document.item.description.extent)
    parts += element("mods:internetMediaType", "image/jpeg") + element("mods:digitalOrigin", "reformatted digital")
    return tag("mods:physicalDescription", parts)


def _subjects(document: Document) -> Iterator[str]:
    described = document.item.description
    inner = {SubjectKind.PLACE: "mods:geographic", SubjectKind.PERIOD: "mods:temporal", SubjectKind.TOPIC: "mods:topic"}
    for subject in described.subjects:
        if subject.kind is SubjectKind.PERSON:
            yield tag(
                "mods:subject",
                tag("mods:name", _text("mods:namePart", subject.label), valueURI=lawful_uri(subject.uri)),
            )
        else:
            yield tag("mods:subject", _text(inner[subject.kind], subject.label), valueURI=lawful_uri(subject.uri))
    for person in described.people:
        if person.role == "dpc":
            yield tag(
                "mods:subject",
                tag(
                    "mods:name",
                    _text("mods:namePart", person.name),
                    type=_type(person),
                    valueURI=lawful_uri(person.uri),
                ),
            )
    for place in described.places:
        parts = _text("mods:geographic", place.label)
        if place.latitude is not None and place.longitude is not None:
            point = f"{place.latitude}, {place.longitude}"
            parts += tag("mods:cartographics", element("mods:coordinates", point))
        yield tag("mods:subject", parts, valueURI=lawful_uri(place.uri))


def _related(document: Document) -> Iterator[str]:
    whole = document.item.description.part_of
    address = document.wholes[0].address if document.wholes else ""
    if whole is not None:
        parts = tag("mods:titleInfo", _text("mods:title", whole.label))
        if whole.kind is WholeKind.PERIODICAL:
            parts += tag("mods:originInfo", element("mods:issuance", "serial"))
        if clean(whole.identifier):
            parts += _text("mods:identifier", whole.identifier)
        if clean(whole.number):
            kind = "issue" if whole.kind is WholeKind.PERIODICAL else "volume"
            parts += tag("mods:part", tag("mods:detail", _text("mods:number", whole.number), type=kind))
        yield tag("mods:relatedItem", parts, type="host", xlink__href=address)
    for link in document.parts:
        title = tag("mods:titleInfo", _text("mods:title", link.label)) if clean(link.label) else ""
        yield tag("mods:relatedItem", title, type="constituent", xlink__href=link.address)


def _location(document: Document, telling: Telling) -> str:
    institution = document.item.institution
    holder = institution.label.get("fr") or next(iter(institution.label.values()), institution.name)
    kept = _text("mods:physicalLocation", holder) + _text("mods:shelfLocator", document.item.description.shelfmark)
    links = tag("mods:url", _escaped(document.address), usage="primary display", access="object in context")
    if thumbnail := thumbnail_of(document, telling.thumbnail):
        links += tag("mods:url", _escaped(thumbnail), access="preview")
    if telling.manifest:
        links += tag("mods:url", _escaped(document.manifest), note="IIIF manifest")
    return tag("mods:location", kept) + tag("mods:location", links)
