"""The postcard: a collotype of a market square, sent in August 1908; recto and verso."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from data.holdings import scenes
from data.holdings.fonts import font
from data.holdings.paper import Ink, Stock, bleed, scan
from data.holdings.prints import photographic, toned, worn
from data.holdings.script import Hand
from data.holdings.typesetting import Sheet

MESSAGE = (
    "Lille, le 14 août 1908",
    "Ma chère Élise,",
    "Nous voici bien arrivés.",
    "La ville est en fête et l’on",
    "danse le soir sur la place.",
    "Le petit réclame sa sœur.",
    "À dimanche, sans faute.",
    "Mille baisers,",
    "Adèle",
)
ADDRESS = ("Mademoiselle", "Élise Lecœuvre", "couturière", "rue du Vieil-Abreuvoir, 8", "Roubaix", "(Nord)")
CARD = Stock(colour=(236, 223, 193), mottle=0.022, grain=0.014, yellowing=0.9, foxing=7)


def recto(scale: float = 1.0) -> Image.Image:
    """Draw the picture side."""
    rng = np.random.default_rng(1908)
    width, height, edge = round(2200 * scale), round(1420 * scale), round(44 * scale)
    rim, foot = round(46 * scale), round(120 * scale)
    area = (edge + rim, edge + rim, width - edge - rim, height - edge - foot)
    view = scenes.square(np.random.default_rng(23), area[2] - area[0], area[3] - area[1])
    plate = worn(rng, photographic(rng, view, 1.3 * scale, 5.0, 1.7), 9, 40)
    picture = Image.new("RGB", (width, height), CARD.colour)
    picture.paste(toned(plate, (46, 32, 24), (240, 226, 194), (143, 113, 84)), area[:2])
    sheet = Sheet(width, height)
    caption = sheet.line(
        "bold", round(42 * scale), "LILLE", edge + rim + round(8 * scale), height - edge - round(42 * scale)
    )
    sheet.line(
        "roman",
        round(40 * scale),
        "— La Grand’Place, un jour de marché",
        caption.box.x + caption.box.width + round(16 * scale),
        height - edge - round(42 * scale),
    )
    sheet.line(
        "italic",
        round(27 * scale),
        "V. Dubrulle, édit., Lille. — N° 37",
        area[0],
        height - edge - round(40 * scale),
        area[2] - area[0],
        "right",
    )
    ink = Ink(bleed(sheet.ink, 0.6), (94, 40, 30), 0.85, 0.2)
    return scan(rng, (width, height), (edge, edge, width - edge, height - edge), CARD, [ink], under=picture)


def _stamp(rng: np.random.Generator, width: int) -> Image.Image:
    """Return a green five-centime stamp with perforated edges (RGBA)."""
    height = round(width * 1.2)
    stamp = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    pen = ImageDraw.Draw(stamp)
    pen.rectangle((0, 0, width, height), fill=(232, 226, 204, 255))
    green, pale = (58, 128, 84, 255), (206, 219, 190, 255)
    margin = round(width * 0.1)
    box = (margin, margin, width - margin, height - margin)
    pen.rectangle(box, fill=green)
    sun_x, sun_y = width * 0.36, height * 0.68
    for ray in range(40):
        angle = np.pi + ray * np.pi / 39
        pen.line(
            (sun_x, sun_y, sun_x + np.cos(angle) * width * 0.6, sun_y + np.sin(angle) * width * 0.6),
            fill=(96, 158, 116, 255),
            width=max(1, width // 130),
        )
    figure = [
        (0.56, 0.30),
        (0.62, 0.36),
        (0.70, 0.34),
        (0.80, 0.26),
        (0.82, 0.29),
        (0.71, 0.42),
        (0.66, 0.46),
        (0.70, 0.62),
        (0.78, 0.80),
        (0.62, 0.78),
        (0.56, 0.80),
        (0.46, 0.82),
        (0.40, 0.80),
        (0.50, 0.62),
        (0.50, 0.48),
        (0.42, 0.55),
        (0.30, 0.58),
        (0.29, 0.55),
        (0.42, 0.47),
        (0.51, 0.38),
    ]
    pen.polygon([(x * width, y * height) for x, y in figure], fill=pale)
    pen.ellipse((width * 0.51, height * 0.22, width * 0.63, height * 0.33), fill=pale)
    pen.line([(margin, height * 0.80), (width - margin, height * 0.80)], fill=pale, width=max(1, width // 70))
    pen.text((width / 2, height * 0.835), "POSTES", fill=pale, font=font("bold", round(width * 0.115)), anchor="mt")
    pen.text(
        (width / 2, margin * 1.25),
        "RÉPUBLIQUE FRANÇAISE",
        fill=pale,
        font=font("bold", round(width * 0.056)),
        anchor="mt",
    )
    pen.text((width * 0.2, height * 0.26), "5c", fill=pale, font=font("fat", round(width * 0.17)), anchor="lt")
    pen.rectangle(box, outline=(40, 104, 66, 255), width=max(1, width // 60))
    margin -= 1
    for edge in (
        (0, 0, margin, height),
        (width - margin, 0, width, height),
        (0, 0, width, margin),
        (0, height - margin, width, height),
    ):
        pen.rectangle(edge, fill=(232, 226, 204, 255))
    hole = width / 13 / 2.6
    for step in range(14):
        for x, y in ((step * width / 13, 0.0), (step * width / 13, float(height))):
            pen.ellipse((x - hole, y - hole, x + hole, y + hole), fill=(0, 0, 0, 0))
    for step in range(16):
        for x, y in ((0.0, step * height / 15), (float(width), step * height / 15)):
            pen.ellipse((x - hole, y - hole, x + hole, y + hole), fill=(0, 0, 0, 0))
    return stamp.rotate(float(rng.normal(-1.2, 0.4)), expand=True, resample=Image.Resampling.BICUBIC)


def _postmark(
    layer: Image.Image, rng: np.random.Generator, x: int, y: int, radius: int, town: str, date: str, angle: float
) -> None:
    """Draw a round postmark with the name of the office in its ring."""
    side = radius * 2 + 20
    mark = Image.new("L", (side, side), 0)
    pen, middle = ImageDraw.Draw(mark), side / 2
    for r, weight in ((radius, max(3, radius // 26)), (radius * 0.62, max(2, radius // 40))):
        pen.ellipse((middle - r, middle - r, middle + r, middle + r), outline=225, width=weight)
    for text, start, turn in ((town, -90.0, 1), ("NORD", 90.0, -1)):
        size = round(radius * 0.27)
        step = np.degrees(size * 0.86 / (radius * 0.8))
        for index, letter in enumerate(text):
            theta = start + turn * (index - (len(text) - 1) / 2) * step
            tile = Image.new("L", (size * 2, size * 2), 0)
            ImageDraw.Draw(tile).text((size, size), letter, fill=225, font=font("grotesque", size), anchor="mm")
            tile = tile.rotate(-(theta + 90 * turn), resample=Image.Resampling.BICUBIC)
            cx, cy = (
                middle + np.cos(np.radians(theta)) * radius * 0.81,
                middle + np.sin(np.radians(theta)) * radius * 0.81,
            )
            mark.paste(255, (round(cx - size), round(cy - size)), tile)
    for row, text in enumerate(date.split("/")):
        pen.text(
            (middle, middle + (row - 1) * radius * 0.34),
            text,
            fill=228,
            font=font("grotesque", round(radius * 0.27)),
            anchor="mm",
        )
    mark = mark.rotate(angle, resample=Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(0.8))
    worn_mark = np.asarray(mark, dtype=np.float32) * np.clip(
        rng.normal(0.82, 0.1, (side, 1)) + np.linspace(0.15, -0.22, side)[None, :], 0, 1
    )
    place = (x - side // 2, y - side // 2)
    box = (*place, place[0] + side, place[1] + side)
    both = np.maximum(np.asarray(layer.crop(box), dtype=np.float32), worn_mark)
    layer.paste(Image.fromarray(np.clip(both, 0, 255).astype(np.uint8)), place)


def verso(scale: float = 1.0) -> Image.Image:
    """Draw the side with message, address, stamp and postmarks."""
    rng = np.random.default_rng(814)
    width, height, edge = round(2200 * scale), round(1420 * scale), round(44 * scale)
    printed = Sheet(width, height)
    pen, middle = ImageDraw.Draw(printed.ink), width // 2
    printed.line(
        "display", round(78 * scale), "CARTE POSTALE", 0, round(160 * scale), width, "centre", round(12 * scale)
    )
    pen.line(
        (middle, round(210 * scale), middle, height - round(150 * scale)), fill=220, width=max(2, round(4 * scale))
    )
    printed.line("italic", round(34 * scale), "Correspondance", edge, round(235 * scale), middle - edge, "centre")
    printed.line("italic", round(34 * scale), "Adresse", middle, round(235 * scale), round(620 * scale), "centre")
    for row in range(5):
        y = round((600 + row * 128) * scale)
        pen.line(
            (middle + round(90 * scale), y, width - edge - round(70 * scale), y),
            fill=150,
            width=max(1, round(2 * scale)),
        )
    printed.line(
        "roman",
        round(22 * scale),
        "Ce côté est exclusivement réservé à l’adresse.",
        middle,
        height - round(90 * scale),
        middle - edge,
        "centre",
    )
    printed.line(
        "plain",
        round(15 * scale),
        "Vitrine — document de démonstration",
        edge + round(30 * scale),
        height - edge - round(22 * scale),
    )
    written = Image.new("L", (width, height), 0)
    hand = Hand(written, rng, round(92 * scale), -0.012, 7)
    for row, text in enumerate(MESSAGE):
        indent = (250, 70, 130, 60, 60, 90, 60, 380, 560)[row]
        hand.line(
            text,
            edge + indent * scale,
            (330 + row * 113) * scale,
            round((74 if not row else 92) * scale) if row < 8 else round(120 * scale),
        )
    address = Hand(written, rng, round(92 * scale), -0.008, 6)
    for row, text in enumerate(ADDRESS):
        address.line(
            text, middle + (100 + (row > 0) * 20 + (row >= 4) * 190 * (row - 3)) * scale, (585 + row * 127) * scale
        )
    stamp = _stamp(rng, round(255 * scale))
    under = Image.new("RGB", (width, height), CARD.colour)
    place = (width - edge - round(70 * scale) - stamp.width, edge + round(60 * scale))
    shade = Image.new("L", under.size, 0)
    ImageDraw.Draw(shade).rectangle(
        (place[0] + 6, place[1] + 8, place[0] + stamp.width - 2, place[1] + stamp.height), fill=90
    )
    under.paste((180, 166, 134), (0, 0), shade.filter(ImageFilter.GaussianBlur(5 * scale)))
    under.paste(stamp, place, stamp)
    cancel = Image.new("L", (width, height), 0)
    _postmark(
        cancel,
        rng,
        place[0] + round(20 * scale),
        place[1] + round(180 * scale),
        round(150 * scale),
        "LILLE",
        "17 30/14 -8/08",
        12,
    )
    _postmark(
        cancel,
        rng,
        middle - round(160 * scale),
        height - round(210 * scale),
        round(140 * scale),
        "ROUBAIX",
        "8 15/15 -8/08",
        -17,
    )
    inks = [
        Ink(bleed(printed.ink, 0.6), (78, 62, 50), 0.8, 0.2),
        Ink(written, (44, 36, 58), 0.88, 0.12),
        Ink(cancel, (34, 32, 36), 0.78, 0.35),
    ]
    face = Image.new("L", (width, height), 0)
    ImageDraw.Draw(face).rectangle(
        (edge + 46 * scale, edge + 46 * scale, width - edge - 46 * scale, height - edge - 120 * scale), fill=110
    )
    return scan(
        rng,
        (width, height),
        (edge, edge, width - edge, height - edge),
        CARD,
        inks,
        verso=face,
        under=under,
        show_through=0.04,
    )
