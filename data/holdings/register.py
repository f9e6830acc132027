"""The archive register: a guild's accounts of 1768 to 1771, of mixed sizes: cover, ruled pages, a loose note, a fold-out."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from data.holdings.fonts import font
from data.holdings.gazette import FIRST, NAMES
from data.holdings.paper import Colour, Ink, Stock, grain, noise, scan, tiled
from data.holdings.script import Hand

STOCK = Stock(colour=(229, 215, 182), mottle=0.021, grain=0.02, yellowing=1.1, foxing=30, laid=0.010)
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "may",
    "juin",
    "juillet",
    "aoust",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
WORK = (
    "trois pièces de toile blanche",
    "une chaîne de lin fin",
    "deux métiers visités",
    "droit de maîtrise",
    "six aunes de batiste",
    "amende pour mauvaise aune",
    "apprentissage, première année",
    "toile écrue, deux pièces",
    "linge de table ouvré",
    "cire pour la chapelle",
    "messe de saint Arnould",
    "visite des ouvroirs",
)
BROWN: Colour = (72, 46, 28)


def cover(scale: float) -> Image.Image:
    """Draw the vellum cover with its label."""
    rng = np.random.default_rng(1768)
    width, height = round(1_560 * scale), round(2_180 * scale)
    hide = (
        1
        + 0.05 * np.asarray(noise(rng, width, height, 5, 4).resize((width, height)))
        + 0.03 * tiled(grain(), 5, 5, width, height)
    )
    hide -= 0.06 * np.clip(np.asarray(noise(rng, width, height, 40, 3).resize((width, height))), 0.6, 3)
    under = Image.fromarray(np.stack([np.clip(c * hide, 0, 255) for c in (206, 186, 146)], axis=2).astype(np.uint8))
    pen = ImageDraw.Draw(under)
    pen.rectangle(
        [v * scale for v in (420, 420, 1_140, 830)],
        fill=(228, 216, 186),
        outline=(140, 116, 80),
        width=max(2, round(3 * scale)),
    )
    for at in (0.26, 0.74):
        pen.rectangle(
            (width - 120 * scale, height * at - 26 * scale, width - 40 * scale, height * at + 26 * scale),
            fill=(150, 126, 92),
        )
    written = Image.new("L", (width, height), 0)
    hand = Hand(written, rng, round(88 * scale), -0.004, 20)
    for row, text in enumerate(("Registre", "de la Communauté", "des Tisserands", "1768 — 1771")):
        size = round((108 if not row else 80) * scale)
        hand.line(text, 780 * scale - hand.width(text, size) / 2, (530 + row * 88) * scale, size)
    edge = round(44 * scale)
    stock = Stock(colour=(255, 255, 255), mottle=0.0, grain=0.012, yellowing=0.2, foxing=60)
    return scan(
        rng,
        (width, height),
        (edge, edge, width - edge, height - edge),
        stock,
        [Ink(written, (60, 42, 30), 0.85, 0.15)],
        under=under,
        gutter="left",
    )


def _rows(hand: Hand, rng: np.random.Generator, number: int, width: int, scale: float, first: int) -> None:
    """Write the entries of a page: day, what and who, sum in livres, sols, deniers."""
    total, day = 0, int(rng.integers(1, 6))
    month, year = MONTHS[(number * 3) % 12], 1768 + number // 3
    hand.line(f"{month.capitalize()} {year}", width * 0.36, first - 92 * scale, round(92 * scale))
    y = float(first)
    for _ in range(13):
        day = min(30, day + int(rng.integers(1, 4)))
        livres, sols, deniers = int(rng.integers(0, 48)), int(rng.integers(0, 20)), int(rng.integers(0, 12))
        total += livres * 240 + sols * 12 + deniers
        hand.line(str(day), 150 * scale, y)
        text = f"{FIRST[int(rng.integers(len(FIRST)))]} {NAMES[int(rng.integers(len(NAMES)))]}, {WORK[int(rng.integers(len(WORK)))]}"
        size = hand.size
        while hand.width(text, size) > width * 0.615 - 60 * scale:
            size -= 1
        hand.line(text, 250 * scale, y, size)
        for share, value in ((0.775, livres), (0.855, sols), (0.925, deniers)):
            hand.line(str(value), width * share, y)
        y += 113 * scale
    hand.line("Somme", width * 0.56, y + 34 * scale, round(76 * scale))
    for share, value in ((0.765, total // 240), (0.85, total // 12 % 20), (0.92, total % 12)):
        hand.line(str(value), width * share, y + 34 * scale)


def leaf(scale: float, number: int) -> Image.Image:
    """Draw a page of accounts."""
    rng = np.random.default_rng([1768, number])
    width, height = round(1_500 * scale), round(2_100 * scale)
    layers = []
    for side in (number, number + 1 if number % 2 else number - 1):
        own = np.random.default_rng([1769, side])
        written = Image.new("L", (width, height), 0)
        _rows(Hand(written, own, round(66 * scale), -0.004, 14), own, side, width, scale, round(380 * scale))
        layers.append(written)
    ruled = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(ruled)
    for share in (0.15, 0.755, 0.835, 0.905, 0.965):
        pen.line(
            (width * share, 200 * scale, width * share + 3, height - 110 * scale),
            fill=150,
            width=max(1, round(2.5 * scale)),
        )
    pen.line((110 * scale, 250 * scale, width - 60 * scale, 246 * scale), fill=150, width=max(1, round(2.5 * scale)))
    for share, letter in ((0.785, "£"), (0.862, "s"), (0.93, "d")):
        pen.text(
            (width * share, 222 * scale), letter, fill=190, font=font("garamond-italic", round(44 * scale)), anchor="mm"
        )
    if number % 2:
        folio = font("garamond-italic", round(54 * scale))
        pen.text((width - 170 * scale, 130 * scale), f"f. {number // 2 + 1}", fill=200, font=folio)
    edge, odd = round(40 * scale), number % 2 == 1
    box = (0 if odd else edge, edge, width - (edge if odd else 0), height - edge)
    inks = [Ink(ruled, (140, 72, 52), 0.6, 0.4), Ink(layers[0], BROWN, 0.88, 0.14)]
    return scan(
        rng, (width, height), box, STOCK, inks, verso=layers[1], gutter="left" if odd else "right", show_through=0.11
    )


def note(scale: float) -> Image.Image:
    """Draw the loose note between two leaves: a smaller sheet."""
    rng = np.random.default_rng(1770)
    width, height = round(1_120 * scale), round(1_380 * scale)
    written = Image.new("L", (width, height), 0)
    hand = Hand(written, rng, round(70 * scale), -0.014, 9)
    for row, text in enumerate(
        (
            "Reçu du sieur Delattre",
            "la somme de douze livres",
            "pour le prix d’un rouet",
            "et de deux peignes à lin,",
            "dont quittance,",
            "à Armentières, ce 4 may 1770.",
            "",
            "Vve Herbaux",
        )
    ):
        hand.line(
            text, (150 if row < 7 else 520) * scale, (270 + row * 118) * scale, round((70 if row < 7 else 96) * scale)
        )
    edge = round(44 * scale)
    stock = Stock(
        colour=(220, 214, 194),
        mottle=0.03,
        grain=0.018,
        yellowing=1.1,
        foxing=16,
        laid=0.011,
        folds_down=(0.5,),
        folds_across=(0.5,),
    )
    return scan(
        rng, (width, height), (edge, edge, width - edge, height - edge), stock, [Ink(written, BROWN, 0.86, 0.14)]
    )


def fold_out(scale: float) -> Image.Image:
    """Draw the folded table of looms: twice as wide as a page."""
    rng = np.random.default_rng(1771)
    width, height = round(3_060 * scale), round(2_060 * scale)
    ruled, written = Image.new("L", (width, height), 0), Image.new("L", (width, height), 0)
    pen, hand = ImageDraw.Draw(ruled), Hand(written, rng, round(64 * scale), -0.002, 14)
    top, left, right, bottom = 430 * scale, 150 * scale, width - 130 * scale, height - 150 * scale
    columns = (0.0, 0.27, 0.41, 0.55, 0.69, 0.83, 1.0)
    for share in columns:
        x = left + (right - left) * share
        pen.line((x, top, x, bottom), fill=200, width=max(1, round(3 * scale)))
    rows = 11
    for row in range(rows + 2):
        y = top + (bottom - top) * row / (rows + 1)
        pen.line((left, y, right, y), fill=200 if row < 2 else 120, width=max(1, round(3 * scale)))
    title = "État général des métiers battants de la ville d’Armentières, en l’an 1771"
    hand.line(title, width / 2 - hand.width(title, round(104 * scale)) / 2, 260 * scale, round(104 * scale))
    step = (bottom - top) / (rows + 1)
    for share, name in zip(
        columns, ("Paroisses et rues", "Toiles", "Batistes", "Linge ouvré", "Maîtres", "Observations"), strict=False
    ):
        hand.line(name, left + (right - left) * share + 28 * scale, top + step * 0.68)
    places = (
        "Grand’Place",
        "Rue de Lille",
        "Rue de Flandre",
        "Rue d’Ypres",
        "Rue des Capucins",
        "Rue de l’Abreuvoir",
        "Faubourg de la Lys",
        "Hameau du Bizet",
        "Pont de Nieppe",
        "Houplines",
        "Erquinghem",
    )
    remarks = (
        "tous en bon état",
        "deux sans ouvrage",
        "",
        "un maître décédé",
        "",
        "voir le folio 3",
        "bâtiment neuf",
        "",
        "visités en may",
        "",
        "",
    )
    for row, place in enumerate(places):
        y = top + step * (row + 1.68)
        hand.line(place, left + 28 * scale, y)
        for share in columns[1:5]:
            hand.line(str(int(rng.integers(2, 74))), left + (right - left) * share + 110 * scale, y)
        if remarks[row]:
            hand.line(remarks[row], left + (right - left) * columns[5] + 20 * scale, y, round(54 * scale))
    pen.text(
        (width - 130 * scale, height - 92 * scale),
        "Vitrine — document de démonstration",
        fill=150,
        font=font("plain", round(20 * scale)),
        anchor="rm",
    )
    edge = round(44 * scale)
    stock = Stock(
        colour=(230, 217, 186),
        mottle=0.021,
        grain=0.02,
        yellowing=1.1,
        foxing=44,
        laid=0.010,
        folds_across=(0.25, 0.5, 0.75),
        folds_down=(0.5,),
    )
    return scan(
        rng,
        (width, height),
        (edge, edge, width - edge, height - edge),
        stock,
        [Ink(ruled, (120, 80, 60), 0.6, 0.35), Ink(written, BROWN, 0.88, 0.14)],
        show_through=0.0,
    )


VIEWS: tuple[tuple[str, str, str, Callable[[float], Image.Image]], ...] = (
    ("binding", "Plat supérieur", "", cover),
    ("page", "Folio 1 recto", "1r", lambda scale: leaf(scale, 1)),
    ("page", "Folio 1 verso", "1v", lambda scale: leaf(scale, 2)),
    ("page", "Folio 2 recto", "2r", lambda scale: leaf(scale, 3)),
    ("page", "Folio 2 verso", "2v", lambda scale: leaf(scale, 4)),
    ("page", "Quittance volante", "2 bis", note),
    ("page", "Folio 3 recto", "3r", lambda scale: leaf(scale, 5)),
    ("page", "Folio 3 verso", "3v", lambda scale: leaf(scale, 6)),
    ("plate", "Dépliant : état des métiers", "dépl.", fold_out),
)
