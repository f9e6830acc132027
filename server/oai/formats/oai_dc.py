"""Simple Dublin Core for harvesters, metadataPrefix `oai_dc` (OAI-PMH 2.0 §5, schema oai_dc.xsd), one item at a time.

The order and the forms of the elements are those that Gallica asks for, which every other harvester takes: the address
of the document first, the main type first, a clean date with its literal in a description, `Institution, cote`,
`vignette : …`. xml:lang is BCP 47 and stands on texts alone. Pure: the same item gives the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from server.model.addresses import Addresses
from server.model.description import Person, SubjectKind
from server.model.item import Item
from server.model.labels import place_label, role_label
from server.model.languages import iso639_2b
from server.model.rights import LICENCE_OUVERTE_URI, RightsStatus
from server.model.thumbnail import thumbnail_address
from server.oai.formats.dates import literal_note, w3cdtf
from server.oai.formats.types import document_types
from server.oai.formats.xml import clean, element

PREFIX = "oai_dc"
NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"

OPENING = (
    f'<oai_dc:dc xmlns:oai_dc="{NAMESPACE}" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    f' xsi:schemaLocation="{NAMESPACE} {SCHEMA}">'
)
CLOSING = "</oai_dc:dc>"

_CREATORS = frozenset(
    {
        "",
        "arc",
        "art",
        "aut",
        "cmp",
        "cre",
        "ctg",
        "drm",
        "egr",
        "ill",
        "ilu",
        "jrn",
        "ltg",
        "mte",
        "pht",
        "scl",
        "scr",
        "srv",
    }
)
_SHOWN = "dpc"


@dataclass(frozen=True, slots=True)
class Statement:
    """One element of simple Dublin Core, without the prefix."""

    name: str
    value: str
    language: str | None = None


def write_oai_dc(item: Item, addresses: Addresses) -> bytes:
    """Return the whole `<metadata>` element of an item; it takes the namespace of the response that it is put into."""
    written = []
    seen: set[Statement] = set()
    for said in describe(item, addresses):
        statement = Statement(said.name, clean(said.value), said.language)
        if statement.value and statement not in seen:
            seen.add(statement)
            written.append(element(f"dc:{statement.name}", statement.value, statement.language))
    return f"<metadata>{OPENING}{''.join(written)}{CLOSING}</metadata>".encode()


def describe(item: Item, addresses: Addresses) -> Iterator[Statement]:
    """Yield what simple Dublin Core says of an item, in order; empty values are the writer's to leave out."""
    described = item.description
    yield Statement("identifier", addresses.ark(item.name))
    yield Statement("identifier", item.ark)
    for title in described.titles:
        yield Statement("title", title.value, title.language)
    for person in described.people:
        yield Statement(_person_element(person), _person(person))
    yield from _subjects(item)
    yield from _descriptions(item)
    if described.publisher:
        town = f" ({described.publication_place})" if described.publication_place else ""
        yield Statement("publisher", described.publisher + town)
    for date in described.dates:
        yield Statement("date", w3cdtf(date.edtf))
    types = document_types(described)
    for main in dict.fromkeys(kind.main for kind in types):
        yield Statement("type", main)
    for kind in types:
        yield Statement("type", kind.french, "fr")
        yield Statement("type", kind.english, "en")
    yield Statement("format", "image/jpeg")
    yield Statement("format", described.extent, "fr")
    yield Statement("format", f"Nombre total de vues : {len(item.public_views)}", "fr")
    for language in described.languages:
        yield Statement("language", iso639_2b(language))
    yield Statement("source", _source(item))
    if item.public_views:
        yield Statement("relation", f"vignette : {thumbnail_address(item.face, addresses)}")
    if described.part_of is not None:
        whole = described.part_of
        yield Statement("relation", f"Titre d’ensemble : {whole.label}, {whole.number}".rstrip(", "))
    for place in described.places:
        yield Statement("coverage", place.label)
    yield from _rights(item)


def _person_element(person: Person) -> str:
    if person.role == _SHOWN:
        return "subject"
    return "creator" if is_creator(person) else "contributor"


def is_creator(person: Person) -> bool:
    """Whether somebody made the work, and did not only have part in it."""
    return person.role in _CREATORS


def _person(person: Person) -> str:
    name = f"{person.name} ({person.dates})" if person.dates else person.name
    role = role_label(person.role).get("fr", "")
    return f"{name}. {role}" if role and person.role != _SHOWN else name


def _subjects(item: Item) -> Iterator[Statement]:
    for subject in item.description.subjects:
        yield Statement("coverage" if subject.kind is SubjectKind.PERIOD else "subject", subject.label)


def _descriptions(item: Item) -> Iterator[Statement]:
    described = item.description
    for abstract in described.abstracts:
        yield Statement("description", abstract.value, abstract.language)
    for date in described.dates:
        yield Statement("description", literal_note(date), "fr")
    if described.publication_place and not described.publisher:
        # a place publishes nothing: without a publisher it is said in words
        yield Statement("description", f"{place_label(described)['fr']} : {described.publication_place}", "fr")
    for note in described.notes:
        yield Statement("description", note.value, note.language)


def _source(item: Item) -> str:
    holder = (
        item.institution.gallica_label
        or item.institution.label.get("fr")
        or next(iter(item.institution.label.values()), "")
    )
    return ", ".join(part for part in (holder, item.description.shelfmark) if part)


def _rights(item: Item) -> Iterator[Statement]:
    rights = item.description.rights
    for language, label in rights.label.items():
        yield Statement("rights", label, language)
    yield Statement(
        "rights", rights.uri or (LICENCE_OUVERTE_URI if rights.status is RightsStatus.LICENCE_OUVERTE else "")
    )
