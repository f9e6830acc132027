"""From the text of a document's public views to what is searched: words in reading order, broken ones made whole.

Halves that ALTO declares (SUBS_TYPE, SUBS_CONTENT) are joined to the word that it names, also over the foot of a page to
the next view if that is public too. A hyphen at the end of a line that nobody declared joins what a French reader would
join: a small letter follows, and the first half is none of those that keep their hyphen (`peut-être`, `grand-père`).
Transcriptions follow, without boxes. Pure: no database.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from server.model.item import PublishedView
from server.model.text import Box, Hyphen, PageText, Word
from server.search.folding import ends_with_hyphen, fold, split_printed, without_hyphen
from server.search.layout import Layout, pack_layout
from server.search.match import BROKEN, BROKEN_AND_NEW, NEW_LINE, SAME_LINE, write_words

KEEPS_HYPHEN = frozenset(
    """
    a apres arc arriere au aussi avant beau belle bien c'est ce celle celles celui ces cette ceux chef ci contre demi
    dit dix elle elles en entre est et eux extra fait grand grande grands haut il ils jusque la le lui mi moi non nord
    nous nouveau on par petit petite petits peut porte pres quatre qu'est quelques rendez rez saint sainte sous soi soixante
    sud sur toi tout trente trop tu un vice vingt vis vous y
    """.split()  # noqa: SIM905  # a list of words is read as one
)

_UNDECIDED = ("-", "‐", "‑")


@dataclass(frozen=True, slots=True)
class SearchView:
    """What is stored of a view: the text of its searchable words, and its packed layout."""

    number: int
    words: str
    layout: bytes


@dataclass(slots=True)
class _Printed:
    """A printed word on its way; `mate` is the number of the other half, `keeps` whether the hyphen belongs to it."""

    text: str
    line: int
    box: Box | None
    hyphen: Hyphen | None = None
    whole: str = ""
    mate: int | None = None
    keeps: bool = False
    is_told: bool = False
    """Its other half says the word, on this view or on the one before."""


@dataclass(slots=True)
class _Page:
    view: PublishedView
    words: list[_Printed] = field(default_factory=list)
    own: int = 0
    """How many of the words are printed on this view."""


class Reading:
    """Takes the public views of a document one after another, so that only two texts are held at a time."""

    def __init__(self) -> None:
        self._pending: _Page | None = None
        self._done: list[SearchView] = []

    def take(self, view: PublishedView, text: PageText | None) -> None:
        """Take the next public view, with or without text."""
        page = _print(view, text)
        if self._pending is not None:
            if self._pending.view.number + 1 == view.number:
                _join_pages(self._pending, page)
            self._finish(self._pending)
        self._pending = page

    def finish(self) -> tuple[SearchView, ...]:
        """Return everything that was read; views without a word leave nothing."""
        if self._pending is not None:
            self._finish(self._pending)
            self._pending = None
        return tuple(self._done)

    def _finish(self, page: _Page) -> None:
        if any(word.text for word in page.words):
            read = _read(page)
            if read.words.strip():
                self._done.append(read)


def _print(view: PublishedView, text: PageText | None) -> _Page:
    page = _Page(view)
    line = 0
    if text is not None:
        for block in text.blocks:
            for printed in block.lines:
                line += 1
                page.words.extend(
                    _Printed(" ".join(word.content.split()), line, _place(word, text, view), word.hyphen, word.whole)
                    for word in printed.words
                )
    _join_declared(page.words)
    _join_undeclared(page.words)
    for transcription in view.notes.transcriptions:
        line += 1
        page.words.extend(_Printed(word, line, None) for word in transcription.value.split())
    page.own = len(page.words)
    return page


def _place(word: Word, text: PageText, view: PublishedView) -> Box | None:
    """Return a word's box in pixels of the view and inside it; None where nothing of it is left."""
    across = view.width / text.width if text.width > 0 else 1.0
    down = view.height / text.height if text.height > 0 else 1.0
    box = word.box
    left, top = max(0, round(box.x * across)), max(0, round(box.y * down))
    right = min(view.width, round((box.x + box.width) * across))
    bottom = min(view.height, round((box.y + box.height) * down))
    return Box(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _join_declared(words: list[_Printed]) -> None:
    waiting: dict[str, int] = {}
    for number, word in enumerate(words):
        if not word.whole:
            continue
        if word.hyphen is Hyphen.FIRST:
            waiting[word.whole] = number
        elif word.hyphen is Hyphen.SECOND and word.whole in waiting:
            _join(words, waiting.pop(word.whole), number)


def _join_undeclared(words: list[_Printed]) -> None:
    for number, (first, second) in enumerate(pairwise(words)):
        if (
            first.hyphen is None
            and second.hyphen is None
            and first.line != second.line
            and ends_with_hyphen(first.text)
            and second.text[:1].islower()
            and first.mate is None
        ):
            first.keeps = first.text[-1] in _UNDECIDED and _keeps_hyphen(first.text)
            first.whole = without_hyphen(first.text) + ("-" if first.keeps else "") + second.text
            _join(words, number, number + 1)


def _keeps_hyphen(first: str) -> bool:
    # the last part of what stands before the hyphen decides: « c’est-à- / dire »
    part = without_hyphen(first).rpartition("-")[2]
    return fold(part).lstrip("«(\"' ") in KEEPS_HYPHEN


def _join(words: list[_Printed], first: int, second: int) -> None:
    words[first].mate, words[second].is_told = second, True
    parts = split_printed(without_hyphen(words[first].text)) + split_printed(words[second].text)
    words[first].keeps = parts == split_printed(words[first].whole)


def _join_pages(page: _Page, following: _Page) -> None:
    """Make the word whole that is broken at the foot of a page: its second half is told with the first."""
    waiting = [word for word in page.words if word.hyphen is Hyphen.FIRST and word.whole and word.mate is None]
    orphans = [word for word in following.words if word.hyphen is Hyphen.SECOND and not word.is_told and word.whole]
    if waiting and orphans and waiting[-1].whole == orphans[0].whole:
        first, second = waiting[-1], orphans[0]
        line = page.words[-1].line + 1
        page.words.append(_Printed(second.text, line, second.box, Hyphen.SECOND, second.whole))
        _join(page.words, page.words.index(first), len(page.words) - 1)
        second.is_told = True


def _read(page: _Page) -> SearchView:
    told: list[tuple[str, int, int]] = []
    for number, word in enumerate(page.words):
        if not word.is_told:
            told.extend(_tell(page.words, number))
    behind: list[str] = []
    for number, (_, first, last) in enumerate(told):
        goes_on = number + 1 == len(told) or page.words[told[number + 1][1]].line == page.words[last].line
        if page.words[first].line == page.words[last].line:
            behind.append(SAME_LINE if goes_on else NEW_LINE)
        else:
            behind.append(BROKEN if goes_on else BROKEN_AND_NEW)
    layout = Layout(
        words=tuple(word.text for word in page.words),
        lines=[word.line for word in page.words],
        boxes=[part for word in page.words for part in _numbers(word.box)],
        firsts=[first for _, first, _ in told],
        lasts=[last for _, _, last in told],
        halves=tuple(
            (number, word.mate, word.keeps) for number, word in enumerate(page.words) if word.mate is not None
        ),
        beyond=len(page.words) - page.own,
        next_view=page.view.number + 1 if len(page.words) > page.own else 0,
    )
    words = write_words([(word, after) for (word, _, _), after in zip(told, behind, strict=True)])
    return SearchView(page.view.number, words, pack_layout(layout))


def _tell(words: list[_Printed], number: int) -> Iterator[tuple[str, int, int]]:
    """Yield the searchable words that begin on a printed one, each with the first and last printed word of it."""
    word = words[number]
    if word.mate is None:
        # a half whose other half is nowhere to be seen is still known by the whole word
        for part in split_printed(word.whole or word.text):
            yield part, number, number
        return
    mate = word.mate
    first, second = split_printed(without_hyphen(word.text)), split_printed(words[mate].text)
    whole = split_printed(word.whole)
    if word.keeps:
        for place, part in enumerate(whole):
            at = number if place < len(first) else mate
            yield part, at, at
    elif first and second and whole == (*first[:-1], first[-1] + second[0], *second[1:]):
        for place, part in enumerate(whole):
            begin = number if place < len(first) else mate
            yield part, begin, number if place < len(first) - 1 else mate
    else:
        for part in whole:
            yield part, number, mate


def _numbers(box: Box | None) -> tuple[int, int, int, int]:
    return (box.x, box.y, box.width, box.height) if box is not None else (0, 0, 0, 0)
