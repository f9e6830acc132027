"""Reading what is published: every query of the IIIF and portal surfaces. Hot reads, so SQLAlchemy Core.

Unknown and withdrawn things raise `Unknown` and `Withdrawn`: the surfaces turn them into 404 and 410.
"""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, func, literal_column, select, true
from sqlalchemy.orm import InstrumentedAttribute

from server.catalogue.base import bytewise
from server.catalogue.models import AliasRow, InstallationRow, InstitutionRow
from server.catalogue.publication_models import (
    DocumentRow,
    JournalRow,
    MemberRow,
    PayloadRow,
    PublicationRow,
    PublishedCollectionRow,
    PublishedImageRow,
)
from server.catalogue.values import ITEM
from server.errors import Unknown, Withdrawn
from server.model.item import Item

_ABSENT = {
    "manifest/2": "{0} was published before Presentation API 2.1 was offered; its manifest of 3.0 is there, and "
    "`vitrine publish --all` makes the other"
}
"""What is said of a document that every publication has, but not those of earlier versions of this software."""


@dataclass(frozen=True, slots=True)
class Published:
    """A live publication."""

    item: Item
    sequence: int
    modified: datetime
    first_published: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """Ready-made bytes with their validators. `digest` is of the plain form."""

    digest: str
    modified: datetime
    plain: bytes
    gzip: bytes
    brotli: bytes


@dataclass(frozen=True, slots=True)
class PublishedImage:
    """What the Image API needs to know of an image; sizes in pixels, `label` the language map of its document."""

    image: str
    name: str
    width: int
    height: int
    pyramid_key: str
    index_key: str
    version: str
    rights: str
    label: dict[str, list[str]]
    modified: datetime


@dataclass(frozen=True, slots=True)
class PublishedCollection:
    """A collection with the number of its live members; `modified` covers its members too."""

    name: str
    kind: str
    label: dict[str, str]
    summary: dict[str, str]
    members: int
    sequence: int
    modified: datetime
    parent: str = ""


@dataclass(frozen=True, slots=True)
class ChildCollection:
    """A collection as the one above it lists it; the `sort_key` of a year is the year."""

    name: str
    kind: str
    label: dict[str, str]
    sort_key: str


@dataclass(frozen=True, slots=True)
class EncodedDocument:
    """A ready-made document in one encoding. `digest` is of the plain form."""

    digest: str
    modified: datetime
    body: bytes


def moment(seconds: int) -> datetime:
    """Return the UTC moment of a datestamp."""
    return datetime.fromtimestamp(seconds, UTC)


def find_publication(connection: Connection, name: str) -> Published:
    """Return the live publication of an item. Raises Unknown, Withdrawn (with the reason)."""
    row = connection.execute(
        select(
            PublicationRow.state,
            PublicationRow.reason,
            PublicationRow.item,
            PublicationRow.sequence,
            PublicationRow.datestamp,
            PublicationRow.first_datestamp,
        ).where(PublicationRow.name == name)
    ).one_or_none()
    row_must_be_live(name, row)
    assert row is not None
    return Published(ITEM.validate_python(row.item), row.sequence, moment(row.datestamp), moment(row.first_datestamp))


def must_be_live(connection: Connection, name: str) -> None:
    """Raise Unknown or Withdrawn (with the reason) unless an item is live."""
    row = connection.execute(
        select(PublicationRow.state, PublicationRow.reason).where(PublicationRow.name == name)
    ).one_or_none()
    row_must_be_live(name, row)


def find_document(connection: Connection, name: str, kind: str) -> Document:
    """Return a ready-made document (`manifest/3`, `manifest/2`, `text/f12`) of a live item. Raises Unknown, Withdrawn."""
    row = connection.execute(
        select(PublicationRow.state, PublicationRow.reason).where(PublicationRow.name == name)
    ).one_or_none()
    row_must_be_live(name, row)
    found = connection.execute(
        select(PayloadRow.digest, PayloadRow.plain, PayloadRow.gzip, PayloadRow.brotli, DocumentRow.datestamp)
        .join(DocumentRow, DocumentRow.payload == PayloadRow.digest)
        .where(DocumentRow.name == name, DocumentRow.kind == kind)
    ).one_or_none()
    if found is None:
        raise Unknown(_ABSENT.get(kind, "{0} has no {1}").format(name, kind))
    plain = found.plain or gzip.decompress(found.gzip)  # what is large is kept packed only
    return Document(found.digest, moment(found.datestamp), plain, found.gzip, found.brotli)


def find_stamp(connection: Connection, name: str, kind: str) -> tuple[str, datetime]:
    """Return the digest of a document of a live item, and since when it is so. Raises Unknown, Withdrawn."""
    found = connection.execute(
        select(DocumentRow.payload, DocumentRow.datestamp)
        .join(PublicationRow, PublicationRow.name == DocumentRow.name)
        .where(DocumentRow.name == name, DocumentRow.kind == kind, PublicationRow.state == "live")
    ).one_or_none()
    if found is None:
        find_document(connection, name, kind)  # says why not
        raise Unknown(f"{name} has no {kind}")
    return found.payload, moment(found.datestamp)


