"""The newspaper: « Le Courrier de la Deûle », three issues of four pages of March 1909.

A page is drawn at `scale` 1 on a sheet of 2 400 x 3 300 pixels. The picture is not skewed, so that ALTO's boxes are
those of the ink to the pixel. Page 1 has a title, an engraving and a serial story at its foot, pages 2 and 3 text,
page 4 advertisements.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from PIL import Image, ImageDraw

from data.holdings import gazette, mills, scenes
from data.holdings.columns import Composer, Frame, Placed
from data.holdings.fonts import font
from data.holdings.gazette import Article
from data.holdings.library import Passage, french, passages
from data.holdings.paper import Ink, Stock, bleed, scan
from data.holdings.typesetting import Sheet, break_lines

TITLE = "Le Courrier de la Deûle"
FIRST_ISSUE = date(1909, 3, 7)
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
SCENES: dict[str, Callable[[np.random.Generator, int, int], Image.Image]] = {
    "skyline": mills.skyline,
    "square": scenes.square,
    "spinning_hall": mills.spinning_hall,
}
STOCK = Stock(
    colour=(231, 215, 180), mottle=0.028, grain=0.02, yellowing=1.0, foxing=9, folds_down=(0.5,), folds_across=()
)


@dataclass(frozen=True, slots=True)
class Contents:
    """What an issue holds beside its news: keys of `texts/presse.txt`, a view of `SCENES` with its caption."""

    lead: str
    lead_title: str
    lead_deck: str
    serial: str
    scene: str
    caption: str
    tales: tuple[str, ...]
    verse: tuple[str, ...]


PLAN = (
    Contents(
        "misere",
        "La Question sociale",
        "Le discours sur la misère",
        "germinal-1",
        "skyline",
        "Les filatures au bord du canal.",
        ("ecueil", "digne", "seguin"),
        ("quinquin", "automne"),
    ),
    Contents(
        "fogg",
        "Les Hommes du jour",
        "Un original d’outre-Manche",
        "germinal-2",
        "square",
        "La Grand’Place, un jour de marché.",
        ("classe", "parure", "candide"),
        ("demain", "ulysse"),
    ),
    Contents(
        "myriel",
        "Souvenirs et portraits",
        "L’évêque de Digne",
        "germinal-3",
        "spinning_hall",
        "Une salle de filature, à Roubaix.",
        ("seguin", "ecueil", "fogg"),
        ("lac", "quinquin"),
    ),
)


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as drawn: its pages with their text, and what was set where (page is 1 to 4)."""

    number: int
    day: date
    pages: tuple[Image.Image, ...]
    sheets: tuple[Sheet, ...]
    placed: tuple[Placed, ...]


def spelled(day: date) -> str:
    """Return a date in French, the first of a month as `1er`."""
    return f"{day.day if day.day > 1 else '1er'} {MONTHS[day.month - 1]} {day.year}"


def issue(order: int, scale: float = 1.0) -> Issue:
    """Draw the issue of that order, 0 to 2."""
    rng = np.random.default_rng([1909, order])
    day, number = FIRST_ISSUE + timedelta(days=order), 4121 + order
    width, height = round(2530 * scale), round(3450 * scale)
    sheets = [Sheet(width, height, f"p{page}") for page in range(1, 5)]
    placed = _make_up(rng, sheets, order, day, number, scale)
    return Issue(
        number, day, tuple(_scanned(rng, sheets, index, scale) for index in range(4)), tuple(sheets), tuple(placed)
    )


def _scanned(rng: np.random.Generator, sheets: list[Sheet], index: int, scale: float) -> Image.Image:
    sheet = sheets[index]
    edge = round(42 * scale)
    page = (edge, edge, sheet.width - edge - round(16 * scale), sheet.height - edge)
    other = sheets[index ^ 1].ink
    stock = replace(STOCK, folds_down=(0.498 + float(rng.uniform(-0.004, 0.004)),), foxing=int(rng.integers(4, 16)))
    ink = Ink(bleed(sheet.ink, 0.6 * max(scale, 0.7), 1.22), (38, 33, 29), 0.9, 0.12)
    return scan(
        rng,
        (sheet.width, sheet.height),
        page,
        stock,
        [ink],
        verso=other,
        gutter="left" if index % 2 == 0 else "right",
        show_through=0.075,
    )


