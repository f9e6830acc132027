"""The map of the region, drawn by hand from the towns that lie on its borders: no tiles, no third party, one SVG.

Places are put on an equirectangular projection, true at the latitude of Lille. Pure.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from server.catalogue.browsing import PlaceCount

_LATITUDE = 50.6
_SCALE = 400.0  # units to a degree of latitude
_WEST, _NORTH = 1.4, 51.2
_SHRINK = math.cos(math.radians(_LATITUDE))

_LAND = (
    (2.545, 51.09), (2.37, 51.055), (2.10, 51.01), (1.85, 50.97), (1.68, 50.92), (1.58, 50.87), (1.60, 50.80),
    (1.58, 50.73), (1.57, 50.66), (1.58, 50.53), (1.56, 50.41), (1.60, 50.37), (1.75, 50.33), (1.93, 50.31),
    (2.02, 50.25), (2.20, 50.22), (2.32, 50.19), (2.40, 50.15), (2.55, 50.12), (2.75, 50.07), (2.95, 50.03),
    (3.10, 50.02), (3.18, 50.01), (3.35, 50.03), (3.50, 50.02), (3.62, 50.04), (3.72, 50.06), (3.86, 50.03),
    (4.02, 49.99), (4.14, 49.97), (4.20, 49.96), (4.15, 50.03), (4.23, 50.07), (4.20, 50.13), (4.13, 50.14),
    (4.18, 50.22), (4.16, 50.28), (4.08, 50.31), (3.97, 50.345), (3.87, 50.34), (3.76, 50.35), (3.70, 50.33),
    (3.66, 50.39), (3.67, 50.45), (3.61, 50.49), (3.52, 50.50), (3.46, 50.51), (3.38, 50.49), (3.29, 50.53),
    (3.26, 50.61), (3.24, 50.67), (3.25, 50.71), (3.19, 50.735), (3.17, 50.78), (3.13, 50.79), (3.07, 50.775),
    (3.00, 50.765), (2.95, 50.74), (2.90, 50.70), (2.86, 50.72), (2.78, 50.745), (2.71, 50.79), (2.64, 50.81),
    (2.60, 50.84), (2.62, 50.91), (2.58, 50.95), (2.60, 51.00), (2.56, 51.06),
)  # fmt: skip
_RIVERS = {
    "Lys": (
        (2.40, 50.64), (2.52, 50.63), (2.64, 50.64), (2.73, 50.645), (2.81, 50.67), (2.88, 50.69), (2.95, 50.735),
        (3.00, 50.765), (3.07, 50.775), (3.13, 50.79), (3.22, 50.82), (3.30, 50.85),
    ),
    "Deûle": (
        (2.82, 50.44), (2.93, 50.46), (2.95, 50.52), (2.92, 50.56), (2.98, 50.61), (3.04, 50.635), (3.05, 50.66),
        (3.02, 50.70), (2.99, 50.72), (2.95, 50.735),
    ),
    "Scarpe": (
        (2.60, 50.31), (2.78, 50.295), (2.92, 50.31), (3.05, 50.37), (3.14, 50.39), (3.25, 50.40), (3.36, 50.43),
        (3.44, 50.46), (3.46, 50.51),
    ),
    "Escaut": (
        (3.23, 50.05), (3.20, 50.12), (3.23, 50.18), (3.30, 50.28), (3.38, 50.32), (3.52, 50.36), (3.58, 50.42),
        (3.58, 50.46), (3.46, 50.51), (3.43, 50.56), (3.39, 50.61), (3.40, 50.70), (3.46, 50.78),
    ),
    "Aa": ((2.05, 50.62), (2.18, 50.68), (2.26, 50.74), (2.25, 50.80), (2.20, 50.88), (2.13, 50.96), (2.10, 51.01)),
    "Sambre": ((3.72, 50.06), (3.75, 50.12), (3.82, 50.20), (3.93, 50.25), (4.05, 50.28), (4.16, 50.29)),
}  # fmt: skip
_TOWNS = (
    ("Lille", 3.063, 50.637), ("Dunkerque", 2.377, 51.034), ("Calais", 1.859, 50.951), ("Boulogne", 1.614, 50.725),
    ("Arras", 2.777, 50.291), ("Valenciennes", 3.523, 50.357), ("Cambrai", 3.235, 50.176), ("Douai", 3.080, 50.371),
    ("Saint-Omer", 2.261, 50.748), ("Maubeuge", 3.973, 50.278), ("Béthune", 2.640, 50.530),
)  # fmt: skip
"""What a reader finds their way by; a town that is a place of documents is drawn as that."""

_NEAR = 12.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the map: centre and radius of its disc, and whether its name stands to the left of it."""

    place: PlaceCount
    x: float
    y: float
    radius: float
    is_left: bool = False


