"""What several scenes share: a sky, and people dressed as in 1908."""

import numpy as np
from PIL import Image, ImageDraw

from data.holdings.paper import noise

Pen = ImageDraw.ImageDraw


def sky(rng: np.random.Generator, width: int, height: int, top: int, bottom: int, clouds: float) -> Image.Image:
    """Return a sky that pales towards the horizon."""
    ramp = np.linspace(top, bottom, height, dtype=np.float32)[:, None]
    drift = np.asarray(noise(rng, width, height * 2, 5, 5).resize((width, height)), dtype=np.float32)
    return Image.fromarray(np.clip(ramp + clouds * np.clip(drift, -0.6, 2), 0, 255).astype(np.uint8))


def figure(
    pen: Pen, rng: np.random.Generator, x: float, foot: float, height: float, tone: int = 30, dress: bool | None = None
) -> None:
    """Draw a person of 1908: a man with a hat or a woman with a long skirt, and the shadow on the ground."""
    unit = height / 8
    pen.polygon(
        [(x - unit, foot), (x + unit, foot), (x + unit * 5, foot + unit * 0.9), (x + unit * 3, foot + unit)],
        fill=min(tone + 65, 150),
    )
    woman = rng.random() < 0.45 if dress is None else dress
    lean = float(rng.normal(0, 0.18)) * unit
    face = min(tone + 62, 165)
    if woman:
        pen.polygon(
            [
                (x - unit * 0.5, foot - unit * 4.7),
                (x + unit * 0.5, foot - unit * 4.7),
                (x + unit * 1.0, foot - unit * 2),
                (x + unit * 1.5, foot),
                (x - unit * 1.5, foot),
                (x - unit * 0.95, foot - unit * 2),
            ],
            fill=tone + 14,
        )
    else:
        stride = float(rng.uniform(0.25, 1.0)) * unit
        for side in (-1, 1):
            pen.line(
                (x, foot - unit * 3.9, x + side * stride, foot),
                fill=tone + (8 if side > 0 else 0),
                width=max(2, int(unit * 0.7)),
            )
    pen.polygon(
        [
            (x - unit * 0.85 + lean, foot - unit * 6.3),
            (x - unit * 0.4 + lean, foot - unit * 6.7),
            (x + unit * 0.4 + lean, foot - unit * 6.7),
            (x + unit * 0.85 + lean, foot - unit * 6.3),
            (x + unit * 0.75, foot - unit * 3.6),
            (x - unit * 0.75, foot - unit * 3.6),
        ],
        fill=tone,
    )
    swing = float(rng.uniform(-0.5, 0.5)) * unit
    for side in (-1, 1):
        pen.line(
            [
                (x + side * unit * 0.8 + lean, foot - unit * 6.1),
                (x + side * unit * 1.05 + swing * 0.4, foot - unit * 4.9),
                (x + side * unit * 0.9 + swing, foot - unit * 3.9),
            ],
            fill=tone + 6,
            width=max(2, int(unit * 0.42)),
        )
    if rng.random() < 0.25:
        pen.ellipse(
            (x + unit * 0.7 + swing, foot - unit * 4.0, x + unit * 1.6 + swing, foot - unit * 3.1), fill=tone + 45
        )
    if woman and dress is None:
        pen.ellipse((x - unit * 0.36 + lean, foot - unit * 7.45, x + unit * 0.36 + lean, foot - unit * 6.55), fill=face)
        pen.ellipse(
            (x - unit * 0.85 + lean, foot - unit * 7.65, x + unit * 0.85 + lean, foot - unit * 7.15), fill=tone + 8
        )
        pen.ellipse(
            (x - unit * 0.42 + lean, foot - unit * 7.95, x + unit * 0.42 + lean, foot - unit * 7.25), fill=tone + 4
        )
    elif woman:
        pen.ellipse((x - unit * 0.4 + lean, foot - unit * 7.6, x + unit * 0.4 + lean, foot - unit * 6.6), fill=tone + 6)
        pen.ellipse((x - unit * 0.28 + lean, foot - unit * 7.35, x + unit * 0.3 + lean, foot - unit * 6.6), fill=face)
        pen.polygon(
            [
                (x - unit * 0.45, foot - unit * 4.6),
                (x + unit * 0.45, foot - unit * 4.6),
                (x + unit * 0.8, foot - unit * 1),
                (x - unit * 0.8, foot - unit * 1),
            ],
            fill=min(tone + 34, 150),
        )
    else:
        pen.ellipse((x - unit * 0.36 + lean, foot - unit * 7.4, x + unit * 0.36 + lean, foot - unit * 6.55), fill=face)
        pen.pieslice(
            (x - unit * 0.5 + lean, foot - unit * 8.0, x + unit * 0.5 + lean, foot - unit * 6.7), 180, 360, fill=tone
        )
        pen.line(
            (x - unit * 0.75 + lean, foot - unit * 7.3, x + unit * 0.75 + lean, foot - unit * 7.3),
            fill=tone,
            width=max(2, int(unit / 4)),
        )
