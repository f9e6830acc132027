"""Parsing XML that a stranger wrote: no entity, no DTD, no network, and a bound on size, elements and depth.

Every reader of XML starts here (XML 1.0 §2.8 and §4 are what is refused). Names are compared by local name and
namespace URI, never by prefix. Imports lxml and the errors, nothing else.
"""

import os
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from server.errors import FormatError
from server.told import told

MAX_XML_BYTES = 64 * 2**20
MAX_ELEMENTS = 1_000_000
MAX_DEPTH = 150
SNIFFED_BYTES = 2**18

XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

GZIP = b"\x1f\x8b"
_UTF8_MARK = b"\xef\xbb\xbf"
_ENTITY = re.compile(b"|".join(re.escape("<!ENTITY".encode(code)) for code in ("ascii", "utf-16-le", "utf-16-be")))
_TOO_DEEP = etree.XPath("/*" * (MAX_DEPTH + 1) + "[1]")


@dataclass(frozen=True, slots=True)
class RootName:
    """The name of a root element: namespace URI (may be empty) and local name."""

    namespace: str
    local: str


def parse_xml(body: bytes, path: str, *, max_bytes: int = MAX_XML_BYTES) -> etree._Element:
    """Return the root element of `body`; `path` is what a message calls it.

    Raises FormatError, with the line where it is known, for anything that is not well-formed, that declares
    entities, or that is larger or deeper than the limits.
    """
    if len(body) > max_bytes:
        raise _too_large(path, len(body), max_bytes)
    if not body.strip(b" \t\r\n\0"):
        raise FormatError(path, told("the file is empty"), told("ask the supplier for it again"))
    declared = _ENTITY.search(body)
    if declared:
        line = body.count(b"\n", 0, declared.start()) + 1
        raise _entities(path, line)
    # an element needs a `<` to open, and one more to close unless it is empty
    if body.count(b"<") > 2 * MAX_ELEMENTS:
        raise FormatError(
            path,
            told("more than {max_elements:,} elements", max_elements=MAX_ELEMENTS),
            told("split it; no page or document needs that many"),
        )
    try:
        root = etree.fromstring(body, _parser(body))
    except etree.XMLSyntaxError as error:
        fault = told("not well-formed XML: {reason}", reason=_reason(error))
        raise FormatError(path, fault, told("ask the supplier for it again"), error.lineno or None) from None
    except (ValueError, LookupError) as error:
        raise FormatError(
            path, told("cannot be read as XML: {error}", error=str(error)), told("ask the supplier for it again")
        ) from None
    internal = root.getroottree().docinfo.internalDTD
    if internal is not None and any(True for _ in internal.iterentities()):
        raise _entities(path, 1)
    if _TOO_DEEP(root):
        raise FormatError(
            path,
            told("elements are nested deeper than {max_depth}", max_depth=MAX_DEPTH),
            told("ask the supplier for a flatter file"),
        )
    return root


def read_xml(file: Path, path: str, *, max_bytes: int = MAX_XML_BYTES) -> etree._Element:
    """Return the root element of a file; at most `max_bytes` are read. Raises FormatError as `parse_xml`."""
    return parse_xml(read_bounded(file, path, max_bytes=max_bytes), path, max_bytes=max_bytes)


def read_bounded(file: Path, path: str, *, max_bytes: int) -> bytes:
    """Return the bytes of a file of at most `max_bytes`, unpacked where it is gzip.

    Raises FormatError when it is larger or cannot be read.
    """
    try:
        with file.open("rb") as stream:
            # as much is asked for as is there: room for all of it is made before the first byte is read
            body = stream.read(min(max_bytes, os.fstat(stream.fileno()).st_size) + 1)
    except OSError as error:
        raise FormatError(
            path,
            told("cannot be read: {strerror}", strerror=error.strerror),
            told("check that it is there and readable"),
        ) from None
    if len(body) > max_bytes:
        raise _too_large(path, file.stat().st_size, max_bytes)
    return unpack(body, path, max_bytes=max_bytes) if body.startswith(GZIP) else body


