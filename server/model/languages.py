"""Names and codes of languages: whatever a supplier writes, to ISO 639-2/B and to BCP 47.

ISO 639-1, 639-2 (both forms) and 639-3 come from pycountry; the names in French and English are those that catalogue
records use. Documents carry ISO 639-2/B (`fre`), texts carry BCP 47 (`fr`).
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any

_NAMES: dict[str, str] = {
    "francais": "fra", "anglais": "eng", "allemand": "deu", "latin": "lat", "italien": "ita", "espagnol": "spa",
    "neerlandais": "nld", "hollandais": "nld", "flamand": "nld", "picard": "pcd", "chti": "pcd", "polonais": "pol",
    "portugais": "por", "russe": "rus", "grec": "ell", "grec ancien": "grc", "grec classique": "grc",
    "hebreu": "heb", "arabe": "ara", "occitan": "oci", "provencal": "oci", "breton": "bre", "basque": "eus",
    "catalan": "cat", "corse": "cos", "alsacien": "gsw", "wallon": "wln", "ancien francais": "fro",
    "moyen francais": "frm", "danois": "dan", "suedois": "swe", "norvegien": "nor", "tcheque": "ces",
    "hongrois": "hun", "roumain": "ron", "turc": "tur", "chinois": "zho", "japonais": "jpn", "vietnamien": "vie",
    "esperanto": "epo", "armenien": "hye", "persan": "fas", "ukrainien": "ukr", "yiddish": "yid", "finnois": "fin",
    "greek": "ell", "ancient greek": "grc", "old french": "fro", "middle french": "frm", "flemish": "nld",
    "multilingue": "mul", "multilingual": "mul", "plusieurs langues": "mul", "sans contenu linguistique": "zxx",
    "indetermine": "und", "undetermined": "und", "frances": "fra", "deutsch": "deu", "nederlands": "nld",
}  # fmt: skip
"""Names without accents, in lower case, to ISO 639-3."""

_CODE = re.compile(r"^[a-z]{2,3}([-_][a-z0-9]{2,8})*$", re.IGNORECASE)


def iso639_2b(said: str) -> str:
    """Return the ISO 639-2/B code (`fre`, `ger`) of a code or a name in French or English; empty where unknown.

    Languages that ISO 639-2 does not know keep their 639-3 code, which harvesters accept.
    """
    entry = _entry(_fold(said))
    if entry is None:
        return ""
    return str(getattr(entry, "bibliographic", "") or entry.alpha_3)


def bcp47(said: str) -> str:
    """Return the BCP 47 tag (`fr`, `pcd`, `fr-BE`) of a code or a name in French or English; empty where unknown."""
    entry = _entry(_fold(said))
    if entry is None:
        return ""
    tag = str(getattr(entry, "alpha_2", "") or entry.alpha_3)
    folded = said.strip()
    if _CODE.match(folded):
        for part in re.split(r"[-_]", folded)[1:]:
            if len(part) == 4 and part.isalpha():
                tag += f"-{part.title()}"
            elif len(part) == 2 and part.isalpha():
                tag += f"-{part.upper()}"
    return tag


def _fold(said: str) -> str:
    plain = unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode()
    return " ".join(plain.lower().split())


@lru_cache(maxsize=1024)
def _entry(folded: str) -> Any:
    import pycountry  # finding its files takes longer than most commands, which name no language, have to wait

    if _CODE.match(folded):
        code = re.split(r"[-_]", folded)[0]
        tables = {2: ("alpha_2",), 3: ("alpha_3", "bibliographic")}.get(len(code), ())
        for key in tables:
            found = pycountry.languages.get(**{key: code})
            if found is not None:
                return found
    if folded in _NAMES:
        return pycountry.languages.get(alpha_3=_NAMES[folded])
    if len(folded) > 3:
        return pycountry.languages.get(name=folded.title()) or pycountry.languages.get(name=folded)
    return None
