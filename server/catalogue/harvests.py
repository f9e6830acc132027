"""The log of harvests: keeping what the servers noted, telling it, and telling what is not delivered yet.

A record counts as delivered when the place in the publication sequence where it stands now lies in what a ListRecords of
its repository and format brought for certain: up to the last page that a harvester asked on from, or all of a list whose
last page was taken. A record that changed since stands at another place, and is to be delivered anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.harvest_models import HarvestRow
from server.catalogue.publication_models import OaiFormerRecordRow, OaiRecordRow
from server.catalogue.published import moment

LIST_RECORDS = "ListRecords"


@dataclass(frozen=True, slots=True)
class Harvest:
    """A harvest as far as it is known; numbers add up with what is kept under the same `number` already."""

    number: str
    repository: str
    verb: str
    prefix: str
    spec: str
    since: str
    agent: str
    network: str
    began: datetime
    ended: datetime
    pages: int
    records: int
    errors: int
    size: int
    first: int
    upto: int
    reached: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A record or tombstone that no harvest of its repository has brought yet."""

    name: str
    prefix: str
    changed: datetime
    deleted: bool


def keep_harvests(session: Session, harvests: Iterable[Harvest]) -> None:
    """Add what was noted to what is kept: counts add up, the place that was reached only rises."""
    for noted in harvests:
        row = session.execute(
            select(HarvestRow).where(HarvestRow.number == noted.number).with_for_update()
        ).scalar_one_or_none()
        if row is None:
            values = {name: getattr(noted, name) for name in Harvest.__slots__}
            session.execute(insert(HarvestRow), [values])
            continue
        row.pages, row.records, row.errors = (
            row.pages + noted.pages,
            row.records + noted.records,
            row.errors + noted.errors,
        )
        row.began, row.ended = min(_utc(row.began), noted.began), max(_utc(row.ended), noted.ended)
        row.reached, row.is_whole = max(row.reached, noted.reached), row.is_whole or noted.is_whole
        row.since = row.since or noted.since


def forget_old(session: Session, now: datetime, address_days: int, log_days: int) -> None:
    """Forget where harvests came from, and in the end the harvests themselves with the states that they alone brought."""
    session.execute(
        update(HarvestRow)
        .where(HarvestRow.ended < now - timedelta(days=address_days), HarvestRow.network != "")
        .values(network="")
    )
    oldest = now - timedelta(days=log_days)
    session.execute(delete(HarvestRow).where(HarvestRow.ended < oldest))
    # whatever brought these states had ended before they moved away
    session.execute(delete(OaiFormerRecordRow).where(OaiFormerRecordRow.moved < int(oldest.timestamp())))


def list_harvests(connection: Connection, repository: str | None, limit: int) -> list[Harvest]:
    """Return the latest harvests, newest first; of one repository where it is named, "" being the one of everything."""
    query = select(*(getattr(HarvestRow, name) for name in Harvest.__slots__))
    if repository is not None:
        query = query.where(HarvestRow.repository == repository)
    # numbers are drawn by chance: they only keep the order of what ended, and began, in the same microsecond
    order = (HarvestRow.ended.desc(), HarvestRow.began.desc(), bytewise(HarvestRow.number))
    rows = connection.execute(query.order_by(*order).limit(limit))
    return [
        replace(found, began=_utc(found.began), ended=_utc(found.ended)) for found in (Harvest(*row) for row in rows)
    ]


def delivered_ranges(connection: Connection, repository: str, prefix: str, agent: str = "") -> list[tuple[int, int]]:
    """Return the stretches of the publication sequence that harvests brought: after the first place, with the second."""
    query = select(HarvestRow.first, HarvestRow.reached).where(
        HarvestRow.repository == repository,
        HarvestRow.verb == LIST_RECORDS,
        HarvestRow.prefix == prefix,
        HarvestRow.spec == "",
        HarvestRow.reached > HarvestRow.first,
    )
    if agent:
        query = query.where(func.lower(HarvestRow.agent).contains(agent.lower(), autoescape=True))
    joined: list[tuple[int, int]] = []
    for first, reached in connection.execute(query.order_by(HarvestRow.first)):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(reached, joined[-1][1]))
        else:
            joined.append((first, reached))
    return joined


def list_undelivered(
    connection: Connection, repository: str, prefixes: Sequence[str], agent: str = ""
) -> Iterator[Undelivered]:
    """Yield the records of a repository that no harvest brought, in the order in which they were published."""
    for prefix in prefixes:
        ranges = delivered_ranges(connection, repository, prefix, agent)
        for after, upto in _gaps(ranges):
            query: Any = select(
                OaiRecordRow.name, OaiRecordRow.prefix, OaiRecordRow.datestamp, OaiRecordRow.deleted
            ).where(OaiRecordRow.repository == repository, OaiRecordRow.prefix == prefix, OaiRecordRow.sequence > after)
            if upto is not None:
                query = query.where(OaiRecordRow.sequence <= upto)
            for row in connection.execute(query.order_by(OaiRecordRow.sequence)):
                yield Undelivered(row.name, row.prefix, moment(row.datestamp), row.deleted)


def _gaps(ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int | None]]:
    after = 0
    for first, reached in ranges:
        if first > after:
            yield after, first
        after = max(after, reached)
    yield after, None


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