def unpack(body: bytes, path: str, *, max_bytes: int) -> bytes:
    """Return what gzip packed, at most `max_bytes`. Raises FormatError where it unpacks to more, or is cut off."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        whole = unpacker.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise FormatError(
            path, told("cannot be unpacked: {error}", error=str(error)), told("ask the supplier for it again")
        ) from None
    if len(whole) > max_bytes:
        raise FormatError(
            path,
            told("unpacks to more than {max_bytes:,} bytes", max_bytes=max_bytes),
            told("split it, or raise VITRINE_MAX_XML_BYTES"),
        )
    if not unpacker.eof:
        raise FormatError(path, told("its packed bytes are cut off"), told("ask the supplier for it again"))
    return whole


def sniff_root(file: Path) -> RootName | None:
    """Return the name of a file's root element from its first bytes, or None where it is not XML."""
    try:
        with file.open("rb") as stream:
            head = stream.read(256)
            if head.startswith(GZIP):
                head = unpack_head(head + stream.read(SNIFFED_BYTES))
                return root_name(head) if head else None
            if not head.replace(b"\0", b"").removeprefix(_UTF8_MARK).lstrip(b"\xff\xfe \t\r\n").startswith(b"<"):
                return None
            head += stream.read(SNIFFED_BYTES - len(head))
    except OSError:
        return None
    return root_name(head)


def unpack_head(packed: bytes) -> bytes:
    """Return the beginning of what the first bytes of a gzip file hold; empty where that is no XML."""
    with suppress(zlib.error):
        head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(packed, SNIFFED_BYTES)
        return head if head.removeprefix(_UTF8_MARK).lstrip().startswith(b"<") else b""
    return b""


def root_name(head: bytes) -> RootName | None:
    """Return the name of the root element that `head`, the start of a file, opens; None where it opens none."""
    parser = etree.XMLPullParser(
        events=("start",),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=True,  # a broken METS is still to be told from a file that is none
        encoding="utf-8" if head.startswith(_UTF8_MARK) else None,
    )
    with suppress(etree.XMLSyntaxError, ValueError, LookupError):  # what was read before a fault may be enough
        parser.feed(head)
    try:
        for _, element in parser.read_events():
            return name_of(element)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None
    return None


def name_of(element: etree._Element) -> RootName:
    """Return the namespace URI and the local name of an element."""
    name = etree.QName(element)
    return RootName(name.namespace or "", name.localname)


def local(element: etree._Element) -> str:
    """Return the local name of an element; empty for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Yield the child elements with one of these local names; all child elements where none is given."""
    for child in element:
        name = local(child)
        if name and (not names or name in names):
            yield child


def first(element: etree._Element, name: str) -> etree._Element | None:
    """Return the first child element with this local name."""
    return next(children(element, name), None)


def words(element: etree._Element | None) -> str:
    """Return all text inside an element with its white space folded; empty for None."""
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())


def line_of(element: etree._Element) -> int | None:
    """Return the line on which an element begins, where it is known."""
    return element.sourceline or None


def _parser(body: bytes) -> etree.XMLParser:
    # BnF's ALTO declares ISO-8859-1 behind a UTF-8 byte-order mark: the mark is right, the declaration is not
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8" if body.startswith(_UTF8_MARK) else None,
    )


def _reason(error: etree.XMLSyntaxError) -> str:
    text = (error.msg or "unknown fault").removeprefix("Document is ")
    return re.sub(r", line \d+, column \d+.*$", "", text)


def _too_large(path: str, size: int, limit: int) -> FormatError:
    return FormatError(
        path,
        told("{size:,} bytes, the limit is {limit:,}", size=size, limit=limit),
        told("split it, or raise VITRINE_MAX_XML_BYTES"),
    )


def _entities(path: str, line: int) -> FormatError:
    return FormatError(
        path, told("declares XML entities"), told("write the characters themselves and drop the declaration"), line
    )
