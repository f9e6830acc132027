"""Collections (Presentation API 3.0 §5.1): their heads, and the ready-made entries of their members.

A collection's bytes are its head with its members' entries joined in: no manifest is opened, no member parsed. Which
collections an item belongs to is decided here too, so that manifests (`partOf`) and publication agree. Pure.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.iiif.build.bytes import to_bytes
from server.iiif.build.metadata import nav_date
from server.iiif.build.pictures import build_thumbnail
from server.iiif.build.search import build_services
from server.iiif.build.words import NO_LANGUAGE, NOTICE, from_labels, from_texts
from server.model.addresses import Addresses
from server.model.description import TYPOLOGY_LABELS
from server.model.item import Item

PRESENTATION = "http://iiif.io/api/presentation/3/context.json"
TOP = "top"

KINDS = ("curated", "institution", "typology", "campaign")
"""Kinds of collections in the order in which the top collection lists them."""

_PREFIXES = {"institution": "institution", "typology": "type", "campaign": "campagne", "curated": "collection"}
_UNSAFE = re.compile(r"[^A-Za-z0-9._~-]+")


@dataclass(frozen=True, slots=True)
class Membership:
    """A collection that an item belongs to. `label` is empty for a curated one: its register has the words."""

    name: str
    kind: str
    label: Mapping[str, str] = field(default_factory=dict)


def collection_name(kind: str, slug: str) -> str:
    """Return the name of a collection in addresses: `institution-bm-lille`, `type-presse`, `campagne-2026`."""
    return f"{_PREFIXES[kind]}-{_UNSAFE.sub('-', slug)}"


def memberships(item: Item) -> tuple[Membership, ...]:
    """Return the collections of an item: institution, typology, campaign, then the curated ones."""
    described = item.description
    found = [
        Membership(collection_name("institution", item.institution.name), "institution", item.institution.label),
        Membership(collection_name("typology", described.typology), "typology", TYPOLOGY_LABELS[described.typology]),
    ]
    if item.campaign is not None:
        label = {language: f"{theme} ({item.campaign.year})" for language, theme in item.campaign.theme.items()}
        found.append(Membership(collection_name("campaign", item.campaign.name), "campaign", label))
    found.extend(Membership(collection_name("curated", name), "curated") for name in item.collections)
    return tuple(found)


def build_member(item: Item, addresses: Addresses) -> dict[str, Any]:
    """Return an item's entry in a collection: a reference to its manifest with what a list shows of it."""
    entry: dict[str, Any] = {
        "id": addresses.manifest(item.name),
        "type": "Manifest",
        "label": from_texts([item.description.title]),
    }
    if item.public_views:
        entry["thumbnail"] = build_thumbnail(item.face, addresses)
    moment = nav_date(item.description)
    if moment is not None:
        entry["navDate"] = moment
    entry["homepage"] = [{"id": addresses.ark(item.name), "type": "Text", "label": NOTICE, "format": "text/html"}]
    return entry


def build_child(name: str, label: Mapping[str, str], addresses: Addresses) -> dict[str, Any]:
    """Return a collection's entry in the one above it."""
    return {
        "id": addresses.collection(name),
        "type": "Collection",
        "label": from_labels(label) or {NO_LANGUAGE: [name]},
    }


def collection_head(
    name: str,
    label: Mapping[str, str],
    addresses: Addresses,
    summary: Mapping[str, str] | None = None,
    part_of: str | None = TOP,
    *,
    is_searchable: bool = False,
) -> dict[str, Any]:
    """Return a collection without its items; `part_of` names the one above, None for the root."""
    head: dict[str, Any] = {
        "@context": PRESENTATION,
        "id": addresses.collection(name),
        "type": "Collection",
        "label": from_labels(label) or {NO_LANGUAGE: [name]},
    }
    told = from_labels(summary or {})
    if told:
        head["summary"] = told
    if is_searchable:
        head["service"] = build_services(addresses, f"collection/{name}")
    if part_of is not None:
        head["partOf"] = [{"id": addresses.collection(part_of), "type": "Collection"}]
    return head


def join_collection(head: Mapping[str, Any], fragments: Iterable[bytes]) -> bytes:
    """Return a collection's bytes: its head, then the entries as `items`, joined without being parsed."""
    opened = to_bytes(dict(head))
    return opened[:-1] + b',"items":[' + b",".join(fragments) + b"]}"
