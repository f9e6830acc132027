"""UNIMARC deliveries: what the fields become, in which characters, and which images a record describes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server.delivery.opening import open_delivery
from server.delivery.values import Context, Delivery
from server.model.description import (
    Date,
    DateKind,
    Person,
    Subject,
    SubjectKind,
    Text,
    Title,
    TitleKind,
    Typology,
)
from tests.support.notices import BOOK, Fields, in_exchange_format, in_xml, with_names
from tests.support.supplied import write_image, write_mets

CONTEXT = Context(rights="public-domain", language="fre")


def deliver(folder: Path, name: str, notices: bytes | str, *images: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(notices if isinstance(notices, bytes) else notices.encode())
    for number, image in enumerate(images):
        write_image(folder / image, 50 + number)
    return folder


def masters(delivery: Delivery) -> dict[str, list[str]]:
    return {item.identifier: [view.master for view in item.views] for item in delivery.items}


FORMS: dict[str, Callable[[], bytes | str]] = {
    "utf-8": lambda: in_exchange_format(BOOK),
    "iso5426": lambda: in_exchange_format(BOOK, "iso5426"),
    "marcxchange": lambda: in_xml(BOOK),
    "marcxml": lambda: in_xml(BOOK, namespace="http://www.loc.gov/MARC21/slim"),
    "no namespace": lambda: in_xml(BOOK, namespace=""),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_record_says_the_same_in_every_form(tmp_path: Path, form: str) -> None:
    folder = deliver(tmp_path, "notice.dat", FORMS[form](), "scans/p_10.png", "scans/p_2.png", "scans/p_1.png")
    delivery = open_delivery(folder, CONTEXT)
    assert (delivery.kind, delivery.findings) == ("unimarc", ())
    [item] = delivery.items
    assert (item.identifier, item.paged) == ("059000123", True)
    assert [view.master for view in item.views] == ["scans/p_1.png", "scans/p_2.png", "scans/p_10.png"]
    about = item.description
    assert about.titles == (
        Title("Les misérables : roman. Première partie, Fantine", "fr"),
        Title("Misérables", None, TitleKind.ALTERNATIVE),
    )
    assert about.people == (
        Person("Hugo, Victor", "1802-1885", "aut", "https://www.idref.fr/026927608"),
        Person("Brion, Gustave", "1824-1877", "ill", ""),
    )
    assert about.dates == (Date("1862?", "[1862?]", DateKind.ISSUED),)
    assert about.subjects == (
        Subject("Forçats -- France -- 19e siècle", "https://www.idref.fr/027220869"),
        Subject("Lille (Nord)", "", SubjectKind.PLACE),
    )
    assert (about.publisher, about.publication_place, about.shelfmark) == ("Danel", "Lille", "RES 12")
    assert (about.extent, about.typology) == ("1 vol. (350 p.) : ill. ; in-8", Typology.BOOKS)
    assert about.languages == ("fre", "lat")
    assert (about.abstracts, about.notes) == ((Text("Le roman d’un forçat."),), (Text("Reliure en veau"),))
    assert item.source.read() == (folder / "notice.dat").read_bytes()


def test_a_character_set_that_is_not_the_stated_one_is_told(tmp_path: Path) -> None:
    lying = in_exchange_format(BOOK, "utf-8", charset="0103")
    delivery = open_delivery(deliver(tmp_path / "a", "n.mrc", lying, "p.png"), CONTEXT)
    assert [found.rule for found in delivery.findings] == ["encoding-contradicted"]
    assert (
        "n.mrc, record 1, byte 0: 100 $a says the character set '0103', and it is in Unicode"
        in delivery.findings[0].message
    )
    assert delivery.items[0].description.title.value.startswith("Les misérables")
    other = in_exchange_format(BOOK, "iso5426", charset="50  ")
    delivery = open_delivery(deliver(tmp_path / "b", "n.mrc", other, "p.png"), CONTEXT)
    assert "it was read as ISO 5426" in delivery.findings[0].message
    assert delivery.items[0].description.title.value.startswith("Les misérables")


def test_each_record_describes_the_images_that_bear_one_of_its_names(tmp_path: Path) -> None:
    notices = in_xml(
        with_names("1", "RES 12", "Un"), with_names("PPN2", "RES 13", "Deux"), with_names("3", "CP-1", "Trois"),
        with_names("4", "CP-12", "Quatre"),
    )  # fmt: skip
    delivery = open_delivery(
        deliver(
            tmp_path, "notices.xml", notices,
            "RES_12/a.png", "RES_12/b.png", "lot/ppn2/001.png", "lot/CP-1_001.png", "lot/CP-12_001.png", "lot/CP-12_002.png",
        ),
        CONTEXT,
    )  # fmt: skip
    assert masters(delivery) == {
        "1": ["RES_12/a.png", "RES_12/b.png"],
        "PPN2": ["lot/ppn2/001.png"],
        "3": ["lot/CP-1_001.png"],
        "4": ["lot/CP-12_001.png", "lot/CP-12_002.png"],
    }
    sources = [item.source.read() for item in delivery.items]
    assert [source.count(b"<record") for source in sources] == [1, 1, 1, 1]
    assert b"Deux" in sources[1]


def test_a_record_without_images_says_under_which_names_they_were_looked_for(tmp_path: Path) -> None:
    notices = in_exchange_format(with_names("1", "RES 12", "Un")) + in_exchange_format(
        with_names("2", "RES 13", "Deux")
    )
    delivery = open_delivery(deliver(tmp_path, "n.mrc", notices, "RES 12/a.png"), CONTEXT)
    [told] = [found for found in delivery.findings if found.rule == "views-none"]
    assert told.item == "2"
    assert "no folder and no image is called like this record (2, RES 13); name its folder so" in told.message


def test_a_broken_record_is_told_and_those_behind_it_are_read(tmp_path: Path) -> None:
    good = in_exchange_format(with_names("2", "RES 13", "Deux"))
    broken = in_exchange_format(with_names("1", "RES 12", "Un")).replace(b"22", b"2x", 1)
    delivery = open_delivery(deliver(tmp_path, "n.mrc", good + b"99999" + broken[5:] + good.replace(b"RES 13", b"RES 14").replace(b"\x1e2\x1e", b"\x1e3\x1e"), "RES 13/a.png", "RES 14/a.png"), CONTEXT)  # fmt: skip
    assert list(masters(delivery)) == ["2", "3"]
    [told] = [found for found in delivery.findings if found.rule == "document-unreadable"]
    assert "n.mrc, record 2, byte " in told.message
    assert "export it from the catalogue again" in told.message


def test_marc_21_is_refused_with_a_sentence(tmp_path: Path) -> None:
    fields: Fields = (("001", "", "9"), ("245", "10", [("a", "A title")]))
    delivery = open_delivery(deliver(tmp_path, "n.mrc", in_exchange_format(fields), "p.png"), CONTEXT)
    assert "is MARC 21 (its title is in 245), not UNIMARC" in delivery.findings[0].message
    assert delivery.items == ()


@pytest.mark.parametrize(
    ("coded", "printed", "date"),
    [
        ("d1862    ", "An VII", Date("1862", "An VII")),
        ("d18      ", "", Date("18XX", "")),
        ("f18601869", "", Date("1860/1869", "")),
        ("b18809999", "", Date("1880/..", "")),
        ("d1862    ", "1863", Date("1863", "")),
    ],
)
def test_the_coded_date_counts_where_the_printed_one_says_nothing(
    tmp_path: Path, coded: str, printed: str, date: Date
) -> None:
    changed: dict[str, list[tuple[str, str]]] = {
        "100": [("a", f"20260101{coded}m  y0frey50  ba")],
        "210": [("c", "Danel"), *([("d", printed)] if printed else [])],
    }
    fields: Fields = tuple((tag, indicators, changed.get(tag, said)) for tag, indicators, said in BOOK)
    delivery = open_delivery(deliver(tmp_path, "n.mrc", in_exchange_format(fields), "p.png"), CONTEXT)
    assert delivery.items[0].description.dates == (date,)


def test_a_corporate_name_is_a_bodys(tmp_path: Path) -> None:
    fields: Fields = (
        *BOOK[:-1],
        ("710", "02", [("a", "Société des sciences"), ("c", "Lille"), ("4", "650")]),
        BOOK[-1],
    )
    delivery = open_delivery(deliver(tmp_path, "n.mrc", in_exchange_format(fields), "p.png"), CONTEXT)
    people = delivery.items[0].description.people
    assert [(person.name, person.is_body) for person in people] == [
        ("Hugo, Victor", False), ("Brion, Gustave", False), ("Société des sciences (Lille)", True),
    ]  # fmt: skip


def test_a_record_beside_mets_is_no_second_document(tmp_path: Path) -> None:
    folder = write_mets(tmp_path)
    (folder / "notice.mrc").write_bytes(in_exchange_format(BOOK))
    delivery = open_delivery(folder, CONTEXT)
    assert (delivery.kind, len(delivery.items)) == ("mets", 1)
    assert "notice.mrc" not in delivery.used
