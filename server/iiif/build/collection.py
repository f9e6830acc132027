"""Collections (Presentation API 3.0 §5.1): their heads, and the ready-made entries of their members.

A collection's bytes are its head with its members' entries joined in: no manifest is opened, no member parsed. Which
collections an item belongs to is decided here too, so that manifests (`partOf`) and publication agree. Pure.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.iiif.build.bytes import to_bytes
from server.iiif.build.metadata import nav_date
from server.iiif.build.pictures import build_thumbnail
from server.iiif.build.places import NAV_PLACE, build_places, navigable_places
from server.iiif.build.search import build_services
from server.iiif.build.words import NO_LANGUAGE, NOTICE, LanguageMap, from_labels, from_texts
from server.model.addresses import Addresses
from server.model.dates import bounds
from server.model.description import TYPOLOGY_LABELS, Whole, WholeKind
from server.model.item import Item
from server.model.words import fold

PRESENTATION = "http://iiif.io/api/presentation/3/context.json"
TOP = "top"

KINDS = ("curated", "institution", "typology", "campaign")
"""Kinds of collections that the top collection lists one by one, in its order."""

GROUPS: dict[str, tuple[str, dict[str, str]]] = {
    "titres": ("title", {"fr": "Titres de presse et de revues", "en": "Newspapers and periodicals"}),
    "ouvrages": ("work", {"fr": "Ouvrages en plusieurs volumes", "en": "Works in several volumes"}),
}
"""Collections of all collections of one kind, with that kind and their label: what there may be thousands of."""

TITLE = "title"
"""The kind whose members are shown through the collections below it: a newspaper, by years."""

UNDATED = "9999"
"""The place of what has no date among years: behind them."""

_MULTI_PART = frozenset({TITLE, "year", "work"})
_PREFIXES = {
    "institution": "institution", "typology": "type", "campaign": "campagne", "curated": "collection",
    "title": "titre", "work": "ouvrage",
}  # fmt: skip
_UNSAFE = re.compile(r"[^A-Za-z0-9._~-]+")
_ISSN = re.compile(r"\d{4}-\d{3}[\dXx]")
_KNOWN_EVERYWHERE = re.compile(r"(?:ark:|https?://|doi:|urn:)", re.IGNORECASE)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_SLUG = 40
"""Most characters of a title or an identifier in the name of a collection."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A collection that an item belongs to. `label` is empty for a curated one: its register has the words.

    `parent` names the collection above it, empty for the root. `sort_key` is its place among its likes, `order` the
    item's place in it; where they are empty, names and the item's title decide.
    """

    name: str
    kind: str
    label: Mapping[str, str] = field(default_factory=dict)
    parent: str = ""
    sort_key: str = ""
    order: str = ""


def collection_name(kind: str, slug: str) -> str:
    """Return the name of a collection in addresses: `institution-bm-lille`, `type-presse`, `campagne-2026`."""
    return f"{_PREFIXES[kind]}-{_UNSAFE.sub('-', slug)}"


def memberships(item: Item) -> tuple[Membership, ...]:
    """Return the collections of an item: institution, typology, campaign, the curated ones, the whole that it is part of."""
    described = item.description
    found = [
        Membership(collection_name("institution", item.institution.name), "institution", item.institution.label),
        Membership(collection_name("typology", described.typology), "typology", TYPOLOGY_LABELS[described.typology]),
    ]
    if item.campaign is not None:
        label = {language: f"{theme} ({item.campaign.year})" for language, theme in item.campaign.theme.items()}
        found.append(Membership(collection_name("campaign", item.campaign.name), "campaign", label))
    found.extend(Membership(collection_name("curated", name), "curated") for name in item.collections)
    found.extend(_wholes(item))
    return tuple(found)


def holds_directly(kind: str) -> bool:
    """Whether a collection of this kind lists its members itself: a newspaper lists its years, and they their issues."""
    return kind != TITLE


def _wholes(item: Item) -> Iterator[Membership]:
    """Yield the newspaper title and its year, or the work in several volumes, of which an item is a part."""
    whole = item.description.part_of
    if whole is None or not whole.label.strip():
        return
    slug, key = _whole_slug(whole, item.institution.name), fold(whole.label)[:200]
    number = _in_order(whole.number)
    if whole.kind is WholeKind.MULTIVOLUME:
        # the naught between number and title comes before any word that may follow a number: `2`, then `2 bis`
        order = f"{number} 0 {fold(item.description.title.value)}"[:200]
        yield Membership(collection_name("work", slug), "work", {"": whole.label}, "ouvrages", key, order)
        return
    name = collection_name("title", slug)
    day = next((day for date in item.description.dates if date.edtf and (day := bounds(date.edtf).earliest)), None)
    order = f"{day.isoformat() if day else UNDATED} {number}"[:200]
    yield Membership(name, TITLE, {"": whole.label}, "titres", key, order)
    if day is None:
        label = {"fr": f"{whole.label}, sans date", "en": f"{whole.label}, undated"}
        yield Membership(f"{name}-sd", "year", label, name, UNDATED, order)
    else:
        yield Membership(
            f"{name}-{day.year}", "year", {"": f"{whole.label}, {day.year}"}, name, f"{day.year:04}", order
        )


def _whole_slug(whole: Whole, institution: str) -> str:
    """Return the slug of a whole: the same for all its parts, and never the same for two wholes.

    An ISSN, an ARK or a URI means one thing everywhere; another identifier, or a title alone, within its institution.
    """
    said = whole.identifier.strip()
    issn = said.upper().removeprefix("ISSN").lstrip(" :")
    if _ISSN.fullmatch(issn):
        return issn.lower()
    meant = said if _KNOWN_EVERYWHERE.match(said) else f"{institution} {said or fold(whole.label)}"
    digest = hashlib.sha256(meant.encode("utf-8", "replace")).hexdigest()[:8]
    # parts may write the title of their whole each in its way, so it is in the name only where nothing else is known
    readable = fold(said or whole.label).replace(" ", "-")[:_SLUG].strip("-")
    return f"{readable}-{digest}".lstrip("-")


def _in_order(number: str) -> str:
    """Return a number as printed (`Tome II`, `12 bis`) so that it sorts as it counts: numerals as figures, with zeros."""
    words = fold(number).split()
    figures = [str(_roman(word)) if set(word) <= set(_ROMAN) else word for word in words]
    return re.sub(r"\d+", lambda match: match[0].zfill(8), " ".join(figures))[:100]


def _roman(word: str) -> int:
    found = [_ROMAN[character] for character in word]
    return sum(-one if one < after else one for one, after in zip(found, [*found[1:], 0], strict=True))


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
    if places := navigable_places(item):
        entry["navPlace"] = build_places(item, places, addresses)
    entry["homepage"] = [{"id": addresses.ark(item.name), "type": "Text", "label": NOTICE, "format": "text/html"}]
    return entry


def label_of(name: str, label: Mapping[str, str]) -> LanguageMap:
    """Return the label of a collection; its name where it has none."""
    return from_labels(label) or {NO_LANGUAGE: [name]}


def build_child(name: str, label: Mapping[str, str], addresses: Addresses, moment: str | None = None) -> dict[str, Any]:
    """Return a collection's entry in the one above it; `moment` is its `navDate`."""
    child = {"id": addresses.collection(name), "type": "Collection", "label": label_of(name, label)}
    return child if moment is None else child | {"navDate": moment}


