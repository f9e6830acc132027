"""Searching within a document for its page: where the words stand, what is marked on the open view, the way on. No flask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.model.hits import Hit, Mark
from server.model.text import Box
from server.portal.marking import mark_words
from server.search.find import SIZE
from server.search.passages import Passage, Passages, find_passages
from server.search.query import Query, parse_query
from server.search.scope import document_scope
from server.search.shown import region_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_MARKED = 300
"""Passages that are marked on a view: where there are more (`e*` on a page of a newspaper), those around the chosen one."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A passage to go to: its view, its number among those of that view, its region as `x,y,w,h`, empty where unknown."""

    view: int
    number: int
    region: str


@dataclass(frozen=True, slots=True)
class Found:
    """One place where the words stand, and what is printed around it."""

    goal: Goal
    before: str
    match: str
    after: str


@dataclass(frozen=True, slots=True)
class Way:
    """The way from passage to passage. `chosen` is the number of the one on the open view that is read, 0 where none is.

    `before` counts the passages on the views before; None where there are too many to count. `previous` is the last of
    them, `following` the first one behind the open view.
    """

    here: tuple[Goal, ...] = ()
    chosen: int = 0
    before: int | None = 0
    previous: Goal | None = None
    following: Goal | None = None

    def __bool__(self) -> bool:
        """Whether there is any passage to go to."""
        return bool(self.here or self.previous or self.following)

    @property
    def back(self) -> Goal | None:
        """The passage before the chosen one; where none is chosen the last one before this view."""
        return self.here[self.chosen - 2] if self.chosen > 1 else self.previous

    @property
    def onward(self) -> Goal | None:
        """The passage behind the chosen one; where none is chosen the first one on this view or behind it."""
        return self.here[self.chosen] if self.chosen < len(self.here) else self.following

    @property
    def number(self) -> int:
        """The number of the chosen passage: in the document where that is known, else on the view."""
        return (self.before or 0) + self.chosen


@dataclass(frozen=True, slots=True)
class Within:
    """A page of what is found. `boxes` are on the open view, in its pixels; `total` is None where too many to count.

    `chosen` are those of `boxes` that mark the chosen passage, `beside` lie on the view that is open beside it, `counts` says
    how many passages a view has where that is known of all. `previous` and `following` are numbers of the first hit on
    the pages before and behind, None where there is none.
    """

    asked: str
    found: tuple[Found, ...]
    boxes: tuple[Box, ...]
    chosen: tuple[Box, ...]
    beside: tuple[Box, ...]
    counts: Mapping[int, int]
    total: int | None
    start: int
    previous: int | None
    following: int | None
    way: Way
    query: Query

    def mark(self, text: str) -> tuple[tuple[str, bool], ...]:
        """Return a text of the open view in pieces, each with whether it was found; in one where nothing was."""
        return mark_words(text, self.query) if self.way.here else ((text, False),)


def find_within(
    connection: "Connection", name: str, asked: str, view: int, start: int, chosen: int = 0, facing: int | None = None
) -> Within:
    """Return what is found in an item, from a hit on, with the way from a passage of a view that is chosen.

    Where the view has no passage of that number, none is chosen. Raises BadRequest, Overloaded, Unknown, Withdrawn.
    """
    query, scope = parse_query(asked), document_scope(connection, name)
    results, passages = find_passages(connection, scope, query, view, start, facing)
    chosen = chosen if chosen <= len(passages.here) else 0
    return Within(
        asked,
        tuple(_found(hit) for hit in results.hits),
        _boxes((*passages.over, *_marked(passages.here, chosen)), view),
        _boxes(passages.here[chosen - 1].marks, view) if chosen else (),
        _boxes(passages.beside[:MOST_MARKED], facing) if facing else (),
        passages.counts,
        results.hits_total,
        start,
        max(0, start - SIZE) if start else None,
        start + SIZE if results.following is not None else None,
        _way(passages, chosen),
        query,
    )


def _marked(here: Sequence[Passage], chosen: int) -> list[Mark]:
    first = max(0, min(chosen - MOST_MARKED // 2, len(here) - MOST_MARKED))
    return [mark for passage in here[first : first + MOST_MARKED] for mark in passage.marks]


def _boxes(marks: Sequence[Mark], view: int) -> tuple[Box, ...]:
    return tuple(mark.box for mark in marks if mark.number == view and mark.box is not None)


def _way(passages: Passages, chosen: int) -> Way:
    return Way(
        tuple(map(_goal, passages.here)),
        chosen,
        passages.before,
        _goal(passages.previous) if passages.previous else None,
        _goal(passages.following) if passages.following else None,
    )


def _goal(passage: Passage) -> Goal:
    return Goal(passage.view, passage.number, region_of(passage.marks))


def _found(hit: Hit) -> Found:
    goal = Goal(hit.marks[0].number, hit.number, region_of(hit.marks))
    return Found(goal, hit.before, hit.match, hit.after)
