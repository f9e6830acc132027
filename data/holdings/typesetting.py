"""Setting type: words drawn into a layer of ink, and the boxes that they got, to the pixel.

The box of a word is the box of its ink as drawn. Text is broken into lines greedily, with French hyphenation; in the
text a no-break space glues two words (before `;` and `!` as in print, or inside `M. Dubois`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from PIL import Image, ImageChops

from data.holdings.fonts import font
from server.model.text import Block, Box, Hyphen, Line, Word

NBSP = "\u00a0"
INKED = 72
"""Coverage (of 255) from which a pixel of a glyph counts as ink."""

_VOWELS = "aàâeéèêëiîïoôuùûüyœæ"
_TOGETHER = {a + b for a in "bcdfgptv" for b in "lr"} | {"ch", "ph", "th", "gn", "qu", "gu", "sc"}


def syllables(word: str) -> list[int]:
    """Return where a French word may be broken: at its hyphens, and between syllables of two letters and more."""
    points = [match.end() for match in re.finditer(r"(?<=\w\w)-(?=\w\w)", word)]
    match = re.search(r"([a-zà-ÿœæ]+)([.,;:!?…»)]*)$", word)
    if match is None or len(match[1]) < 6:
        return points
    start, letters = match.start(1), match[1]
    for index in range(2, len(letters) - 2):
        before, here, after = letters[index - 1], letters[index], letters[index + 1]
        if here in _VOWELS or not any(letter in _VOWELS for letter in letters[:index]):
            continue
        if not any(letter in _VOWELS for letter in letters[index + 1 :].rstrip("e").rstrip("s") or "-"):
            continue
        if (before in _VOWELS and (after in _VOWELS or here + after in _TOGETHER)) or (
            before not in _VOWELS
            and before + here not in _TOGETHER
            and letters[index - 2] in _VOWELS
            and (after in _VOWELS or here + after in _TOGETHER)
        ):
            points.append(start + index)
    return points


@lru_cache(maxsize=60_000)
def glyphs(face: str, size: int, text: str) -> tuple[Image.Image, int, int, int]:
    """Return a word's coverage cropped to its ink, where it lies from the pen on the base line, and its advance."""
    cut = font(face, size)
    left, top, right, bottom = cut.getbbox(text, anchor="ls")
    width, height = int(right - left) + 6, int(bottom - top) + 6
    sheet = Image.new("L", (max(width, 1), max(height, 1)), 0)
    mask, offset = cut.getmask2(text, mode="L", anchor="ls")
    drawn = Image.new("L", mask.size)
    if mask.size[0] and mask.size[1]:
        drawn = Image.frombytes("L", mask.size, bytes(mask))
    sheet = drawn
    ink = sheet.point([255 if value >= INKED else 0 for value in range(256)]).getbbox() or (0, 0, *sheet.size)
    return sheet.crop(ink), int(offset[0]) + ink[0], int(offset[1]) + ink[1], round(cut.getlength(text))


