"""Roles of persons: the words that suppliers write, to MARC relator codes (id.loc.gov/vocabulary/relators)."""

import unicodedata

_WORDS: dict[str, str] = {
    "auteur": "aut", "autrice": "aut", "auteure": "aut", "author": "aut", "ecrivain": "aut", "redacteur": "aut",
    "auteur du texte": "aut", "journaliste": "jrn", "photographe": "pht", "photographer": "pht",
    "graveur": "egr", "graveuse": "egr", "engraver": "egr", "lithographe": "ltg", "lithographer": "ltg",
    "dessinateur": "drm", "dessinatrice": "drm", "draughtsman": "drm", "illustrateur": "ill", "illustratrice": "ill",
    "illustrator": "ill", "imprimeur": "prt", "imprimeur-libraire": "prt", "printer": "prt",
    "editeur": "pbl", "editeur commercial": "pbl", "publisher": "pbl", "libraire": "bsl", "bookseller": "bsl",
    "editeur scientifique": "edt", "directeur de publication": "pbd", "directeur de la publication": "pbd",
    "editor": "edt", "traducteur": "trl", "traductrice": "trl", "translator": "trl",
    "cartographe": "ctg", "cartographer": "ctg", "geometre": "srv", "arpenteur": "srv", "surveyor": "srv",
    "architecte": "arc", "architect": "arc", "compositeur": "cmp", "composer": "cmp", "copiste": "scr",
    "scribe": "scr", "enlumineur": "ilu", "illuminator": "ilu", "expediteur": "aut", "correspondant": "crp",
    "correspondent": "crp", "destinataire": "rcp", "addressee": "rcp", "recipient": "rcp", "dedicataire": "dte",
    "peintre": "art", "artiste": "art", "artist": "art", "affichiste": "art", "sculpteur": "scl", "sculptor": "scl",
    "prefacier": "aui", "auteur de la preface": "aui", "commentateur": "cmm", "annotateur": "ann",
    "ancien possesseur": "fmo", "possesseur": "fmo", "former owner": "fmo", "relieur": "bnd", "binder": "bnd",
    "contributeur": "ctb", "contributor": "ctb", "collaborateur": "ctb", "createur": "cre", "creator": "cre",
    "fondateur": "fnd", "commanditaire": "pat", "collectionneur": "col", "donateur": "dnr", "signataire": "asg",
    "personne representee": "dpc", "depicted": "dpc", "typographe": "tyg", "graphiste": "cre",
}  # fmt: skip

CODES = frozenset(_WORDS.values()) | {
    "adp", "ant", "arr", "asn", "cns", "com", "cor", "dgg", "dst", "etr", "flm", "ive", "ivr", "lbt", "lso", "lyr", "mte", "oth", "rce", "rth", "sgn", "ths", "voc",
}  # fmt: skip


def relator_code(said: str) -> str:
    """Return the MARC relator code of a role in French or English, or of the code itself; empty where unknown."""
    plain = unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode().lower()
    folded = " ".join(plain.replace("(", " ").replace(")", " ").split()).rstrip(". ")
    if folded in _WORDS:
        return _WORDS[folded]
    # `graveur-lithographe`, `auteur e`: the first word decides
    tail = folded.rpartition("/")[2]
    return tail if len(tail) == 3 and tail in CODES else ""
