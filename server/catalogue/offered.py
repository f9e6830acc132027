"""How the documents of a collection stand with each portal, counted and listed: offered, and how far they were taken.

A collection of tens of thousands of documents is read once; then only what the journal tells of. Places of records lie in
arrays, eight bytes for a document, repository and format, and are compared with the stretches that harvests brought
(`takings.py`) when those became others. What a document is in a repository is told by the record that stands for it: its
own, or that of its whole.
"""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, case, select

from server.catalogue.publication_models import (
    JournalRow,
    MemberRow,
    OaiFormerRecordRow,
    OaiRecordRow,
    OaiRecordSetRow,
    OaiRepositoryRow,
    OaiStandingRow,
    PublicationRow,
)
from server.catalogue.published import last_change
from server.catalogue.takings import Former, Takings

_MOST_AT_ONCE = 500
"""Names that one question has; where more are asked after, all of the collection are."""

_MOST_NEW = 5_000
"""Journal entries that are gone through; after more the collection is read anew."""

RECORD = case((OaiStandingRow.state == "covered", OaiStandingRow.whole), else_=OaiStandingRow.name)
"""The name of the record that stands for a document."""


class Taken(IntEnum):
    """How far a document was taken from a repository: the record that stands for it, as it is now or in an earlier state."""

    UNOFFERED = 0
    CURRENT = 1
    EARLIER = 2
    PENDING = 3


@dataclass(slots=True)
class _Held:
    """A collection as it was from a place of the publication sequence to another. Documents and records have numbers.

    By repository, `stands` has the number of the record that stands for each document, -1 for none; `places` the place of
    each live record by format, 0 for none; `within`, for a list of a set, the same of the records that are in it. `former`
    are the earlier states of records that were asked after, `judged` the states with the version of the log they follow,
    `stale` the documents of which they are not true any more, None where that is not known.
    """

    since: int
    mark: int
    names: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    begun: dict[int, int] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    stands: dict[str, "array[int]"] = field(default_factory=dict)
    places: dict[tuple[str, str], "array[int]"] = field(default_factory=dict)
    within: dict[tuple[str, str, str], "array[int]"] = field(default_factory=dict)
    former: dict[tuple[str, int], tuple[Former, ...]] = field(default_factory=dict)
    judged: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    stale: dict[str, frozenset[int] | None] = field(default_factory=dict)

    def copy(self) -> "_Held":
        """Return one of its own, for another place in the sequence: who reads the old one is not disturbed."""
        return _Held(
            self.since, self.mark, list(self.names), dict(self.numbers), dict(self.keys), dict(self.begun), [],
            {key: value[:] for key, value in self.stands.items()}, {key: value[:] for key, value in self.places.items()},
            {}, dict(self.former), dict(self.judged), dict(self.stale),
        )  # fmt: skip

    def doubt(self, numbers: Iterable[int]) -> None:
        """Remember that these documents and records changed. The parts of a whole are not looked for: all are judged anew."""
        changed = frozenset(numbers)
        others = changed - self.keys.keys()
        for repository, stands in self.stands.items():
            before = self.stale.get(repository, frozenset())
            is_whole = any(stands.count(number) for number in others)
            self.stale[repository] = None if is_whole or before is None else before | changed

    def number(self, name: str) -> int:
        """Return the number of a document or record, a new one where it has none yet."""
        found = self.numbers.setdefault(name, len(self.names))
        if found == len(self.names):
            self.names.append(name)
            for each in (*self.stands.values(), *self.places.values()):
                each.append(-1 if each.typecode == "i" else 0)
        return found

    def row(self, rows: "dict[Any, array[int]]", key: Any) -> "array[int]":
        """Return the array under a key, made where there was none."""
        if key not in rows:
            rows[key] = array("i", [-1]) * len(self.names) if rows is self.stands else array("q", [0]) * len(self.names)
        return rows[key]