def _make_up(
    rng: np.random.Generator, sheets: list[Sheet], order: int, day: date, number: int, scale: float
) -> list[Placed]:
    body, gap = round(25.5 * scale), round(26 * scale)
    left, right = round(135 * scale), round(2395 * scale)
    top, bottom = round(150 * scale), round(3310 * scale)
    plan, texts = PLAN[order], passages("presse")
    start = _masthead(sheets[0], left, right, round(120 * scale), scale, day, number)
    wide = (right - left - 4 * gap) // 5
    foot = bottom - round(165 * scale) - _serial_height(texts[plan.serial], body, wide)

    def frames(page: int, first: int, last: int) -> list[Frame]:
        return [Frame(sheets[page - 1], page, left + column * (wide + gap), first, wide, last) for column in range(5)]

    for page in (2, 3, 4):
        _running_head(sheets[page - 1], left, right, round(112 * scale), scale, day, page)
    picture = SCENES[plan.scene](np.random.default_rng([7, order]), round((wide * 2 + gap) * 0.98), round(520 * scale))
    engraving = scenes.engrave(picture, max(3.6, 4.6 * scale))
    one = frames(1, start, foot - round(24 * scale))
    caption = Composer([Frame(sheets[0], 1, one[2].x, start, wide * 2 + gap, one[2].bottom)], body)
    caption.picture(engraving, french(plan.caption))
    one[2].top = one[3].top = caption.frame.pen + round(12 * scale)
    main = Composer(one + frames(2, top, bottom) + frames(3, top, round(bottom - 880 * scale)), body)
    _pour(rng, main, order, plan, texts)
    _ornament(main, scale)
    _rules(sheets[0], one, start, foot - round(24 * scale), (one[2].top, 3), scale)
    _rules(sheets[1], frames(2, top, bottom), top, bottom, None, scale)
    _rules(sheets[2], frames(3, top, bottom), top, round(bottom - 890 * scale), None, scale)
    serial = Composer(frames(1, foot + round(160 * scale), bottom), body)
    _serial(serial, sheets[0], plan, texts, left, right, foot, order, day, scale)
    _rules(sheets[0], serial.frames, foot + round(160 * scale), bottom, None, scale)
    adverts = _adverts(rng, sheets[2], 3, (left, round(bottom - 870 * scale), right, bottom), 2, scale, order)
    adverts += _adverts(rng, sheets[3], 4, (left, top, right, round(bottom - 60 * scale)), 6, scale, order + 10)
    imprint = sheets[3].line(
        "italic",
        round(20 * scale),
        french(
            "L’imprimeur-gérant : V. Dubrulle. — Document de démonstration composé pour Vitrine ; textes du domaine public."
        ),
        left,
        bottom,
        right - left,
        "centre",
    )
    sheets[3].add([imprint])
    return main.placed + serial.placed + adverts


def _pour(rng: np.random.Generator, main: Composer, order: int, plan: Contents, texts: dict[str, Passage]) -> None:
    """Set the articles of pages 1 to 3, until the last column is full."""

    def quoted(key: str, kicker: str = "", deck: str = "") -> Article:
        passage = texts[key]
        return Article("article", passage.title, passage.paragraphs, kicker, deck, passage.author, passage.verse)

    main.put(replace(quoted(plan.lead), title=plan.lead_title, deck=plan.lead_deck), 1.75)
    main.put(gazette.weather(rng))
    tales, verses = list(plan.tales), list(plan.verse)
    sections = [gazette.civil_register, gazette.theatres, gazette.exchange, gazette.markets]
    turn, telegrams = int(rng.integers(4)), [int(number) for number in rng.permutation(len(gazette.DISPATCHES))]
    fables = [fable for key, fable in passages("fables").items() if key != "dauphin"][order::3]
    for kind in "bbtbvdbsfbtbdbvfbsbtbdfbbsbfdbbsfbdb" + "bbfd" * 24:
        if kind == "t" and tales:
            main.put(quoted(tales.pop(0), kicker="Variété"), 1.55)
        elif kind == "v" and verses:
            main.put(quoted(verses.pop(0), kicker="Poésie"))
        elif kind == "f" and fables and main.room > main.leading * 90:
            fable = fables.pop(0)
            main.put(Article("article", fable.title, fable.paragraphs, "La fable du jour", "", fable.author, True))
        elif kind == "s" and sections:
            main.put(sections.pop(0)(rng), 1.5)
        else:
            turn += 1
            item = gazette.dispatch(rng, telegrams.pop()) if kind == "d" and telegrams else gazette.brief(rng, turn)
            if main.height(item, main.frame.width) > main.room - main.leading:
                break
            main.put(item)


