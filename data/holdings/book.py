"""The book: a choice of La Fontaine's fables, Lille 1842, 24 leaves in their binding.

Views: colour target, upper board, its inner side, 48 pages, inner side of the lower board, lower board. Pages of text
are not skewed, so that ALTO's boxes are those of the ink.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from data.holdings import scenes
from data.holdings.fonts import font
from data.holdings.library import Passage, passages
from data.holdings.paper import Field, Ink, Stock, bleed, colour_target, grain, noise, scan, tiled
from data.holdings.typesetting import NBSP, Sheet
from server.model.text import Line

TITLE = "Choix de fables de La Fontaine"
STOCK = Stock(colour=(239, 228, 202), mottle=0.013, grain=0.017, yellowing=1.0, foxing=26, laid=0.004)
SIZE = (1_460, 2_060)
PAGES = 48
PLATES = (("oak", "Le Chêne et le Roseau"), ("heron", "Le Héron"), ("mill", "La Laitière et le Pot au lait"))


@dataclass
class Page:
    """A page while it is set: its kind as METS names it, folio, and what a person calls it."""

    sheet: Sheet
    kind: str = "page"
    folio: str = ""
    label: str = ""


@dataclass
class Book:
    """The book as drawn: `contents` lists (label, page number 1 to 48, block) for the table of contents."""

    pages: list[Page] = field(default_factory=list)
    contents: list[tuple[str, int, str]] = field(default_factory=list)
    scale: float = 1.0

    def page(self, kind: str = "page", label: str = "", folio: bool = False) -> Sheet:
        """Begin a page."""
        number = len(self.pages) + 1
        sheet = Sheet(round(SIZE[0] * self.scale), round(SIZE[1] * self.scale), f"p{number}")
        self.pages.append(Page(sheet, kind, str(number) if folio else "", label))
        if folio:
            size = round(34 * self.scale)
            left, right = self.margins(number)
            sheet.add(
                [sheet.line("garamond", size, f"— {number} —", left, round(190 * self.scale), right - left, "centre")]
            )
        return sheet

    def margins(self, number: int) -> tuple[int, int]:
        """Return left and right of the type on a page; the inner margin is narrower."""
        left = 230 if number % 2 else 260
        return round(left * self.scale), round((SIZE[0] - (490 - left)) * self.scale)

    def centred(self, sheet: Sheet, rows: list[tuple[str, int, str, float]], start: float) -> None:
        """Set lines in the middle: (text, size, face, space after)."""
        left, right = self.margins(len(self.pages))
        y, lines = start, []
        for text, size, face, space in rows:
            pixels = round(size * self.scale)
            while font(face, pixels).getlength(text) > (right - left):
                pixels -= 1
            y += pixels
            lines.append(sheet.line(face, pixels, text, left, round(y), right - left, "centre"))
            y += space * self.scale
        for line in lines:
            sheet.add([line])


def _fable(book: Book, fable: Passage) -> None:
    """Set a fable on as many pages as it needs."""
    scale, size = book.scale, round(43 * book.scale)
    leading = round(60 * scale)
    rows = list(fable.paragraphs)
    longest = max(font("garamond", size).getlength(row.replace(NBSP, " ")) for row in rows)
    first = True
    while rows:
        sheet = book.page(folio=True, label=fable.title if first else "")
        left, right = book.margins(len(book.pages))
        y = round(300 * scale)
        if first:
            high = round(330 * scale)
            sheet.ink.paste(
                _headpiece(len(book.contents) % 5, right - left, high, scale), (left, y - round(40 * scale))
            )
            y += high + round(20 * scale)
            words, lines = fable.title.upper().split(" "), [""]
            for word in words:
                trial = f"{lines[-1]} {word}".strip()
                if font("garamond-bold", round(52 * scale)).getlength(trial) > (right - left) * 0.86:
                    lines.append(word)
                else:
                    lines[-1] = trial
            heading = []
            for text in lines:
                y += round(66 * scale)
                heading.append(sheet.line("garamond-bold", round(52 * scale), text, left, y, right - left, "centre"))
            block = sheet.add(heading)
            book.contents.append((fable.title.replace(NBSP, " "), len(book.pages), block))
            y += round(54 * scale)
        inset = max(0, round((right - left - longest) / 2))
        set_lines: list[Line] = []
        bottom = round(1_760 * scale)
        while rows and (y + leading < bottom or (len(rows) < 4 and y + leading < bottom + 190 * scale)):
            row = rows.pop(0)
            if row == "*":
                sheet.add(set_lines)
                set_lines = []
                y += leading // 2
                continue
            y += leading
            short = font("garamond", size).getlength(row.replace(NBSP, " ")) < longest * 0.62
            pixels = size
            while font("garamond", pixels).getlength(row.replace(NBSP, " ")) > right - left:
                pixels -= 1
            set_lines.append(sheet.line("garamond", pixels, row, left + inset + (round(70 * scale) if short else 0), y))
        sheet.add(set_lines)
        if not rows and y < 1_560 * scale:
            _ornament(sheet, (left + right) // 2, y + round(120 * scale), scale)
        first = False


@lru_cache(maxsize=16)
def _headpiece(which: int, width: int, height: int, scale: float) -> Image.Image:
    """Return one of the printer's five headpieces; like a printer, the book uses them again."""
    high = round(height * 1.9)
    picture = scenes.countryside(np.random.default_rng([1668, which]), width, high, "")
    return scenes.engrave(
        picture.crop((0, high - round(height * 1.3), width, high - round(height * 0.3))), max(3.2, 4.2 * scale)
    )


