"""PDFs, read by three programs: pypdf and PDFium, which do not share a line with what writes them, and qpdf."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdf
import pypdfium2
import pytest

from server.formats.pdf.layer import POINTS
from server.model.structure import Range, Target
from server.model.text import Block, Box, Line, PageText, Word
from tests.support.booklets import BOOK, SIZE, bind, page_of, set_lines


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bind(tmp_path_factory.mktemp("pdf"), is_paged=True)


@pytest.fixture
def read(bound: Path) -> Iterator[pypdf.PdfReader]:
    with pypdf.PdfReader(bound, strict=True) as reader:
        yield reader


@pytest.fixture
def opened(bound: Path) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(bound) as pdf:
        yield pdf


def words_of(reader: pypdf.PdfReader, page: int) -> list[str]:
    return reader.pages[page].extract_text().replace("\u00ad\n", "").split()


def test_the_text_is_read_in_order_with_words_made_whole(read: pypdf.PdfReader) -> None:
    printed = "Chapitre premier L’œuvre du maître est à l’inauguration du beffroi : 𝔄 et Ω."
    assert words_of(read, 0) == printed.split()
    assert words_of(read, 1) == ["CHAPITRE", "SECOND", "Quid", "nunc", "Du", "beffroi"]
    assert words_of(read, 2) == []


def test_pdfium_finds_every_word_and_joins_the_halves_of_a_broken_one(bound: Path) -> None:
    document = pypdfium2.PdfDocument(bound)
    page = document[0]
    text = page.get_textpage()
    assert "l’inaugu\uffferation du" in text.get_text_range()  # it knows the hyphen for one that is not read
    for sought in ("maître est", "est à", "du beffroi :", "et Ω"):
        searcher = text.search(sought)
        assert searcher.get_next() is not None, sought
        searcher.close()
    text.close()
    page.close()
    document.close()


def test_words_lie_on_their_ink(bound: Path) -> None:
    document = pypdfium2.PdfDocument(bound)
    for number, page_given in enumerate(BOOK[:2]):
        page = document[number]
        bitmap = page.render(scale=1 / POINTS, grayscale=True)
        pixels = bitmap.to_numpy().reshape(SIZE[1], SIZE[0])
        text = page.get_textpage()
        assert page_given.text is not None
        boxes = [
            word.box for block in page_given.text.blocks for line in block.lines for word in line.words
        ]  # fmt: skip
        assert len(boxes) > 5
        covered = np.zeros(pixels.shape, bool)
        for index in range(text.count_chars()):
            if chr(pypdfium2.raw.FPDFText_GetUnicode(text, index)) in "\r\n ":
                continue
            left, bottom, right, top = (round(each / POINTS) for each in text.get_charbox(index, loose=True))
            covered[SIZE[1] - top : SIZE[1] - bottom, left:right] = True
        ink = pixels < 128
        assert (ink & ~covered).sum() < 0.03 * ink.sum()
        assert (covered & ~ink).sum() < 0.03 * covered.sum()
        bitmap.close()
        text.close()
        page.close()
    document.close()


def test_the_text_is_not_seen(tmp_path: Path) -> None:
    white = replace(BOOK[0], picture=BOOK[2].picture)
    document = pypdfium2.PdfDocument(bind(tmp_path, [white]))
    page = document[0]
    bitmap = page.render(scale=2, grayscale=True)
    assert bitmap.to_numpy().min() > 250
    bitmap.close()
    page.close()
    document.close()


def instructions(page: pikepdf.Page) -> list[Any]:
    return list(pikepdf.parse_content_stream(page))


def test_everything_is_tagged_in_reading_order(opened: pikepdf.Pdf) -> None:
    root = opened.Root
    assert root.MarkInfo.Marked
    [whole] = root.StructTreeRoot.K
    assert (str(whole.S), str(whole.Lang)) == ("/Document", "fr")
    assert [[str(kid.S) for kid in part.K] for part in whole.K] == [
        ["/H1", "/P"],
        ["/H1", "/P", "/H2"],
        ["/Figure"],
    ]
    [figure] = whole.K[2].K
    assert str(figure.Alt) == "Une place bordée de maisons"
    parents = root.StructTreeRoot.ParentTree.Nums
    for number, page in enumerate(opened.pages):
        assert (int(page.obj.StructParents), str(page.obj.Tabs)) == (number, "/S")
        listed = parents[2 * number + 1]
        assert parents[2 * number] == number
        content = [int(told.operands[1].MCID) for told in instructions(page) if str(told.operator) == "BDC"]
        assert content == list(range(len(listed)))
        for place, element in enumerate(listed):
            assert (int(element.K), element.Pg.objgen) == (place, page.obj.objgen)


def test_all_that_is_drawn_is_marked(opened: pikepdf.Pdf) -> None:
    for page in opened.pages:
        depth = 0
        for told in instructions(page):
            depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(str(told.operator), 0)
            if str(told.operator) in ("Tj", "Do"):
                assert depth == 1


def test_bookmarks_follow_the_structure_and_lead_to_their_place(read: pypdf.PdfReader) -> None:
    outline: Any = read.outline  # a tree of lists
    book, (first, second, (section,)) = outline
    titles = [each.title for each in (book, first, second, section)]
    assert titles == ["Le livre", "Chapitre premier", "Chapitre second", "Du beffroi"]
    assert read.get_destination_page_number(second) == 1
    assert float(second.left) == pytest.approx(90 * POINTS)
    assert float(second.top) == pytest.approx((SIZE[1] - 90) * POINTS)


def test_a_division_without_a_place_of_its_own_leads_to_that_of_its_first_part(tmp_path: Path) -> None:
    structure = (Range("part", "Partie", "fr", (), (Range("chapter", "", "fr", (Target(2),)),)),)
    with pypdf.PdfReader(bind(tmp_path, structure=structure)) as reader:
        part, [chapter] = reader.outline
        assert isinstance(part, pypdf.generic.Destination)
        assert isinstance(chapter, pypdf.generic.Destination)
        assert (part.title, chapter.title) == ("Partie", "[…]")
        assert reader.get_destination_page_number(part) == reader.get_destination_page_number(chapter) == 1


def test_pages_are_called_as_the_views_are(read: pypdf.PdfReader) -> None:
    assert read.page_labels == ["[1]", "2", "3"]


def test_what_it_says_of_itself(read: pypdf.PdfReader, opened: pikepdf.Pdf) -> None:
    said = read.xmp_metadata
    assert said is not None
    assert said.dc_title == {
        "x-default": "Lille. – La Grand’Place", "fr": "Lille. – La Grand’Place", "en": "Lille, the main square",
    }  # fmt: skip
    assert said.dc_creator == ["Dupont, Émile", "Cayez, Edmond"]
    assert said.dc_identifier == "ark:/99999/v1bcdfg0"
    assert said.dc_rights == {"x-default": "Domaine public", "fr": "Domaine public", "en": "Public domain"}
    assert "1908-05" in opened.Root.Metadata.read_bytes().decode()
    assert read.metadata is not None
    assert (read.metadata.title, read.metadata.author) == ("Lille. – La Grand’Place", "Dupont, Émile ; Cayez, Edmond")
    assert read.metadata.creation_date is None
    root = opened.Root
    assert str(root.Lang) == "fr"
    assert root.ViewerPreferences.DisplayDocTitle
    assert (str(root.PageMode), str(root.PageLayout)) == ("/UseOutlines", "/TwoPageRight")


def test_a_block_in_another_language_says_so(tmp_path: Path) -> None:
    page = page_of(1, set_lines(100, "Quid nunc"), language="la")
    with pikepdf.open(bind(tmp_path, [page])) as pdf:
        [paragraph] = pdf.Root.StructTreeRoot.K[0].K[0].K
        assert str(paragraph.Lang) == "la"


def test_the_font_is_embedded_and_holds_nothing(opened: pikepdf.Pdf) -> None:
    font = opened.pages[0].Resources.Font.F
    [descendant] = font.DescendantFonts
    program = descendant.FontDescriptor.FontFile2.read_bytes()
    assert len(program) < 500
    assert program.startswith(b"\x00\x01\x00\x00")
    assert {str(page.Resources.Font.F.objgen) for page in opened.pages} == {str(font.objgen)}


def test_qpdf_finds_no_fault_and_a_first_page_that_can_be_shown_at_once(bound: Path) -> None:
    with pikepdf.open(bound) as pdf:
        assert pdf.is_linearized
        pdf.check_linearization()
        assert pdf.check_pdf_syntax() == []


def test_made_twice_it_is_the_same(tmp_path: Path) -> None:
    digests = {hashlib.sha256(bind(tmp_path / each).read_bytes()).hexdigest() for each in ("a", "b")}
    assert len(digests) == 1


def test_a_transcription_can_be_searched_though_nobody_knows_its_places(tmp_path: Path) -> None:
    page = replace(BOOK[2], transcriptions=(("Chère tante,\n\nnous sommes bien arrivés.", "fr"),))
    path = bind(tmp_path, [page])
    with pypdf.PdfReader(path) as reader:
        assert words_of(reader, 0) == ["Chère", "tante,", "nous", "sommes", "bien", "arrivés."]
    with pikepdf.open(path) as pdf:
        assert [str(kid.S) for kid in pdf.Root.StructTreeRoot.K[0].K[0].K] == ["/Figure", "/P"]


def test_boxes_that_make_no_sense_lose_no_word(tmp_path: Path) -> None:
    block = set_lines(100, "premier second")
    first, second = block.lines[0].words
    line = replace(block.lines[0], words=(replace(first, box=replace(first.box, width=0)), second))
    page = page_of(1, block)
    assert page.text is not None
    page = replace(page, text=replace(page.text, blocks=(replace(block, lines=(line,)),)))
    with pypdf.PdfReader(bind(tmp_path, [page], ())) as reader:
        assert sorted(words_of(reader, 0)) == ["premier", "second"]
        assert reader.outline == []


@pytest.mark.parametrize(
    ("size", "unit"),
    [((60_000, 100), 1), ((60_001, 100), 2), ((1, 100_000), 2), ((100_000, 1), 2), ((250_000, 400), 5), (SIZE, 1)],
)
def test_no_side_of_a_page_has_more_units_than_programs_show(tmp_path: Path, size: tuple[int, int], unit: int) -> None:
    """ISO 32000-1 Annex C: 14 400 units; longer pages have longer units, and everything stays where it is."""
    word = Word("beffroi", Box(0, size[1] // 2, size[0], max(1, size[1] // 4)))
    block = Block("b", (Line((word,), word.box),), word.box)
    pages = [
        replace(BOOK[0], size=size, text=PageText(*size, (block,), "fr")),
        replace(BOOK[2], view=2, size=size),
    ]
    at = Box(size[0] // 2, size[1] // 4, 1, 1)
    path = bind(tmp_path, pages, (Range("part", "Le haut", "fr", (Target(1, at),)),))
    points = [length * POINTS for length in size]
    with pikepdf.open(path) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.pdf_version == "1.7"
        for page in pdf.pages:
            assert int(page.obj.get("/UserUnit", 1)) == unit
            sides = [float(side) for side in page.mediabox[2:]]
            assert 0 < min(sides) <= max(sides) <= 14_400
            assert [side * unit for side in sides] == pytest.approx(points, abs=0.01 * unit)
            [cm] = [told for told in instructions(page) if str(told.operator) == "cm"][:1]
            drawn = [float(cm.operands[place]) * unit for place in (0, 3)]
            assert drawn == pytest.approx(points, abs=0.01 * unit)
        [figure] = pdf.Root.StructTreeRoot.K[0].K[1].K
        assert [float(side) for side in figure.A.BBox] == [float(side) for side in pdf.pages[1].mediabox]
    with pypdf.PdfReader(path, strict=True) as reader:
        assert words_of(reader, 0) == ["beffroi"]
        [destination] = reader.outline
        assert isinstance(destination, pypdf.generic.Destination)
        assert destination.top is not None
        assert float(destination.top) * unit == pytest.approx((size[1] - at.y) * POINTS, abs=0.01 * unit)
    document = pypdfium2.PdfDocument(path)
    shown = document[0]
    text = shown.get_textpage()
    place = [
        text.get_charbox(index, loose=True)
        for index in range(text.count_chars())
        if chr(pypdfium2.raw.FPDFText_GetUnicode(text, index)) == "b"
    ]
    text.close()
    shown.close()
    document.close()
    left, bottom, _, top = (each * unit / POINTS for each in place[0])
    assert left == pytest.approx(0, abs=unit / POINTS)
    assert bottom == pytest.approx(size[1] - word.box.y - word.box.height, abs=size[1] * 0.02 + unit / POINTS)
    assert top == pytest.approx(size[1] - word.box.y, abs=size[1] * 0.02 + unit / POINTS)


def test_control_characters_and_half_surrogates_break_nothing(tmp_path: Path) -> None:
    page = replace(page_of(1, set_lines(100, "a\x07b \ud800c")), label="f\x001", alternative="\ud800")
    with pypdf.PdfReader(bind(tmp_path, [page], (Range("a", "x\x00y", None, (Target(1),)),)), strict=True) as reader:
        assert len(reader.pages) == 1
        assert reader.page_labels == ["f1"]


@pytest.mark.timeout(120)
def test_a_thousand_pages_take_little_memory(tmp_path: Path) -> None:
    """In a process of its own: 300 MB of pictures, and the process never holds 100 MB more than at its start."""
    program = """
import os, resource, sys
from dataclasses import replace
from pathlib import Path
from tests.support.booklets import BOOK, bind
noise = replace(BOOK[0].picture, stream=os.urandom(300_000))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
pages = (replace(BOOK[n % 2], view=n, picture=noise) for n in range(1, 1001))
size = bind(Path(sys.argv[1]), pages, ()).stat().st_size
print(size, peak() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], check=True, capture_output=True, text=True, timeout=100
    )
    size, grown = (int(number) for number in done.stdout.split())
    assert size > 300_000_000
    assert grown < 100
