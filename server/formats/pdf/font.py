"""The font of an invisible text layer: every character of Unicode has the same glyph, half an em wide, that shows nothing.

It is embedded, as PDF/UA wants of every font, and made here, so that nobody's font is given away: a TrueType file of two
glyphs (ISO/IEC 14496-22; ISO 32000-1 §9.9 says which tables a CIDFontType2 needs). The glyph is a line without area:
nothing is seen of it even where a program draws text that should not be seen, but it has a box, and PDFium takes no word
of one letter without one. A character of the Basic Multilingual Plane is its own code; one beyond takes a code among the
surrogates, which stand for no character. Must not import anything of ours.
"""

import struct
import zlib
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

EM = 1000
WIDTH = 500
"""Advance of every glyph, in thousandths of the font's size."""

ASCENT, DESCENT = 800, -200
"""Above and below the base line, in thousandths of the font's size: together one em."""

_NAME = Name("/VitrineInvisible")
_FIRST_FREE, _LAST_FREE = 0xD800, 0xDFFF
_MOST_IN_A_SECTION = 100  # entries in one section of a CMap (Adobe Technical Note 5014)


@dataclass
class Codes:
    """Characters as codes of two bytes; those beyond the Basic Multilingual Plane are given one as they come."""

    given: dict[str, int] = field(default_factory=dict)

    def encode(self, text: str) -> str:
        """Return a text as the hexadecimal digits of its codes. A character for which no code is left is U+FFFD."""
        return "".join(f"{self._code(character):04X}" for character in text)

    def _code(self, character: str) -> int:
        code = ord(character)
        if code <= 0xFFFF:
            return 0xFFFD if _FIRST_FREE <= code <= _LAST_FREE else code
        if character not in self.given:
            if len(self.given) > _LAST_FREE - _FIRST_FREE:
                return 0xFFFD
            self.given[character] = _FIRST_FREE + len(self.given)
        return self.given[character]


def embed_font(pdf: pikepdf.Pdf) -> Dictionary:
    """Put the font into a document and return it; `finish_font` adds what its codes mean once all are given."""
    program = _truetype()
    descriptor = pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=_NAME,
            Flags=5,  # fixed pitch, symbolic (ISO 32000-1 table 123)
            FontBBox=Array([0, DESCENT, WIDTH, ASCENT]),
            ItalicAngle=0,
            Ascent=ASCENT,
            Descent=DESCENT,
            CapHeight=ASCENT,
            StemV=80,
            FontFile2=_packed(pdf, program, Length1=len(program)),
        )
    )
    descendant = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=_NAME,
            CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
            FontDescriptor=descriptor,
            DW=WIDTH,
            CIDToGIDMap=_packed(pdf, b"\x00\x01" * 0x10000),
        )
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=_NAME,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([descendant]),
        )
    )


def finish_font(pdf: pikepdf.Pdf, font: Dictionary, codes: Codes) -> None:
    """Say what each code means, for those who search and copy."""
    font.ToUnicode = _packed(pdf, _to_unicode(codes))


def _to_unicode(codes: Codes) -> bytes:
    # a range keeps to one first byte (Adobe Technical Note 5411)
    ranges = [
        f"<{row:02X}00> <{row:02X}FF> <{row:02X}00>"
        for row in range(0x100)
        if not _FIRST_FREE <= row << 8 <= _LAST_FREE
    ]
    single = [
        f"<{code:04X}> <{character.encode('utf-16-be').hex().upper()}>" for character, code in codes.given.items()
    ]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
        *_sections("bfrange", ranges),
        *_sections("bfchar", single),
        "endcmap CMapName currentdict /CMap defineresource pop end end",
    ]
    return "\n".join(lines).encode("ascii")


def _sections(kind: str, entries: list[str]) -> list[str]:
    lines: list[str] = []
    for start in range(0, len(entries), _MOST_IN_A_SECTION):
        part = entries[start : start + _MOST_IN_A_SECTION]
        lines += [f"{len(part)} begin{kind}", *part, f"end{kind}"]
    return lines


def _packed(pdf: pikepdf.Pdf, body: bytes, **entries: int) -> Stream:
    return Stream(pdf, zlib.compress(body, 9), Filter=Name.FlateDecode, **entries)


def _truetype() -> bytes:
    """Return a TrueType font: an empty glyph, and one that is a line across its box."""
    glyph = struct.pack(">hhhhhHHBBhhhh", 1, 0, DESCENT, WIDTH, ASCENT, 1, 0, 1, 1, 0, WIDTH, DESCENT, EM)
    head = struct.pack(
        ">IIIIHHQQhhhhHHhhh",
        0x00010000, 0x00010000, 0, 0x5F0F3CF5, 0x000B, EM, 0, 0, 0, DESCENT, WIDTH, ASCENT, 0, 8, 2, 0, 0,
    )  # fmt: skip
    hhea = struct.pack(">IhhhHhhhhhhhhhhhH", 0x00010000, ASCENT, DESCENT, 0, WIDTH, 0, 0, 0, 1, *(0,) * 7, 2)
    maxp = struct.pack(">IHHHHHHHHHHHHHH", 0x00010000, 2, 2, 1, 0, 0, 1, *(0,) * 8)
    tables = {
        b"glyf": glyph,
        b"head": head,
        b"hhea": hhea,
        b"hmtx": struct.pack(">HhHh", WIDTH, 0, WIDTH, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(glyph) // 2),
        b"maxp": maxp,
    }
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    header = struct.pack(">IHHHH", 0x00010000, count, power * 16, power.bit_length() - 1, (count - power) * 16)
    directory, body, at = b"", b"", len(header) + 16 * count
    for tag, data in tables.items():
        directory += struct.pack(">4sIII", tag, _checksum(data), at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    font = bytearray(header + directory + body)
    place = at + len(tables[b"glyf"]) + 8  # checkSumAdjustment in head, the second table
    struct.pack_into(">I", font, place, (0xB1B0AFBA - _checksum(bytes(font))) & 0xFFFFFFFF)
    return bytes(font)


def _checksum(data: bytes) -> int:
    padded = data + bytes(-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF
