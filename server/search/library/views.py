"""Looking into views: which documents hold a phrase, and where in its text a document is met.

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
from server.search.match import Span, choose, locate, number_of
from server.search.query import Clause, Query
from server.search.shown import show_hit

MOST_VIEWS = 2000
"""Views in which a phrase is looked for; where more hold its words, no more is known than that they do."""

_OF_ONE = 500
"""Views of a document in which a phrase is looked for."""

PASSAGES = 3
"""Views of a document that are shown where it is met."""

_SHORT = 16
"""Views of a document in all of which a word is looked for, so that it is known on how many it is."""

_MORE_LETTERS = 300_000
"""Letters of the views that are opened beside the first one of each document of a page: ten large pages of a newspaper."""

_PORTION, _FIRST = 500, 4
"""Views whose words are read at once, and those of each document at first."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where in its text a document is met: hits on different views, the best first, and what is met there.

    `views` is on how many views that is, None where it is not known; `has_more` says that it is on more than are shown.
    """

    hits: tuple[Hit, ...]
    query: Query
    views: int | None
    has_more: bool


@dataclass(frozen=True, slots=True)
class _View:
    """A view that meets a query: its words, the hit that is shown, its place among those of the view, what stands there."""

    identifier: int
    words: str
    span: Span
    place: int
    together: int


@dataclass(slots=True)
class _Met:
    """The views of a document that meet a query as far as they were read, how many are known to, and whether these are all."""

    query: Query
    views: list[_View]
    candidates: int
    is_whole: bool


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
    connection: Connection, named: Mapping[int, tuple[str, int]], clauses: Sequence[Clause], deadline: Deadline
) -> dict[int, Places]:
    """Return where documents are met in their text; they are given by number, with name and number of views.

    That is everything on one view, else the first clause that is met anywhere.
    """
    met: dict[int, _Met] = {}
    for query in (Query(tuple(clauses)), *(Query((clause,)) for clause in clauses if len(clauses) > 1)):
        unmet = {number: views for number, (_, views) in named.items() if number not in met}
        if unmet:
            met |= _find_views(connection, unmet, query, deadline)
    shown = _choose(met)
    asked = select(SearchViewRow.identifier, SearchViewRow.layout).where(
        SearchViewRow.identifier.in_([view.identifier for views in shown.values() for view in views])
    )
    layouts = {row.identifier: row.layout for row in connection.execute(asked)} if met else {}
    found: dict[int, Places] = {}
    for number, each in met.items():
        hits = []
        for view in shown[number]:
            first, last = number_of(view.words, view.span)
            layout = unpack_layout(layouts[view.identifier])
            name, place = named[number][0], view.place + 1
            hits.append(show_hit(name, view_of(view.identifier), layout, first, last, {}, place))
        views = each.candidates if each.is_whole else None
        has_more = each.candidates > len(hits)
        found[number] = Places(tuple(hits), each.query, views, has_more)
    return found


def _choose(met: Mapping[int, _Met]) -> dict[int, list[_View]]:
    """Return the views that are shown of each document: one of each, and others as long as they are not too large."""
    best = {number: sorted(each.views, key=lambda view: -view.together) for number, each in met.items()}
    shown = {number: views[:1] for number, views in best.items()}
    letters = 0
    for place in range(1, PASSAGES):
        for number, views in best.items():
            if len(views) > place:
                letters += len(views[place].words)
                if letters > _MORE_LETTERS:
                    return shown
                shown[number].append(views[place])
    return shown


def _find_views(
    connection: Connection, documents: Mapping[int, int], query: Query, deadline: Deadline
) -> dict[int, _Met]:
    """Return, for each document where there is one among its first candidates, views that meet a query.

    What is looked into after the first one is what was read with it.
    """
    is_plain = all(len(clause.words) == 1 for clause in query.clauses)  # then every candidate meets it
    most = {
        number: (_SHORT if views <= _SHORT else PASSAGES) + 1 if is_plain else _OF_ONE
        for number, views in documents.items()
    }
    listed = index_of(connection).list_views_of(connection, require(query), most)
    left = {number: list(views) for number, views in groupby(listed, document_of)}
    counted = {number: len(views) for number, views in left.items()}
    met: dict[int, _Met] = {}
    some = PASSAGES if is_plain else _FIRST
    while left:
        deadline.check()
        words = _read_words(connection, [each for views in left.values() for each in views[:some]])
        for number, views in left.items():
            found = []
            for each in views[:some]:
                if spans := locate(words[each], query):
                    place, together = choose(words[each], spans)
                    found.append(_View(each, words[each], spans[place], place, together))
            if found:
                count = counted[number] if is_plain else len(found)
                is_whole = counted[number] < most[number] and (is_plain or len(views) <= some)
                met[number] = _Met(query, found, count, is_whole)
        left = {number: views[some:] for number, views in left.items() if number not in met and len(views) > some}
        some = min(some * 4, max(1, _PORTION // max(1, len(left))))
    return met


def _read_words(connection: Connection, identifiers: Sequence[int]) -> dict[int, str]:
    if not identifiers:
        return {}
    asked = select(SearchViewRow.identifier, SearchViewRow.words).where(SearchViewRow.identifier.in_(identifiers))
    return {row.identifier: row.words for row in connection.execute(asked)}