def _ornament(sheet: Sheet, x: int, y: int, scale: float) -> None:
    pen = ImageDraw.Draw(sheet.ink)
    for side in (-1, 1):
        points = [
            (x + side * t * 130 * scale, y + np.sin(t * 6.3) * 22 * scale * (1 - t)) for t in np.linspace(0.06, 1, 40)
        ]
        pen.line(points, fill=225, width=max(2, round(4 * scale)), joint="curve")
        for t in (0.3, 0.55, 0.8):
            cx, cy = x + side * t * 130 * scale, y + np.sin(t * 6.3) * 22 * scale * (1 - t)
            pen.ellipse((cx - 9 * scale, cy - 16 * scale, cx + 9 * scale, cy - 4 * scale), fill=220)
    pen.polygon([(x, y - 20 * scale), (x + 14 * scale, y), (x, y + 20 * scale), (x - 14 * scale, y)], fill=230)


def _plate(book: Book, motif: str, caption: str) -> None:
    """Put in a leaf with an engraving, its back left blank."""
    scale = book.scale
    sheet = book.page("plate", f"Planche : {caption}")
    left, right = book.margins(len(book.pages))
    width, height = right - left, round((right - left) * 1.22)
    picture = scenes.countryside(np.random.default_rng([1842, len(motif)]), width, height, motif)
    top = round(360 * scale)
    sheet.ink.paste(scenes.engrave(picture, max(3.2, 4.4 * scale)), (left, top))
    pen = ImageDraw.Draw(sheet.ink)
    for gap in (12, 20):
        g = gap * scale
        pen.rectangle(
            (left - g, top - g, left + width + g, top + height + g), outline=225, width=max(1, round(2 * scale))
        )
    pen.rectangle(
        (left - 52 * scale, top - 90 * scale, left + width + 52 * scale, top + height + 210 * scale),
        outline=70,
        width=max(1, round(2 * scale)),
    )
    line = sheet.line(
        "garamond-italic", round(44 * scale), f"{caption}.", left, top + height + round(110 * scale), width, "centre"
    )
    book.contents.append((f"Planche : {caption}", len(book.pages), sheet.add([line])))
    book.page("blank")


