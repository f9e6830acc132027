"""What stands on a page: the picture, and over it, unseen, the words where they are printed.

Text is in rendering mode 3 (ISO 32000-1 §9.3.6): it can be searched, chosen and read aloud. Each block is a sequence of
marked content (§14.6), so that the structure tree can say what it is; a picture whose words are there is an artifact, and
one without words is a figure. Lengths are pixels of the view until the page's matrix makes them units of the page. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from server.formats.pdf.font import DESCENT, EM, WIDTH, Codes
from server.model.text import Box, Hyphen, Line, PageText, Word

POINTS = 72 / 300
"""Points in a pixel: the resolution of the masters is not kept, and 300 dpi is what most are ordered with."""

LONGEST_SIDE = 60_000
"""Pixels of a page's longer side that are 14 400 points, the most that programs show (ISO 32000-1 Annex C)."""

HYPHENS = "-¬\u00ad‐"
SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class Marked:
    """A piece of marked content: its number on the page is its place in the list. `tag` is P, H1 … or Figure."""

    tag: str
    alternative: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A page's content: the operators, and what each sequence of marked content is."""

    operators: bytes
    marked: tuple[Marked, ...]


def page_unit(size: tuple[int, int]) -> int:
    """Return how many points a unit of a page of `size` pixels is (`UserUnit`, table 30): more than one for a long map."""
    return max(1, -(-max(size) // LONGEST_SIDE))


def write_layer(
    size: tuple[int, int],
    text: PageText | None,
    headings: dict[int, int],
    transcriptions: tuple[tuple[str, str | None], ...],
    alternative: str,
    codes: Codes,
) -> Layer:
    """Return the content of a page of `size` pixels; `headings` are levels by the number of the block.

    Without text the picture is a figure with its alternative, and transcriptions, whose places nobody knows, are spread
    over the page from its top.
    """
    blocks = list(_blocks(size, text, headings, codes))
    if text is None or not blocks:
        blocks = list(_transcribed(size, transcriptions, codes))
        marks = [Marked("Figure", alternative)]
        begin = "/Figure <</MCID 0>> BDC"
    else:
        marks, begin = [], "/Artifact BMC"
    scale = POINTS / page_unit(size)
    parts = [f"{begin} q {_number(size[0] * scale)} 0 0 {_number(size[1] * scale)} 0 0 cm /Picture Do Q EMC"]
    if blocks:
        parts.append(f"q {_number(scale, 6)} 0 0 {_number(scale, 6)} 0 0 cm BT 3 Tr")
        for mark, operators in blocks:
            parts.append(f"/{mark.tag} <</MCID {len(marks)}>> BDC\n{operators}\nEMC")
            marks.append(mark)
        parts.append("ET Q")
    return Layer("\n".join(parts).encode("ascii"), tuple(marks))


def _blocks(
    size: tuple[int, int], text: PageText | None, headings: dict[int, int], codes: Codes
) -> Iterator[tuple[Marked, str]]:
    for number, block in enumerate(text.blocks if text is not None else ()):
        assert text is not None
        lines = [operators for line in block.lines if (operators := _line(size, text, line, codes))]
        if lines:
            tag = f"H{headings[number]}" if number in headings else "P"
            yield Marked(tag, language=text.language), "\n".join(lines)


def _line(size: tuple[int, int], text: PageText, line: Line, codes: Codes) -> str:
    around = text.fit(line.box, size)
    placed = [
        (shown, box)
        for word in line.words
        if (shown := _shown(word)) and (box := text.fit(word.box, size) or around) is not None
    ]
    parts = []
    for number, (shown, box) in enumerate(placed):
        following = placed[number + 1][1].x if number + 1 < len(placed) else 0
        parts.append(_word(size, shown, box, following - box.x - box.width, codes))
    return "\n".join(parts)


def _shown(word: Word) -> str:
    """Return a word as it is read: one that goes on in the next line ends in a soft hyphen, and both halves are found."""
    if word.hyphen is Hyphen.FIRST:
        return word.content.rstrip(HYPHENS) + SOFT_HYPHEN
    return word.content


def _word(size: tuple[int, int], shown: str, box: Box, gap: int, codes: Codes) -> str:
    """Return the operators that lay a word over its box, edge to edge, and a space over the gap that follows it."""
    height = max(1, box.height)
    base = size[1] - box.y - box.height - height * DESCENT / EM
    place = f"/F {height} Tf 1 0 0 1 {box.x} {_number(base)} Tm"
    written = f"{place} {_stretch(box.width, len(shown), height)} Tz <{codes.encode(shown)}> Tj"
    if shown.endswith(SOFT_HYPHEN):
        return written
    return f"{written} {_stretch(max(1, gap), 1, height)} Tz <0020> Tj"


def _stretch(width: int, characters: int, height: int) -> str:
    """Return the horizontal scaling, in per cent, by which so many characters are just so wide."""
    return _number(100 * width / (characters * height * WIDTH / EM), 3)


def _transcribed(
    size: tuple[int, int], transcriptions: tuple[tuple[str, str | None], ...], codes: Codes
) -> Iterator[tuple[Marked, str]]:
    lines = [
        (number, line) for number, (text, _) in enumerate(transcriptions) for line in text.splitlines() if line.strip()
    ]
    step = size[1] / max(1, len(lines))
    written: dict[int, list[str]] = {}
    for row, (number, line) in enumerate(lines):
        height = max(1, int(step * 0.8))
        box = Box(0, int(row * step), size[0], height)
        written.setdefault(number, []).append(_word(size, " ".join(line.split()), box, 0, codes))
    for number, operators in written.items():
        yield Marked("P", language=transcriptions[number][1]), "\n".join(operators)


def _number(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") or "0"
