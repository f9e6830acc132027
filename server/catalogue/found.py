"""What is told to those who look for documents without searching: site maps, feeds, labels of collections."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from server.catalogue.base import bytewise
from server.catalogue.publication_models import (
    MemberRow,
    PublicationRow,
    PublishedCollectionRow,
    PublishedFileRow,
)
from server.catalogue.published import Published, moment
from server.catalogue.values import ITEM


@dataclass(frozen=True, slots=True)
class Changed:
    """Something that is public, and when it last changed."""

    name: str
    modified: datetime


def count_documents(connection: Connection) -> int:
    """Return how many documents were ever published: places in the site map are never given to others."""
    return connection.scalar(select(func.count()).select_from(PublicationRow)) or 0


def list_changed(connection: Connection, page: int, size: int) -> list[Changed]:
    """Return the live documents of a page of so many, pages counted from 1, in the order of first publication."""
    # a page is cut before the withdrawn ones are left out, so that no withdrawal moves the others to another page
    cut = (
        select(PublicationRow.name, PublicationRow.datestamp, PublicationRow.state, PublicationRow.first_sequence)
        .order_by(PublicationRow.first_sequence)
        .offset((page - 1) * size)
        .limit(size)
        .subquery()
    )
    rows = connection.execute(
        select(cut.c.name, cut.c.datestamp).where(cut.c.state == "live").order_by(cut.c.first_sequence)
    )
    return [Changed(row.name, moment(row.datestamp)) for row in rows]


def find_changed(connection: Connection, page: int, size: int) -> datetime | None:
    """Return when anything on such a page last changed; None where it has nothing."""
    cut = (
        select(PublicationRow.datestamp)
        .order_by(PublicationRow.first_sequence)
        .offset((page - 1) * size)
        .limit(size)
        .subquery()
    )
    newest = connection.scalar(select(func.max(cut.c.datestamp)))
    return moment(newest) if newest is not None else None


def list_changed_collections(connection: Connection) -> list[Changed]:
    """Return the collections that have live members, and when they last changed."""
    rows = connection.execute(
        select(PublishedCollectionRow.name, PublishedCollectionRow.datestamp)
        .where(select(MemberRow.name).where(MemberRow.collection == PublishedCollectionRow.name).exists())
        .order_by(bytewise(PublishedCollectionRow.name))
    )
    return [Changed(row.name, moment(row.datestamp)) for row in rows]


def list_newest_members(connection: Connection, collection: str, limit: int) -> list[Published]:
    """Return the live documents of a collection that were published last, newest first."""
    rows = connection.execute(
        select(PublicationRow.item, PublicationRow.sequence, PublicationRow.datestamp, PublicationRow.first_datestamp)
        .join(MemberRow, MemberRow.name == PublicationRow.name)
        .where(MemberRow.collection == collection, PublicationRow.state == "live")
        .order_by(PublicationRow.first_sequence.desc())
        .limit(limit)
    )
    return [
        Published(ITEM.validate_python(row.item), row.sequence, moment(row.datestamp), moment(row.first_datestamp))
        for row in rows
    ]


def find_labels(connection: Connection, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the labels of collections by name."""
    rows = connection.execute(
        select(PublishedCollectionRow.name, PublishedCollectionRow.label).where(
            PublishedCollectionRow.name.in_(list(names))
        )
    )
    return {row.name: row.label for row in rows}


def list_files(connection: Connection, name: str) -> list[tuple[str, str]]:
    """Return the files of a live document as a whole that can be taken away now: name and media type."""
    rows = connection.execute(
        select(PublishedFileRow.file, PublishedFileRow.media_type)
        .where(PublishedFileRow.name == name, PublishedFileRow.number == 0, PublishedFileRow.size.is_not(None))
        .order_by(bytewise(PublishedFileRow.file))
    )
    return [(row.file, row.media_type) for row in rows]
