"""A document as a searchable, tagged PDF 1.7 (ISO 32000-1; what ISO 14289-1 asks for as far as scans allow).

Pages come one at a time and their pictures go to a file at once, so that a register of a thousand pages takes little
memory: pikepdf fetches them from there when the whole is written. It is linearised (annex F), so that a reader that asks
for ranges shows the first page first. The same input gives the same bytes. Writes files, nothing else; must not import the
catalogue, the storage or pixels.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import AccessMode, Array, Dictionary, Name, Object, ObjectStreamMode, OutlineItem, Stream, String

from server.formats.pdf.font import Codes, embed_font, finish_font
from server.formats.pdf.headings import Levels, expect_headings
from server.formats.pdf.layer import POINTS, Marked, page_unit, write_layer
from server.formats.pdf.metadata import Facts, clean, document_information, write_xmp
from server.formats.pdf.streams import StreamFile
from server.model.structure import Range
from server.model.text import PageText

VERSION = 2
"""To be raised whenever the same document gives other bytes: it is part of the recipe, and so of the file's key."""
UNTITLED = "[…]"
"""Bookmark of a division without a name."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a JPEG stream, with its size in pixels; `bands` is 1 (gray) or 3 (colour)."""

    stream: bytes
    width: int
    height: int
    bands: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the number, label and size in pixels of its view, its picture, its words.

    `alternative` is for those who cannot see the picture; `transcriptions` are texts with their language, without places.
    """

    view: int
    label: str
    size: tuple[int, int]
    picture: Picture
    text: PageText | None = None
    transcriptions: tuple[tuple[str, str | None], ...] = ()
    alternative: str = ""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A page whose streams are in the file: their object numbers, and what its marked content is."""

    view: int
    label: str
    size: tuple[int, int]
    marked: tuple[Marked, ...]
    picture: int
    content: int


def write_pdf(
    target: Path,
    scratch: Path,
    facts: Facts,
    structure: tuple[Range, ...],
    pages: Iterable[Page],
    *,
    is_paged: bool = False,
    is_right_to_left: bool = False,
) -> None:
    """Write a document to `target`; `scratch` is a file that does not exist, for what is on its way, and is left there.

    `structure` has boxes in pixels of the views; divisions whose views are no pages have no bookmark.
    """
    codes = Codes()
    with StreamFile(scratch) as streams:
        placed = [*_placed(streams, structure, pages, codes)]
    # by reading, not by mapping: what is mapped counts as this process's memory
    with pikepdf.open(scratch, access_mode=AccessMode.stream) as pdf:
        made = _add_pages(pdf, placed, codes)
        _add_structure(pdf, placed, made, facts.language)
        places = {page.view: (page.size, one) for page, one in zip(placed, made, strict=True)}
        _describe(pdf, facts, placed, is_paged=is_paged, is_right_to_left=is_right_to_left)
        if bookmarks := _bookmarks(structure, places):
            pdf.Root.PageMode = Name.UseOutlines
            with pdf.open_outline() as outline:
                outline.root.extend(bookmarks)
        pdf.save(
            target,
            min_version="1.7",
            linearize=True,
            deterministic_id=True,
            object_stream_mode=ObjectStreamMode.generate,
            compress_streams=True,
        )


def _placed(
    streams: StreamFile, structure: tuple[Range, ...], pages: Iterable[Page], codes: Codes
) -> Iterator[_Placed]:
    levels = Levels(expect_headings(structure))
    for page in pages:
        headings = levels.find(page.view, page.text, page.size) if page.text is not None else {}
        layer = write_layer(page.size, page.text, headings, page.transcriptions, page.alternative, codes)
        shown = page.picture
        space = "DeviceGray" if shown.bands == 1 else "DeviceRGB"
        picture = streams.add(
            f"/Type/XObject/Subtype/Image/Width {shown.width}/Height {shown.height}/ColorSpace/{space}"
            "/BitsPerComponent 8/Filter/DCTDecode",
            shown.stream,
        )
        content = streams.add("/Filter/FlateDecode", zlib.compress(layer.operators, 9))
        yield _Placed(page.view, page.label, page.size, layer.marked, picture, content)


