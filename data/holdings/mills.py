"""Drawn views of mills in grey: their skyline along a canal, and a spinning hall inside."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from data.holdings.paper import noise
from data.holdings.scenery import Pen, figure, sky


def skyline(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a skyline of spinning mills: chimneys with smoke, saw-tooth roofs, a canal with a barge."""
    w, h = width * 2, height * 2
    picture = sky(rng, w, h, 168, 244, 10)
    horizon = h * 0.7
    smoke = Image.new("L", (w, h), 0)
    trail, pen = ImageDraw.Draw(smoke), ImageDraw.Draw(picture)
    stacks = [(float(rng.uniform(0.03, 0.97)) * w, h * float(rng.uniform(0.12, 0.4))) for _ in range(13)]
    for x, top in stacks:
        for puff in range(36):
            t = puff / 36
            r = w * (0.004 + 0.028 * t)
            cx, cy = x + w * 0.26 * t**1.3, top - h * 0.2 * t + float(rng.normal(0, 0.012)) * h
            trail.ellipse((cx - r, cy - r * 0.7, cx + r, cy + r * 0.7), fill=int(120 * (1 - t) ** 0.8))
    smoke = smoke.filter(ImageFilter.GaussianBlur(w / 260))
    picture = ImageChops.subtract(picture, smoke)
    pen = ImageDraw.Draw(picture)
    for layer, tone in enumerate((150, 118, 84)):
        x = -w * 0.05
        base = horizon - h * 0.02 + layer * h * 0.018
        while x < w:
            span, tall = w * float(rng.uniform(0.09, 0.2)), h * float(rng.uniform(0.09, 0.24)) * (1.15 - layer * 0.2)
            roof = int(rng.integers(3))
            pen.rectangle((x, base - tall, x + span, base), fill=tone)
            if roof == 0:
                teeth = max(3, int(span / (w * 0.022)))
                for tooth in range(teeth):
                    x0, x1 = x + span * tooth / teeth, x + span * (tooth + 1) / teeth
                    pen.polygon([(x0, base - tall), (x0, base - tall - h * 0.035), (x1, base - tall)], fill=tone - 12)
            elif roof == 1:
                for merlon in range(int(span / (w * 0.012))):
                    x0 = x + merlon * w * 0.012
                    pen.rectangle((x0, base - tall - h * 0.012, x0 + w * 0.007, base - tall), fill=tone)
                pen.rectangle((x + span * 0.08, base - tall * 1.35, x + span * 0.2, base), fill=tone - 10)
            else:
                pen.polygon(
                    [(x, base - tall), (x + span / 2, base - tall - h * 0.06), (x + span, base - tall)], fill=tone - 16
                )
            storeys, bays = max(1, int(tall / (h * 0.05))), int(span / (w * 0.014))
            for storey in range(storeys):
                for bay in range(bays):
                    x0, y0 = x + span * (bay + 0.25) / bays, base - tall + tall * (storey + 0.25) / storeys
                    pen.rectangle(
                        (x0, y0, x0 + span / bays * 0.5, y0 + tall / storeys * 0.5),
                        fill=tone + (52 if rng.random() < 0.7 else -30),
                    )
            x += span * float(rng.uniform(0.95, 1.15))
        for index, (cx, top) in enumerate(stacks):
            if index % 3 == layer:
                half = w * 0.0075
                pen.polygon(
                    [(cx - half * 0.62, top), (cx + half * 0.62, top), (cx + half, base), (cx - half, base)],
                    fill=tone - 16,
                )
                pen.polygon(
                    [(cx + half * 0.2, top), (cx + half * 0.62, top), (cx + half, base), (cx + half * 0.3, base)],
                    fill=tone - 40,
                )
                pen.rectangle((cx - half * 0.85, top - h * 0.008, cx + half * 0.85, top + h * 0.012), fill=tone - 34)
    water = (
        picture.crop((0, int(horizon * 0.52), w, int(horizon)))
        .transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        .resize((w, int(h - horizon)))
    )
    ripple = np.asarray(water.filter(ImageFilter.GaussianBlur(w / 500)), dtype=np.float32)
    rows = np.arange(ripple.shape[0], dtype=np.float32)[:, None]
    wave = 14 * np.sin(
        rows * rows / ripple.shape[0] * 0.35
        + np.asarray(noise(rng, w, ripple.shape[0], 40, 2).resize((w, ripple.shape[0]))) * 2.2
    )
    picture.paste(Image.fromarray(np.clip(ripple * 0.82 + 22 + wave, 0, 255).astype(np.uint8)), (0, int(horizon)))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, horizon - h * 0.008, w, horizon + h * 0.008), fill=70)
    x, y = w * 0.3, h * 0.83
    pen.polygon([(x, y), (x + w * 0.36, y), (x + w * 0.34, y + h * 0.05), (x + w * 0.02, y + h * 0.05)], fill=40)
    pen.rectangle((x + w * 0.27, y - h * 0.035, x + w * 0.33, y), fill=90)
    pen.polygon(
        [(x + w * 0.03, y), (x + w * 0.08, y - h * 0.022), (x + w * 0.24, y - h * 0.022), (x + w * 0.26, y)], fill=66
    )
    pen.line((x + w * 0.06, y, x + w * 0.06, y - h * 0.17), fill=34, width=6)
    figure(pen, rng, x + w * 0.31, y - h * 0.036, h * 0.08)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def spinning_hall(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return the inside of a spinning mill: frames in perspective, cast-iron columns, shafts and belts, light from above."""
    w, h = width * 2, height * 2
    vx, vy = w * 0.53, h * 0.42
    rows, columns = np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)[None, :]
    reach = np.hypot((columns - vx) / w, (rows - vy) / h * 0.8)
    base = 232 - 190 * np.clip(reach, 0, 0.9) ** 0.75
    picture = Image.fromarray(np.clip(base, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)

    def at(x: float, y: float, z: float) -> tuple[float, float]:
        """Project: x across (-1..1), y up (-1 floor, 1 ceiling), z depth from 1."""
        return vx + x * w * 0.62 / z, vy - y * h * 0.56 / z

    depths = [float(z) for z in np.geomspace(18, 1.0, 34)]
    for far, near in pairwise(depths):
        shade = int(np.clip(212 - 150 / far**0.55, 30, 225))
        pen.polygon(
            [at(-2, -1, far), at(2, -1, far), at(2, -1, near), at(-2, -1, near)],
            fill=int(shade * 0.82 + rng.integers(-5, 6)),
        )
        pen.polygon([at(-2, 1, far), at(2, 1, far), at(2, 1, near), at(-2, 1, near)], fill=int(shade * 0.6))
    for strip in (-0.9, -0.3, 0.3, 0.9):
        pen.polygon(
            [at(strip - 0.1, 1, 18), at(strip + 0.1, 1, 18), at(strip + 0.1, 1, 1.0), at(strip - 0.1, 1, 1.0)], fill=236
        )
    for z in np.geomspace(16, 1.05, 20):
        pen.polygon(
            [at(-2, 1, z * 1.03), at(2, 1, z * 1.03), at(2, 0.93, z), at(-2, 0.93, z)],
            fill=int(np.clip(190 - 140 / z**0.6, 28, 200)),
        )
    for shaft in (-0.62, 0.62):
        pen.line([at(shaft, 0.8, 16), at(shaft, 0.8, 1.0)], fill=40, width=max(4, w // 260))
    for z in np.geomspace(14, 1.25, 15):
        tone = int(np.clip(178 - 150 / z**0.7, 22, 190))
        for side in (-0.34, 0.34, -1.05, 1.05):
            (x0, top), (_, foot) = at(side, 1, z), at(side, -1, z)
            thick = w * 0.011 / z
            pen.rectangle((x0 - thick, top, x0 + thick, foot), fill=tone)
            pen.rectangle((x0 - thick * 0.5, top, x0 - thick * 0.1, foot), fill=min(tone + 62, 235))
            pen.polygon(
                [
                    (x0 - thick * 2.6, top),
                    (x0 + thick * 2.6, top),
                    (x0 + thick, top + h * 0.05 / z),
                    (x0 - thick, top + h * 0.05 / z),
                ],
                fill=tone,
            )
        for shaft, lean in ((-0.62, -0.16), (0.62, 0.16)):
            (x0, y0), (x1, y1) = at(shaft, 0.8, z), at(shaft + lean, -0.25, z)
            r = h * 0.05 / z
            pen.ellipse(
                (x0 - r, y0 - r, x0 + r, y0 + r), fill=tone - 8, outline=min(tone + 40, 230), width=max(1, int(4 / z))
            )
            for belt in (-0.012, 0.012):
                pen.line(
                    (x0 + belt * w / z, y0, x1 + belt * w / z, y1),
                    fill=max(tone - 14, 16),
                    width=max(1, int(w / 240 / z)),
                )
        for left, right in ((-1.55, -1.12), (-0.98, -0.42), (0.42, 0.98), (1.12, 1.55)):
            _frame(pen, rng, at, left, right, float(z), tone)
    for across, away in ((0.0, 5.4), (-0.16, 3.1), (0.2, 2.2)):
        stand = at(across, -1, away)
        figure(pen, rng, stand[0], stand[1], h * 0.5 / away, int(30 + 12 * away), dress=True)
    glow = np.asarray(picture, dtype=np.float32)
    haze = 235 * np.exp(-((reach / 0.17) ** 2)) * 0.65
    lit = glow * (1 - haze / 235 * 0.75) + haze
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8)).resize((width, height), Image.Resampling.LANCZOS)


def _frame(
    pen: Pen,
    rng: np.random.Generator,
    at: Callable[[float, float, float], tuple[float, float]],
    left: float,
    right: float,
    z: float,
    tone: int,
) -> None:
    """Draw one bay of a spinning frame: end plate, creel with bobbins, spindles with yarn."""
    deeper = z * 1.19
    for low, high, shade in ((-1.0, -0.62, -26), (-0.62, -0.55, 40)):
        pen.polygon(
            [at(left, low, z), at(right, low, z), at(right, high, z), at(left, high, z)], fill=max(tone + shade, 14)
        )
    pen.polygon(
        [at(left, -0.55, z), at(right, -0.55, z), at(right, -0.55, deeper), at(left, -0.55, deeper)],
        fill=min(tone + 46, 225),
    )
    inner = right if abs(right) < abs(left) else left
    (gx, gy), (ex, _) = at((left + right) / 2, -0.8, z), at((left + right) / 2 + 0.13, -0.8, z)
    for ring, shade in ((1.0, 44), (0.84, -18), (0.3, 30)):
        r = abs(ex - gx) * ring
        pen.ellipse((gx - r, gy - r, gx + r, gy + r), fill=max(12, tone + shade))
    for spoke in range(6):
        a, r = spoke * np.pi / 3 + z, abs(ex - gx) * 0.9
        pen.line(
            (gx, gy, gx + float(np.cos(a)) * r, gy + float(np.sin(a)) * r),
            fill=min(220, tone + 36),
            width=max(2, int(10 / z)),
        )
    for rivet in np.linspace(left + 0.04, right - 0.04, 9):
        rx, ry = at(float(rivet), -0.65, z)
        pen.ellipse((rx - 5 / z, ry - 5 / z, rx + 5 / z, ry + 5 / z), fill=min(220, tone + 30))
    pen.polygon(
        [at(inner, -1, z), at(inner, -0.55, z), at(inner, -0.55, deeper), at(inner, -1, deeper)],
        fill=max(tone - 40, 10),
    )
    for place in np.linspace(0.0, 0.96, 9):
        zz = z * (1 + 0.19 * place)
        x, y = at(inner, -0.55, zz)
        tall, half = 0.105 * 900 / zz, 0.012 * 900 / zz
        scale = abs(at(1, 0, 1)[0] - at(0, 0, 1)[0]) / 1000
        tall, half = tall * scale, half * scale
        pen.polygon(
            [(x - half, y), (x + half, y), (x + half * 0.45, y - tall), (x - half * 0.45, y - tall)],
            fill=min(248, tone + 105 + int(rng.integers(-8, 9))),
        )
        pen.line(
            (x, y - tall, x + (1 if inner > 0 else -1) * half * 2.4, y - tall * 2.2), fill=min(235, tone + 70), width=1
        )
        bx, by = x + (1 if inner > 0 else -1) * half * 2.6, y - tall * 2.9
        pen.rectangle((bx - half * 1.1, by, bx + half * 1.1, by + tall * 0.75), fill=min(252, tone + 118))
    pen.line([at(inner, -0.14, z), at(inner, -0.14, deeper)], fill=max(tone - 25, 12), width=max(2, int(9 / z)))
    x0, y0 = at(inner, -0.14, z)
    x1, y1 = at(inner, -0.58, z)
    pen.line((x0, y0, x1, y1), fill=max(tone - 30, 10), width=max(2, int(13 / z)))
