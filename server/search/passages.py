"""The passages of a document around one of its views: those on it, the last one before, the first one behind.

They are noted while the hits of the document are counted for the list of them, so that no view is looked into twice and
the layouts of four views at most are read, however many hits there are. Where counting ends before it came past the view
(`COUNTED_IN_A_DOCUMENT`), the neighbours are looked for on their own, and how many came before is not told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from sqlalchemy import Connection

from server.model.hits import Mark, Place, Results
from server.search import find
from server.search.choose import index_of
from server.search.index import Candidate, Deadline, Reach, view_of
from server.search.layout import Layout
from server.search.match import Span, number_all
from server.search.query import Query
from server.search.scope import Scope
from server.search.shown import mark_hit

_PORTION = 4
"""Views that are asked for at first where a neighbour is looked for on its own: mostly the first one is right."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A hit as a place to go to: its view, its number among the hits of that view from 1, and its marks."""

    view: int
    number: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Passages:
    """What is found around a view. `over` marks on it the ends of words that are broken over the foot of the view before.

    `before` counts the passages on the views before it; None where they were not counted. `counts` says how many each view
    has, and is empty where not all were counted; `beside` marks the view that lies open beside this one.
    """

    here: tuple[Passage, ...] = ()
    over: tuple[Mark, ...] = ()
    before: int | None = 0
    previous: Passage | None = None
    following: Passage | None = None
    counts: Mapping[int, int] = field(default_factory=dict)
    beside: tuple[Mark, ...] = ()


def find_passages(
    connection: Connection, scope: Scope | None, query: Query, view: int, start: int, facing: int | None = None
) -> tuple[Results, Passages]:
    """Return the page of hits that begins with one of that number, and the passages around a view of the same document.

    `facing` is the view before or behind it that lies open beside it.

    Raises BadRequest, Overloaded as `search` does.
    """
    if scope is None or not query.clauses:
        return find.search(connection, scope, query, Place(start)), Passages()
    walk = _Walk(scope.reach.low + view)
    results = find.search(connection, scope, query, Place(start), walk.pass_by)
    if results.hits_total is None:
        _go_on(connection, scope, query, walk)
    passages = _show(connection, walk, facing)
    return results, passages if results.hits_total is None else replace(passages, counts=walk.counts)


@dataclass(slots=True)
class _Hits:
    """The hits of a view."""

    candidate: Candidate
    spans: Sequence[Span]


class _Walk:
    """What is remembered of the views of a document on a walk over them in order."""

    def __init__(self, here: int) -> None:
        self.here = here
        self.passed = -1
        self.before: int | None = 0
        self.last: _Hits | None = None
        self.open: _Hits | None = None
        self.next: _Hits | None = None
        self.counts: dict[int, int] = {}

    def pass_by(self, candidate: Candidate, spans: Sequence[Span]) -> None:
        """Take note of a view."""
        self.passed = candidate.identifier
        if not spans:
            return
        self.counts[view_of(candidate.identifier)] = len(spans)
        if candidate.identifier < self.here:
            self.last = _Hits(candidate, spans)
            self.before = (self.before or 0) + len(spans)
        elif candidate.identifier == self.here:
            self.open = _Hits(candidate, spans)
        elif self.next is None:
            self.next = _Hits(candidate, spans)


def _go_on(connection: Connection, scope: Scope, query: Query, walk: _Walk) -> None:
    """Look for what the walk did not come to."""
    deadline, passed = Deadline(), walk.passed
    with index_of(connection).bounded(connection):
        reach = replace(scope.reach, low=passed + 1, high=walk.here - 1)
        for candidate, spans in _look(connection, reach, query, deadline, backwards=True):
            if spans:
                walk.last, walk.before = _Hits(candidate, spans), None
                break
        reach = replace(scope.reach, low=max(passed + 1, walk.here))
        for candidate, spans in _look(connection, reach, query, deadline):
            walk.pass_by(candidate, spans)
            if walk.next is not None:
                break


def _look(
    connection: Connection, reach: Reach, query: Query, deadline: Deadline, *, backwards: bool = False
) -> Iterator[tuple[Candidate, list[Span]]]:
    """Yield as many views as are looked at for one page."""
    if reach.low <= reach.high:
        matches = find.find_matches(connection, reach, query, deadline, portion=_PORTION, backwards=backwards)
        yield from islice(matches, find.MOST_CANDIDATES)


def _show(connection: Connection, walk: _Walk, facing: int | None) -> Passages:
    needed = {each.candidate.identifier for each in (walk.last, walk.open, walk.next) if each is not None}
    layouts = find.read_layouts(connection, needed)
    here = tuple(_passages(walk.open, layouts)) if walk.open else ()
    previous = _one(walk.last, layouts, last=True)
    over: tuple[Mark, ...] = ()
    if walk.last is not None and walk.last.candidate.identifier == walk.here - 1:
        view = view_of(walk.here)
        is_broken = layouts[walk.here - 1].beyond
        before = _passages(walk.last, layouts) if is_broken else ()
        over = tuple(mark for each in before for mark in each.marks if mark.number == view)
    beside = tuple(
        mark
        for hits in (walk.last, walk.open, walk.next)
        if hits is not None and facing is not None
        for passage in (here if hits is walk.open else _passages(hits, layouts, facing))
        for mark in passage.marks
        if mark.number == facing
    )
    return Passages(here, over, walk.before, previous, _one(walk.next, layouts), beside=beside)


def _one(hits: _Hits | None, layouts: Mapping[int, Layout], *, last: bool = False) -> Passage | None:
    if hits is None:
        return None
    number = len(hits.spans) if last else 1
    span = hits.spans[number - 1]
    [passage] = _passages(_Hits(hits.candidate, (span,)), layouts)
    return replace(passage, number=number)


def _passages(hits: _Hits, layouts: Mapping[int, Layout], only: int | None = None) -> Iterator[Passage]:
    """Yield the passages of a view; none where it is not the only one that is wanted."""
    identifier = hits.candidate.identifier
    view, layout = view_of(identifier), layouts[identifier]
    if only not in (None, view):
        return
    for number, (first, last) in enumerate(number_all(hits.candidate.words, hits.spans), start=1):
        yield Passage(view, number, mark_hit(view, layout, first, last))
