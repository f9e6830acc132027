"""What frames and explains a plan: cartouche, scale, compass rose, table of references, windmills, lines of water."""

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from data.holdings.drafting import Drawing
from data.holdings.ground import scaled
from data.holdings.paper import enlarge

CHURCHES = (
    "Collégiale Saint-Pierre",
    "Saint-Étienne",
    "Saint-Maurice",
    "Sainte-Catherine",
    "Saint-Sauveur",
    "La Madeleine",
    "Saint-André",
    "Les Dominicains",
    "Les Récollets",
    "Les Augustins",
    "Les Minimes",
    "Hôpital Comtesse",
    "Hospice Gantois",
    "Hôtel de ville, palais Rihour",
    "La Bourse",
    "L’Arsenal",
    "Magasin au bled",
    "Mont-de-Piété",
    "Hôtel de l’Intendance",
    "Le Gouvernement",
)
GATES = (
    "Porte de la Barre",
    "Porte Saint-André",
    "Porte d’Eau",
    "Porte de Gand",
    "Porte Saint-Maurice",
    "Porte de Fives",
    "Porte des Malades",
    "Porte Notre-Dame",
)


def watered(drawing: Drawing) -> None:
    """Draw lines along the banks of all water, as engravers do."""
    soft = (
        np.asarray(drawing.water.filter(ImageFilter.GaussianBlur(11 * max(drawing.scale, 0.2))), dtype=np.float32) / 255
    )
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
        lines = (
            (np.abs(level - np.round(level)) < enlarge(slope, width, top, bottom, height))
            & (inside > 140)
            & (level > 0.5)
            & (level < 4.2)
        )
        old = drawing.ink.crop((0, top, width, bottom))
        drawing.ink.paste(ImageChops.lighter(old, Image.fromarray(lines.astype(np.uint8) * 150)), (0, top))


def rose(drawing: Drawing, x: float, y: float, r: float) -> None:
    """Draw a compass rose of thirty-two points; the lily marks the north."""
    drawing.pen.ellipse([v * drawing.scale for v in (x - r * 1.22, y - r * 1.22, x + r * 1.22, y + r * 1.22)], fill=0)
    drawing.brush.ellipse(
        [v * drawing.scale / 4 for v in (x - r * 1.22, y - r * 1.22, x + r * 1.22, y + r * 1.22)], fill=(248, 241, 220)
    )
    for ring, width in ((1.0, 3), (0.96, 2), (0.62, 3), (0.6, 2)):
        drawing.pen.ellipse(
            [v * drawing.scale for v in (x - r * ring, y - r * ring, x + r * ring, y + r * ring)],
            outline=225,
            width=max(1, round(width * drawing.scale)),
        )
    for count, reach, waist, colour in (
        (16, 0.6, 0.10, (236, 214, 160)),
        (8, 0.8, 0.14, (176, 196, 190)),
        (4, 1.0, 0.17, (206, 110, 90)),
    ):
        for index in range(count):
            a = index * 2 * np.pi / count + (np.pi / count if count == 16 else 0)
            tip = (x + r * reach * float(np.sin(a)), y - r * reach * float(np.cos(a)))
            for side in (-1, 1):
                corner = (
                    x + r * waist * float(np.sin(a + side * np.pi / 4)),
                    y - r * waist * float(np.cos(a + side * np.pi / 4)),
                )
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


