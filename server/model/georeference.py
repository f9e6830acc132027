"""Where a plan lies on the earth: control points that tie pixels of a view to longitude and latitude (WGS 84).

The affine map that fits them best, by least squares, says where the whole plan lies; a client may bend it otherwise.
"""

from dataclasses import dataclass, replace

LEAST = 3
"""Control points that a plan needs: fewer fix no affine map."""

_FLAT = 1e-6
"""Points count as lying on one line where their spread across it is less than this share of that along it, squared."""


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """A place in pixels of the image, from its upper left corner, and the same place in decimal degrees."""

    x: float
    y: float
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Georeference:
    """Control points of a view. `width` and `height` are those of the image in whose pixels they are, 0 for the view's.

    `order` is that of the polynomial that is meant (1 to 3). `mask` outlines the map in the image, in the same pixels;
    empty where all of the image is map.
    """

    points: tuple[ControlPoint, ...]
    width: int = 0
    height: int = 0
    order: int = 1
    mask: tuple[tuple[float, float], ...] = ()


def fit_georeference(georeference: Georeference, width: int, height: int) -> Georeference:
    """Return a georeference in pixels of an image of the given size."""
    across = width / georeference.width if georeference.width else 1.0
    down = height / georeference.height if georeference.height else 1.0
    if (across, down) == (1.0, 1.0):
        return replace(georeference, width=width, height=height)
    points = tuple(
        replace(point, x=round(point.x * across, 2), y=round(point.y * down, 2)) for point in georeference.points
    )
    mask = tuple((round(x * across, 2), round(y * down, 2)) for x, y in georeference.mask)
    return replace(georeference, points=points, width=width, height=height, mask=mask)


def find_outside(georeference: Georeference, width: int, height: int) -> tuple[int, ...]:
    """Return the positions, from 0, of control points that lie outside an image of the given size."""
    fitted = fit_georeference(georeference, width, height)
    return tuple(
        position
        for position, point in enumerate(fitted.points)
        if not (0 <= point.x <= width and 0 <= point.y <= height)
    )


def on_one_line(points: tuple[tuple[float, float], ...]) -> bool:
    """Whether points lie on one line, or all in one place: then no map can be made of them."""
    count = len(points) or 1
    x0, y0 = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    xx = sum((x - x0) ** 2 for x, _ in points)
    yy = sum((y - y0) ** 2 for _, y in points)
    xy = sum((x - x0) * (y - y0) for x, y in points)
    return xx * yy - xy * xy <= _FLAT * (xx + yy) ** 2


def outline(georeference: Georeference) -> tuple[tuple[float, float], ...]:
    """Return the corners of the map on the earth, as longitude and latitude, counterclockwise and closed (RFC 7946 §3.1.6).

    Empty where the control points fix no map, or it would pass a pole or the date line.
    """
    points = georeference.points
    if len(points) < LEAST or on_one_line(tuple((point.x, point.y) for point in points)):
        return ()
    width, height = georeference.width, georeference.height
    corners = georeference.mask or ((0, 0), (width, 0), (width, height), (0, height))
    x0, y0 = sum(p.x for p in points) / len(points), sum(p.y for p in points) / len(points)
    xx = sum((p.x - x0) ** 2 for p in points)
    yy = sum((p.y - y0) ** 2 for p in points)
    xy = sum((p.x - x0) * (p.y - y0) for p in points)

    def along(values: list[float]) -> list[float]:
        mean = sum(values) / len(values)
        xv = sum((p.x - x0) * (value - mean) for p, value in zip(points, values, strict=True))
        yv = sum((p.y - y0) * (value - mean) for p, value in zip(points, values, strict=True))
        determinant = xx * yy - xy * xy
        a, b = (xv * yy - yv * xy) / determinant, (yv * xx - xv * xy) / determinant
        return [round(mean + a * (x - x0) + b * (y - y0), 6) for x, y in corners]

    longitudes, latitudes = along([p.longitude for p in points]), along([p.latitude for p in points])
    ring = list(zip(longitudes, latitudes, strict=True))
    if any(not (-180 <= x <= 180 and -90 <= y <= 90) for x, y in ring):
        return ()
    area = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True))
    if area < 0:
        ring.reverse()
    return (*ring, ring[0])
