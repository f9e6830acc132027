"""Geometry for the plan: convex parcels cut and shrunk, bastioned traces, hatching. Points are (x, y), y downwards."""

import numpy as np

Point = tuple[float, float]
Polygon = list[Point]


def area(polygon: Polygon) -> float:
    """Return the area, positive whatever the direction."""
    return (
        abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True))) / 2
    )


def centre(polygon: Polygon) -> Point:
    """Return the mean of the corners."""
    return sum(x for x, _ in polygon) / len(polygon), sum(y for _, y in polygon) / len(polygon)


def scaled(polygon: Polygon, factor: float, about: Point | None = None) -> Polygon:
    """Return a polygon drawn larger or smaller about a point, by default its middle."""
    cx, cy = about or centre(polygon)
    return [(cx + (x - cx) * factor, cy + (y - cy) * factor) for x, y in polygon]


def clipped(polygon: Polygon, point: Point, normal: Point) -> Polygon:
    """Return the part of a convex polygon on the side of a line that `normal` points to."""
    kept: Polygon = []
    for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        d0 = (x0 - point[0]) * normal[0] + (y0 - point[1]) * normal[1]
        d1 = (x1 - point[0]) * normal[0] + (y1 - point[1]) * normal[1]
        if d0 >= 0:
            kept.append((x0, y0))
        if (d0 > 0 > d1) or (d0 < 0 < d1):
            t = d0 / (d0 - d1)
            kept.append((x0 + (x1 - x0) * t, y0 + (y1 - y0) * t))
    return kept


def shrunk(polygon: Polygon, by: float) -> Polygon:
    """Return a convex polygon with every side moved inwards; empty where nothing is left."""
    middle, kept = centre(polygon), polygon
    for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        length = float(np.hypot(x1 - x0, y1 - y0))
        if length < 1e-6 or len(kept) < 3:
            continue
        normal = (-(y1 - y0) / length, (x1 - x0) / length)
        if (middle[0] - x0) * normal[0] + (middle[1] - y0) * normal[1] < 0:
            normal = (-normal[0], -normal[1])
        kept = clipped(kept, (x0 + normal[0] * by, y0 + normal[1] * by), normal)
    return kept if len(kept) > 2 else []


def parted(
    rng: np.random.Generator, polygon: Polygon, least: float, cuts: list[tuple[Point, Point, int]], depth: int = 0
) -> list[Polygon]:
    """Cut a convex polygon again and again across its longer side; the cuts are added to `cuts` with their depth."""
    if area(polygon) < least * float(rng.uniform(0.8, 1.9)) or len(polygon) < 3:
        return [polygon]
    points = np.array(polygon)
    middle = points.mean(axis=0)
    _, _, axes = np.linalg.svd(points - middle)
    angle = float(np.arctan2(axes[0][1], axes[0][0])) + float(rng.normal(0, 0.13))
    normal = (float(np.cos(angle)), float(np.sin(angle)))
    reach = float(np.ptp(points @ np.array(normal)))
    through = middle + np.array(normal) * reach * float(rng.normal(0, 0.08))
    point = (float(through[0]), float(through[1]))
    one, two = clipped(polygon, point, normal), clipped(polygon, point, (-normal[0], -normal[1]))
    if len(one) < 3 or len(two) < 3:
        return [polygon]
    shared = [p for p in one if abs((p[0] - point[0]) * normal[0] + (p[1] - point[1]) * normal[1]) < 1e-6]
    if len(shared) >= 2:
        cuts.append((shared[0], shared[-1], depth))
    return parted(rng, one, least, cuts, depth + 1) + parted(rng, two, least, cuts, depth + 1)