def cartouche(drawing: Drawing) -> None:
    """Draw the title in its frame, with the arms of the town and the scale."""
    x, y, w, h = 9_060.0, 1_560.0, 1_330.0, 960.0
    outline = [
        (x + w * np.sign(np.cos(a)) * abs(np.cos(a)) ** 0.55, y + h * np.sign(np.sin(a)) * abs(np.sin(a)) ** 0.6)
        for a in np.linspace(0, 2 * np.pi, 120)
    ]
    drawing.shape([(float(px), float(py)) for px, py in scaled(outline, 1.09, (x, y))], 9, (226, 202, 150), wet=0)
    drawing.shape([(float(px), float(py)) for px, py in scaled(outline, 1.05, (x, y))], 3, (238, 220, 176))
    drawing.shape([(float(px), float(py)) for px, py in outline], 6, (250, 244, 226))
    drawing.line(scaled(outline, 0.975, (x, y)), 2)
    for sx in (-1, 1):
        for sy in (-1, 1):
            _scroll(
                drawing,
                x + sx * w * 0.97,
                y + sy * h * 0.93,
                170,
                -sx * sy,
                np.pi / 2 * (1 + sy) if sx > 0 else np.pi / 2 * (1 - sy) + np.pi,
            )
    ax, ay, s = x, y - h * 1.02, 150.0
    shield = [
        (ax - s, ay - s),
        (ax + s, ay - s),
        (ax + s, ay + s * 0.3),
        (ax + s * 0.6, ay + s * 0.9),
        (ax, ay + s * 1.25),
        (ax - s * 0.6, ay + s * 0.9),
        (ax - s, ay + s * 0.3),
    ]
    drawing.shape(scaled(shield, 1.2, (ax, ay)), 6, (232, 206, 140))
    drawing.shape(shield, 6, (190, 66, 62))
    petal = [
        (0, -0.8),
        (0.2, -0.35),
        (0.14, 0.1),
        (0.5, -0.35),
        (0.72, -0.05),
        (0.5, 0.2),
        (0.2, 0.25),
        (0.2, 0.4),
        (0.12, 0.85),
        (-0.12, 0.85),
        (-0.2, 0.4),
        (-0.2, 0.25),
        (-0.5, 0.2),
        (-0.72, -0.05),
        (-0.5, -0.35),
        (-0.14, 0.1),
        (-0.2, -0.35),
    ]
    drawing.shape([(ax + px * s, ay + py * s) for px, py in petal], 4, (250, 246, 230))
    lines = (
        ("PLAN", 190, "garamond", 46),
        ("de la Ville et Citadelle", 128, "garamond-italic", 0),
        ("DE LILLE", 226, "garamond", 40),
        ("Capitale de la Flandre Françoise,", 104, "garamond-italic", 0),
        ("avec ses Fauxbourgs et Environs", 96, "garamond-italic", 0),
        ("levé et lavé en 1745", 82, "garamond", 0),
    )
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


def table(drawing: Drawing) -> None:
    """Write the table of references."""
    x, y, w, h = 420.0, 5_900.0, 2_080.0, 2_880.0
    drawing.shape([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], 7, (250, 244, 226), wet=0)
    drawing.line(
        [(x + 22, y + 22), (x + w - 22, y + 22), (x + w - 22, y + h - 22), (x + 22, y + h - 22), (x + 22, y + 22)], 2
    )
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


def mill(drawing: Drawing, x: float, y: float) -> None:
    """Draw a windmill."""
    drawing.shape([(x - 26, y + 34), (x - 16, y - 26), (x + 16, y - 26), (x + 26, y + 34)], 3, (222, 196, 150))
    drawing.shape([(x - 20, y - 26), (x, y - 48), (x + 20, y - 26)], 3, (170, 96, 80))
    for dx, dy in ((1, 1), (-1, 1)):
        drawing.line([(x - dx * 52, y - 24 - dy * 52), (x + dx * 52, y - 24 + dy * 52)], 4)
        for t in (-1, 1):
            drawing.shape(
                [
                    (x + t * dx * 16, y - 24 + t * dy * 16),
                    (x + t * dx * 52, y - 24 + t * dy * 52),
                    (x + t * dx * 52 + dy * 16, y - 24 + t * dy * 52 - dx * 16),
                    (x + t * dx * 16 + dy * 16, y - 24 + t * dy * 16 - dx * 16),
                ],
                2,
                clear=False,
            )
