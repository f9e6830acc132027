"""ICC profiles (ICC.1:2022): whether one says sRGB, by its numbers and not by its name.

Linear and wider spaces call themselves "sRGB" too ("linear sRGB", "scRGB"); taken for it they would be shown too dark.
No libvips here.
"""

import struct
from collections.abc import Callable

_HEADER_SIZE = 128
_MOST_TAGS = 100
_COLORANTS = {
    b"rXYZ": (0.4361, 0.2225, 0.0139),
    b"gXYZ": (0.3851, 0.7169, 0.0971),
    b"bXYZ": (0.1431, 0.0606, 0.7141),
}
"""The primaries of sRGB (IEC 61966-2-1), adapted to D50 as in every profile."""

_CURVES = (b"rTRC", b"gTRC", b"bTRC")
_NEAR_COLORANT, _NEAR_CURVE = 0.004, 0.01
_PROBES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9)
_PARAMETERS = (1, 3, 4, 5, 7)
"""How many numbers each kind of parametric curve has (§10.18)."""


def is_srgb(profile: bytes) -> bool:
    """Return whether an RGB profile has the primaries and curves of sRGB; False for one that cannot be read."""
    try:
        tags = _tags(profile)
        if b"A2B0" in tags:  # a table comes before primaries and curves (§8.10)
            return False
        return all(_is_near(_xyz(tags[name]), wanted) for name, wanted in _COLORANTS.items()) and all(
            abs(curve(value) - _srgb(value)) < _NEAR_CURVE
            for curve in (_curve(tags[name]) for name in _CURVES)
            for value in _PROBES
        )
    except (KeyError, IndexError, ValueError, TypeError, OverflowError, ZeroDivisionError, struct.error):
        return False


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, _HEADER_SIZE)
    found = {}
    for number in range(min(count, _MOST_TAGS)):
        name, offset, size = struct.unpack_from(">4sII", profile, _HEADER_SIZE + 4 + 12 * number)
        found[name] = profile[offset : offset + size]
    return found


def _xyz(tag: bytes) -> tuple[float, ...]:
    return tuple(value / 65536 for value in struct.unpack_from(">3i", tag, 8))


def _is_near(found: tuple[float, ...], wanted: tuple[float, ...]) -> bool:
    return all(abs(one - other) < _NEAR_COLORANT for one, other in zip(found, wanted, strict=True))


def _srgb(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _curve(tag: bytes) -> Callable[[float], float]:
    """Return the curve from device values to light, both from 0 to 1. Raises ValueError for another kind of tag."""
    kind = tag[:4]
    if kind == b"para":
        (form,) = struct.unpack_from(">H", tag, 8)
        numbers = [value / 65536 for value in struct.unpack_from(f">{_PARAMETERS[form]}i", tag, 12)]
        return _parametric(form, numbers)
    if kind != b"curv":
        raise ValueError("neither a curve nor a parametric curve")
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return lambda value: value
    points = struct.unpack_from(f">{count}H", tag, 12)
    if count == 1:
        return lambda value: float(value ** (points[0] / 256))

    def interpolated(value: float) -> float:
        place = value * (count - 1)
        low = min(int(place), count - 2)
        return float(points[low] + (points[low + 1] - points[low]) * (place - low)) / 65535

    return interpolated


def _parametric(form: int, numbers: list[float]) -> Callable[[float], float]:
    """Return a parametric curve (ICC.1 §10.18, table 68); what a form does not name is 1 or 0."""
    g, a, b, c, d, e, f = (numbers + [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0][len(numbers) :])[:7]
    if form == 0:
        return lambda value: float(value**g)
    if form in (1, 2):
        return lambda value: float((a * value + b) ** g) + c if value >= -b / a else c
    return lambda value: float((a * value + b) ** g) + e if value >= d else c * value + f
