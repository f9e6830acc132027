"""A hit as it is shown: its marks line by line, the words as printed, and what stands before and after. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from server.model.hits import Hit, Mark
from server.model.text import Box
from server.search.folding import without_hyphen
from server.search.layout import Layout

AROUND = 8
"""Printed words before and after a hit."""

_GAP = 3
"""Printed words without a letter (dashes, ornaments) that may stand within a hit."""


def mark_hit(number: int, layout: Layout, first: int, last: int) -> tuple[Mark, ...]:
    """Return the marks of the hit from the searchable word `first` to `last` of a view."""
    return tuple(_marks(layout, number, _printed(layout, first, last)))


def show_hit(
    name: str, view: int, layout: Layout, first: int, last: int, label: Mapping[str, list[str]], number: int = 1
) -> Hit:
    """Return the hit from the searchable word `first` to `last` of a view of the document `name`."""
    printed = _printed(layout, first, last)
    own = len(layout.words) - layout.beyond
    begin, end = printed[0], max(word for word in printed if word < own)
    halves = {one: (other, keeps) for one, other, keeps in layout.halves}
    seconds = {other for other, _ in halves.values()}
    before = _read(layout, range(max(0, begin - AROUND), begin), halves, seconds)
    after = _read(layout, range(end + 1, min(own, end + 1 + AROUND)), halves, seconds)
    return Hit(
        name,
        tuple(_marks(layout, view, printed)),
        _read(layout, printed, halves, seconds),
        before + " " if before else "",
        " " + after if after else "",
        label,
        number,
    )


def region_of(marks: Sequence[Mark]) -> str:
    """Return the box around those marks of a hit that are on its first view, as `x,y,w,h`; empty where none is known."""
    around = _around(mark.box for mark in marks if mark.number == marks[0].number)
    return around.xywh if around is not None else ""


def _printed(layout: Layout, first: int, last: int) -> list[int]:
    """Return the numbers of the printed words of a hit."""
    numbers: dict[int, None] = {}
    previous = -1
    for word in range(first, last + 1):
        begin, end = layout.firsts[word], layout.lasts[word]
        if 0 <= previous < begin <= previous + 1 + _GAP:
            numbers.update(dict.fromkeys(range(previous + 1, begin)))
        numbers[begin] = numbers[end] = None
        previous = max(end, begin) if end <= begin + 1 else begin
    return list(numbers)


def _marks(layout: Layout, number: int, printed: list[int]) -> Iterable[Mark]:
    own = len(layout.words) - layout.beyond
    runs: list[list[int]] = []
    for word in printed:
        if runs and layout.lines[runs[-1][-1]] == layout.lines[word]:
            runs[-1].append(word)
        else:
            runs.append([word])
    for run in runs:
        yield Mark(
            number if run[0] < own else layout.next_view,
            " ".join(layout.words[word] for word in run),
            _around(layout.box(word) for word in run),
            run[0],
            run[-1],
        )


def _around(boxes: Iterable[Box | None]) -> Box | None:
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    left, top = min(box.x for box in known), min(box.y for box in known)
    right, bottom = max(box.x + box.width for box in known), max(box.y + box.height for box in known)
    return Box(left, top, right - left, bottom - top)


def _read(layout: Layout, numbers: Iterable[int], halves: Mapping[int, tuple[int, bool]], seconds: set[int]) -> str:
    """Return printed words as they are read: the halves of a broken word joined where its first half stands."""
    if not halves:
        return " ".join(layout.words[number] for number in numbers)
    shown = []
    for number in numbers:
        if number in halves:
            other, keeps = halves[number]
            stem = without_hyphen(layout.words[number])
            shown.append(stem + ("-" if keeps else "") + layout.words[other])
        elif number not in seconds:
            shown.append(layout.words[number])
    return " ".join(word for word in shown if word)
