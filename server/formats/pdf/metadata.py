"""What a PDF says of itself: XMP (ISO 16684-1, with Dublin Core) and the older information dictionary, which agree.

No moment of now is in it: the same document gives the same bytes. Pure.
"""

from dataclasses import dataclass

from lxml import etree

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_PDF = "http://ns.adobe.com/pdf/1.3/"
_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
_NAMESPACES = {"rdf": _RDF, "dc": _DC, "xmp": _XMP, "pdf": _PDF, "xmpRights": _RIGHTS}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_PACKET = "W5M0MpCehiHzreSzNTczkc9d"  # the identifier of every XMP packet (ISO 16684-1 §7.3.2)

TOOL = "Vitrine"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a document. `titles` and `rights` are by language, which may be empty; `language` is that of most of it (BCP 47).

    `identifier` is its ARK, `source` where it is found; `dates` are EDTF or as printed, `rights_uri` may be empty.
    """

    titles: dict[str, str]
    language: str
    identifier: str
    source: str
    creators: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    rights: dict[str, str] | None = None
    rights_uri: str = ""
    is_in_copyright: bool = False

    @property
    def title(self) -> str:
        """The first title."""
        return next(iter(self.titles.values()))


def write_xmp(facts: Facts) -> bytes:
    """Return the XMP packet, in UTF-8."""
    meta = etree.Element("{adobe:ns:meta/}xmpmeta", nsmap={"x": "adobe:ns:meta/"})
    rdf = etree.SubElement(meta, f"{{{_RDF}}}RDF", nsmap=_NAMESPACES)
    about = etree.SubElement(rdf, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""})
    _add(about, _DC, "title", "Alt", _with_default(facts.titles))
    _add(about, _DC, "creator", "Seq", [(None, name) for name in facts.creators])
    _add(about, _DC, "date", "Seq", [(None, date) for date in facts.dates])
    _add(about, _DC, "publisher", "Bag", [(None, name) for name in facts.publishers])
    _add(about, _DC, "language", "Bag", [(None, code) for code in facts.languages])
    _add(about, _DC, "rights", "Alt", _with_default(facts.rights or {}))
    _say(about, _DC, "identifier", facts.identifier)
    _say(about, _DC, "source", facts.source)
    _say(about, _DC, "format", "application/pdf")
    _say(about, _RIGHTS, "Marked", "True" if facts.is_in_copyright else "False")
    if facts.rights_uri:
        _say(about, _RIGHTS, "WebStatement", facts.rights_uri)
    _say(about, _XMP, "CreatorTool", TOOL)
    _say(about, _PDF, "Producer", TOOL)
    body = etree.tostring(meta, encoding="unicode", pretty_print=True)
    return f'<?xpacket begin="\ufeff" id="{_PACKET}"?>\n{body}<?xpacket end="r"?>'.encode()


def document_information(facts: Facts) -> dict[str, str]:
    """Return the entries of the information dictionary (ISO 32000-1 §14.3.3) that are not empty."""
    entries = {
        "/Title": facts.title,
        "/Author": " ; ".join(facts.creators),
        "/Subject": facts.identifier,
        "/Creator": TOOL,
        "/Producer": TOOL,
    }
    return {name: clean(value) for name, value in entries.items() if value}


def clean(text: str) -> str:
    """Return a text without the characters that neither XML nor PDF strings can hold."""
    return "".join(
        character for character in text if (character >= " " and not 0xD800 <= ord(character) <= 0xDFFF and character < "\ufffe")
        or character > "\uffff"
    )  # fmt: skip


def _with_default(values: dict[str, str]) -> list[tuple[str | None, str]]:
    """Return the values by language, the first of them as the default too, as XMP wants it."""
    listed: list[tuple[str | None, str]] = [(language, value) for language, value in values.items() if language]
    return [("x-default", next(iter(values.values()))), *listed] if values else []


def _add(
    about: etree._Element, namespace: str, name: str, container: str, values: list[tuple[str | None, str]]
) -> None:
    if not values:
        return
    held = etree.SubElement(etree.SubElement(about, f"{{{namespace}}}{name}"), f"{{{_RDF}}}{container}")
    for language, value in values:
        entry = etree.SubElement(held, f"{{{_RDF}}}li", {_LANG: language} if language else {})
        entry.text = clean(value)


def _say(about: etree._Element, namespace: str, name: str, value: str) -> None:
    etree.SubElement(about, f"{{{namespace}}}{name}").text = clean(value)
