"""Making up columns: articles poured into the columns of one or more pages, block by block, with what they touch.

A column takes headings, paragraphs, verse and tables until it is full; what is left goes on in the next column, on the
next page where need be. Every block of text remembers its article, so that a range may name it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from data.holdings.fonts import font
from data.holdings.gazette import Article
from data.holdings.typesetting import NBSP, SetLine, Sheet, around, break_lines, draw_line
from server.model.text import Box, Line


@dataclass
class Frame:
    """A column of a page: where type may stand, and how far down it is filled (pixels)."""

    sheet: Sheet
    page: int
    x: int
    top: int
    width: int
    bottom: int
    pen: int = 0

    @property
    def room(self) -> int:
        """Height that is left."""
        return self.bottom - max(self.pen, self.top)


@dataclass
class Placed:
    """An article as set: the page and block of each of its parts, in reading order."""

    article: Article
    parts: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Composer:
    """Pours articles into frames, in order. Sizes follow `body`, the size of the text in pixels."""

    frames: list[Frame]
    body: int
    placed: list[Placed] = field(default_factory=list)
    index: int = 0

    @property
    def leading(self) -> int:
        """From base line to base line."""
        return round(self.body * 1.17)

    @property
    def frame(self) -> Frame:
        """The column being filled."""
        return self.frames[self.index]

    @property
    def room(self) -> int:
        """Height that is left in all columns."""
        return sum(max(0, frame.room) for frame in self.frames[self.index :])

    def need(self, height: int) -> bool:
        """Go on to a column with that much room; False where there is none."""
        while self.frame.room < height:
            if self.index + 1 >= len(self.frames):
                return False
            self.index += 1
        self.frame.pen = max(self.frame.pen, self.frame.top)
        return True

    def rule(self, share: float, weight: int = 1, space: float = 0.7) -> None:
        """Draw a short rule across a share of the column, with space about it."""
        frame = self.frame
        gap = round(self.body * space)
        if frame.room < gap * 2 + weight or frame.pen <= frame.top:
            return
        frame.pen += gap
        half = round(frame.width * share / 2)
        middle = frame.x + frame.width // 2
        ImageDraw.Draw(frame.sheet.ink).rectangle(
            (middle - half, frame.pen, middle + half, frame.pen + weight - 1), fill=235
        )
        frame.pen += gap + weight

    def height(self, article: Article, width: int) -> int:
        """Estimate the height of an article in one column."""
        lines = sum(len(break_lines(text, "roman", self.body, width, self.body)) for text in article.paragraphs)
        extra = 3.4 + 1.2 * bool(article.kicker) + 1.5 * bool(article.deck) + 1.2 * bool(article.signature)
        return round(self.leading * (lines + len(article.rows) + extra))

    def put(self, article: Article, title: float = 1.35) -> bool:
        """Set an article. False, and nothing set, where not even its heading and three lines would fit."""
        parts = (
            bool(article.kicker) * 1.3 + bool(article.deck) * 1.6 * (1 + len(article.deck) // 30) + title * 2.4 + 1.6
        )
        if not self.need(round(self.leading * (parts + 3.2))):
            return False
        placed = Placed(article)
        self.rule(0.26)
        if article.kicker:
            self._heading(placed, article.kicker, "italic", round(self.body * 1.02))
        if article.title:
            size = round(self.body * title)
            self._heading(
                placed,
                article.title.upper() if len(article.title) < 34 else article.title,
                "bold" if title < 1.6 else "fat",
                size,
            )
        if article.deck:
            self._heading(placed, article.deck, "italic", round(self.body * 1.08))
        self.frame.pen += round(self.body * 0.22)
        if article.verse:
            self._verse(placed, article.paragraphs)
        else:
            for text in article.paragraphs:
                self.paragraph(placed, text)
        for row in article.rows:
            self._row(placed, *row)
        if article.signature and self.need(self.leading * 2):
            self.signature(placed, article.signature)
        self.placed.append(placed)
        return True

    def _keep(self, placed: Placed, lines: Sequence[Line], frame: Frame) -> None:
        identifier = frame.sheet.add(lines)
        if identifier:
            placed.parts.append((frame.page, identifier))

    def _heading(self, placed: Placed, text: str, face: str, size: int) -> None:
        width = self.frame.width
        lines = break_lines(text, face, size, width, hyphenate=False)
        widest = max(sum(piece.advance for piece in line.pieces) for line in lines)
        if widest > width:
            size = int(size * width / widest) - 1
            lines = break_lines(text, face, size, width, hyphenate=False)
        frame, set_lines = self.frame, []
        for line in lines:
            frame.pen += round(size * 1.16)
            set_lines.append(
                draw_line(
                    frame.sheet,
                    SetLine(line.pieces, 0, True),
                    face,
                    size,
                    frame.x,
                    frame.pen - round(size * 0.2),
                    frame.width,
                    "centre",
                )
            )
        frame.pen += round(size * 0.12)
        self._keep(placed, set_lines, frame)

    def paragraph(self, placed: Placed, text: str) -> None:
        """Set a paragraph, over as many columns as it needs."""
        lines = break_lines(text, "roman", self.body, self.frame.width, self.body)
        start = 0
        while start < len(lines):
            if not self.need(self.leading):
                return
            frame, set_lines = self.frame, []
            while start < len(lines) and frame.room >= self.leading:
                frame.pen += self.leading
                set_lines.append(
                    draw_line(
                        frame.sheet,
                        lines[start],
                        "roman",
                        self.body,
                        frame.x,
                        frame.pen - round(self.body * 0.24),
                        frame.width,
                    )
                )
                start += 1
            self._keep(placed, set_lines, frame)

    def _verse(self, placed: Placed, lines: Sequence[str]) -> None:
        size = round(self.body * 0.94)
        longest = max(font("italic", size).getlength(line.replace(NBSP, " ")) for line in lines)
        inset = max(2, int(self.frame.width - longest) // 2)
        set_lines: list[Line] = []
        frame = self.frame
        for text in lines:
            if not self.need(self.leading):
                break
            if self.frame is not frame:
                self._keep(placed, set_lines, frame)
                frame, set_lines = self.frame, []
            if text == "*":
                frame.pen += self.leading // 2
                continue
            frame.pen += self.leading
            for index, line in enumerate(break_lines(text, "italic", size, frame.width - inset, 0, hyphenate=False)):
                if index:
                    frame.pen += self.leading
                set_lines.append(
                    draw_line(
                        frame.sheet,
                        line,
                        "italic",
                        size,
                        frame.x + (inset if not index else inset * 2),
                        frame.pen - round(self.body * 0.24),
                        frame.width - inset,
                        "left",
                    )
                )
        self._keep(placed, set_lines, frame)

    def _row(self, placed: Placed, name: str, value: str) -> None:
        if not self.need(self.leading):
            return
        frame = self.frame
        frame.pen += self.leading
        base = frame.pen - round(self.body * 0.24)
        size = round(self.body * 0.96)
        left = frame.sheet.line("roman", size, name, frame.x, base)
        right = frame.sheet.line("roman", size, value, frame.x, base, frame.width, "right")
        pen = ImageDraw.Draw(frame.sheet.ink)
        step = max(6, round(self.body * 0.42))
        dot = max(1, round(self.body * 0.075))
        for x in range((left.box.x + left.box.width) // step * step + 2 * step, right.box.x - step, step):
            pen.ellipse((x, base - dot * 2, x + dot * 2 - 1, base - 1), fill=215)
        self._keep(placed, [Line(left.words + right.words, _span(left, right))], frame)

    def signature(self, placed: Placed, text: str) -> None:
        """Set the author's name at the right."""
        frame = self.frame
        frame.pen += self.leading
        line = frame.sheet.line(
            "bold", round(self.body * 0.95), text, frame.x, frame.pen - round(self.body * 0.24), frame.width, "right"
        )
        self._keep(placed, [line], frame)

    def picture(self, ink: Image.Image, caption: str) -> None:
        """Put an engraving with its caption in the column."""
        height = ink.height + self.leading * 2
        if not self.need(height):
            return
        frame = self.frame
        frame.pen += self.leading // 3
        frame.sheet.ink.paste(ink, (frame.x + (frame.width - ink.width) // 2, frame.pen))
        frame.pen += ink.height + self.leading
        line = frame.sheet.line(
            "italic",
            round(self.body * 0.92),
            caption,
            frame.x,
            frame.pen - round(self.body * 0.1),
            frame.width,
            "centre",
        )
        frame.sheet.add([line])
        frame.pen += self.leading // 3


def _span(left: Line, right: Line) -> Box:
    return around([left.box, right.box])
