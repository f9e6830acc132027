"""Reading UNIMARC records: in exchange format (ISO 2709) and in XML (MarcXchange, MARCXML, without a namespace).

UNIMARC Manual, Bibliographic Format: the character set is in 100 $a, positions 26 to 29, and not where MARC 21 has it
(leader/09): `50` is Unicode, `01` and `03` are ISO 646 and ISO 5426. What a field means, the table
`crosswalks/unimarc.toml` says. pymarc takes the exchange format apart into bytes. No database.
"""

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from server.errors import FormatError
from server.formats.iso5426 import decode_iso5426
from server.formats.xml import MAX_XML_BYTES, children, line_of, local, name_of, parse_xml
from server.told import NOTHING, Told, told

if TYPE_CHECKING:
    from pymarc import Record

NAMESPACES = frozenset(
    {"", "info:lc/xmlns/marcxchange-v1", "info:lc/xmlns/marcxchange-v2", "http://www.loc.gov/MARC21/slim"}
)
LEADER = re.compile(rb"^\d{5}.{5}22\d{5}.{3}4", re.DOTALL)
"""The record label as every exchange format has it: length, indicator and subfield lengths, base address (ISO 2709 §4.3)."""
MAX_RECORDS = 20_000
MAX_FIELDS = 5_000

# the library tells of each odd field on standard error: what it can read is read, what it cannot is told as a sentence
logging.getLogger("pymarc").setLevel(logging.CRITICAL)

_REMEDY = told("export it from the catalogue again")
_NOT_SORTED = dict.fromkeys(map(ord, "\x88\x89\x98\x9c¬"))
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Field:
    """A field: `text` where it has no subfields, else `subfields` as (code, value) in order."""

    tag: str
    text: str = ""
    indicators: tuple[str, str] = (" ", " ")
    subfields: tuple[tuple[str, str], ...] = ()

    def select(self, path: str) -> "tuple[Field, ...]":
        """Return this field: rules of this format name nothing below one."""
        return (self,) if path == "." else ()

    def values(self, key: str) -> list[str]:
        """Return the values of a subfield; `.` is the text of a field without, `@1` and `@2` are the indicators."""
        if key in {"@1", "@2"}:
            return [self.indicators[int(key[1]) - 1].strip()]
        found = [self.text] if key == "." else [value for code, value in self.subfields if code == key]
        return [value for value in found if value.strip()]


