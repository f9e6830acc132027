"""Zotero's RDF by unAPI (version 1), for what no element of a page can say: that who made a document is a corporate body.

Zotero asks for it where a page names our server and the document; it prefers that to the metadata in the page. So only
pages that need it say so, those of documents that a corporate body made or helped to make. Pure.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from server.model.addresses import Addresses
from server.model.description import Description, Person, Typology
from server.model.item import Item
from server.model.languages import bcp47
from server.portal.feeds import clean
from server.portal.metadata import licence_of, role_of, zotero_date, zotero_fields, zotero_type
from server.portal.notice import authors, makers

FORMAT = "rdf_zotero"
FORMATS_TYPE, RDF_TYPE = "application/xml", "application/rdf+xml"

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "z": "http://www.zotero.org/namespaces/export#",
    "dc": "http://purl.org/dc/elements/1.1/", "dcterms": "http://purl.org/dc/terms/", "bib": "http://purl.org/net/biblio#",
    "foaf": "http://xmlns.com/foaf/0.1/", "prism": "http://prismstandard.org/namespaces/1.2/basic/",
    "vcard": "http://nwalsh.com/rdf/vCard#",
}  # fmt: skip


def is_wanted(item: Item) -> bool:
    """Whether the page of a document leads Zotero here."""
    return any(person.is_body for person in item.description.people)


def write_formats(name: str = "") -> str:
    """Return what there is: of every document, or of one."""
    of = f" id={quoteattr(name)}" if name else ""
    return f'{_HEAD}<formats{of}><format name="{FORMAT}" type="{RDF_TYPE}"/></formats>\n'


def write_rdf(item: Item, addresses: Addresses, language: str) -> str:
    """Return a document as Zotero writes one itself, and reads it."""
    spaces = "".join(f' xmlns:{prefix}="{space}"' for prefix, space in _SPACES.items())
    address = addresses.ark(item.name)
    parts = "\n".join(part for part in _parts(item, address, language) if part)
    return (
        f"{_HEAD}<rdf:RDF{spaces}>\n<rdf:Description rdf:about={quoteattr(address)}>\n{parts}\n"
        "</rdf:Description>\n</rdf:RDF>\n"
    )


def _parts(item: Item, address: str, language: str) -> Iterator[str]:
    described = item.description
    kind = zotero_type(described.typology)
    yield _element("z:itemType", kind)
    yield _element("dc:title", described.title.value)
    named = authors(described)
    yield _names(role_of(kind) or "bib:authors", makers(described))
    yield _names("bib:contributors", [person for person in described.people if person.name not in named])
    if described.typology is Typology.PRESS:
        yield _element("prism:publicationName", described.part_of.label if described.part_of else described.title.value)
        yield _element("prism:number", described.part_of.number if described.part_of else "")
    yield _publisher(described)
    yield _element("dc:date", zotero_date(described, language))
    yield _element("dc:language", ", ".join(filter(None, map(bcp47, described.languages))))
    yield _element("dcterms:abstract", next((text.value for text in described.abstracts), ""))
    yield from (_element("dc:subject", subject.label) for subject in described.subjects)
    yield from (_element(f"z:{field}", value) for field, value in zotero_fields(item, language))
    yield _element("dc:rights", licence_of(item) or described.rights.label[language])
    yield f"<dc:identifier><dcterms:URI>{_element('rdf:value', address)}</dcterms:URI></dc:identifier>"


def _names(relation: str, people: list[Person]) -> str:
    if not people:
        return ""
    listed = "".join(f"<rdf:li><foaf:Person>{_name(person)}</foaf:Person></rdf:li>" for person in people)
    return f"<{relation}><rdf:Seq>{listed}</rdf:Seq></{relation}>"


def _name(person: Person) -> str:
    """Return a name, in one part where it is a body's: without a given name Zotero has one field for it."""
    family, _comma, given = (person.name, "", "") if person.is_body else person.name.partition(",")
    return _element("foaf:surname", family) + _element("foaf:givenName", given)


def _publisher(described: Description) -> str:
    place = _element("vcard:locality", described.publication_place)
    where = f"<vcard:adr><vcard:Address>{place}</vcard:Address></vcard:adr>" if place else ""
    name = _element("foaf:name", described.publisher)
    return f"<dc:publisher><foaf:Organization>{where}{name}</foaf:Organization></dc:publisher>" if name else ""


def _element(name: str, value: str) -> str:
    told = " ".join(clean(value).split())
    return f"<{name}>{escape(told)}</{name}>" if told else ""
