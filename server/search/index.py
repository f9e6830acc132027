"""The index as both databases have it: which views hold some words. Everything else about a search is the same code.

An index is asked for candidates: views, in order, that hold every required term. Whether they hold them as asked (a
phrase, a beginning) is looked up in their words by `server.search.match`. So SQLite and PostgreSQL cannot differ.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from server.errors import Overloaded
from server.search.common import COMMON, pairs
from server.search.query import Query

VIEW_BITS = 20
MOST_VIEW = (1 << VIEW_BITS) - 1
SECONDS = 5.0
"""After so long a search is given up."""


@dataclass(frozen=True, slots=True)
class Required:
    """A term that a view must hold; `is_open` means any term that begins so."""

    term: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A view that holds every required term: its identifier and the text of its words."""

    identifier: int
    words: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What is searched: views whose identifiers are in a range, both ends included, and that hold the scope's term."""

    low: int = 0
    high: int = 2**62
    term: str = ""


class Deadline:
    """The end of the time that a search has, over all that it asks its database and all that is done between.

    A database's own limit is for what is running: PostgreSQL's is for each statement anew.
    """

    def __init__(self) -> None:
        self._end = time.monotonic() + SECONDS

    def check(self) -> None:
        """Raise Overloaded where the time is over."""
        if time.monotonic() > self._end:
            raise Overloaded("this search takes too long; ask for rarer words")


class Index(Protocol):
    """What each database must be able to do."""

    def write(self, connection: Connection, terms: Iterable[tuple[int, str]]) -> None:
        """Write the terms of views by identifier, none of which is in the index; spaces divide them."""

    def remove(self, connection: Connection, identifiers: Sequence[int]) -> None:
        """Take views out of the index."""

    def read(self, connection: Connection, identifiers: Sequence[int]) -> dict[int, frozenset[str]]:
        """Return the terms of views by identifier, as they were written."""

    def find(
        self, connection: Connection, required: Sequence[Required], reach: Reach, limit: int, *, backwards: bool = False
    ) -> list[Candidate]:
        """Return at most so many candidates, in the order of their identifiers or against it."""

    def list_views(self, connection: Connection, required: Sequence[Required], limit: int) -> list[int]:
        """Return the identifiers of at most so many views that hold every required term, in their order."""

    def list_views_of(
        self, connection: Connection, required: Sequence[Required], limits: Mapping[int, int]
    ) -> list[int]:
        """Return what `list_views` does of some documents: of each, by its number, at most so many views."""

    def bounded(self, connection: Connection) -> AbstractContextManager[None]:
        """Give up what takes longer than `SECONDS`, raising Overloaded."""


def identify(document: int, view: int) -> int:
    """Return the identifier of a view."""
    return (document << VIEW_BITS) | view


def document_of(identifier: int) -> int:
    """Return the number of the document that a view is of."""
    return identifier >> VIEW_BITS


def bounds_of(document: int) -> tuple[int, int]:
    """Return the first and the last identifier that a view of a document can have."""
    return identify(document, 0), identify(document, MOST_VIEW)


def view_of(identifier: int) -> int:
    """Return the number of a view in its document."""
    return identifier & MOST_VIEW


def require(query: Query) -> tuple[Required, ...]:
    """Return the terms that a view must hold to meet a query: for a phrase its pairs and its words that are not common."""
    required: dict[Required, None] = {}
    for clause in query.clauses:
        whole = clause.words[:-1] if clause.is_open else clause.words
        paired = [Required(pair) for pair in pairs(whole)]
        rare = [Required(word) for word in whole if word not in COMMON]
        needed = [*paired, *rare] or [Required(word) for word in whole]
        if clause.is_open:
            needed.append(Required(clause.words[-1], is_open=True))
        required.update(dict.fromkeys(needed))
    return tuple(required)


def decisive(query: Query) -> Required | None:
    """Return the one term that a view need hold to have a hit; None where its words must be looked into.

    A word, a beginning, and a phrase of two common words, which is stored as a pair, are known by their term alone.
    """
    if len(query.clauses) != 1:
        return None
    [clause], required = query.clauses, require(query)
    is_pair = (
        len(clause.words) == 2 and not clause.is_open and len(required) == 1 and required[0].term not in clause.words
    )
    return required[0] if len(clause.words) == 1 or is_pair else None
