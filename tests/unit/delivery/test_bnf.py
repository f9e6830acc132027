"""BnF's two forms: refNum with its own ALTO, and the METS of SPAR with gzip ALTO and a table of contents."""

from pathlib import Path

import pytest

from server.delivery.opening import open_delivery
from server.delivery.values import Context, Delivery
from server.errors import FormatError
from server.formats.alto import read_alto
from server.formats.refnum import read_refnum
from server.formats.xml import read_bounded
from server.model.description import Date, DateKind, Person, Title, Typology, Whole, WholeKind
from server.model.structure import Range, Target
from server.model.view import ViewKind
from tests.support.bnf import REFNUM, write_refnum, write_spar
from tests.support.samples import copied, draw_page, sample

CONTEXT = Context(rights="public-domain", language="fre")


def errors(delivery: Delivery) -> list[str]:
    return [found.message for found in delivery.findings if found.severity == "error"]


def test_a_refnum_is_read_in_its_own_order(tmp_path: Path) -> None:
    delivery = open_delivery(write_refnum(tmp_path), CONTEXT)
    assert (delivery.kind, delivery.findings) == ("refnum", ())
    [item] = delivery.items
    assert item.identifier == "0220169"
    assert [(v.number, v.master, v.text, v.notes.kind, v.notes.label) for v in item.views] == [
        (1, "T/T0000001.TIF", "X/X0000001.xml", ViewKind.BINDING, ""),
        (2, "T/T0000002.TIF", "X/X0000002.xml", ViewKind.TITLE_PAGE, "I"),
        (3, "T/T0000003.TIF", "X/X0000003.xml", ViewKind.PAGE, "2"),
    ]
    about = item.description
    assert about.titles == (Title("La Croix du Nord, n° 6311", "fr"),)
    assert about.part_of == Whole("La Croix du Nord", "", "6311", WholeKind.PERIODICAL)
    assert (about.typology, about.publisher, about.publication_place) == (Typology.PRESS, "La Croix", "Lille")
    assert about.people == (Person("Dubois, Jean", "1852-1930", "pbd"), Person("Bayard"))
    assert about.dates == (Date("1905-10-05", "", DateKind.ISSUED),)
    assert (about.shelfmark, about.extent) == ("JO 12", "2 p.")
    assert item.source.read() == (tmp_path / "X0220169.XML").read_bytes()


def test_alto_declared_latin_1_behind_a_mark_of_utf_8_is_utf_8(tmp_path: Path) -> None:
    path = write_refnum(tmp_path) / "X/X0000001.xml"
    assert "café" in read_alto(path.read_bytes(), "X.xml").text.plain()


def test_each_of_several_refnums_has_the_images_of_its_own_folder(tmp_path: Path) -> None:
    write_refnum(tmp_path / "0220169")
    write_refnum(tmp_path / "0220170", "0220170", "X0220170.XML")
    (tmp_path / "0220170/T/T0000002.TIF").unlink()
    delivery = open_delivery(tmp_path, CONTEXT)
    assert [item.views[2].master for item in delivery.items] == ["0220169/T/T0000003.TIF", "0220170/T/T0000003.TIF"]
    [told] = errors(delivery)
    assert told == (
        "0220170/X0220170.XML, line 10: view f2 needs the image T0000002, which is not in the delivery; ask the supplier for it"
    )


