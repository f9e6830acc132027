"""Activities, pages and the collection of pages of the IIIF Change Discovery API 1.0, level 2. Pure.

An activity is built once, in the publication that it tells of, and kept as bytes; a page is its head and the activities
joined in. One activity per representation (§4.3: only variants are listed): version 3 first, then version 2.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from server.iiif.build.bytes import to_bytes
from server.iiif.build.collection import PRESENTATION, collection_name
from server.iiif.build.words import DUBLIN_CORE, NO_LANGUAGE, LanguageMap, both, from_labels
from server.model.addresses import Addresses
from server.model.item import Institution, Item

DISCOVERY = "http://iiif.io/api/discovery/1/context.json"
CREATE, UPDATE, DELETE = "Create", "Update", "Delete"
MANIFEST, COLLECTION = "Manifest", "Collection"

VERSIONS = (3, 2)
"""Versions of the Presentation API in the order in which a change is told."""

_PRESENTATION_2 = "http://iiif.io/api/presentation/2/context.json"
_FORMATS = {
    version: f'application/ld+json;profile="{context}"'
    for version, context in ((3, PRESENTATION), (2, _PRESENTATION_2))
}
_DESCRIPTIONS: dict[str, tuple[LanguageMap, str]] = {
    "oai_dc": (DUBLIN_CORE, "http://www.openarchives.org/OAI/2.0/oai_dc/"),
    "edm": (both("Notice en EDM (OAI-PMH)", "EDM record (OAI-PMH)"), "http://www.europeana.eu/schemas/edm/"),
}
"""Label and profile of the descriptions that `seeAlso` may lead to, by their metadataPrefix."""

_REPOSITORY = both("Entrepôt OAI-PMH de ces documents", "OAI-PMH repository of these documents")
_OAI_PMH = "http://www.openarchives.org/OAI/2.0/"


def build_manifest_activity(
    activity: str,
    name: str,
    version: int,
    addresses: Addresses,
    moment: datetime,
    item: Item | None = None,
    prefixes: Iterable[str] = (),
) -> dict[str, Any]:
    """Return an activity about a manifest (§3.3). Without `item`, as for a Delete, it says no more than what is gone.

    `canonical` is the ARK itself: the same in every version of the API and under every base URL. `prefixes` name the
    metadata formats in which a record of the item is at hand.
    """
    about: dict[str, Any] = {
        "id": addresses.manifest(name, version),
        "type": MANIFEST,
        "canonical": f"ark:/{addresses.naan}/{name}",
        "format": _FORMATS[version],
    }
    if item is not None:
        about["seeAlso"] = [
            {
                "id": addresses.oai_record(name, prefix),
                "type": "Dataset",
                "label": _DESCRIPTIONS[prefix][0],
                "format": "text/xml",
                "profile": _DESCRIPTIONS[prefix][1],
            }
            for prefix in prefixes
            if prefix in _DESCRIPTIONS
        ]
        about["provider"] = [_provider(item.institution, addresses)]
    return _activity(activity, about, moment)


def build_collection_activity(
    activity: str, name: str, version: int, addresses: Addresses, moment: datetime
) -> dict[str, Any]:
    """Return an activity about a collection (§3.3)."""
    about = {
        "id": addresses.collection(name, version),
        "type": COLLECTION,
        "canonical": addresses.neutral_collection(name),
        "format": _FORMATS[version],
    }
    return _activity(activity, about, moment)


def build_changes(total: int, page_size: int, addresses: Addresses) -> dict[str, Any]:
    """Return the ordered collection of all changes (§3.1): `total` activities, at least one."""
    last = (total - 1) // page_size
    return {
        "@context": DISCOVERY,
        "id": addresses.changes(),
        "type": "OrderedCollection",
        "totalItems": total,
        "seeAlso": [
            {
                "id": f"{addresses.oai()}?verb=Identify",
                "type": "Dataset",
                "label": _REPOSITORY,
                "format": "text/xml",
                "profile": _OAI_PMH,
            }
        ],
        "first": _page(0, addresses),
        "last": _page(last, addresses),
    }


def join_page(number: int, total: int, page_size: int, bodies: Sequence[bytes], addresses: Addresses) -> bytes:
    """Return a page (§3.2): its head, then the activities as `orderedItems`, joined without being parsed.

    Nothing in it depends on `total` but whether another page follows, so a page that has one never changes.
    """
    head: dict[str, Any] = {
        "@context": DISCOVERY,
        "id": addresses.changes_page(number),
        "type": "OrderedCollectionPage",
        "startIndex": number * page_size,
        "partOf": {"id": addresses.changes(), "type": "OrderedCollection"},
    }
    if number:
        head["prev"] = _page(number - 1, addresses)
    if total > (number + 1) * page_size:
        head["next"] = _page(number + 1, addresses)
    return to_bytes(head)[:-1] + b',"orderedItems":[' + b",".join(bodies) + b"]}"


def _page(number: int, addresses: Addresses) -> dict[str, str]:
    return {"id": addresses.changes_page(number), "type": "OrderedCollectionPage"}


def _activity(activity: str, about: dict[str, Any], moment: datetime) -> dict[str, Any]:
    ended = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"type": activity, "object": about, "endTime": ended}


def _provider(institution: Institution, addresses: Addresses) -> dict[str, Any]:
    return {
        "id": institution.homepage or f"{addresses.collection(collection_name('institution', institution.name))}#agent",
        "type": "Agent",
        "label": from_labels(institution.label) or {NO_LANGUAGE: [institution.name]},
    }
