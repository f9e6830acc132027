"""dc:type of a document: a main value, then the precise one in French and English (the table that Gallica gives).

Data, not code: a genre that the table knows is more precise than the typology it stands in. Pure.
"""

import unicodedata
from dataclasses import dataclass

from server.model.description import Description, Typology


@dataclass(frozen=True, slots=True)
class DocumentType:
    """The main value (`text`, `image`) and the precise one in both languages."""

    main: str
    french: str
    english: str


_TABLE = {
    row[1]: DocumentType(row[0], row[1], row[2])
    for row in (
        ("image", "image fixe", "still image"), ("text", "texte imprimé", "text"),
        ("text", "monographie imprimée", "printed monograph"), ("text", "manuscrit", "manuscript"),
        ("text", "publication en série imprimée", "printed serial"), ("text", "musique imprimée", "printed music"),
        ("text", "musique manuscrite", "manuscript music"), ("image", "estampe", "engraving"),
        ("image", "dessin", "drawing"), ("image", "photographie", "photograph"),
        ("text", "document d'archives", "archival material"),
        ("image", "document cartographique", "cartographic resource"), ("image", "carte", "map"),
        ("image", "atlas", "atlas"), ("image", "plan", "plan"), ("image", "vue", "view"), ("image", "coupe", "section"),
        ("image", "diagramme", "diagram"),
    )
}  # fmt: skip

_BY_TYPOLOGY: dict[Typology, str] = {
    Typology.MANUSCRIPTS: "manuscrit",
    Typology.BOOKS: "monographie imprimée",
    Typology.MAPS: "document cartographique",
    Typology.POSTCARDS: "image fixe",
    Typology.PHOTOGRAPHS: "photographie",
    Typology.ICONOGRAPHY: "image fixe",
    Typology.PRESS: "publication en série imprimée",
    Typology.LETTERS: "manuscrit",
    Typology.ARCHIVES: "document d'archives",
}

_BY_GENRE: dict[str, str] = {
    "affiche": "estampe", "estampe": "estampe", "gravure": "estampe", "lithographie": "estampe", "dessin": "dessin",
    "aquarelle": "dessin", "carte": "carte", "atlas": "atlas", "plan": "plan", "plan de ville": "plan",
    "partition": "musique imprimée", "musique imprimee": "musique imprimée", "photographie": "photographie",
    "coupe": "coupe", "vue": "vue", "diagramme": "diagramme",
}  # fmt: skip


def document_types(described: Description) -> tuple[DocumentType, ...]:
    """Return the types of a document: what its genre says precisely, else what its typology says.

    A postcard is a still image, and a photograph or an engraving as well where its genre says so.
    """
    folded = unicodedata.normalize("NFKD", described.genre).encode("ascii", "ignore").decode().lower()
    general = _TABLE[_BY_TYPOLOGY[described.typology]]
    precise = _BY_GENRE.get(" ".join(folded.split()))
    if precise is None:
        return (general,)
    if described.typology is Typology.POSTCARDS:
        return tuple(dict.fromkeys((general, _TABLE[precise])))
    return (_TABLE[precise],)
