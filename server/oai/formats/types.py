"""dc:type of a document: a main value, then the precise one in French and English.

The table is data, `profiles/types.toml`: a genre that it knows is more precise than the typology it stands in. Pure.
"""

import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from server.model.description import Description, Typology

_DATA = tomllib.loads((Path(__file__).parent / "profiles" / "types.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class DocumentType:
    """The main value (`text`, `image`) and the precise one in both languages."""

    main: str
    french: str
    english: str


TYPES = {row["french"]: DocumentType(row["main"], row["french"], row["english"]) for row in _DATA["type"]}
"""Every type, by its French name."""

_BY_TYPOLOGY = {Typology(slug): TYPES[french] for slug, french in _DATA["typologies"].items()}
_BY_GENRE = {genre: TYPES[french] for genre, french in _DATA["genres"].items()}


def document_types(described: Description) -> tuple[DocumentType, ...]:
    """Return the types of a document: what its genre says precisely, else what its typology says.

    A postcard is a still image, and a photograph or an engraving as well where its genre says so.
    """
    folded = unicodedata.normalize("NFKD", described.genre).encode("ascii", "ignore").decode().lower()
    general = _BY_TYPOLOGY[described.typology]
    precise = _BY_GENRE.get(" ".join(folded.split()))
    if precise is None:
        return (general,)
    if described.typology is Typology.POSTCARDS:
        return tuple(dict.fromkeys((general, precise)))
    return (precise,)
