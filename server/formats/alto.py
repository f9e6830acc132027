"""Reading ALTO: the words of a page with their boxes.

ALTO 1 to 4 (Library of Congress) and BnF's own namespace, told apart by nothing: elements are taken by local name.
Measurement units are `pixel`, `mm10` (a tenth of a millimetre) and `inch1200`; boxes are scaled to the image that is
served, by the ratio of its size to that of the ALTO page. No database, no pixels.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from server.errors import FormatError
from server.formats.xml import MAX_XML_BYTES, children, line_of, local, parse_xml, words
from server.model.languages import bcp47
from server.model.text import Block, Box, Hyphen, Line, PageText, Word
from server.told import told

UNITS = ("pixel", "mm10", "inch1200")
_BLOCKS = frozenset(
    {"TextBlock", "ComposedBlock", "Illustration", "GraphicalElement", "PrintSpace", "TextLine", "Page"}
)
_HALVES = {"HypPart1": Hyphen.FIRST, "HypPart2": Hyphen.SECOND}
_GREATEST = 10_000_000.0

_Frame = tuple[float, float, float, float]
"""Left, top, width, height in the units of the page."""


@dataclass(frozen=True, slots=True)
class Alto:
    """An ALTO file, read: sizes are in its own unit, `boxes` are those of everything that a METS area may point to."""

    path: str
    unit: str
    width: float
    height: float
    image_name: str
    pages: int
    text: PageText
    boxes: dict[str, Box]
    block_texts: dict[str, str]


def read_alto(body: bytes, path: str, *, size: tuple[int, int] | None = None, max_bytes: int = MAX_XML_BYTES) -> Alto:
    """Read an ALTO file; `size` is the width and height in pixels of the image served.

    Without `size` boxes stay in the page's own units, which `text.width` and `text.height` state. Raises FormatError
    where the file is no ALTO, has no page, or says something that is not a number where one is needed.
    """
    root = parse_xml(body, path, max_bytes=max_bytes)
    if local(root).lower() != "alto":
        raise FormatError(
            path,
            told("its root element is {local}, not alto", local=local(root)),
            told("give the ALTO of this page"),
            line_of(root),
        )
    unit = _unit(root, path)
    pages = [element for element in root.iter() if local(element) == "Page"]
    if not pages:
        raise FormatError(path, told("holds no Page"), told("ask the supplier for the ALTO of this page again"))
    page = pages[0]
    width, height = _page_size(page, path, size)
    scale = (size[0] / width, size[1] / height) if size else (1.0, 1.0)
    text_language = _language(page)
    blocks = tuple(
        block for block in (_block(element, path, scale) for element in _named(page, "TextBlock")) if block.lines
    )
    boxes, texts = {}, {}
    for element in page.iter():
        identifier = element.get("ID")
        if identifier and local(element) in _BLOCKS:
            frame = _frame(element, path)
            if frame:
                boxes[identifier] = _box(frame, scale)
    for block in blocks:
        if block.identifier:
            texts[block.identifier] = " ".join(PageText(0, 0, (block,)).plain().split())
    shown = size or (max(1, round(width)), max(1, round(height)))
    return Alto(
        path=path,
        unit=unit,
        width=width,
        height=height,
        image_name=_image_name(root),
        pages=len(pages),
        text=PageText(shown[0], shown[1], blocks, text_language),
        boxes=boxes,
        block_texts=texts,
    )


def _named(element: etree._Element, name: str) -> Iterable[etree._Element]:
    return (found for found in element.iter() if local(found) == name)


def _unit(root: etree._Element, path: str) -> str:
    for element in _named(root, "MeasurementUnit"):
        said = words(element).lower()
        unit = {"pixels": "pixel", "px": "pixel", "inch1200": "inch1200", "mm10": "mm10", "pixel": "pixel"}.get(said)
        if unit is None:
            raise FormatError(
                path,
                told("MeasurementUnit {said!r} is not one of {names}", said=said, names=", ".join(UNITS)),
                told("correct the unit"),
                line_of(element),
            )
        return unit
    return "pixel"  # ALTO 2 leaves the element out at times; then sizes are those of the image


def _image_name(root: etree._Element) -> str:
    for information in _named(root, "sourceImageInformation"):
        for name in children(information, "fileName"):
            return words(name)
    return ""


def _language(page: etree._Element) -> str | None:
    for element in page.iter():
        for attribute in ("LANG", "language", "{http://www.w3.org/XML/1998/namespace}lang"):
            said = element.get(attribute)
            if said:
                return bcp47(said) or None
    return None


def _page_size(page: etree._Element, path: str, size: tuple[int, int] | None) -> tuple[float, float]:
    width, height = _number(page, "WIDTH", path), _number(page, "HEIGHT", path)
    if width and height:
        return width, height
    for space in children(page, "PrintSpace"):
        frame = _frame(space, path)
        if frame and frame[0] == frame[1] == 0 and frame[2] and frame[3]:
            return frame[2], frame[3]
    if size:
        return float(size[0]), float(size[1])
    frames = [frame for element in page.iter() if (frame := _frame(element, path))]
    if not frames:
        raise FormatError(
            path, told("the Page states no WIDTH and HEIGHT"), told("ask for ALTO with the page's size"), line_of(page)
        )
    return max(f[0] + f[2] for f in frames) or 1.0, max(f[1] + f[3] for f in frames) or 1.0


def _number(element: etree._Element, name: str, path: str) -> float | None:
    said = element.get(name)
    if said is None or not said.strip():
        return None
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > _GREATEST:
        raise FormatError(
            path,
            told("{name}={said!r} is not a measure", name=name, said=said[:40]),
            told("ask for the ALTO again"),
            line_of(element),
        )
    return value


def _frame(element: etree._Element, path: str) -> _Frame | None:
    left, top = _number(element, "HPOS", path), _number(element, "VPOS", path)
    width, height = _number(element, "WIDTH", path), _number(element, "HEIGHT", path)
    if local(element) == "Page" and width and height:
        return (0.0, 0.0, width, height)
    if left is None or top is None or width is None or height is None:
        return None
    return (left, top, max(0.0, width), max(0.0, height))


def _box(frame: _Frame, scale: tuple[float, float]) -> Box:
    # both edges are rounded, not the width: neighbours that touch in the source touch in the result
    left, top = round(frame[0] * scale[0]), round(frame[1] * scale[1])
    right, bottom = round((frame[0] + frame[2]) * scale[0]), round((frame[1] + frame[3]) * scale[1])
    return Box(left, top, right - left, bottom - top)


def _union(boxes: Iterable[Box]) -> Box | None:
    known = list(boxes)
    if not known:
        return None
    left, top = min(box.x for box in known), min(box.y for box in known)
    right, bottom = max(box.x + box.width for box in known), max(box.y + box.height for box in known)
    return Box(left, top, right - left, bottom - top)


def _block(element: etree._Element, path: str, scale: tuple[float, float]) -> Block:
    frame = _frame(element, path)
    around = _box(frame, scale) if frame else None
    lines = tuple(
        line
        for line in (_line(child, path, scale, around) for child in children(element, "TextLine"))
        if line is not None
    )
    box = around or _union(line.box for line in lines) or Box(0, 0, 0, 0)
    return Block(element.get("ID", ""), lines, box)


def _line(element: etree._Element, path: str, scale: tuple[float, float], around: Box | None) -> Line | None:
    frame = _frame(element, path)
    own = _box(frame, scale) if frame else None
    found: list[Word] = []
    for child in children(element, "String", "HYP"):
        content = " ".join(child.get("CONTENT", "").split())
        if not content:
            continue
        if local(child) == "HYP":
            # a hyphen whose halves are not declared is printed text like any other
            if found and found[-1].hyphen is None:
                last = found[-1]
                found[-1] = Word(last.content + content, last.box, last.confidence)
            continue
        place = _frame(child, path)
        box = _box(place, scale) if place else own or around
        if box is None:
            raise FormatError(
                path,
                told("String {content!r} has no position", content=content[:40]),
                told("ask for the ALTO again"),
                line_of(child),
            )
        found.append(_word(child, content, box, path))
    if not found:
        return None
    return Line(tuple(found), own or _union(word.box for word in found) or found[0].box)


def _word(element: etree._Element, content: str, box: Box, path: str) -> Word:
    confidence = _number(element, "WC", path)
    hyphen = _HALVES.get(element.get("SUBS_TYPE", ""))
    return Word(
        content=content,
        box=box,
        confidence=None if confidence is None else min(1.0, max(0.0, confidence)),
        hyphen=hyphen,
        whole=" ".join(element.get("SUBS_CONTENT", "").split()) if hyphen else "",
    )
