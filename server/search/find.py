"""Searching: from a query to a page of hits, in the order of the documents and of their views.

Documents stand in the order in which they were first published, so that a result page stays what it was when others are
added. Work is bounded: a page looks at so many candidates, counts so many views, and says where the next one begins.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, func, select

from server.catalogue.search_models import SearchDocumentRow, SearchTermRow, SearchViewRow
from server.errors import BadRequest
from server.model.hits import Hit, Place, Results
from server.search.choose import index_of
from server.search.index import Candidate, Deadline, Reach, decisive, document_of, require, view_of
from server.search.layout import Layout, unpack_layout
from server.search.match import Span, count_marks, locate, number_of
from server.search.query import Query
from server.search.scope import Scope
from server.search.shown import show_hit

SIZE = 25
"""Hits on a page."""

MOST_CANDIDATES = 20_000
"""Views that are looked at for one page; where none of them is right the page is short, and the next one goes on."""

_FIRST_PORTION, _MOST_PORTION = 64, 1024

NOTHING = Results((), Place(), 0, 0, 0)


@dataclass(slots=True)
class _Page:
    """The hits of a page as they are found."""

    chosen: list[tuple[Candidate, Span, int]] = field(default_factory=list)
    following: Place | None = None

    def take(self, candidate: Candidate, spans: Sequence[Span], first: int, behind: int) -> None:
        """Take hits of a view, from one on and without another; both are counted from 0."""
        numbered = enumerate(spans[first:behind], start=first + 1)
        self.chosen.extend((candidate, span, number) for number, span in numbered)


Witness = Callable[[Candidate, Sequence[Span]], None]
"""Is shown every view that is looked at while hits are counted, in order, with its hits."""


def search(
    connection: Connection, scope: Scope | None, query: Query, place: Place, witness: Witness = lambda *_: None
) -> Results:
    """Return a page of hits. Raises BadRequest for a page that cannot be counted to, Overloaded where it takes too long."""
    if scope is None or not query.clauses:
        return replace(NOTHING, place=place)
    deadline = Deadline()
    with index_of(connection).bounded(connection):
        if place.view is None:
            return _count(connection, scope, query, place, deadline, witness)
        return _go_on(connection, scope, query, place, deadline)


def _count(
    connection: Connection, scope: Scope, query: Query, place: Place, deadline: Deadline, witness: Witness
) -> Results:
    """Return the page that begins with a hit of that number, counted from the first one on."""
    page, end = _Page(), place.start + SIZE
    hits = marks = marks_before = views = 0
    is_whole = True
    are_more = _are_more(connection, scope, query)
    portion = min((SIZE if are_more else scope.counted) + 1, 256)
    matches = find_matches(connection, scope.reach, query, deadline, portion=portion)
    for looked, (candidate, spans) in enumerate(matches, start=1):
        if looked > MOST_CANDIDATES or ((are_more or views >= scope.counted) and hits >= end):
            is_whole = False
            page.following = page.following or Place(hits, candidate.identifier)
            break
        if views >= scope.counted and hits + len(spans) <= place.start:
            raise BadRequest(f"start={place.start} is further than hits are counted; follow `next` from page to page")
        witness(candidate, spans)
        views += bool(spans)
        marks += count_marks(candidate.words, spans, query)
        if hits < end:
            skipped = max(0, place.start - hits)
            marks_before += count_marks(candidate.words, spans[:skipped], query)
            page.take(candidate, spans, skipped, end - hits)
        if hits <= end < hits + len(spans):
            page.following = Place(end, candidate.identifier, end - hits)
        hits += len(spans)
    if not is_whole and hits < place.start:
        raise BadRequest(f"start={place.start} is further than hits are counted; follow `next` from page to page")
    previous = Place(max(0, min(place.start, hits) - SIZE)) if place.start else None
    if not is_whole:
        return Results(_show(connection, page.chosen), place, None, None, marks_before, previous, page.following)
    return Results(
        _show(connection, page.chosen),
        place,
        hits,
        marks,
        marks_before,
        previous,
        Place(end) if hits > end else None,
        Place(max(0, hits - 1) // SIZE * SIZE),
    )


def _are_more(connection: Connection, scope: Scope, query: Query) -> bool:
    """Whether more views have hits than are counted, where that is known without looking: there is no total then."""
    term = decisive(query)
    if term is None or scope.reach != Reach():
        return False
    # of a beginning the commonest word is enough: that no other is on these views is not known
    views = select(func.max(SearchTermRow.views))
    if term.is_open:
        views = views.where(SearchTermRow.term >= term.term, SearchTermRow.term < term.term + "\U0010ffff")
    else:
        views = views.where(SearchTermRow.term == term.term)
    return (connection.scalar(views) or 0) > scope.counted


def _go_on(connection: Connection, scope: Scope, query: Query, place: Place, deadline: Deadline) -> Results:
    """Return the page that begins at a place that another page named."""
    assert place.view is not None
    page = _Page()
    reach = replace(scope.reach, low=max(scope.reach.low, place.view))
    for looked, (candidate, spans) in enumerate(find_matches(connection, reach, query, deadline), start=1):
        if looked > MOST_CANDIDATES:
            page.following = Place(place.start + len(page.chosen), candidate.identifier)
            break
        skipped = place.within if candidate.identifier == place.view else 0
        room = SIZE - len(page.chosen)
        page.take(candidate, spans, skipped, skipped + room)
        if len(spans) > skipped + room:
            page.following = Place(place.start + SIZE, candidate.identifier, skipped + room)
            break
    previous = _go_back(connection, scope, query, place, deadline)
    return Results(_show(connection, page.chosen), place, None, None, None, previous, page.following)


def _go_back(connection: Connection, scope: Scope, query: Query, place: Place, deadline: Deadline) -> Place | None:
    """Return where the page before begins."""
    assert place.view is not None
    if place.start <= SIZE:  # that is the first one, wherever `from` says that this one begins
        return Place() if place.start else None
    reach = replace(scope.reach, high=min(scope.reach.high, place.view))
    missing = SIZE
    matches = find_matches(connection, reach, query, deadline, backwards=True)
    for looked, (candidate, spans) in enumerate(matches, start=1):
        if looked > MOST_CANDIDATES:
            return None
        usable = min(len(spans), place.within) if candidate.identifier == place.view else len(spans)
        if usable >= missing:
            return Place(place.start - SIZE, candidate.identifier, usable - missing)
        missing -= usable
    return Place()


def find_matches(
    connection: Connection,
    reach: Reach,
    query: Query,
    deadline: Deadline,
    *,
    portion: int = _FIRST_PORTION,
    backwards: bool = False,
) -> Iterator[tuple[Candidate, list[Span]]]:
    """Yield the candidates in order, each with its hits: none where a phrase is not there after all."""
    index, required = index_of(connection), require(query)
    while True:
        deadline.check()
        candidates = index.find(connection, required, reach, portion, backwards=backwards)
        for candidate in candidates:
            yield candidate, locate(candidate.words, query)
        if len(candidates) < portion:
            return
        last = candidates[-1].identifier
        reach = replace(reach, high=last - 1) if backwards else replace(reach, low=last + 1)
        portion = min(2 * portion, _MOST_PORTION)


def read_layouts(connection: Connection, identifiers: Collection[int]) -> dict[int, Layout]:
    """Return where the words of views stand."""
    asked = select(SearchViewRow.identifier, SearchViewRow.layout).where(SearchViewRow.identifier.in_(identifiers))
    return {row.identifier: unpack_layout(row.layout) for row in connection.execute(asked)} if identifiers else {}


def _show(connection: Connection, chosen: list[tuple[Candidate, Span, int]]) -> tuple[Hit, ...]:
    identifiers = {candidate.identifier for candidate, _, _ in chosen}
    if not identifiers:
        return ()
    layouts = read_layouts(connection, identifiers)
    documents = {
        row.number: row
        for row in connection.execute(
            select(SearchDocumentRow.number, SearchDocumentRow.name, SearchDocumentRow.label).where(
                SearchDocumentRow.number.in_({document_of(each) for each in identifiers})
            )
        )
    }
    hits = []
    for candidate, span, number in chosen:
        document = documents[document_of(candidate.identifier)]
        view, layout = view_of(candidate.identifier), layouts[candidate.identifier]
        first, last = number_of(candidate.words, span)
        hits.append(show_hit(document.name, view, layout, first, last, document.label, number))
    return tuple(hits)
