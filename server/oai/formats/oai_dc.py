"""Simple Dublin Core for harvesters, metadataPrefix `oai_dc` (OAI-PMH 2.0 §5, schema oai_dc.xsd), one item at a time.

The order and the forms of the elements are those that Gallica asks for, which every other harvester takes: the address
of the document first, the main type first, a clean date with its literal in a description, `Institution, cote`,
`vignette : …`. What differs between harvesters is in their profiles (`profiles/*.toml`): wording, codes of languages,
what may be said of rights. xml:lang stands on texts alone. Pure: the same item gives the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from server.model.description import Description, Person, SubjectKind, Title, WholeKind
from server.model.item import Item
from server.model.labels import place_label, role_label
from server.model.languages import iso639_2b
from server.model.spoken_dates import format_edtf
from server.oai.formats.dates import literal_note, w3cdtf
from server.oai.formats.document import Document, Telling, thumbnail_of
from server.oai.formats.profile import Profile
from server.oai.formats.types import document_types
from server.oai.formats.xml import clean, element, without_controls

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

PLAIN = Telling()


@dataclass(frozen=True, slots=True)
class Statement:
    """One element of simple Dublin Core, without the prefix; `language` is BCP 47."""

    name: str
    value: str
    language: str | None = None


def write_oai_dc(document: Document, telling: Telling = PLAIN) -> bytes:
    """Return the whole `<metadata>` element of a record; it takes the namespace of the response that it is put into."""
    # by what is written: a language that cannot be told makes two statements one
    written = dict.fromkeys(
        element(f"dc:{said.name}", said.value, language_tag(said.language, telling.profile))
        for said in statements(document, telling)
    )
    return f"<metadata>{OPENING}{''.join(written)}{CLOSING}</metadata>".encode()


def statements(document: Document, telling: Telling = PLAIN) -> tuple[Statement, ...]:
    """Return what a record says, in order: nothing empty, nothing twice. This is what the rules of a profile look at."""
    said = (
        Statement(one.name, without_controls(one.value).strip(), one.language) for one in describe(document, telling)
    )
    return tuple(dict.fromkeys(one for one in said if one.value))


def describe(document: Document, telling: Telling) -> Iterator[Statement]:
    """Yield what simple Dublin Core says, in order; empty values are left out afterwards."""
    item, profile = document.item, telling.profile
    described = item.description
    yield Statement("identifier", document.address)
    yield Statement("identifier", document.ark)
    yield Statement("identifier", clean(document.known_as))
    for title in titles(document, profile):
        yield Statement("title", clean(title.value), title.language)
    for person in described.people:
        yield Statement(_person_element(person), clean(person_words(person)))
    yield from _subjects(item)
    yield from _descriptions(item)
    yield Statement("publisher", clean(publisher_words(described)))
    for date in described.dates:
        yield Statement("date", w3cdtf(date.edtf))
    types = document_types(described)
    for main in dict.fromkeys(kind.main for kind in types):
        yield Statement("type", main)
    for kind in types:
        yield Statement("type", kind.french, "fr")
        yield Statement("type", kind.english, "en")
    yield Statement("format", "image/jpeg")
    yield Statement("format", clean(described.extent), "fr")
    if not document.is_whole:
        yield Statement("format", profile.views.format(len(item.public_views)), "fr")
    for language in described.languages:
        yield Statement("language", iso639_2b(language))
    yield Statement("source", clean(source_words(item)))
    yield from _relations(document, telling)
    for place in described.places:
        yield Statement("coverage", clean(place.label))
    yield from _rights(item, profile)


def titles(document: Document, profile: Profile) -> tuple[Title, ...]:
    """Return the titles of a document; an issue's own one says title, place and date where the profile asks for that."""
    described = document.item.description
    whole = described.part_of
    if not profile.issue_title or whole is None or whole.kind is not WholeKind.PERIODICAL or document.is_whole:
        return described.titles
    place = described.publication_place or next((place.label for place in described.places), "")
    day = next(
        (date.literal or format_edtf(date.edtf, "fr") for date in described.dates if date.edtf or date.literal), ""
    )
    named = whole.label + (f" ({place})" if place and "(" not in whole.label else "") + (f", {day}" if day else "")
    main = described.title
    if not main.value.strip() or not whole.label.strip():
        return described.titles  # an empty title is a fault, and is not hidden
    return (replace(main, value=named), *(title for title in described.titles if title is not main))


def language_tag(language: str | None, profile: Profile) -> str | None:
    """Return the xml:lang of a text, in the codes that a profile wants."""
    return iso639_2b(language) or None if language and profile.uses_639_2b else language


def _relations(document: Document, telling: Telling) -> Iterator[Statement]:
    profile = telling.profile
    if address := thumbnail_of(document, telling.thumbnail):
        yield Statement("relation", profile.thumbnail.format(address))
    if telling.manifest:
        yield Statement("relation", profile.manifest.format(document.manifest))
    whole = document.item.description.part_of
    if whole is not None:
        yield Statement("relation", clean(f"Titre d’ensemble : {whole.label}, {whole.number}".rstrip(", ")))
    for link in document.wholes:
        yield Statement("relation", f"Fait partie de : {link.address}")
    for link in document.parts:
        yield Statement("relation", f"Comprend : {link.address}")


def _person_element(person: Person) -> str:
    if person.role == _SHOWN:
        return "subject"
    return "creator" if is_creator(person) else "contributor"


def is_creator(person: Person) -> bool:
    """Whether somebody made the work, and did not only have part in it."""
    return person.role in _CREATORS


def person_words(person: Person) -> str:
    """Return a person as `Nom, Prénom (dates). Rôle`."""
    name = f"{person.name} ({person.dates})" if person.dates else person.name
    role = role_label(person.role).get("fr", "")
    return f"{name}. {role}" if role and person.role != _SHOWN else name


def _subjects(item: Item) -> Iterator[Statement]:
    for subject in item.description.subjects:
        yield Statement("coverage" if subject.kind is SubjectKind.PERIOD else "subject", clean(subject.label))


def _descriptions(item: Item) -> Iterator[Statement]:
    described = item.description
    for abstract in described.abstracts:
        yield Statement("description", clean(abstract.value), abstract.language)
    for date in described.dates:
        yield Statement("description", clean(literal_note(date)), "fr")
    if described.publication_place and not described.publisher:
        # a place publishes nothing: without a publisher it is said in words
        yield Statement("description", clean(f"{place_label(described)['fr']} : {described.publication_place}"), "fr")
    for note in described.notes:
        yield Statement("description", clean(note.value), note.language)


def publisher_words(described: Description) -> str:
    """Return a publisher as `Éditeur (Ville)`; empty where there is none, for a place publishes nothing."""
    town = f" ({described.publication_place})" if described.publication_place else ""
    return described.publisher + town if described.publisher else ""


def source_words(item: Item) -> str:
    """Return where a document is kept, as `Institution, cote`."""
    holder = (
        item.institution.gallica_label
        or item.institution.label.get("fr")
        or next(iter(item.institution.label.values()), "")
    )
    return ", ".join(part for part in (holder, item.description.shelfmark) if part)


def _rights(item: Item, profile: Profile) -> Iterator[Statement]:
    words = profile.rights_words(item.description.rights)
    if words is not None:
        for language, text in words.texts.items():
            yield Statement("rights", text, language)
        yield Statement("rights", words.uri)
