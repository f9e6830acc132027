"""Collections (Presentation API 3.0 §5.1, 2.1 §5.8) as they are answered: a head, and entries that are there already.

    top ─┬─ one for each curated collection, institution, typology, campaign ── manifests
         ├─ titres ── a newspaper title ── its years ── issues, by date
         └─ ouvrages ── a work in several volumes ── volumes, in order

No file holds more than `MEMBERS` entries: a larger collection is one of its parts, `name,1`, `name,2` … Nothing is kept
but what publication wrote, so a publication changes the collections that it touches and no other. Must not import flask.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from server.catalogue.published import ChildCollection, count_children, find_collection, list_children, list_members
from server.errors import Unknown, Withdrawn
from server.iiif.build.bytes import to_bytes
from server.iiif.build.collection import (
    GROUPS,
    KINDS,
    TOP,
    UNDATED,
    build_child,
    collection_head,
    holds_directly,
    join_collection,
)
from server.iiif.build.collection2 import COLLECTIONS, MANIFESTS, convert_head, convert_member
from server.model.addresses import Addresses
from server.search.scope import has_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

MEMBERS = 1000
"""Most entries in one collection; a larger one is a collection of its parts."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A collection as it is told: `size` counts its entries, `has_manifests` says of which sort they are.

    `thumbnail` is that of its first document; `is_searchable` says that there is text in it.
    """

    name: str
    label: "Mapping[str, str]"
    summary: "Mapping[str, str]"
    kind: str
    above: str | None
    size: int
    has_manifests: bool
    modified: datetime | None
    thumbnail: "Sequence[Any]" = ()
    is_searchable: bool = False


def read_collection(
    connection: "Connection", addresses: Addresses, name: str, part: int, version: int, repository: str
) -> tuple[bytes, datetime | None]:
    """Return the bytes of a collection, or of a part of it counted from 1, and when anything in it last changed.

    `repository` is what the root is called. Raises Unknown; Withdrawn where every member was.
    """
    shown = _show(connection, name, repository)
    parts = -(-shown.size // MEMBERS)
    if part > parts or (part and parts == 1):
        raise Unknown(f"collection {name} has no part {part}")
    if parts > 1 and not part:
        each_part = [build_child(f"{name},{n}", _part_label(shown, n), addresses) for n in range(1, parts + 1)]
        return _write(shown, name, shown.above, shown.label, _packed(each_part, addresses, version), addresses, version)
    start = max(part - 1, 0) * MEMBERS
    if shown.has_manifests:
        entries = list_members(connection, name, start, MEMBERS, version)
    else:
        below = (
            _right_below_root(connection)[start:][:MEMBERS]
            if name == TOP
            else list_children(connection, name, start, MEMBERS)
        )
        children = [build_child(child.name, child.label, addresses, _year_date(child)) for child in below]
        entries = _packed(children, addresses, version)
    if not part:
        return _write(shown, name, shown.above, shown.label, entries, addresses, version)
    return _write(shown, f"{name},{part}", name, _part_label(shown, part), entries, addresses, version)


def _show(connection: "Connection", name: str, repository: str) -> _Shown:
    if name == TOP:
        changes = [count_children(connection, each)[1] for each in ("", *GROUPS)]
        modified = max((moment for moment in changes if moment is not None), default=None)
        label, size = {"fr": repository, "en": repository}, len(_right_below_root(connection))
        searchable = has_text(connection, TOP)
        return _Shown(TOP, label, {}, "", None, size, has_manifests=False, modified=modified, is_searchable=searchable)
    if name in GROUPS:
        size, modified = count_children(connection, name)
        if not size and modified is not None:
            raise Withdrawn(f"collection {name} has no document any more")
        if not size:
            raise Unknown(f"collection {name} is empty: no document was ever in any collection of it")
        return _Shown(name, GROUPS[name][1], {}, "", TOP, size, has_manifests=False, modified=modified)
    found = find_collection(connection, name)
    if not found.members:
        raise Withdrawn(f"collection {name} has no document any more")
    is_direct = holds_directly(found.kind)
    size = found.members if is_direct else count_children(connection, name)[0]
    above = found.parent or TOP
    [first] = list_members(connection, name, 0, 1)
    thumbnail = json.loads(first).get("thumbnail", ())
    return _Shown(
        name, found.label, found.summary, found.kind, above, size, is_direct, found.modified, thumbnail,
        has_text(connection, name),
    )  # fmt: skip


def _right_below_root(connection: "Connection") -> list[ChildCollection]:
    """Return what the root lists: the collections right below it by kind, then the groups that are not empty."""
    direct = sorted(list_children(connection, ""), key=lambda child: (KINDS.index(child.kind), child.name))
    groups = [
        ChildCollection(name, "", label, "")
        for name, (_, label) in GROUPS.items()
        if count_children(connection, name)[0]
    ]
    return [*direct, *groups]


def _year_date(child: ChildCollection) -> str | None:
    """Return the `navDate` of a year of a newspaper; None for other collections and for issues without a date."""
    is_year = child.kind == "year" and child.sort_key != UNDATED
    return f"{child.sort_key}-01-01T00:00:00Z" if is_year else None


def _packed(entries: "Sequence[dict[str, Any]]", addresses: Addresses, version: int) -> list[bytes]:
    return [to_bytes(entry if version == 3 else convert_member(entry, addresses)) for entry in entries]


def _write(
    shown: _Shown,
    name: str,
    above: str | None,
    label: "Mapping[str, str]",
    entries: list[bytes],
    addresses: Addresses,
    version: int,
) -> tuple[bytes, datetime | None]:
    is_whole = name == shown.name
    summary = shown.summary if is_whole else None
    is_searchable = is_whole and shown.is_searchable
    head: dict[str, Any] = collection_head(
        name, label, addresses, summary, above, shown.kind, is_searchable=is_searchable
    )
    if shown.thumbnail:
        head["thumbnail"] = shown.thumbnail
    if version == 3:
        return join_collection(head, entries), shown.modified
    has_manifests = shown.has_manifests and (not is_whole or shown.size <= MEMBERS)
    place = MANIFESTS if has_manifests else COLLECTIONS
    return join_collection(convert_head(head, addresses), entries, place), shown.modified


def _part_label(shown: _Shown, part: int) -> dict[str, str]:
    first, last = (part - 1) * MEMBERS + 1, min(part * MEMBERS, shown.size)
    return {language: f"{label} ({first}–{last})" for language, label in shown.label.items()}
