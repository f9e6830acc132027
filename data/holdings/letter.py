"""The letter: two pages written in 1853, and what they say line by line."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from data.holdings.fonts import font
from data.holdings.paper import Ink, Stock, scan
from data.holdings.script import Hand
from data.holdings.typesetting import Sheet

PAGES: tuple[tuple[str, ...], ...] = (
    (
        "Lille, le 3 décembre 1853",
        "",
        "Mon cher cousin,",
        "Ta lettre m’est parvenue hier, et je",
        "ne veux pas laisser passer le dimanche",
        "sans y répondre. Nous allons tous bien,",
        "grâce à Dieu ; ma sœur a repris son",
        "carreau et fait de la dentelle du matin",
        "au soir, car l’ouvrage ne manque point.",
        "Ici l’on ne chante plus qu’une chanson,",
        "celle de M. Desrousseaux. Les femmes",
        "la fredonnent dans toutes les courées :",
        "« Dors, min p’tit quinquin,",
        "Min p’tit pouchin, min gros rojin ! »",
        "Notre petit dernier ne s’endort qu’à",
        "cet air-là, et nous avec lui.",
    ),
    (
        "La filature a rallumé ses feux depuis",
        "la Saint-Martin. Je gagne trente-cinq",
        "sous par jour, et l’on parle d’établir",
        "chez nous de ces métiers nouveaux que",
        "j’ai vus l’an passé à Roubaix. Le bruit",
        "en est si grand qu’on ne s’entend plus ;",
        "mais l’œil, paraît-il, s’y accoutume",
        "plus vite que l’oreille.",
        "Viens nous voir à Noël. Il y aura une",
        "place au coin du feu, du café, et de la",
        "bonne humeur. Embrasse ta mère, et",
        "crois-moi toujours",
        "ton cousin affectionné,",
        "",
        "Louis Delattre",
    ),
)
INDENTS = {
    "Lille, le 3 décembre 1853": 0.42,
    "Mon cher cousin,": 0.12,
    "« Dors, min p’tit quinquin,": 0.14,
    "Min p’tit pouchin, min gros rojin ! »": 0.14,
    "Ici l’on ne chante plus qu’une chanson,": 0.07,
    "Viens nous voir à Noël. Il y aura une": 0.07,
    "crois-moi toujours": 0.3,
    "ton cousin affectionné,": 0.38,
    "Louis Delattre": 0.42,
}
STOCK = Stock(
    colour=(226, 224, 210),
    mottle=0.022,
    grain=0.014,
    yellowing=0.9,
    foxing=22,
    laid=0.011,
    folds_down=(0.335, 0.665),
    folds_across=(0.5,),
)


def transcription(page: int) -> str:
    """Return what a page says (0 or 1), line by line."""
    return "\n".join(line for line in PAGES[page] if line)


def _written(page: int, width: int, height: int, scale: float) -> Image.Image:
    layer = Image.new("L", (width, height), 0)
    hand = Hand(layer, np.random.default_rng([1853, page]), round(86 * scale), -0.011, 11)
    left, room = 210 * scale, width - 350 * scale
    for row, text in enumerate(PAGES[page]):
        if text:
            indent = INDENTS.get(text, float(hand.rng.normal(0, 0.004)))
            size = round((112 if text == "Louis Delattre" else 86) * scale)
            while hand.width(text, size) > room * (1.02 - max(indent, 0)):
                size -= 1
            hand.line(text, left + indent * room, (250 + row * 117) * scale, size)
    if page == 1:
        points = [(0.44, 0.80), (0.6, 0.815), (0.78, 0.795), (0.7, 0.825), (0.5, 0.83), (0.66, 0.84)]
        ImageDraw.Draw(layer).line(
            [(x * width, y * height + 120 * scale) for x, y in points],
            fill=190,
            width=max(2, round(4 * scale)),
            joint="curve",
        )
    return layer


def page(number: int, scale: float = 1.0) -> Image.Image:
    """Draw a page of the letter, 0 or 1."""
    rng = np.random.default_rng([53, number])
    width, height, edge = round(1640 * scale), round(2240 * scale), round(46 * scale)
    front, back = _written(number, width, height, scale), _written(1 - number, width, height, scale)
    marks = Sheet(width, height)
    marks.line(
        "plain",
        round(17 * scale),
        "Vitrine — document de démonstration",
        edge + round(30 * scale),
        height - edge - round(24 * scale),
    )
    pencil = Image.new("L", (width, height), 0)
    if number == 0:
        ImageDraw.Draw(pencil).text(
            (width - 330 * scale, 92 * scale), "Ms 812, f. 7", fill=150, font=font("garamond-italic", round(44 * scale))
        )
    inks = [
        Ink(front, (74, 50, 34), 0.9, 0.1),
        Ink(pencil, (110, 108, 108), 0.7, 0.4),
        Ink(marks.ink, (120, 112, 100), 0.6, 0.1),
    ]
    stock = replace(STOCK, folds_across=(0.5 + 0.01 * number,))
    return scan(
        rng, (width, height), (edge, edge, width - edge, height - edge), stock, inks, verso=back, show_through=0.085
    )