def _ornament(main: Composer, scale: float) -> None:
    """Close columns that are not full with a printer's ornament."""
    for frame in main.frames:
        used = max(frame.pen, frame.top)
        if frame.bottom - used > 70 * scale:
            pen, x, y = ImageDraw.Draw(frame.sheet.ink), frame.x + frame.width // 2, used + (frame.bottom - used) // 2
            for side in (-1, 1):
                pen.polygon(
                    [
                        (x + side * 12 * scale, y),
                        (x + side * 70 * scale, y - 5 * scale),
                        (x + side * 120 * scale, y),
                        (x + side * 70 * scale, y + 5 * scale),
                    ],
                    fill=230,
                )
            pen.polygon([(x - 9 * scale, y), (x, y - 9 * scale), (x + 9 * scale, y), (x, y + 9 * scale)], fill=235)


def _masthead(sheet: Sheet, left: int, right: int, top: int, scale: float, day: date, number: int) -> int:
    """Draw the newspaper's title and what stands under it; return where the columns begin."""
    pen, wide = ImageDraw.Draw(sheet.ink), right - left
    small = round(23 * scale)
    line = [
        sheet.line("roman", small, french(f"Trente-huitième année. — N° {number}"), left, top + small, wide, "left"),
        sheet.line("bold", small, "CINQ CENTIMES LE NUMÉRO", left, top + small, wide, "centre"),
        sheet.line(
            "roman", small, f"{DAYS[day.weekday()].capitalize()} {spelled(day)}", left, top + small, wide, "right"
        ),
    ]
    for part in line:
        sheet.add([part])
    size = round(252 * scale)
    while font("fat", size).getlength(TITLE) > wide * 0.985:
        size -= 1
    base = top + small + round(size * 1.0)
    sheet.add([sheet.line("fat", size, TITLE, left, base, wide, "centre")])
    base += round(92 * scale)
    sheet.add(
        [
            sheet.line(
                "bold",
                round(36 * scale),
                "JOURNAL RÉPUBLICAIN QUOTIDIEN DE LILLE, ROUBAIX, TOURCOING ET DE LA RÉGION DU NORD",
                left,
                base,
                wide,
                "centre",
            )
        ]
    )
    base += round(26 * scale)
    pen.rectangle((left, base, right, base + round(7 * scale)), fill=250)
    pen.rectangle((left, base + round(11 * scale), right, base + round(13 * scale)), fill=240)
    cell = wide // 3
    row = base + round(48 * scale)
    boxes = (
        (
            "ABONNEMENTS",
            "Lille et banlieue, trois mois : 4 fr. 50",
            "Nord et limitrophes : 5 fr. — Union postale : 9 fr.",
        ),
        (
            "RÉDACTION ET ADMINISTRATION",
            "Rue de la Clef, 27, à Lille. — Téléphone n° 4-12",
            "Les manuscrits non insérés ne sont pas rendus",
        ),
        ("ANNONCES", "La ligne : 0 fr. 30. — Réclames : 0 fr. 75", "Les annonces sont reçues au bureau du journal"),
    )
    for index, lines in enumerate(boxes):
        x = left + index * cell
        sheet.add(
            [
                sheet.line(
                    "bold" if not step else "roman",
                    round((22 if not step else 21) * scale),
                    french(text),
                    x,
                    row + round(step * 27 * scale),
                    cell,
                    "centre",
                )
                for step, text in enumerate(lines)
            ]
        )
        if index:
            pen.line(
                (x, base + round(24 * scale), x, row + round(62 * scale)), fill=220, width=max(1, round(2 * scale))
            )
    end = row + round(76 * scale)
    pen.rectangle((left, end, right, end + round(2 * scale)), fill=240)
    pen.rectangle((left, end + round(6 * scale), right, end + round(12 * scale)), fill=250)
    return end + round(34 * scale)