def hatched(polygon: Polygon, angle: float, gap: float) -> list[tuple[Point, Point]]:
    """Return parallel lines across a convex polygon."""
    along, across = (float(np.cos(angle)), float(np.sin(angle))), (-float(np.sin(angle)), float(np.cos(angle)))
    heights = [x * across[0] + y * across[1] for x, y in polygon]
    lines = []
    for height in np.arange(min(heights) + gap / 2, max(heights), gap):
        ends = []
        for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
            h0, h1 = x0 * across[0] + y0 * across[1], x1 * across[0] + y1 * across[1]
            if (h0 - height) * (h1 - height) < 0:
                t = (height - h0) / (h1 - h0)
                ends.append((x0 + (x1 - x0) * t, y0 + (y1 - y0) * t))
        if len(ends) == 2:
            ends.sort(key=lambda p: p[0] * along[0] + p[1] * along[1])
            lines.append((ends[0], ends[1]))
    return lines


def _unit(a: Point, b: Point) -> Point:
    length = float(np.hypot(b[0] - a[0], b[1] - a[1])) or 1.0
    return (b[0] - a[0]) / length, (b[1] - a[1]) / length


def outwards(a: Point, b: Point, middle: Point) -> Point:
    """Return the unit normal of a side that points away from `middle`."""
    ux, uy = _unit(a, b)
    mx, my = (a[0] + b[0]) / 2 - middle[0], (a[1] + b[1]) / 2 - middle[1]
    return (uy, -ux) if uy * mx - ux * my > 0 else (-uy, ux)


def fortress(
    corners: Polygon, gorge: float, flank: float, capital: float, ravelin: float, ditch: float
) -> tuple[Polygon, list[Polygon], Polygon]:
    """Return the trace of a bastioned front: rampart with bastions, ravelins before the curtains, crest of the covered way.

    Lengths are shares of the mean side (Vauban's first system: gorge about 1/5, capital about 1/3).
    """
    middle, count = centre(corners), len(corners)
    side = float(
        np.mean([np.hypot(b[0] - a[0], b[1] - a[1]) for a, b in zip(corners, corners[1:] + corners[:1], strict=True)])
    )
    g, f, c, r, d = (share * side for share in (gorge, flank, capital, ravelin, ditch))
    trace: Polygon = []
    crest: Polygon = []
    ravelins: list[Polygon] = []
    for index, here in enumerate(corners):
        before, after = corners[index - 1], corners[(index + 1) % count]
        to_before, to_after = _unit(here, before), _unit(here, after)
        n_before, n_after = outwards(before, here, middle), outwards(here, after, middle)
        out = _unit(middle, here)
        trace += [
            (here[0] + to_before[0] * g, here[1] + to_before[1] * g),
            (here[0] + to_before[0] * g * 0.92 + n_before[0] * f, here[1] + to_before[1] * g * 0.92 + n_before[1] * f),
            (here[0] + out[0] * c, here[1] + out[1] * c),
            (here[0] + to_after[0] * g * 0.92 + n_after[0] * f, here[1] + to_after[1] * g * 0.92 + n_after[1] * f),
            (here[0] + to_after[0] * g, here[1] + to_after[1] * g),
        ]
        mx, my = (here[0] + after[0]) / 2, (here[1] + after[1]) / 2
        half = float(np.hypot(after[0] - here[0], after[1] - here[1])) * 0.5 - g * 1.25
        foot = f + d * 0.45
        base = (mx + n_after[0] * foot, my + n_after[1] * foot)
        tip = (mx + n_after[0] * (foot + r), my + n_after[1] * (foot + r))
        ravelins.append(
            [
                (base[0] - to_after[0] * half * 0.8, base[1] - to_after[1] * half * 0.8),
                tip,
                (base[0] + to_after[0] * half * 0.8, base[1] + to_after[1] * half * 0.8),
                (mx + n_after[0] * (foot - d * 0.1), my + n_after[1] * (foot - d * 0.1)),
            ]
        )
        crest.append((here[0] + out[0] * (c + d), here[1] + out[1] * (c + d)))
        inner = foot + r * 0.42 + d * 0.55
        for share in (-1, 0, 1):
            if share:
                crest.append(
                    (
                        mx + to_after[0] * share * (half * 0.62 + g * 0.5) + n_after[0] * inner,
                        my + to_after[1] * share * (half * 0.62 + g * 0.5) + n_after[1] * inner,
                    )
                )
            else:
                crest.append((tip[0] + n_after[0] * d, tip[1] + n_after[1] * d))
    return trace, ravelins, crest
