"""Drawn views in grey: a square with gabled houses and a belfry, a landscape with water; and how they are engraved.

A scene is an 8-bit image, 0 black. It is drawn at twice its size, then reduced, so that edges are smooth.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from data.holdings.paper import noise
from data.holdings.scenery import Pen, figure, sky


def _gable(kind: int, left: float, right: float, eaves: float, rise: float) -> list[tuple[float, float]]:
    """Return the outline of a gable: 0 stepped, 1 curved like a bell, 2 plain with a small pediment."""
    middle, half = (left + right) / 2, (right - left) / 2
    if kind == 0:
        points, steps = [(left, eaves)], 5
        for step in range(steps):
            y = eaves - rise * (step + 1) / (steps + 1)
            points += [(left + half * step / steps * 0.86, y), (left + half * (step + 1) / steps * 0.86, y)]
        crown = [(middle - half * 0.14, eaves - rise), (middle + half * 0.14, eaves - rise)]
        return [*points, *crown, *[(left + right - x, y) for x, y in reversed(points)]]
    if kind == 1:
        curve = []
        for index in range(25):
            t = index / 24
            x = left + half * (t**0.55 if t < 0.5 else 0.683 + 0.317 * ((t - 0.5) * 2) ** 2.2)
            curve.append((x, eaves - rise * (t * 0.9 + 0.1 * np.sin(t * np.pi * 2))))
        return [*curve, (middle, eaves - rise * 1.08), *[(left + right - x, y) for x, y in reversed(curve)]]
    return [
        (left, eaves),
        (left, eaves - rise * 0.12),
        (middle - half * 0.45, eaves - rise * 0.62),
        (middle - half * 0.45, eaves - rise * 0.75),
        (middle, eaves - rise),
        (middle + half * 0.45, eaves - rise * 0.75),
        (middle + half * 0.45, eaves - rise * 0.62),
        (right, eaves - rise * 0.12),
        (right, eaves),
    ]


def _house(pen: Pen, rng: np.random.Generator, left: float, right: float, top: float, ground: float, wall: int) -> None:
    """Draw the front of a Flemish house with its gable, windows, shop and signs."""
    width, height = right - left, ground - top
    rise = width * float(rng.uniform(0.55, 0.8))
    eaves = top + rise
    kind = int(rng.integers(3))
    dark, light = max(wall - 75, 20), min(wall + 45, 245)
    pen.polygon(_gable(kind, left, right, eaves, rise), fill=wall)
    pen.rectangle((left, eaves, right, ground), fill=wall)
    outline = _gable(kind, left, right, eaves, rise)
    pen.line(outline, fill=light, width=max(2, int(width / 40)), joint="curve")
    pen.line([(x, y + width / 28) for x, y in outline], fill=dark, width=max(1, int(width / 90)))
    floors = max(2, int((ground - eaves) / (width * 0.62)))
    bays = int(rng.integers(2, 4)) if width > height / 9 else 2
    shop = ground - min(height * 0.22, width * 0.62)
    floor_height = (shop - eaves) / floors
    for floor in range(floors):
        y0, y1 = (
            eaves + floor * floor_height + floor_height * 0.2,
            eaves + (floor + 1) * floor_height - floor_height * 0.14,
        )
        pen.rectangle((left, y0 - floor_height * 0.13, right, y0 - floor_height * 0.09), fill=light)
        for bay in range(bays):
            centre, half = left + width * (bay + 0.5) / bays, width / bays * 0.27
            pen.rectangle(
                (centre - half * 1.3, y0 - floor_height * 0.06, centre + half * 1.3, y1 + floor_height * 0.05),
                fill=light if floor else wall + 20,
            )
            pane = int(rng.integers(38, 80))
            pen.rectangle((centre - half, y0, centre + half, y1), fill=pane)
            pen.line((centre, y0, centre, y1), fill=light, width=max(2, int(half / 7)))
            for bar in (0.33, 0.66):
                pen.line(
                    (centre - half, y0 + (y1 - y0) * bar, centre + half, y0 + (y1 - y0) * bar),
                    fill=light,
                    width=max(1, int(half / 9)),
                )
            if rng.random() < 0.5:
                pen.polygon(
                    [(centre - half, y0), (centre - half * 0.1, y0), (centre - half * 0.8, y1), (centre - half, y1)],
                    fill=pane + 55,
                )
    window_y = eaves - rise * 0.45
    pen.ellipse(
        (left + width * 0.43, window_y - width * 0.07, left + width * 0.57, window_y + width * 0.07),
        fill=50,
        outline=light,
        width=3,
    )
    pen.rectangle((left, shop, right, ground), fill=dark)
    pen.rectangle(
        (left + width * 0.03, shop, right - width * 0.03, shop + (ground - shop) * 0.2), fill=int(rng.integers(30, 200))
    )
    for pane_x in range(3):
        x0 = left + width * (0.07 + pane_x * 0.3)
        pen.rectangle(
            (
                x0,
                shop + (ground - shop) * 0.32,
                x0 + width * 0.25,
                ground - (ground - shop) * (0.12 if pane_x != 1 else 0),
            ),
            fill=int(rng.integers(22, 70)),
        )
    if rng.random() < 0.6:
        y = shop + (ground - shop) * 0.24
        drop = (ground - shop) * 0.26
        stripes = 9
        for stripe in range(stripes):
            x0, x1 = left + width * stripe / stripes, left + width * (stripe + 1) / stripes
            pen.polygon([(x0, y), (x1, y), (x1 - 4, y + drop), (x0 - 4, y + drop)], fill=215 if stripe % 2 else 120)
    pen.line(
        (left + width * 0.02, eaves, left + width * 0.02, ground),
        fill=min(wall + 22, 230),
        width=max(2, int(width / 60)),
    )
    for course in np.arange(eaves, shop, max(7.0, width / 22)):
        pen.line((left, course, right, course), fill=max(wall - 9, 0), width=1)
    pen.rectangle((right - width * 0.035, eaves, right, ground), fill=max(wall - 45, 10))


def _belfry(pen: Pen, centre: float, ground: float, height: float, width: float, wall: int) -> None:
    """Draw a belfry: shaft with buttresses, clock, open lantern, spire."""
    dark, light = wall - 55, wall + 40
    shaft = ground - height * 0.62
    pen.rectangle((centre - width / 2, shaft, centre + width / 2, ground), fill=wall)
    pen.rectangle((centre + width * 0.18, shaft, centre + width / 2, ground), fill=wall - 32)
    for side in (-1, 1):
        pen.rectangle(
            (
                centre + side * width * 0.5 - width * 0.06,
                shaft - height * 0.02,
                centre + side * width * 0.5 + width * 0.06,
                ground,
            ),
            fill=dark if side > 0 else light,
        )
    for level in range(5):
        y = shaft + (ground - shaft) * (0.22 + level * 0.17)
        pen.rectangle((centre - width * 0.56, y - 5, centre + width * 0.56, y), fill=light)
        for bay in (-0.25, 0.0, 0.25):
            x = centre + bay * width
            pen.rectangle((x - width * 0.055, y + height * 0.02, x + width * 0.055, y + height * 0.075), fill=44)
            pen.pieslice(
                (x - width * 0.055, y + height * 0.008, x + width * 0.055, y + height * 0.032), 180, 360, fill=44
            )
    radius = width * 0.27
    y = shaft + height * 0.075
    pen.ellipse(
        (centre - radius, y - radius, centre + radius, y + radius), fill=225, outline=60, width=max(3, int(width / 40))
    )
    for hour in range(12):
        angle = hour * np.pi / 6
        pen.line(
            (
                centre + np.cos(angle) * radius * 0.78,
                y + np.sin(angle) * radius * 0.78,
                centre + np.cos(angle) * radius * 0.92,
                y + np.sin(angle) * radius * 0.92,
            ),
            fill=30,
            width=4,
        )
    pen.line((centre, y, centre + radius * 0.35, y - radius * 0.4), fill=20, width=6)
    pen.line((centre, y, centre - radius * 0.2, y - radius * 0.72), fill=20, width=5)
    pen.rectangle((centre - width * 0.62, shaft - height * 0.018, centre + width * 0.62, shaft), fill=light)
    for post in range(9):
        x = centre - width * 0.6 + post * width * 1.2 / 8
        pen.rectangle((x - 3, shaft - height * 0.04, x + 3, shaft - height * 0.018), fill=wall)
    lantern = shaft - height * 0.16
    for side in (-1, 1):
        pen.polygon(
            [
                (centre + side * width * 0.55, shaft),
                (centre + side * width * 0.55, shaft - height * 0.075),
                (centre + side * width * 0.49, shaft - height * 0.11),
                (centre + side * width * 0.43, shaft - height * 0.075),
                (centre + side * width * 0.43, shaft),
            ],
            fill=wall - 20,
        )
    pen.rectangle((centre - width * 0.34, lantern, centre + width * 0.34, shaft), fill=wall - 10)
    for bay in (-0.2, 0.0, 0.2):
        pen.rectangle(
            (
                centre + bay * width - width * 0.06,
                lantern + height * 0.025,
                centre + bay * width + width * 0.06,
                shaft - height * 0.01,
            ),
            fill=205,
        )
    dome = [(centre - width * 0.4, lantern)]
    for index in range(21):
        t = index / 20
        dome.append(
            (centre - width * 0.36 * np.cos(t * np.pi / 2) ** 0.8, lantern - height * 0.075 * np.sin(t * np.pi / 2))
        )
    pen.polygon([*dome, *[(2 * centre - x, y) for x, y in reversed(dome)]], fill=dark - 10)
    tip = lantern - height * 0.075
    pen.rectangle((centre - width * 0.1, tip - height * 0.045, centre + width * 0.1, tip + 4), fill=wall)
    pen.polygon(
        [
            (centre - width * 0.13, tip - height * 0.045),
            (centre, tip - height * 0.15),
            (centre + width * 0.13, tip - height * 0.045),
        ],
        fill=dark - 10,
    )
    pen.line((centre, tip - height * 0.19, centre, tip - height * 0.14), fill=40, width=4)


def _tram(pen: Pen, x: float, foot: float, length: float) -> None:
    """Draw an electric tram with its pole."""
    height = length * 0.5
    pen.rectangle((x, foot - height, x + length, foot - height * 0.14), fill=68)
    pen.rectangle((x, foot - height * 0.52, x + length, foot - height * 0.47), fill=190)
    pen.rounded_rectangle(
        (x - length * 0.06, foot - height * 1.1, x + length * 1.06, foot - height * 0.97), radius=8, fill=150
    )
    for window in range(7):
        x0 = x + length * (0.04 + window * 0.134)
        pen.rectangle(
            (x0, foot - height * 0.92, x0 + length * 0.108, foot - height * 0.56), fill=195 if window % 3 else 150
        )
    for wheel in (0.22, 0.78):
        pen.ellipse(
            (x + length * wheel - height * 0.12, foot - height * 0.24, x + length * wheel + height * 0.12, foot),
            fill=22,
        )
    pen.line((x + length * 0.5, foot - height * 1.1, x + length * 0.16, foot - height * 2.1), fill=60, width=4)
    pen.polygon(
        [
            (x, foot),
            (x + length, foot),
            (x + length * 1.08, foot + height * 0.12),
            (x + length * 0.1, foot + height * 0.12),
        ],
        fill=90,
    )


def square(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a town square: houses on both sides, a belfry behind, a tram, people, paving."""
    w, h = width * 2, height * 2
    picture = sky(rng, w, h, 196, 238, 9)
    pen = ImageDraw.Draw(picture)
    horizon = h * 0.66
    for x in np.arange(0, w, w / 26):
        y = horizon - h * float(rng.uniform(0.2, 0.3))
        pen.polygon(
            [(x, horizon), (x, y), (x + w / 52, y - h * 0.04), (x + w / 24, y), (x + w / 24, horizon)],
            fill=int(rng.integers(176, 196)),
        )
    _belfry(pen, w * 0.61, horizon, h * 0.63, w * 0.088, 150)
    x = w * -0.03
    while x < w * 1.02:
        nearness = abs(x / w - 0.55)
        span = w * float(rng.uniform(0.055, 0.075)) * (1 + nearness * 1.3)
        top = horizon - h * (0.30 + 0.38 * nearness + float(rng.uniform(-0.03, 0.05)))
        _house(pen, rng, x, x + span, top, horizon + h * 0.035 * nearness + 4, int(rng.integers(118, 186)))
        x += span
    ground = Image.new("L", (w, h), 0)
    ImageDraw.Draw(ground).polygon(
        [(0, horizon + h * 0.012), (w * 0.55, horizon), (w, horizon + h * 0.012), (w, h), (0, h)], fill=255
    )
    rows = np.arange(h, dtype=np.float32)[:, None]
    depth = np.clip((rows - horizon) / (h - horizon), 0.001, 1)
    columns = (np.arange(w, dtype=np.float32)[None, :] - w * 0.55) / depth
    joints = np.sin(columns / w * 260) * np.cos(30 / (depth + 0.06) * 4)
    paving = 176 + 14 * depth + joints * 15 * depth + np.asarray(noise(rng, w, h, 30, 3).resize((w, h))) * 8
    puddle = np.asarray(noise(rng, w, h, 9, 2).resize((w, h)))
    paving -= np.clip(puddle - 0.9, 0, 1) * 30
    picture.paste(Image.fromarray(np.clip(paving, 0, 255).astype(np.uint8)), (0, 0), ground)
    pen = ImageDraw.Draw(picture)
    for rail in (0.0, 0.03):
        pen.line([(w * (0.585 + rail * 0.3), horizon), (w * (0.16 + rail * 3.3), h)], fill=96, width=max(3, w // 500))
    for stall in range(9):
        near = 0.16 + 0.5 * (stall % 3) / 2
        sx, sy, wide = (
            w * (0.02 + 0.105 * stall + (0.06 if stall > 4 else 0)),
            horizon + h * (0.035 + near * 0.07),
            w * (0.05 + near * 0.025),
        )
        if 0.36 < sx / w < 0.56:
            continue
        tall = wide * 0.62
        pen.polygon(
            [
                (sx - wide * 0.05, sy + 6),
                (sx + wide * 1.3, sy + 10),
                (sx + wide * 1.3, sy + tall * 0.16),
                (sx, sy + tall * 0.1),
            ],
            fill=96,
        )
        for post in (0.04, 0.96):
            pen.line((sx + wide * post, sy, sx + wide * post, sy - tall), fill=60, width=max(2, int(wide / 40)))
        pen.rectangle((sx, sy - tall * 0.42, sx + wide, sy - tall * 0.02), fill=88)
        for crate in range(8):
            cx = sx + wide * (crate + 0.5) / 8
            pen.ellipse(
                (cx - wide * 0.05, sy - tall * 0.52, cx + wide * 0.05, sy - tall * 0.38),
                fill=int(rng.integers(70, 205)),
            )
        for stripe in range(10):
            x0, x1 = sx - wide * 0.08 + wide * 1.16 * stripe / 10, sx - wide * 0.08 + wide * 1.16 * (stripe + 1) / 10
            pen.polygon(
                [
                    (x0, sy - tall * 0.92),
                    (x1, sy - tall * 0.92),
                    (sx + wide * (0.1 + 0.8 * (stripe + 1) / 10), sy - tall * 1.25),
                    (sx + wide * (0.1 + 0.8 * stripe / 10), sy - tall * 1.25),
                ],
                fill=222 if stripe % 2 else 128,
            )
            pen.pieslice((x0, sy - tall * 0.99, x1, sy - tall * 0.85), 0, 180, fill=214 if stripe % 2 else 120)
    _tram(pen, w * 0.40, horizon + h * 0.085, w * 0.135)
    for _ in range(64):
        near = float(rng.random()) ** 2.6
        figure(
            pen,
            rng,
            float(rng.uniform(0.02, 0.98)) * w,
            horizon + h * (0.015 + near * 0.24),
            h * (0.042 + near * 0.085),
            int(24 + 40 * (1 - near)),
        )
    for lamp, size in ((0.12, 1.0), (0.86, 0.9), (0.33, 0.55), (0.71, 0.5)):
        foot, tall = horizon + h * 0.2 * size, h * 0.36 * size
        pen.line((w * lamp, foot, w * lamp, foot - tall), fill=34, width=max(3, int(w / 330 * size)))
        pen.polygon(
            [
                (w * lamp - w * 0.010 * size, foot - tall),
                (w * lamp + w * 0.010 * size, foot - tall),
                (w * lamp + w * 0.014 * size, foot - tall - h * 0.035 * size),
                (w * lamp - w * 0.014 * size, foot - tall - h * 0.035 * size),
            ],
            fill=170,
            outline=30,
            width=4,
        )
        pen.polygon(
            [
                (w * lamp - w * 0.016 * size, foot - tall - h * 0.035 * size),
                (w * lamp, foot - tall - h * 0.055 * size),
                (w * lamp + w * 0.016 * size, foot - tall - h * 0.035 * size),
            ],
            fill=34,
        )
    for wire in range(3):
        sag = [
            (w * t, h * (0.10 + wire * 0.05) + h * 0.12 * (t - 0.5) ** 2 * (2 - wire)) for t in np.linspace(0, 1, 30)
        ]
        pen.line(sag, fill=120, width=2)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def countryside(rng: np.random.Generator, width: int, height: int, motif: str) -> Image.Image:
    """Return a landscape of the Lys with water: `oak`, `heron` or `mill` in front of it."""
    w, h = width * 2, height * 2
    picture = sky(rng, w, h, 178, 250, 16)
    pen, horizon = ImageDraw.Draw(picture), h * 0.6
    for layer in range(4):
        line = [(0.0, float(h))]
        for x in np.linspace(0, w, 40):
            line.append(
                (
                    float(x),
                    horizon
                    + layer * h * 0.035
                    - h * 0.05 * float(np.sin(x / w * 5 + layer * 2.1)) * (1 - layer * 0.2)
                    - h * 0.02,
                )
            )
        pen.polygon([*line, (float(w), float(h))], fill=196 - layer * 18)
        for _ in range(26):
            x = float(rng.uniform(0, w))
            y = (
                horizon
                + layer * h * 0.035
                - h * 0.05 * float(np.sin(x / w * 5 + layer * 2.1)) * (1 - layer * 0.2)
                - h * 0.02
            )
            r = h * 0.012 * (1 + layer * 0.4)
            pen.ellipse((x - r, y - r * 1.6, x + r, y + r * 0.4), fill=150 - layer * 18)
    pen.ellipse((-w * 0.1, h * 0.74, w * 0.9, h * 1.1), fill=216)
    for ripple in range(40):
        y = h * (0.77 + 0.22 * ripple / 40)
        x = float(rng.uniform(0, w * 0.7))
        pen.line((x, y, x + w * float(rng.uniform(0.05, 0.2)), y), fill=170, width=3)
    if motif == "oak":
        x, foot = w * 0.66, h * 0.86
        pen.polygon(
            [(x - w * 0.045, foot), (x - w * 0.02, h * 0.5), (x + w * 0.025, h * 0.5), (x + w * 0.05, foot)], fill=52
        )
        for _ in range(340):
            a, d = float(rng.uniform(0, 2 * np.pi)), float(rng.random()) ** 0.5
            cx, cy = x + np.cos(a) * d * w * 0.25, h * 0.33 + np.sin(a) * d * h * 0.24
            r = w * float(rng.uniform(0.012, 0.03))
            light = (cx - x) / (w * 0.25) * 34 + (cy - h * 0.33) / (h * 0.24) * 34
            pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=int(np.clip(112 - light + rng.normal(0, 18), 34, 190)))
    if motif == "mill":
        x, top = w * 0.62, h * 0.3
        pen.polygon(
            [(x - w * 0.07, h * 0.82), (x - w * 0.04, top), (x + w * 0.04, top), (x + w * 0.07, h * 0.82)], fill=110
        )
        pen.polygon(
            [(x + w * 0.005, h * 0.82), (x + w * 0.005, top), (x + w * 0.04, top), (x + w * 0.07, h * 0.82)], fill=76
        )
        pen.pieslice((x - w * 0.05, top - h * 0.08, x + w * 0.05, top + h * 0.08), 180, 360, fill=58)
        for arm in range(4):
            a = arm * np.pi / 2 + 0.5
            dx, dy = float(np.cos(a)), float(np.sin(a))
            pen.line((x, top, x + dx * w * 0.2, top + dy * w * 0.2), fill=34, width=8)
            pen.polygon(
                [
                    (x + dx * w * 0.04, top + dy * w * 0.04),
                    (x + dx * w * 0.2, top + dy * w * 0.2),
                    (x + dx * w * 0.2 - dy * w * 0.035, top + dy * w * 0.2 + dx * w * 0.035),
                    (x + dx * w * 0.04 - dy * w * 0.035, top + dy * w * 0.04 + dx * w * 0.035),
                ],
                fill=150,
                outline=40,
                width=4,
            )
    if motif == "heron":
        x, foot = w * 0.6, h * 0.9
        for leg in (0, w * 0.018):
            pen.line((x + leg, h * 0.66, x + leg - w * 0.004, foot), fill=40, width=7)
        pen.polygon(
            [
                (x - w * 0.1, h * 0.68),
                (x - w * 0.02, h * 0.58),
                (x + w * 0.05, h * 0.56),
                (x + w * 0.055, h * 0.62),
                (x + w * 0.0, h * 0.69),
            ],
            fill=92,
        )
        neck = [
            (x + w * 0.045, h * 0.58),
            (x + w * 0.075, h * 0.5),
            (x + w * 0.05, h * 0.42),
            (x + w * 0.065, h * 0.34),
        ]
        pen.line(neck, fill=110, width=int(w * 0.016), joint="curve")
        pen.ellipse((x + w * 0.05, h * 0.315, x + w * 0.088, h * 0.36), fill=96)
        pen.polygon([(x + w * 0.083, h * 0.325), (x + w * 0.165, h * 0.35), (x + w * 0.08, h * 0.352)], fill=50)
        pen.line((x + w * 0.055, h * 0.325, x + w * 0.01, h * 0.305), fill=40, width=5)
    for _ in range(120):
        x, foot = (
            float(rng.choice([rng.uniform(0, w * 0.3), rng.uniform(w * 0.8, w)])),
            h * float(rng.uniform(0.86, 1.0)),
        )
        tall, lean = h * float(rng.uniform(0.08, 0.26)), float(rng.normal(0.03, 0.02)) * w
        pen.line(
            [(x, foot), (x + lean * 0.4, foot - tall * 0.6), (x + lean, foot - tall)],
            fill=int(rng.integers(38, 96)),
            width=5,
        )
        if rng.random() < 0.4:
            pen.ellipse((x + lean - 7, foot - tall - 34, x + lean + 7, foot - tall + 12), fill=48)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def engrave(picture: Image.Image, pitch: float = 5.0) -> Image.Image:
    """Return a layer of ink that shows a grey picture as a wood engraving: lines that swell, cross-hatched in the dark."""
    grey = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.6)), dtype=np.float32) / 255
    dark = np.clip((1 - grey) * 1.08 - 0.04, 0, 1)
    rows, columns = np.mgrid[0 : dark.shape[0], 0 : dark.shape[1]].astype(np.float32)
    wobble = 0.8 * np.sin(columns / 37) + 0.6 * np.sin(rows / 53)
    first = 0.5 + 0.5 * np.cos((rows + wobble + columns * 0.06) * (2 * np.pi / pitch))
    second = 0.5 + 0.5 * np.cos((columns * 0.8 + rows * 0.6) * (2 * np.pi / (pitch * 1.1)))
    line = np.clip((dark * 1.15 - first) * 3.2 + 0.35, 0, 1) * (dark > 0.06)
    cross = np.clip(((dark - 0.5) * 1.9 - second) * 3.2 + 0.35, 0, 1) * (dark > 0.5)
    edges = np.asarray(picture.filter(ImageFilter.FIND_EDGES), dtype=np.float32) / 255
    ink = np.maximum(np.maximum(line, cross), np.clip(edges * 1.5 - 0.3, 0, 1))
    ink[:2], ink[-2:], ink[:, :2], ink[:, -2:] = 0, 0, 0, 0
    return Image.fromarray((ink * 255).astype(np.uint8))
