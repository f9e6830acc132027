"""Sheets: what is printed, written or photographed, as light that paper gives back. One page of one document each.

Everything follows from the seed and the document's style: the same call draws the same bytes. Typefaces come from the
npm packages of the sample holdings, in two sets that share no face: thresholds are set on one and reported on the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from data.holdings.fonts import font
from data.holdings.paper import grain, tiled

Light = NDArray[np.float32]
"""Rows × columns × 3, from 0 to 255."""

FACES: dict[str, tuple[str, ...]] = {
    "first": ("roman", "italic", "bold", "display"),
    "second": ("garamond", "script", "garamond-bold", "antique"),
}
"""Body, hand, headings, titles."""

KINDS = ("print", "columns", "register", "letter", "photograph", "postcard", "map", "plates")
WORDS = [
    "le",
    "du",
    "et",
    "la",
    "ville",
    "de",
    "Lille",
    "canal",
    "moulin",
    "filature",
    "ouvriers",
    "tisserands",
    "dentelle",
    "marché",
    "beffroi",
    "gare",
    "tramway",
    "brique",
    "façade",
    "dimanche",
    "fanfare",
    "cortège",
    "géants",
    "carillon",
    "houblon",
    "estaminet",
    "braderie",
    "péniche",
    "écluse",
    "laine",
    "coton",
    "registre",
    "hier",
    "ce",
    "matin",
    "sans",
    "doute",
    "que",
    "nous",
    "avons",
    "vu",
    "passer",
    "par",
    "les",
    "rues",
    "quatre",
    "chevaux",
    "blancs",
    "Jean",
    "Baptiste",
    "Delattre",
    "né",
    "à",
]
PAPERS = ((238, 226, 198), (231, 215, 180), (244, 240, 228), (226, 208, 170), (240, 232, 214), (233, 225, 207))


@dataclass(frozen=True, slots=True)
class Style:
    """What the pages of a document have in common; sizes in pixels, `border` and so on are those of its capture."""

    kind: str
    seed: int
    faces: tuple[str, ...]
    width: int
    height: int
    paper: tuple[int, int, int]
    ink: tuple[int, int, int]
    body: int
    backing: str
    grain: float
    blur: float
    noise: float
    foxing: int
    yellowing: float


def style_of(kind: str, seed: int, faces: str) -> Style:
    """Return the style of a document."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    landscape = kind in {"photograph", "postcard", "map"}
    short, long = int(rng.integers(820, 900)), int(rng.integers(1130, 1240))
    return Style(
        kind=kind,
        seed=seed,
        faces=FACES[faces],
        width=long if landscape else short,
        height=short if landscape else long,
        paper=PAPERS[int(rng.integers(len(PAPERS)))],
        ink=(int(rng.integers(24, 48)), int(rng.integers(22, 44)), int(rng.integers(20, 46))),
        body=int(rng.integers(17, 23)),
        backing=str(rng.choice(["felt", "felt", "white", "none"])),
        grain=float(rng.uniform(0.008, 0.022)),
        blur=float(rng.uniform(0.5, 0.8)),
        noise=float(rng.uniform(0.8, 2.2)),
        foxing=int(rng.integers(0, 9)),
        yellowing=float(rng.uniform(0.2, 1.0)),
    )


def views_of_one(style: Style, views: int) -> int:
    """Return how many of the views of a kind make one document: of some cards each is one, front and back."""
    return 2 if style.kind == "postcard" and style.seed % 2 else views


