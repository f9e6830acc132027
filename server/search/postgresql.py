"""The index on PostgreSQL: a `tsvector` without positions for each view, in a table of its own, with a GIN index.

GIN finds all views of a term before the first is looked at; for a term that is on many views it is quicker to walk the
views in order and to look at each. PostgreSQL cannot know how many are wanted at the end, so it is decided here, from
the number of views that `search_term` has for each term.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import OperationalError

from server.errors import Overloaded
from server.search.index import MOST_VIEW, SECONDS, Candidate, Reach, Required, bounds_of
from server.search.terms import ALL

_LOOK = 25.0
_LIST = 0.05
_FETCH = 1.5
"""What it costs to look at a view in order, to read an entry of GIN, and to fetch a view that GIN found: microseconds."""

_LEAST_WINDOW, _MOST_WINDOW = 500, 20_000
"""Views that are walked before GIN is asked after all."""

_WALK = """
with chosen as materialized (
    select w.identifier from (
        select identifier, terms from search_index
        where identifier between :low and :high order by identifier {order} limit :window
    ) w where w.terms @@ cast(:asked as tsquery) order by w.identifier {order} limit :limit
)
"""
_END = """
select identifier from search_index where identifier between :low and :high
order by identifier {order} offset :window limit 1
"""
_GIN = """
with found as materialized (select identifier from search_index where terms @@ cast(:asked as tsquery)),
chosen as materialized (
    select identifier from found where identifier between :low and :high order by identifier {order} limit :limit
)
"""
_WORDS = """
select s.identifier, v.words from chosen s join search_view v on v.identifier = s.identifier order by s.identifier {order}
"""
_ONLY = "select identifier from chosen order by identifier {order}"

# The views of each document are looked at in order (`offset 0`): the planner's other way reads every view that holds a term.
_EACH = """
select held.identifier from unnest(cast(:lows as bigint[]), cast(:highs as bigint[]), cast(:limits as bigint[]))
as document (low, high, most)
cross join lateral (
    select w.identifier from (
        select identifier, terms from search_index where identifier between low and high order by identifier offset 0
    ) w where w.terms @@ cast(:asked as tsquery) order by w.identifier limit most
) held order by held.identifier
"""


@dataclass(frozen=True, slots=True)
class _Costs:
    """How many views hold the rarest term, how many entries GIN reads, and the share of views that hold all terms."""

    rarest: float
    entries: float
    share: float


class PostgresIndex:
    """The index in a PostgreSQL catalogue."""

    def write(self, connection: Connection, terms: Iterable[tuple[int, str]]) -> None:
        """Write the terms of views."""
        rows = [{"identifier": identifier, "terms": each} for identifier, each in terms]
        if rows:
            statement = "insert into search_index values (:identifier, array_to_tsvector(string_to_array(:terms, ' ')))"
            connection.execute(text(statement), rows)

    def remove(self, connection: Connection, identifiers: Sequence[int]) -> None:
        """Take views out of the index."""
        connection.execute(
            text("delete from search_index where identifier = any(:identifiers)"), {"identifiers": list(identifiers)}
        )

    def read(self, connection: Connection, identifiers: Sequence[int]) -> dict[int, frozenset[str]]:
        """Return the terms of views."""
        statement = "select identifier, tsvector_to_array(terms) from search_index where identifier = any(:identifiers)"
        rows = connection.execute(text(statement), {"identifiers": list(identifiers)})
        return {identifier: frozenset(terms) for identifier, terms in rows}

    def find(
        self, connection: Connection, required: Sequence[Required], reach: Reach, limit: int, *, backwards: bool = False
    ) -> list[Candidate]:
        """Return candidates, by walking the views or by GIN, whichever costs less."""
        if reach.term:
            required = (*required, Required(reach.term))
        rows = _find(connection, required, reach, limit, _WORDS, "desc" if backwards else "asc")
        return [Candidate(row.identifier, row.words) for row in rows]

    def list_views(self, connection: Connection, required: Sequence[Required], limit: int) -> list[int]:
        """Return the identifiers of views, found as candidates are."""
        return [row.identifier for row in _find(connection, required, Reach(), limit, _ONLY, "asc")]

    def list_views_of(
        self, connection: Connection, required: Sequence[Required], limits: Mapping[int, int]
    ) -> list[int]:
        """Return the identifiers of views of documents by walking these, at once."""
        ranges = [bounds_of(document) for document in limits]
        bounds = {
            "asked": _write(required), "lows": [low for low, _ in ranges], "highs": [high for _, high in ranges],
            "limits": list(limits.values()),
        }  # fmt: skip
        return list(connection.scalars(text(_EACH), bounds))

    @contextmanager
    def bounded(self, connection: Connection) -> Iterator[None]:
        """Give up what takes too long."""
        connection.execute(text(f"set local statement_timeout = {int(SECONDS * 1000)}"))
        try:
            yield
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") == "57014":  # query_canceled
                raise Overloaded("this search takes too long; ask for rarer words") from None
            raise


def _find(
    connection: Connection, required: Sequence[Required], reach: Reach, limit: int, told: str, order: str
) -> list[Row[tuple[Any, ...]]]:
    """Return what is told of the views that hold every required term, by a walk or by GIN."""
    asked = _write(required)
    if reach.high - reach.low <= MOST_VIEW:
        window, costs = MOST_VIEW, None  # one document: its views are walked, all of them
    else:
        costs = _estimate(connection, required)
        if costs.rarest == 0:
            return []
        window = int(min(_MOST_WINDOW, max(_LEAST_WINDOW, 4 * limit / max(costs.share, 1e-6))))
    found: list[Row[tuple[Any, ...]]] = []
    if costs is None or _is_walk(costs, limit):
        bounds = {"low": reach.low, "high": reach.high, "window": window}
        walk = text((_WALK + told).format(order=order))
        found = list(connection.execute(walk, bounds | {"asked": asked, "limit": limit}))
        if costs is None or len(found) >= limit:
            return found
        end = connection.scalar(text(_END.format(order=order)), bounds)
        if end is None:
            return found
        reach = replace(reach, high=end) if order == "desc" else replace(reach, low=end)
    bounds = {"low": reach.low, "high": reach.high, "limit": limit - len(found)}
    return [*found, *connection.execute(text((_GIN + told).format(order=order)), bounds | {"asked": asked})]


def _write(required: Sequence[Required]) -> str:
    """Return required terms as a tsquery: each stands in quotes and holds none."""
    return " & ".join(f"'{each.term}'" + (":*" if each.is_open else "") for each in required)


def _is_walk(costs: _Costs, limit: int) -> bool:
    walking = limit / max(costs.share, 1e-9) * _LOOK
    return walking < costs.entries * _LIST + costs.rarest * _FETCH


def _estimate(connection: Connection, required: Sequence[Required]) -> _Costs:
    names = [each.term for each in required if not each.is_open]
    rows = connection.execute(
        text("select term, views from search_term where term = any(:terms)"), {"terms": [ALL, *names]}
    )
    views = {term: count for term, count in rows}  # noqa: C416  # rows of two
    total = max(1, views.get(ALL, 0))
    counts = [views.get(name, 0) for name in names]
    counts += [min(total, _count_beginning(connection, each.term)) for each in required if each.is_open]
    share = 1.0
    for count in counts:
        share *= count / total
    return _Costs(min(counts), sum(counts), share)


def _count_beginning(connection: Connection, beginning: str) -> int:
    asked = "select coalesce(sum(views), 0) from search_term where term >= :low and term < :high"
    return int(connection.execute(text(asked), {"low": beginning, "high": beginning + "\U0010ffff"}).scalar_one())
