"""Reading BnF refNum: the description of a digitised document, and its views in order.

http://bibnum.bnf.fr/ns/refNum.xsd: `document/bibliographie`, `document/structure/vueObjet` with `image`. Elements are taken
by local name, with the namespace or without. No database, no pixels.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from server.errors import FormatError
from server.formats.xml import MAX_XML_BYTES, children, first, line_of, local, name_of, parse_xml, words
from server.told import told

NAMESPACES = ("http://bibnum.bnf.fr/ns/refNum", "")
_MAX_VIEWS = 100_000


@dataclass(frozen=True, slots=True)
class RefNumView:
    """A vueObjet: codes of its kind and of its numbering as written, the name of its image without a suffix.

    `size` is the `dimension` in pixels and `dpi` the resolution that it states, where they are numbers.
    """

    order: int
    page_kind: str
    number_kind: str
    number: str
    image: str
    file_kind: str
    line: int | None = None
    size: tuple[int, int] | None = None
    dpi: int = 0


@dataclass(frozen=True, slots=True)
class RefNum:
    """A refNum, read: `about` is its `document`, for the crosswalk; `announced` the number of views that it states."""

    path: str
    identifier: str
    about: etree._Element
    issue: str
    issue_kind: str
    views: tuple[RefNumView, ...]
    announced: int | None = None


def is_refnum(namespace: str, name: str) -> bool:
    """Return whether a root element of this name opens a refNum."""
    return name == "refNum" and namespace in NAMESPACES


def read_refnum(body: bytes, path: str, *, max_bytes: int = MAX_XML_BYTES) -> RefNum:
    """Read a refNum. Raises FormatError where it is none, has no document, or has two views of the same order."""
    root = parse_xml(body, path, max_bytes=max_bytes)
    if not is_refnum(name_of(root).namespace, local(root)):
        raise FormatError(
            path,
            told("its root element is {local}, not refNum", local=local(root)),
            told("give a refNum"),
            line_of(root),
        )
    about = first(root, "document")
    if about is None:
        raise FormatError(path, told("holds no document"), told("ask the supplier for it again"), line_of(root))
    views = sorted(_views(about, path), key=lambda view: view.order)
    for one, other in itertools.pairwise(views):
        if one.order == other.order:
            fault = told("two views have the ordre {order}", order=other.order)
            raise FormatError(path, fault, told("give each its own"), other.line)
    part = next((found for book in children(about, "bibliographie") for found in children(book, "tomaison")), None)
    said = next(
        (words(found) for made in children(about, "production") for found in children(made, "nombreVueObjets")), ""
    )
    return RefNum(
        path=path,
        identifier=" ".join(about.get("identifiant", "").split()),
        about=about,
        issue=words(first(part, "valeur")) if part is not None else "",
        issue_kind=words(first(part, "type")) if part is not None else "",
        views=tuple(views),
        announced=int(said) if said.isdecimal() and len(said) < 9 else None,
    )


def _views(about: etree._Element, path: str) -> Iterator[RefNumView]:
    number = 0
    for structure in children(about, "structure"):
        for element in structure.iter():
            if local(element) != "vueObjet":
                continue
            number += 1
            if number > _MAX_VIEWS:
                raise FormatError(
                    path,
                    told("more than {max_views:,} views", max_views=_MAX_VIEWS),
                    told("split the document"),
                    line_of(element),
                )
            yield _view(element, path, number)


def _view(element: etree._Element, path: str, number: int) -> RefNumView:
    order = element.get("ordre", "").strip() or str(number)
    if not order.isdecimal() or len(order) > 8:
        raise FormatError(
            path,
            told("ordre {order!r} is not a number", order=order[:20]),
            told("number the views from 1"),
            line_of(element),
        )
    image = first(element, "image")
    said = image.get("dimension", "").split(",") if image is not None else []
    size = (
        (int(said[0]), int(said[1]))
        if len(said) == 2 and all(side.isdecimal() and len(side) < 7 for side in said)
        else None
    )
    dpi = image.get("resolution", "").split(",")[0].strip() if image is not None else ""
    return RefNumView(
        order=int(order),
        page_kind=element.get("typePage", "").strip(),
        number_kind=element.get("typePagination", "").strip(),
        number=element.get("numeroPage", "").strip(),
        image=image.get("nomImage", "").strip() if image is not None else "",
        file_kind=image.get("typeFichier", "").strip() if image is not None else "",
        line=line_of(image if image is not None else element),
        size=size,
        dpi=int(dpi) if dpi.isdecimal() and len(dpi) < 6 else 0,
    )
