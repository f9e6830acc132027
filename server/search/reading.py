"""From the text of a document's public views to what is searched: words in reading order, broken ones made whole.

Halves that ALTO declares (SUBS_TYPE, SUBS_CONTENT) are joined to the word that it names, also over the foot of a page to
the next view if that is public too. A hyphen at the end of a line that nobody declared joins what a French reader would
join: a small letter follows, and the first half is none of those that keep their hyphen (`peut-être`, `grand-père`).
Transcriptions follow, without boxes. Pure: no database.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from server.model.item import PublishedView
from server.model.text import Hyphen, PageText
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
_NOWHERE = (0, 0, 0, 0)
_BEHIND = {
    (True, True): SAME_LINE,
    (True, False): NEW_LINE,
    (False, True): BROKEN,
    (False, False): BROKEN_AND_NEW,
}
"""What stands behind a word: whether it is on one line, and whether the next one is on the line where it ends."""


@dataclass(frozen=True, slots=True)
class SearchView:
    """What is stored of a view: the text of its searchable words, and its packed layout."""

    number: int
    words: str
    layout: bytes


@dataclass(slots=True)
class _Half:
    """What a printed word is beside a word: a half of one, or one of which ALTO knows more."""

    hyphen: Hyphen | None = None
    whole: str = ""
    mate: int | None = None
    """The number of the other half."""
    keeps: bool = False
    """The hyphen belongs to the word."""
    is_told: bool = False
    """Its other half says the word, on this view or on the one before."""


@dataclass(slots=True)
class _Page:
    """The printed words of a view on their way, in columns as the layout has them; few are halves."""

    view: PublishedView
    words: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    boxes: list[int] = field(default_factory=list)
    halves: dict[int, _Half] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)
    """The last words of lines."""
    own: int = 0
    """How many of the words are printed on this view."""

    def half(self, number: int) -> _Half:
        """Return what is known of a word as a half, to be changed."""
        return self.halves.setdefault(number, _Half())


_WHOLE = _Half()


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
        if any(page.words):
            read = _read(page)
            if read.words.strip():
                self._done.append(read)


def _print(view: PublishedView, text: PageText | None) -> _Page:
    page = _Page(view)
    words, boxes = page.words, page.boxes
    line = 0
    if text is not None:
        fit = text.fitting((view.width, view.height))
        for block in text.blocks:
            for printed in block.lines:
                line += 1
                for word in printed.words:
                    if word.hyphen is not None or word.whole:
                        page.halves[len(words)] = _Half(word.hyphen, word.whole)
                    words.append(" ".join(word.content.split()))
                    boxes.extend(fit(word.box) or _NOWHERE)
                if printed.words:
                    page.lines.extend([line] * len(printed.words))
                    page.ends.append(len(words) - 1)
    _join_declared(page)
    _join_undeclared(page)
    for transcription in view.notes.transcriptions:
        line += 1
        for spoken in transcription.value.split():
            _add(page, spoken, line, _NOWHERE)
    page.own = len(words)
    return page


def _add(page: _Page, word: str, line: int, box: Iterable[int]) -> None:
    page.words.append(word)
    page.lines.append(line)
    page.boxes.extend(box)


def _join_declared(page: _Page) -> None:
    waiting: dict[str, int] = {}
    for number, half in list(page.halves.items()):
        if not half.whole:
            continue
        if half.hyphen is Hyphen.FIRST:
            waiting[half.whole] = number
        elif half.hyphen is Hyphen.SECOND and half.whole in waiting:
            _join(page, waiting.pop(half.whole), number)


def _join_undeclared(page: _Page) -> None:
    for number in page.ends[:-1]:
        first, second = page.words[number], page.words[number + 1]
        if ends_with_hyphen(first) and second[:1].islower():
            half, other = page.halves.get(number, _WHOLE), page.halves.get(number + 1, _WHOLE)
            if half.hyphen is None and other.hyphen is None and half.mate is None:
                half = page.half(number)
                half.keeps = first[-1] in _UNDECIDED and _keeps_hyphen(first)
                half.whole = without_hyphen(first) + ("-" if half.keeps else "") + second
                _join(page, number, number + 1)


def _keeps_hyphen(first: str) -> bool:
    # the last part of what stands before the hyphen decides: « c’est-à- / dire »
    part = without_hyphen(first).rpartition("-")[2]
    return fold(part).lstrip("«(\"' ") in KEEPS_HYPHEN


def _join(page: _Page, first: int, second: int) -> None:
    half = page.half(first)
    half.mate, page.half(second).is_told = second, True
    parts = split_printed(without_hyphen(page.words[first])) + split_printed(page.words[second])
    half.keeps = parts == split_printed(half.whole)


def _join_pages(page: _Page, following: _Page) -> None:
    """Make the word whole that is broken at the foot of a page: its second half is told with the first."""
    waiting = [n for n, half in page.halves.items() if half.hyphen is Hyphen.FIRST and half.whole and half.mate is None]
    orphans = [
        n for n, half in following.halves.items() if half.hyphen is Hyphen.SECOND and half.whole and not half.is_told
    ]
    if not waiting or not orphans:
        return
    first, second = max(waiting), min(orphans)
    half, other = page.halves[first], following.halves[second]
    if half.whole == other.whole:
        _add(page, following.words[second], page.lines[-1] + 1, following.boxes[4 * second : 4 * second + 4])
        page.halves[len(page.words) - 1] = _Half(Hyphen.SECOND, other.whole)
        _join(page, first, len(page.words) - 1)
        other.is_told = True


def _read(page: _Page) -> SearchView:
    told: list[str] = []
    firsts: list[int] = []
    lasts: list[int] = []
    halves, lines = page.halves, page.lines
    for number, word in enumerate(page.words):
        half = halves.get(number) if halves else None
        if half is None:
            for part in split_printed(word):
                told.append(part)
                firsts.append(number)
                lasts.append(number)
        elif not half.is_told:
            for part, first, last in _tell(page, number, half):
                told.append(part)
                firsts.append(first)
                lasts.append(last)
    layout = Layout(
        words=page.words,
        lines=lines,
        boxes=page.boxes,
        firsts=firsts,
        lasts=lasts,
        halves=tuple(
            (number, half.mate, half.keeps) for number, half in sorted(halves.items()) if half.mate is not None
        ),
        beyond=len(page.words) - page.own,
        next_view=page.view.number + 1 if len(page.words) > page.own else 0,
    )
    begun = [lines[first] for first in firsts]
    ended = [lines[last] for last in lasts]
    following = [*begun[1:], ended[-1]] if ended else []
    words = write_words(
        [
            (word, _BEHIND[one == last, last == after])
            for word, one, last, after in zip(told, begun, ended, following, strict=True)
        ]
    )
    return SearchView(page.view.number, words, pack_layout(layout))


def _tell(page: _Page, number: int, half: _Half) -> Iterator[tuple[str, int, int]]:
    """Yield the searchable words that begin on a printed one, each with the first and last printed word of it."""
    word = page.words[number]
    if half.mate is None:
        # a half whose other half is nowhere to be seen is still known by the whole word
        for part in split_printed(half.whole or word):
            yield part, number, number
        return
    mate = half.mate
    first, second = split_printed(without_hyphen(word)), split_printed(page.words[mate])
    whole = split_printed(half.whole)
    if half.keeps:
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
