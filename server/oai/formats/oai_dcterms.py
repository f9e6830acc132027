"""Qualified Dublin Core for harvesters, metadataPrefix `oai_dcterms` (DCMI Metadata Terms), as Omeka and others read it.

Everything that `oai_dc` says, each in its own term: dates by what happened, links with their direction, the thumbnail and
the manifest where a program finds them. Pure.
"""

from collections.abc import Iterator

from server.model.description import DateKind, SubjectKind, TitleKind
from server.model.languages import iso639_2b
from server.oai.formats.dates import literal_note, w3cdtf
from server.oai.formats.document import Document, Telling, thumbnail_of
from server.oai.formats.oai_dc import (
    Statement,
    is_creator,
    language_tag,
    person_words,
    publisher_words,
    source_words,
    titles,
)
from server.oai.formats.types import document_types
from server.oai.formats.xml import clean, element

PREFIX = "oai_dcterms"
NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dcterms/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dcterms.xsd"

_OPENING = (
    f'<oai_dcterms:dcterms xmlns:oai_dcterms="{NAMESPACE}" xmlns:dcterms="http://purl.org/dc/terms/"'
    f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{NAMESPACE} {SCHEMA}">'
)
_CLOSING = "</oai_dcterms:dcterms>"


def write_oai_dcterms(document: Document, telling: Telling) -> bytes:
    """Return the whole `<metadata>` element of a record."""
    said = (Statement(one.name, clean(one.value), one.language) for one in _describe(document, telling))
    # by what is written: a language that cannot be told makes two statements one
    written = dict.fromkeys(
        element(f"dcterms:{one.name}", one.value, language_tag(one.language, telling.profile))
        for one in said
        if one.value
    )
    return f"<metadata>{_OPENING}{''.join(written)}{_CLOSING}</metadata>".encode()


def _describe(document: Document, telling: Telling) -> Iterator[Statement]:
    item = document.item
    described = item.description
    yield Statement("identifier", document.address)
    yield Statement("identifier", document.ark)
    yield Statement("identifier", document.known_as)
    for title in titles(document, telling.profile):
        yield Statement("title" if title.kind is TitleKind.MAIN else "alternative", title.value, title.language)
    for person in described.people:
        depicted = person.role == "dpc"
        yield Statement(
            "subject" if depicted else "creator" if is_creator(person) else "contributor", person_words(person)
        )
    for subject in described.subjects:
        name = {SubjectKind.PERIOD: "temporal", SubjectKind.PLACE: "spatial"}.get(subject.kind, "subject")
        yield Statement(name, subject.label)
        yield Statement(name, subject.uri)
    for abstract in described.abstracts:
        yield Statement("abstract", abstract.value, abstract.language)
    for note in described.notes:
        yield Statement("description", note.value, note.language)
    yield Statement("publisher", publisher_words(described))
    for date in described.dates:
        yield Statement("created" if date.kind is DateKind.CREATED else "issued", w3cdtf(date.edtf))
        yield Statement("description", literal_note(date), "fr")
    for kind in document_types(described):
        yield Statement("type", kind.main)
        yield Statement("type", kind.french, "fr")
        yield Statement("type", kind.english, "en")
    yield Statement("format", "image/jpeg")
    yield Statement("extent", described.extent, "fr")
    for language in described.languages:
        yield Statement("language", iso639_2b(language))
    yield Statement("source", source_words(item))
    for place in described.places:
        yield Statement("spatial", place.label)
        yield Statement("spatial", place.uri)
    yield from _links(document, telling)
    words = telling.profile.rights_words(described.rights)
    if words is not None:
        for language, text in words.texts.items():
            yield Statement("rights", text, language)
        yield Statement("license", words.uri)


def _links(document: Document, telling: Telling) -> Iterator[Statement]:
    whole = document.item.description.part_of
    if whole is not None:
        yield Statement("isPartOf", f"{whole.label}, {whole.number}".rstrip(", "))
    for link in document.wholes:
        yield Statement("isPartOf", link.address)
    for link in document.parts:
        yield Statement("hasPart", link.address)
    if telling.manifest:
        yield Statement("hasFormat", document.manifest)
    yield Statement("hasVersion", thumbnail_of(document, telling.thumbnail))
