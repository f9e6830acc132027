"""What a page of a document says to machines: schema.org as JSON-LD, metadata that reference managers read, typed links.

schema.org types by typology; Signposting by its level 1 (cite-as, describedby, item, license, type, collection as Link
headers); embedded metadata as Highwire Press tags and Dublin Core, which Zotero's translator reads. Pure.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from server.iiif.build.collection import collection_name, memberships
from server.model.addresses import Addresses
from server.model.description import TYPOLOGY_LABELS, Description, Person, SubjectKind, Typology
from server.model.item import Item
from server.model.labels import shown_genre
from server.model.languages import bcp47
from server.model.rights import LICENCE_OUVERTE_URI, RightsStatus
from server.portal.language import pick
from server.portal.notice import authors, date_line, makers

SCHEMA = "https://schema.org"

TYPES: dict[Typology, tuple[str, ...]] = {
    Typology.MANUSCRIPTS: ("Manuscript",),
    Typology.BOOKS: ("Book",),
    Typology.MAPS: ("Map",),
    Typology.POSTCARDS: ("VisualArtwork",),
    Typology.PHOTOGRAPHS: ("Photograph",),
    Typology.ICONOGRAPHY: ("VisualArtwork",),
    Typology.PRESS: ("PublicationIssue",),
    Typology.LETTERS: ("Message", "ArchiveComponent"),
    Typology.ARCHIVES: ("ArchiveComponent",),
}
"""What schema.org calls each kind of document."""

_ARTFORMS = {Typology.POSTCARDS: "Carte postale", Typology.ICONOGRAPHY: "Estampe, affiche ou dessin"}
_DCMI = {
    Typology.MAPS: "Image", Typology.POSTCARDS: "Image", Typology.PHOTOGRAPHS: "Image", Typology.ICONOGRAPHY: "Image",
}  # fmt: skip
_ZOTERO = {
    Typology.PRESS: "newspaperArticle", Typology.BOOKS: "book", Typology.MAPS: "map", Typology.MANUSCRIPTS: "manuscript",
    Typology.LETTERS: "letter", Typology.ARCHIVES: "manuscript",
}  # fmt: skip
"""Zotero's own item types, which its reader of embedded metadata takes from DC.type; pictures are artworks."""

_ROLES = {"artwork": "z:artists", "map": "z:cartographers"}
"""What Zotero calls the makers of those of its types that have no authors."""

_KIND_FIELDS = {
    "artwork": "artworkMedium", "letter": "letterType", "manuscript": "manuscriptType", "map": "mapType",
}  # fmt: skip
"""Where Zotero's item types say what kind of thing it is; without that, it puts DC.type there, the item type once more."""

_ISSN = re.compile(r"(?<!\d)\d{4}-\d{3}[\dX](?!\d)", re.ASCII)
_EXACT = re.compile(r"\d{4}(-\d\d){0,2}")


def zotero_type(typology: Typology) -> str:
    """Return Zotero's item type of a kind of document."""
    return _ZOTERO.get(typology, "artwork")


def zotero_fields(item: Item, language: str) -> Iterator[tuple[str, str]]:
    """Yield fields of Zotero's own, which its reader of RDF takes as they are named."""
    described = item.description
    yield "archive", pick(item.institution.label, language)
    yield "archiveLocation", described.shelfmark
    yield "place", described.publication_place
    if field := _KIND_FIELDS.get(zotero_type(described.typology)):
        yield field, shown_genre(described) or pick(TYPOLOGY_LABELS[described.typology], language)


def zotero_date(described: Description, language: str) -> str:
    """Return the date in words where it is not exact: Zotero shows it as it is told, and `1908~` is for machines."""
    dated = next((each.edtf or each.literal for each in described.dates), "")
    return dated if _EXACT.fullmatch(dated) else date_line(described, language)


def role_of(kind: str) -> str:
    """Return how Zotero's RDF calls the makers of an item type that has no authors; of others nothing."""
    return _ROLES.get(kind, "")


