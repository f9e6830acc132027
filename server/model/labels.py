"""The words in French and English for the codes that the vocabulary holds: MARC relator codes and languages.

Relator terms follow id.loc.gov/vocabulary/relators and its French translation by the BnF; names of languages are those
of ISO 639-3 as pycountry carries them, translated by the Debian iso-codes project. Pure.
"""

import gettext
from functools import lru_cache

from server.model.description import DateKind, Description, Typology
from server.model.languages import iso639_2b

ROLE_LABELS: dict[str, dict[str, str]] = {
    code: {"fr": french, "en": english}
    for code, french, english in (
        ("ann", "Annotateur", "Annotator"), ("arc", "Architecte", "Architect"), ("art", "Artiste", "Artist"),
        ("asg", "Signataire", "Signatory"), ("aui", "Préfacier", "Author of introduction"), ("aut", "Auteur", "Author"),
        ("bnd", "Relieur", "Binder"), ("bsl", "Libraire", "Bookseller"), ("cmm", "Commentateur", "Commentator"),
        ("cmp", "Compositeur", "Composer"), ("cns", "Censeur", "Censor"), ("col", "Collectionneur", "Collector"),
        ("cor", "Greffier", "Court registrar"), ("cre", "Créateur", "Creator"), ("crp", "Correspondant", "Correspondent"),
        ("ctb", "Contributeur", "Contributor"), ("ctg", "Cartographe", "Cartographer"),
        ("dgg", "Établissement de soutenance", "Degree granting institution"), ("dnr", "Donateur", "Donor"),
        ("dpc", "Personne représentée", "Depicted"), ("drm", "Dessinateur", "Draughtsman"),
        ("dst", "Diffuseur", "Distributor"), ("dte", "Dédicataire", "Dedicatee"), ("edt", "Éditeur scientifique", "Editor"),
        ("egr", "Graveur", "Engraver"), ("fmo", "Ancien possesseur", "Former owner"), ("fnd", "Commanditaire", "Funder"),
        ("ill", "Illustrateur", "Illustrator"), ("ilu", "Enlumineur", "Illuminator"),
        ("ive", "Personne interviewée", "Interviewee"), ("ivr", "Intervieweur", "Interviewer"),
        ("jrn", "Journaliste", "Journalist"), ("lbt", "Librettiste", "Librettist"), ("ltg", "Lithographe", "Lithographer"),
        ("mte", "Graveur sur métal", "Metal-engraver"), ("oth", "Autre", "Other"), ("pat", "Mécène", "Patron"),
        ("pbd", "Directeur de publication", "Publishing director"), ("pbl", "Éditeur commercial", "Publisher"),
        ("pht", "Photographe", "Photographer"), ("prt", "Imprimeur", "Printer"), ("rcp", "Destinataire", "Addressee"),
        ("scl", "Sculpteur", "Sculptor"), ("scr", "Copiste", "Scribe"), ("sgn", "Signataire", "Signer"),
        ("srv", "Géomètre", "Surveyor"), ("ths", "Directeur de thèse", "Thesis advisor"), ("trl", "Traducteur", "Translator"),
        ("tyg", "Typographe", "Typographer"),
    )
}  # fmt: skip


def role_label(code: str) -> dict[str, str]:
    """Return the role that a MARC relator code means, fr and en; an unknown code is a contributor, no code nothing."""
    return ROLE_LABELS.get(code, ROLE_LABELS["ctb"]) if code else {}


def place_label(described: Description) -> dict[str, str]:
    """Return what the place of a document is: where it was made when it was never issued, else where it was published."""
    kinds = {date.kind for date in described.dates}
    if kinds == {DateKind.CREATED} and not described.publisher:
        return {"fr": "Lieu de création", "en": "Place of creation"}
    return {"fr": "Lieu de publication", "en": "Place of publication"}


def shown_genre(described: Description) -> str:
    """Return the genre in words; nothing where a source put the name of one of our categories in its place."""
    return "" if described.genre.strip().lower() in _CATEGORIES else described.genre


_CATEGORIES = frozenset(typology.value for typology in Typology)


@lru_cache(maxsize=512)
def language_label(code: str) -> dict[str, str]:
    """Return the name of a language in fr and en; the code itself where nobody knows its name."""
    import pycountry  # see `languages.py`

    bibliographic = iso639_2b(code)
    found = pycountry.languages.get(bibliographic=bibliographic) if bibliographic else None
    if found is None and bibliographic:
        found = pycountry.languages.get(alpha_3=bibliographic)
    if found is None:
        return {"fr": code, "en": code}
    # The standard writes `Greek, Ancient (to 1453)` and `grec ancien (jusqu'à 1453)`: the years are for cataloguers.
    english = str(found.name)
    return {"fr": _french().gettext(english).partition(" (")[0].lower(), "en": english.partition(" (")[0]}


@lru_cache(maxsize=1)
def _french() -> gettext.NullTranslations:
    import pycountry

    return gettext.translation("iso639-3", pycountry.LOCALES_DIR, languages=["fr"], fallback=True)
