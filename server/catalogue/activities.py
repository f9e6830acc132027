"""Reading what Change Discovery tells: how many activities there are, and slices of them. Hot reads, so Core."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from server.catalogue.publication_models import ActivityRow
from server.catalogue.published import moment


@dataclass(frozen=True, slots=True)
class Activities:
    """Consecutive activities as bytes, oldest first; `modified` is the moment of the newest."""

    bodies: tuple[bytes, ...]
    modified: datetime


def count_activities(connection: Connection) -> tuple[int, datetime | None]:
    """Return how many activities there are, and the moment of the newest; 0 and None before the first publication."""
    row = connection.execute(
        select(ActivityRow.number, ActivityRow.datestamp).order_by(ActivityRow.number.desc()).limit(1)
    ).one_or_none()
    return (row.number + 1, moment(row.datestamp)) if row else (0, None)


def list_activities(connection: Connection, first: int, count: int) -> Activities | None:
    """Return up to `count` activities from number `first` on; None where there is none."""
    rows = connection.execute(
        select(ActivityRow.body, ActivityRow.datestamp)
        .where(ActivityRow.number >= first, ActivityRow.number < first + count)
        .order_by(ActivityRow.number)
    ).all()
    return Activities(tuple(row.body for row in rows), moment(rows[-1].datestamp)) if rows else None