def find_encoded(connection: Connection, name: str, kind: str, encoding: str) -> EncodedDocument:
    """Return a document of a live item in one encoding: `identity`, `gzip` or `br`. Raises Unknown, Withdrawn.

    One query and one body: this is what every manifest is answered with.
    """
    found = connection.execute(_ENCODED[encoding], {"name": name, "kind": kind}).one_or_none()
    if found is None:
        find_document(connection, name, kind)  # says why not
        raise Unknown(f"{name} has no {kind}")
    if not found.body:  # no document is empty: it is not kept in this encoding
        return EncodedDocument(found.digest, moment(found.datestamp), find_document(connection, name, kind).plain)
    return EncodedDocument(found.digest, moment(found.datestamp), found.body)


def _encoded(body: InstrumentedAttribute[bytes]) -> Select[str, bytes, int]:
    # made once: putting a statement together costs as much as asking the database
    return (
        select(PayloadRow.digest, body.label("body"), DocumentRow.datestamp)
        .join(DocumentRow, DocumentRow.payload == PayloadRow.digest)
        .join(PublicationRow, PublicationRow.name == DocumentRow.name)
        .where(
            DocumentRow.name == bindparam("name"),
            DocumentRow.kind == bindparam("kind"),
            PublicationRow.state == literal_column("'live'"),
        )
    )


_ENCODED = {
    "identity": _encoded(PayloadRow.plain),
    "gzip": _encoded(PayloadRow.gzip),
    "br": _encoded(PayloadRow.brotli),
}


def find_image(connection: Connection, image: str) -> PublishedImage:
    """Return a live image. Raises Unknown, Withdrawn."""
    row = connection.execute(select(PublishedImageRow.__table__).where(PublishedImageRow.image == image)).one_or_none()
    if row is None:
        raise Unknown(f"there is no image {image}")
    if row.state != "live":
        raise Withdrawn(f"image {image} was withdrawn")
    return PublishedImage(
        row.image, row.name, row.width, row.height, row.pyramid_key, row.index_key, row.version, row.rights,
        row.label, moment(row.datestamp),
    )  # fmt: skip


def list_live_views(connection: Connection, name: str) -> frozenset[int]:
    """Return the numbers of an item's views whose images are live."""
    query = select(PublishedImageRow.number).where(PublishedImageRow.name == name, PublishedImageRow.state == "live")
    return frozenset(connection.scalars(query))


def list_collections(connection: Connection, kinds: Sequence[str] | None = None) -> list[PublishedCollection]:
    """Return the collections that have live members, all or those of some kinds, by kind and name."""
    rows = connection.execute(
        select(
            PublishedCollectionRow.name,
            PublishedCollectionRow.kind,
            PublishedCollectionRow.label,
            PublishedCollectionRow.summary,
            PublishedCollectionRow.sequence,
            PublishedCollectionRow.datestamp,
            func.count(MemberRow.name).label("members"),
        )
        .join(MemberRow, MemberRow.collection == PublishedCollectionRow.name)
        .where(PublishedCollectionRow.kind.in_(kinds) if kinds is not None else true())
        .group_by(PublishedCollectionRow.name)
        .order_by(bytewise(PublishedCollectionRow.kind), bytewise(PublishedCollectionRow.name))
    )
    return [_collection(row) for row in rows]


def list_children(connection: Connection, parent: str, offset: int = 0, limit: int = 10_000) -> list[ChildCollection]:
    """Return the collections below one (the empty name is the root) that have live members, in their order."""
    rows = connection.execute(
        select(
            PublishedCollectionRow.name,
            PublishedCollectionRow.kind,
            PublishedCollectionRow.label,
            PublishedCollectionRow.sort_key,
        )
        .where(PublishedCollectionRow.parent == parent, _HAS_MEMBERS)
        .order_by(PublishedCollectionRow.sort_key, bytewise(PublishedCollectionRow.name))
        .offset(offset)
        .limit(limit)
    )
    return [ChildCollection(row.name, row.kind, row.label, row.sort_key) for row in rows]


def count_children(connection: Connection, parent: str) -> tuple[int, datetime | None]:
    """Return how many collections with live members lie below one, and when any of them, empty ones too, last changed."""
    count = connection.scalar(select(func.count()).where(PublishedCollectionRow.parent == parent, _HAS_MEMBERS)) or 0
    changed = connection.scalar(
        select(func.max(PublishedCollectionRow.datestamp)).where(PublishedCollectionRow.parent == parent)
    )
    return count, moment(changed) if changed is not None else None


_HAS_MEMBERS = exists().where(MemberRow.collection == PublishedCollectionRow.name)


