"""Which documents hold the commonest words: a few bytes beside each document, a table of bits in the memory of a process.

A word like `de` is in most documents. Asking the index for it reads a row for each of them, which takes PostgreSQL longer
than a whole page may. So each document says itself which of the commonest words (`server.search.common`) its title, its
notice and its text hold: one bit for each, written as it is filed and read by each process with what it counts. Pure.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from server.search.common import COMMON, MARK

_TITLE, _NOTICE, _TEXT = "t", "n", "x"
_LETTERS = (_TITLE, _NOTICE, _TEXT)
"""The fields in which a common word is looked for (`entry`): by itself in a field it tells nothing but in the title."""

_PLACES = {
    f"{MARK}{letter}{word}": place
    for place, (letter, word) in enumerate((letter, word) for letter in _LETTERS for word in sorted(COMMON))
}
"""The bit of each term. Whatever moves one raises `server.search.library.entry.RECIPE`."""

SIZE = -(-len(_PLACES) // 8)
"""Bytes of a document."""

_LEAST_ROOM = 1024


def pack_common(terms: Iterable[str]) -> bytes:
    """Return which of the commonest words are among the terms of a document."""
    bits = bytearray(SIZE)
    for term in terms:
        place = _PLACES.get(term)
        if place is not None:
            bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)


def is_common(term: str) -> bool:
    """Whether documents say themselves that they hold a term."""
    return term in _PLACES


class Commonest:
    """The bits of all documents: a row for each byte, so that those of one word lie together."""

    def __init__(self) -> None:
        self._bits = np.zeros((SIZE, _LEAST_ROOM), np.uint8)
        self._untold: set[int] = set()

    @property
    def is_whole(self) -> bool:
        """Whether every document has said it; those that were filed by an earlier recipe have not."""
        return not self._untold

    def change(self, gone: Iterable[int], come: Sequence[tuple[int, bytes]]) -> None:
        """Forget documents and put others in; what has not as many bytes as are wanted has not said it."""
        self._untold.difference_update(gone)
        told = [(number, bits) for number, bits in come if len(bits) == SIZE]
        self._untold.update(number for number, bits in come if len(bits) != SIZE)
        if not told:
            return
        numbers = np.array([number for number, _ in told], np.int64)
        self._make_room(int(numbers.max()) + 1)
        self._bits[:, numbers] = np.frombuffer(b"".join(bits for _, bits in told), np.uint8).reshape(-1, SIZE).T

    def members(self, term: str) -> int:
        """Return the set of documents that hold a term; what they were before they were forgotten counts too."""
        place = _PLACES[term]
        flags = self._bits[place >> 3] & np.uint8(1 << (place & 7))
        return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")

    def _make_room(self, size: int) -> None:
        held = self._bits.shape[1]
        if size > held:
            larger = np.zeros((SIZE, max(size, held + held // 2)), np.uint8)
            larger[:, :held] = self._bits
            self._bits = larger
