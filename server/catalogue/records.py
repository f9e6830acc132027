"""Reading what harvesters take: every query of the OAI-PMH surface. Hot reads, so SQLAlchemy Core.

A list is walked by the publication sequence. As datestamps never fall along it, the dates of a request become two
places in the sequence once, at the first page; every page is then the same short walk of one index, however far down
the list it stands. Nothing here counts or skips rows on a later page.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Integer,
    Select,
    String,
    bindparam,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.sql.compiler import SQLCompiler

from server.catalogue.base import bytewise, keywise
from server.catalogue.models import AliasRow, EventRow
from server.catalogue.publication_models import JournalRow, OaiRecordRow, OaiRecordSetRow, OaiSetRow
from server.catalogue.published import moment

ANY_SIZE = 2**62
"""Bytes of a page that has no limit of bytes."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Which records a list is of: those of `prefix` in `repository`, of one set where `spec` names it."""

    repository: str
    prefix: str
    spec: str = ""


class Record(NamedTuple):
    """A record or tombstone as bytes: `body` follows `header` inside `<record>` and is empty for a tombstone."""

    sequence: int
    header: bytes
    body: bytes = b""


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


_as_record = partial(tuple.__new__, Record)
"""What `Record._make` does, at a third of its time: it is done for each record of a harvest."""


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
    connection: Connection,
    listed: Listed,
    after: int,
    upto: int,
    limit: int,
    *,
    size: int = ANY_SIZE,
    bodies: bool = True,
) -> list[Record]:
    """Return the records that follow a place in the sequence, up to another; without bodies for ListIdentifiers.

    They are `limit` at most, and end with the one that brings them beyond `size` bytes, but never before the second: so
    whoever shows one less knows whether the list goes on. No more than that is ever held, however large records are.
    """
    query = _compiled(connection.dialect, bool(listed.spec), bodies)
    given = {**query.params, **_place(listed, after, upto, limit), "size": size}
    if connection.dialect.name == "sqlite":
        values: Any = [given[name] for name in query.positiontup or ()]
        cursor = _driver(connection).cursor()
    else:
        values = given
        cursor = _driver(connection).cursor(binary=True)  # as text, bytes would come twice as long
    found: list[tuple[Any, ...]] = []
    try:
        cursor.execute(query.string, values)
        for row in cursor:
            found.append(row)
            size -= len(row[1]) + (len(row[2]) if bodies else 0)
            if size < 0 and len(found) > 1:
                break
    finally:
        cursor.close()
    return list(map(_as_record, found)) if bodies else [Record(*row) for row in found]


def select_page(
    dialect: Dialect, listed: Listed, after: int, upto: int, limit: int, *, size: int = ANY_SIZE, bodies: bool
) -> Select[*tuple[Any, ...]]:
    """Return the query of one page with its values; a test asks both databases how they walk it."""
    query = _within(dialect, bool(listed.spec), bodies)
    return query.params({**_place(listed, after, upto, limit), "size": size})


def _place(listed: Listed, after: int, upto: int, limit: int) -> dict[str, str | int]:
    return {
        "repository": listed.repository, "prefix": listed.prefix, "spec": listed.spec,
        "after": after, "upto": upto, "limit": limit,
    }  # fmt: skip


def _page(by_set: bool, bodies: bool) -> Select[*tuple[Any, ...]]:
    """Return the query of one page, its place in names that `_place` gives."""
    columns = (OaiRecordRow.sequence, OaiRecordRow.header, *([OaiRecordRow.body] if bodies else []))
    row = OaiRecordSetRow if by_set else OaiRecordRow
    walk = (
        row.repository == bindparam("repository", type_=String),
        row.prefix == bindparam("prefix", type_=String),
        row.sequence > bindparam("after", type_=BigInteger),
        row.sequence <= bindparam("upto", type_=BigInteger),
    )
    limit = bindparam("limit", type_=Integer)
    if not by_set:
        return select(*columns).where(*walk).order_by(OaiRecordRow.sequence).limit(limit)
    # The set's own index gives the page's names; only they are looked up among the records.
    page = (
        select(OaiRecordSetRow.repository, OaiRecordSetRow.prefix, OaiRecordSetRow.name, OaiRecordSetRow.sequence)
        .where(*walk, OaiRecordSetRow.spec == bindparam("spec", type_=String))
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


@lru_cache(maxsize=64)
def _compiled(dialect: Dialect, by_set: bool, bodies: bool) -> SQLCompiler:
    """Return the query of one page as its driver takes it."""
    return _within(dialect, by_set, bodies).compile(dialect=dialect)


def _within(dialect: Dialect, by_set: bool, bodies: bool) -> Select[*tuple[Any, ...]]:
    """Return the query of one page that stops where it has enough.

    SQLite makes a row when it is asked for it, so whoever has enough stops. PostgreSQL sends all: it is told what is too
    much, by the lengths, which it knows without reading the bytes.
    """
    query = _page(by_set, bodies)
    if dialect.name == "sqlite":
        return query
    page = query.subquery()
    length: ColumnElement[int] = func.octet_length(page.c.header)
    if bodies:
        length += func.octet_length(page.c.body)
    # those before the last one before it: a page that is full already is followed by one record more, or two
    before = func.sum(length).over(order_by=page.c.sequence, rows=(None, -2)).label("before")
    counted = select(page, before).subquery()
    return (
        select(*(counted.c[column.name] for column in page.c))
        .where(func.coalesce(counted.c.before, 0) <= bindparam("size", type_=BigInteger))
        .order_by(counted.c.sequence)
    )


def _driver(connection: Connection) -> Any:
    """Return the driver's own connection: SQLAlchemy's work for each row would cost more than the row."""
    return connection.connection.driver_connection


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
