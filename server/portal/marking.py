"""Where the words of a search stand in a text that is shown: the same words as in the picture, by the same rules. Pure.

A view has been found to hold all that was asked before its text is marked (`server.search.match.locate`), so here each
clause is looked for by itself. What is marked is the word as printed: `l’hôtel` for `hôtel`.
"""

import re

from server.search.folding import split_printed
from server.search.match import SAME_LINE, locate, number_all, write_words
from server.search.query import Query

_PRINTED = re.compile(r"\S+")


def mark_words(text: str, query: Query) -> tuple[tuple[str, bool], ...]:
    """Return a text in pieces, each with whether it was asked for. Together they are the text."""
    words = [(part, found.span()) for found in _PRINTED.finditer(text) for part in split_printed(found[0])]
    told = write_words([(word, SAME_LINE) for word, _span in words])
    places = sorted(
        (words[first][1][0], words[last][1][1])
        for clause in query.clauses
        for first, last in number_all(told, locate(told, Query((clause,))))
    )
    pieces: list[tuple[str, bool]] = []
    done = 0
    for begin, end in places:
        if end <= done:
            continue
        if begin > done:
            pieces.append((text[done:begin], False))
        pieces.append((text[max(begin, done) : end], True))
        done = end
    if done < len(text):
        pieces.append((text[done:], False))
    return tuple(pieces)
