"""What to try where nothing is found: the question with less in it, and words that are written nearly so."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, select

from server.catalogue.search_models import SearchTermRow
from server.search.common import MARK
from server.search.folding import split
from server.search.library.asked import ANYWHERE, WORDS, Asked
from server.search.library.find import Library
from server.search.query import Clause

_MOST = 6
_WORDS = 3000
_VALUES = 2000
_ALIKE = 0.74


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that finds something. `kind` is spelling, words, facet or years; `what` is what it leaves out or writes."""

    kind: str
    what: str
    asked: Asked
    documents: int


def suggest(library: Library, connection: Connection, asked: Asked) -> tuple[Suggestion, ...]:
    """Return questions near one that finds nothing, each of which finds something: at most six."""
    found = []
    for kind, what, other in _others(library, connection, asked.at(1)):
        documents = library.count(connection, other)
        if documents:
            found.append(Suggestion(kind, what, other, documents))
            if len(found) == _MOST:
                break
    return tuple(found)


def _others(library: Library, connection: Connection, asked: Asked) -> Iterator[tuple[str, str, Asked]]:
    spelled = _spell(library, connection, asked)
    if spelled is not None:
        yield "spelling", spelled.words[ANYWHERE], spelled
    for facet in asked.facets:
        yield "facet", facet, asked.without(facet)
    if asked.years != (None, None):
        yield "years", "", asked.without_years()
    for name in WORDS:
        clauses = asked.clauses.get(name, ())
        if name != ANYWHERE and clauses:
            yield "words", asked.words[name], asked.with_words(name, "")
        if len(clauses) > 1:
            for left_out in clauses[:_MOST]:
                kept = " ".join(_write(clause) for clause in clauses if clause is not left_out)
                yield "words", _write(left_out), asked.with_words(name, kept)
    if spelled is not None:
        known = spelled.clauses.get(ANYWHERE, ())
        for clause in known if 1 < len(known) <= _MOST else ():
            yield "spelling", _write(clause), spelled.with_words(ANYWHERE, _write(clause))
    if spelled is not None and (asked.facets or asked.years != (None, None)):
        yield "spelling", spelled.words[ANYWHERE], Asked(spelled.words, spelled.clauses)


def _spell(library: Library, connection: Connection, asked: Asked) -> Asked | None:
    """Return the question with each word that is nowhere written as one that is; None where none is near."""
    written, is_changed = [], False
    for clause in asked.clauses.get(ANYWHERE, ()):
        words = []
        for word in clause.words:
            near = None
            if len(word) > 3 and not library.count(connection, Asked({ANYWHERE: word}, {ANYWHERE: (Clause((word,)),)})):
                near = _nearest(library, connection, word)
            is_changed = is_changed or near is not None
            words.append(near or word)
        written.append(_write(Clause(tuple(words), clause.is_open)))
    return asked.with_words(ANYWHERE, " ".join(written)) if is_changed else None


def _nearest(library: Library, connection: Connection, word: str) -> str | None:
    rows = connection.scalars(
        select(SearchTermRow.term)
        .where(SearchTermRow.term >= word[0], SearchTermRow.term < word[0] + "\U0010ffff")
        .order_by(SearchTermRow.views.desc(), SearchTermRow.term)
        .limit(_WORDS)
    )
    known = dict.fromkeys(term for term in rows if not term.startswith(MARK))
    known.update(dict.fromkeys(_words_of_facets(library)))
    near = difflib.get_close_matches(word, [each for each in known if abs(len(each) - len(word)) <= 2], 1, _ALIKE)
    return near[0] if near else None


def _words_of_facets(library: Library) -> Iterable[str]:
    with library.mirror.lock:
        values = [value for facet in ("place", "person", "subject") for value in library.mirror.values(facet)[:_VALUES]]
    return (word for value in values for word in _long_words(value))


@lru_cache(maxsize=4 * _VALUES)
def _long_words(value: str) -> tuple[str, ...]:
    return tuple(word for word in split(value) if len(word) > 3)


def _write(clause: Clause) -> str:
    words = " ".join(clause.words) + ("*" if clause.is_open else "")
    return f'"{words}"' if len(clause.words) > 1 else words
