"""What is stored of a view so that it is found: its words, its layout, its terms. Pure: no database.

Worker processes make it (`server.publish.pages`), so nothing here may import what opens a catalogue.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from server.search.common import MARK, pairs
from server.search.reading import SearchView

MOST_TERMS, MOST_TERM_BYTES = 20_000, 600_000
"""Distinct words of a view that are searched, the first that are printed, and their bytes: no page has so many.

A `tsvector` holds 1 MB, pairs of common words among it; beyond the limit both databases are to find the same.
"""

ALL = f"{MARK}all"
"""The term that counts all views; it is in no view's own terms."""

Row = tuple[str, int, int]
"""A term, on how many views more it is, how often more it occurs."""


@dataclass(frozen=True, slots=True)
class IndexedView:
    """A view as it is stored: the text of its words, its packed layout, its terms in order, divided by spaces.

    `digest` is of words and layout: what its collections are does not count as its text.
    """

    number: int
    words: str
    layout: bytes
    terms: str
    digest: bytes


class Counts:
    """On how many views each term is, and how often it occurs: of views that come, less those that go."""

    def __init__(self) -> None:
        self.views: Counter[str] = Counter()
        self.hits: Counter[str] = Counter()

    def add(self, words: str, terms: Iterable[str]) -> None:
        """Count a view that comes."""
        terms = list(terms)
        self.views.update(terms)
        self.hits.update(_counted(words, terms))
        self.views[ALL] += 1

    def subtract(self, words: str, terms: Iterable[str]) -> None:
        """Count a view that goes."""
        terms = list(terms)
        self.views.subtract(terms)
        self.hits.subtract(_counted(words, terms))
        self.views[ALL] -= 1

    def rows(self) -> tuple[Row, ...]:
        """Return what changes, in the order of the terms."""
        views, hits = self.views, self.hits
        changed = ((term, views[term], hits[term]) for term in sorted(views.keys() | hits.keys()))
        return tuple(row for row in changed if row[1] or row[2])


def index_view(view: SearchView, collections: Iterable[str]) -> IndexedView:
    """Return a view as it is stored, found in itself and in collections."""
    digest = hashlib.sha256(repr((view.number, view.words)).encode())
    digest.update(view.layout)
    terms = " ".join(sorted(terms_of(view.words, collections)))
    return IndexedView(view.number, view.words, view.layout, terms, digest.digest())


def scope_term(collection: str) -> str:
    """Return the term that each view of a collection holds."""
    return f"{MARK}c{hashlib.sha256(collection.encode()).hexdigest()[:16]}"


def terms_of(words: str, collections: Iterable[str]) -> frozenset[str]:
    """Return the terms of a view: its words, its pairs of common words, its collections."""
    told = _searched(words)
    return frozenset((*told, *pairs(told), *map(scope_term, collections)))


def _searched(words: str) -> list[str]:
    """Return the words of a view up to where they are too many."""
    told = words.split()
    if _are_few(words, told):
        return told
    seen: set[str] = set()
    size = 0
    for place, word in enumerate(told):
        if word not in seen:
            seen.add(word)
            size += len(word.encode())
            if len(seen) > MOST_TERMS or size > MOST_TERM_BYTES:
                return told[:place]
    return told


def _counted(words: str, terms: list[str]) -> list[str]:
    """Return the words of a view that are searched, as often as they occur."""
    told = words.split()
    if _are_few(words, told):
        return told
    held = frozenset(terms)
    return [word for word in told if word in held]


def _are_few(words: str, told: list[str]) -> bool:
    return len(words) * 4 <= MOST_TERM_BYTES and len(told) <= MOST_TERMS