def build_schema(item: Item, addresses: Addresses, language: str) -> dict[str, Any]:
    """Return a document as schema.org describes one."""
    described = item.description
    kinds = TYPES[described.typology]
    places = [
        {"@type": "Place", "name": place.label, **_same(place.uri), **_geo(place.latitude, place.longitude)}
        for place in described.places
    ]
    built: dict[str, Any] = {
        "@context": SCHEMA,
        "@type": kinds[0] if len(kinds) == 1 else list(kinds),
        "@id": addresses.ark(item.name),
        "url": addresses.ark(item.name),
        "identifier": [item.ark, *([described.shelfmark] if described.shelfmark else [])],
        "name": described.title.value,
        "alternateName": [title.value for title in described.titles if title is not described.title],
        "inLanguage": [code for each in described.languages if (code := bcp47(each))],
        "creator": [_person(person) for person in makers(described)],
        "contributor": [_person(person) for person in described.people if person.name not in authors(described)],
        "publisher": {"@type": "Organization", "name": described.publisher} if described.publisher else None,
        "about": [
            {"@type": "Person" if subject.kind is SubjectKind.PERSON else "Place" if subject.kind is SubjectKind.PLACE else "Thing",
             "name": subject.label, **_same(subject.uri)}
            for subject in described.subjects
        ],
        "contentLocation": places,
        "abstract": next((text.value for text in described.abstracts), None),
        "license": licence_of(item) or None,
        "conditionsOfAccess": described.rights.label[language],
        "isAccessibleForFree": True,
        "holdingArchive" if "ArchiveComponent" in kinds else "provider": {
            "@type": "ArchiveOrganization" if "ArchiveComponent" in kinds else "Library",
            "name": pick(item.institution.label, language),
            **({"url": item.institution.homepage} if _is_web(item.institution.homepage) else {}),
        },
        "image": addresses.image_file(item.face.image, "max"),
        "thumbnailUrl": addresses.image_file(item.face.image, "400,") if item.face.width > 400 else addresses.image_file(item.face.image),
        "isPartOf": list(_wholes(item, addresses, language)),
        "mainEntityOfPage": addresses.ark(item.name),
        "artform": _ARTFORMS.get(described.typology),
        "associatedMedia": {"@type": "MediaObject", "contentUrl": addresses.manifest(item.name),
                            "encodingFormat": 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'},
    }  # fmt: skip
    if date := _iso_date(described):
        built["datePublished" if described.typology in (Typology.PRESS, Typology.BOOKS) else "dateCreated"] = date
    if described.typology is Typology.PRESS and described.part_of and described.part_of.number:
        built["issueNumber"] = described.part_of.number
    return {key: value for key, value in built.items() if value not in (None, [], "")}


def write_schema(item: Item, addresses: Addresses, language: str) -> str:
    """Return it as JSON that may stand in a script element: nothing in it can end the element."""
    told = json.dumps(build_schema(item, addresses, language), ensure_ascii=False, separators=(",", ":"))
    return (
        told.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


def embedded(item: Item, addresses: Addresses, language: str) -> Iterator[tuple[str, str]]:
    """Yield the names and contents of `meta` elements: Highwire Press tags, Dublin Core, and what Zotero wants besides."""
    described = item.description
    dated = next((each.edtf or each.literal for each in described.dates), "")
    holder = pick(item.institution.label, language)
    yield "citation_title", described.title.value
    yield "citation_publication_date", zotero_date(described, language).replace("-", "/")
    yield "citation_publisher", described.publisher
    for code in described.languages:
        yield "citation_language", bcp47(code)
    for subject in described.subjects:
        yield "citation_keywords", subject.label
    yield "citation_public_url", addresses.ark(item.name)
    yield "DC.title", described.title.value
    yield from _named(described)
    yield "DC.type", zotero_type(described.typology)
    yield "DC.type", _DCMI.get(described.typology, "Text")
    yield "DC.date", dated
    yield "DC.publisher", described.publisher
    for code in described.languages:
        yield "DC.language", bcp47(code)
    for subject in described.subjects:
        yield "DC.subject", subject.label
    for place in described.places:
        yield "DCTERMS.spatial", place.label  # Zotero takes DC.coverage for a place in an archive
    for text in described.abstracts[:1]:
        yield "DC.description", text.value
    yield "DC.identifier", addresses.ark(item.name)
    if described.typology is not Typology.PRESS:
        yield "DC.source", ", ".join(part for part in (holder, described.shelfmark) if part)
    else:
        # not citation_journal_title, by which Zotero takes anything for an article of a journal; without the name of
        # a newspaper it takes that of the site
        yield "prism.publicationName", described.part_of.label if described.part_of else described.title.value
        yield "prism.number", described.part_of.number if described.part_of else ""
    yield "DC.rights", described.rights.label[language]
    yield "DC.rights", licence_of(item)
    yield from ((f"z.{field}", value) for field, value in zotero_fields(item, language))


def _named(described: Description) -> Iterator[tuple[str, str]]:
    """Yield those who made a document and those who helped, each in the part that Zotero gives to what it is told so.

    Of pictures and maps it takes artists and cartographers alone. Where there is a `citation_author` it takes nobody else;
    where nobody made a document it takes the contributors of Dublin Core for its authors.
    """
    makers = authors(described)
    helpers = [person.name for person in described.people if person.name not in makers]
    role = role_of(zotero_type(described.typology)).replace(":", ".")
    if not helpers and not role and not any(map(_is_taken_apart, makers)):
        for name in makers:
            yield "citation_author", name
    for name in makers:
        yield "DC.creator", name
        yield role, name
    for name in helpers:
        if makers or role:
            yield "DC.contributor", name
        yield "bib.contributors", name


def _is_taken_apart(name: str) -> bool:
    """Whether Zotero reads two authors in one: words on both sides of a comma, as in `La Fontaine, Jean de`, or a semicolon.

    Without `citation_author` it takes the names of Dublin Core, and those whole.
    """
    parts = [part.strip() for part in name.split(",")]
    return ";" in name or (len(parts) > 1 and " " in parts[0] and " " in parts[1])


def list_embedded(item: Item, addresses: Addresses, language: str) -> list[tuple[str, str]]:
    """Return those that say something."""
    return [
        (name, " ".join(content.split()))
        for name, content in embedded(item, addresses, language)
        if name and content.strip()
    ]


def summarise(description: Description, language: str) -> str:
    """Return a sentence for a search engine's list and for who shares the page: the abstract in the language, or nothing."""
    texts = [text.value for text in description.abstracts if text.language in (language, None)]
    return " ".join(texts[0].split())[:300] if texts else ""


def licence_of(item: Item) -> str:
    """Return where the terms of use can be read, or an empty string."""
    rights = item.description.rights
    return LICENCE_OUVERTE_URI if rights.status is RightsStatus.LICENCE_OUVERTE else rights.uri


def signposts(item: Item, addresses: Addresses, files: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Return typed links of a document's page: relation, address, media type; `files` are name and media type."""
    name, typology = item.name, item.description.typology
    found = [
        ("cite-as", addresses.ark(name), ""),
        ("type", f"{SCHEMA}/AboutPage", ""),
        *(("type", f"{SCHEMA}/{kind}", "") for kind in TYPES[typology]),
        *(("author", person.uri, "") for person in item.description.people if _is_web(person.uri) and person.name in authors(item.description)),
        ("describedby", addresses.manifest(name), "application/ld+json"),
        ("describedby", addresses.oai_record(name), "text/xml"),
        ("describedby", citation_address(addresses, name, "bib"), "application/x-bibtex"),
        ("describedby", citation_address(addresses, name, "ris"), "application/x-research-info-systems"),
        ("item", addresses.image_file(item.face.image), "image/jpeg"),
        *(("item", addresses.rendering(name, file), media_type) for file, media_type in files),
        ("collection", addresses.collection(collection_name("institution", item.institution.name)), "application/ld+json"),
    ]  # fmt: skip
    licence = licence_of(item)
    return [*found, ("license", licence, "")] if licence else found


def write_links(links: Iterable[tuple[str, str, str]]) -> str:
    """Return a Link header (RFC 8288). Addresses that hold what would end them are left out."""
    return ", ".join(
        f'<{address}>;rel="{relation}"' + (f';type="{media_type}"' if media_type else "")
        for relation, address, media_type in links
        if address.isascii() and address.isprintable() and not set(address) & set(' <>"')
    )


def citation_address(addresses: Addresses, name: str, form: str) -> str:
    """Return the address of a citation to take away."""
    return f"{addresses.base}/citations/{name}.{form}"


def _iso_date(described: Description) -> str:
    """Return the date of a document as schema.org has dates (ISO 8601); empty for a decade or an interval, which are none."""
    date = next((each.edtf for each in described.dates if each.edtf), "").rstrip("~?%")
    return date if _EXACT.fullmatch(date) else ""


def _person(person: Person) -> dict[str, Any]:
    return {"@type": "Organization" if person.is_body else "Person", "name": person.name, **_same(person.uri)}


def _same(uri: str) -> dict[str, str]:
    return {"sameAs": uri} if _is_web(uri) else {}


def _is_web(uri: str) -> bool:
    return uri.startswith(("http://", "https://"))


def _geo(latitude: float | None, longitude: float | None) -> dict[str, Any]:
    if latitude is None or longitude is None:
        return {}
    return {"geo": {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}}


def _wholes(item: Item, addresses: Addresses, language: str) -> Iterator[dict[str, Any]]:
    whole = item.description.part_of
    if whole is not None:
        kind = "Newspaper" if item.description.typology is Typology.PRESS else "CreativeWorkSeries"
        issn = {"issn": found[0]} if (found := _ISSN.search(whole.identifier)) else {}
        page = next(
            (addresses.collection_page(each.name) for each in memberships(item) if each.kind in ("title", "work")), ""
        )
        yield {"@type": kind, **({"@id": page} if page else {}), "name": whole.label, **issn}
    institution = collection_name("institution", item.institution.name)
    yield {
        "@type": "Collection",
        "@id": addresses.collection_page(institution),
        "name": pick(item.institution.label, language),
    }
    if item.campaign is not None:
        campaign = collection_name("campaign", item.campaign.name)
        yield {
            "@type": "Collection",
            "@id": addresses.collection_page(campaign),
            "name": pick(item.campaign.theme, language),
        }
