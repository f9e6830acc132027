"""The poster: an exhibition of 1911, a lithograph in five flat colours, a little out of register."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from data.holdings.fonts import font
from data.holdings.paper import Colour, Stock, grain, scan, tiled

STOCK = Stock(
    colour=(240, 230, 204),
    mottle=0.02,
    grain=0.014,
    yellowing=0.9,
    foxing=24,
    folds_down=(0.25, 0.5, 0.75),
    folds_across=(0.5,),
)
NAVY: Colour = (30, 46, 84)
RED: Colour = (196, 58, 42)
ORANGE: Colour = (232, 146, 52)
YELLOW: Colour = (243, 204, 98)
TEAL: Colour = (74, 134, 136)


def _stone(rng: np.random.Generator, mask: Image.Image, shift: tuple[int, int]) -> Image.Image:
    """Return a colour's mask as a stone prints it: grained, its edge a little worn, off by a pixel or two."""
    moved = ImageChops.offset(mask, *shift)
    tile = tiled(grain(), int(rng.integers(900)), int(rng.integers(900)), mask.width, mask.height)
    full = np.asarray(moved.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32)
    return Image.fromarray(
        np.clip(full * np.clip(0.97 - np.clip(tile - 0.75, 0, 2) * 0.24, 0.2, 1), 0, 255).astype(np.uint8)
    )


