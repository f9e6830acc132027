"""The scans that all peers show: drawn here from a seed, with the detail that a camera finds on paper.

A page of print, a photograph and a map, each of about 35 million pixels. On paper lies what JPEG has to work for: its
fibres, its stains, the grain of the sensor. With it a tile of 256 pixels at quality 85 has 10 to 20 kB, as the tiles
of real scans have. Both sides divide by 32, so that every level of a pyramid has the same size whether a program
rounds up or down, and every peer has the same tiles.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

STRIP = 512
"""Rows that are drawn at once."""

TEXT = (
    "le du et la ville de Lille canal moulin filature ouvriers tisserands dentelle marché beffroi gare tramway brique "
    "façade dimanche fanfare cortège géants carillon houblon estaminet braderie péniche écluse laine coton registre"
)


@dataclass(frozen=True, slots=True)
class Scan:
    """What is drawn: a name, a kind (`print`, `photograph`, `map`), a size in pixels, a seed."""

    name: str
    kind: str
    width: int
    height: int
    seed: int


SCANS = (
    Scan("print", "print", 5024, 6976, 1),
    Scan("photograph", "photograph", 6976, 5024, 2),
    Scan("map", "map", 5888, 5952, 3),
)
LARGE = (
    Scan("large-print", "print", 8480, 11808, 4),
    Scan("large-map", "map", 10016, 9984, 5),
)
"""100 million pixels each."""


def draw_scans(folder: Path, scans: tuple[Scan, ...] = SCANS) -> list[Path]:
    """Return the TIFF of each scan, drawn where it is missing. Not compressed, as suppliers deliver."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_drawn(folder, scan) for scan in scans]


def _drawn(folder: Path, scan: Scan) -> Path:
    path = folder / f"{scan.name}-{scan.width}x{scan.height}.tif"
    if not path.exists():
        fresh = path.with_suffix(".new")
        Image.fromarray(draw(scan)).save(fresh, format="TIFF")
        fresh.rename(path)
    return path


def draw(scan: Scan) -> NDArray[np.uint8]:
    """Return the scan as rows × columns × 3."""
    random = np.random.default_rng(scan.seed)
    ink = np.asarray(_ink(scan, random))
    clouds = [_clouds(random, scan, cells, tone) for cells, tone in ((6, 22.0), (40, 8.0), (160, 5.0))]
    paper = np.array([232.0, 222.0, 198.0], np.float32)
    tint = np.array([1.0, 1.1, 1.35], np.float32)  # stains are brown
    picture = np.empty((scan.height, scan.width, 3), np.uint8)
    for top in range(0, scan.height, STRIP):
        rows = slice(top, min(top + STRIP, scan.height))
        ground = sum(np.asarray(each.crop((0, rows.start, scan.width, rows.stop))) for each in clouds)
        shape = (rows.stop - rows.start, scan.width)
        fibres = random.normal(0, 2.2, shape).astype(np.float32)
        fibres += np.repeat(random.normal(0, 3.0, (shape[0], -(-shape[1] // 3))), 3, axis=1)[:, : shape[1]]
        light = (ground + fibres)[:, :, None] * tint + random.normal(0, 1.4, (*shape, 3))
        cover = ink[rows].astype(np.float32)[:, :, None] / 255
        dark = np.array([38.0, 32.0, 30.0], np.float32) + light * 0.5
        picture[rows] = ((paper + light) * (1 - cover) + dark * cover).clip(0, 255).astype(np.uint8)
    return picture


def _clouds(random: np.random.Generator, scan: Scan, cells: int, tone: float) -> Image.Image:
    """Return soft light and shade, so many cells across, of so many grey values."""
    grid = random.normal(0, tone / 2, (cells + 2, cells + 2)).astype(np.float32)
    return Image.fromarray(grid).resize((scan.width, scan.height), Image.Resampling.BICUBIC)


def _ink(scan: Scan, random: np.random.Generator) -> Image.Image:
    sheet = Image.new("L", (scan.width, scan.height), 0)
    {"print": _print, "photograph": _photograph, "map": _map}[scan.kind](sheet, random)
    return sheet


def _print(sheet: Image.Image, random: np.random.Generator) -> None:
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(54)
    margin, columns = 300, 3
    width = (sheet.width - 2 * margin) // columns
    for column in range(columns):
        left = margin + column * width
        for y in range(margin, sheet.height - margin, 72):
            line = " ".join(random.choice(TEXT.split(), 9))
            pen.text((left, y), line[: width // 30], font=font, fill=int(random.integers(190, 245)))
        if column:
            pen.line((left - 25, margin, left - 25, sheet.height - margin), fill=200, width=4)


def _photograph(sheet: Image.Image, random: np.random.Generator) -> None:
    """Shapes in many tones under soft light: houses, trees, a crowd, as far as JPEG can tell."""
    pen = ImageDraw.Draw(sheet)
    for _ in range(9000):
        x, y = int(random.integers(0, sheet.width)), int(random.integers(0, sheet.height))
        w, h = (int(value) for value in random.integers(6, 10 + sheet.width // 18, 2) * random.random(2) + 4)
        shape = pen.ellipse if random.random() < 0.6 else pen.rectangle
        shape((x, y, x + w, y + h), fill=int(random.integers(10, 235)))
    soft = sheet.reduce(4).resize(sheet.size, Image.Resampling.BICUBIC)
    sheet.paste(Image.blend(sheet, soft, 0.55))


def _map(sheet: Image.Image, random: np.random.Generator) -> None:
    """Contours, hatching and names."""
    pen, font, words = ImageDraw.Draw(sheet), ImageFont.load_default(40), TEXT.split()
    for _ in range(260):
        x, y = random.random(2) * (sheet.width, sheet.height)
        steps = np.cumsum(np.cumsum(random.normal(0, 0.8, (220, 2)), axis=0) * 0.6 + random.normal(0, 9, 2), axis=0)
        points = [(float(x + dx), float(y + dy)) for dx, dy in steps]
        pen.line(points, fill=int(random.integers(120, 240)), width=int(random.integers(2, 6)), joint="curve")
    for _ in range(1600):
        x, y = (int(value) for value in random.random(2) * (sheet.width, sheet.height))
        for step in range(int(random.integers(6, 22))):
            pen.line((x + step * 9, y, x + step * 9 + 30, y + 60), fill=170, width=2)
    for _ in range(700):
        x, y = (int(value) for value in random.random(2) * (sheet.width, sheet.height))
        pen.text((x, y), str(random.choice(words)), font=font, fill=230)
