"""Catalogue records for tests: UNIMARC in exchange format and in XML, made field by field."""

import unicodedata
from collections.abc import Sequence
from xml.sax.saxutils import escape

Fields = Sequence[tuple[str, str, Sequence[tuple[str, str]] | str]]

LEADER = "00000nam0 2200000   450 "

BOOK: Fields = (
    ("001", "", "059000123"),
    ("100", "  ", [("a", "20260101d1862    m  y0frey{charset}  ba")]),
    ("101", "0 ", [("a", "fre"), ("a", "lat")]),
    ("200", "1 ", [("a", "\x88Les \x89misérables"), ("e", "roman"), ("h", "Première partie"), ("i", "Fantine")]),
    ("210", "  ", [("a", "Lille"), ("c", "Danel"), ("d", "[1862?]")]),
    ("215", "  ", [("a", "1 vol. (350 p.)"), ("c", "ill."), ("d", "in-8")]),
    ("300", "  ", [("a", "Reliure en veau")]),
    ("330", "  ", [("a", "Le roman d’un forçat.")]),
    ("500", "10", [("a", "Misérables")]),
    ("606", "  ", [("3", "027220869"), ("a", "Forçats"), ("y", "France"), ("z", "19e siècle")]),
    ("607", "  ", [("a", "Lille (Nord)")]),
    ("700", " 1", [("3", "026927608"), ("a", "Hugo"), ("b", "Victor"), ("f", "1802-1885"), ("4", "070")]),
    ("702", " 1", [("a", "Brion"), ("b", "Gustave"), ("f", "1824-1877"), ("4", "440")]),
    ("930", "  ", [("a", "RES 12")]),
)
"""A book as a town library's catalogue describes it; `{charset}` are the positions 26 to 29 of 100 $a."""

_COMBINING = {"\u0300": 0xC1, "\u0301": 0xC2, "\u0302": 0xC3, "\u0308": 0xC8, "\u0327": 0xD0}
_LETTERS = {"œ": 0xFA, "Œ": 0xEA, "æ": 0xF1, "’": 0xB9, "\x88": 0x88, "\x89": 0x89}


def in_iso5426(text: str) -> bytes:
    """Return a text in ISO 5426: each diacritic before its letter."""
    found = b""
    for sign in unicodedata.normalize("NFD", text):
        if sign in _COMBINING:
            found = found[:-1] + bytes([_COMBINING[sign]]) + found[-1:]
        else:
            found += bytes([_LETTERS.get(sign, ord(sign))])
    return found


def in_exchange_format(fields: Fields, encoding: str = "utf-8", charset: str = "") -> bytes:
    """Return a record in ISO 2709."""
    charset = charset or {"utf-8": "50  ", "iso5426": "0103"}[encoding]
    directory, data = b"", b""
    for tag, indicators, said in fields:
        if isinstance(said, str):
            field = _encoded(said, encoding)
        else:
            field = indicators.encode() + b"".join(
                b"\x1f" + code.encode() + _encoded(value.format(charset=charset), encoding) for code, value in said
            )
        field += b"\x1e"
        directory += f"{tag}{len(field):04d}{len(data):05d}".encode()
        data += field
    base = 24 + len(directory) + 1
    leader = f"{base + len(data) + 1:05d}{LEADER[5:12]}{base:05d}{LEADER[17:]}"
    return leader.encode() + directory + b"\x1e" + data + b"\x1d"


def in_xml(*records: Fields, namespace: str = "info:lc/xmlns/marcxchange-v2") -> str:
    """Return records in MarcXchange, or in another namespace."""
    space = f' xmlns="{namespace}"' if namespace else ""
    whole = "".join(
        f"<record>{''.join(map(_xml_field, [('leader', '', LEADER), *fields]))}</record>" for fields in records
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<collection{space}>\n{whole}\n</collection>\n'


def _xml_field(field: tuple[str, str, Sequence[tuple[str, str]] | str]) -> str:
    tag, indicators, said = field
    if tag == "leader":
        return f"<leader>{said}</leader>"
    if isinstance(said, str):
        return f'<controlfield tag="{tag}">{escape(said)}</controlfield>'
    inner = "".join(
        f'<subfield code="{code}">{escape(value.format(charset="50  ").translate({0x88: None, 0x89: None}))}</subfield>'
        for code, value in said
    )
    return f'<datafield tag="{tag}" ind1="{indicators[0]}" ind2="{indicators[1]}">{inner}</datafield>'


def _encoded(text: str, encoding: str) -> bytes:
    return in_iso5426(text) if encoding == "iso5426" else text.encode()


def with_names(number: str, shelfmark: str, title: str) -> Fields:
    """Return the book under another number, shelfmark and title."""
    changed: dict[str, Sequence[tuple[str, str]] | str] = {
        "001": number, "930": [("a", shelfmark)], "200": [("a", title)],
    }  # fmt: skip
    return tuple((tag, indicators, changed.get(tag, said)) for tag, indicators, said in BOOK)