def sheet(scale: float = 1.0) -> Image.Image:
    """Draw the poster."""
    rng = np.random.default_rng(1911)
    w, h = round(2400 * scale), round(3360 * scale)
    masks = {colour: Image.new("L", (w, h), 0) for colour in (YELLOW, ORANGE, TEAL, RED, NAVY)}
    pens = {colour: ImageDraw.Draw(mask) for colour, mask in masks.items()}
    left, right, top, low = w * 0.07, w * 0.93, h * 0.055, h * 0.945
    horizon, sun = h * 0.56, (w * 0.5, h * 0.545)
    pens[YELLOW].rectangle((left, top, right, horizon), fill=255)
    for ray in range(24):
        a0, a1 = np.pi + ray * np.pi / 24, np.pi + (ray + 0.5) * np.pi / 24
        reach = h * 0.9
        pens[ORANGE].polygon(
            [
                sun,
                (sun[0] + np.cos(a0) * reach, sun[1] + np.sin(a0) * reach),
                (sun[0] + np.cos(a1) * reach, sun[1] + np.sin(a1) * reach),
            ],
            fill=255,
        )
    for colour in (ORANGE,):
        for box in ((0, 0, left, h), (right, 0, w, h), (0, 0, w, top), (0, horizon, w, h)):
            pens[colour].rectangle(box, fill=0)
    r = w * 0.2
    for colour, value in ((ORANGE, 0), (YELLOW, 0), (RED, 255)):
        pens[colour].ellipse((sun[0] - r, sun[1] - r, sun[0] + r, sun[1] + r), fill=value)
    pens[RED].rectangle((0, horizon, w, h), fill=0)
    pens[TEAL].rectangle((left, horizon, right, h * 0.722), fill=255)
    x = left
    while x < right:
        span, tall = w * float(rng.uniform(0.05, 0.12)), h * float(rng.uniform(0.03, 0.085))
        end = min(x + span, right)
        kind = int(rng.integers(3))
        pens[NAVY].rectangle((x, horizon - tall, end, horizon + h * 0.012), fill=255)
        if kind == 0:
            teeth = 4
            for tooth in range(teeth):
                x0, x1 = x + (end - x) * tooth / teeth, x + (end - x) * (tooth + 1) / teeth
                pens[NAVY].polygon(
                    [(x0, horizon - tall), (x0, horizon - tall - h * 0.018), (x1, horizon - tall)], fill=255
                )
        elif kind == 1:
            pens[NAVY].polygon(
                [(x, horizon - tall), ((x + end) / 2, horizon - tall - h * 0.03), (end, horizon - tall)], fill=255
            )
        for bay in range(4):
            for storey in range(2):
                x0, y0 = x + (end - x) * (bay + 0.3) / 4, horizon - tall * (0.8 - storey * 0.42)
                pens[NAVY].rectangle((x0, y0, x0 + (end - x) / 10, y0 + tall * 0.2), fill=0)
        x = end
    for place, rise in ((0.13, 0.22), (0.2, 0.16), (0.3, 0.25), (0.71, 0.24), (0.8, 0.17), (0.88, 0.22)):
        cx, tip, half = w * place, horizon - h * rise, w * 0.013
        pens[NAVY].polygon(
            [(cx - half * 0.6, tip), (cx + half * 0.6, tip), (cx + half, horizon), (cx - half, horizon)], fill=255
        )
        pens[NAVY].rectangle((cx - half * 0.9, tip - h * 0.004, cx + half * 0.9, tip + h * 0.009), fill=255)
        for puff in range(26):
            t = puff / 26
            px, py, pr = (
                cx + w * 0.13 * t**1.2 + np.sin(t * 9 + place * 20) * w * 0.006,
                tip - h * 0.005 - h * 0.07 * t,
                w * (0.008 + 0.024 * t),
            )
            for colour in (ORANGE, YELLOW):
                pens[colour].ellipse((px - pr, py - pr * 0.75, px + pr, py + pr * 0.75), fill=0)
    for wave in range(22):
        y = horizon + h * 0.02 + (h * 0.13) * wave / 22
        for _ in range(5):
            x0 = float(rng.uniform(left, right - w * 0.1))
            pens[TEAL].rounded_rectangle(
                (x0, y, x0 + w * float(rng.uniform(0.05, 0.16)), y + h * 0.0026), radius=3, fill=0
            )
    for wave in range(12):
        y = horizon + h * 0.014 + h * 0.13 * wave / 12
        half = r * (1 - wave / 15) * float(rng.uniform(0.6, 1.0))
        for colour, value in ((TEAL, 0), (RED, 255)):
            pens[colour].rounded_rectangle((sun[0] - half, y, sun[0] + half, y + h * 0.0048), radius=6, fill=value)
    for side in (-1, 1):
        cx, foot = w * 0.5 + side * w * 0.31, h * 0.722
        for colour, value in ((TEAL, 0), (YELLOW, 0)):
            pens[colour].polygon(
                [
                    (cx - w * 0.075, foot),
                    (cx - w * 0.045, foot - h * 0.15),
                    (cx + w * 0.045, foot - h * 0.15),
                    (cx + w * 0.075, foot),
                ],
                fill=value,
            )
        pens[RED].polygon(
            [
                (cx - w * 0.07, foot - h * 0.015),
                (cx - w * 0.045, foot - h * 0.135),
                (cx + w * 0.045, foot - h * 0.135),
                (cx + w * 0.07, foot - h * 0.015),
            ],
            fill=255,
        )
        for turn in range(15):
            y = foot - h * 0.02 - h * 0.112 * turn / 15
            half = w * (0.068 - 0.024 * turn / 15)
            pens[RED].line((cx - half, y, cx + half, y - h * 0.004), fill=0, width=max(2, round(5 * scale)))
        for y, half in ((foot - h * 0.146, 0.03), (foot - h * 0.007, 0.082)):
            pens[NAVY].rounded_rectangle(
                (cx - w * half, y - h * 0.008, cx + w * half, y + h * 0.008), radius=8, fill=255
            )
        pens[NAVY].rectangle((cx - w * 0.008, foot - h * 0.19, cx + w * 0.008, foot - h * 0.15), fill=255)
    pens[NAVY].rectangle((left, h * 0.722, right, low), fill=255)
    for band, shade in ((h * 0.722, YELLOW), (low - h * 0.012, RED)):
        pens[NAVY].rectangle((left, band, right, band + h * 0.009), fill=0)
        pens[shade].rectangle((left, band, right, band + h * 0.009), fill=255)

    def title(
        said: str, y: float, wide: float, face: str, colour: Colour, out: tuple[Colour, ...], outline: float = 0
    ) -> None:
        size = 20
        while font(face, size + 4).getlength(said) < wide:
            size += 4
        stroke = round(outline * scale)
        for other in (ORANGE, YELLOW, NAVY, RED, TEAL):
            if other in out:
                pens[other].text((w / 2, y), said, fill=0, font=font(face, size), anchor="mm", stroke_width=stroke)
        pens[colour].text((w / 2, y), said, fill=255, font=font(face, size), anchor="mm")

    title("EXPOSITION INTERNATIONALE", h * 0.088, w * 0.8, "antique", NAVY, (ORANGE, YELLOW), 0)
    title("du Nord de la France", h * 0.127, w * 0.5, "fat-italic", RED, (ORANGE, YELLOW), 7)
    title("ROUBAIX", h * 0.205, w * 0.78, "fat", RED, (ORANGE, YELLOW), 14)
    title("1911", h * 0.779, w * 0.33, "fat", YELLOW, (NAVY,), 0)
    title("AVRIL — OCTOBRE", h * 0.866, w * 0.6, "antique", ORANGE, (NAVY,), 0)
    cream = ImageDraw.Draw(masks[NAVY])
    for said, y, size in (
        ("Industries textiles — Machines — Beaux-Arts — Horticulture", 0.896, 62),
        ("Parc Barbieux — Fêtes de nuit — Concerts — Village flamand", 0.918, 62),
    ):
        cream.text((w / 2, h * y), said, fill=0, font=font("garamond-bold", round(size * scale)), anchor="mm")
    ImageDraw.Draw(masks[NAVY]).text(
        (left, h * 0.956),
        "Lith. V. Dubrulle, Lille",
        fill=235,
        font=font("garamond-italic", round(38 * scale)),
        anchor="lm",
    )
    ImageDraw.Draw(masks[NAVY]).text(
        (right, h * 0.956),
        "Document de démonstration composé pour Vitrine",
        fill=235,
        font=font("garamond-italic", round(32 * scale)),
        anchor="rm",
    )
    paper = Image.new("RGB", (w, h), STOCK.colour)
    for index, (colour, mask) in enumerate(masks.items()):
        shift = (round((index % 3 - 1) * 2 * scale), round(((index * 2) % 3 - 1) * 2 * scale))
        solid = Image.composite(
            Image.new("RGB", (w, h), colour), Image.new("RGB", (w, h), (255, 255, 255)), _stone(rng, mask, shift)
        )
        paper = (
            ImageChops.multiply(paper, solid)
            if colour not in (RED, NAVY)
            else Image.composite(Image.new("RGB", (w, h), colour), paper, _stone(rng, mask, shift))
        )
    edge = round(48 * scale)
    whole = (w + 2 * edge, h + 2 * edge)
    under = Image.new("RGB", whole, STOCK.colour)
    under.paste(paper, (edge, edge))
    return scan(rng, whole, (edge, edge, whole[0] - edge, whole[1] - edge), STOCK, [], under=under, felt=(60, 58, 56))
