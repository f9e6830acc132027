"""Reading what harvesters take: every query of the OAI-PMH surface. Hot reads, so SQLAlchemy Core.

A list is walked by the publication sequence. As datestamps never fall along it, the dates of a request become two
places in the sequence once, at the first page; every page is then the same short walk of one index, however far down
the list it stands. Nothing here counts or skips rows on a later page.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, literal, select, tuple_

from server.catalogue.base import bytewise, keywise
from server.catalogue.models import AliasRow, EventRow
from server.catalogue.publication_models import JournalRow, OaiRecordRow, OaiRecordSetRow, OaiSetRow
from server.catalogue.published import moment


@dataclass(frozen=True, slots=True)
class Listed:
    """Which records a list is of: those of `prefix` in `repository`, of one set where `spec` names it."""

    repository: str
    prefix: str
    spec: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A record or tombstone as bytes: `body` follows `header` inside `<record>` and is empty for a tombstone."""

    sequence: int
    header: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """One record asked for by its name; `modified` is its datestamp."""

    record: Record
    deleted: bool
    modified: datetime


@dataclass(frozen=True, slots=True)
class PublishedSet:
    """A set with its label and description as language maps of one value each."""

    spec: str
    label: dict[str, str]
    description: dict[str, str]


def list_bounds(connection: Connection, listed: Listed, since: int | None, until: int | None) -> tuple[int, int] | None:
    """Return the places in the sequence between which a list lies: after the first, up to and with the second.

    `since` and `until` are datestamps, both inclusive. None where no record of that format lies between them.
    """
    within = (OaiRecordRow.repository == listed.repository, OaiRecordRow.prefix == listed.prefix)
    first = select(OaiRecordRow.sequence).where(*within)
    if since is not None:
        first = first.where(OaiRecordRow.datestamp >= since)
    last = select(OaiRecordRow.sequence).where(*within)
    if until is not None:
        last = last.where(OaiRecordRow.datestamp <= until)
    start = connection.scalar(first.order_by(OaiRecordRow.datestamp, OaiRecordRow.sequence).limit(1))
    end = connection.scalar(last.order_by(OaiRecordRow.datestamp.desc(), OaiRecordRow.sequence.desc()).limit(1))
    return None if start is None or end is None or start > end else (start - 1, end)


def list_records(
    connection: Connection, listed: Listed, after: int, upto: int, limit: int, *, bodies: bool = True
) -> list[Record]:
    """Return the records that follow a place in the sequence, up to another; without bodies for ListIdentifiers."""
    rows = connection.execute(select_page(listed, after, upto, limit, bodies=bodies))
    return [Record(*row) for row in rows] if bodies else [Record(row[0], row[1], b"") for row in rows]


def select_page(listed: Listed, after: int, upto: int, limit: int, *, bodies: bool) -> Select[*tuple[Any, ...]]:
    """Return the query of one page; a test asks both databases how they walk it."""
    columns = [OaiRecordRow.sequence, OaiRecordRow.header, *([OaiRecordRow.body] if bodies else [])]
    if not listed.spec:
        return (
            select(*columns)
            .where(
                OaiRecordRow.repository == listed.repository,
                OaiRecordRow.prefix == listed.prefix,
                OaiRecordRow.sequence > after,
                OaiRecordRow.sequence <= upto,
            )
            .order_by(OaiRecordRow.sequence)
            .limit(limit)
        )
    # The set's own index gives the page's names; only they are looked up among the records.
    page = (
        select(OaiRecordSetRow.repository, OaiRecordSetRow.prefix, OaiRecordSetRow.name, OaiRecordSetRow.sequence)
        .where(
            OaiRecordSetRow.repository == listed.repository,
            OaiRecordSetRow.prefix == listed.prefix,
            OaiRecordSetRow.spec == listed.spec,
            OaiRecordSetRow.sequence > after,
            OaiRecordSetRow.sequence <= upto,
        )
        .order_by(OaiRecordSetRow.sequence)
        .limit(limit)
        .subquery()
    )
    return (
        select(*columns)
        .join(
            page,
            (OaiRecordRow.repository == page.c.repository)
            & (OaiRecordRow.prefix == page.c.prefix)
            & (OaiRecordRow.name == page.c.name),
        )
        .order_by(page.c.sequence)
    )