@lru_cache(maxsize=16)
def draw_sheet(style: Style, number: int, *, is_blank: bool = False, show_through: float = 0.045) -> Light:
    """Draw page `number` of a document; a blank one has paper, stains and what shines through from the other side."""
    rng = np.random.default_rng([style.seed, KINDS.index(style.kind), number])
    ink = Image.new("L", (style.width, style.height), 0)
    picture: Light | None = None
    if not is_blank:
        picture = DRAWN[style.kind](style, number, rng, ink)
    light = _paper(style, rng)
    if picture is not None:
        light = np.asarray(picture * (0.8 + 0.2 * light / np.array(style.paper, np.float32)), dtype=np.float32)
    if picture is None and (style.kind != "map" or is_blank):
        other = Image.new("L", ink.size, 0)
        DRAWN["print" if style.kind in {"photograph", "map", "postcard", "plates"} else style.kind](
            style, number + 5000, np.random.default_rng([style.seed, number, 77]), other
        )
        behind = np.asarray(other.transpose(Image.Transpose.FLIP_LEFT_RIGHT).filter(ImageFilter.GaussianBlur(1.6)))
        through = show_through * behind[:, :, None].astype(np.float32) / 255
        light = np.asarray(light * (1 - through), dtype=np.float32)
    cover = np.asarray(ink.filter(ImageFilter.GaussianBlur(0.45)), dtype=np.float32)[:, :, None] / 255 * 0.92
    return np.asarray(light * (1 - cover) + np.array(style.ink, np.float32) * cover, dtype=np.float32)


