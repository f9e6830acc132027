"""The index of documents as both databases have it: one question, which documents hold a term.

What is asked with several words, fields and filters is put together from such sets in this process, by the same code for
both. A set is a whole number: bit n stands for the document with the number n.
"""

import json
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

PART_BITS = 10
MOST_PARTS = (1 << PART_BITS) - 1
TEXT_PART = 128
"""Rows of a document: those of its notice come before this one, those of its text from it on."""

_AT_ONCE = 40
"""Terms that are asked for in one statement."""

_FEW = 8
"""Numbers, or letters, for which an array is not worth its making."""

# As one string: a row for each of a hundred thousand documents takes five times as long.
_SQLITE = "select group_concat(rowid >> 10) from find_index where find_index match :asked"
_POSTGRESQL = "select string_agg((identifier >> 10)::text, ',') from find_index where terms @@ cast(:asked as tsquery)"

# Terms and documents as JSON, so that one statement asks for all of them on both databases.
_HELD_SQLITE = (
    "select asked.key as place, held.value as number from json_each(:asked) as asked, json_each(:numbers) as held"
    " where exists (select 1 from find_index where find_index match asked.value"
    " and rowid between held.value << 10 and (held.value << 10) | 1023)"
)
# The few rows first, whatever the planner thinks of the terms: its other way reads every document that holds one.
_HELD_POSTGRESQL = (
    "with held as materialized (select cast(wanted.number as bigint) as number, part.terms"
    " from json_array_elements_text(cast(:numbers as json)) as wanted(number)"
    " cross join lateral (select terms from find_index where identifier between cast(wanted.number as bigint) << 10"
    " and (cast(wanted.number as bigint) << 10) | 1023 offset 0) as part)"
    " select distinct asked.place - 1 as place, held.number as number from held"
    " join json_array_elements_text(cast(:asked as json)) with ordinality as asked(term, place)"
    " on held.terms @@ cast(asked.term as tsquery)"
)


def write_parts(connection: Connection, number: int, parts: Sequence[str], *, of_text: bool) -> None:
    """Write the terms of a document's notice or text, none of which is in the index.

    More rows than there is room for are left out: they would hold millions of terms.
    """
    first, last = _range(of_text)
    rows = [
        {"identifier": (number << PART_BITS) | part, "terms": terms}
        for part, terms in zip(range(first, last + 1), parts, strict=False)
    ]
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(text("insert into find_index (rowid, terms) values (:identifier, :terms)"), rows)
    else:
        statement = "insert into find_index values (:identifier, array_to_tsvector(string_to_array(:terms, ' ')))"
        connection.execute(text(statement), rows)


def remove_parts(connection: Connection, number: int, *, of_text: bool) -> None:
    """Take the notice or the text of a document out of the index."""
    key = "rowid" if connection.dialect.name == "sqlite" else "identifier"
    first, last = _range(of_text)
    bounds = {"low": (number << PART_BITS) | first, "high": (number << PART_BITS) | last}
    connection.execute(text(f"delete from find_index where {key} between :low and :high"), bounds)  # noqa: S608  # one of two words


def _range(of_text: bool) -> tuple[int, int]:
    return (TEXT_PART, MOST_PARTS) if of_text else (0, TEXT_PART - 1)


def find_members(connection: Connection, terms: Sequence[tuple[str, bool]]) -> list[int]:
    """Return, for each term, the set of documents that hold it; where it is open, any term that begins so."""
    one = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    written = [_write_term(connection, each) for each in terms]
    found: list[int] = []
    for start in range(0, len(written), _AT_ONCE):
        some = written[start : start + _AT_ONCE]
        statement = " union all ".join(
            f"select {place} as place, ({one.replace(':asked', f':asked{place}')}) as numbers"
            for place in range(len(some))
        )
        rows = connection.execute(text(statement), {f"asked{place}": each for place, each in enumerate(some)})
        told = {row.place: row.numbers for row in rows}
        found += [_read_set(told[place]) if told[place] else 0 for place in range(len(some))]
    return found


def find_members_among(
    connection: Connection, terms: Sequence[tuple[str, bool]], numbers: Sequence[int]
) -> dict[tuple[str, bool], int]:
    """Return, for each term, those of a few documents that hold it."""
    statement = _HELD_SQLITE if connection.dialect.name == "sqlite" else _HELD_POSTGRESQL
    asked = [_write_term(connection, each) for each in terms]
    found = dict.fromkeys(terms, 0)
    if not numbers:
        return found
    for row in connection.execute(text(statement), {"asked": json.dumps(asked), "numbers": json.dumps(list(numbers))}):
        found[terms[row.place]] |= 1 << row.number
    return found


def _write_term(connection: Connection, asked: tuple[str, bool]) -> str:
    term, is_open = asked
    if connection.dialect.name == "sqlite":
        return f'"{term}"' + (" *" if is_open else "")
    return f"'{term}'" + (":*" if is_open else "")


def to_set(numbers: Iterable[int]) -> int:
    """Return the set of some documents."""
    listed = list(numbers)
    if len(listed) < _FEW:
        few = 0
        for number in listed:
            few |= 1 << number
        return few
    return _make_set(np.array(listed, np.int64))


def _read_set(written: str) -> int:
    """Return the set of the documents whose numbers are written, with commas between them."""
    if len(written) < _FEW:
        return to_set(map(int, written.split(",")))
    return _make_set(np.fromstring(written, np.int64, sep=","))


def _make_set(numbers: NDArray[np.int64]) -> int:
    flags = np.zeros(int(numbers.max()) + 1, np.uint8)
    flags[numbers] = 1
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def to_flags(members: int, size: int) -> NDArray[np.uint8]:
    """Return, for each of the first `size` documents, 1 where it is in a set and 0 elsewhere."""
    room = -(-size // 8)
    kept = members & ((1 << size) - 1)
    return np.unpackbits(np.frombuffer(kept.to_bytes(room, "little"), np.uint8), count=size, bitorder="little")
