"""Looking into views: which documents hold a phrase, and where in its text a document is met first.

The index names the views that hold the terms; their words are read a portion at a time, as pages of a newspaper are long.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, select

from server.catalogue.search_models import SearchViewRow
from server.model.hits import Hit
from server.search.choose import index_of
from server.search.index import Deadline, document_of, require, view_of
from server.search.layout import unpack_layout
from server.search.match import Span, locate, number_of
from server.search.query import Clause, Query
from server.search.shown import show_hit

MOST_VIEWS = 2000
"""Views in which a phrase is looked for; where more hold its words, no more is known than that they do."""

_OF_ONE = 500
"""Views of a document in which its first hit is looked for."""

_PORTION, _FIRST = 500, 4
"""Views whose words are read at once, and those of each document at first."""


@dataclass(frozen=True, slots=True)
class _Met:
    """A view that meets a query: its words, and its first hit."""

    identifier: int
    words: str
    span: Span
    query: Query


def find_phrase(connection: Connection, clause: Clause, deadline: Deadline) -> set[int] | None:
    """Return the numbers of the documents that hold a phrase on one view; None where too many views hold its words."""
    query = Query((clause,))
    required = require(query)
    if not required:
        return set()
    listed = index_of(connection).list_views(connection, required, MOST_VIEWS + 1)
    if len(listed) > MOST_VIEWS:
        return None
    met = set[int]()
    for start in range(0, len(listed), _PORTION):
        deadline.check()
        unknown = [each for each in listed[start : start + _PORTION] if document_of(each) not in met]
        words = _read_words(connection, unknown)
        met.update(document_of(each) for each in unknown if locate(words[each], query))
    return met


def find_hits(
    connection: Connection, names: Mapping[int, str], clauses: Sequence[Clause], deadline: Deadline
) -> dict[int, tuple[Hit, Query]]:
    """Return the first hit in the text of documents, named by number, and what is met there.

    That is everything on one view, else the first clause that is met anywhere.
    """
    met: dict[int, _Met] = {}
    for query in (Query(tuple(clauses)), *(Query((clause,)) for clause in clauses if len(clauses) > 1)):
        unmet = [number for number in names if number not in met]
        if unmet:
            met |= _find_first(connection, unmet, query, deadline)
    asked = select(SearchViewRow.identifier, SearchViewRow.layout).where(
        SearchViewRow.identifier.in_([each.identifier for each in met.values()])
    )
    layouts = {row.identifier: row.layout for row in connection.execute(asked)} if met else {}
    hits: dict[int, tuple[Hit, Query]] = {}
    for number, each in met.items():
        layout = unpack_layout(layouts[each.identifier])
        first, last = number_of(each.words, each.span)
        hits[number] = show_hit(names[number], view_of(each.identifier), layout, first, last, {}), each.query
    return hits


def _find_first(connection: Connection, documents: Sequence[int], query: Query, deadline: Deadline) -> dict[int, _Met]:
    """Return, for each document where there is one among its first candidates, the first view that meets a query."""
    is_plain = all(len(clause.words) == 1 for clause in query.clauses)  # then every candidate meets it
    listed = index_of(connection).list_views(connection, require(query), 1 if is_plain else _OF_ONE, documents)
    left = {number: list(views) for number, views in groupby(listed, document_of)}
    met: dict[int, _Met] = {}
    some = _FIRST
    while left:
        deadline.check()
        words = _read_words(connection, [each for views in left.values() for each in views[:some]])
        for number, views in left.items():
            for each in views[:some]:
                spans = locate(words[each], query)
                if spans:
                    met[number] = _Met(each, words[each], spans[0], query)
                    break
        left = {number: views[some:] for number, views in left.items() if number not in met and len(views) > some}
        some = min(some * 4, max(1, _PORTION // max(1, len(left))))
    return met


def _read_words(connection: Connection, identifiers: Sequence[int]) -> dict[int, str]:
    if not identifiers:
        return {}
    asked = select(SearchViewRow.identifier, SearchViewRow.words).where(SearchViewRow.identifier.in_(identifiers))
    return {row.identifier: row.words for row in connection.execute(asked)}
