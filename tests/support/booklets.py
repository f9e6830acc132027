"""PDFs for tests: pages drawn with words on them, and what they are told."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from server.formats.pdf.document import Page, Picture, write_pdf
from server.formats.pdf.metadata import Facts
from server.model.structure import Range, Target
from server.model.text import Block, Box, Hyphen, Line, PageText, Word

SIZE = (1200, 1600)
FACTS = Facts(
    titles={"fr": "Lille. – La Grand’Place", "en": "Lille, the main square"},
    language="fr",
    identifier="ark:/99999/v1bcdfg0",
    source="https://vitrine.example.org/ark:/99999/v1bcdfg0",
    creators=("Dupont, Émile", "Cayez, Edmond"),
    dates=("1908-05",),
    publishers=("Bibliothèque municipale de Lille",),
    languages=("fr",),
    rights={"fr": "Domaine public", "en": "Public domain"},
    rights_uri="http://creativecommons.org/publicdomain/mark/1.0/",
)
STRUCTURE = (
    Range(
        "book",
        "Le livre",
        "fr",
        (Target(1),),
        (
            Range("chapter", "Chapitre premier", "fr", (Target(1, Box(90, 90, 1000, 300)),)),
            Range("chapter", "Chapitre second", "fr", (Target(2, Box(90, 90, 1000, 300)),), (
                Range("section", "Du beffroi", "fr", (Target(2, Box(90, 600, 1000, 300)),)),
            )),
            Range("chapter", "Ailleurs", "fr", (Target(9),)),
        ),
    ),
)  # fmt: skip


def set_lines(top: int, *lines: str, language: str | None = "fr") -> Block:
    """Return a block of lines, each word as wide as it is long; a line that ends in `-` goes on in the next one."""
    made, carried = [], ""
    for row, text in enumerate(lines):
        y, x, words = top + row * 60, 100, []
        parts = text.split()
        for place, part in enumerate(parts):
            box = Box(x, y, 20 * len(part), 40)
            x += box.width + 20
            if part.endswith("-") and place + 1 == len(parts):
                carried = part.removesuffix("-") + lines[row + 1].split()[0]
                words.append(Word(part, box, hyphen=Hyphen.FIRST, whole=carried))
            elif carried and not place:
                words.append(Word(part, box, hyphen=Hyphen.SECOND, whole=carried))
                carried = ""
            else:
                words.append(Word(part, box))
        made.append(Line(tuple(words), Box(100, y, x - 120, 40)))
    return Block(f"b{top}", tuple(made), Box(100, top, 1000, 60 * len(lines)))


def page_of(number: int, *blocks: Block, language: str | None = "fr", label: str = "") -> Page:
    """Return a page whose words are black boxes on white, in half the size of the view."""
    text = PageText(*SIZE, tuple(blocks), language) if blocks else None
    return Page(number, label, SIZE, draw_words(text), text, (), "Une place bordée de maisons")


def draw_words(text: PageText | None) -> Picture:
    """Return a picture in which each word is a black box where it is said to be."""
    image = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(image)
    for block in text.blocks if text is not None else ():
        for line in block.lines:
            for word in line.words:
                box = word.box
                pen.rectangle((box.x, box.y, box.x + box.width - 1, box.y + box.height - 1), fill=0)
    small = image.resize((SIZE[0] // 2, SIZE[1] // 2))
    body = io.BytesIO()
    small.save(body, "JPEG", quality=90)
    return Picture(body.getvalue(), *small.size, 1)


BOOK = (
    page_of(
        1,
        set_lines(100, "Chapitre premier"),
        set_lines(300, "L’œuvre du maître est à l’inaugu-", "ration du beffroi : 𝔄 et Ω."),
        label="[1]",
    ),
    page_of(2, set_lines(100, "CHAPITRE SECOND"), set_lines(300, "Quid nunc"), set_lines(650, "Du beffroi"), label="2"),
    page_of(3),
)


def bind(folder: Path, pages: Sequence[Page] = BOOK, structure: tuple[Range, ...] = STRUCTURE, **how: bool) -> Path:
    """Write a PDF and return where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    write_pdf(folder / "document.pdf", folder / "streams.pdf", FACTS, structure, iter(pages), **how)
    return folder / "document.pdf"
