"""PDFs as suppliers hand them over, made by another program than the one that reads them: scans, and words unseen on them.

The words are in rendering mode 3 over the scan of their page (ISO 32000-1 §9.3.6), as text recognition leaves them.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import pikepdf
from PIL import Image, ImageDraw

DPI = 150
SIZE = (600, 900)
"""Pixels of a page's scan."""

Word = tuple[str, int, int]
"""A word, and where its base line begins in pixels of the scan, from the left and from the top."""

LETTERS = 40
"""Height of the letters in pixels."""


def write_printed(
    path: Path, pages: Sequence[Sequence[Word]], *, title: str = "", chapters: Sequence[str] = ()
) -> Path:
    """Write a PDF of scans with these words on each; without words it has no text layer. A chapter begins on each page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = pikepdf.new()
    font = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
    )
    scale = 72 / DPI
    for number, words in enumerate(pages, start=1):
        page = document.add_blank_page(page_size=(SIZE[0] * scale, SIZE[1] * scale))
        page.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(F=font), XObject=pikepdf.Dictionary(Scan=_scan(document, number, words))
        )
        drawn = [f"q {SIZE[0] * scale} 0 0 {SIZE[1] * scale} 0 0 cm /Scan Do Q".encode()]
        for word, x, y in words:
            encoded = word.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
            place = f"1 0 0 1 {x * scale:.2f} {(SIZE[1] - y) * scale:.2f} Tm"
            drawn.append(f"BT /F {LETTERS * scale} Tf 3 Tr {place} (".encode() + encoded + b") Tj ET")
        page.Contents = document.make_stream(b"\n".join(drawn))
    if title:
        document.docinfo["/Title"] = title
    with document.open_outline() as outline:
        outline.root.extend(pikepdf.OutlineItem(chapter, page) for page, chapter in enumerate(chapters))
    document.save(path)
    return path


def _scan(document: pikepdf.Pdf, number: int, words: Sequence[Word]) -> pikepdf.Object:
    """Return a scan on which each word is a gray bar where its letters stand."""
    image = Image.new("L", SIZE, 245 - number)
    pen = ImageDraw.Draw(image)
    pen.rectangle((30, 30, SIZE[0] - 30, SIZE[1] - 30), outline=120, width=4)
    pen.line((0, 0, 60 * number, SIZE[1]), fill=90, width=5)
    for word, x, y in words:
        pen.rectangle((x, y - LETTERS * 3 // 4, x + LETTERS * len(word) // 2, y), fill=60)
    body = io.BytesIO()
    image.save(body, "JPEG", quality=85)
    return document.make_stream(
        body.getvalue(),
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=SIZE[0], Height=SIZE[1],
        ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
    )  # fmt: skip
