"""PDFs alone: pages become views as large as their scans, the text layer the text, the bookmarks the contents."""

from pathlib import Path

import pytest
from PIL import Image

from server.delivery.opening import open_delivery
from server.delivery.values import Context, Delivery
from server.formats.pdf.reading import MAX_PIXELS, read_words
from server.imaging.overview import look_through
from server.imaging.source import open_master, probe
from server.ingest.views import ViewTask, make_view
from server.model.structure import Range, Target
from server.quality.checking import check
from server.settings import load_settings
from server.storage.local import LocalStorage
from tests.support.booklets import SIZE, bind
from tests.support.notices import BOOK, in_exchange_format
from tests.support.supplied import write_mets

CONTEXT = Context(rights="public-domain", typology="livres-imprimes", language="fre")


def scan(path: Path, *sizes: tuple[int, int], mode: str = "L", dpi: float = 300) -> Path:
    """Write a PDF of scans, each as it fills its page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pages = [
        Image.new(mode, size, 180 + number if mode == "L" else (200, 10 + number, 40))
        for number, size in enumerate(sizes)
    ]
    pages[0].save(path, save_all=True, append_images=pages[1:], resolution=dpi)
    return path


def told(delivery: Delivery) -> list[str]:
    return [found.message for found in delivery.findings if found.severity == "error"]


def test_a_pdf_is_a_document_with_a_view_for_each_page(tmp_path: Path) -> None:
    bind(tmp_path)
    (tmp_path / "streams.pdf").unlink(missing_ok=True)
    delivery = open_delivery(tmp_path, CONTEXT)
    assert (delivery.kind, told(delivery)) == ("pdf", [])
    [item] = delivery.items
    assert item.identifier == "document"
    assert item.description.title.value == "Lille. – La Grand’Place"
    assert [(view.number, view.master, view.page, view.text) for view in item.views] == [
        (number, "document.pdf", number, None) for number in (1, 2, 3)
    ]
    assert [view.notes.label for view in item.views] == ["[1]", "2", "3"]
    assert item.structure[0] == Range(
        "section", "Le livre", None, (Target(1), Target(2), Target(3)),
        (
            Range("section", "Chapitre premier", None, (Target(1),)),
            Range("section", "Chapitre second", None, (Target(2), Target(3)),
                  (Range("section", "Du beffroi", None, (Target(2), Target(3))),)),
        ),
    )  # fmt: skip
    assert item.source.read() == (tmp_path / "document.pdf").read_bytes()
    assert check(delivery).passed


def test_the_text_layer_lies_where_the_words_are(tmp_path: Path) -> None:
    path = bind(tmp_path)
    text = read_words(path, "document.pdf", 1, SIZE)
    assert text is not None
    assert "Chapitre premier" in text.plain()
    [word] = [word for block in text.blocks for line in block.lines for word in line.words if word.content == "premier"]
    # `set_lines` of the booklet: words of 20 pixels a letter and 40 high from x = 100, y = 100
    assert abs(word.box.x - 280) <= 12
    assert abs(word.box.width - 140) <= 14
    assert 70 <= word.box.y <= 130
    assert read_words(path, "document.pdf", 3, SIZE) is None


@pytest.mark.parametrize(("mode", "bands"), [("L", 1), ("RGB", 3)])
def test_a_page_is_drawn_as_large_as_its_scan(tmp_path: Path, mode: str, bands: int) -> None:
    path = scan(tmp_path / "a.pdf", (600, 800), (1000, 300), mode=mode)
    facts = probe(path, 2)
    assert (facts.format, facts.width, facts.height, facts.bands, round(facts.dpi)) == ("pdf", 1000, 300, bands, 300)
    image = open_master(path, 10**9, page=1)
    assert (image.width, image.height, image.bands) == (600, 800, bands)
    shade = image.getpoint(300, 400)
    assert max(abs(a - b) for a, b in zip(shade, [180] if mode == "L" else [200, 10, 40], strict=True)) <= 3
    first, second = look_through(path, 10**9, page=1), look_through(path, 10**9, page=2)
    assert first.pixels != second.pixels
    assert first.appearance is not None
    assert (first.appearance.width, first.appearance.height) == (600, 800)


def test_a_page_of_any_size_is_drawn_within_bounds(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf", (100, 100), dpi=0.51)  # a page of nearly five metres, and one pixel a point
    facts = probe(path)
    assert facts.width * facts.height <= MAX_PIXELS * 1.01
    assert max(facts.width, facts.height) <= 20_001


def test_a_page_is_ingested_with_its_text_and_its_pdf_is_kept_once(tmp_path: Path) -> None:
    path = bind(tmp_path / "delivery")
    storage = LocalStorage(tmp_path / "storage")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    made = [
        make_view(
            ViewTask("v1", number, path, "a" * 64, keep_master=True, page=number), load_settings(), storage, scratch
        )
        for number in (1, 2, 3)
    ]
    assert {view.master_key for view in made} == {"sources/v1/aaaaaaaaaaaaaaaa.pdf"}
    assert ["Chapitre premier" in (view.plain or "") for view in made] == [True, False, False]
    assert made[2].layout is None
    assert (made[0].text_key, made[0].width) == (None, SIZE[0] // 2)  # as large as its scan, which is half its view


def test_a_pdf_beside_something_that_describes_it_is_no_document(tmp_path: Path) -> None:
    scan(write_mets(tmp_path / "mets") / "whole.pdf", (60, 80))
    assert open_delivery(tmp_path / "mets", CONTEXT).kind == "mets"
    scan(tmp_path / "notice/livre.pdf", (60, 80), (60, 80))
    (tmp_path / "notice/n.mrc").write_bytes(in_exchange_format(BOOK))
    delivery = open_delivery(tmp_path / "notice", CONTEXT)
    assert delivery.kind == "unimarc"
    assert [(view.master, view.page) for view in delivery.items[0].views] == [("livre.pdf", 1), ("livre.pdf", 2)]


@pytest.mark.parametrize("length", [9, 200])
def test_a_pdf_that_cannot_be_read_is_told(tmp_path: Path, length: int) -> None:
    body = scan(tmp_path / "cut.pdf", (60, 80)).read_bytes()
    (tmp_path / "cut.pdf").write_bytes(body[:length])
    [message] = told(open_delivery(tmp_path, CONTEXT))
    assert message.startswith("cut.pdf: is no PDF that can be read")
    assert message.endswith("ask the supplier for it again")
