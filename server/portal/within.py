"""Searching within a document for its page: where the words stand, and what is marked on the view that is open. No flask."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server.model.hits import Hit, Place
from server.model.text import Box
from server.search.find import SIZE, search
from server.search.query import parse_query
from server.search.scope import document_scope

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Found:
    """One place where the words stand: the view, and what is printed around them."""

    view: int
    before: str
    match: str
    after: str
    region: str


@dataclass(frozen=True, slots=True)
class Within:
    """A page of what is found. `boxes` are on the open view, in its pixels; `total` is None where too many to count.

    `previous` and `following` are numbers of the first hit on the pages before and behind, None where there is none.
    """

    asked: str
    found: tuple[Found, ...]
    boxes: tuple[Box, ...]
    total: int | None
    start: int
    previous: int | None
    following: int | None


def find_within(connection: "Connection", name: str, asked: str, view: int, start: int) -> Within:
    """Return what is found in an item, from a hit on. Raises BadRequest, Overloaded, Unknown, Withdrawn."""
    query = parse_query(asked)
    scope = document_scope(connection, name)
    results = search(connection, scope, query, Place(start))
    on_view: tuple[Hit, ...] = ()
    if scope is not None and results.hits:
        here = scope.reach.low + view
        # and the view before: a word that is broken over the foot of a page is found on that one
        on_view = tuple(
            hit
            for low in (here - 1, here)
            for hit in search(
                connection, replace(scope, reach=replace(scope.reach, low=low, high=low)), query, Place()
            ).hits
        )
    boxes = tuple(mark.box for hit in on_view for mark in hit.marks if mark.number == view and mark.box is not None)
    return Within(
        asked,
        tuple(_found(hit) for hit in results.hits),
        boxes,
        results.hits_total,
        start,
        max(0, start - SIZE) if start else None,
        start + SIZE if results.following is not None else None,
    )


def _found(hit: Hit) -> Found:
    mark = hit.marks[0]
    return Found(mark.number, hit.before, hit.match, hit.after, mark.box.xywh if mark.box is not None else "")
