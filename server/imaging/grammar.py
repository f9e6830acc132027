"""What the parts of an image request share in all versions of the IIIF Image API: numbers, rounding, refusals.

Numbers are decimal digits and at most one point (3.0 §4.7, 2.1 §4). A leading zero before the point and no superfluous
ones are only advised there, so `.5`, `1.` and `007` are read too. Signs and exponents are refused: 3.0 demands it, and
2.1 names digits and the point alone. Digits after the point are bounded because a server must bound what it reads,
far above the 17 or so that JavaScript writes for a third; 2.1 advises ten at most, 3.0 took that advice back.

Pure; must not import anything but the errors.
"""

import math
from fractions import Fraction

from server.errors import BadRequest

WHOLE = r"[0-9]{1,9}"
DECIMAL = r"(?:[0-9]{1,9}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})"


def rounded(value: Fraction) -> int:
    """Round to the nearest whole number, halves up. Both versions leave the method to the server (2.1 §4, 3.0 §4.7)."""
    return math.floor(value + Fraction(1, 2))


def not_understood(what: str, text: str, wanted: str) -> BadRequest:
    """Return the refusal of a parameter that is not of the grammar."""
    return BadRequest(f"The {what} {shown(text)} is not understood; it must be {wanted}.")


def shown(text: str) -> str:
    """Quote what a client typed, short and printable."""
    return "“" + "".join(char if char.isprintable() else "?" for char in text[:60]) + "”"
