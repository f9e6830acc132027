"""The plan of Lille about 1745: fortress, citadel, streets, fields, cartouche; 11 000 x 9 200 pixels at scale 1.

Lines are drawn in one layer at full size, washes of colour at a quarter of it; both meet on laid paper in strips, so
that 101 megapixels need little memory. Coordinates are those of scale 1.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from data.holdings.drafting import SIZE, Drawing, curve, ribbon
from data.holdings.furniture import CHURCHES, cartouche, mill, rose, table, watered
from data.holdings.ground import Point, Polygon, area, centre, fortress, hatched, parted, scaled, shrunk
from data.holdings.paper import Ink, Stock, bleed, noise, scan

SHEET = Stock(
    colour=(240, 231, 208),
    mottle=0.03,
    grain=0.016,
    yellowing=1.0,
    foxing=70,
    laid=0.004,
    folds_down=(0.5,),
    folds_across=(0.25, 0.5, 0.75),
)
TOWN, CITADEL = (5_750.0, 4_750.0), (2_380.0, 2_700.0)
PINK, GREEN, MEADOW, OCHRE, BLUE, STONE = (
    (238, 178, 158),
    (176, 196, 132),
    (206, 216, 160),
    (232, 205, 140),
    (150, 190, 200),
    (222, 205, 172),
)
STREETS = (
    "Rue Royale",
    "Rue Esquermoise",
    "Rue de la Barre",
    "Rue des Malades",
    "Rue de Fives",
    "Rue Saint-Sauveur",
    "Rue du Molinel",
    "Rue de Béthune",
    "Rue Basse",
    "Rue Grande Chaussée",
    "Rue des Arts",
    "Rue de Courtray",
    "Rue Saint-Jacques",
    "Rue de la Monnoye",
    "Rue des Jésuites",
    "Rue de l’ABC",
    "Rue du Curé Saint-Étienne",
    "Rue d’Amiens",
    "Rue de Tenremonde",
    "Rue du Plat",
    "Rue Négrier",
    "Rue Princesse",
    "Rue de Gand",
    "Rue à Fiens",
    "Rue du Croquet",
    "Rue des Tours",
)


def _town_corners(rng: np.random.Generator) -> Polygon:
    count = 14
    corners = []
    for index in range(count):
        angle = 2 * np.pi * (index + float(rng.normal(0, 0.06))) / count + 0.2
        swell = 1 + float(rng.normal(0, 0.035)) + 0.07 * np.cos(2 * angle + 0.6)
        corners.append((TOWN[0] + 2_430 * swell * float(np.cos(angle)), TOWN[1] + 1_960 * swell * float(np.sin(angle))))
    return corners


def _fields(drawing: Drawing, rng: np.random.Generator) -> None:
    """Draw the country: parcels with furrows, meadows, orchards, gardens."""
    parcels = parted(rng, [(320, 320), (10_680, 320), (10_680, 8_880), (320, 8_880)], 150_000, [])
    for parcel in parcels:
        inner, kind = shrunk(parcel, 9), rng.random()
        if not inner:
            continue
        middle = centre(inner)
        near = min(
            np.hypot(middle[0] - TOWN[0], (middle[1] - TOWN[1]) * 1.2) - 3_300,
            np.hypot(middle[0] - CITADEL[0], middle[1] - CITADEL[1]) - 1_150,
        )
        if near < -200:
            continue
        angle = float(rng.uniform(0, np.pi))
        if kind < 0.42:
            drawing.shape(inner, 2, (244, 232, 196) if rng.random() < 0.5 else (236, 222, 168))
            for a, b in hatched(inner, angle, float(rng.uniform(17, 30))):
                drawing.line([a, b], 2, 105)
        elif kind < 0.74:
            drawing.shape(inner, 2, MEADOW if rng.random() < 0.6 else (216, 222, 178))
            for _ in range(round(area(inner) / 3_400)):
                x, y = middle[0] + float(rng.normal(0, 150)), middle[1] + float(rng.normal(0, 130))
                for blade in (-7, 0, 7):
                    drawing.line([(x + blade, y), (x + blade * 1.5, y - 11)], 2, 130)
        elif kind < 0.88:
            drawing.shape(inner, 2, (214, 224, 176))
            for a, b in hatched(shrunk(inner, 24) or inner, angle, 62):
                for t in np.linspace(0.04, 0.96, max(2, int(np.hypot(b[0] - a[0], b[1] - a[1]) / 62))):
                    drawing.tree(rng, a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, 15)
        else:
            drawing.shape(inner, 2, (226, 220, 176))
            for part in parted(rng, shrunk(inner, 10) or inner, 9_000, []):
                bed = shrunk(part, 6)
                if bed:
                    drawing.shape(bed, 2, GREEN if rng.random() < 0.5 else (232, 214, 160))
                    for a, b in hatched(bed, angle + float(rng.integers(2)) * np.pi / 2, 12):
                        drawing.line([a, b], 1.6, 130)
        if rng.random() < 0.6:
            for a, b in pairwise(inner):
                for t in np.arange(0.02, 1, 46 / max(60.0, float(np.hypot(b[0] - a[0], b[1] - a[1])))):
                    if rng.random() < 0.86:
                        drawing.tree(
                            rng, a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, float(rng.uniform(10, 15))
                        )


def _road(drawing: Drawing, rng: np.random.Generator, points: Sequence[Point], name: str, width: float = 58) -> None:
    """Draw a road between its trees, with its name."""
    line = curve(points)
    drawing.shape(ribbon(line, width), 3, (243, 233, 205))
    for side in (-1, 1):
        verge = ribbon(line, side * (width + 44))[: len(line)]
        for (x0, y0), (x1, y1) in pairwise(verge):
            drawing.tree(rng, (x0 + x1) / 2, (y0 + y1) / 2, 12)
    (xa, ya), (xb, yb) = line[len(line) // 2], line[len(line) // 2 + 8]
    angle = -float(np.degrees(np.arctan2(yb - ya, xb - xa)))
    drawing.text(name, xa, ya, 46, "garamond-italic", angle if abs(angle) <= 90 else angle + 180, halo=True)


def _works(
    drawing: Drawing, corners: Polygon, ditch: float, glacis: float, share: tuple[float, float, float, float]
) -> Polygon:
    """Draw a fortress: glacis with hachures, covered way, wet ditch, ravelins, rampart; return its trace."""
    trace, ravelins, crest = fortress(corners, *share, ditch)
    middle = centre(corners)
    slope = [
        (
            x + (x - middle[0]) / float(np.hypot(x - middle[0], y - middle[1])) * glacis,
            y + (y - middle[1]) / float(np.hypot(x - middle[0], y - middle[1])) * glacis,
        )
        for x, y in crest
    ]
    drawing.shape(slope, 2, (226, 224, 186), wet=0)
    for (a, b), (c, d) in zip(
        zip(crest, crest[1:] + crest[:1], strict=True), zip(slope, slope[1:] + slope[:1], strict=True), strict=True
    ):
        length = float(np.hypot(b[0] - a[0], b[1] - a[1]))
        dark = (b[0] - a[0]) * (middle[1] - a[1]) - (b[1] - a[1]) * (middle[0] - a[0]) > 0
        facing = np.arctan2((a[1] + b[1]) / 2 - middle[1], (a[0] + b[0]) / 2 - middle[0])
        gap = 9.5 if -0.9 < facing < 2.2 and dark else 13
        for step in range(int(length / gap)):
            t, reach = step * gap / length, (0.62, 0.34, 0.5, 0.26)[step % 4]
            x0, y0 = a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t
            x1, y1 = c[0] + (d[0] - c[0]) * t, c[1] + (d[1] - c[1]) * t
            drawing.line([(x0, y0), (x0 + (x1 - x0) * reach, y0 + (y1 - y0) * reach)], 2.4, 190)
    drawing.shape(crest, 5, (243, 226, 178), wet=0)
    drawing.shape(scaled(crest, 1 - 42 / 2_600 if len(corners) > 6 else 0.955, middle), 4, BLUE, wet=255)
    for ravelin in ravelins:
        drawing.shape(ravelin, 5, (214, 208, 158), wet=0)
        drawing.shape(scaled(ravelin, 0.72), 2.5, GREEN)
        for a, b in hatched(scaled(ravelin, 0.66), 0.7, 16):
            drawing.line([a, b], 1.6, 90)
    drawing.shape(trace, 7, STONE, wet=0)
    drawing.line([(x + 5, y + 6) for x, y in [*trace, trace[0]]], 4, 200)
    for inset, width in ((0.986, 2.2), (0.972, 2.2)):
        drawing.line(scaled([*trace, trace[0]], inset, middle), width, 190)
    return trace


def _block(drawing: Drawing, rng: np.random.Generator, block: Polygon) -> None:
    """Draw a block of houses: lots along the streets, courts and gardens behind."""
    shade = int(rng.integers(-10, 11))
    drawing.shape(block, 3.5, (PINK[0], PINK[1] + shade, PINK[2] + shade))
    middle, depth = centre(block), min(46.0, float(np.sqrt(area(block))) * 0.24)
    for (x0, y0), (x1, y1) in zip(block, block[1:] + block[:1], strict=True):
        length = float(np.hypot(x1 - x0, y1 - y0))
        for at in np.arange(float(rng.uniform(18, 34)), length, 27):
            t = at / length
            x, y = x0 + (x1 - x0) * t, y0 + (y1 - y0) * t
            reach = depth / (float(np.hypot(middle[0] - x, middle[1] - y)) or 1)
            drawing.line([(x, y), (x + (middle[0] - x) * reach, y + (middle[1] - y) * reach)], 1.6, 140)
    court = shrunk(block, 46)
    if court and area(court) > 2_500:
        garden = rng.random() < 0.62
        drawing.shape(court, 2, (196, 212, 150) if garden else (246, 236, 212))
        if garden:
            for a, b in hatched(shrunk(court, 8) or court, float(rng.choice([0.3, 1.2, 2.1])), 22):
                for t in np.linspace(0.08, 0.92, max(2, int(np.hypot(b[0] - a[0], b[1] - a[1]) / 24))):
                    drawing.pen.ellipse(
                        [
                            (v * drawing.scale)
                            for v in (
                                a[0] + (b[0] - a[0]) * t - 4,
                                a[1] + (b[1] - a[1]) * t - 4,
                                a[0] + (b[0] - a[0]) * t + 4,
                                a[1] + (b[1] - a[1]) * t + 4,
                            )
                        ],
                        fill=150,
                    )
    for (x0, y0), (x1, y1) in zip(block, block[1:] + block[:1], strict=True):
        if (x0 + x1) / 2 - middle[0] + (y0 + y1) / 2 - middle[1] > 0:
            drawing.line([(x0 + 3, y0 + 3), (x1 + 3, y1 + 3)], 6)


def _church(drawing: Drawing, block: Polygon, number: int) -> None:
    """Draw a church in its close, with its number of the table."""
    drawing.shape(block, 3.5, (246, 228, 200))
    x, y = centre(block)
    size = min(120.0, max(46.0, float(np.sqrt(area(block))) * 0.36))
    plan = [
        (-1, -0.24),
        (-0.2, -0.24),
        (-0.2, -0.62),
        (0.22, -0.62),
        (0.22, -0.24),
        (0.72, -0.24),
        (1, 0),
        (0.72, 0.24),
        (0.22, 0.24),
        (0.22, 0.62),
        (-0.2, 0.62),
        (-0.2, 0.24),
        (-1, 0.24),
    ]
    cross = [(x + px * size, y + py * size) for px, py in plan]
    drawing.shape(cross, 5, (196, 92, 84))
    drawing.line([(x - size, y), (x + size * 0.95, y)], 2)
    drawing.line([(x, y - size * 0.6), (x, y + size * 0.6)], 2)
    drawing.line([(px + 5, py + 6) for px, py in cross[5:13]], 6)
    drawing.text(str(number), x + size * 0.55, y - size * 0.62, 44, "garamond-bold")


def _town(drawing: Drawing, rng: np.random.Generator, corners: Polygon) -> None:
    """Draw the streets, blocks, churches, places and canals inside the walls."""
    drawing.shape(scaled(corners, 0.965), 3, (206, 212, 158))
    walk = scaled(corners, 0.948)
    for a, b in zip(walk, walk[1:] + walk[:1], strict=True):
        for t in np.arange(0, 1, 44 / float(np.hypot(b[0] - a[0], b[1] - a[1]))):
            drawing.tree(rng, a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, 13)
    drawing.shape(scaled(corners, 0.925), 3, (246, 238, 214))
    cuts: list[tuple[Point, Point, int]] = []
    blocks = parted(rng, scaled(corners, 0.918), 34_000, cuts)
    blocks.sort(key=lambda b: (round(centre(b)[1]), round(centre(b)[0])))
    square = min(
        range(len(blocks)),
        key=lambda i: float(np.hypot(centre(blocks[i])[0] - TOWN[0] + 250, centre(blocks[i])[1] - TOWN[1] + 80)),
    )
    candidates = [i for i in range(len(blocks)) if area(blocks[i]) > 26_000 and i != square]
    chosen = {int(i): n for n, i in enumerate(rng.choice(candidates, len(CHURCHES), replace=False), 1)}
    for index, raw in enumerate(blocks):
        block = shrunk(raw, float(rng.uniform(11, 17)))
        if not block or area(block) < 900 or index == square:
            continue
        if index in chosen:
            _church(drawing, block, chosen[index])
        else:
            _block(drawing, rng, block)
    x, y = centre(blocks[square])
    drawing.shape(blocks[square], 0, (248, 240, 216))
    drawing.text("GRANDE PLACE", x, y, 46, "garamond", spacing=8)
    west, north = corners[8], corners[10]
    for points, width in (
        (
            (
                (west[0] - 200, west[1] + 260),
                (4_300, 4_250),
                (4_900, 3_950),
                (5_300, 3_500),
                (north[0] + 500, north[1] - 60),
            ),
            62,
        ),
        (((4_300, 4_250), (4_700, 4_700), (5_150, 5_100), (5_350, 5_700)), 40),
    ):
        canal = curve(points)
        drawing.shape(ribbon(canal, width), 4, BLUE, wet=255)
        for (ax, ay), (bx, by) in list(pairwise(canal))[14::26]:
            ux, uy = -(by - ay), bx - ax
            length = float(np.hypot(ux, uy)) or 1
            ux, uy = ux / length, uy / length
            for side in (-9, 9):
                px, py = (bx - ax) / length * side, (by - ay) / length * side
                drawing.line(
                    [
                        (ax - ux * width * 0.62 + px, ay - uy * width * 0.62 + py),
                        (ax + ux * width * 0.62 + px, ay + uy * width * 0.62 + py),
                    ],
                    3,
                )
    named = sorted(
        (cut for cut in cuts if np.hypot(cut[0][0] - cut[1][0], cut[0][1] - cut[1][1]) > 420), key=lambda cut: cut[2]
    )
    for (a, b, _), street in zip(named, STREETS, strict=False):
        angle = -float(np.degrees(np.arctan2(b[1] - a[1], b[0] - a[0])))
        angle = angle if abs(angle) <= 90 else angle + 180
        drawing.text(
            street, a[0] * 0.56 + b[0] * 0.44, a[1] * 0.56 + b[1] * 0.44, 28, "garamond-italic", angle, halo=True
        )


def _citadel(drawing: Drawing, rng: np.random.Generator) -> None:
    """Draw the citadel: a pentagon of bastions, its barracks about a place of arms."""
    corners = [
        (CITADEL[0] + 660 * float(np.cos(a)), CITADEL[1] + 660 * float(np.sin(a)))
        for a in np.arange(5) * 2 * np.pi / 5 - np.pi / 2 + 0.12
    ]
    _works(drawing, corners, 0.26, 250, (0.22, 0.16, 0.44, 0.42))
    drawing.shape(scaled(corners, 0.9), 3, (214, 214, 164))
    for ring, wide in ((0.74, 64.0), (0.5, 54.0)):
        points = scaled(corners, ring)
        for a, b in zip(points, points[1:] + points[:1], strict=True):
            line = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for t in (0.13, 0.87)]
            block = ribbon(line, wide)
            drawing.shape(block, 4, PINK)
            for t in np.linspace(0.06, 0.94, 13):
                mx, my = line[0][0] + (line[1][0] - line[0][0]) * t, line[0][1] + (line[1][1] - line[0][1]) * t
                nx, ny = -(b[1] - a[1]), b[0] - a[0]
                length = float(np.hypot(nx, ny))
                drawing.line(
                    [
                        (mx - nx / length * wide / 2, my - ny / length * wide / 2),
                        (mx + nx / length * wide / 2, my + ny / length * wide / 2),
                    ],
                    1.8,
                    150,
                )
    place = scaled(corners, 0.3)
    drawing.shape(place, 3, (248, 240, 216))
    for a, b in zip(place, place[1:] + place[:1], strict=True):
        for t in np.arange(0, 1, 0.09):
            drawing.tree(rng, a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, 11)
    drawing.text("PLACE D’ARMES", *CITADEL, 30, "garamond", spacing=4)
    drawing.text("CITADELLE", CITADEL[0], CITADEL[1] - 1_560, 100, "garamond-bold", spacing=30, halo=True)


def draw(scale: float = 1.0) -> Drawing:
    """Draw all of the plan but the paper."""
    rng = np.random.default_rng(1745)
    drawing = Drawing(scale)
    corners = _town_corners(rng)
    _fields(drawing, rng)
    river = curve(((320, 5_420), (900, 5_200), (1_250, 4_750), (1_900, 4_450), (2_700, 4_250), (3_300, 4_350)))
    north = curve(((5_000, 2_700), (4_700, 2_000), (5_050, 1_500), (4_800, 900), (5_150, 320)))
    for line, width in (
        (river, 150.0),
        (north, 140.0),
        (curve(((3_600, 3_700), (3_300, 3_300), (3_000, 3_000))), 110.0),
        (curve(((320, 1_000), (900, 1_500), (1_500, 2_000))), 60.0),
    ):
        drawing.shape(ribbon(line, width), 4, BLUE, wet=255)
    gates = [corners[i] for i in (7, 9, 10, 11, 13, 1, 3, 5)]
    ends = (
        (320, 3_950),
        (3_300, 320),
        (6_050, 320),
        (7_500, 320),
        (10_680, 4_150),
        (10_680, 6_650),
        (7_300, 8_880),
        (3_150, 8_880),
    )
    names = (
        "Chemin de la Barre",
        "Chemin d’Ypres",
        "Chemin de Gand",
        "Chemin de Courtray",
        "Chemin de Roubaix",
        "Chemin de Tournay",
        "Chemin de Douay et de Paris",
        "Chemin d’Arras",
    )
    for gate, end, name in zip(gates[1:], ends[1:], names[1:], strict=True):
        bend = ((gate[0] + end[0]) / 2 + float(rng.normal(0, 130)), (gate[1] + end[1]) / 2 + float(rng.normal(0, 130)))
        _road(drawing, rng, [gate, bend, end], name)
    _works(drawing, corners, 0.24, 300, (0.22, 0.16, 0.36, 0.34))
    _town(drawing, rng, corners)
    for letter, gate in zip("ABCDEFGH", gates, strict=True):
        x, y = TOWN[0] + (gate[0] - TOWN[0]) * 1.04, TOWN[1] + (gate[1] - TOWN[1]) * 1.04
        drawing.text(letter, x, y, 76, "garamond-bold", halo=True)
    _citadel(drawing, rng)
    esplanade = [(3_420.0, 3_250.0), (4_020.0, 2_950.0), (4_060.0, 3_020.0), (3_460.0, 3_320.0)]
    drawing.text("ESPLANADE", 3_720, 3_110, 52, "garamond", 26, 12, halo=True)
    for a, b in ((esplanade[0], esplanade[1]), (esplanade[3], esplanade[2])):
        for t in np.arange(0, 1.01, 0.055):
            drawing.tree(rng, a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, 14)
    for name, x, y, angle in (
        ("FAUXBOURG DE FIVES", 9_500, 5_250, -8),
        ("FAUXBOURG DES MALADES", 6_400, 8_160, 3),
        ("FAUXBOURG NOTRE-DAME", 3_650, 7_700, 14),
        ("FAUXBOURG SAINT-MAURICE", 8_900, 3_320, -16),
        ("WAZEMMES", 3_050, 6_300, 0),
    ):
        drawing.text(name, x, y, 92, "garamond-bold", angle, 20, halo=True)
    drawing.text("La Haute Deûle", 1_080, 5_130, 52, "garamond-italic", 33, halo=True)
    drawing.text("La Basse Deûle", 4_900, 1_120, 52, "garamond-italic", 60, halo=True)
    for x, y in (
        (8_300, 7_400),
        (8_620, 7_560),
        (8_950, 7_380),
        (8_480, 6_950),
        (7_700, 7_300),
        (7_950, 7_700),
        (3_000, 5_300),
        (2_780, 5_480),
        (10_250, 5_700),
        (6_700, 1_150),
        (6_950, 900),
    ):
        mill(drawing, x, y)
    watered(drawing)
    cartouche(drawing)
    table(drawing)
    rose(drawing, 9_650, 8_020, 520)
    for x0, y0, x1, y1 in (
        (0.0, 0.0, 320.0, SIZE[1]),
        (SIZE[0] - 320, 0, SIZE[0], SIZE[1]),
        (0, 0, SIZE[0], 320),
        (0, SIZE[1] - 320, SIZE[0], SIZE[1]),
    ):
        drawing.shape([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], 0, (255, 255, 255))
    for inset, width in ((250, 14), (290, 4), (320, 4)):
        drawing.line(
            [
                (inset, inset),
                (SIZE[0] - inset, inset),
                (SIZE[0] - inset, SIZE[1] - inset),
                (inset, SIZE[1] - inset),
                (inset, inset),
            ],
            width,
        )
    for step in range(60):
        for box in (
            (320 + step * 172.6, 290, 320 + step * 172.6 + 86, 320),
            (320 + step * 172.6, SIZE[1] - 320, 320 + step * 172.6 + 86, SIZE[1] - 290),
        ):
            drawing.pen.rectangle([v * drawing.scale for v in box], fill=225)
    drawing.text(
        "Document de démonstration, dessiné pour Vitrine", SIZE[0] - 1_500, SIZE[1] - 205, 40, "garamond-italic"
    )
    return drawing


def _pooled(drawing: Drawing, rng: np.random.Generator) -> Image.Image:
    """Return the washes as water-colour dries: uneven, darker at the edges of each patch."""
    wash = drawing.wash.filter(ImageFilter.GaussianBlur(0.8))
    soft = wash.filter(ImageFilter.GaussianBlur(5 * max(drawing.scale, 0.25)))
    width, height = wash.size
    drift = np.asarray(noise(rng, width, height, 60, 4).resize((width, height)), dtype=np.float32)[:, :, None]
    flat, blurred = np.asarray(wash, dtype=np.float32), np.asarray(soft, dtype=np.float32)
    mixed = flat - np.clip(blurred - flat, 0, 60) * 0.28
    density = np.clip(0.74 + 0.13 * drift, 0.35, 1.15)
    return Image.fromarray(np.clip(255 - (255 - mixed) * density, 0, 255).astype(np.uint8))


def sheet(scale: float = 1.0) -> Image.Image:
    """Return the scanned plan (RGB)."""
    drawing = draw(scale)
    rng = np.random.default_rng(17_450)
    colour = _pooled(drawing, rng)
    base = Image.new("RGB", colour.size, SHEET.colour)
    under = ImageChops.multiply(base, colour)
    edge, (width, height) = round(70 * scale), drawing.ink.size
    ink = Ink(bleed(drawing.ink, max(0.45, 1.1 * scale), 1.25), (52, 42, 36), 0.86, 0.1)
    del drawing  # 100 MB that the next step can use
    return scan(
        rng, (width, height), (edge, edge, width - edge, height - edge), SHEET, [ink], under=under, felt=(58, 56, 54)
    )
