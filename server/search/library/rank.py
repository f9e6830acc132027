"""Relevance: how well each document meets the words that are asked for, and documents in that order. Pure.

A word counts by the field in which it is: the title most, then who made it and what it is about, the place, the
description, the text; in the text more where it comes back often. It counts in each field that holds it, as in BM25F,
and a rare word counts more than a common one. Words that follow one another in the title count once more.

Points of a hundred thousand documents are added at once: bit n of the whole number `planes[b]` is bit b of the points
of document n, so a word is added to all documents that hold it by a few operations on whole numbers.
"""

from collections.abc import Callable
from math import log2

WEIGHTS = {"t": 12, "c": 8, "s": 8, "p": 5, "d": 3, "n": 3, "x": 1, "y": 1}
"""What a word counts by the letter of the field (`entry`): `n` is the whole notice, which the commonest words are looked for
in, and `y` are words that come back often in the text."""

NEIGHBOURS = 6
"""What two words count that follow one another in the title as they do in the question."""

_RARE = 5

Take = Callable[[int, int, int], list[int]]
"""Takes documents of a set: the set, how many to pass over, how many to take."""


class Points:
    """The points of all documents."""

    def __init__(self) -> None:
        self._planes: list[int] = []

    def add(self, members: int, points: int) -> None:
        """Give each document of a set so many points more."""
        for bit in range(points.bit_length()):
            if points >> bit & 1:
                self._carry(members, bit)

    def of(self, number: int) -> int:
        """Return the points of a document."""
        return sum((plane >> number & 1) << bit for bit, plane in enumerate(self._planes))

    def order(self, members: int, offset: int, limit: int, take: Take) -> list[int]:
        """Return documents of a set from the one with most points on; `take` orders those that have as many."""
        found: list[int] = []
        # sets to look into, the best last, each with the bits that are not looked at yet
        rest = [(members, len(self._planes))]
        while rest and len(found) < limit:
            some, bits = rest.pop()
            size = some.bit_count()
            if offset >= size:
                offset -= size
            elif bits:
                plane = self._planes[bits - 1]
                rest += [(some & ~plane, bits - 1), (some & plane, bits - 1)]
            else:
                found += take(some, offset, limit - len(found))
                offset = 0
        return found

    def _carry(self, members: int, bit: int) -> None:
        while members:
            self._planes += [0] * (bit + 1 - len(self._planes))
            plane = self._planes[bit]
            self._planes[bit] = plane ^ members
            members &= plane
            bit += 1


def rarity(documents: int, all_documents: int) -> int:
    """Return by how much a word counts more that so many of all documents hold: 1 for a common one, 6 for a rare one."""
    if not documents:
        return 1
    return 1 + min(_RARE, int(log2(max(1.0, all_documents / documents)) / 2))
