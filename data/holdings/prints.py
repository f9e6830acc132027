"""From a drawn scene to a print of it: softened, grained and toned like a photograph of its time."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from data.holdings.paper import Colour, Field, grain, noise, tiled


def photographic(
    rng: np.random.Generator, picture: Image.Image, softness: float = 1.0, grit: float = 6.0, contrast: float = 1.0
) -> Image.Image:
    """Return a grey picture as a lens and a plate would have seen it: uneven light, texture, glow, grain."""
    width, height = picture.size
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(softness)), dtype=np.float32)
    small = picture.resize((max(2, width // 6), max(2, height // 6))).filter(
        ImageFilter.GaussianBlur(max(width, height) / 300)
    )
    glow = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32)

    def layer(cells: float, octaves: int) -> Field:
        return np.asarray(
            noise(rng, width, height, cells, octaves).resize((width, height), Image.Resampling.BICUBIC),
            dtype=np.float32,
        )

    tone = soft * 0.86 + glow * 0.14
    tone += np.clip(glow - 190, 0, 70) * 0.35
    tone *= 1 + 0.02 * layer(60, 4) + 0.035 * layer(6, 2) + 0.018 * layer(240, 1)
    tone += grit * tiled(grain(), 11, 5, width, height) * (1.15 - np.abs(tone - 128) / 190)
    x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
    tone *= 1.03 - 0.17 * (x * x + y * y) ** 1.3
    unit = np.clip(tone / 255, 0, 1)
    curved = unit + contrast * 0.18 * np.sin((unit - 0.5) * 2 * np.pi) / 2
    return Image.fromarray(np.clip(curved * 255, 0, 255).astype(np.uint8))


def toned(picture: Image.Image, dark: Colour, light: Colour, middle: Colour | None = None) -> Image.Image:
    """Return a grey picture in the colours of a print, from `dark` over `middle` to `light`."""
    between = middle or tuple((d + li) // 2 for d, li in zip(dark, light, strict=True))
    table: list[int] = []
    for d, m, li in zip(dark, between, light, strict=True):
        table += [int(d + (m - d) * v / 128) if v < 128 else int(m + (li - m) * (v - 128) / 127) for v in range(256)]
    return Image.merge("RGB", (picture, picture, picture)).point(table)


def worn(
    rng: np.random.Generator, picture: Image.Image, scratches: int = 14, spots: int = 40, light: int = 235
) -> Image.Image:
    """Return a grey print with the scratches and spots of a century."""
    width, height = picture.size
    marks = Image.new("L", picture.size, 0)
    pen = ImageDraw.Draw(marks)
    for _ in range(scratches):
        x, y, angle, length = (
            rng.uniform(0, width),
            rng.uniform(0, height),
            rng.normal(1.4, 0.5),
            rng.uniform(0.01, 0.09) * width,
        )
        pen.line(
            (x, y, x + np.cos(angle) * length, y + np.sin(angle) * length), fill=int(rng.integers(20, 110)), width=1
        )
    for _ in range(spots):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), float(rng.lognormal(0, 0.5)) * width / 1400
        pen.ellipse((x - r, y - r, x + r, y + r), fill=int(rng.integers(40, 190)))
    return Image.composite(Image.new("L", picture.size, light), picture, marks.filter(ImageFilter.GaussianBlur(0.6)))


def multiplied(under: Image.Image, over: Image.Image, place: tuple[int, int]) -> None:
    """Print `over` on `under` in place, as transparent ink."""
    box = (place[0], place[1], place[0] + over.width, place[1] + over.height)
    under.paste(ImageChops.multiply(under.crop(box), over), place)
