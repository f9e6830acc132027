"""The texts: works in the public domain, each with its author and year, read from `texts/*.txt`."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from data.holdings.typesetting import NBSP


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage quoted: paragraphs, or stanzas of lines where it is verse."""

    key: str
    title: str
    author: str
    year: int
    verse: bool
    paragraphs: tuple[str, ...]


def french(text: str) -> str:
    """Return a text with no-break spaces where French printers put them."""
    for mark in (";", "!", "?", ":", "»"):
        text = text.replace(f" {mark}", f"{NBSP}{mark}")
    for mark in ("«", "—"):
        text = text.replace(f"{mark} ", f"{mark}{NBSP}")
    for title in ("M.", "MM.", "Mme", "Mlle"):
        text = text.replace(f" {title} ", f" {title}{NBSP}")
    return text


@lru_cache(maxsize=8)
def passages(file: str) -> dict[str, Passage]:
    """Return the passages of `texts/{file}.txt` by key."""
    found: dict[str, Passage] = {}
    path = Path(__file__).parent / "texts" / f"{file}.txt"
    for part in path.read_text(encoding="utf-8").split("== ")[1:]:
        head, _, body = part.partition("\n")
        key, title, author, year, *kind = (field.strip() for field in head.split("|"))
        lines = tuple(french(line.strip()) for line in body.strip().split("\n") if line.strip())
        found[key] = Passage(key, french(title), author, int(year), bool(kind), lines)
    return found
