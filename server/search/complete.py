"""Completing what a reader begins to write, from the words that occur in what is searched (Content Search 2.0 §5)."""

from collections import Counter

from sqlalchemy import Connection, select

from server.catalogue.search_models import SearchTermRow
from server.model.hits import Term
from server.search.choose import index_of
from server.search.folding import split_asked
from server.search.index import Deadline, Required, require
from server.search.match import locate
from server.search.query import Clause, Query
from server.search.scope import EVERYTHING, Scope, count_views

TERMS = 20
"""Words that are offered."""

MOST_COUNTED = 2000
"""Views whose words are read one by one; larger collections are asked whether the commonest words of all occur in them."""

_TRIED = 100


def is_counted(connection: Connection, scope: Scope | None, collection: str) -> bool:
    """Whether it is known how often each term occurs in a scope; `collection` is empty for a document."""
    return scope is None or scope.is_document or collection == EVERYTHING or _is_small(connection, collection)


def complete(connection: Connection, scope: Scope | None, collection: str, text: str, least: int = 1) -> list[Term]:
    """Return the commonest words that begin as `text`, in alphabetical order, that occur at least so often.

    Of several words all but the last are whole, and they follow one another; such are found in documents and small
    collections only. `collection` is empty for a document.
    """
    words = split_asked(text[:200])
    if scope is None or not words:
        return []
    with index_of(connection).bounded(connection):
        if scope.is_document or (collection != EVERYTHING and _is_small(connection, collection)):
            found = _count_in_views(connection, scope, words)
        elif len(words) > 1:
            found = []
        elif collection == EVERYTHING:
            found = _commonest(connection, words[0], TERMS, least)
        else:
            found = _occurring(connection, scope, _commonest(connection, words[0], _TRIED, 1))
    kept = [term for term in found if term.hits is None or term.hits >= least]
    return sorted(kept[:TERMS], key=lambda term: term.word)


def _is_small(connection: Connection, collection: str) -> bool:
    return count_views(connection, collection) <= MOST_COUNTED


def _count_in_views(connection: Connection, scope: Scope, words: tuple[str, ...]) -> list[Term]:
    query = Query((Clause(words, is_open=True),))
    counted: Counter[str] = Counter()
    for candidate in index_of(connection).find(connection, require(query), scope.reach, MOST_COUNTED):
        for begin, end in locate(candidate.words, query):
            counted[" ".join(candidate.words[begin:end].split())] += 1
    return [Term(word, hits) for word, hits in sorted(counted.items(), key=lambda each: (-each[1], each[0]))]


def _commonest(connection: Connection, beginning: str, limit: int, least: int) -> list[Term]:
    rows = connection.execute(
        select(SearchTermRow.term, SearchTermRow.hits)
        .where(
            SearchTermRow.term >= beginning, SearchTermRow.term < beginning + "\U0010ffff", SearchTermRow.hits >= least
        )
        .order_by(SearchTermRow.hits.desc(), SearchTermRow.term)
        .limit(limit)
    )
    return [Term(row.term, row.hits) for row in rows]


def _occurring(connection: Connection, scope: Scope, terms: list[Term]) -> list[Term]:
    index, found, deadline = index_of(connection), [], Deadline()
    for term in terms:
        deadline.check()
        if index.find(connection, [Required(term.word)], scope.reach, 1):
            found.append(Term(term.word, None))
            if len(found) == TERMS:
                break
    return found