def _compose(scale: float) -> Book:
    book, fables = Book(scale=scale), passages("fables")
    book.page("blank", "Garde")
    book.page("blank", "Garde")
    book.centred(book.page(label="Faux-titre"), [("CHOIX DE FABLES", 62, "garamond", 0)], 620 * scale)
    sheet = book.page("plate", "Frontispice")
    left, right = book.margins(4)
    picture = scenes.countryside(np.random.default_rng(1668), right - left, round((right - left) * 1.1), "heron")
    sheet.ink.paste(scenes.engrave(picture, max(3.2, 4.4 * scale)), (left, round(430 * scale)))
    caption = sheet.line(
        "garamond-italic",
        round(42 * scale),
        "« Je me sers d’animaux pour instruire les hommes. »",
        left,
        round(430 * scale) + round((right - left) * 1.1) + round(96 * scale),
        right - left,
        "centre",
    )
    sheet.add([caption])
    book.contents.append(("Frontispice", 4, sheet.blocks[0].identifier))
    title = book.page("title_page", "Page de titre")
    book.centred(
        title,
        [
            ("CHOIX", 112, "garamond", 34),
            ("DE", 44, "garamond", 22),
            ("FABLES", 150, "garamond", 30),
            ("DE LA FONTAINE", 84, "garamond", 62),
            ("à l’usage des écoles et des familles", 46, "garamond-italic", 16),
            ("avec des gravures sur bois", 42, "garamond-italic", 330),
        ],
        270 * scale,
    )
    _ornament(title, title.width // 2, round(1_270 * scale), scale * 1.3)
    book.centred(
        title,
        [
            ("LILLE", 60, "garamond", 14),
            ("CHEZ V. DUBRULLE, IMPRIMEUR-LIBRAIRE", 40, "garamond", 8),
            ("Grande Place, au Grand-Beffroi", 38, "garamond-italic", 22),
            ("1842", 52, "garamond", 0),
        ],
        1_480 * scale,
    )
    book.contents.append(("Page de titre", 5, title.blocks[0].identifier))
    book.centred(book.page(), [("Lille. — Imprimerie de V. Dubrulle.", 34, "garamond-italic", 0)], 1_700 * scale)
    order = [fable for key, fable in fables.items()]
    plates = {"chene": PLATES[0], "heron": PLATES[1], "laitiere": PLATES[2]}
    for key, fable in zip(fables, order, strict=True):
        if key in plates and len(book.pages) % 2 == 0:  # a plate is a right-hand page
            _plate(book, *plates.pop(key))
        _fable(book, fable)
    while len(book.pages) < PAGES - 5:
        if plates and len(book.pages) % 2 == 0:
            _plate(book, *plates.pop(next(iter(plates))))
        else:
            book.page("blank")
    _table(book)
    while len(book.pages) < PAGES - 2:
        book.page("blank")
    colophon = book.page(label="Achevé d’imprimer")
    book.centred(
        colophon,
        [
            ("ACHEVÉ D’IMPRIMER", 40, "garamond", 14),
            ("à Lille, le quinzième jour de novembre 1842", 40, "garamond-italic", 60),
            ("Document de démonstration, composé pour Vitrine ;", 32, "garamond", 6),
            ("textes de Jean de La Fontaine, domaine public.", 32, "garamond", 0),
        ],
        900 * scale,
    )
    book.page("blank", "Garde")
    return book


def _table(book: Book) -> None:
    """Set the table of contents, with leaders."""
    scale, entries = book.scale, [entry for entry in book.contents if entry[0] not in ("Frontispice", "Page de titre")]
    listed = list(entries)
    first = True
    while listed:
        sheet = book.page(label="Table" if first else "", folio=True)
        left, right = book.margins(len(book.pages))
        y = round((420 if first else 280) * scale)
        if first:
            block = sheet.add(
                [
                    sheet.line(
                        "garamond-bold",
                        round(64 * scale),
                        "TABLE",
                        left,
                        round(330 * scale),
                        right - left,
                        "centre",
                        round(14 * scale),
                    )
                ]
            )
            book.contents.append(("Table", len(book.pages), block))
        while listed and y < 1_700 * scale:
            label, number, _ = listed.pop(0)
            y += round(66 * scale)
            size = round(38 * scale)
            while font("garamond", size).getlength(label) > (right - left) * 0.86:
                size -= 1
            name = sheet.line("garamond", size, label, left, y)
            page = sheet.line("garamond", round(38 * scale), str(number), left, y, right - left, "right")
            sheet.add([name])
            sheet.add([page])
            pen, dot = ImageDraw.Draw(sheet.ink), max(1, round(3 * scale))
            for x in range(
                name.box.x + name.box.width + round(20 * scale), page.box.x - round(16 * scale), round(17 * scale)
            ):
                pen.ellipse((x, y - dot * 2, x + dot, y - dot), fill=210)
        first = False


def compose(scale: float) -> Book:
    """Set the whole book: 48 pages. Raises ValueError if it comes out at another number."""
    book = _compose(scale)
    if len(book.pages) != PAGES:
        raise ValueError(f"the book has {len(book.pages)} pages, not {PAGES}; change the choice of fables or plates")
    return book


def scanned(book: Book, number: int) -> Image.Image:
    """Return the picture of a page, 1 to 48."""
    page, scale = book.pages[number - 1], book.scale
    rng = np.random.default_rng([42, number])
    other = number + 1 if number % 2 else number - 1
    edge = round(36 * scale)
    right = number % 2 == 1
    box = (0 if right else edge, edge, page.sheet.width - (edge if right else 0), page.sheet.height - edge)
    ink = Ink(bleed(page.sheet.ink, 0.55, 1.2), (46, 38, 32), 0.9, 0.12)
    return scan(
        rng,
        (page.sheet.width, page.sheet.height),
        box,
        STOCK,
        [ink],
        verso=book.pages[other - 1].sheet.ink,
        gutter="left" if right else "right",
        show_through=0.05,
    )


def _field(rng: np.random.Generator, width: int, height: int, cells: float, octaves: int) -> Field:
    return np.asarray(
        noise(rng, width, height, cells, octaves).resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32
    )


def board(scale: float, lower: bool = False) -> Image.Image:
    """Return the upper or lower board: calf, gilt fillets, a worn spine edge."""
    rng = np.random.default_rng(18_420 + lower)
    width, height = round((SIZE[0] + 90) * scale), round((SIZE[1] + 90) * scale)
    leather = (
        1
        + 0.16 * _field(rng, width, height, 16, 4)
        + 0.07 * tiled(grain(), 3, 9, width, height)
        - 0.10 * np.clip(_field(rng, width, height, 240, 2), 0, 3)
    )
    x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
    wear = np.clip((np.maximum(np.abs(x), np.abs(y)) - 0.955) * 14 + 0.25 * _field(rng, width, height, 60, 3), 0, 1)
    hide = np.stack(
        [
            np.clip(c * leather * (1.05 - 0.25 * (x * x + y * y) / 2) + wear * w, 0, 255)
            for c, w in ((112, 62), (66, 48), (40, 36))
        ],
        axis=2,
    ).astype(np.uint8)
    cover = Image.fromarray(hide)
    gilt = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(gilt)
    for inset, weight in ((96, 5), (112, 2), (180, 3)):
        i = inset * scale
        pen.rectangle((i, i, width - i, height - i), outline=235, width=max(1, round(weight * scale)))
    for cx in (180, -180):
        for cy in (180, -180):
            px, py = (cx * scale) % width, (cy * scale) % height
            for petal in range(8):
                a = petal * np.pi / 4
                qx, qy = px + np.cos(a) * 40 * scale, py + np.sin(a) * 40 * scale
                pen.ellipse(
                    (qx - 18 * scale, qy - 18 * scale, qx + 18 * scale, qy + 18 * scale),
                    outline=230,
                    width=max(1, round(4 * scale)),
                )
            pen.ellipse((px - 16 * scale, py - 16 * scale, px + 16 * scale, py + 16 * scale), fill=230)
    if not lower:
        for text, size, at in (("FABLES", 132, 0.42), ("DE LA FONTAINE", 70, 0.49)):
            pen.text((width / 2, height * at), text, fill=235, font=font("garamond", round(size * scale)), anchor="mm")
    ink = Ink(gilt.filter(ImageFilter.GaussianBlur(0.6)), (206, 168, 92), 0.9, 0.55)
    edge = round(40 * scale)
    stock = Stock(colour=(255, 255, 255), mottle=0.0, grain=0.01, yellowing=0.0, foxing=0)
    return scan(
        rng,
        (width, height),
        (edge, edge, width - edge, height - edge),
        stock,
        [ink],
        under=cover,
        gutter="right" if lower else "left",
    )


def marbled(scale: float, lower: bool = False) -> Image.Image:
    """Return the inner side of a board: marbled paper, with a bookplate on the first."""
    rng = np.random.default_rng(18_430 + lower)
    width, height = round((SIZE[0] + 90) * scale), round((SIZE[1] + 90) * scale)
    swirl, drift = _field(rng, width, height, 9, 3), _field(rng, width, height, 22, 3)
    bands = np.sin(swirl * 5.2 + drift * 1.7)
    veins = np.abs(np.sin(drift * 4.4 + swirl * 2.3))
    ramp = np.array([(118, 42, 40), (196, 152, 96), (52, 74, 92), (228, 214, 180), (146, 66, 52)], dtype=np.float32)
    index = np.clip((bands + 1) / 2 * 4, 0, 3.999)
    low = index.astype(int)
    share = np.clip((index - low - 0.35) / 0.3, 0, 1)[:, :, None]
    colour = ramp[low] * (1 - share) + ramp[np.minimum(low + 1, 4)] * share
    colour = np.where((veins < 0.11)[:, :, None], np.array((238, 228, 204), dtype=np.float32), colour)
    paper = Image.fromarray(colour.astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.1 * scale))
    sheet = Sheet(width, height)
    if not lower:
        x0, y0, x1, y1 = (round(v * scale) for v in (500, 760, 1_050, 1_180))
        ImageDraw.Draw(paper).rectangle(
            (x0, y0, x1, y1), fill=(240, 230, 206), outline=(120, 96, 70), width=max(2, round(4 * scale))
        )
        for row, (text, size) in enumerate(
            (("EX-LIBRIS", 54), ("Bibliothèque", 44), ("de Tourcoing", 44), ("XIX-1842", 40))
        ):
            sheet.line(
                "garamond-italic" if row % 3 else "garamond",
                round(size * scale),
                text,
                x0,
                y0 + round((110 + row * 78) * scale),
                x1 - x0,
                "centre",
            )
    edge = round(40 * scale)
    stock = Stock(colour=(250, 246, 236), mottle=0.03, grain=0.014, yellowing=0.5, foxing=6)
    return scan(
        rng,
        (width, height),
        (edge, edge, width - edge, height - edge),
        stock,
        [Ink(sheet.ink, (40, 34, 32))],
        under=paper,
        gutter="right" if not lower else "left",
    )


def target(scale: float) -> Image.Image:
    """Return the view of the colour target, taken before the first page."""
    rng = np.random.default_rng(77)
    width, height = round(1_800 * scale), round(620 * scale)
    card = colour_target(
        width - round(160 * scale), height - round(160 * scale), "Mire de contrôle — Vitrine, document de démonstration"
    )
    under = Image.new("RGB", (width, height), (236, 236, 234))
    edge = round(80 * scale)
    under.paste(card, (edge, edge))
    stock = Stock(colour=(255, 255, 255), mottle=0.004, grain=0.006, yellowing=0.0, foxing=0)
    return scan(rng, (width, height), (edge, edge, width - edge, height - edge), stock, [], under=under)


COVERS: tuple[tuple[str, str, Callable[[float], Image.Image]], ...] = (
    ("target", "Mire", target),
    ("binding", "Plat supérieur", board),
    ("binding", "Contreplat supérieur", marbled),
)
BACK: tuple[tuple[str, str, Callable[[float], Image.Image]], ...] = (
    ("binding", "Contreplat inférieur", lambda scale: marbled(scale, lower=True)),
    ("binding", "Plat inférieur", lambda scale: board(scale, lower=True)),
)
