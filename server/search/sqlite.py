"""The index on SQLite: FTS5 without positions (`detail=none`), with prefixes of one to three letters ready-made.

Terms reach the tokenizer as they are, separated by spaces; in a query each stands in quotes and holds no quote itself.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from server.errors import Overloaded
from server.search.index import SECONDS, Candidate, Reach, Required, bounds_of

_STEPS = 50_000
"""Instructions of SQLite's machine between two looks at the clock."""

_SPREAD = 500
"""A beginning of more than three letters is asked for as the words that begin so, as long as they are not more.

On a million pages 475 words took 14 ms so, and 60 ms as a beginning; with twice as many both take 100 ms.
"""

_SEARCH = """
select v.identifier, v.words from search_index join search_view v on v.identifier = search_index.rowid
where search_index match :asked and search_index.rowid between :low and :high
order by search_index.rowid {order} limit :limit
"""
_LIST = """
select rowid from search_index where search_index match :asked and rowid between :low and :high order by rowid limit :limit
"""
_BEGINNING = "select term from search_term where term >= :low and term < :high limit :limit"


class SqliteIndex:
    """The index in a SQLite catalogue."""

    def write(self, connection: Connection, terms: Iterable[tuple[int, str]]) -> None:
        """Write the terms of views."""
        rows = [{"identifier": identifier, "terms": each} for identifier, each in terms]
        if rows:
            connection.execute(text("insert into search_index (rowid, terms) values (:identifier, :terms)"), rows)

    def remove(self, connection: Connection, identifiers: Sequence[int]) -> None:
        """Take views out of the index."""
        rows = [{"identifier": identifier} for identifier in identifiers]
        if rows:
            connection.execute(text("delete from search_index where rowid = :identifier"), rows)

    def read(self, connection: Connection, identifiers: Sequence[int]) -> dict[int, frozenset[str]]:
        """Return the terms of views."""
        asked = text("select terms from search_index where rowid = :identifier")
        found = ((each, connection.scalar(asked, {"identifier": each})) for each in identifiers)
        return {identifier: frozenset(terms.split()) for identifier, terms in found if terms is not None}

    def find(
        self, connection: Connection, required: Sequence[Required], reach: Reach, limit: int, *, backwards: bool = False
    ) -> list[Candidate]:
        """Return candidates: FTS5 walks its lists in the order of row ids, and no further than is asked for."""
        asked = _write_all(connection, (*required, Required(reach.term)) if reach.term else required)
        if not asked:
            return []
        rows = connection.execute(
            text(_SEARCH.format(order="desc" if backwards else "asc")),
            {"asked": asked, "low": reach.low, "high": reach.high, "limit": limit},
        )
        return [Candidate(identifier, words) for identifier, words in rows.all()]

    def list_views(self, connection: Connection, required: Sequence[Required], limit: int) -> list[int]:
        """Return the identifiers of views: FTS5 walks its lists, and no further than is asked for."""
        everything = Reach()
        return _list(connection, required, [(everything.low, everything.high, limit)])

    def list_views_of(
        self, connection: Connection, required: Sequence[Required], limits: Mapping[int, int]
    ) -> list[int]:
        """Return the identifiers of views of documents: FTS5 walks its lists anew for each, in which it is at once."""
        return _list(connection, required, [(*bounds_of(document), limits[document]) for document in sorted(limits)])

    @contextmanager
    def bounded(self, connection: Connection) -> Iterator[None]:
        """Give up what takes too long."""
        driver: Any = connection.connection.driver_connection
        end = time.monotonic() + SECONDS
        driver.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            yield
        except OperationalError as error:
            if "interrupted" in str(error.orig):
                raise Overloaded("this search takes too long; ask for rarer words") from None
            raise
        finally:
            driver.set_progress_handler(None, 0)


def _list(connection: Connection, required: Sequence[Required], ranges: Iterable[tuple[int, int, int]]) -> list[int]:
    """Return the identifiers of views in each range, at most so many."""
    asked = _write_all(connection, required)
    if not asked:
        return []
    return [
        identifier
        for low, high, limit in ranges
        for identifier in connection.scalars(text(_LIST), {"asked": asked, "low": low, "high": high, "limit": limit})
    ]


def _write_all(connection: Connection, required: Sequence[Required]) -> str:
    """Return required terms in the language of FTS5, empty where nothing can meet one of them."""
    asked = [_write(connection, each) for each in required]
    return " AND ".join(asked) if all(asked) else ""


def _write(connection: Connection, required: Required) -> str:
    """Return a required term in the language of FTS5, empty where nothing can meet it."""
    if not required.is_open:
        return f'"{required.term}"'
    if len(required.term) <= 3:
        return f'"{required.term}" *'
    # FTS5 would first read all there is of all words that begin so; as single words they are walked in step
    bounds = {"low": required.term, "high": required.term + "\U0010ffff", "limit": _SPREAD + 1}
    words = list(connection.scalars(text(_BEGINNING), bounds))
    if len(words) > _SPREAD:
        return f'"{required.term}" *'
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")" if words else ""
