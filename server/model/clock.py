"""The clock that stages are given, so that tests can hold it still."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

_LOCAL = ZoneInfo("Europe/Paris")


def utc_now() -> datetime:
    """Return the present moment in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def exact_now() -> datetime:
    """Return the present moment in UTC, as exactly as the machine knows it: for what is sorted by when it happened."""
    return datetime.now(UTC)


def local_day(moment: datetime) -> date:
    """Return the calendar day of a moment where the libraries are: a not-before date begins at midnight there."""
    return moment.astimezone(_LOCAL).date()
