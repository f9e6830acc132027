"""ARK names: a betanumeric blade behind our shoulder, closed by a NOID check character.

The alphabet and the check character are those of the NOID scheme (Noid Check Digit Algorithm): no vowels, so no words;
one wrong or two swapped characters are always noticed. Pure; minting, which must be unique, is in `catalogue/arks.py`.
"""

import re
import secrets
from collections.abc import Callable

ALPHABET = "0123456789bcdfghjkmnpqrstvwxz"
BLADE_LENGTH = 7

Blades = Callable[[], str]
"""Where blades come from: random in use, counted in tests."""

_ARK = re.compile(r"^(?:https?://[^/]+/)?ark:/?(?P<naan>[0-9]{5,9})/(?P<name>[0-9A-Za-z=~*+@_$.\-/]{1,200})$")


def random_blade() -> str:
    """Return a random blade; 29^7 of them make 17 thousand million."""
    return "".join(secrets.choice(ALPHABET) for _ in range(BLADE_LENGTH))


def check_character(naan: str, name: str) -> str:
    """Return the NOID check character of `naan/name`: the sum of value times position, modulo 29."""
    total = sum(ALPHABET.find(c) * i for i, c in enumerate(f"{naan}/{name}", start=1) if c in ALPHABET)
    return ALPHABET[total % len(ALPHABET)]


def is_sound(naan: str, name: str) -> bool:
    """Whether the last character of `name` is the check character of what stands before it."""
    return len(name) > 1 and check_character(naan, name[:-1]) == name[-1]


def split_ark(ark: str) -> tuple[str, str] | None:
    """Return NAAN and name of an ARK, with or without the slash after `ark:`, bare or as an address; None if it is none.

    Hyphens are insignificant (ARK specification §2.6) and left out.
    """
    found = _ARK.match(ark.strip())
    return (found["naan"], found["name"].replace("-", "").rstrip("/.")) if found else None
