"""What is counted and sorted of every document, in the memory of this process and as new as the snapshot that asks.

Counting ten facets among a hundred thousand documents takes a database a second. Here each value of a facet has its set
of documents (bits where they are many, numbers where they are few), and each document its values, so that a count is
arithmetic. A mirror asks the table what changed since it last looked (`FindDocumentRow.change`): a publication costs it one
row, and a withdrawn document is gone before a search that begins after the withdrawal is answered.
"""

import threading
from array import array
from bisect import bisect_left, insort
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, func, select

from server.catalogue.find_models import FindDocumentRow
from server.search.library.commonest import Commonest
from server.search.library.entry import RECIPE
from server.search.library.index import to_flags, to_set

_SMALL = 1500
"""Results of so many documents are counted document by document."""

_BULK = 200
"""Changes of so many rows are sorted in as a whole."""

_FEW = 32
"""Documents of a value that are counted one by one."""

MOST_CHANGES = 24
"""The last changes, of which is remembered which documents they were of."""


@dataclass(frozen=True, slots=True)
class _Document:
    """A live document: what sorts it, and the numbers of its values."""

    name: str
    earliest: int | None
    latest: int | None
    sort_key: str
    first: int
    text_number: int | None
    values: tuple[int, ...]


_NEVER = 99_999_999
_Key = tuple[Any, ...]


def _dated_key(number: int, document: _Document) -> _Key | None:
    return None if document.earliest is None else (document.earliest, document.sort_key, number)


def _ended_key(number: int, document: _Document) -> _Key | None:
    return None if document.latest is None else (document.latest, number)


def _title_key(number: int, document: _Document) -> _Key:
    return document.sort_key, _NEVER if document.earliest is None else document.earliest, number


def _new_key(number: int, document: _Document) -> _Key:
    return document.first, number


class _Order:
    """Documents in the order of some keys, the number last, so that no two are alike."""

    def __init__(self) -> None:
        self._keys: list[_Key] = []

    def change(self, gone: Sequence[_Key], come: Sequence[_Key]) -> None:
        """Take keys out and put others in."""
        if len(gone) + len(come) > _BULK:
            left = set(gone)
            self._keys = sorted([*(key for key in self._keys if key not in left), *come])
            return
        for key in gone:
            del self._keys[bisect_left(self._keys, key)]
        for key in come:
            insort(self._keys, key)

    def numbers(self, *, backwards: bool = False) -> Iterator[int]:
        """Yield the numbers in order or against it."""
        return (key[-1] for key in (reversed(self._keys) if backwards else self._keys))

    def upto(self, key: _Key) -> Iterator[int]:
        """Yield the numbers of what comes before a key."""
        return (each[-1] for each in self._keys[: bisect_left(self._keys, key)])

    def since(self, key: _Key) -> Iterator[int]:
        """Yield the numbers of what comes from a key on."""
        return (each[-1] for each in self._keys[bisect_left(self._keys, key) :])


