"""From text to the words that are compared: the same folding for what is stored and for what is asked.

Case, accents, ligatures (œ, æ, ﬁ), the long s and full-width forms make no difference; apostrophes and hyphens divide.
Nothing here depends on a database: neither its collations nor its dictionaries are used, so both give the same results.
Pure.
"""

import re
import unicodedata
from functools import lru_cache

MOST_LETTERS = 60
"""Letters of a word that are compared: PostgreSQL takes no longer ones than 2 kB, and OCR makes them out of rules."""

MOST_LETTERS_KEPT, MOST_WORDS_KEPT = 24, 50_000
"""Printed words that are kept folded, in letters and in number: some 15 MB in a process that publishes."""

ELIDED = frozenset({"c", "d", "j", "l", "m", "n", "qu", "s", "t"})
"""Before an apostrophe these are articles and pronouns that lost their vowel: who asks for l'hôtel looks for hôtel."""

_RESTORED = {word: word + "e" for word in ("jusqu", "lorsqu", "presqu", "puisqu", "quelqu", "quoiqu")}
_APOSTROPHES = "’‘ʼ`´′‛＇ʹ"
_HYPHENS = "-‐‑‒–—¬\u00ad"
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "\u00ad": ""}
    | dict.fromkeys(_APOSTROPHES, "'")
)
_WORD = re.compile(r"[^\W_]+")
_WORD_AND_APOSTROPHE = re.compile(r"([^\W_]+)('(?=[^\W_]))?")


def fold(text: str) -> str:
    """Return a text without case, accents and ligatures; its length may change."""
    return _fold_once(_fold_once(text))  # twice: a few letters become others that fold again


def split(text: str) -> tuple[str, ...]:
    """Return the words of a printed word or of a text, folded, in their order: `L’Hôtel-Dieu` is `l`, `hotel`, `dieu`."""
    return tuple(found for found, _ in _parts(text))


def split_printed(word: str) -> tuple[str, ...]:
    """Return what `split` does, for a word of a page: the same words are printed again and again, so they are kept.

    Never to be used for what a stranger asks, who could fill the memory with it.
    """
    return _kept(word) if len(word) <= MOST_LETTERS_KEPT else split(word)


_kept = lru_cache(MOST_WORDS_KEPT)(split)


def split_asked(text: str) -> tuple[str, ...]:
    """Return the words of what a person asks for, without elided articles, unless nothing else is there."""
    parts = _parts(text)
    kept = tuple(found for found, elided in parts if not (elided and found in ELIDED))
    return kept or tuple(found for found, _ in parts)


def ends_with_hyphen(word: str) -> bool:
    """Whether a printed word ends with a hyphen of any kind, and is more than that."""
    return len(word) > 1 and word[-1] in _HYPHENS


def without_hyphen(word: str) -> str:
    """Return a printed word without the hyphen at its end."""
    return word.rstrip(_HYPHENS)


def _fold_once(text: str) -> str:
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(_LETTERS)).casefold())
    if not text.isascii():
        text = "".join(letter for letter in text if unicodedata.category(letter)[0] != "M").translate(_LETTERS)
    return text


def _parts(text: str) -> list[tuple[str, bool]]:
    folded = fold(text)
    if "'" not in folded:
        return [(found[:MOST_LETTERS], False) for found in _WORD.findall(folded)]
    return [
        (_RESTORED.get(found, found)[:MOST_LETTERS] if apostrophe else found[:MOST_LETTERS], bool(apostrophe))
        for found, apostrophe in _WORD_AND_APOSTROPHE.findall(folded)
    ]
