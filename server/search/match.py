"""Where the hits of a query lie in the words of a view: exact, and the same whatever database narrowed the search.

A view's words are one text: each word is followed by a character that says what comes behind it. So words and phrases
are found at the speed of `str.find`, and the lines that a hit runs over are counted without opening the layout. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from server.search.query import Clause, Query

SAME_LINE, NEW_LINE, BROKEN, BROKEN_AND_NEW = " ", "\n", "\r", "\f"
"""What follows a word: the next one on its line; a new line; its own second half on another line; that and a new line."""

_TOGETHER = 60
"""Letters within which hits stand together."""

Span = tuple[int, int]
"""A hit among the words of a view: offsets into their text; both lie on what divides words, before and behind it."""


def write_words(words: list[tuple[str, str]]) -> str:
    """Return the text of a view's words from each word and what follows it."""
    return SAME_LINE + "".join(word + behind for word, behind in words)


def locate(text: str, query: Query) -> list[Span]:
    """Return the hits in a view's words in reading order, none unless every clause is met.

    What lies within a longer hit is no hit of its own: `ville "hôtel de ville"` shows the phrase once.
    """
    if not query.clauses:
        return []
    alike = _level(text)
    if len(query.clauses) == 1:
        return list(_meet(alike, query.clauses[0]))
    found: set[Span] = set()
    for clause in query.clauses:
        spans = list(_meet(alike, clause))
        if not spans:
            return []
        found.update(spans)
    return _longest(found)


def choose(text: str, spans: Sequence[Span]) -> tuple[int, int]:
    """Return which hit is the first by which most of what is asked stands together, and how many different ones these are."""
    called = [_level(text[begin + 1 : end]) for begin, end in spans]
    best, most, end = 0, 0, 0
    near = Counter[str]()
    for place, span in enumerate(spans):
        while end < len(spans) and spans[end][0] - span[0] <= _TOGETHER:
            near[called[end]] += 1
            end += 1
        if len(near) > most:
            best, most = place, len(near)
        near[called[place]] -= 1
        if not near[called[place]]:
            del near[called[place]]
    return best, most


def count_marks(text: str, spans: Sequence[Span], query: Query) -> int:
    """Return how many lines some hits run over: so many marks show them."""
    if BROKEN not in text and BROKEN_AND_NEW not in text and all(len(each.words) == 1 for each in query.clauses):
        return len(spans)
    lines = len(spans)
    for begin, end in spans:
        within = text[begin + 1 : end]
        lines += within.count(NEW_LINE) + within.count(BROKEN) + 2 * within.count(BROKEN_AND_NEW)
        lines += text[end] in (BROKEN, BROKEN_AND_NEW)
    return lines


def number_of(text: str, span: Span) -> tuple[int, int]:
    """Return the numbers of the first and the last word of a hit, counted from 0."""
    begin, end = span
    first = _level(text[: begin + 1]).count(SAME_LINE) - 1
    return first, first + _level(text[begin + 1 : end]).count(SAME_LINE)


def number_all(text: str, spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """Yield what `number_of` returns for hits in reading order, counting each word once."""
    alike, counted, first = _level(text), 0, -1
    for begin, end in spans:
        first += alike.count(SAME_LINE, counted, begin + 1)
        counted = begin + 1
        yield first, first + alike.count(SAME_LINE, begin + 1, end)


def _level(text: str) -> str:
    # three times replacing is quicker than one translation
    return text.replace(NEW_LINE, SAME_LINE).replace(BROKEN, SAME_LINE).replace(BROKEN_AND_NEW, SAME_LINE)


def _meet(alike: str, clause: Clause) -> Iterator[Span]:
    wanted = SAME_LINE + SAME_LINE.join(clause.words) + ("" if clause.is_open else SAME_LINE)
    begin = alike.find(wanted)
    while begin >= 0:
        end = begin + len(wanted) - 1
        if clause.is_open:
            end = alike.index(SAME_LINE, begin + len(wanted))
        yield begin, end
        begin = alike.find(wanted, end)  # the division at the end may begin the next one


def _longest(found: set[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(found, key=lambda each: (each[0], -each[1])):
        if not kept or span[1] > kept[-1][1]:
            kept.append(span)
    return kept
