"""The Europeana Data Model for providers, metadataPrefix `edm` (EDM Mapping Guidelines 2.4; EDM-EXTERNAL-MAIN.xsd).

A record is one rdf:RDF: edm:ProvidedCHO, the edm:WebResources with their IIIF service, what persons, places, times and
subjects with an address of their own are (edm:Agent, edm:Place, edm:TimeSpan, skos:Concept), ore:Aggregation. The order of
elements is enforced there, and held to here by `_ordered`. Pure.
"""

import re
from collections.abc import Iterable

from server.model.dates import bounds
from server.model.description import Date, DateKind, SubjectKind, TitleKind
from server.model.languages import bcp47
from server.oai.formats.dates import literal_note, w3cdtf
from server.oai.formats.document import Document, Telling, thumbnail_of
from server.oai.formats.oai_dc import is_creator, publisher_words, source_words, titles
from server.oai.formats.types import document_types
from server.oai.formats.xml import about, clean, element, escape, is_address, resource

PREFIX = "edm"
NAMESPACE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SCHEMA = "http://www.europeana.eu/schemas/edm/EDM.xsd"

RIGHTS = re.compile(
    r"http://creativecommons\.org/publicdomain/(?:mark|zero)/1\.0/"
    r"|http://creativecommons\.org/licenses/(?:by|by-sa|by-nd|by-nc|by-nc-sa|by-nc-nd)/4\.0/"
    r"|http://rightsstatements\.org/vocab/(?:NoC-NC|NoC-OKLR|InC|InC-EDU|InC-OW-EU|CNE)/1\.0/"
)
"""Europeana's list, in the forms that it takes: 2 + 6 + 6 statements."""

IMAGE_API = "http://iiif.io/api/image"
LEVEL = "http://iiif.io/api/image/3/level2.json"

_OPENING = (
    f'<rdf:RDF xmlns:rdf="{NAMESPACE}" xmlns:edm="http://www.europeana.eu/schemas/edm/"'
    ' xmlns:ore="http://www.openarchives.org/ore/terms/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:dcterms="http://purl.org/dc/terms/" xmlns:skos="http://www.w3.org/2004/02/skos/core#"'
    ' xmlns:wgs84_pos="http://www.w3.org/2003/01/geo/wgs84_pos#" xmlns:svcs="http://rdfs.org/sioc/services#"'
    ' xmlns:doap="http://usefulinc.com/ns/doap#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    f' xsi:schemaLocation="{NAMESPACE} {SCHEMA}">'
)
_ORDER = (
    "dc:contributor", "dc:coverage", "dc:creator", "dc:date", "dc:description", "dc:format", "dc:identifier",
    "dc:language", "dc:publisher", "dc:relation", "dc:rights", "dc:source", "dc:subject", "dc:title", "dc:type",
    "dcterms:alternative", "dcterms:created", "dcterms:extent", "dcterms:hasPart", "dcterms:isPartOf", "dcterms:issued",
    "dcterms:spatial", "dcterms:temporal", "edm:type",
)  # fmt: skip
_TYPES = {"text": "TEXT", "image": "IMAGE", "sound": "SOUND", "video": "VIDEO"}

Said = tuple[str, str]
"""An element's name, and the whole element."""


def write_edm(document: Document, telling: Telling) -> bytes | None:
    """Return the whole `<metadata>` element; None where Europeana has no statement for the rights of the document."""
    words = telling.profile.rights_words(document.item.description.rights)
    if words is None or not RIGHTS.fullmatch(words.uri) or not document.item.public_views:
        return None
    said: list[Said] = []
    contexts: dict[str, str] = {}
    _describe(document, telling, said)
    _point(document, said, contexts)
    whole = (
        about("edm:ProvidedCHO", document.address, _ordered(said))
        + _web_resources(document, words.uri)
        + "".join(contexts.values())
        + _aggregation(document, telling, words.uri)
        + _services(document)
    )
    return f"<metadata>{_OPENING}{whole}</rdf:RDF></metadata>".encode()


def shown_image(document: Document) -> str:
    """Return the address of the image that stands for a document, whole (edm:isShownBy)."""
    return document.addresses.image_file(document.item.face.image)


def _describe(document: Document, telling: Telling, said: list[Said]) -> None:
    """Add what is said in words."""
    described = document.item.description

    def say(name: str, text: str, language: str | None = None) -> None:
        if told := clean(text):
            said.append((name, element(name, told, language)))

    say("dc:identifier", document.ark)
    say("dc:identifier", document.known_as)
    for title in titles(document, telling.profile):
        say("dcterms:alternative" if title.kind is TitleKind.ALTERNATIVE else "dc:title", title.value, title.language)
    for text in (*described.abstracts, *described.notes):
        say("dc:description", text.value, text.language)
    for date in described.dates:
        say("dc:description", literal_note(date), "fr")
    say("dc:publisher", publisher_words(described))
    say("dc:source", source_words(document.item))
    say("dcterms:extent", described.extent, "fr")
    for language in described.languages:
        say("dc:language", bcp47(language))
    kinds = document_types(described)
    for kind in kinds:
        say("dc:type", kind.french, "fr")
        say("dc:type", kind.english, "en")
    say("edm:type", _TYPES[kinds[0].main])