def _add_pages(pdf: pikepdf.Pdf, placed: list[_Placed], codes: Codes) -> list[Object]:
    font = embed_font(pdf)
    finish_font(pdf, font, codes)
    made: list[Object] = []
    for number, page in enumerate(placed):
        one = pdf.make_indirect(
            Dictionary(
                Type=Name.Page,
                MediaBox=Array([0, 0, *_units(page.size, page.size)]),
                Resources=Dictionary(
                    Font=Dictionary(F=font), XObject=Dictionary(Picture=pdf.get_object(page.picture, 0))
                ),
                Contents=pdf.get_object(page.content, 0),
                StructParents=number,
                Tabs=Name.S,
            )
        )
        if (unit := page_unit(page.size)) > 1:
            one.UserUnit = unit
        pdf.pages.append(pikepdf.Page(one))
        made.append(one)
    return made


def _add_structure(pdf: pikepdf.Pdf, placed: list[_Placed], made: list[Object], language: str) -> None:
    """Enter the marked content of all pages into the structure tree (ISO 32000-1 §14.7), in reading order."""
    tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    whole = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=tree, Lang=String(language)))
    parts: list[Object] = []
    marked: list[Any] = []
    for number, (page, one) in enumerate(zip(placed, made, strict=True)):
        part = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Div, P=whole, Pg=one))
        elements = [
            pdf.make_indirect(_element(mark, part, one, place, page, language))
            for place, mark in enumerate(page.marked)
        ]
        part.K = Array(elements)
        marked += [number, pdf.make_indirect(Array(elements))]
        parts.append(part)
    whole.K = Array(parts)
    tree.K = Array([whole])
    tree.ParentTree = pdf.make_indirect(Dictionary(Nums=Array(marked)))
    tree.ParentTreeNextKey = len(placed)
    pdf.Root.StructTreeRoot = tree
    pdf.Root.MarkInfo = Dictionary(Marked=True)


def _element(mark: Marked, part: Object, one: Object, place: int, page: _Placed, language: str) -> Dictionary:
    element = Dictionary(Type=Name.StructElem, S=Name(f"/{mark.tag}"), P=part, Pg=one, K=place)
    if mark.language and mark.language != language:
        element.Lang = String(mark.language)
    if mark.tag == "Figure":
        element.Alt = String(clean(mark.alternative))
        element.A = Dictionary(O=Name.Layout, Placement=Name.Block, BBox=Array([0, 0, *_units(page.size, page.size)]))
    return element


def _describe(
    pdf: pikepdf.Pdf, facts: Facts, placed: list[_Placed], *, is_paged: bool, is_right_to_left: bool
) -> None:  # fmt: skip
    """Say what the document is, how its pages are called and how a reader opens it."""
    root = pdf.Root
    root.Lang = String(facts.language)
    labels: list[Any] = []
    for number, page in enumerate(placed):
        label = clean(page.label)
        labels += [number, Dictionary(P=String(label)) if label else Dictionary(S=Name.D, St=page.view)]
    root.PageLabels = Dictionary(Nums=Array(labels))
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    if is_right_to_left:
        root.ViewerPreferences.Direction = Name.R2L
    root.PageLayout = Name.TwoPageRight if is_paged else Name.SinglePage
    root.Metadata = pdf.make_indirect(Stream(pdf, write_xmp(facts), Type=Name.Metadata, Subtype=Name.XML))
    for name, value in document_information(facts).items():
        pdf.docinfo[name] = String(value)


def _bookmarks(divisions: tuple[Range, ...], places: Mapping[int, tuple[tuple[int, int], Object]]) -> list[OutlineItem]:
    made = []
    for division in divisions:
        children = _bookmarks(division.children, places)
        place = _destination(division, places) or (children[0].destination if children else None)
        if place is None:
            continue
        item = OutlineItem(clean(division.label).strip() or UNTITLED, place)
        item.children.extend(children)
        item.is_closed = True
        made.append(item)
    return made


def _destination(division: Range, places: Mapping[int, tuple[tuple[int, int], Object]]) -> Array | None:
    for target in division.targets:
        if target.view in places:
            size, one = places[target.view]
            if target.box is None:
                return Array([one, Name.Fit])
            return Array([one, Name.XYZ, *_units((target.box.x, size[1] - target.box.y), size), None])
    return None


def _units(pixels: tuple[int, int], page: tuple[int, int]) -> list[Decimal]:
    """Return lengths in pixels of a view as units of its page, which has `page` pixels."""
    return [round(Decimal(length) * Decimal(POINTS) / page_unit(page), 2) for length in pixels]
