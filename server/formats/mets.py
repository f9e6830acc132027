"""Reading METS 1.x: files, physical order, logical structure, links between the two, and the descriptions wrapped in it.

METS Primer 1.6: fileSec, structMap, fptr/seq/par/area, structLink, dmdSec/mdWrap. Elements are taken by namespace URI,
never by prefix. What the parts mean for a delivery is said in `server/delivery/mets_reader.py`. No database.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from server.errors import FormatError
from server.formats.xml import MAX_XML_BYTES, XLINK_HREF, children, line_of, local, name_of, parse_xml
from server.told import told

NAMESPACE = "http://www.loc.gov/METS/"
MODS_NAMESPACES = ("http://www.loc.gov/mods/v3", "http://www.loc.gov/mods/")
_MAX_FILES = 200_000
_MAX_DIVS = 200_000
_MAX_POINTERS = 10_000


@dataclass(frozen=True, slots=True)
class MetsFile:
    """A file: `uses` are the USE and ID of the groups around it, outermost first, then its own USE."""

    identifier: str
    href: str
    media_type: str
    uses: tuple[str, ...]
    line: int | None = None
    checksum: str = ""
    checksum_type: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A pointer to a file or, by `begin`, to the element with that ID in it; `coords` as written for SHAPE=RECT."""

    file: str
    begin: str = ""
    coords: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Div:
    """A division of a structMap; `kind` is TYPE as written."""

    identifier: str
    kind: str
    label: str
    order: str
    order_label: str
    descriptions: tuple[str, ...]
    areas: tuple[Area, ...]
    children: tuple["Div", ...]
    line: int | None = None

    def walk(self) -> Iterator["Div"]:
        """Yield this division and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Record:
    """A description wrapped in a dmdSec: the metadata's root element, and MDTYPE as written."""

    identifier: str
    kind: str
    element: etree._Element
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Mets:
    """A METS file, read. `links` goes from the ID of a logical division to those of the physical ones.

    `pointers` are the other METS that divisions point to (mptr): the volumes of a work, or the work around a volume.
    """

    path: str
    label: str
    objid: str
    kind: str
    files: dict[str, MetsFile]
    records: dict[str, Record]
    physical: Div | None
    logical: Div | None
    links: dict[str, tuple[str, ...]]
    pointers: tuple[str, ...] = ()


def read_mets(body: bytes, path: str, *, max_bytes: int = MAX_XML_BYTES) -> Mets:
    """Read a METS file. Raises FormatError where it is not one, or where identifiers in it are not unique."""
    root = parse_xml(body, path, max_bytes=max_bytes)
    if not is_mets(name_of(root).namespace, local(root)):
        raise FormatError(
            path,
            told("its root element is {local}, not METS mets", local=local(root)),
            told("give a METS file"),
            line_of(root),
        )
    physical, logical = _structures(root, path)
    return Mets(
        path=path,
        label=root.get("LABEL", "").strip(),
        objid=root.get("OBJID", "").strip(),
        kind=root.get("TYPE", "").strip(),
        files=_files(root, path),
        records=_records(root),
        physical=physical,
        logical=logical,
        links=_links(root),
        pointers=_pointers(root),
    )


def is_mets(namespace: str, name: str) -> bool:
    """Return whether a root element of this name opens a METS file."""
    return name.lower() == "mets" and namespace in (NAMESPACE, NAMESPACE.rstrip("/"), "")


