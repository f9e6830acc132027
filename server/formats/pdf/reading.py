"""Reading a PDF that a supplier hands over (ISO 32000): its pages, its bookmarks, the words of its text layer.

pdfium reads it, a page at a time. Boxes come in pixels of the page as it is drawn, upright, as wide as its own scan where it
is one. The pixels themselves are made in `server/imaging/pdf.py`. No database.
"""

import ctypes
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from server.errors import FormatError
from server.model.text import Block, Box, Line, PageText, Word
from server.told import told

MAX_PAGES = 10_000
MAX_CHARACTERS = 200_000
MAX_SIDE = 20_000
MAX_PIXELS = 100_000_000
"""Pixels of a page: a sheet of newspaper at 600 dpi; a plan is drawn in fewer."""

DEFAULT_DPI = 300
_LEAST_DPI, _MOST_DPI = 72, 600
_POINTS = 72
_REMEDY = told("ask the supplier for it again")
_MAX_OBJECTS = 2_000


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline; `page` from 1, `level` from 0."""

    level: int
    label: str
    page: int


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """A PDF, looked at: page labels where it has them, what it says of itself, its outline."""

    pages: int
    labels: tuple[str, ...]
    title: str
    author: str
    subject: str
    bookmarks: tuple[Bookmark, ...]


@dataclass(frozen=True, slots=True)
class PageSize:
    """How large a page is drawn: pixels, the dots per inch that they make, whether it is a scan, and in shades of gray."""

    width: int
    height: int
    dpi: float
    is_gray: bool = False
    is_scan: bool = False


@contextmanager
def open_pdf(path: Path, name: str) -> Iterator[Any]:
    """Open a PDF; `name` is what a message calls it. Raises FormatError where it cannot be read or is locked."""
    try:
        document = pypdfium2.PdfDocument(path)
    except (pypdfium2.PdfiumError, OSError, ValueError) as error:
        said = " ".join(str(error).split())
        if "password" in said.lower():
            raise FormatError(
                name, told("is locked by a password"), told("ask the supplier for it without one")
            ) from None
        raise FormatError(name, told("is no PDF that can be read ({said})", said=said[:120]), _REMEDY) from None
    try:
        yield document
    except (pypdfium2.PdfiumError, ValueError) as error:  # a name in its outline may be no text
        raise FormatError(
            name, told("cannot be read ({names})", names=" ".join(str(error).split())[:120]), _REMEDY
        ) from None
    finally:
        document.close()


def read_facts(path: Path, name: str) -> PdfFacts:
    """Return what a PDF says of itself. Raises FormatError, also where it has no page or too many."""
    with open_pdf(path, name) as document:
        count = len(document)
        if not 0 < count <= MAX_PAGES:
            raise FormatError(
                name,
                told("has {count:,} pages, and 1 to {max_pages:,} are read", count=count, max_pages=MAX_PAGES),
                told("split it by document"),
            )
        said = document.get_metadata_dict(skip_empty=True)
        labels = tuple(_clean(document.get_page_label(number))[:40] for number in range(count))
        return PdfFacts(
            pages=count,
            labels=labels,
            title=_clean(said.get("Title", ""))[:1000],
            author=_clean(said.get("Author", ""))[:1000],
            subject=_clean(said.get("Subject", ""))[:4000],
            bookmarks=tuple(_bookmarks(document, count)),
        )


def list_pages_with_text(path: Path, name: str) -> frozenset[int]:
    """Return the numbers of the pages, from 1, that have letters in their text layer. Raises FormatError."""
    found = set()
    with open_pdf(path, name) as document:
        for number in range(1, min(len(document), MAX_PAGES) + 1):
            page = document[number - 1]
            text = page.get_textpage()
            signs = (
                chr(pdfium.FPDFText_GetUnicode(text, index)) for index in range(min(text.count_chars(), MAX_CHARACTERS))
            )
            if any(sign.isprintable() and not sign.isspace() for sign in signs):
                found.add(number)
            text.close()
            page.close()
    return frozenset(found)


def size_of(page: Any) -> PageSize:
    """Return how large a page is to be drawn: as its scan is where one fills it, else at 300 dpi; never without bounds."""
    width, height = (max(1.0, side) for side in page.get_size())
    dpi, gray = float(DEFAULT_DPI), False
    largest = 0.0
    for count, found in enumerate(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=2)):
        if count >= _MAX_OBJECTS:
            break
        left, bottom, right, top = found.get_bounds()
        across, down = abs(right - left), abs(top - bottom)
        if across * down <= largest or across * down * 2 < width * height or across <= 0 or down <= 0:
            continue
        largest = across * down
        pixels = found.get_px_size()
        dpi = max(pixels) / max(across, down) * _POINTS
        gray = found.get_metadata().colorspace in {pdfium.FPDF_COLORSPACE_DEVICEGRAY, pdfium.FPDF_COLORSPACE_CALGRAY}
    dpi = min(_MOST_DPI, max(_LEAST_DPI, dpi))
    dpi = min(dpi, MAX_SIDE / max(width, height) * _POINTS, (MAX_PIXELS / (width * height)) ** 0.5 * _POINTS)
    scale = dpi / _POINTS
    return PageSize(max(1, round(width * scale)), max(1, round(height * scale)), dpi, gray, largest > 0)


def read_words(path: Path, name: str, number: int, size: tuple[int, int]) -> PageText | None:
    """Return the text layer of a page, from 1, in pixels of the image of that size; None where it has none."""
    with open_pdf(path, name) as document:
        page = document[number - 1]
        text = page.get_textpage()
        lines = [line for line in _lines(page, text, size) if line.words]
    if not lines:
        return None
    return PageText(size[0], size[1], tuple(_blocks(lines)))


def _lines(page: Any, text: Any, size: tuple[int, int]) -> Iterator[Line]:
    words: list[Word] = []
    letters: list[tuple[str, Box]] = []

    def end_word() -> None:
        if letters:
            content = unicodedata.normalize("NFC", "".join(sign for sign, _ in letters))
            words.append(Word(content, _around([box for _, box in letters])))
            letters.clear()

    for index in range(min(text.count_chars(), MAX_CHARACTERS)):
        sign = chr(pdfium.FPDFText_GetUnicode(text, index))
        if sign in "\r\n":
            end_word()
            if words:
                yield Line(tuple(words), _around([word.box for word in words]))
                words = []
            continue
        if sign.isspace():
            end_word()
            continue
        if not sign.isprintable() or 0xD800 <= ord(sign) <= 0xDFFF:
            continue
        box = _box(page, text.get_charbox(index), size)
        if box:
            letters.append((sign, box))
    end_word()
    if words:
        yield Line(tuple(words), _around([word.box for word in words]))


def _box(page: Any, corners: tuple[float, float, float, float], size: tuple[int, int]) -> Box | None:
    """Return a box of the page as it is drawn: turned as the page is, cut at its edges; None where nothing is left."""
    across, down = [], []
    for x, y in ((corners[0], corners[1]), (corners[2], corners[3])):
        left, top = ctypes.c_int(), ctypes.c_int()
        if not pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, ctypes.byref(left), ctypes.byref(top)):
            return None
        across.append(min(size[0], max(0, left.value)))
        down.append(min(size[1], max(0, top.value)))
    return Box(min(across), min(down), max(1, max(across) - min(across)), max(1, max(down) - min(down)))


def _blocks(lines: list[Line]) -> Iterator[Block]:
    """Yield the lines in blocks: a gap of more than a line's height, or a step to the side, begins another."""
    held: list[Line] = []
    for line in lines:
        if held:
            last = held[-1].box
            gap = line.box.y - (last.y + last.height)
            aside = line.box.x > last.x + last.width or line.box.x + line.box.width < last.x
            if gap > 1.2 * max(last.height, line.box.height) or gap < -3 * last.height or aside:
                yield Block("", tuple(held), _around([one.box for one in held]))
                held = []
        held.append(line)
    if held:
        yield Block("", tuple(held), _around([one.box for one in held]))


def _around(boxes: list[Box]) -> Box:
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Box(left, top, right - left, bottom - top)


def _bookmarks(document: Any, pages: int) -> Iterator[Bookmark]:
    for count, found in enumerate(document.get_toc(max_depth=8)):
        if count >= MAX_PAGES:
            return
        target = found.get_dest()
        index = target.get_index() if target else None
        label = _clean(found.get_title() or "")[:300]
        if label and index is not None and 0 <= index < pages:
            yield Bookmark(found.level, label, index + 1)


def _clean(said: str) -> str:
    return " ".join("".join(sign for sign in said if sign.isprintable() and not 0xD800 <= ord(sign) <= 0xDFFF).split())
