"""When records were last taken, by their place in the publication sequence: the log of harvests, laid together in memory.

Each page of a document tells it, and the log has a row for each list that anybody began in 400 days. What harvests brought
are stretches of the sequence; laid over one another, the latest on top, few are left, for a whole harvest covers all
before it.
"""

import threading
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import pairwise
from time import monotonic
from typing import NamedTuple

from sqlalchemy import Connection, select

from server.catalogue.harvest_models import HarvestRow
from server.catalogue.harvests import LIST_RECORDS

FRESH_SECONDS = 5.0
"""For so long the log is not looked into again."""

_WHOLE_SECONDS = 6 * 3600.0
"""After so long all of it is read anew: what was forgotten goes, and what was written late comes."""

_LATE = timedelta(minutes=10)
"""Workers write what they note after one another: so far before the newest that was seen is read again."""


class Stretch(NamedTuple):
    """Places of the publication sequence after `first`, up to `reached`, that were taken at `ended` (Unix time, seconds)."""

    first: int
    reached: int
    ended: float


_List = tuple[str, str, str]
"""A repository, a format and a set, empty where everything was asked for."""


@dataclass(slots=True)
class _Log:
    """What was read of the log: stretches by list, the last taking of each repository, the newest end."""

    stretches: dict[_List, list[Stretch]] = field(default_factory=dict)
    latest: dict[str, float] = field(default_factory=dict)
    newest: float = 0.0
    read_at: float = 0.0
    whole_at: float = 0.0


class Takings:
    """What a process knows of the log of harvests, some seconds old at most."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._log: _Log | None = None  # replaced as a whole, never changed

    def refresh(self, connection: Connection) -> None:
        """Read what is new in the log, where it was not just done."""
        now, log = monotonic(), self._log
        if log is not None and now - log.read_at < FRESH_SECONDS:
            return
        # one reads; the others go by what is known, but for the first time
        if not self._reading.acquire(blocking=log is None):
            return
        try:
            log = self._log
            if log is None or now - log.whole_at >= _WHOLE_SECONDS:
                log = _Log(whole_at=now)
            elif now - log.read_at < FRESH_SECONDS:
                return
            else:
                log = replace(log, stretches=dict(log.stretches), latest=dict(log.latest))
            _read(connection, log)
            log.read_at = now
            self._log = log
        finally:
            self._reading.release()

    def last(self, repository: str) -> datetime | None:
        """Return when records were last taken from a repository; None where nobody came yet."""
        return _moment(self._log.latest.get(repository)) if self._log else None

    def last_past(self, repository: str, prefix: str, specs: Iterable[str], sequence: int) -> datetime | None:
        """Return when what stands at a place was last taken in a format, with everything or in one of its sets."""
        stretches = self._log.stretches if self._log else {}
        found = (_find(stretches.get((repository, prefix, spec), ()), sequence) for spec in ("", *specs))
        return _moment(max(filter(None, found), default=None))


def lay_over(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return stretches in order that have no place in common: where several lie over one another, the latest remains."""
    waiting = sorted(stretches, reverse=True)
    places = sorted({place for each in waiting for place in (each.first, each.reached)})
    here: list[tuple[float, int]] = []
    laid: list[Stretch] = []
    for low, high in pairwise(places):
        while waiting and waiting[-1].first <= low:
            begun = waiting.pop()
            heappush(here, (-begun.ended, begun.reached))
        while here and here[0][1] <= low:
            heappop(here)
        if not here:
            continue
        ended = -here[0][0]
        if laid and laid[-1].reached == low and laid[-1].ended == ended:
            laid[-1] = Stretch(laid[-1].first, high, ended)
        else:
            laid.append(Stretch(low, high, ended))
    return laid


def _read(connection: Connection, log: _Log) -> None:
    asked = select(
        HarvestRow.repository, HarvestRow.prefix, HarvestRow.spec, HarvestRow.first, HarvestRow.reached,
        HarvestRow.ended, HarvestRow.records,
    ).where(HarvestRow.verb == LIST_RECORDS)  # fmt: skip
    if log.newest:
        asked = asked.where(HarvestRow.ended >= datetime.fromtimestamp(log.newest, UTC) - _LATE)
    come: dict[_List, set[Stretch]] = {}
    for repository, prefix, spec, first, reached, moment, records in connection.execute(asked):
        ended = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        log.newest = max(log.newest, ended)
        if records and ended > log.latest.get(repository, 0.0):
            log.latest[repository] = ended
        if reached > first:
            come.setdefault((repository, prefix, spec), set()).add(Stretch(first, reached, ended))
    for which, stretches in come.items():
        known = log.stretches.get(which, [])
        if not stretches.issubset(known):
            log.stretches[which] = lay_over([*known, *stretches])


def _find(stretches: Sequence[Stretch], sequence: int) -> float | None:
    place = bisect_left(stretches, sequence, key=lambda each: each.first) - 1
    return stretches[place].ended if place >= 0 and stretches[place].reached >= sequence else None


def _moment(ended: float | None) -> datetime | None:
    return None if ended is None else datetime.fromtimestamp(ended, UTC)
