"""The photograph: a spinning hall, a silver print on its card mount, recto and verso."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from data.holdings import mills
from data.holdings.paper import Ink, Stock, bleed, scan
from data.holdings.prints import photographic, toned, worn
from data.holdings.script import Hand
from data.holdings.typesetting import Sheet

MOUNT = Stock(colour=(206, 196, 174), mottle=0.02, grain=0.02, yellowing=0.8, foxing=18)
IMPRINT = "LECŒUVRE FRÈRES"


def recto(scale: float = 1.0) -> Image.Image:
    """Draw the print on its mount."""
    rng = np.random.default_rng(1896)
    width, height, edge = round(2200 * scale), round(1760 * scale), round(44 * scale)
    area = (round(190 * scale), round(180 * scale), width - round(190 * scale), height - round(330 * scale))
    wide, high = area[2] - area[0], area[3] - area[1]
    view = mills.spinning_hall(np.random.default_rng(4), round(wide * 1.16), round(high * 1.22)).crop(
        (0, 0, wide, high)
    )
    plate = worn(rng, photographic(rng, view, 1.3 * scale, 4.0, 1.15), 8, 50)
    card = Image.new("RGB", (width, height), MOUNT.colour)
    pen = ImageDraw.Draw(card)
    gilt = round(14 * scale)
    pen.rectangle(
        (area[0] - gilt * 2, area[1] - gilt * 2, area[2] + gilt * 2, area[3] + gilt * 2),
        outline=(150, 122, 70),
        width=max(2, round(4 * scale)),
    )
    shade = Image.new("L", card.size, 0)
    ImageDraw.Draw(shade).rectangle(
        (area[0], area[1], area[2] + round(7 * scale), area[3] + round(8 * scale)), fill=120
    )
    card.paste((120, 108, 88), (0, 0), shade.filter(ImageFilter.GaussianBlur(4 * scale)))
    card.paste(toned(plate, (30, 24, 24), (232, 218, 190), (128, 106, 88)), area[:2])
    sheet = Sheet(width, height)
    base = area[3] + round(122 * scale)
    sheet.line("display", round(46 * scale), IMPRINT, 0, base, width, "centre", round(9 * scale))
    sheet.line(
        "italic",
        round(36 * scale),
        "photographes, rue Nationale, 61",
        area[0],
        base + round(8 * scale),
        area[2] - area[0],
        "left",
    )
    sheet.line(
        "italic", round(36 * scale), "Lille — Roubaix", area[0], base + round(8 * scale), area[2] - area[0], "right"
    )
    title = Image.new("L", (width, height), 0)
    Hand(title, rng, round(66 * scale), -0.004, 12).line(
        "Filature de coton, salle des continus, 1896", width * 0.27, base + 100 * scale
    )
    inks = [Ink(bleed(sheet.ink, 0.6), (124, 96, 46), 0.85, 0.2), Ink(title, (52, 42, 40), 0.85, 0.1)]
    return scan(rng, (width, height), (edge, edge, width - edge, height - edge), MOUNT, inks, under=card)


def verso(scale: float = 1.0) -> Image.Image:
    """Draw the back of the mount: the photographers' ornament and a library's pencil."""
    rng = np.random.default_rng(1897)
    width, height, edge = round(2200 * scale), round(1760 * scale), round(44 * scale)
    sheet = Sheet(width, height)
    pen, middle = ImageDraw.Draw(sheet.ink), width // 2
    for radius in (330, 318, 250):
        r = radius * scale
        pen.ellipse(
            (middle - r * 1.5, 720 * scale - r, middle + r * 1.5, 720 * scale + r),
            outline=210,
            width=max(2, round(3 * scale)),
        )
    for ray in range(90):
        a = ray * np.pi / 45
        pen.line(
            (
                middle + np.cos(a) * 378 * scale,
                (720 + np.sin(a) * 252) * scale,
                middle + np.cos(a) * 474 * scale,
                (720 + np.sin(a) * 316) * scale,
            ),
            fill=190,
            width=max(1, round(2 * scale)),
        )
    sheet.line("display", round(64 * scale), IMPRINT, 0, round(720 * scale), width, "centre", round(6 * scale))
    sheet.line("italic", round(42 * scale), "Photographie d’art et d’industrie", 0, round(790 * scale), width, "centre")
    sheet.line(
        "roman",
        round(36 * scale),
        "Médaille d’argent, Lille 1882 — Les clichés sont conservés",
        0,
        round(1180 * scale),
        width,
        "centre",
    )
    sheet.line(
        "plain",
        round(17 * scale),
        "Vitrine — document de démonstration",
        edge + round(30 * scale),
        height - edge - round(24 * scale),
    )
    pencil = Image.new("L", (width, height), 0)
    Hand(pencil, rng, round(72 * scale), -0.01, 30).line("Ph. 118 — don Lecœuvre", 180 * scale, 1500 * scale)
    return scan(
        rng,
        (width, height),
        (edge, edge, width - edge, height - edge),
        MOUNT,
        [Ink(bleed(sheet.ink, 0.6), (120, 62, 50), 0.75, 0.25), Ink(pencil, (92, 92, 96), 0.6, 0.4)],
    )