def _point(document: Document, said: list[Said], contexts: dict[str, str]) -> None:
    """Add persons, subjects, places, times and links: what has an address is pointed to and told of for itself."""
    described = document.item.description

    def point(name: str, label: str, address: str, told: str = "") -> None:
        if is_address(address):
            said.append((name, resource(name, address)))
            if told:
                contexts.setdefault(address, told)
        elif clean(label):
            said.append((name, element(name, clean(label))))

    for person in described.people:
        name = "dc:subject" if person.role == "dpc" else "dc:creator" if is_creator(person) else "dc:contributor"
        label = f"{person.name} ({person.dates})" if person.dates else person.name
        agent = about("edm:Agent", person.uri, _label(person.name) + _label(person.dates, name="skos:note"))
        point(name, label, person.uri, agent)
    for subject in described.subjects:
        kind = {
            SubjectKind.PERSON: "edm:Agent",
            SubjectKind.PLACE: "edm:Place",
            SubjectKind.PERIOD: "edm:TimeSpan",
        }.get(subject.kind, "skos:Concept")
        name = {SubjectKind.PERIOD: "dcterms:temporal"}.get(subject.kind, "dc:subject")
        label = _label(subject.label, "fr")
        point(name, subject.label, subject.uri, about(kind, subject.uri, label))
    for number, place in enumerate(described.places, start=1):
        is_located = place.latitude is not None and place.longitude is not None
        address = place.uri or (f"{document.address}#lieu-{number}" if is_located else "")
        where = f"<wgs84_pos:lat>{place.latitude}</wgs84_pos:lat><wgs84_pos:long>{place.longitude}</wgs84_pos:long>"
        label = _label(place.label, "fr")
        point(
            "dcterms:spatial", place.label, address, about("edm:Place", address, (where if is_located else "") + label)
        )
    for number, date in enumerate(described.dates, start=1):
        name = "dcterms:created" if date.kind is DateKind.CREATED else "dcterms:issued"
        span = _time_span(f"{document.address}#date-{number}", date)
        point(name, w3cdtf(date.edtf), f"{document.address}#date-{number}" if span else "", span)
    for link in document.wholes:
        said.append(("dcterms:isPartOf", resource("dcterms:isPartOf", link.address)))
    if not document.wholes and described.part_of is not None:
        point("dcterms:isPartOf", described.part_of.label, "")
    for link in document.parts:
        said.append(("dcterms:hasPart", resource("dcterms:hasPart", link.address)))


def _time_span(address: str, date: Date) -> str:
    """Return what a date is that lasts longer than a year; empty for one that a literal says whole."""
    limits = bounds(date.edtf)
    if limits.earliest is None or limits.latest is None or limits.earliest.year == limits.latest.year:
        return ""
    label = _label(date.literal, "fr") or _label(w3cdtf(date.edtf))
    edges = element("edm:begin", limits.earliest.isoformat()) + element("edm:end", limits.latest.isoformat())
    return about("edm:TimeSpan", address, label + edges)


def _label(text: str, language: str | None = None, *, name: str = "skos:prefLabel") -> str:
    """Return what something is called; empty where nobody said it."""
    told = clean(text)
    return element(name, told, language) if told else ""


def _ordered(said: Iterable[Said]) -> str:
    """Join elements in the order that the schema wants, each once."""
    unique = dict.fromkeys(said)
    return "".join(whole for _, whole in sorted(unique, key=lambda each: _ORDER.index(each[0])))


def _web_resources(document: Document, rights: str) -> str:
    """Return the image that is shown with its IIIF service, the other views, the page."""
    addresses, item = document.addresses, document.item
    views = [item.face] if document.is_whole else item.public_views
    told = []
    for view in views:
        content = (
            element("dc:format", "image/jpeg")
            + resource("edm:rights", rights)
            + resource("dcterms:isReferencedBy", addresses.manifest(item.name))
            + resource("svcs:has_service", addresses.image(view.image))
        )
        told.append(about("edm:WebResource", addresses.image_file(view.image), content))
    return "".join(told)


def _services(document: Document) -> str:
    item = document.item
    views = [item.face] if document.is_whole else item.public_views
    content = resource("dcterms:conformsTo", IMAGE_API) + resource("doap:implements", LEVEL)
    return "".join(about("svcs:Service", document.addresses.image(view.image), content) for view in views)


def _aggregation(document: Document, telling: Telling, rights: str) -> str:
    addresses, item = document.addresses, document.item
    shown = shown_image(document)
    others = () if document.is_whole else tuple(view for view in item.public_views if view.image != item.face.image)
    institution = item.institution
    label = institution.label.get("fr") or next(iter(institution.label.values()), institution.name)
    content = (
        resource("edm:aggregatedCHO", document.address)
        + element("edm:dataProvider", clean(label))
        + "".join(resource("edm:hasView", addresses.image_file(view.image)) for view in others)
        + resource("edm:isShownAt", document.address)
        + resource("edm:isShownBy", shown)
        + resource("edm:object", thumbnail_of(document, telling.thumbnail))
        + element("edm:provider", clean(telling.provider or label))
        + resource("edm:rights", rights)
    )
    return f'<ore:Aggregation rdf:about="{escape(document.address)}#aggregation">{content}</ore:Aggregation>'
