"""The text of a view in reading order: articles with their headings, paragraphs, broken words joined. Pure.

It is read from the annotation page of the view's lines. A word that was broken at the end of a line, which carries a hyphen,
is joined with its other half; what was a hyphen between two words is told by a capital or a figure behind it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from server.model.structure import Range, Target
from server.model.text import Box

_HYPHENS = ("-", "¬", "\u00ad", "‐", "⸗")
_XYWH = re.compile(r"#xywh=(\d+),(\d+),(\d+),(\d+)$")
_APART = 1.6
"""Heights of a line that lie between two paragraphs, where nothing else tells them apart."""
_ABOVE = 3
"""Lines that may stand above the heading of an article within it."""
_LARGER = 1.4
"""By how much the letters of one line are larger than those of another where both are not of one paragraph."""
_LEAST_LETTERS = 4
"""Letters of a line below which the size of its type is not told from its box."""
_SHORT = 0.75
"""A line that ends a paragraph is narrower than the next one by this part."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line as printed, with its place in pixels of the view where that is known."""

    text: str
    box: Box | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """What stands under one heading: `heading` is empty before the first article and where there is none."""

    heading: str
    paragraphs: tuple[str, ...]
    language: str | None = None
    level: int = 3


def read_lines(page: bytes) -> tuple[ReadLine, ...]:
    """Return the lines of an annotation page, in order; its transcriptions where it has no lines."""
    annotations: list[dict[str, Any]] = json.loads(page).get("items", [])
    lines = [each for each in annotations if each.get("textGranularity") == "line"] or annotations
    return tuple(
        ReadLine(value, _box(each.get("target")), language) for each in lines for value, language in _said(each)
    )


def arrange(lines: Sequence[ReadLine], structure: Iterable[Range], view: int) -> tuple[Passage, ...]:
    """Return the passages of a view: a heading wherever another article of the table of contents begins."""
    articles = list(_articles(structure, view))
    passages: list[Passage] = []
    held: list[ReadLine] = []
    current: _Article | None = None
    for line in lines:
        found = _article_of(line, articles) if line.box is not None else current
        if found is not current:
            _close(passages, current, held)
            held, current = [], found
        held.append(line)
    _close(passages, current, held)
    return tuple(passages)


@dataclass(frozen=True, slots=True)
class _Article:
    label: str
    language: str | None
    boxes: tuple[Box, ...]
    level: int


def _close(passages: list[Passage], article: _Article | None, lines: list[ReadLine]) -> None:
    paragraphs = tuple(_paragraphs(lines, article.label if article else ""))
    if not paragraphs and article is None:
        return
    language = next((line.language for line in lines if line.language), None)
    seen = {passage.heading for passage in passages}
    # an article that goes on in the next column, behind another one's lines, has had its heading
    heading = article.label if article is not None and article.label not in seen else ""
    if heading or paragraphs:
        # a part may be read before what it is a part of: no heading is more than one level below the one before
        above = next((passage.level for passage in reversed(passages) if passage.heading), 2)
        passages.append(Passage(heading, paragraphs, language, min(article.level if article else 3, above + 1)))


def _articles(structure: Iterable[Range], view: int, level: int = 3) -> Iterator[_Article]:
    for division in structure:
        boxes = tuple(_boxes(division.targets, view))
        if boxes and division.label.strip():
            yield _Article(division.label.strip(), division.language, boxes, min(level, 6))
        yield from _articles(division.children, view, level + bool(boxes and division.label.strip()))


def _boxes(targets: Iterable[Target], view: int) -> Iterator[Box]:
    for target in targets:
        if target.view == view and target.box is not None:
            yield target.box


def _article_of(line: ReadLine, articles: list[_Article]) -> "_Article | None":
    """Return the smallest article whose region holds the middle of a line."""
    assert line.box is not None
    x, y = line.box.x + line.box.width / 2, line.box.y + line.box.height / 2
    found = [
        (box.width * box.height, -article.level, number)
        for number, article in enumerate(articles)
        for box in article.boxes
        if box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height
    ]
    return articles[min(found)[2]] if found else None


def _paragraphs(lines: Sequence[ReadLine], heading: str) -> Iterator[str]:
    """Yield the paragraphs of lines. Lines that only say the heading again are left out."""
    first, behind = _find_heading(lines, heading)
    paragraph = ""
    before: ReadLine | None = None
    for number, line in enumerate(lines):
        if first <= number < behind:
            if paragraph:
                yield paragraph
            paragraph, before = "", None
            continue
        if "\n" in line.text:  # a transcription keeps the lines that a person gave it
            if paragraph:
                yield paragraph
            yield from (part for part in line.text.split("\n\n") if part.strip())
            paragraph, before = "", None
            continue
        if paragraph and before is not None and _begins(before, line):
            yield paragraph
            paragraph = ""
        paragraph = _join(paragraph, line.text.strip())
        before = line
    if paragraph:
        yield paragraph


def _find_heading(lines: Sequence[ReadLine], heading: str) -> tuple[int, int]:
    """Return which of the first lines say the heading, the last one excluded; a place or a rubric may stand above it."""
    said = _letters(heading)
    for first in range(min(_ABOVE + 1, len(lines)) if said else 0):
        told = ""
        for number in range(first, len(lines)):
            told += _letters(lines[number].text)
            if told == said:
                return first, number + 1
            if not said.startswith(told):
                break
    return 0, 0


def _begins(before: ReadLine, line: ReadLine) -> bool:
    """Whether a line begins a paragraph: it stands apart, is indented, or follows a short line that ends a sentence."""
    if before.box is None or line.box is None:
        return False
    if before.text.rstrip().endswith(_HYPHENS):
        return False
    if _is_other_type(before, line):
        return True
    height = max(1, before.box.height, line.box.height)
    if line.box.y < before.box.y - height:
        return False  # the text goes on at the head of another column
    if line.box.y - (before.box.y + before.box.height) > _APART * height:
        return True
    is_indented = line.box.x - before.box.x > 0.6 * height and abs(line.box.x - before.box.x) < before.box.width / 2
    ends = before.text.rstrip().endswith((".", "!", "?", "»", ":", "…"))
    is_short = before.box.width < _SHORT * line.box.width
    return ends and (is_indented or is_short)


def _is_other_type(one: ReadLine, other: ReadLine) -> bool:
    """Whether two lines are set in types of clearly other sizes: higher and wider; an initial makes its line but higher."""
    assert one.box is not None
    assert other.box is not None
    if min(len(one.text), len(other.text)) < _LEAST_LETTERS:
        return False
    heights = sorted((max(1, one.box.height), max(1, other.box.height)))
    widths = sorted((one.box.width / len(one.text), other.box.width / len(other.text)))
    return heights[1] > _LARGER * heights[0] and widths[1] > _LARGER * widths[0]


def _join(paragraph: str, line: str) -> str:
    if not paragraph or not line:
        return paragraph + line
    if paragraph.endswith(_HYPHENS):
        # a capital or a figure behind a hyphen was never inside a word: Saint-Omer, 14-18
        return paragraph + line if not line[0].islower() and paragraph[-1] == "-" else paragraph[:-1] + line
    return f"{paragraph} {line}"


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _box(target: Any) -> Box | None:
    found = _XYWH.search(target) if isinstance(target, str) else None
    return Box(*map(int, found.groups())) if found else None


def _said(annotation: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    body = annotation.get("body")
    for each in body if isinstance(body, list) else [body]:
        if isinstance(each, dict) and each.get("value"):
            yield str(each["value"]), each.get("language")