def _files(root: etree._Element, path: str) -> dict[str, MetsFile]:
    files: dict[str, MetsFile] = {}

    def visit(parent: etree._Element, uses: tuple[str, ...]) -> None:
        own = tuple(value for name in ("USE", "ID") if (value := parent.get(name, "").strip()))
        for child in children(parent, "fileGrp", "file"):
            if local(child) == "fileGrp":
                visit(child, uses + own)
                continue
            identifier = child.get("ID", "")
            if not identifier:
                raise FormatError(
                    path, told("a file in fileSec has no ID"), told("give each file an ID"), line_of(child)
                )
            if identifier in files:
                raise FormatError(
                    path,
                    told("the file ID {identifier!r} is used twice", identifier=identifier),
                    told("give each its own"),
                    line_of(child),
                )
            if len(files) >= _MAX_FILES:
                raise FormatError(
                    path,
                    told("more than {max_files:,} files", max_files=_MAX_FILES),
                    told("split the METS by document"),
                    line_of(child),
                )
            use = child.get("USE", "").strip()
            files[identifier] = MetsFile(
                identifier=identifier,
                href=next((found.get(XLINK_HREF, "").strip() for found in children(child, "FLocat")), ""),
                media_type=child.get("MIMETYPE", "").strip().lower(),
                uses=uses + own + ((use,) if use else ()),
                line=line_of(child),
                checksum=child.get("CHECKSUM", "").strip().lower(),
                checksum_type=child.get("CHECKSUMTYPE", "").strip(),
            )

    for section in children(root, "fileSec"):
        visit(section, ())
    return files


def _records(root: etree._Element) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for section in children(root, "dmdSec"):
        identifier = section.get("ID", "")
        for wrap in children(section, "mdWrap"):
            for data in children(wrap, "xmlData"):
                for element in children(data):
                    if identifier in records:
                        continue  # the first record of a section describes it; CCS never writes a second
                    records[identifier] = Record(identifier, wrap.get("MDTYPE", ""), element, line_of(section))
    return records


def _structures(root: etree._Element, path: str) -> tuple[Div | None, Div | None]:
    physical: Div | None = None
    logical: Div | None = None
    untyped: list[Div] = []
    count = 0
    for section in children(root, "structMap"):
        for top in children(section, "div"):
            count += sum(1 for element in top.iter() if local(element) == "div")
            if count > _MAX_DIVS:
                raise FormatError(
                    path,
                    told("more than {max_divs:,} divisions", max_divs=_MAX_DIVS),
                    told("split the METS by document"),
                    line_of(top),
                )
            div = _div(top)
            kind = section.get("TYPE", "").strip().upper()
            if kind == "PHYSICAL":
                physical = physical or div
            elif kind == "LOGICAL":
                logical = logical or div
            else:
                untyped.append(div)
            break
    if physical is None and untyped:
        physical = untyped.pop(0)
    if logical is None and untyped:
        logical = untyped.pop(0)
    return physical, logical


def _div(element: etree._Element) -> Div:
    return Div(
        identifier=element.get("ID", ""),
        kind=element.get("TYPE", "").strip(),
        label=" ".join(element.get("LABEL", "").split()),
        order=element.get("ORDER", "").strip(),
        order_label=" ".join(element.get("ORDERLABEL", "").split()),
        descriptions=tuple(element.get("DMDID", "").split()),
        areas=tuple(area for pointer in children(element, "fptr") for area in _areas(pointer)),
        children=tuple(_div(child) for child in children(element, "div")),
        line=line_of(element),
    )


def _areas(pointer: etree._Element) -> Iterator[Area]:
    whole = pointer.get("FILEID")
    if whole:
        yield Area(whole, line=line_of(pointer))
    for element in pointer.iter():
        if local(element) == "area" and element.get("FILEID"):
            by_id = element.get("BETYPE", "IDREF").upper() == "IDREF"
            yield Area(
                file=element.get("FILEID", ""),
                begin=element.get("BEGIN", "").strip() if by_id else "",
                coords=element.get("COORDS", "").strip() if element.get("SHAPE", "").upper() == "RECT" else "",
                line=line_of(element),
            )


def _pointers(root: etree._Element) -> tuple[str, ...]:
    said = (
        pointer.get(XLINK_HREF, "").strip()
        for section in children(root, "structMap")
        for pointer in section.iter()
        if local(pointer) == "mptr"
    )
    return tuple(dict.fromkeys(filter(None, said)))[:_MAX_POINTERS]


def _links(root: etree._Element) -> dict[str, tuple[str, ...]]:
    links: dict[str, dict[str, None]] = {}
    for section in children(root, "structLink"):
        for link in children(section, "smLink"):
            start = link.get("{http://www.w3.org/1999/xlink}from", "").strip()
            end = link.get("{http://www.w3.org/1999/xlink}to", "").strip()
            if start and end:
                links.setdefault(start, {})[end] = None
    return {start: tuple(ends) for start, ends in links.items()}
