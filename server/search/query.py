"""What a reader asks for: words that must all be on a view, "phrases", and beginnings of words marked by a star.

Content Search 2.0 §4.1.1 leaves to the server what several words mean. Every character that is neither a letter nor a
digit is no more than a division, so nothing that a reader writes is ever an operator of a database. Pure.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from server.errors import BadRequest
from server.search.folding import split, split_asked

MOST_CHARACTERS = 1000
MOST_WORDS = 32

QUOTES = re.compile('["“”„«»]')
"""What a phrase stands between, whichever of them."""

_PIECE = re.compile(r"[\"“”„«»]([^\"“”„«»]*)[\"“”„«»]?|([^\s\"“”„«»]+)")


@dataclass(frozen=True, slots=True)
class Clause:
    """Words that follow one another; `is_open` says that the last one is only the beginning of a word."""

    words: tuple[str, ...]
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All clauses must be met on a view. Without a clause nothing is found."""

    clauses: tuple[Clause, ...]


def parse_query(text: str) -> Query:
    """Return what is asked for. Raises BadRequest where it is longer than anybody asks."""
    if len(text) > MOST_CHARACTERS:
        raise BadRequest(f"q has {len(text)} characters; ask for {MOST_CHARACTERS} at most")
    clauses: dict[Clause, None] = {}
    for phrase, word in _PIECE.findall(text):
        piece = phrase or word
        is_open = piece.rstrip().endswith("*")
        words = split(piece) if phrase else split_asked(piece)
        if words:
            clauses[Clause(words, is_open)] = None
    count = sum(len(clause.words) for clause in clauses)
    if count > MOST_WORDS:
        raise BadRequest(f"q has {count} words; ask for {MOST_WORDS} at most")
    return Query(tuple(clauses))


def join_asked(texts: Iterable[str]) -> str:
    """Return one text that asks for what several ask for: a phrase that nobody closed ends with its own text."""
    return " ".join(f'{text}"' if len(QUOTES.findall(text)) % 2 else text for text in texts)


def write_query(query: Query) -> str:
    """Return words that ask for this: `parse_query` understands them so. The last clauses are left out of very long ones."""
    written = [_write(clause) for clause in query.clauses]
    while len(" ".join(written)) > MOST_CHARACTERS:
        written.pop()
    return " ".join(written)


def _write(clause: Clause) -> str:
    written = " ".join(clause.words) + ("*" if clause.is_open else "")
    return f'"{written}"' if len(clause.words) > 1 else written
