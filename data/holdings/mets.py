"""Writing METS 1.12 with MODS 3.7: what a scanning supplier delivers beside the images of a document."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

METS = "http://www.loc.gov/METS/"
MODS = "http://www.loc.gov/mods/v3"
XLINK = "http://www.w3.org/1999/xlink"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PUBLIC_DOMAIN = "http://creativecommons.org/publicdomain/mark/1.0/"

Text = dict[str, str]
"""A text by language, BCP 47."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A view: its image, its ALTO or nothing, what it shows; digests are SHA-256."""

    image: str
    media_type: str
    image_digest: str
    kind: str = "page"
    label: str = ""
    order_label: str = ""
    alto: str = ""
    alto_digest: str = ""


@dataclass(frozen=True, slots=True)
class Division:
    """A part of the logical structure; targets are (view, block or nothing)."""

    kind: str
    label: str = ""
    targets: tuple[tuple[int, str], ...] = ()
    children: tuple["Division", ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A person or a body with its role (MARC relator code) and authority URI."""

    name: str
    role: str
    dates: str = ""
    uri: str = ""
    corporate: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What the MODS record says. Subjects are (label, URI, kind); `host` is (title, identifier, number).

    `created` says that the date is that of writing: what was never published has no date of issue.
    """

    identifier: str
    title: Text
    genre: str
    date: str
    date_words: str
    abstract: Text
    shelfmark: str
    repository: str
    extent: str
    names: tuple[Name, ...] = ()
    place: str = ""
    publisher: str = ""
    language: str = "fre"
    subjects: tuple[tuple[str, str, str], ...] = ()
    coordinates: str = ""
    host: tuple[str, str, str] = ("", "", "")
    note: Text = field(default_factory=dict)
    created: bool = False


def _mods(tag: str, parent: etree._Element | None = None, text: str = "", **attributes: str) -> etree._Element:
    name = f"{{{MODS}}}{tag}"
    made = (
        etree.Element(name, attributes, nsmap={"mods": MODS, "xlink": XLINK})
        if parent is None
        else etree.SubElement(parent, name, attributes)
    )
    made.text = text or None
    return made


def mods(record: Record) -> etree._Element:
    """Return the MODS element of a record."""
    root = _mods("mods", version="3.7")
    for position, (language, value) in enumerate(record.title.items()):
        info = _mods("titleInfo", root, **({"type": "translated"} if position else {}))
        info.set(XML_LANG, language)
        _mods("title", info, value)
    for person in record.names:
        name = _mods(
            "name",
            root,
            type="corporate" if person.corporate else "personal",
            **({"valueURI": person.uri} if person.uri else {}),
        )
        _mods("namePart", name, person.name)
        if person.dates:
            _mods("namePart", name, person.dates, type="date")
        _mods("roleTerm", _mods("role", name), person.role, type="code", authority="marcrelator")
    _mods("typeOfResource", root, "text")
    _mods("genre", root, record.genre)
    origin = _mods("originInfo", root)
    if record.place:
        _mods("placeTerm", _mods("place", origin), record.place, type="text")
    if record.publisher:
        _mods("publisher", origin, record.publisher)
    dated = "dateCreated" if record.created else "dateIssued"
    _mods(dated, origin, record.date, encoding="edtf", keyDate="yes")
    _mods(dated, origin, record.date_words)
    if record.host[0]:
        _mods("issuance", origin, "serial")
    _mods("languageTerm", _mods("language", root), record.language, type="code", authority="iso639-2b")
    _mods("extent", _mods("physicalDescription", root), record.extent)
    for language, value in record.abstract.items():
        _mods("abstract", root, value).set(XML_LANG, language)
    for language, value in record.note.items():
        _mods("note", root, value).set(XML_LANG, language)
    for label, uri, kind in record.subjects:
        subject = _mods("subject", root, **({"valueURI": uri} if uri else {}))
        _mods(kind, subject, label)
        if kind == "geographic" and record.coordinates:
            _mods("coordinates", _mods("cartographics", subject), record.coordinates)
    if record.host[0]:
        host = _mods("relatedItem", root, type="host")
        _mods("title", _mods("titleInfo", host), record.host[0])
        _mods("genre", host, "newspaper", authority="marcgt")
        _mods("identifier", host, record.host[1], type="local")
        _mods("number", _mods("detail", _mods("part", host), type="issue"), record.host[2])
    _mods("identifier", root, record.identifier, type="local")
    location = _mods("location", root)
    _mods("physicalLocation", location, record.repository)
    _mods("shelfLocator", location, record.shelfmark)
    _mods("accessCondition", root, "Domaine public", type="use and reproduction").set(f"{{{XLINK}}}href", PUBLIC_DOMAIN)
    return root


def mets(record: Record, leaves: Sequence[Leaf], structure: Division, supplier: str, made: str) -> bytes:
    """Return the METS file of one document; `made` is an ISO time."""
    root = etree.Element(f"{{{METS}}}mets", nsmap={"mets": METS, "mods": MODS, "xlink": XLINK, "xsi": XSI})
    root.set(
        f"{{{XSI}}}schemaLocation",
        f"{METS} http://www.loc.gov/standards/mets/mets.xsd {MODS} http://www.loc.gov/standards/mods/v3/mods-3-7.xsd",
    )
    root.set("OBJID", record.identifier)
    root.set("LABEL", next(iter(record.title.values())))

    def add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
        element = etree.SubElement(parent, f"{{{METS}}}{tag}", attributes)
        element.text = text or None
        return element

    header = add(root, "metsHdr", CREATEDATE=made)
    add(add(header, "agent", ROLE="CREATOR", TYPE="ORGANIZATION"), "name", supplier)
    wrap = add(add(root, "dmdSec", ID="DMD_0001"), "mdWrap", MDTYPE="MODS", MIMETYPE="text/xml")
    add(wrap, "xmlData").append(mods(record))
    section = add(root, "fileSec")
    masters = add(section, "fileGrp", USE="MASTER")
    texts = add(section, "fileGrp", USE="FULLTEXT") if any(leaf.alto for leaf in leaves) else None

    def located(group: etree._Element, identifier: str, path: str, media_type: str, digest: str) -> None:
        file = add(group, "file", ID=identifier, MIMETYPE=media_type, CHECKSUM=digest, CHECKSUMTYPE="SHA-256")
        add(file, "FLocat", LOCTYPE="URL").set(f"{{{XLINK}}}href", path)

    for number, leaf in enumerate(leaves, 1):
        located(masters, f"IMG_{number:04d}", leaf.image, leaf.media_type, leaf.image_digest)
        if leaf.alto and texts is not None:
            located(texts, f"ALTO_{number:04d}", leaf.alto, "text/xml", leaf.alto_digest)
    physical = add(add(root, "structMap", TYPE="PHYSICAL"), "div", TYPE="physSequence", ID="PHYS_0000")
    for number, leaf in enumerate(leaves, 1):
        extra = {key: value for key, value in (("LABEL", leaf.label), ("ORDERLABEL", leaf.order_label)) if value}
        division = add(physical, "div", TYPE=leaf.kind, ID=f"PHYS_{number:04d}", ORDER=str(number), **extra)
        add(division, "fptr", FILEID=f"IMG_{number:04d}")
        if leaf.alto:
            add(division, "fptr", FILEID=f"ALTO_{number:04d}")
    _logical(add, add(root, "structMap", TYPE="LOGICAL"), structure, leaves)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _logical(add: object, parent: etree._Element, structure: Division, leaves: Sequence[Leaf]) -> None:
    assert callable(add)
    count = 0

    def visit(above: etree._Element, division: Division) -> None:
        nonlocal count
        count += 1
        extra = {"LABEL": division.label} if division.label else {}
        if count == 1:
            extra["DMDID"] = "DMD_0001"
        element = add(above, "div", TYPE=division.kind, ID=f"LOG_{count:04d}", **extra)
        for view, block in division.targets:
            pointer = add(element, "fptr")
            if block:
                add(pointer, "area", FILEID=f"ALTO_{view:04d}", BETYPE="IDREF", BEGIN=block)
            else:
                pointer.set("FILEID", f"IMG_{view:04d}")
        for child in division.children:
            visit(element, child)

    assert leaves
    visit(parent, structure)