def collection_head(
    name: str,
    label: Mapping[str, str],
    addresses: Addresses,
    summary: Mapping[str, str] | None = None,
    part_of: str | None = TOP,
    kind: str = "",
    *,
    is_searchable: bool = False,
) -> dict[str, Any]:
    """Return a collection without its items; `part_of` names the one above, None for the root."""
    head: dict[str, Any] = {
        "@context": PRESENTATION,
        "id": addresses.collection(name),
        "type": "Collection",
        "label": label_of(name, label),
    }
    told = from_labels(summary or {})
    if told:
        head["summary"] = told
    if kind in _MULTI_PART:
        head["behavior"] = ["multi-part"]
    if is_searchable:
        head["service"] = build_services(addresses, f"collection/{name}")
    if part_of is not None:
        head["partOf"] = [{"id": addresses.collection(part_of), "type": "Collection"}]
    return head


def join_collection(head: Mapping[str, Any], fragments: Iterable[bytes], entries: str = "items") -> bytes:
    """Return a collection's bytes: its head, then the entries (in 2.1 `manifests` or `collections`), not parsed.

    Where an entry of 3.0 has `navPlace`, its context stands before that of the Presentation API (navPlace §3.1).
    """
    joined = b",".join(fragments)
    is_navigable = entries == "items" and b'"navPlace":{' in joined
    contexts = {"@context": [NAV_PLACE, PRESENTATION]} if is_navigable else {}
    return to_bytes({**head, **contexts})[:-1] + f',"{entries}":['.encode() + joined + b"]}"
