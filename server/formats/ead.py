"""Reading EAD: the components of a finding aid that have images of their own, with the levels around each.

EAD 2002 (with the namespace `urn:isbn:1-931666-22-9` or by DTD, without) and EAD3 (`http://ead3.archivists.org/schema/`):
archdesc, c and c01 to c12; dao, daogrp/daoloc, daoset. Elements are taken by local name. No database.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from server.errors import FormatError
from server.formats.xml import MAX_XML_BYTES, children, first, line_of, local, name_of, parse_xml, words
from server.told import told

NAMESPACES = frozenset(
    {"", "urn:isbn:1-931666-22-9", "http://ead3.archivists.org/schema", "http://ead3.archivists.org/schema/"}
)
_COMPONENT = re.compile(r"c(0[1-9]|1[0-2])?|archdesc")
_NOT_IMAGES = frozenset({"thumbnail", "vignette", "thumb", "icon"})
_MAX_DOCUMENTS = 50_000


@dataclass(frozen=True, slots=True)
class Link:
    """A link to images as written; `role` is what it is to the component, in lower case (`first`, `last`, `image`)."""

    href: str
    role: str
    title: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Component:
    """A component with images: its element, those around it from the inside out, and its links in order."""

    element: etree._Element
    around: tuple[etree._Element, ...]
    links: tuple[Link, ...]
    identifier: str
    line: int | None

    @property
    def titles_around(self) -> tuple[str, ...]:
        """The titles of the levels around, from the inside out."""
        titles = (words(first(did, "unittitle")) for level in self.around for did in children(level, "did"))
        return tuple(title for title in titles if title)


@dataclass(frozen=True, slots=True)
class FindingAid:
    """A finding aid: its identifier, and what of it has images."""

    path: str
    identifier: str
    components: tuple[Component, ...]


def is_ead(namespace: str, name: str) -> bool:
    """Return whether a root element of this name opens an EAD."""
    return name == "ead" and namespace in NAMESPACES


def read_ead(body: bytes, path: str, *, max_bytes: int = MAX_XML_BYTES) -> FindingAid:
    """Read a finding aid. Raises FormatError where it is none, or describes nothing (no archdesc)."""
    root = parse_xml(body, path, max_bytes=max_bytes)
    if not is_ead(name_of(root).namespace, local(root)):
        raise FormatError(
            path, told("its root element is {local}, not ead", local=local(root)), told("give an EAD"), line_of(root)
        )
    top = first(root, "archdesc")
    if top is None:
        raise FormatError(path, told("has no archdesc"), told("ask for the finding aid whole"), line_of(root))
    header = next(children(root, "eadheader", "control"), None)
    named = next(children(header, "eadid", "recordid"), None) if header is not None else None
    return FindingAid(path, words(named), tuple(_components(top, path)))


def _components(top: etree._Element, path: str) -> Iterator[Component]:
    """Yield the components with images in the order of the document; no recursion, for anybody may write it deep."""
    pending: list[tuple[etree._Element, tuple[etree._Element, ...]]] = [(top, ())]
    number = 0
    while pending:
        element, around = pending.pop()
        links = tuple(_links(element))
        if links:
            number += 1
            if number > _MAX_DOCUMENTS:
                raise FormatError(
                    path,
                    told("more than {max_documents:,} components with images", max_documents=_MAX_DOCUMENTS),
                    told("split it"),
                    line_of(element),
                )
            yield Component(element, around, links, _identifier(element), line_of(element))
        below = [
            part for holder in (element, *children(element, "dsc")) for part in children(holder) if is_component(part)
        ]
        pending += [(part, (element, *around)) for part in reversed(below)]


def is_component(element: etree._Element) -> bool:
    """Return whether an element is a level of the description."""
    return bool(_COMPONENT.fullmatch(local(element)))


def _identifier(element: etree._Element) -> str:
    codes = [words(code) for did in children(element, "did") for code in children(did, "unitid") if words(code)]
    return element.get("id", "").strip() or next(iter(codes), "")


def _links(component: etree._Element) -> Iterator[Link]:
    """Yield the links of a component itself, in its did or beside it, and not those of the components inside."""
    pending = [component]
    while pending:
        element = pending.pop()
        name = local(element)
        if name in {"dao", "daoloc"}:
            link = _link(element)
            if link.href and link.role not in _NOT_IMAGES:
                yield link
            continue
        inside = [part for part in children(element) if local(part) in {"did", "dao", "daogrp", "daoset", "daoloc"}]
        pending += reversed(inside)


def _link(element: etree._Element) -> Link:
    said = {str(key).rpartition("}")[2]: " ".join(value.split()) for key, value in element.items()}
    role = said.get("role") or said.get("linkrole") or said.get("localtype") or said.get("label") or ""
    title = said.get("title") or said.get("linktitle") or words(first(element, "daodesc"))
    return Link(said.get("href", ""), role.lower().rpartition(":")[2], title, line_of(element))