def test_refnums_in_one_folder_need_folders_called_like_their_documents(tmp_path: Path) -> None:
    for identifier in ("0220169", "0220170"):
        write_refnum(tmp_path / identifier, identifier, f"X{identifier}.XML")
        (tmp_path / identifier / f"X{identifier}.XML").rename(tmp_path / f"X{identifier}.XML")
    delivery = open_delivery(tmp_path, CONTEXT)
    assert errors(delivery) == []
    assert [item.views[0].master for item in delivery.items] == ["0220169/T/T0000001.TIF", "0220170/T/T0000001.TIF"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('ordre="3"', 'ordre="1"', r"r\.xml, line 9: two views have the ordre 1; give each its own"),
        ('ordre="3"', 'ordre="-"', r"r\.xml, line 8: ordre '-' is not a number"),
        ("<document ", "<dossier ", r"r\.xml, line 11: not well-formed XML"),
        ("refNum", "RefNum", r"r\.xml, line 2: its root element is RefNum, not refNum"),
    ],
)
def test_a_refnum_that_is_wrong_is_refused_with_its_line(old: str, new: str, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        read_refnum(REFNUM.replace(old, new).encode(), "r.xml")


def test_the_package_of_spar_is_one_document_with_text_contents_and_folios(tmp_path: Path) -> None:
    delivery = open_delivery(write_spar(tmp_path), CONTEXT)
    assert (delivery.kind, delivery.findings) == ("mets", ())
    [item] = delivery.items
    assert (item.identifier, item.ark) == ("ark:/12148/bpt6k1", "ark:/12148/bpt6k1")
    assert [(v.master, v.text, v.notes.kind, v.notes.label) for v in item.views] == [
        ("master/T0000001.png", "ocr/X0000001.xml.gz", ViewKind.TITLE_PAGE, "1r"),
        ("master/T0000002.png", "ocr/X0000002.xml.gz", ViewKind.PAGE, ""),
    ]
    about = item.description
    assert about.titles == (Title("Histoire de Lille, Tome 2", "fr"),)
    assert about.part_of == Whole("Histoire de Lille", "", "Tome 2", WholeKind.MULTIVOLUME)
    assert about.people == (Person("Derode, Victor", "1797-1867", "aut"),)
    assert (about.publisher, about.publication_place, about.typology) == ("Béghin", "Lille", Typology.BOOKS)
    assert item.structure == (
        Range("chapter", "Chapitre I", None, (Target(1),), (Range("section", "Le siège", None, (Target(2),)),)),
    )
    packed = tmp_path / "ocr/X0000001.xml.gz"
    assert "canal" in read_alto(read_bounded(packed, "X.xml.gz", max_bytes=10_000), "X.xml.gz").text.plain()


def test_a_gzip_alto_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    packed = write_spar(tmp_path) / "ocr/X0000001.xml.gz"
    with pytest.raises(FormatError, match=r"X\.xml\.gz: unpacks to more than 500 bytes"):
        read_bounded(packed, "X.xml.gz", max_bytes=500)
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(FormatError, match=r"X\.xml\.gz: its packed bytes are cut off"):
        read_bounded(packed, "X.xml.gz", max_bytes=10_000)


def test_the_sample_of_la_croix_is_a_document_without_images() -> None:
    delivery = open_delivery(sample("lacroix-0220169-refnum-alto"), CONTEXT)
    [item] = delivery.items
    assert (item.identifier, item.description.title.value) == ("0220169", "La Croix (1880), n° 6311")
    assert [view.text for view in item.views] == [f"X/X000000{number}.xml" for number in (1, 2, 3, 4)]
    assert len(errors(delivery)) == 4
    assert "X0220169.XML, line 68: view f1 needs" in errors(delivery)[0]


def test_the_sample_of_la_croix_is_whole_with_images_made_from_its_text(tmp_path: Path) -> None:
    folder = copied("lacroix-0220169-refnum-alto", tmp_path / "croix")
    for number in (1, 2, 3, 4):
        draw_page(folder / f"X/X000000{number}.xml", folder / f"T/T000000{number}.tif", 0.1)
    delivery = open_delivery(folder, CONTEXT)
    assert errors(delivery) == []
    assert [view.master for view in delivery.items[0].views] == [f"T/T000000{number}.tif" for number in (1, 2, 3, 4)]


def test_the_newspaper_of_enmap_is_whole_with_images_made_from_its_text(tmp_path: Path) -> None:
    folder = copied("jdpl-18140402-mets-alto-ccs", tmp_path / "jdpl")
    for number in (1, 2, 3, 4):
        name = f"18140402_1-000{number}"
        draw_page(folder / f"ALTO/{name}.xml", folder / f"OCRmaster/{name}.jp2.png", 0.2)
        (folder / f"OCRmaster/{name}.jp2.png").rename(folder / f"OCRmaster/{name}.jp2")
    delivery = open_delivery(folder, CONTEXT)
    assert errors(delivery) == []
    [item] = delivery.items
    assert [view.text for view in item.views] == [f"ALTO/18140402_1-000{number}.xml" for number in (1, 2, 3, 4)]
    assert [found.kind for found in item.structure].count("article") == 5
    pages = {target.view for found in item.structure for target in found.targets}
    assert pages == {1, 2, 3, 4}
    assert all(target.box is not None for found in item.structure for target in found.targets)
