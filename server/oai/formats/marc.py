"""UNIMARC and MARC 21 as they were delivered, metadataPrefix `unimarc` (MarcXchange, ISO 25577) and `marc21` (MARCXML).

A library's own record is passed on, not made: where the METS of a document holds exactly one, its fields go out again,
cleaned of what XML cannot hold and in the order of the schemas: leader, control fields, data fields. Fields whose tag,
indicators or codes the schemas do not know are left out. Where XML tools squeezed the blanks of the leader, it is spread
again from what is sure of it: status, type and level; the lengths in it mean nothing in XML. A document without a record, or
with one that no leader begins, has none in these formats, and neither has a whole. What a record is, its fields say: UNIMARC
has its title in 200, MARC 21 in 245. Pure.
"""

import re

from lxml import etree

from server.errors import FormatError
from server.formats.xml import parse_xml
from server.oai.formats.document import Document, Telling
from server.oai.formats.xml import escape

UNIMARC_PREFIX, MARC21_PREFIX = "unimarc", "marc21"
UNIMARC_NAMESPACE, UNIMARC_SCHEMA = (
    "info:lc/xmlns/marcxchange-v2",
    "http://www.loc.gov/standards/iso25577/marcxchange-2-0.xsd",
)
MARC21_NAMESPACE, MARC21_SCHEMA = (
    "http://www.loc.gov/MARC21/slim",
    "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd",
)

_NAMESPACES = frozenset({"", UNIMARC_NAMESPACE, "info:lc/xmlns/marcxchange-v1", MARC21_NAMESPACE})
_LEADER = r"[0-9 ]{5}[0-9A-Za-z ][0-9A-Za-z][0-9A-Za-z ]{3}[2 ]{2}[0-9 ]{5}[0-9A-Za-z ]{3}"
_LEADERS = {
    UNIMARC_PREFIX: re.compile(_LEADER + "(450 |4500|    )"),
    MARC21_PREFIX: re.compile(_LEADER + "(4500|    )"),
}
_SURE = re.compile(r"[0-9 ]{5}[A-Za-z]{3}")
_SPREAD = {UNIMARC_PREFIX: "  2200000   450 ", MARC21_PREFIX: " a2200000   4500"}
_CONTROL, _DATA = (
    re.compile(r"00[1-9A-Za-z]"),
    re.compile(r"0[1-9A-Z][0-9A-Z]|0[1-9a-z][0-9a-z]|[1-9A-Z][0-9A-Z]{2}|[1-9a-z][0-9a-z]{2}"),
)
_INDICATOR, _CODE = re.compile(r"[0-9a-z ]"), re.compile(r"[0-9A-Za-z!\"#$%&'()*+,./:;<=>?{}_^`~\[\]\\-]")
"""What MARC21slim.xsd lets leader, tags, indicators and codes of subfields be; an ISO 2709 leader of UNIMARC ends in `450 `."""

_TITLES = {UNIMARC_PREFIX: "200", MARC21_PREFIX: "245"}


def write_unimarc(document: Document, telling: Telling) -> bytes | None:  # noqa: ARG001  # every writer has this shape
    """Return the whole `<metadata>` element, or None where no UNIMARC record was delivered."""
    attributes = f' xmlns="{UNIMARC_NAMESPACE}" format="UNIMARC" type="Bibliographic"'
    return _write(document, UNIMARC_PREFIX, attributes)


def write_marc21(document: Document, telling: Telling) -> bytes | None:  # noqa: ARG001  # as above
    """Return the whole `<metadata>` element, or None where no MARC 21 record was delivered."""
    return _write(document, MARC21_PREFIX, f' xmlns="{MARC21_NAMESPACE}" type="Bibliographic"')


def _write(document: Document, prefix: str, attributes: str) -> bytes | None:
    record = _find(document.source, _TITLES[prefix])
    if record is None:
        return None
    leader = _leader(next((child.text or "" for child in record if _local(child) == "leader"), ""), prefix)
    if not leader:
        return None
    fields = [f"<leader>{leader}</leader>"]
    for field in record:
        tag = field.get("tag", "")
        if _local(field) == "controlfield" and field.text and _CONTROL.fullmatch(tag):
            fields.append(f'<controlfield tag="{tag}">{escape(field.text)}</controlfield>')
    fields += [_datafield(field, tag) for field in record if _DATA.fullmatch(tag := field.get("tag", ""))]
    return f"<metadata><record{attributes}>{''.join(fields)}</record></metadata>".encode()


def _leader(given: str, prefix: str) -> str:
    """Return a leader of 24 characters; empty where nothing is sure of it."""
    if _LEADERS[prefix].fullmatch(given):
        return given
    sure = _SURE.match(given)
    return sure[0] + _SPREAD[prefix] if sure else ""


def _datafield(field: etree._Element, tag: str) -> str:
    inner = "".join(
        f'<subfield code="{escape(part.get("code", ""))}">{escape(part.text)}</subfield>'
        for part in field
        if _local(part) == "subfield" and part.text and _CODE.fullmatch(part.get("code", ""))
    )
    indicators = [field.get(name) or " " for name in ("ind1", "ind2")]
    if not inner or _local(field) != "datafield" or not all(map(_INDICATOR.fullmatch, indicators)):
        return ""
    first, second = indicators
    return f'<datafield tag="{escape(tag)}" ind1="{first}" ind2="{second}">{inner}</datafield>'


def _find(source: bytes, title: str) -> etree._Element | None:
    """Return the one MARC record of a delivered file whose title stands in a field; None where there is none, or more."""
    if not re.search(rb"<(?:\w+:)?datafield[\s>]", source):
        return None  # most sources: not even parsed
    try:
        root = parse_xml(source, "source")
    except FormatError:
        return None
    records = [
        found for found in root.iter() if _local(found) == "record" and any(_local(c) == "datafield" for c in found)
    ]
    return records[0] if len(records) == 1 and title in _tags(records[0]) else None


def _tags(record: etree._Element) -> set[str]:
    return {field.get("tag", "") for field in record if _local(field) == "datafield"}


def _local(element: etree._Element) -> str:
    """Return the local name of an element of MARC; empty for anything else, comments among it."""
    if not isinstance(element.tag, str):
        return ""
    name = etree.QName(element)
    return name.localname if (name.namespace or "") in _NAMESPACES else ""