def _paper(style: Style, rng: np.random.Generator) -> Light:
    width, height = style.width, style.height
    soft = rng.standard_normal((7, 7), dtype=np.float32) * 0.014
    cloud = np.asarray(Image.fromarray(soft).resize((width, height), Image.Resampling.BICUBIC))
    fine = tiled(grain(), int(rng.integers(1024)), int(rng.integers(1024)), width, height)
    brown = Image.new("L", (width // 4, height // 4), 0)
    pen = ImageDraw.Draw(brown)
    for _ in range(style.foxing):
        x, y, r = rng.uniform(0, brown.width), rng.uniform(0, brown.height), rng.uniform(0.6, 3.5)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=int(rng.integers(25, 110)))
    stains = np.asarray(
        brown.filter(ImageFilter.GaussianBlur(1.2)).resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32
    )
    across, down = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    edge = np.minimum(np.minimum(across, width - across), np.minimum(down, height - down))
    age = np.exp(-edge / (0.04 * max(width, height))) * style.yellowing * 0.35 + stains / 255
    light = (1 + cloud + style.grain * fine)[:, :, None] * np.array(style.paper, np.float32)
    return np.asarray(light - age[:, :, None] * np.array((16, 28, 44), np.float32), dtype=np.float32)


@lru_cache(maxsize=10_000)
def _length(face: str, size: int, word: str) -> float:
    return font(face, size).getlength(word)


def _line(rng: np.random.Generator, face: str, size: int, width: float) -> str:
    said: list[str] = []
    used, gap = 0.0, size * 0.3
    for chosen in rng.integers(len(WORDS), size=60):
        word = WORDS[int(chosen)]
        used += _length(face, size, word) + gap
        if used > width * 0.92 and said:
            break
        said.append(word)
    return " ".join(said)


def _paragraphs(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, face: str, size: int, box: tuple[int, int, int, int]
) -> None:
    left, top, right, bottom = box
    y, leading = top, round(size * 1.24)
    while y < bottom - leading:
        last = rng.random() < 0.13
        start = left + (size if rng.random() < 0.13 else 0)
        wide = (right - start) * (float(rng.uniform(0.2, 0.9)) if last else 1.0)
        words = _line(rng, face, size, wide).split()
        lengths = [_length(face, size, word) for word in words]
        gap = size * 0.3 if last or len(words) < 3 else (wide - sum(lengths)) / (len(words) - 1)
        x = float(start)
        for word, length in zip(words, lengths, strict=True):
            pen.text((x, y), word, font=font(face, size), fill=int(rng.integers(215, 256)))
            x += length + gap
        y += leading


def _print(style: Style, number: int, rng: np.random.Generator, ink: Image.Image) -> None:
    pen, (body, hand, heading, title) = ImageDraw.Draw(ink), style.faces
    side, top = round(style.width * 0.12), round(style.height * 0.1)
    if number % 10 == 0:  # a title page
        pen.text(
            (style.width / 2, style.height * 0.25), "HISTOIRE", font=font(title, style.body * 3), fill=250, anchor="mm"
        )
        pen.text(
            (style.width / 2, style.height * 0.34),
            "de la ville de Lille",
            font=font(hand, style.body * 2),
            fill=245,
            anchor="mm",
        )
        pen.text(
            (style.width / 2, style.height * 0.8),
            "À LILLE, chez les libraires",
            font=font(body, style.body),
            fill=240,
            anchor="mm",
        )
        pen.line((style.width * 0.4, style.height * 0.83, style.width * 0.6, style.height * 0.83), fill=230, width=2)
        return
    pen.text(
        (style.width / 2, top - style.body * 1.6), f"— {number} —", font=font(body, style.body), fill=240, anchor="ma"
    )
    begin = top
    if number % 4 == 1:
        begin = round(style.height * rng.uniform(0.2, 0.42))
        pen.text(
            (style.width / 2, begin - style.body * 2.4),
            f"CHAPITRE {number}",
            font=font(heading, style.body + 8),
            fill=245,
            anchor="ma",
        )
    end = round(style.height * (rng.uniform(0.45, 0.7) if number % 4 == 0 else 0.9))
    _paragraphs(pen, rng, body, style.body, (side, begin, style.width - side, end))


def _columns(style: Style, number: int, rng: np.random.Generator, ink: Image.Image) -> None:
    pen, (body, _, heading, title) = ImageDraw.Draw(ink), style.faces
    side, top, count = round(style.width * 0.06), round(style.height * 0.07), 3
    if number % 4 == 1:
        pen.text((style.width / 2, top), "LE COURRIER", font=font(title, style.body * 4), fill=250, anchor="ma")
        top += style.body * 6
        pen.line((side, top - style.body, style.width - side, top - style.body), fill=245, width=3)
    wide = (style.width - 2 * side) // count
    for column in range(count):
        left, y = side + column * wide, top
        while y < style.height * 0.93 - style.body * 3:
            until = min(y + int(rng.integers(110, 420)), round(style.height * 0.94))
            pen.text(
                (left + wide / 2, y),
                WORDS[int(rng.integers(len(WORDS)))].upper(),
                font=font(heading, style.body),
                fill=245,
                anchor="ma",
            )
            _paragraphs(pen, rng, body, style.body - 5, (left + 8, y + round(style.body * 1.5), left + wide - 8, until))
            y = until + 8
        if column:
            pen.line((left, top, left, style.height * 0.94), fill=210, width=1)


def _register(style: Style, number: int, rng: np.random.Generator, ink: Image.Image) -> None:
    pen, (body, hand, heading, _) = ImageDraw.Draw(ink), style.faces
    side, top, step = round(style.width * 0.07), round(style.height * 0.12), 34
    pen.text(
        (style.width / 2, top - 62), "REGISTRE DES OUVRIERS", font=font(heading, style.body + 4), fill=240, anchor="ma"
    )
    columns = [side + round(share * (style.width - 2 * side)) for share in (0, 0.1, 0.45, 0.7, 1)]
    for place, word in zip(columns, ("N°", "Nom", "Métier", "Observations"), strict=False):
        pen.text((place + 6, top - 26), word, font=font(body, style.body - 3), fill=235)
    for x in columns:
        pen.line((x, top - 30, x, style.height * 0.93), fill=215, width=1)
    for row, y in enumerate(range(top, round(style.height * 0.93), step)):
        pen.line((side, y, style.width - side, y), fill=150, width=1)
        if y + step < style.height * 0.93:
            pen.text((columns[0] + 5, y + 6), str(number * 24 + row), font=font(hand, style.body - 3), fill=225)
            for place, wide in zip(columns[1:], (0.3, 0.2, 0.22), strict=False):
                if rng.random() < 0.85:
                    text = _line(rng, hand, style.body, wide * style.width * rng.uniform(0.5, 1))
                    pen.text(
                        (place + 6 + rng.uniform(0, 8), y + 4 + rng.uniform(-2, 2)),
                        text,
                        font=font(hand, style.body),
                        fill=int(rng.integers(190, 245)),
                    )


def _letter(style: Style, number: int, rng: np.random.Generator, ink: Image.Image) -> None:
    pen, hand = ImageDraw.Draw(ink), style.faces[1]
    size, y = style.body + 8, round(style.height * 0.1)
    pen.text((style.width * 0.6, y), "Lille, le 4 mars 1909", font=font(hand, size), fill=225)
    y += size * 3
    end = style.height * float(rng.uniform(0.5, 0.9))
    while y < end:
        left = style.width * (0.12 + 0.006 * float(rng.normal()))
        text = _line(rng, hand, size, style.width * float(rng.uniform(0.66, 0.76)))
        pen.text((left, y), text, font=font(hand, size), fill=int(rng.integers(185, 245)))
        y += round(size * rng.uniform(1.4, 1.55))


def scene(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Draw a street under a sky, in tones of gray."""
    base = np.linspace(rng.uniform(180, 225), rng.uniform(120, 170), height, dtype=np.float32)[:, None] + np.zeros(
        (1, width), np.float32
    )
    view = Image.fromarray(base.clip(0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(view)
    horizon, x = height * rng.uniform(0.55, 0.7), -30.0
    while x < width:
        wide, high, tone = rng.uniform(0.06, 0.16) * width, rng.uniform(0.2, 0.5) * height, int(rng.integers(55, 170))
        pen.polygon(
            [
                (x, horizon),
                (x, horizon - high),
                (x + wide / 2, horizon - high * 1.16),
                (x + wide, horizon - high),
                (x + wide, horizon),
            ],
            fill=tone,
        )
        for column in range(1, 4):
            for row in range(1, 5):
                left, top = x + wide * column / 4.2, horizon - high * row / 5.2
                pen.rectangle(
                    (left, top, left + wide * 0.1, top + high * 0.1),
                    fill=max(20, tone - 40 + int(rng.integers(-20, 30))),
                )
        x += wide * rng.uniform(0.95, 1.2)
    pen.rectangle((0, horizon, width, height), fill=int(rng.integers(110, 165)))
    for _ in range(int(rng.integers(12, 40))):
        px, py, size = rng.uniform(0, width), rng.uniform(horizon, height), rng.uniform(0.01, 0.035) * height
        pen.ellipse(
            (px - size * 0.4, py - size * 3.4, px + size * 0.4, py - size * 2.6), fill=int(rng.integers(120, 210))
        )
        pen.polygon(
            [(px - size * 0.7, py), (px, py - size * 2.8), (px + size * 0.7, py)], fill=int(rng.integers(20, 90))
        )
    return view.filter(ImageFilter.GaussianBlur(0.7))


def _toned(rng: np.random.Generator, style: Style, view: Image.Image) -> Light:
    gray = np.asarray(view, dtype=np.float32) / 255
    gray = gray + rng.normal(0, 0.012, gray.shape).astype(np.float32)
    dark, light = np.array((34, 28, 26), np.float32), np.array(style.paper, np.float32) * 0.96
    return np.asarray(dark + (light - dark) * gray.clip(0, 1)[:, :, None], dtype=np.float32)


def _photograph(style: Style, number: int, rng: np.random.Generator, ink: Image.Image) -> Light:
    """Draw a print: all of the sheet, or on a mount."""
    if style.seed % 2:
        return _toned(rng, style, scene(rng, style.width, style.height))
    return _mounted(style, rng, ink, f"Lille — vue {number}", 0.1)


def _mounted(style: Style, rng: np.random.Generator, ink: Image.Image, caption: str, share: float) -> Light:
    x, y = round(style.width * share), round(style.height * share)
    picture = np.empty((style.height, style.width, 3), np.float32)
    picture[:] = np.array(style.paper, np.float32)
    view = scene(rng, style.width - 2 * x, style.height - 3 * y)
    picture[y : y + view.height, x : x + view.width] = _toned(rng, style, view)
    ImageDraw.Draw(ink).text(
        (style.width / 2, style.height - 1.3 * y), caption, font=font(style.faces[1], style.body), fill=230, anchor="mm"
    )
    return picture


def _postcard(style: Style, number: int, rng: np.random.Generator, ink: Image.Image) -> Light | None:
    if number % 2 == 0:
        return _mounted(style, rng, ink, f"{number}. — LILLE. — La rue Nationale", 0.05)
    pen, hand = ImageDraw.Draw(ink), style.faces[1]
    middle = style.width // 2
    pen.text(
        (middle, style.height * 0.08), "CARTE POSTALE", font=font(style.faces[2], style.body + 4), fill=220, anchor="ma"
    )
    pen.line((middle, style.height * 0.2, middle, style.height * 0.92), fill=190, width=2)
    is_written = rng.random() < 0.6
    for line in range(4):
        y = style.height * (0.42 + 0.12 * line)
        pen.line((middle * 1.1, y, style.width * 0.94, y), fill=170, width=1)
        if not is_written:
            continue
        pen.text(
            (middle * 1.12, y - style.body * 1.7),
            _line(rng, hand, style.body + 6, middle * 0.6),
            font=font(hand, style.body + 6),
            fill=220,
        )
    for line in range(int(rng.integers(4, 11)) if is_written else 0):
        y = style.height * 0.2 + line * style.body * 2
        pen.text(
            (style.width * 0.06, y),
            _line(rng, hand, style.body + 5, middle * 0.8),
            font=font(hand, style.body + 5),
            fill=225,
        )
    return None


def _map(style: Style, number: int, rng: np.random.Generator, ink: Image.Image) -> None:
    pen, body = ImageDraw.Draw(ink), style.faces[0]
    left, top = round(style.width * 0.05), round(style.height * 0.06)
    box = (left, top, style.width - left, style.height - top)
    for _ in range(26):
        start = rng.random(2) * (style.width, style.height)
        steps = np.cumsum(np.cumsum(rng.normal(0, 0.5, (120, 2)), axis=0) * 0.5 + rng.normal(0, 5, 2), axis=0)
        pen.line(
            [(float(start[0] + dx), float(start[1] + dy)) for dx, dy in steps],
            fill=int(rng.integers(120, 235)),
            width=int(rng.integers(1, 4)),
        )
    for _ in range(90):
        x, y = rng.random(2) * (style.width, style.height)
        w, h = rng.uniform(8, 40, 2)
        angle = rng.uniform(-0.6, 0.6)
        corners = [
            (x + a * w * np.cos(angle) - b * h * np.sin(angle), y + a * w * np.sin(angle) + b * h * np.cos(angle))
            for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))
        ]
        pen.polygon([(float(a), float(b)) for a, b in corners], outline=220, fill=int(rng.integers(0, 90)))
    for _ in range(50):
        x, y = rng.random(2) * (style.width, style.height)
        pen.text((x, y), str(rng.choice(WORDS)), font=font(body, style.body - 3), fill=240)
    mask = Image.new("L", ink.size, 255)
    ImageDraw.Draw(mask).rectangle(box, fill=0)
    ink.paste(0, (0, 0), mask)
    for inset in (0, 6):
        pen.rectangle((box[0] + inset, box[1] + inset, box[2] - inset, box[3] - inset), outline=235, width=2)


def _plates(style: Style, number: int, rng: np.random.Generator, ink: Image.Image) -> Light | None:
    """Draw a book with plates: each third page is one."""
    if number % 3 == 2:
        return _mounted(style, rng, ink, f"Planche {number}", 0.09)
    _print(style, number, rng, ink)
    return None


DRAWN: dict[str, Callable[[Style, int, np.random.Generator, Image.Image], Light | None]] = {
    "print": _print, "columns": _columns, "register": _register, "letter": _letter, "photograph": _photograph,
    "postcard": _postcard, "map": _map, "plates": _plates,
}  # fmt: skip
