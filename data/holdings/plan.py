"""The plan of Lille about 1745: fortress, citadel, streets, fields, cartouche; 11 000 x 9 200 pixels at scale 1.

Lines are drawn in one layer at full size, washes of colour at a quarter of it; both meet on laid paper in strips, so
that 101 megapixels need little memory. Coordinates are those of scale 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from data.holdings.fonts import font
from data.holdings.ground import Point, Polygon, area, centre, fortress, hatched, parted, scaled, shrunk
from data.holdings.paper import Colour, Ink, Stock, bleed, enlarge, noise, scan

SIZE = (11_000, 9_200)
SHEET = Stock(colour=(240, 231, 208), mottle=0.03, grain=0.016, yellowing=1.0, foxing=70, laid=0.004, folds_down=(0.5,), folds_across=(0.25, 0.5, 0.75))
TOWN, CITADEL = (5_750.0, 4_750.0), (2_380.0, 2_700.0)
PINK, GREEN, MEADOW, OCHRE, BLUE, STONE = (238, 178, 158), (176, 196, 132), (206, 216, 160), (232, 205, 140), (150, 190, 200), (222, 205, 172)
CHURCHES = ("Collégiale Saint-Pierre", "Saint-Étienne", "Saint-Maurice", "Sainte-Catherine", "Saint-Sauveur", "La Madeleine", "Saint-André",
            "Les Dominicains", "Les Récollets", "Les Augustins", "Les Minimes", "Hôpital Comtesse", "Hospice Gantois", "Hôtel de ville, palais Rihour",
            "La Bourse", "L’Arsenal", "Magasin au bled", "Mont-de-Piété", "Hôtel de l’Intendance", "Le Gouvernement")
GATES = ("Porte de la Barre", "Porte Saint-André", "Porte d’Eau", "Porte de Gand", "Porte Saint-Maurice", "Porte de Fives", "Porte des Malades", "Porte Notre-Dame")
STREETS = ("Rue Royale", "Rue Esquermoise", "Rue de la Barre", "Rue des Malades", "Rue de Fives", "Rue Saint-Sauveur", "Rue du Molinel", "Rue de Béthune", "Rue Basse",
           "Rue Grande Chaussée", "Rue des Arts", "Rue de Courtray", "Rue Saint-Jacques", "Rue de la Monnoye", "Rue des Jésuites", "Rue de l’ABC", "Rue du Curé Saint-Étienne",
           "Rue d’Amiens", "Rue de Tenremonde", "Rue du Plat", "Rue Négrier", "Rue Princesse", "Rue de Gand", "Rue à Fiens", "Rue du Croquet", "Rue des Tours")


@dataclass
class Drawing:
    """The plan while it is drawn: ink at full size, washes at a quarter, water at a quarter."""

    scale: float
    ink: Image.Image = field(init=False)
    wash: Image.Image = field(init=False)
    water: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        size = (round(SIZE[0] * self.scale), round(SIZE[1] * self.scale))
        quarter = (-(-size[0] // 4), -(-size[1] // 4))
        self.ink = Image.new("L", size, 0)
        self.wash = Image.new("RGB", quarter, (255, 255, 255))
        self.water = Image.new("L", quarter, 0)
        self.pen, self.brush, self.flood = ImageDraw.Draw(self.ink), ImageDraw.Draw(self.wash), ImageDraw.Draw(self.water)

    def at(self, points: Sequence[Point], share: float = 1.0) -> list[Point]:
        """Return points in pixels of a layer."""
        return [(x * self.scale * share, y * self.scale * share) for x, y in points]

    def line(self, points: Sequence[Point], width: float = 3, tone: int = 235) -> None:
        """Draw a line."""
        self.pen.line(self.at(points), fill=tone, width=max(1, round(width * self.scale)), joint="curve")

    def shape(self, polygon: Polygon, width: float = 3, colour: Colour | None = None, wet: int | None = None, clear: bool = True) -> None:
        """Draw a closed shape: what was there is rubbed out, the wash laid, the outline drawn."""
        if clear:
            self.pen.polygon(self.at(polygon), fill=0)
        if colour is not None:
            self.brush.polygon(self.at(polygon, 0.25), fill=colour)
        if wet is not None:
            self.flood.polygon(self.at(polygon, 0.25), fill=wet)
        if width:
            self.line([*polygon, polygon[0]], width)

    def text(self, said: str, x: float, y: float, size: float, face: str = "garamond", angle: float = 0.0, spacing: float = 0.0, anchor: str = "mm", halo: bool = False) -> float:
        """Write text about a point; return its width in coordinates of scale 1."""
        pixels = max(5, round(size * self.scale))
        cut = font(face, pixels)
        gap = spacing * self.scale
        total = sum(cut.getlength(letter) + gap for letter in said) if gap else cut.getlength(said)
        side = round(total) + pixels * 2
        tile = Image.new("L", (side, pixels * 3), 0)
        pen, at = ImageDraw.Draw(tile), float(pixels)
        if gap:
            for letter in said:
                pen.text((at, pixels * 1.5), letter, fill=245, font=cut, anchor="lm")
                at += cut.getlength(letter) + gap
        else:
            pen.text((at, pixels * 1.5), said, fill=245, font=cut, anchor="lm")
        if angle:
            tile = tile.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
        offset = {"mm": -tile.width / 2, "lm": -float(pixels), "rm": -tile.width + float(pixels)}[anchor]
        place = (round(x * self.scale + offset), round(y * self.scale - tile.height / 2))
        box = (*place, place[0] + tile.width, place[1] + tile.height)
        if halo:
            around = tile.resize((max(1, tile.width // 4), max(1, tile.height // 4))).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(2))
            mask = around.resize(tile.size).point([min(255, value * 5) for value in range(256)])
            self.ink.paste(0, place, mask)
        self.ink.paste(ImageChops.lighter(self.ink.crop(box), tile), place)
        return total / self.scale

    def tree(self, rng: np.random.Generator, x: float, y: float, r: float) -> None:
        """Draw a tree as surveyors did: a crown lit from the left, its shadow on the ground."""
        px, py, pr = x * self.scale, y * self.scale, r * self.scale
        if pr < 1.2:
            self.pen.point((px, py), fill=200)
            return
        self.pen.ellipse((px - pr * 0.2, py + pr * 0.5, px + pr * 1.7, py + pr * 1.15), fill=120)
        self.pen.ellipse((px - pr, py - pr, px + pr, py + pr), fill=0, outline=225, width=max(1, round(2 * self.scale)))
        for step in range(3):
            bend = pr * (0.35 + 0.22 * step)
            self.pen.arc((px - bend, py - bend, px + bend, py + bend), -50, 80, fill=215, width=max(1, round(2 * self.scale)))
        self.brush.ellipse(((x - r) * self.scale / 4, (y - r) * self.scale / 4, (x + r) * self.scale / 4, (y + r) * self.scale / 4), fill=(146, 174, 104))


def _curve(points: Sequence[Point], steps: int = 24) -> list[Point]:
    """Return a smooth line through points (Catmull-Rom)."""
    whole = [points[0], *points, points[-1]]
    out: list[Point] = []
    for a, b, c, d in zip(whole, whole[1:], whole[2:], whole[3:], strict=False):
        for step in range(steps):
            t = step / steps
            weights = (-0.5 * t + t * t - 0.5 * t**3, 1 - 2.5 * t * t + 1.5 * t**3, 0.5 * t + 2 * t * t - 1.5 * t**3, -0.5 * t * t + 0.5 * t**3)
            out.append((sum(w * p[0] for w, p in zip(weights, (a, b, c, d), strict=True)), sum(w * p[1] for w, p in zip(weights, (a, b, c, d), strict=True))))
    return [*out, points[-1]]


def _ribbon(line: Sequence[Point], width: float) -> Polygon:
    """Return a band about a line."""
    left: Polygon = []
    right: Polygon = []
    for index, (x, y) in enumerate(line):
        x0, y0 = line[max(0, index - 1)]
        x1, y1 = line[min(len(line) - 1, index + 1)]
        length = float(np.hypot(x1 - x0, y1 - y0)) or 1.0
        nx, ny = -(y1 - y0) / length * width / 2, (x1 - x0) / length * width / 2
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


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
        near = min(np.hypot(middle[0] - TOWN[0], (middle[1] - TOWN[1]) * 1.2) - 3_300, np.hypot(middle[0] - CITADEL[0], middle[1] - CITADEL[1]) - 1_150)
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
            for a, b in zip(inner, inner[1:], strict=False):
                for t in np.arange(0.02, 1, 46 / max(60.0, float(np.hypot(b[0] - a[0], b[1] - a[1])))):
                    if rng.random() < 0.86:
                        drawing.tree(rng, a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, float(rng.uniform(10, 15)))


def _road(drawing: Drawing, rng: np.random.Generator, points: Sequence[Point], name: str, width: float = 58) -> None:
    """Draw a road between its trees, with its name."""
    line = _curve(points)
    drawing.shape(_ribbon(line, width), 3, (243, 233, 205))
    for side in (-1, 1):
        verge = _ribbon(line, side * (width + 44))[: len(line)]
        for (x0, y0), (x1, y1) in zip(verge, verge[1:], strict=False):
            drawing.tree(rng, (x0 + x1) / 2, (y0 + y1) / 2, 12)
    (xa, ya), (xb, yb) = line[len(line) // 2], line[len(line) // 2 + 8]
    angle = -float(np.degrees(np.arctan2(yb - ya, xb - xa)))
    drawing.text(name, xa, ya, 46, "garamond-italic", angle if abs(angle) <= 90 else angle + 180, halo=True)


def _works(drawing: Drawing, corners: Polygon, ditch: float, glacis: float, share: tuple[float, float, float, float]) -> Polygon:
    """Draw a fortress: glacis with hachures, covered way, wet ditch, ravelins, rampart; return its trace."""
    trace, ravelins, crest = fortress(corners, *share, ditch)
    middle = centre(corners)
    slope = [(x + (x - middle[0]) / float(np.hypot(x - middle[0], y - middle[1])) * glacis, y + (y - middle[1]) / float(np.hypot(x - middle[0], y - middle[1])) * glacis) for x, y in crest]
    drawing.shape(slope, 2, (226, 224, 186), wet=0)
    for (a, b), (c, d) in zip(zip(crest, crest[1:] + crest[:1], strict=True), zip(slope, slope[1:] + slope[:1], strict=True), strict=True):
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
                    drawing.pen.ellipse([(v * drawing.scale) for v in (a[0] + (b[0] - a[0]) * t - 4, a[1] + (b[1] - a[1]) * t - 4, a[0] + (b[0] - a[0]) * t + 4, a[1] + (b[1] - a[1]) * t + 4)], fill=150)
    for (x0, y0), (x1, y1) in zip(block, block[1:] + block[:1], strict=True):
        if (x0 + x1) / 2 - middle[0] + (y0 + y1) / 2 - middle[1] > 0:
            drawing.line([(x0 + 3, y0 + 3), (x1 + 3, y1 + 3)], 6)


def _church(drawing: Drawing, block: Polygon, number: int) -> None:
    """Draw a church in its close, with its number of the table."""
    drawing.shape(block, 3.5, (246, 228, 200))
    x, y = centre(block)
    size = min(120.0, max(46.0, float(np.sqrt(area(block))) * 0.36))
    plan = [(-1, -0.24), (-0.2, -0.24), (-0.2, -0.62), (0.22, -0.62), (0.22, -0.24), (0.72, -0.24), (1, 0), (0.72, 0.24), (0.22, 0.24), (0.22, 0.62), (-0.2, 0.62), (-0.2, 0.24), (-1, 0.24)]
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
    square = min(range(len(blocks)), key=lambda i: float(np.hypot(centre(blocks[i])[0] - TOWN[0] + 250, centre(blocks[i])[1] - TOWN[1] + 80)))
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
    for points, width in ((((west[0] - 200, west[1] + 260), (4_300, 4_250), (4_900, 3_950), (5_300, 3_500), (north[0] + 500, north[1] - 60)), 62),
                          (((4_300, 4_250), (4_700, 4_700), (5_150, 5_100), (5_350, 5_700)), 40)):
        canal = _curve(points)
        drawing.shape(_ribbon(canal, width), 4, BLUE, wet=255)
        for (ax, ay), (bx, by) in list(zip(canal, canal[1:], strict=False))[14::26]:
            ux, uy = -(by - ay), bx - ax
            length = float(np.hypot(ux, uy)) or 1
            ux, uy = ux / length, uy / length
            for side in (-9, 9):
                px, py = (bx - ax) / length * side, (by - ay) / length * side
                drawing.line([(ax - ux * width * 0.62 + px, ay - uy * width * 0.62 + py), (ax + ux * width * 0.62 + px, ay + uy * width * 0.62 + py)], 3)
    named = sorted((cut for cut in cuts if np.hypot(cut[0][0] - cut[1][0], cut[0][1] - cut[1][1]) > 420), key=lambda cut: cut[2])
    for (a, b, _), street in zip(named, STREETS, strict=False):
        angle = -float(np.degrees(np.arctan2(b[1] - a[1], b[0] - a[0])))
        angle = angle if abs(angle) <= 90 else angle + 180
        drawing.text(street, a[0] * 0.56 + b[0] * 0.44, a[1] * 0.56 + b[1] * 0.44, 28, "garamond-italic", angle, halo=True)


def _citadel(drawing: Drawing, rng: np.random.Generator) -> None:
    """Draw the citadel: a pentagon of bastions, its barracks about a place of arms."""
    corners = [(CITADEL[0] + 660 * float(np.cos(a)), CITADEL[1] + 660 * float(np.sin(a))) for a in np.arange(5) * 2 * np.pi / 5 - np.pi / 2 + 0.12]
    _works(drawing, corners, 0.26, 250, (0.22, 0.16, 0.44, 0.42))
    drawing.shape(scaled(corners, 0.9), 3, (214, 214, 164))
    for ring, wide in ((0.74, 64.0), (0.5, 54.0)):
        points = scaled(corners, ring)
        for a, b in zip(points, points[1:] + points[:1], strict=True):
            line = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for t in (0.13, 0.87)]
            block = _ribbon(line, wide)
            drawing.shape(block, 4, PINK)
            for t in np.linspace(0.06, 0.94, 13):
                mx, my = line[0][0] + (line[1][0] - line[0][0]) * t, line[0][1] + (line[1][1] - line[0][1]) * t
                nx, ny = -(b[1] - a[1]), b[0] - a[0]
                length = float(np.hypot(nx, ny))
                drawing.line([(mx - nx / length * wide / 2, my - ny / length * wide / 2), (mx + nx / length * wide / 2, my + ny / length * wide / 2)], 1.8, 150)
    place = scaled(corners, 0.3)
    drawing.shape(place, 3, (248, 240, 216))
    for a, b in zip(place, place[1:] + place[:1], strict=True):
        for t in np.arange(0, 1, 0.09):
            drawing.tree(rng, a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, 11)
    drawing.text("PLACE D’ARMES", *CITADEL, 30, "garamond", spacing=4)
    drawing.text("CITADELLE", CITADEL[0], CITADEL[1] - 1_560, 100, "garamond-bold", spacing=30, halo=True)


def _watered(drawing: Drawing) -> None:
    """Draw lines along the banks of all water, as engravers do."""
    soft = np.asarray(drawing.water.filter(ImageFilter.GaussianBlur(11 * max(drawing.scale, 0.2))), dtype=np.float32) / 255
    levels = np.sqrt(np.clip(soft - 0.5, 0, 0.5) * 2) * 4.5
    slopes = np.gradient(levels)
    depth, slope = Image.fromarray(levels), Image.fromarray(np.hypot(slopes[0], slopes[1]) * 0.55)
    wet = drawing.water.convert("F")
    width, height = drawing.ink.size
    for top in range(0, height, 512):
        bottom = min(top + 512, height)
        if drawing.water.crop((0, top // 4, drawing.water.width, bottom // 4)).getbbox() is None:
            continue
        level, inside = enlarge(depth, width, top, bottom, height), enlarge(wet, width, top, bottom, height)
        lines = (np.abs(level - np.round(level)) < enlarge(slope, width, top, bottom, height)) & (inside > 140) & (level > 0.5) & (level < 4.2)
        old = drawing.ink.crop((0, top, width, bottom))
        drawing.ink.paste(ImageChops.lighter(old, Image.fromarray(lines.astype(np.uint8) * 150)), (0, top))


def _rose(drawing: Drawing, x: float, y: float, r: float) -> None:
    """Draw a compass rose of thirty-two points; the lily marks the north."""
    drawing.pen.ellipse([v * drawing.scale for v in (x - r * 1.22, y - r * 1.22, x + r * 1.22, y + r * 1.22)], fill=0)
    drawing.brush.ellipse([v * drawing.scale / 4 for v in (x - r * 1.22, y - r * 1.22, x + r * 1.22, y + r * 1.22)], fill=(248, 241, 220))
    for ring, width in ((1.0, 3), (0.96, 2), (0.62, 3), (0.6, 2)):
        drawing.pen.ellipse([v * drawing.scale for v in (x - r * ring, y - r * ring, x + r * ring, y + r * ring)], outline=225, width=max(1, round(width * drawing.scale)))
    for count, reach, waist, colour in ((16, 0.6, 0.10, (236, 214, 160)), (8, 0.8, 0.14, (176, 196, 190)), (4, 1.0, 0.17, (206, 110, 90))):
        for index in range(count):
            a = index * 2 * np.pi / count + (np.pi / count if count == 16 else 0)
            tip = (x + r * reach * float(np.sin(a)), y - r * reach * float(np.cos(a)))
            for side in (-1, 1):
                corner = (x + r * waist * float(np.sin(a + side * np.pi / 4)), y - r * waist * float(np.cos(a + side * np.pi / 4)))
                drawing.shape([(x, y), corner, tip], 2.4, colour if side < 0 else (250, 246, 230))
                if side > 0:
                    for t in np.linspace(0.08, 0.95, 22):
                        p = (x + (tip[0] - x) * t, y + (tip[1] - y) * t)
                        q = (corner[0] + (tip[0] - corner[0]) * t, corner[1] + (tip[1] - corner[1]) * t)
                        drawing.line([p, q], 1.6, 170)
    for name, dx, dy in (("N", 0, -1.13), ("E", 1.13, 0), ("S", 0, 1.13), ("O", -1.13, 0)):
        drawing.text(name, x + dx * r, y + dy * r, r * 0.2, "garamond-bold")


def _scroll(drawing: Drawing, x: float, y: float, r: float, turn: int, start: float) -> None:
    """Draw an acanthus scroll."""
    for width, shift in ((8, 0.0), (3, 14.0), (3, 26.0)):
        points = []
        for step in range(70):
            t = step / 69
            radius = (r - shift) * (1 - 0.86 * t)
            angle = start + turn * t * 4.4 * np.pi / 2
            points.append((x + radius * float(np.cos(angle)), y + radius * float(np.sin(angle))))
        drawing.line(points, width)
    for leaf in range(7):
        a = start + turn * leaf * 0.33
        bx, by = x + r * float(np.cos(a)), y + r * float(np.sin(a))
        tip = (x + r * 1.36 * float(np.cos(a - turn * 0.16)), y + r * 1.36 * float(np.sin(a - turn * 0.16)))
        after = (x + r * float(np.cos(a + turn * 0.3)), y + r * float(np.sin(a + turn * 0.3)))
        drawing.shape([(bx, by), tip, after], 3, (222, 196, 140))


def _cartouche(drawing: Drawing, rng: np.random.Generator) -> None:
    """Draw the title in its frame, with the arms of the town and the scale."""
    x, y, w, h = 9_060.0, 1_560.0, 1_330.0, 960.0
    outline = [(x + w * np.sign(np.cos(a)) * abs(np.cos(a)) ** 0.55, y + h * np.sign(np.sin(a)) * abs(np.sin(a)) ** 0.6) for a in np.linspace(0, 2 * np.pi, 120)]
    drawing.shape([(float(px) , float(py)) for px, py in scaled(outline, 1.09, (x, y))], 9, (226, 202, 150), wet=0)
    drawing.shape([(float(px), float(py)) for px, py in scaled(outline, 1.05, (x, y))], 3, (238, 220, 176))
    drawing.shape([(float(px), float(py)) for px, py in outline], 6, (250, 244, 226))
    drawing.line(scaled(outline, 0.975, (x, y)), 2)
    for sx in (-1, 1):
        for sy in (-1, 1):
            _scroll(drawing, x + sx * w * 0.97, y + sy * h * 0.93, 170, -sx * sy, np.pi / 2 * (1 + sy) if sx > 0 else np.pi / 2 * (1 - sy) + np.pi)
    ax, ay, s = x, y - h * 1.02, 150.0
    shield = [(ax - s, ay - s), (ax + s, ay - s), (ax + s, ay + s * 0.3), (ax + s * 0.6, ay + s * 0.9), (ax, ay + s * 1.25), (ax - s * 0.6, ay + s * 0.9), (ax - s, ay + s * 0.3)]
    drawing.shape(scaled(shield, 1.2, (ax, ay)), 6, (232, 206, 140))
    drawing.shape(shield, 6, (190, 66, 62))
    petal = [(0, -0.8), (0.2, -0.35), (0.14, 0.1), (0.5, -0.35), (0.72, -0.05), (0.5, 0.2), (0.2, 0.25), (0.2, 0.4), (0.12, 0.85), (-0.12, 0.85), (-0.2, 0.4), (-0.2, 0.25), (-0.5, 0.2), (-0.72, -0.05), (-0.5, -0.35), (-0.14, 0.1), (-0.2, -0.35)]
    drawing.shape([(ax + px * s, ay + py * s) for px, py in petal], 4, (250, 246, 230))
    lines = (("PLAN", 190, "garamond", 46), ("de la Ville et Citadelle", 128, "garamond-italic", 0), ("DE LILLE", 226, "garamond", 40), ("Capitale de la Flandre Françoise,", 104, "garamond-italic", 0),
             ("avec ses Fauxbourgs et Environs", 96, "garamond-italic", 0), ("levé et lavé en 1745", 82, "garamond", 0))
    at = y - h * 0.60
    for said, size, face, spacing in lines:
        at += size * 0.62
        drawing.text(said, x, at, size, face, spacing=spacing)
        at += size * 0.62
    left, bar, base = x - 840, 1_680, y + h * 0.76
    drawing.text("Échelle de trois cents Toises", x, base - 66, 58, "garamond-italic")
    for step in range(6):
        x0 = left + bar * step / 6
        box = [(x0, base), (x0 + bar / 6, base), (x0 + bar / 6, base + 26), (x0, base + 26)]
        drawing.shape(box, 3)
        if step % 2 == 0:
            drawing.pen.rectangle([v * drawing.scale for v in (x0, base, x0 + bar / 6, base + 13)], fill=235)
        else:
            drawing.pen.rectangle([v * drawing.scale for v in (x0, base + 13, x0 + bar / 6, base + 26)], fill=235)
        drawing.text(str(step * 50), x0, base + 62, 40)
    drawing.text("300", left + bar, base + 62, 40)


def _table(drawing: Drawing) -> None:
    """Write the table of references."""
    x, y, w, h = 420.0, 5_900.0, 2_080.0, 2_880.0
    drawing.shape([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], 7, (250, 244, 226), wet=0)
    drawing.line([(x + 22, y + 22), (x + w - 22, y + 22), (x + w - 22, y + h - 22), (x + 22, y + h - 22), (x + 22, y + 22)], 2)
    drawing.text("RENVOIS", x + w / 2, y + 130, 104, "garamond", spacing=24)
    drawing.text("Églises, hôpitaux et lieux publics", x + w / 2, y + 250, 62, "garamond-italic")
    for index, name in enumerate(CHURCHES):
        row = y + 372 + index * 92
        drawing.text(str(index + 1), x + 190, row, 56, "garamond-bold", anchor="rm")
        drawing.text(name, x + 240, row, 66, "garamond", anchor="lm")
    drawing.text("Portes", x + w / 2, y + 372 + len(CHURCHES) * 92 + 30, 72, "garamond-italic")
    for index, name in enumerate(GATES):
        row = y + 372 + len(CHURCHES) * 92 + 140 + (index % 4) * 90
        left = x + 150 + (index // 4) * 960
        drawing.text("ABCDEFGH"[index], left + 40, row, 56, "garamond-bold", anchor="rm")
        drawing.text(name, left + 84, row, 54, "garamond", anchor="lm")


def _mill(drawing: Drawing, x: float, y: float) -> None:
    """Draw a windmill."""
    drawing.shape([(x - 26, y + 34), (x - 16, y - 26), (x + 16, y - 26), (x + 26, y + 34)], 3, (222, 196, 150))
    drawing.shape([(x - 20, y - 26), (x, y - 48), (x + 20, y - 26)], 3, (170, 96, 80))
    for dx, dy in ((1, 1), (-1, 1)):
        drawing.line([(x - dx * 52, y - 24 - dy * 52), (x + dx * 52, y - 24 + dy * 52)], 4)
        for t in (-1, 1):
            drawing.shape([(x + t * dx * 16, y - 24 + t * dy * 16), (x + t * dx * 52, y - 24 + t * dy * 52), (x + t * dx * 52 + dy * 16, y - 24 + t * dy * 52 - dx * 16), (x + t * dx * 16 + dy * 16, y - 24 + t * dy * 16 - dx * 16)], 2, clear=False)


def draw(scale: float = 1.0) -> Drawing:
    """Draw all of the plan but the paper."""
    rng = np.random.default_rng(1745)
    drawing = Drawing(scale)
    corners = _town_corners(rng)
    _fields(drawing, rng)
    river = _curve(((320, 5_420), (900, 5_200), (1_250, 4_750), (1_900, 4_450), (2_700, 4_250), (3_300, 4_350)))
    north = _curve(((5_000, 2_700), (4_700, 2_000), (5_050, 1_500), (4_800, 900), (5_150, 320)))
    for line, width in ((river, 150.0), (north, 140.0), (_curve(((3_600, 3_700), (3_300, 3_300), (3_000, 3_000))), 110.0), (_curve(((320, 1_000), (900, 1_500), (1_500, 2_000))), 60.0)):
        drawing.shape(_ribbon(line, width), 4, BLUE, wet=255)
    gates = [corners[i] for i in (7, 9, 10, 11, 13, 1, 3, 5)]
    ends = ((320, 3_950), (3_300, 320), (6_050, 320), (7_500, 320), (10_680, 4_150), (10_680, 6_650), (7_300, 8_880), (3_150, 8_880))
    names = ("Chemin de la Barre", "Chemin d’Ypres", "Chemin de Gand", "Chemin de Courtray", "Chemin de Roubaix", "Chemin de Tournay", "Chemin de Douay et de Paris", "Chemin d’Arras")
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
    for name, x, y, angle in (("FAUXBOURG DE FIVES", 9_500, 5_250, -8), ("FAUXBOURG DES MALADES", 6_400, 8_160, 3), ("FAUXBOURG NOTRE-DAME", 3_650, 7_700, 14), ("FAUXBOURG SAINT-MAURICE", 8_900, 3_320, -16), ("WAZEMMES", 3_050, 6_300, 0)):
        drawing.text(name, x, y, 92, "garamond-bold", angle, 20, halo=True)
    drawing.text("La Haute Deûle", 1_080, 5_130, 52, "garamond-italic", 33, halo=True)
    drawing.text("La Basse Deûle", 4_900, 1_120, 52, "garamond-italic", 60, halo=True)
    for x, y in ((8_300, 7_400), (8_620, 7_560), (8_950, 7_380), (8_480, 6_950), (7_700, 7_300), (7_950, 7_700), (3_000, 5_300), (2_780, 5_480), (10_250, 5_700), (6_700, 1_150), (6_950, 900)):
        _mill(drawing, x, y)
    _watered(drawing)
    _cartouche(drawing, rng)
    _table(drawing)
    _rose(drawing, 9_650, 8_020, 520)
    for x0, y0, x1, y1 in ((0, 0, 320, SIZE[1]), (SIZE[0] - 320, 0, SIZE[0], SIZE[1]), (0, 0, SIZE[0], 320), (0, SIZE[1] - 320, SIZE[0], SIZE[1])):
        drawing.shape([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], 0, (255, 255, 255))
    for inset, width in ((250, 14), (290, 4), (320, 4)):
        drawing.line([(inset, inset), (SIZE[0] - inset, inset), (SIZE[0] - inset, SIZE[1] - inset), (inset, SIZE[1] - inset), (inset, inset)], width)
    for step in range(60):
        for x0, y0, x1, y1 in ((320 + step * 172.6, 290, 320 + step * 172.6 + 86, 320), (320 + step * 172.6, SIZE[1] - 320, 320 + step * 172.6 + 86, SIZE[1] - 290)):
            drawing.pen.rectangle([v * drawing.scale for v in (x0, y0, x1, y1)], fill=225)
    drawing.text("Document de démonstration, dessiné pour Vitrine", SIZE[0] - 1_500, SIZE[1] - 205, 40, "garamond-italic")
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
    return scan(rng, (width, height), (edge, edge, width - edge, height - edge), SHEET, [ink], under=under, felt=(58, 56, 54))