class Offered:
    """Tells of collections how their documents stand. Threads may share it: what is held is replaced, never changed."""

    def __init__(self, takings: Takings) -> None:
        self._takings = takings
        self._held: dict[str, _Held] = {}

    def count(self, connection: Connection, collection: str) -> dict[str, dict[Taken, int]]:
        """Return how many live documents of a collection stand how, by each repository that offers any of them."""
        held = self._hold(connection, collection)
        counted = {}
        for repository in sorted(held.stands):
            states = self._judge(connection, held, repository)
            numbers = {taken: states.count(taken) for taken in Taken}
            numbers[Taken.UNOFFERED] = len(held.keys) - sum(numbers[taken] for taken in Taken if taken)
            if numbers[Taken.UNOFFERED] < len(held.keys):
                counted[repository] = numbers
        return counted

    def size(self, connection: Connection, collection: str) -> int:
        """Return how many live documents a collection has."""
        return len(self._hold(connection, collection).keys)

    def list_names(
        self, connection: Connection, collection: str, repository: str, wanted: Iterable[Taken]
    ) -> Sequence[str]:
        """Return the names of the live documents of a collection that stand so in a repository, in the collection's order."""
        held = self._hold(connection, collection)
        if not held.order:
            held.order = sorted(held.keys, key=lambda number: (held.keys[number], held.names[number]))
        states = self._judge(connection, held, repository)
        which = {int(taken) for taken in wanted}
        return [held.names[number] for number in held.order if states[number] in which]

    def _hold(self, connection: Connection, collection: str) -> _Held:
        self._takings.refresh(connection)
        newest, _moment = last_change(connection)
        held = self._held.get(collection)
        if held is not None and held.since <= newest <= held.mark:
            return held
        if held is None or not held.mark < newest <= held.mark + _MOST_NEW:
            read = _read(connection, collection, newest)
            if not read.keys or (held is not None and newest < held.mark):
                return read  # what anybody may ask for by a name of their own, or a snapshot of before
        else:
            read = _read_on(connection, collection, held, newest)
        self._held[collection] = read
        return read

    def _judge(self, connection: Connection, held: _Held, repository: str) -> bytes:
        """Return how each document stands in a repository, by its number."""
        version = self._takings.version(repository)
        known, stale = held.judged.get(repository), held.stale.get(repository, frozenset[int]())
        if known is not None and known[0] == version and stale is not None:
            if not stale:
                return known[1]
            states = bytearray(known[1].ljust(len(held.names), b"\0"))
            self._judge_some(connection, held, repository, stale, states)
        else:
            states = bytearray(len(held.names))
            self._judge_some(connection, held, repository, range(len(held.stands.get(repository, ()))), states)
        held.judged[repository], held.stale[repository] = (version, bytes(states)), frozenset()
        return held.judged[repository][1]

    def _judge_some(
        self, connection: Connection, held: _Held, repository: str, documents: Collection[int], states: bytearray
    ) -> None:
        """Write down how some documents stand in a repository."""
        stands = held.stands.get(repository)
        if stands is None:
            return  # nothing of the collection was ever offered there
        used = {stands[document] for document in documents} - {-1}
        taken, waiting = self._take(connection, held, repository, used)
        earlier = {}
        if waiting and self._takings.stretches(repository):
            _load_former(connection, held, repository, waiting)
            for record in waiting:
                if (found := self._takings.find_earlier(repository, held.former[repository, record])) is not None:
                    earlier[record] = found.sequence
        for document in documents:
            record = stands[document]
            if record in taken:
                states[document] = Taken.CURRENT
            # a whole that was taken before this document was published did not tell of it
            elif record in earlier and (record == document or earlier[record] > held.begun.get(document, 0)):
                states[document] = Taken.EARLIER
            else:
                states[document] = Taken.PENDING if record in waiting else Taken.UNOFFERED

    def _take(self, connection: Connection, held: _Held, repository: str, used: set[int]) -> tuple[set[int], set[int]]:
        """Return which of some records were taken as they are now, and which live ones were not."""
        lists = [places for (name, _prefix), places in held.places.items() if name == repository]
        waiting = {record for record in used if any(places[record] for places in lists)}
        taken: set[int] = set()
        for (prefix, spec), stretches in self._takings.stretches(repository).items():
            if (repository, prefix) not in held.places:
                continue
            places = held.places[repository, prefix]
            if spec:
                places = _load_within(connection, held, repository, prefix, spec)
            firsts, ends = [each.first for each in stretches], [each.reached for each in stretches]
            for record in waiting - taken:
                place = places[record]
                if place:
                    under = bisect_left(firsts, place) - 1
                    if under >= 0 and ends[under] >= place:
                        taken.add(record)
        return taken, waiting - taken


def _read(connection: Connection, collection: str, newest: int) -> _Held:
    """Read a collection whole."""
    held = _Held(newest, newest)
    members = connection.execute(_members(collection)).all()
    for row in members:
        held.keys[held.number(row.name)] = row.sort_key
        held.begun[held.number(row.name)] = row.first_sequence
    if members:
        wholes = _stand(held, connection.execute(_standings(collection)))
        own = select(*_RECORD_COLUMNS).join(MemberRow, MemberRow.name == OaiRecordRow.name)
        _place(held, connection.execute(own.where(MemberRow.collection == collection, *_LIVE)))
        _place_some(connection, held, wholes)
    return held


def _read_on(connection: Connection, collection: str, before: _Held, newest: int) -> _Held:
    """Return a collection as it became since, by the documents that the journal names and the records that moved."""
    told = select(JournalRow.name).where(JournalRow.sequence > before.mark)
    now = {row.name: row for row in connection.execute(_members(collection).where(MemberRow.name.in_(told)))}
    gone = {each for each in connection.scalars(told.distinct()) if each in before.numbers} - now.keys()
    moved = _list_moved(connection, before)
    ours = [row for row in moved if row.name in before.numbers]
    if not (now or ours or any(before.numbers[each] in before.keys for each in gone)):
        before.mark = newest  # nothing of this collection: what is held is true of then, too
        return before
    held = before.copy()
    held.since = held.mark = newest
    for name in (*now, *gone):
        number = held.number(name)
        for stands in held.stands.values():
            stands[number] = -1
        held.keys.pop(number, None)
    for name, row in now.items():
        held.keys[held.number(name)] = row.sort_key
        held.begun[held.number(name)] = row.first_sequence
    known = len(held.names)
    _stand(held, connection.execute(_standings(collection).where(OaiStandingRow.name.in_(told))))
    for record in ours:
        number = held.numbers[record.name]
        held.row(held.places, (record.repository, record.prefix))[number] = 0 if record.deleted else record.sequence
        held.former.pop((record.repository, number), None)
    held.doubt(held.numbers[each] for each in {*now, *gone, *(record.name for record in ours)})
    # what came into the collection may have stood in repositories for long
    _place_some(connection, held, {*held.names[known:], *(name for name in now if name not in before.numbers)})
    return held