@dataclass(frozen=True, slots=True)
class Town:
    """A town to find one's way by."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class RegionMap:
    """What is drawn, in units of the view box."""

    box: tuple[float, float, float, float]
    land: str
    rivers: tuple[str, ...]
    towns: tuple[Town, ...]
    spots: tuple[Spot, ...]
    unit: float
    """Size of a letter and a line in units of the view box: a part of the map is drawn as fine as the whole."""


def draw_map(places: Iterable[PlaceCount], *, whole: bool = True) -> RegionMap | None:
    """Return the map of the places that have coordinates in or near the region; None where there is none.

    With `whole` the region is shown whole, else the part that holds the places.
    """
    located = [
        place
        for place in places
        if place.latitude is not None and place.longitude is not None
        and 1.2 <= place.longitude <= 4.6 and 49.7 <= place.latitude <= 51.4
    ]  # fmt: skip
    if not located:
        return None
    points = [_project(place.longitude or 0, place.latitude or 0) for place in located]
    box = _box_of([_project(*point) for point in _LAND], 14) if whole else _near(points)
    unit = box[2] / (640 if whole else 360)
    spots = [
        Spot(place, x, y, round(unit * min(22.0, 5.5 + 2.4 * math.sqrt(place.documents)), 1))
        for place, (x, y) in zip(located, points, strict=True)
    ]
    spots.sort(key=lambda spot: -spot.radius)  # the small ones are drawn last and can be pressed
    towns = [Town(name, *_project(*point)) for name, *point in _TOWNS]
    shown = tuple(
        town
        for town in towns
        if all(math.hypot(town.x - spot.x, town.y - spot.y) > _NEAR * unit + spot.radius for spot in spots)
        and box[0] < town.x < box[0] + box[2] * 0.9
        and box[1] < town.y < box[1] + box[3]
    )
    return RegionMap(
        box,
        _path(_LAND, closed=True),
        tuple(_path(river) for river in _RIVERS.values()),
        shown,
        tuple(_with_sides(spots)),
        round(unit, 4),
    )


def _with_sides(spots: list[Spot]) -> list[Spot]:
    """Put the name of a place to the left where another place stands close to the right of it."""
    placed = []
    for spot in spots:
        reach = 9 * spot.radius
        crowded = any(
            0 < other.x - spot.x < reach and abs(other.y - spot.y) < 2.2 * spot.radius
            for other in spots
            if other is not spot
        )
        placed.append(Spot(spot.place, spot.x, spot.y, spot.radius, crowded))
    return placed


def _project(longitude: float, latitude: float) -> tuple[float, float]:
    return (
        round((longitude - _WEST) * _SCALE * _SHRINK, 1),
        round((_NORTH - latitude) * _SCALE, 1),
    )


def _box_of(points: list[tuple[float, float]], margin: float) -> tuple[float, float, float, float]:
    left, top = min(x for x, _ in points) - margin, min(y for _, y in points) - margin
    right, bottom = max(x for x, _ in points) + margin, max(y for _, y in points) + margin
    return round(left, 1), round(top, 1), round(right - left, 1), round(bottom - top, 1)


def _near(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Return a box of three to two that holds the points with room for their names, 50 km wide at least."""
    left, top, width, height = _box_of(points, 26)
    wide = max(width * 1.35, height * 1.5, 180.0)
    high = wide / 1.5
    return (
        round(left + width / 2 - wide / 2, 1),
        round(top + height / 2 - high / 2, 1),
        round(wide, 1),
        round(high, 1),
    )


def _path(points: Iterable[tuple[float, float]], *, closed: bool = False) -> str:
    """Return a soft line: from middle to middle, each corner drawing it towards itself."""
    corners = [_project(*point) for point in points]
    if closed:
        corners = [*corners, corners[0], corners[1]]
    middles = [((x + u) / 2, (y + v) / 2) for (x, y), (u, v) in pairwise(corners)]
    begin = middles[0] if closed else corners[0]
    drawn = [f"M{begin[0]:.1f} {begin[1]:.1f}"]
    drawn += [f"Q{x:g} {y:g} {u:.1f} {v:.1f}" for (x, y), (u, v) in zip(corners[1:], middles[1:], strict=False)]
    return "".join(drawn) + ("Z" if closed else f"L{corners[-1][0]:g} {corners[-1][1]:g}")