@dataclass(frozen=True, slots=True)
class Notice:
    """A record: its fields with the label as the field `leader`, its own bytes, and where it begins in its file."""

    fields: tuple[Field, ...]
    body: bytes
    where: str
    note: Told = NOTHING

    def select(self, path: str) -> tuple[Field, ...]:
        """Return the fields whose tag fits a pattern."""
        return tuple(field for field in self.fields if re.fullmatch(path, field.tag))

    def values(self, key: str) -> list[str]:
        """Return nothing: a record says what it says in fields."""
        return []

    def first(self, tag: str, code: str = ".") -> str:
        """Return the first value of a subfield, empty where there is none."""
        return next((value for field in self.select(tag) for value in field.values(code)), "")


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that could not be read, and why, as a whole sentence."""

    message: Told


def is_exchange_format(head: bytes) -> bool:
    """Return whether a file that begins like this is in exchange format."""
    return bool(LEADER.match(head))


def is_marc_root(namespace: str, name: str) -> bool:
    """Return whether a root element of this name may open a file of MARC records in XML."""
    return namespace in NAMESPACES and name in {"collection", "record"}


def read_exchange_format(body: bytes, path: str) -> Iterator[Notice | Broken]:
    """Yield the records of a file in exchange format; a broken one is told, and those behind it are read.

    Where the length of a record is wrong, the next one is looked for behind the mark that ends a record.
    """
    start = number = 0
    while start < len(body) and number < MAX_RECORDS:
        number += 1
        end = body.find(b"\x1d", start)
        chunk = body[start : len(body) if end < 0 else end + 1]
        where = told("record {number}, byte {start}", number=number, start=start)
        start += len(chunk)
        if chunk.strip(b"\r\n \0\x1a"):
            yield _read_chunk(chunk.lstrip(b"\r\n"), path, where)
    if start < len(body):
        yield Broken(
            told("{path}: more than {most:,} records; split the file by delivery", path=path, most=MAX_RECORDS)
        )


def read_marc_xml(body: bytes, path: str, *, max_bytes: int = MAX_XML_BYTES) -> Iterator[Notice | Broken]:
    """Yield the records of a file in XML. Raises FormatError where it is not well-formed or holds no record."""
    root = parse_xml(body, path, max_bytes=max_bytes)
    if not is_marc_root(name_of(root).namespace, local(root)):
        raise FormatError(
            path,
            told("its root element is {local}, not collection or record", local=local(root)),
            _REMEDY,
            line_of(root),
        )
    records = [root] if local(root) == "record" else list(children(root, "record"))
    if not records:
        raise FormatError(path, told("holds no record"), _REMEDY, line_of(root))
    if len(records) > MAX_RECORDS:
        raise FormatError(
            path, told("more than {max_records:,} records", max_records=MAX_RECORDS), told("split the file by delivery")
        )
    for record in records:
        where = told("line {line}", line=line_of(record))
        alone = etree.tostring(record, encoding="utf-8", xml_declaration=True, with_tail=False)
        whole = body if len(records) == 1 else alone
        yield _judged(_xml_fields(record), whole, path, where)


def to_marcxchange(body: bytes) -> bytes:
    """Return the one record of a file in exchange format as MarcXchange (ISO 25577), empty where it cannot be read."""
    notice = next(read_exchange_format(body, "record"), None)
    if not isinstance(notice, Notice):
        return b""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<record xmlns="info:lc/xmlns/marcxchange-v2" format="UNIMARC" type="Bibliographic">'
    ]
    for field in notice.fields:
        if field.tag == "leader":
            lines.append(f"<leader>{escape(field.text)}</leader>")
        elif field.subfields:
            inner = "".join(
                f"<subfield code={quoteattr(code)}>{escape(value)}</subfield>" for code, value in field.subfields
            )
            first, second = map(quoteattr, field.indicators)
            lines.append(f"<datafield tag={quoteattr(field.tag)} ind1={first} ind2={second}>{inner}</datafield>")
        else:
            lines.append(f"<controlfield tag={quoteattr(field.tag)}>{escape(field.text)}</controlfield>")
    return ("\n".join(lines) + "\n</record>\n").encode()


def _read_chunk(chunk: bytes, path: str, where: str) -> Notice | Broken:
    from pymarc import MARCReader  # its tables of MARC-8 take long to load, and few notices come in this format

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of subfield codes that are no letters: kept as they can be
        reader = MARCReader(chunk, to_unicode=False, permissive=True)
        record = next(reader, None)
    if record is None:
        fault = _reason(reader.current_exception)
        return Broken(
            told(
                "{path}, {where}: cannot be read as ISO 2709 ({fault}); {remedy}",
                path=path,
                where=where,
                fault=fault,
                remedy=_REMEDY,
            )
        )
    if len(record.fields) > MAX_FIELDS:
        return Broken(
            told(
                "{path}, {where}: has more than {most:,} fields; {remedy}",
                path=path,
                where=where,
                most=MAX_FIELDS,
                remedy=_REMEDY,
            )
        )
    decode, note = _decoder(record, chunk)
    leader = Field("leader", _clean(str(record.leader)))
    fields = [leader, *(field for raw in record.fields if (field := _raw_field(raw, decode)))]
    return _judged(fields, chunk, path, where, note)


def _decoder(record: "Record", chunk: bytes) -> tuple[str, Told]:
    """Return the encoding that a record is in, and what is to be told of it: 100 $a says it, and its bytes confirm it."""
    declared = ""
    for field in record.get_fields("100"):
        for part in field.subfields:
            declared = declared or cast("bytes", part.value)[26:30].decode("ascii", "replace")
    try:
        chunk.decode("utf-8")
    except UnicodeDecodeError:
        is_unicode = False
    else:
        is_unicode = True
    if is_unicode:
        plain = all(byte < 0x80 for byte in chunk)
        said = not plain and not declared.startswith("50")
        return "utf-8", told(
            "100 $a says the character set {declared!r}, and it is in Unicode", declared=declared.strip()
        ) if said else NOTHING
    if declared.startswith("50"):
        return "iso5426", told("100 $a says Unicode, and it is not; it was read as ISO 5426")
    if "03" in {declared[:2], declared[2:4]} or not declared.strip():
        return "iso5426", NOTHING
    return "iso5426", told(
        "the character set {declared!r} of 100 $a is not one that is read; ISO 5426 was taken",
        declared=declared.strip(),
    )


def _raw_field(raw: object, encoding: str) -> Field | None:
    tag = _clean(str(getattr(raw, "tag", "")))
    subfields = getattr(raw, "subfields", None) or []
    if not subfields:
        data = getattr(raw, "data", b"") or b""
        return Field(tag, _decoded(bytes(data), encoding)) if data else None
    first, second = (str(one)[:1] or " " for one in getattr(raw, "indicators", None) or (" ", " "))
    found = tuple((_clean(part.code) or "?", _decoded(cast("bytes", part.value), encoding)) for part in subfields)
    return Field(tag, "", (_clean(first) or " ", _clean(second) or " "), found)


def _decoded(data: bytes, encoding: str) -> str:
    return _clean(decode_iso5426(data) if encoding == "iso5426" else data.decode("utf-8", "replace"))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text.translate(_NOT_SORTED))


def _xml_fields(record: etree._Element) -> list[Field]:
    fields: list[Field] = []
    for child in children(record):
        name, tag = local(child), child.get("tag", "")
        if name == "leader":
            fields.append(Field("leader", _clean(child.text or "")))
        elif name == "controlfield":
            fields.append(Field(tag, _clean(child.text or "").strip()))
        elif name == "datafield":
            first, second = ((child.get(key) or " ")[:1] for key in ("ind1", "ind2"))
            subfields = tuple(
                (part.get("code", "?"), _clean("".join(map(str, part.itertext()))))
                for part in children(child, "subfield")
            )
            fields.append(Field(tag, "", (first, second), subfields))
    return fields


def _judged(fields: Iterable[Field], body: bytes, path: str, where: str, note: Told = NOTHING) -> Notice | Broken:
    notice = Notice(tuple(fields), body, where, note)
    tags = {field.tag for field in notice.fields}
    if "245" in tags and "200" not in tags:
        return Broken(
            told(
                "{path}, {where}: is MARC 21 (its title is in 245), not UNIMARC; ask for an export in UNIMARC",
                path=path,
                where=where,
            )
        )
    if not tags - {"leader"}:
        return Broken(told("{path}, {where}: has no fields; {remedy}", path=path, where=where, remedy=_REMEDY))
    return notice


def _reason(error: object) -> str:
    said = " ".join(str(error).split())[:120]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