def _running_head(sheet: Sheet, left: int, right: int, top: int, scale: float, day: date, page: int) -> None:
    size = round(24 * scale)
    sheet.add([sheet.line("roman", size, str(page), left, top, right - left, "left" if page % 2 == 0 else "right")])
    sheet.add([sheet.line("bold", size, TITLE.upper(), left, top, right - left, "centre")])
    sheet.add([sheet.line("roman", size, spelled(day), left, top, right - left, "right" if page % 2 == 0 else "left")])
    ImageDraw.Draw(sheet.ink).rectangle((left, top + round(12 * scale), right, top + round(14 * scale)), fill=240)


def _rules(
    sheet: Sheet, frames: list[Frame], top: int, bottom: int, broken: tuple[int, int] | None, scale: float
) -> None:
    """Draw the rules between columns; `broken` is where the one before that column begins."""
    pen = ImageDraw.Draw(sheet.ink)
    gap = frames[1].x - frames[0].x - frames[0].width
    for index, frame in enumerate(frames[1:], 1):
        start = broken[0] if broken and broken[1] == index else top
        x = frame.x - gap // 2
        pen.rectangle((x, start + round(6 * scale), x + max(0, round(scale) - 1), bottom), fill=225)


def _serial_height(passage: Passage, body: int, width: int) -> int:
    """Return the height of columns that hold the serial story evenly."""
    lines = sum(len(break_lines(text, "roman", body, width, body)) for text in passage.paragraphs) + 1
    return round(body * 1.17) * (-(-lines // 5)) + 4


def _serial(
    composer: Composer,
    sheet: Sheet,
    plan: Contents,
    texts: dict[str, Passage],
    left: int,
    right: int,
    top: int,
    order: int,
    day: date,
    scale: float,
) -> None:
    """Set the serial story at the foot of page 1 under its heavy rule."""
    pen, wide = ImageDraw.Draw(sheet.ink), right - left
    pen.rectangle((left, top, right, top + round(6 * scale)), fill=250)
    size = round(24 * scale)
    passage = texts[plan.serial]
    head = sheet.line(
        "roman",
        size,
        f"FEUILLETON DU COURRIER DE LA DEÛLE, DU {day.day} {MONTHS[day.month - 1].upper()} {day.year}",
        left,
        top + round(42 * scale),
        wide,
        "left",
    )
    part = sheet.line("roman", size, f"— {order + 1} —", left, top + round(42 * scale), wide, "right")
    title = sheet.line(
        "fat",
        round(62 * scale),
        passage.title.upper(),
        left,
        top + round(108 * scale),
        wide,
        "centre",
        round(10 * scale),
    )
    author = sheet.line(
        "bold",
        round(25 * scale),
        f"PAR {passage.author.upper()}",
        left,
        top + round(144 * scale),
        wide,
        "centre",
        round(3 * scale),
    )
    placed = Placed(Article("article", f"Feuilleton : {passage.title} ({order + 1})", passage.paragraphs))
    for line in (head, part, title, author):
        placed.parts.append((1, sheet.add([line])))
    for text in passage.paragraphs:
        composer.paragraph(placed, text)
    if composer.need(composer.leading * 2):
        composer.signature(placed, "(À suivre.)")
    composer.placed.append(placed)


def _cells(
    rng: np.random.Generator, area: tuple[int, int, int, int], rows: int, gap: int
) -> list[tuple[int, int, int, int]]:
    """Return the frames of advertisements: rows of two to four, of different heights."""
    left, top, right, bottom = area
    shares = rng.uniform(0.75, 1.3, rows)
    heights = shares / shares.sum() * (bottom - top - gap * rows)
    cells, y = [], float(top + gap // 2)
    for row, height in enumerate(heights):
        count = (3, 2, 4, 3, 2, 3)[(row + int(rng.integers(3))) % 6]
        widths = rng.uniform(0.8, 1.25, count)
        widths = widths / widths.sum() * (right - left - gap * (count - 1))
        x = float(left)
        for width in widths:
            cells.append((round(x), round(y), round(x + width), round(y + height)))
            x += width + gap
        y += height + gap
    return cells


def _adverts(
    rng: np.random.Generator,
    sheet: Sheet,
    page: int,
    area: tuple[int, int, int, int],
    rows: int,
    scale: float,
    first: int,
) -> list[Placed]:
    """Draw advertisements in frames of many kinds."""
    pen = ImageDraw.Draw(sheet.ink)
    left, top, right, _ = area
    pen.rectangle((left, top - round(8 * scale), right, top - round(4 * scale)), fill=250)
    placed = []
    order = np.random.default_rng([17, first]).permutation(len(gazette.ADVERTISEMENTS))
    for index, (x0, y0, x1, y1) in enumerate(_cells(rng, area, rows, round(16 * scale))):
        copy = [french(text) for text in gazette.ADVERTISEMENTS[int(order[index % len(order)])]]
        style, wide, high = int(rng.integers(5)), x1 - x0, y1 - y0
        weight = max(1, round((2, 7, 2, 3, 3)[style] * scale))
        if style == 3:
            notch = round(26 * scale)
            corners = [
                (x0 + notch, y0),
                (x1 - notch, y0),
                (x1 - notch, y0 + notch),
                (x1, y0 + notch),
                (x1, y1 - notch),
                (x1 - notch, y1 - notch),
                (x1 - notch, y1),
                (x0 + notch, y1),
                (x0 + notch, y1 - notch),
                (x0, y1 - notch),
                (x0, y0 + notch),
                (x0 + notch, y0 + notch),
                (x0 + notch, y0),
            ]
            pen.line(corners, fill=240, width=weight, joint="curve")
        else:
            pen.rectangle((x0, y0, x1, y1), outline=240, width=weight)
        if style in (1, 2):
            inset = round(12 * scale)
            pen.rectangle(
                (x0 + inset, y0 + inset, x1 - inset, y1 - inset), outline=230, width=max(1, round(1.6 * scale))
            )
        faces = (
            ("fat", "italic", "bold"),
            ("grotesque", "roman", "bold"),
            ("antique", "italic", "roman"),
            ("display", "roman", "bold"),
        )[(index + style) % 4]
        left_in = x0 + round(24 * scale)
        if high < wide * 0.62 and style != 3 and rng.random() < 0.45:
            side = round(high * 0.72)
            scene = SCENES[("skyline", "square", "spinning_hall")[index % 3]](
                np.random.default_rng([page, index]), 430, 500
            ).resize((round(side * 0.86), side))
            sheet.ink.paste(
                scenes.engrave(scene, max(3.2, 4.4 * scale)), (x0 + round(34 * scale), y0 + (high - side) // 2)
            )
            left_in += round(side * 0.86) + round(24 * scale)
        room = x1 - round(24 * scale) - left_in
        entry = Placed(Article("advertisement", copy[0].capitalize() if copy[0].isupper() else copy[0]))
        sizes = []
        for step, text in enumerate(copy):
            face = faces[0] if not step else faces[1 + step % 2]
            size = round(
                min(120 if not step else 50 if text.isupper() else 42, high / scale / (len(copy) + 1.5))
                * (1.3 if not step else 1)
                * scale
            )
            while font(face, size).getlength(text) > room * 0.95 and size > 8:
                size -= 1
            sizes.append((face, size, text))
        space = (high - sum(round(size * 1.12) for _, size, _ in sizes)) / (len(sizes) + 1)
        pen_y, lines = float(y0), []
        for step, (face, size, text) in enumerate(sizes):
            pen_y += space + size * 1.12
            lines.append(sheet.line(face, size, text, left_in, round(pen_y - size * 0.26), room, "centre"))
            if not step and space > 26 * scale:
                middle, half, line_y = left_in + room // 2, round(room * 0.14), round(pen_y + space * 0.5)
                pen.rectangle((middle - half, line_y, middle + half, line_y + max(1, round(2 * scale))), fill=230)
        entry.parts.append((page, sheet.add(lines)))
        placed.append(entry)
    return placed