def count_records(connection: Connection, listed: Listed, after: int, upto: int) -> int:
    """Return how many records lie between two places in the sequence: asked once for a list, at its first page."""
    row = OaiRecordSetRow if listed.spec else OaiRecordRow
    query = (
        select(func.count())
        .select_from(row)
        .where(
            row.repository == listed.repository,
            row.prefix == listed.prefix,
            row.sequence > after,
            row.sequence <= upto,
        )
    )
    if listed.spec:
        query = query.where(OaiRecordSetRow.spec == listed.spec)
    return connection.scalar(query) or 0


def find_nearest(connection: Connection, listed: Listed, upto: int, *, bodies: bool = True) -> Record | None:
    """Return the last record of a list up to a place, else the first one after it: one that a page can always show."""
    row = OaiRecordSetRow if listed.spec else OaiRecordRow
    places = select(row.sequence).where(row.repository == listed.repository, row.prefix == listed.prefix)
    if listed.spec:
        places = places.where(OaiRecordSetRow.spec == listed.spec)
    place = connection.scalar(places.where(row.sequence <= upto).order_by(row.sequence.desc()).limit(1))
    if place is None:
        place = connection.scalar(places.order_by(row.sequence).limit(1))
    if place is None:
        return None
    return next(iter(list_records(connection, listed, place - 1, place, 1, bodies=bodies)), None)


def find_record(connection: Connection, repository: str, prefix: str, name: str) -> FoundRecord | None:
    """Return the record of an item in one format, or None."""
    row = connection.execute(
        select(
            OaiRecordRow.sequence, OaiRecordRow.header, OaiRecordRow.body, OaiRecordRow.deleted, OaiRecordRow.datestamp
        ).where(OaiRecordRow.repository == repository, OaiRecordRow.prefix == prefix, OaiRecordRow.name == name)
    ).one_or_none()
    if row is None:
        return None
    return FoundRecord(Record(row.sequence, row.header, row.body), row.deleted, moment(row.datestamp))


def list_prefixes(connection: Connection, repository: str, name: str) -> list[str]:
    """Return the formats in which an item has a record or a tombstone; none where the item was never there."""
    return list(
        connection.scalars(
            select(OaiRecordRow.prefix)
            .where(OaiRecordRow.repository == repository, OaiRecordRow.name == name)
            .order_by(bytewise(OaiRecordRow.prefix))
        )
    )


def list_sets(connection: Connection, repository: str, after: str, limit: int) -> list[PublishedSet]:
    """Return the sets whose setSpec follows a given one, in the order of setSpecs."""
    rows = connection.execute(
        select(OaiSetRow.spec, OaiSetRow.label, OaiSetRow.description)
        .where(OaiSetRow.repository == repository, OaiSetRow.spec > after)
        .order_by(bytewise(OaiSetRow.spec))
        .limit(limit)
    )
    return [PublishedSet(row.spec, row.label, row.description) for row in rows]


def count_sets(connection: Connection, repository: str) -> int:
    """Return how many sets a repository has."""
    return connection.scalar(select(func.count()).select_from(OaiSetRow).where(OaiSetRow.repository == repository)) or 0


def list_inventory(
    connection: Connection, repository: str, prefix: str, after: str, limit: int
) -> list[tuple[str, str, int, bool, bytes]]:
    """Return name, format, datestamp, whether it is deleted, and body of the records that follow one in a repository.

    They come in the order of format and name, which never changes: whoever goes on from the last one of a page sees
    every record that is there all the while exactly once.
    """
    rows = connection.execute(
        select(OaiRecordRow.name, OaiRecordRow.prefix, OaiRecordRow.datestamp, OaiRecordRow.deleted, OaiRecordRow.body)
        .where(
            OaiRecordRow.repository == repository,
            tuple_(OaiRecordRow.prefix, OaiRecordRow.name) > tuple_(literal(prefix), literal(after)),
        )
        .order_by(*keywise(OaiRecordRow.prefix, OaiRecordRow.name))
        .limit(limit)
    )
    return [(row.name, row.prefix, row.datestamp, row.deleted, row.body) for row in rows]


def find_earliest(connection: Connection) -> datetime | None:
    """Return the moment before which nothing was published: that of the first publication, else of the first event."""
    first = connection.scalar(select(JournalRow.datestamp).order_by(JournalRow.sequence).limit(1))
    if first is not None:
        return moment(first)
    return connection.scalar(select(EventRow.at).order_by(EventRow.identifier).limit(1))


def find_successor(connection: Connection, former: str) -> str | None:
    """Return the name of the item that a former OAI identifier belongs to, or None."""
    return connection.scalar(select(AliasRow.item).where(AliasRow.kind == "oai", AliasRow.value == former))
