"""Pages of a PDF as masters: each drawn once, upright on white, as large as its own scan where it is one.

`server/formats/pdf/reading.py` says how large. pdfium draws a page whole: its bounds are those of a page there.
"""

import ctypes
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from server.errors import FormatError, ImageError
from server.formats.pdf.reading import PageSize, open_pdf, size_of
from server.imaging.vips import pyvips
from server.told import told


def page_size(path: Path, number: int) -> PageSize:
    """Return how large a page, from 1, is drawn. Raises ImageError."""
    try:
        with open_pdf(path, path.name) as document:
            return size_of(_page(document, path, number))
    except FormatError as error:
        raise ImageError(error.told) from None


def draw_page(path: Path, number: int) -> pyvips.Image:
    """Return the pixels of a page, from 1: gray or sRGB, 8 bits. Raises ImageError."""
    try:
        with open_pdf(path, path.name) as document:
            page = _page(document, path, number)
            size = size_of(page)
            # not `page.render`, which rounds up: a scan of 900 rows would be drawn on 901
            form = pdfium.FPDFBitmap_Gray if size.is_gray else pdfium.FPDFBitmap_BGRx
            bitmap = pypdfium2.PdfBitmap.new_native(size.width, size.height, form, rev_byteorder=True)
            bitmap.fill_rect((255, 255, 255, 255), 0, 0, size.width, size.height)
            how = pdfium.FPDF_ANNOT | (pdfium.FPDF_GRAYSCALE if size.is_gray else pdfium.FPDF_REVERSE_BYTE_ORDER)
            pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, size.width, size.height, 0, how)
            data = ctypes.string_at(bitmap.buffer, bitmap.stride * bitmap.height)
            rows = pyvips.Image.new_from_memory(data, bitmap.stride, bitmap.height, 1, "uchar")
            width, height, bands = bitmap.width, bitmap.height, bitmap.n_channels
    except FormatError as error:
        raise ImageError(error.told) from None
    if bands == 1:
        return rows.crop(0, 0, width, height).copy(interpretation="b-w")
    image = pyvips.Image.new_from_memory(data, width, height, bands, "uchar")
    return image.extract_band(0, n=3).copy(interpretation="srgb")


def _page(document: pypdfium2.PdfDocument, path: Path, number: int) -> pypdfium2.PdfPage:
    try:
        return document[number - 1]
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise ImageError(
            told(
                "{name}: its page {number} cannot be read ({names}); ask the supplier for it again",
                name=path.name,
                number=number,
                names=" ".join(str(error).split())[:120],
            )
        ) from None