_LIVE = (OaiRecordRow.repository != "", OaiRecordRow.deleted.is_(False))
_RECORD_COLUMNS = (OaiRecordRow.repository, OaiRecordRow.prefix, OaiRecordRow.name, OaiRecordRow.sequence)


def _members(collection: str) -> Select[str, str, int]:
    return (
        select(MemberRow.name, MemberRow.sort_key, PublicationRow.first_sequence)
        .join(PublicationRow, PublicationRow.name == MemberRow.name)
        .where(MemberRow.collection == collection)
    )


def _standings(collection: str) -> Select[str, str, str]:
    return (
        select(OaiStandingRow.repository, OaiStandingRow.name, RECORD.label("record"))
        .join(MemberRow, MemberRow.name == OaiStandingRow.name)
        .where(MemberRow.collection == collection, OaiStandingRow.state != "refused")
    )


def _stand(held: _Held, rows: Iterable[Row[str, str, str]]) -> set[str]:
    """Keep which records stand for documents; return the names of those that are not documents of the collection."""
    others = set()
    for row in rows:
        record = held.number(row.record)
        held.row(held.stands, row.repository)[held.numbers[row.name]] = record
        if row.record != row.name:
            others.add(row.record)
    return others


def _place(held: _Held, rows: Iterable[Row[str, str, str, int]]) -> None:
    for row in rows:
        held.row(held.places, (row.repository, row.prefix))[held.numbers[row.name]] = row.sequence


def _place_some(connection: Connection, held: _Held, names: Iterable[str]) -> None:
    for some in _pieces(sorted(names)):
        _place(held, connection.execute(select(*_RECORD_COLUMNS).where(OaiRecordRow.name.in_(some), *_LIVE)))


def _list_moved(connection: Connection, held: _Held) -> list[Row[str, str, str, int, bool]]:
    """Return the records that changed since, of every repository: by the index of each list."""
    lists = set(held.places)
    for repository, formats in connection.execute(select(OaiRepositoryRow.name, OaiRepositoryRow.formats)):
        lists.update((repository, prefix) for prefix in formats)
    return [
        row
        for repository, prefix in sorted(lists)
        for row in connection.execute(
            select(*_RECORD_COLUMNS, OaiRecordRow.deleted).where(
                OaiRecordRow.repository == repository, OaiRecordRow.prefix == prefix, OaiRecordRow.sequence > held.mark
            )
        )
    ]


def _load_within(connection: Connection, held: _Held, repository: str, prefix: str, spec: str) -> "array[int]":
    """Return the places of the live records that are in a set, 0 of others."""
    key = repository, prefix, spec
    if key not in held.within:
        of_list = [
            getattr(OaiRecordSetRow, column) == value
            for column, value in zip(("repository", "prefix", "spec"), key, strict=True)
        ]
        places = held.places[repository, prefix]
        within = array("q", [0]) * len(held.names)
        for name in connection.scalars(select(OaiRecordSetRow.name).where(*of_list)):
            number = held.numbers.get(name)
            if number is not None:
                within[number] = places[number]
        held.within[key] = within
    return held.within[key]


def _load_former(connection: Connection, held: _Held, repository: str, records: Iterable[int]) -> None:
    """See to it that the earlier states of some records are held."""
    missing = [number for number in records if (repository, number) not in held.former]
    if not missing:
        return
    found: dict[int, list[Former]] = {number: [] for number in missing}
    for _repository, name, state in load_former(connection, [held.names[number] for number in missing], (repository,)):
        found[held.numbers[name]].append(state)
    held.former.update(((repository, number), tuple(states)) for number, states in found.items())


def load_former(
    connection: Connection, names: Iterable[str], repositories: Iterable[str]
) -> Iterable[tuple[str, str, Former]]:
    """Yield repository, name and state of the earlier states of some records in some repositories."""
    row_of = OaiFormerRecordRow
    query = select(
        row_of.repository, row_of.name, row_of.prefix, row_of.sequence, row_of.moved, row_of.deleted, row_of.specs
    ).where(row_of.repository.in_(list(repositories)))
    for some in _pieces(sorted(names)):
        for row in connection.execute(query.where(row_of.name.in_(some))):
            yield row.repository, row.name, Former(row.prefix, row.sequence, row.moved, row.deleted, tuple(row.specs))


def _pieces(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + _MOST_AT_ONCE] for start in range(0, len(names), _MOST_AT_ONCE))
