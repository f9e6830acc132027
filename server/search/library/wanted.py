"""Which terms of the index a question wants: those that a document must hold to meet it, those by which it counts. Pure."""

from server.search.common import COMMON
from server.search.library.asked import ANYWHERE, LETTERS, Asked, letters_of
from server.search.library.entry import LONGEST_GRAM, NOTICE, OFTEN, TEXT, gram
from server.search.query import Clause

Term = tuple[str, bool]
"""A term, and whether any that begins so is meant."""

_EVERYWHERE = ("t", "c", "s", "p", "d", OFTEN)


def list_terms(asked: Asked) -> list[Term]:
    """Return the terms of a question in every field that it looks into."""
    return [
        term
        for name, clauses in asked.clauses.items()
        for clause in clauses
        for letter in letters_of(name)
        for term in decide(letter, clause)
    ]


def decide(letter: str, clause: Clause) -> list[Term]:
    """Return the terms that a document must hold to meet a clause in a field; none where its views must be looked into."""
    words = clause.words
    is_pair = len(words) == 2 and not clause.is_open and COMMON.issuperset(words)
    if letter != TEXT or len(words) == 1 or is_pair:
        return list_grams(letter, clause)
    return []


def list_grams(letter: str, clause: Clause) -> list[Term]:
    """Return the terms of the runs of words that a clause consists of."""
    words = clause.words
    width = min(LONGEST_GRAM, len(words))
    starts = range(len(words) - width + 1)
    return [(gram(letter, words[s : s + width]), s == starts[-1] and clause.is_open) for s in starts]


def list_ranked(name: str, clause: Clause) -> tuple[str, ...]:
    """Return the letters of the fields by which a clause counts, beside the text."""
    is_word = len(clause.words) == 1
    if name != ANYWHERE:
        letter = LETTERS[name]
        return (OFTEN,) if letter == TEXT and is_word else () if letter == TEXT else (letter,)
    if is_word and clause.words[0] in COMMON and not clause.is_open:
        return ("t", NOTICE)  # field by field they are in most documents, and tell nothing
    return _EVERYWHERE if is_word else _EVERYWHERE[:-1]
