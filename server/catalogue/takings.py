"""When records were taken, by their place in the publication sequence: the log of harvests, laid together in memory.

Each page of a document tells it, and the log has a row for each list that anybody began in 400 days. What harvests brought
are stretches of the sequence; laid over one another, the latest on top, few are left, for a whole harvest covers all
before it. Laid the other way, the earliest on top, they say since when a place was known: what stood there before is
taken where that was before it moved away.
"""

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Former:
    """A state of a record that is no more: its place in a format, its sets, and when it moved away (Unix time, seconds)."""

    prefix: str
    sequence: int
    moved: int
    is_deleted: bool
    specs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taking:
    """When an earlier state of a record was first taken, and the place where that state stood."""

    moment: datetime
    sequence: int


@dataclass(slots=True)
class _Log:
    """What was read of the log: stretches by list, the last taking of each repository, the newest end.

    `latest` has the stretches with the latest on top, `earliest` the other way; `recent` are those of the last minutes, as
    they were read; a repository's `version` rises when its stretches become others.
    """

    latest: dict[_List, list[Stretch]] = field(default_factory=dict)
    earliest: dict[_List, list[Stretch]] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    version: dict[str, int] = field(default_factory=dict)
    recent: frozenset[tuple[_List, Stretch]] = frozenset()
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
                # versions go on: what was judged by the log before is to be judged anew
                known = log.version if log is not None else {}
                log = _Log(whole_at=now, version={each: number + 1 for each, number in known.items()})
            elif now - log.read_at < FRESH_SECONDS:
                return
            else:
                log = replace(
                    log, latest=dict(log.latest), earliest=dict(log.earliest), last=dict(log.last), version=dict(log.version)
                )  # fmt: skip
            _read(connection, log)
            log.read_at = now
            self._log = log
        finally:
            self._reading.release()

    def last(self, repository: str) -> datetime | None:
        """Return when records were last taken from a repository; None where nobody came yet."""
        return _moment(self._log.last.get(repository)) if self._log else None

    def version(self, repository: str) -> int:
        """Return a number that is another one when what is known of a repository is."""
        return self._log.version.get(repository, 0) if self._log else 0

    def stretches(self, repository: str) -> Mapping[tuple[str, str], Sequence[Stretch]]:
        """Return what was taken of a repository, by format and set, empty where everything was asked for."""
        held = self._log.latest if self._log else {}
        return {(prefix, spec): found for (name, prefix, spec), found in held.items() if name == repository}

    def last_past(self, repository: str, prefix: str, specs: Iterable[str], sequence: int) -> datetime | None:
        """Return when what stands at a place was last taken in a format, with everything or in one of its sets."""
        held = self._log.latest if self._log else {}
        found = (_find(held.get((repository, prefix, spec), ()), sequence) for spec in ("", *specs))
        return _moment(max(filter(None, found), default=None))

    def find_earlier(self, repository: str, states: Iterable[Former]) -> Taking | None:
        """Return the taking of the newest earlier state that was taken for certain; None for none, and where it is a deletion.

        For certain: by a harvest that had ended when the state moved away.
        """
        held = self._log.earliest if self._log else {}
        for state in sorted(states, key=lambda each: (-each.sequence, each.is_deleted)):
            lists = (held.get((repository, state.prefix, spec), ()) for spec in ("", *state.specs))
            known = min(filter(None, (_find(each, state.sequence) for each in lists)), default=None)
            if known is not None and known < state.moved:
                return None if state.is_deleted else Taking(datetime.fromtimestamp(known, UTC), state.sequence)
        return None


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


def lay_in(held: Sequence[Stretch], come: Iterable[Stretch], *, is_earliest: bool = False) -> list[Stretch]:
    """Return stretches that were laid over one another with further ones laid in: the latest on top, or the earliest."""
    more = sorted(come)
    if not more:
        return list(held)
    # only what they touch is laid anew: of years of small harvests most lies before
    low = bisect_left(held, more[0].first, key=lambda each: each.reached)
    high = bisect_right(held, max(each.reached for each in more), key=lambda each: each.first)
    sign = -1.0 if is_earliest else 1.0
    laid = lay_over(Stretch(each.first, each.reached, sign * each.ended) for each in (*held[low:high], *more))
    return [*held[:low], *(Stretch(each.first, each.reached, sign * each.ended) for each in laid), *held[high:]]


def _read(connection: Connection, log: _Log) -> None:
    asked = select(
        HarvestRow.repository, HarvestRow.prefix, HarvestRow.spec, HarvestRow.first, HarvestRow.reached,
        HarvestRow.ended, HarvestRow.records,
    ).where(HarvestRow.verb == LIST_RECORDS)  # fmt: skip
    if log.newest:
        asked = asked.where(HarvestRow.ended >= datetime.fromtimestamp(log.newest, UTC) - _LATE)
    come: set[tuple[_List, Stretch]] = set()
    for repository, prefix, spec, first, reached, moment, records in connection.execute(asked):
        ended = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        log.newest = max(log.newest, ended)
        if records and ended > log.last.get(repository, 0.0):
            log.last[repository] = ended
        if reached > first:
            come.add(((repository, prefix, spec), Stretch(first, reached, ended)))
    lists: dict[_List, list[Stretch]] = {}
    for which, stretch in come - log.recent:
        lists.setdefault(which, []).append(stretch)
    for which, stretches in lists.items():
        log.latest[which] = lay_in(log.latest.get(which, []), stretches)
        log.earliest[which] = lay_in(log.earliest.get(which, []), stretches, is_earliest=True)
        log.version[which[0]] = log.version.get(which[0], 0) + 1
    since = log.newest - _LATE.total_seconds()
    log.recent = frozenset(each for each in come if each[1].ended >= since)


def _find(stretches: Sequence[Stretch], sequence: int) -> float | None:
    place = bisect_left(stretches, sequence, key=lambda each: each.first) - 1
    return stretches[place].ended if place >= 0 and stretches[place].reached >= sequence else None


def _moment(ended: float | None) -> datetime | None:
    return None if ended is None else datetime.fromtimestamp(ended, UTC)