@dataclass
class Sheet:
    """One side of a leaf while it is set: its ink, the blocks of text on it in reading order."""

    width: int
    height: int
    prefix: str = "p1"
    blocks: list[Block] = field(default_factory=list)
    ink: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        self.ink = Image.new("L", (self.width, self.height), 0)

    def word(self, face: str, size: int, text: str, x: int, base: int, tone: int = 255) -> Box:
        """Draw a word with the pen at (x, base) and return the box of its ink."""
        mask, dx, dy, _ = glyphs(face, size, text)
        if tone != 255:
            mask = mask.point([value * tone // 255 for value in range(256)])
        box = (x + dx, base + dy, x + dx + mask.width, base + dy + mask.height)
        self.ink.paste(ImageChops.lighter(self.ink.crop(box), mask), box[:2])
        return Box(box[0], box[1], mask.width, mask.height)

    def add(self, lines: Sequence[Line]) -> str:
        """Keep lines as a block and return its identifier (empty where there is no word)."""
        kept = tuple(line for line in lines if line.words)
        if not kept:
            return ""
        identifier = f"{self.prefix}_b{len(self.blocks) + 1:03d}"
        self.blocks.append(Block(identifier, kept, around([line.box for line in kept])))
        return identifier

    def line(
        self, face: str, size: int, text: str, x: int, base: int, width: int = 0, align: str = "left", spacing: int = 0
    ) -> Line:
        """Draw one line of words, `align` left, centre or right in `width`; `spacing` pixels between letters."""
        pieces = text.replace(NBSP, " ").split(" ")
        space = round(font(face, size).getlength(" ")) + spacing
        if spacing:
            advances = [sum(glyphs(face, size, letter)[3] + spacing for letter in piece) - spacing for piece in pieces]
        else:
            advances = [glyphs(face, size, piece)[3] for piece in pieces]
        total = sum(advances) + space * (len(pieces) - 1)
        x += {"left": 0, "centre": (width - total) // 2, "right": width - total}[align]
        words = []
        for piece, advance in zip(pieces, advances, strict=True):
            if piece and spacing:
                boxes, pen = [], x
                for letter in piece:
                    boxes.append(self.word(face, size, letter, pen, base))
                    pen += glyphs(face, size, letter)[3] + spacing
                words.append(Word(piece, around(boxes)))
            elif piece:
                words.append(Word(piece, self.word(face, size, piece, x, base)))
            x += advance + space
        return Line(tuple(words), around([word.box for word in words]))


def around(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around all."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Box(left, top, right - left, bottom - top)


@dataclass(frozen=True, slots=True)
class Piece:
    """A word in a line before it is drawn; `glued` to the one before by a fixed narrow space."""

    text: str
    advance: int
    glued: bool = False
    hyphen: Hyphen | None = None
    whole: str = ""


@dataclass(frozen=True, slots=True)
class SetLine:
    """A line before it is drawn; the last line of a paragraph is not stretched."""

    pieces: tuple[Piece, ...]
    indent: int = 0
    last: bool = False


def break_lines(text: str, face: str, size: int, width: int, indent: int = 0, hyphenate: bool = True) -> list[SetLine]:
    """Break a paragraph into lines of `width` pixels, the first indented."""
    cut = font(face, size)
    space, least, dash = round(cut.getlength(" ")), max(2, round(size * 0.2)), round(cut.getlength("-"))
    glue = max(2, round(size * 0.16))

    def unit_of(word: str) -> list[Piece]:
        return [
            Piece(part, glyphs(face, size, part)[3], glued=i > 0) for i, part in enumerate(word.split(NBSP)) if part
        ]

    def length(unit: Sequence[Piece]) -> int:
        return sum(piece.advance + (glue if piece.glued else 0) for piece in unit)

    lines: list[SetLine] = []
    line: list[Piece] = []
    used, room = 0, width - indent
    queue = [unit_of(word) for word in text.split(" ") if word]
    queue.reverse()
    while queue:
        unit = queue.pop()
        needed = length(unit) + (least if line else 0)
        if used + needed <= room:
            line += unit
            used += needed
            continue
        head = None
        slack = room - used
        if hyphenate and slack > size * 1.6 and not unit[0].hyphen:
            first = unit[0]
            for point in reversed(syllables(first.text)):
                start = first.text[:point].removesuffix("-")
                advance = glyphs(face, size, start)[3]
                if used + advance + dash + (least if line else 0) <= room:
                    whole = first.text.strip("«»,;:.!?…()")
                    head = Piece(start, advance + dash, False, Hyphen.FIRST, whole)
                    rest = first.text[point:]
                    unit = [Piece(rest, glyphs(face, size, rest)[3], False, Hyphen.SECOND, whole), *unit[1:]]
                    break
        if head is not None:
            line.append(head)
        elif not line:  # a word wider than the column: set it alone
            lines.append(SetLine(tuple(unit), indent if not lines else 0))
            used, room = 0, width
            continue
        lines.append(SetLine(tuple(line), indent if not lines else 0))
        line, used, room = [], 0, width
        queue.append(unit)
    if line:
        lines.append(SetLine(tuple(line), indent if not lines else 0, last=True))
    assert space > 0
    return lines


def draw_line(
    sheet: Sheet, line: SetLine, face: str, size: int, x: int, base: int, width: int, align: str = "justify"
) -> Line:
    """Draw a broken line and return its words with their boxes. The hyphen is in the box of the line, not of the word."""
    cut = font(face, size)
    space, glue = round(cut.getlength(" ")), max(2, round(size * 0.16))
    gaps = sum(1 for piece in line.pieces[1:] if not piece.glued)
    inked = sum(piece.advance + (glue if piece.glued else 0) for piece in line.pieces)
    room = width - line.indent - inked
    stretch = align == "justify" and not line.last and gaps and room <= gaps * size * 1.5
    spaces = (
        [room // gaps + (1 if i < room % gaps else 0) for i in range(gaps)]
        if stretch
        else [min(space, room // gaps if gaps else 0)] * gaps
    )
    pen = x + line.indent
    if align in ("centre", "right") and not stretch:
        free = room - sum(spaces)
        pen += free // 2 if align == "centre" else free
    words: list[Word] = []
    boxes: list[Box] = []
    gap = iter(spaces)
    for index, piece in enumerate(line.pieces):
        if index:
            pen += glue if piece.glued else next(gap)
        box = sheet.word(face, size, piece.text, pen, base)
        boxes.append(box)
        if piece.hyphen is Hyphen.FIRST:
            boxes.append(sheet.word(face, size, "-", pen + glyphs(face, size, piece.text)[3], base))
        words.append(Word(piece.text, box, None, piece.hyphen, piece.whole))
        pen += piece.advance
    return Line(tuple(words), around(boxes))