def find_collection(connection: Connection, name: str) -> PublishedCollection:
    """Return a collection that was ever published; it may have become empty. Raises Unknown."""
    row = connection.execute(
        select(
            PublishedCollectionRow.name,
            PublishedCollectionRow.kind,
            PublishedCollectionRow.label,
            PublishedCollectionRow.summary,
            PublishedCollectionRow.sequence,
            PublishedCollectionRow.datestamp,
            PublishedCollectionRow.parent,
            select(func.count()).where(MemberRow.collection == name).scalar_subquery().label("members"),
        ).where(PublishedCollectionRow.name == name)
    ).one_or_none()
    if row is None:
        raise Unknown(f"there is no collection {name}")
    return replace(_collection(row), parent=row.parent)


def list_members(
    connection: Connection, collection: str, offset: int = 0, limit: int = 10_000, version: int = 3
) -> list[bytes]:
    """Return the ready-made entries of a collection's live members, in the collection's order.

    In version 2 those are left out that were published before there was one: they have no manifest of it either.
    """
    fragment = MemberRow.fragment if version == 3 else MemberRow.fragment_2
    rows = list(
        connection.scalars(
            select(fragment)
            .where(MemberRow.collection == collection)
            .order_by(MemberRow.sort_key, bytewise(MemberRow.name))
            .offset(offset)
            .limit(limit)
        )
    )
    return [row for row in rows if row is not None]


def list_member_items(connection: Connection, collection: str, offset: int = 0, limit: int = 60) -> list[Published]:
    """Return a collection's live members as items, in the collection's order."""
    rows = connection.execute(
        select(PublicationRow.item, PublicationRow.sequence, PublicationRow.datestamp, PublicationRow.first_datestamp)
        .join(MemberRow, MemberRow.name == PublicationRow.name)
        .where(MemberRow.collection == collection, PublicationRow.state == "live")
        .order_by(MemberRow.sort_key, bytewise(MemberRow.name))
        .offset(offset)
        .limit(limit)
    )
    return _published(rows.all())


def list_items(connection: Connection, names: Sequence[str]) -> list[Published]:
    """Return some live items in this order; those that are not live are left out."""
    rows = connection.execute(
        select(PublicationRow.item, PublicationRow.sequence, PublicationRow.datestamp, PublicationRow.first_datestamp)
        .where(PublicationRow.name.in_(names), PublicationRow.state == "live")
    )  # fmt: skip
    found = {published.item.name: published for published in _published(rows.all())}
    return [found[name] for name in names if name in found]


def list_newest(connection: Connection, limit: int = 12) -> list[Published]:
    """Return the items published last, newest first."""
    rows = connection.execute(
        select(PublicationRow.item, PublicationRow.sequence, PublicationRow.datestamp, PublicationRow.first_datestamp)
        .where(PublicationRow.state == "live")
        .order_by(PublicationRow.first_sequence.desc())
        .limit(limit)
    )
    return _published(rows.all())


def count_live(connection: Connection) -> tuple[int, int]:
    """Return how many items and views are live."""
    items = connection.scalar(select(func.count()).where(PublicationRow.state == "live")) or 0
    views = connection.scalar(select(func.count()).where(PublishedImageRow.state == "live")) or 0
    return items, views


def find_alias(connection: Connection, kind: str, value: str) -> str:
    """Return the item name that a former name stands for; `kind` is ark, url or oai. Raises Unknown."""
    name = connection.scalar(select(AliasRow.item).where(AliasRow.kind == kind, AliasRow.value == value))
    if name is None:
        raise Unknown(f"nothing was ever known as {value}")
    return name


def last_change(connection: Connection) -> tuple[int, datetime | None]:
    """Return sequence and moment of the newest journal entry; 0 and None before the first publication."""
    row = connection.execute(
        select(JournalRow.sequence, JournalRow.datestamp).order_by(JournalRow.sequence.desc()).limit(1)
    ).one_or_none()
    return (row.sequence, moment(row.datestamp)) if row else (0, None)


def find_installation(connection: Connection) -> dict[str, str]:
    """Return what was fixed at the first publication: base_url, repository_id, naan; empty before."""
    return {row.key: row.value for row in connection.execute(select(InstallationRow.key, InstallationRow.value))}


def find_logo(connection: Connection, institution: str) -> str:
    """Return an institution's logo as its record has it. Raises Unknown."""
    logo = connection.scalar(select(InstitutionRow.logo).where(InstitutionRow.name == institution))
    if logo is None:
        raise Unknown(f"there is no institution {institution}")
    return logo


def row_must_be_live(name: str, row: Row[*tuple[Any, ...]] | None) -> None:
    """Raise Unknown or Withdrawn unless this row, with state and reason, is that of a live publication."""
    if row is None:
        raise Unknown(f"there is no published item {name}")
    if row.state != "live":
        raise Withdrawn(f"{name} was withdrawn: {row.reason}" if row.reason else f"{name} was withdrawn", row.reason)


def _collection(row: Row[*tuple[Any, ...]]) -> PublishedCollection:
    return PublishedCollection(
        row.name, row.kind, row.label, row.summary, row.members, row.sequence, moment(row.datestamp)
    )


def _published(rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Published]:
    return [
        Published(ITEM.validate_python(row.item), row.sequence, moment(row.datestamp), moment(row.first_datestamp))
        for row in rows
    ]