class Mirror:
    """The documents of a catalogue as they are counted and sorted. One for a process; who uses it holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.change = 0
        self.size = 1
        self.live = 0
        self.documents: dict[int, _Document] = {}
        self.by_text: dict[int, int] = {}
        self._number: dict[tuple[str, str], int] = {}
        self._value: list[tuple[str, str]] = []
        self._members: list[int | array[int]] = []
        self._counts: list[int] = []
        self._of_facet: dict[str, list[int]] = {}
        self._sorted: set[str] = set()
        self._dated, self._ended, self._titled, self._new = _Order(), _Order(), _Order(), _Order()
        self._keyed = (
            (self._dated, _dated_key), (self._ended, _ended_key), (self._titled, _title_key), (self._new, _new_key)
        )  # fmt: skip
        self._undated: set[int] = set()
        self._tallied: tuple[int, Counter[int]] = (0, Counter())
        self._commonest = Commonest()
        self._latest: deque[tuple[int, int]] = deque()
        self._known_since = 0

    def refresh(self, connection: Connection) -> int:
        """Bring what is remembered to what a snapshot holds, unless it is newer; return the snapshot's last change."""
        newest = connection.scalar(select(func.max(FindDocumentRow.change))) or 0
        if newest <= self.change:
            return newest
        rows = connection.execute(
            select(
                FindDocumentRow.number, FindDocumentRow.name, FindDocumentRow.live, FindDocumentRow.facets,
                FindDocumentRow.earliest, FindDocumentRow.latest, FindDocumentRow.sort_key,
                FindDocumentRow.first_sequence, FindDocumentRow.text_number, FindDocumentRow.change,
                FindDocumentRow.recipe, FindDocumentRow.common,
            )
            .where(FindDocumentRow.change > self.change)
            .order_by(FindDocumentRow.change)
        ).all()  # fmt: skip
        self._apply(rows)
        self.change = newest
        return newest

    def changed_since(self, change: int) -> set[int] | None:
        """Return the documents that changed after a change, None where they are too many to be remembered."""
        if change < self._known_since:
            return None
        return {number for at, number in self._latest if at > change}

    def common_members(self, term: str, change: int) -> int | None:
        """Return the documents that held one of the commonest words at a change; None where the index must be asked."""
        if change != self.change or not self._commonest.is_whole:
            return None
        return self._commonest.members(term) & self.live

    def members(self, facet: str, value: str) -> int:
        """Return the set of documents that have a value."""
        number = self._number.get((facet, value))
        if number is None:
            return 0
        held = self._members[number]
        return held if isinstance(held, int) else to_set(held)

    def dated(self, since: int | None, upto: int | None) -> int:
        """Return the set of documents that may be of these days, both ends included."""
        found = self.live
        if since is None and upto is None:
            return found
        if upto is not None:
            found &= to_set(self._dated.upto((upto + 1,)))
        if since is not None:
            found &= to_set(self._ended.since((since,)))
        return found

    def count(self, facet: str, base: int, most: int) -> list[tuple[str, int]]:
        """Return how many documents of a set have each value of a facet: the commonest values, each with at least one."""
        numbers = self._by_count(facet)
        total = base.bit_count()
        if not total or not numbers:
            return []
        if base == self.live:
            found = [(number, self._counts[number]) for number in numbers[:most]]
        elif total <= _SMALL:
            counted = self._tally(base)
            found = [(number, counted[number]) for number in numbers if number in counted]
        else:
            found = self._count_down(numbers, base, most)
        found.sort(key=lambda each: (-each[1], self._value[each[0]][1]))
        return [(self._value[number][1], count) for number, count in found[:most] if count]

    def count_value(self, facet: str, value: str, base: int) -> int:
        """Return how many documents of a set have one value."""
        return (self.members(facet, value) & base).bit_count()

    def values(self, facet: str) -> list[str]:
        """Return the values of a facet that any document has, the commonest first."""
        return [self._value[number][1] for number in self._by_count(facet)]

    def take(self, members: int, order: str, offset: int, limit: int) -> list[int]:
        """Return documents of a set in an order: `date`, `-date` (undated ones last), `new`, `title`."""
        if members.bit_count() <= _SMALL:
            return self._sort(list_members(members, self.size), order)[offset : offset + limit]
        flags = to_flags(members, self.size).tobytes()  # single ones are read quicker so
        found: list[int] = []
        for numbers in self._orders(order):
            for number in numbers:
                if flags[number]:
                    if offset:
                        offset -= 1
                    else:
                        found.append(number)
                        if len(found) == limit:
                            return found
        return found

    def _sort(self, listed: list[int], order: str) -> list[int]:
        if order == "new":
            return sorted(listed, key=lambda number: _new_key(number, self.documents[number]), reverse=True)
        if order == "title":
            return sorted(listed, key=lambda number: _title_key(number, self.documents[number]))
        dated = [number for number in listed if number not in self._undated]
        undated = [number for number in listed if number in self._undated]
        dated.sort(key=lambda number: _dated_key(number, self.documents[number]) or (), reverse=order == "-date")
        return dated + self._sort(undated, "title")

    def _orders(self, order: str) -> Iterator[Iterable[int]]:
        if order == "title":
            yield self._titled.numbers()
        elif order == "new":
            yield self._new.numbers(backwards=True)
        else:
            yield self._dated.numbers(backwards=order == "-date")
            yield self._sort(list(self._undated), "title")

    def _by_count(self, facet: str) -> list[int]:
        """Return the values of a facet from the commonest on; those that no document has any more stay behind."""
        numbers = self._of_facet.get(facet, [])
        if facet not in self._sorted:
            numbers.sort(key=lambda number: (-self._counts[number], self._value[number][1]))
            self._sorted.add(facet)
        return numbers

    def _tally(self, base: int) -> Counter[int]:
        """Return on how many documents of a small set each value is: most facets are counted in the same set."""
        if self._tallied[0] != base:
            documents = (self.documents[number] for number in list_members(base, self.size))
            self._tallied = base, Counter(value for document in documents for value in document.values)
        return self._tallied[1]

    def _count_down(self, numbers: list[int], base: int, most: int) -> list[tuple[int, int]]:
        """Count values from the commonest of all on, until none can be among the `most` commonest any more."""
        flags = to_flags(base, self.size)
        found: list[tuple[int, int]] = []
        best: list[int] = []
        for number in numbers:
            if len(best) >= most and self._counts[number] < best[-most]:
                break
            held = self._members[number]
            count = (held & base).bit_count() if isinstance(held, int) else _count_flags(flags, held)
            if count:
                found.append((number, count))
                insort(best, count)
        return found

    def _apply(self, rows: Sequence[Row[*tuple[Any, ...]]]) -> None:
        gone: list[tuple[int, _Document]] = []
        come: list[tuple[int, _Document]] = []
        for row in rows:
            before = self.documents.pop(row.number, None)
            if before is not None:
                gone.append((row.number, before))
            if row.live:
                values = tuple(self._know(facet, value) for facet, found in row.facets.items() for value in found)
                now = _Document(
                    row.name, row.earliest, row.latest, row.sort_key, row.first_sequence, row.text_number, values
                )
                self.documents[row.number] = now
                come.append((row.number, now))
            self.size = max(self.size, row.number + 1)
        self._file(gone, come)
        self.live = (self.live & ~to_set(number for number, _ in gone)) | to_set(number for number, _ in come)
        for number, document in gone:
            self._undated.discard(number)
            if document.text_number is not None:
                self.by_text.pop(document.text_number, None)
        for number, document in come:
            if document.earliest is None:
                self._undated.add(number)
            if document.text_number is not None:
                self.by_text[document.text_number] = number
        for order, key in self._keyed:
            order.change(
                [made for each in gone if (made := key(*each)) is not None],
                [made for each in come if (made := key(*each)) is not None],
            )
        self._commonest.change(
            [row.number for row in rows],
            [(row.number, row.common or b"" if row.recipe == RECIPE else b"") for row in rows if row.live],
        )
        self._latest.extend((row.change, row.number) for row in rows)
        while len(self._latest) > MOST_CHANGES:
            self._known_since, _ = self._latest.popleft()
        self._tallied = (0, Counter())

    def _file(self, gone: Sequence[tuple[int, _Document]], come: Sequence[tuple[int, _Document]]) -> None:
        """Take documents out of the sets of their values, and put others in."""
        changes: dict[int, tuple[list[int], list[int]]] = {}
        for place, documents in enumerate((gone, come)):
            for number, document in documents:
                for value in document.values:
                    changes.setdefault(value, ([], []))[place].append(number)
        for value, (out, into) in changes.items():
            held = self._members[value]
            if isinstance(held, int):
                self._members[value] = (held & ~to_set(out)) | to_set(into)
            else:
                left = set(out)
                kept = array("I", [*(number for number in held if number not in left), *into])
                # bits take a 32nd of what numbers take where every document has the value
                self._members[value] = to_set(kept) if len(kept) > max(64, self.size >> 5) else kept
            self._counts[value] += len(into) - len(out)
            self._sorted.discard(self._value[value][0])

    def _know(self, facet: str, value: str) -> int:
        number = self._number.get((facet, value))
        if number is None:
            number = self._number[facet, value] = len(self._value)
            self._value.append((facet, value))
            self._members.append(array("I"))
            self._counts.append(0)
            self._of_facet.setdefault(facet, []).append(number)
            self._sorted.discard(facet)
        return number


def list_members(members: int, size: int) -> list[int]:
    """Return the numbers of the documents of a set, in their order."""
    found: list[int] = np.flatnonzero(to_flags(members, size)).tolist()
    return found


def _count_flags(flags: NDArray[np.uint8], held: "array[int]") -> int:
    if len(held) < _FEW:
        return sum(map(flags.item, held))
    return int(np.count_nonzero(flags[np.frombuffer(held, np.uint32)]))
