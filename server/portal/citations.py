"""Citations to take away: ISO 690 as text, BibTeX and RIS for reference managers, each of one document. Pure but for `today`.

Each says on which day the document was consulted, as ISO 690:2021 asks for what is on the web. RIS types follow what
reference managers read (NEWS, BOOK, MAP, MANSCPT, PCOMM, ART, GEN); BibTeX escapes what TeX would read as its own.
"""

import re
from datetime import date

from server.model.addresses import Addresses
from server.model.clock import local_day, utc_now
from server.model.dates import bounds
from server.model.description import Person, Typology
from server.model.item import Item
from server.model.languages import bcp47
from server.portal.language import pick
from server.portal.notice import authors, cite, makers

RIS_TYPES = {
    Typology.PRESS: "NEWS", Typology.BOOKS: "BOOK", Typology.MAPS: "MAP", Typology.MANUSCRIPTS: "MANSCPT",
    Typology.LETTERS: "PCOMM", Typology.ARCHIVES: "MANSCPT",
}  # fmt: skip
"""RIS types by typology; pictures of all kinds are ART."""

_BIBTEX_TYPES = {Typology.PRESS: "article", Typology.BOOKS: "book"}
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
_NO_LANGUAGE = frozenset({"zxx", "und", "mis", "mul"})
_TEX_SIGNS = re.compile(r"[\\{}%&#$_~^]")

FORMATS = {
    "txt": "text/plain; charset=utf-8",
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
}
"""Media types by the suffix of the file."""


def today() -> date:
    """Return the day on which somebody consults a document now, where the libraries are."""
    return local_day(utc_now())


def write_citation(item: Item, form: str, language: str, addresses: Addresses, day: date) -> str:
    """Return a citation in one of `FORMATS`, of a document that is consulted on a day."""
    if form == "bib":
        return write_bibtex(item, language, addresses, day)
    if form == "ris":
        return write_ris(item, language, addresses, day)
    return f"{cite(item, language, addresses.ark(item.name), day)}\n"


def write_bibtex(item: Item, language: str, addresses: Addresses, day: date) -> str:
    """Return a BibTeX entry; what BibTeX has no type for is `misc`."""
    described = item.description
    kind = _BIBTEX_TYPES.get(described.typology, "misc")
    fields = {
        "author": " and ".join(map(_bibtex_name, makers(described))),
        "title": f"{{{_tex(described.title.value)}}}",
        "journal": _tex(described.part_of.label) if kind == "article" and described.part_of else "",
        "number": _tex(described.part_of.number) if described.part_of else "",
        "publisher": _tex(described.publisher),
        "address": _tex(described.publication_place),
        "year": _year(item),
        "date": next((date.edtf for date in described.dates if date.edtf), ""),
        "howpublished": _tex(_held(item, language)),
        "language": _tex(_languages(item)),
        "url": addresses.ark(item.name),
        "urldate": day.isoformat(),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@{kind}{{{item.name},\n{lines}\n}}\n"


def write_ris(item: Item, language: str, addresses: Addresses, consulted: date) -> str:
    """Return a RIS record: one tag a line, CRLF between lines."""
    described = item.description
    day = next((found for date in described.dates if (found := bounds(date.edtf).earliest)), None)
    is_exact = day is not None and any(len(date.edtf) == len("1848-03-01") for date in described.dates)
    tags: list[tuple[str, str]] = [("TY", RIS_TYPES.get(described.typology, "ART"))]
    tags += [("AU", name) for name in authors(described)]
    tags.append(("TI", described.title.value))
    if described.part_of is not None:
        tags += [("T2", described.part_of.label), ("IS", described.part_of.number)]
    tags.append(("PY", _year(item)))
    if is_exact and day is not None:
        tags.append(("DA", f"{day.year:04}/{day.month:02}/{day.day:02}/"))
    tags += [("PB", described.publisher), ("CY", described.publication_place), ("LA", _languages(item))]
    tags += [("KW", subject.label) for subject in described.subjects]
    tags += [("AB", text.value) for text in described.abstracts[:1]]
    tags += [("DP", pick(item.institution.label, language)), ("AN", described.shelfmark), ("CN", described.shelfmark)]
    tags += [("UR", addresses.ark(item.name)), ("L3", addresses.manifest(item.name))]
    tags.append(("Y2", f"{consulted.year:04}/{consulted.month:02}/{consulted.day:02}/"))
    lines = [f"{tag}  - {' '.join(value.split())}" for tag, value in tags if value.strip()]
    return "\r\n".join([*lines, "ER  - ", ""])


def _bibtex_name(person: Person) -> str:
    """Return a name in the parts that BibTeX tells apart; in braces, as one, where it has none: that of a body, or of a firm."""
    family, comma, given = person.name.partition(",")
    if person.is_body or not comma or " and " in person.name:
        return f"{{{_tex(person.name)}}}"
    return f"{_tex(family)}, " + (f"{{{_tex(given)}}}" if "," in given else _tex(given))


def _languages(item: Item) -> str:
    """Return the languages as reference managers know them; that there is none is no language."""
    known = [code for code in item.description.languages if code not in _NO_LANGUAGE]
    return ", ".join(filter(None, map(bcp47, known)))


def _year(item: Item) -> str:
    day = next((found for date in item.description.dates if (found := bounds(date.edtf).earliest)), None)
    return f"{day.year:04}" if day else ""


def _held(item: Item, language: str) -> str:
    shelfmark = item.description.shelfmark
    return ", ".join(part for part in (pick(item.institution.label, language), shelfmark) if part)


def _tex(text: str) -> str:
    return _TEX_SIGNS.sub(lambda sign: _TEX[sign[0]], " ".join(text.split()))
