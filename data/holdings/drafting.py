"""Drafting: the layers of a plan while it is drawn (ink at full size, washes and water at a quarter), lines and ribbons."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from data.holdings.fonts import font
from data.holdings.ground import Point, Polygon
from data.holdings.paper import Colour

SIZE = (11_000, 9_200)


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
        self.pen, self.brush, self.flood = (
            ImageDraw.Draw(self.ink),
            ImageDraw.Draw(self.wash),
            ImageDraw.Draw(self.water),
        )

    def at(self, points: Sequence[Point], share: float = 1.0) -> list[Point]:
        """Return points in pixels of a layer."""
        return [(x * self.scale * share, y * self.scale * share) for x, y in points]

    def line(self, points: Sequence[Point], width: float = 3, tone: int = 235) -> None:
        """Draw a line."""
        self.pen.line(self.at(points), fill=tone, width=max(1, round(width * self.scale)), joint="curve")

    def shape(
        self,
        polygon: Polygon,
        width: float = 3,
        colour: Colour | None = None,
        wet: int | None = None,
        clear: bool = True,
    ) -> None:
        """Draw a closed shape: what was there is rubbed out, the wash laid, the outline drawn."""
        if clear:
            self.pen.polygon(self.at(polygon), fill=0)
        if colour is not None:
            self.brush.polygon(self.at(polygon, 0.25), fill=colour)
        if wet is not None:
            self.flood.polygon(self.at(polygon, 0.25), fill=wet)
        if width:
            self.line([*polygon, polygon[0]], width)

    def text(
        self,
        said: str,
        x: float,
        y: float,
        size: float,
        face: str = "garamond",
        angle: float = 0.0,
        spacing: float = 0.0,
        anchor: str = "mm",
        halo: bool = False,
    ) -> float:
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
            around = (
                tile.resize((max(1, tile.width // 4), max(1, tile.height // 4)))
                .filter(ImageFilter.MaxFilter(5))
                .filter(ImageFilter.GaussianBlur(2))
            )
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
            self.pen.arc(
                (px - bend, py - bend, px + bend, py + bend), -50, 80, fill=215, width=max(1, round(2 * self.scale))
            )
        self.brush.ellipse(
            ((x - r) * self.scale / 4, (y - r) * self.scale / 4, (x + r) * self.scale / 4, (y + r) * self.scale / 4),
            fill=(146, 174, 104),
        )


def curve(points: Sequence[Point], steps: int = 24) -> list[Point]:
    """Return a smooth line through points (Catmull-Rom)."""
    whole = [points[0], *points, points[-1]]
    out: list[Point] = []
    for a, b, c, d in zip(whole, whole[1:], whole[2:], whole[3:], strict=False):
        for step in range(steps):
            t = step / steps
            weights = (
                -0.5 * t + t * t - 0.5 * t**3,
                1 - 2.5 * t * t + 1.5 * t**3,
                0.5 * t + 2 * t * t - 1.5 * t**3,
                -0.5 * t * t + 0.5 * t**3,
            )
            out.append(
                (
                    sum(w * p[0] for w, p in zip(weights, (a, b, c, d), strict=True)),
                    sum(w * p[1] for w, p in zip(weights, (a, b, c, d), strict=True)),
                )
            )
    return [*out, points[-1]]


def ribbon(line: Sequence[Point], width: float) -> Polygon:
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
