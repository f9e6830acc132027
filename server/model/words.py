"""Comparing what people write: without accents, ligatures, case, or the kind of space and hyphen."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "’": "'"})


def fold(said: str) -> str:
    """Return the text in lower-case ASCII letters and digits, words separated by one space."""
    plain = unicodedata.normalize("NFKD", said.translate(_LIGATURES)).encode("ascii", "ignore").decode().lower()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())
