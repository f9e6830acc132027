"""By how much a page is turned: the angle at which its edges fall into lines. numpy only.

Text lines, rules, frames and the edges of the sheet itself are edges along one direction. Summed along a line that has
their angle they give high peaks, along any other they smear (the projection profile, after Postl, 1986). What has no such lines
has no angle.
"""

import math

import numpy as np
from numpy.typing import NDArray

FARTHEST = 7.0
"""Degrees in both directions that are looked for."""

_COARSE, _FINE = 0.5, 0.1
_LEAST_POINTS = 400
_MOST_POINTS = 24_000
_CLEAR = 1.55
"""How many times as uneven the sums must be at the best angle as at the middle one."""

Field = NDArray[np.float32]


def skew(gray: Field) -> float | None:
    """Return the angle in degrees, clockwise is positive; None where nothing in the picture has one."""
    # lines of text come first: the sides of a book that lies open are not at right angles to them
    for along, sign in ((gray, 1.0), (gray.T, -1.0)):
        found = _angle(np.ascontiguousarray(along))
        if found is not None:
            return sign * found
    return None


def _angle(gray: Field) -> float | None:
    """Return the angle of the lines across a picture; None where it is not clear."""
    edges = np.abs(gray[2:] - gray[:-2])
    strong = max(float(np.percentile(edges, 94)), 12.0)
    y, x = np.nonzero(edges > strong)
    if len(y) < _LEAST_POINTS:
        return None
    if len(y) > _MOST_POINTS:
        chosen = np.random.default_rng(0).choice(len(y), _MOST_POINTS, replace=False)
        y, x = y[chosen], x[chosen]
    across = x - gray.shape[1] / 2

    def unevenness(degrees: float) -> float:
        # two pixels a bin: thinner ones would be empty by chance
        where = ((y - across * math.tan(math.radians(degrees))) / 2 + gray.shape[1]).astype(np.int64)
        sums = np.bincount(where).astype(np.float64)
        return float((sums * sums).sum() + (np.diff(sums) ** 2).sum())

    angles = np.arange(-FARTHEST, FARTHEST + _COARSE / 2, _COARSE)
    values = np.array([unevenness(float(angle)) for angle in angles])
    near = float(angles[values.argmax()])
    finer = np.arange(near - _COARSE, near + _COARSE + _FINE / 2, _FINE)
    fine = np.array([unevenness(float(angle)) for angle in finer])
    clear = float(fine.max() / np.median(values))
    return float(finer[fine.argmax()]) if clear >= _CLEAR else None
