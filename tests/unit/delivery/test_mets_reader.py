"""METS deliveries: views in order, master and text chosen, description, structure."""

import multiprocessing
import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from server.delivery.mets_views import view_kind
from server.delivery.opening import open_delivery
from server.delivery.values import Context, DeliveredItem, Delivery
from server.model.description import Date, Person, Place, Subject, Title, Typology, Whole
from server.model.rights import RightsStatus
from server.model.structure import Range, Target
from server.model.text import Box
from server.model.view import ViewKind
from tests.support.goobi import write_goobi
from tests.support.supplied import METS, pack, write_image, write_mets

CONTEXT = Context(rights="public-domain", rights_basis="paru en 1905", cleared_by="A. Martin", collections=("nord",))


def opened(folder: Path, mets: str = METS, context: Context = CONTEXT) -> Delivery:
    return open_delivery(write_mets(folder, mets), context)


def only_item(delivery: Delivery) -> DeliveredItem:
    assert len(delivery.items) == 1, delivery.findings
    return delivery.items[0]


def rules(delivery: Delivery) -> list[str]:
    return [finding.rule for finding in delivery.findings]


def test_the_issue_is_the_document_and_the_newspaper_its_whole(tmp_path: Path) -> None:
    delivery = opened(tmp_path)
    item = only_item(delivery)
    assert (item.identifier, delivery.kind, delivery.findings) == ("LIL_0001", "mets", ())
    about = item.description
    assert about.titles == (Title("L’Écho du Nord, n° 5", "fr"),)
    assert about.dates == (Date("1905-10-05", "1905-10-05"),)
    assert about.part_of == Whole("L’Écho du Nord", "1234-5678")
    assert (about.typology, about.languages, about.publisher, about.publication_place) == (
        Typology.PRESS,
        ("fre",),
        "Dubois",
        "Lille",
    )
    assert (about.rights.status, about.rights.basis, about.rights.cleared_by) == (
        RightsStatus.PUBLIC_DOMAIN,
        "paru en 1905",
        "A. Martin",
    )
    assert item.source.read() == METS.encode()
    assert item.collections == ("nord",)


def test_views_are_in_physical_order_with_master_text_kind_and_label(tmp_path: Path) -> None:
    views = only_item(opened(tmp_path)).views
    assert [(v.number, v.master, v.text, v.notes.kind, v.notes.label) for v in views] == [
        (1, "images/p_0001.png", "alto/p_0001.xml", ViewKind.TITLE_PAGE, "1"),
        (2, "images/p_0002.png", "alto/p_0002.xml", ViewKind.PAGE, "2"),
    ]


def test_a_page_that_is_said_to_be_missing_is_told_by_its_neighbours_and_takes_no_number(tmp_path: Path) -> None:
    gap = '<mets:div ORDER="{}" ORDERLABEL="{}" TYPE="page" LABEL="{}"/>'
    missing = gap.format(0, "0", "Page manquante") + gap.format(3, " - ", "lacune") + gap.format(4, "4", "missing page")
    lost = gap.format(5, "5", "5")
    views = only_item(opened(tmp_path, METS.replace('<mets:div ID="P2"', f'{missing}{lost}<mets:div ID="P2"'))).views
    assert [(v.number, v.notes.label, v.notes.missing_before, v.notes.missing_after) for v in views] == [
        (1, "1", ("0",), ()),
        (2, "2", (), ("", "4")),
    ]


def test_articles_become_ranges_with_boxes_and_the_layout_does_not(tmp_path: Path) -> None:
    item = only_item(opened(tmp_path))
    assert item.structure == (
        Range("article", "Inauguration du canal", None, (Target(1, Box(5, 5, 50, 40)), Target(2, Box(5, 5, 50, 10)))),
        Range("article", "inauguration hier", None, (Target(2, Box(5, 20, 50, 25)),)),
    )
    assert [view.text_size for view in item.views] == [(60, 80), (60, 80)]


def test_a_division_without_label_and_heading_has_its_first_words_in_brackets(tmp_path: Path) -> None:
    item = only_item(opened(tmp_path, METS.replace('<mets:div TYPE="TITLE">', '<mets:div TYPE="PARAGRAPH">')))
    assert item.structure[1].label == "[inauguration hier]"


def test_links_between_the_structures_make_targets_of_whole_views(tmp_path: Path) -> None:
    links = '<mets:structLink><mets:smLink xlink:from="L9" xlink:to="P2"/><mets:smLink xlink:from="L9" xlink:to="P1"/></mets:structLink></mets:mets>'
    chapter = '<mets:div ID="L9" TYPE="Chapter" LABEL="Chapitre I"/><mets:div ID="L2"'
    item = only_item(opened(tmp_path, METS.replace('<mets:div ID="L2"', chapter).replace("</mets:mets>", links)))
    assert item.structure[0] == Range("chapter", "Chapitre I", None, (Target(1), Target(2)))


def test_a_structure_that_points_nowhere_is_told_and_the_document_goes_on(tmp_path: Path) -> None:
    broken = METS.replace('FILEID="A1" BETYPE="IDREF" BEGIN="B2"', 'FILEID="A1" BETYPE="IDREF" BEGIN="NONE"').replace(
        '<mets:div ID="L4"', '<mets:div ID="L5" TYPE="ARTICLE" LABEL="vide"/><mets:div ID="L4"'
    )
    delivery = opened(tmp_path, broken)
    assert rules(delivery) == ["range-target-unknown", "range-target-unknown"]
    assert "'NONE' is no block of alto/p_0001.xml" in delivery.findings[0].message
    assert [found.label for found in only_item(delivery).structure] == ["Inauguration du canal", "inauguration hier"]


def test_the_master_is_taken_before_what_was_made_from_it_and_what_is_there_before_what_is_not(tmp_path: Path) -> None:
    group = '<mets:fileGrp USE="DEFAULT"><mets:file ID="W1" MIMETYPE="image/jpeg"><mets:FLocat LOCTYPE="URL" xlink:href="web/1.jpg"/></mets:file></mets:fileGrp><mets:fileGrp USE="MASTER">'
    both = METS.replace('<mets:fileGrp USE="MASTER">', group).replace(
        '<mets:fptr FILEID="T1"/>', '<mets:fptr FILEID="T1"/><mets:fptr FILEID="W1"/>'
    )
    write_image(tmp_path / "web/1.jpg")
    assert only_item(opened(tmp_path, both)).views[0].master == "images/p_0001.png"
    (tmp_path / "images/p_0001.png").unlink()
    delivery = open_delivery(tmp_path, CONTEXT)
    assert only_item(delivery).views[0].master == "web/1.jpg"
    assert rules(delivery) == ["derivative-missing"]


def test_a_missing_master_or_text_is_an_error_of_its_view(tmp_path: Path) -> None:
    write_mets(tmp_path)
    (tmp_path / "images/p_0002.png").unlink()
    (tmp_path / "alto/p_0001.xml").unlink()
    delivery = open_delivery(tmp_path, CONTEXT)
    errors = [(f.rule, f.item, f.view, f.severity) for f in delivery.findings if f.severity == "error"]
    assert errors == [("text-missing", "LIL_0001", 1, "error"), ("master-missing", "LIL_0001", 2, "error")]
    assert [view.number for view in only_item(delivery).views] == [1, 2]


def test_without_a_physical_structure_images_come_in_natural_order(tmp_path: Path) -> None:
    start, _, rest = METS.partition('<mets:structMap TYPE="PHYSICAL">')
    delivery = opened(
        tmp_path, start + rest.partition("</mets:structMap>")[2].replace('TYPE="LOGICAL"', 'TYPE="LOGICAL" ID="s"')
    )
    assert [view.master for view in only_item(delivery).views] == ["images/p_0001.png", "images/p_0002.png"]
    assert "order-missing" in rules(delivery)


@pytest.mark.parametrize(
    ("objid", "title", "expected", "finding"),
    [
        ('OBJID="LIL_0001"', "", "[LIL_0001]", "title-supplied"),
        ('LABEL="Écho"', "", "Écho", ""),
        (
            "",
            '</m:titleInfo><m:identifier type="purl">http://kant_1784</m:identifier><m:titleInfo>',
            "[kant_1784]",
            "title-supplied",
        ),
    ],
)
def test_a_title_is_supplied_in_brackets_from_an_identifier_and_never_invented(
    tmp_path: Path, objid: str, title: str, expected: str, finding: str
) -> None:
    without = METS.replace('OBJID="LIL_0001" TYPE="Newspaper" LABEL="L’Écho du Nord"', f'TYPE="Newspaper" {objid}')
    for element in ("<m:title>Écho du Nord</m:title>", "<m:title>L’Écho du Nord, n° 5</m:title>"):
        without = without.replace(element, title)
    delivery = opened(tmp_path, without)
    assert only_item(delivery).description.title.value == expected
    assert [rule for rule in rules(delivery) if rule.startswith("title")] == ([finding] if finding else [])


def test_a_document_without_title_and_identifier_of_its_own_is_refused(tmp_path: Path) -> None:
    without = METS.replace('OBJID="LIL_0001" TYPE="Newspaper" LABEL="L’Écho du Nord"', 'TYPE="Newspaper"')
    for element in ("Écho du Nord<", "L’Écho du Nord, n° 5<"):
        without = without.replace(f"<m:title>{element}", "<m:title><")
    delivery = opened(tmp_path, without)
    assert delivery.items == ()
    assert rules(delivery) == ["title-missing"]


def test_several_mets_are_several_documents_and_a_broken_one_stops_no_other(tmp_path: Path) -> None:
    write_mets(tmp_path)
    (tmp_path / "second.xml").write_text(METS.replace('OBJID="LIL_0001"', 'OBJID="LIL_0002"'))
    (tmp_path / "broken.xml").write_text(METS[:2000])
    delivery = open_delivery(tmp_path, CONTEXT)
    assert [item.identifier for item in delivery.items] == ["LIL_0001", "LIL_0002"]
    assert [(f.rule, f.path) for f in delivery.findings] == [("document-unreadable", "broken.xml")]


def test_two_documents_of_one_identifier_are_both_refused(tmp_path: Path) -> None:
    write_mets(tmp_path)
    (tmp_path / "second.xml").write_text(METS)
    delivery = open_delivery(tmp_path, CONTEXT)
    assert delivery.items == ()
    assert rules(delivery) == ["identifier-duplicate", "identifier-duplicate"]


def test_checksums_in_the_mets_are_kept_for_the_check(tmp_path: Path) -> None:
    stated = METS.replace(
        'ID="I1" MIMETYPE="image/png"', f'ID="I1" MIMETYPE="image/png" CHECKSUM="{"0" * 32}" CHECKSUMTYPE="MD5"'
    )
    listed = opened(tmp_path, stated).checksums
    assert [(one.path, one.algorithm, one.expected == "0" * 32, len(one.actual)) for one in listed] == [
        ("images/p_0001.png", "md5", True, 32)
    ]


def test_dublin_core_in_mets_is_read_when_there_is_no_mods(tmp_path: Path) -> None:
    start, _, rest = METS.partition('<mets:dmdSec ID="D1">')
    dc = (
        '<mets:dmdSec ID="D1"><mets:mdWrap MDTYPE="DC"><mets:xmlData><dc xmlns:d="http://purl.org/dc/elements/1.1/">'
        '<d:title xml:lang="fr">Plan</d:title><d:creator>Masquelez, Émile</d:creator><d:type>Cartes et plans</d:type><d:date>1899</d:date>'
        "</dc></mets:xmlData></mets:mdWrap></mets:dmdSec>"
    )
    about = only_item(opened(tmp_path, start + dc + rest[rest.index("<mets:fileSec>") :])).description
    assert (about.title, about.typology, about.people[0].name, about.dates) == (
        Title("Plan", "fr"),
        Typology.MAPS,
        "Masquelez, Émile",
        (Date("1899"),),
    )


def test_a_views_table_beside_mets_says_more_of_its_views(tmp_path: Path) -> None:
    write_mets(tmp_path)
    (tmp_path / "vues.csv").write_text("image;kind;description\nimages/p_0002.png;mire;Une mire\n")
    delivery = open_delivery(tmp_path, CONTEXT)
    assert only_item(delivery).views[1].notes.kind is ViewKind.TARGET
    assert delivery.used == delivery.files.keys()


def test_a_bag_around_mets_is_the_same_document(tmp_path: Path) -> None:
    delivery = open_delivery(pack(write_mets(tmp_path)), CONTEXT)
    item = only_item(delivery)
    assert (delivery.kind, delivery.findings) == ("bagit/mets", ())
    assert [view.master for view in item.views] == ["data/images/p_0001.png", "data/images/p_0002.png"]
    assert len(delivery.checksums) == 5
    assert all(listed.actual == listed.expected for listed in delivery.checksums)
    assert delivery.used == delivery.files.keys()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Reliure", ViewKind.BINDING), ("plat supérieur", None), ("couverture", ViewKind.BINDING), ("page blanche", ViewKind.BLANK),
        ("TITLE_PAGE", ViewKind.TITLE_PAGE), ("Page de titre", ViewKind.TITLE_PAGE), ("planche 12", ViewKind.PLATE), ("mire", ViewKind.TARGET),
        ("colour checker", ViewKind.TARGET), ("recto", ViewKind.RECTO), ("f. 3v", None), ("CONTENT_PAGE", ViewKind.TEXT), ("", None), ("page", None),
    ],
)  # fmt: skip
def test_kinds_of_views_are_known_in_french_and_english(said: str, kind: ViewKind | None) -> None:
    assert view_kind(said) is kind


def test_the_debats_without_images_say_so_and_still_give_their_articles(shared: Path) -> None:
    delivery = open_delivery(shared / "samples/jdpl-18140402-mets-alto-ccs", Context())
    item = only_item(delivery)
    errors = [finding for finding in delivery.findings if finding.severity == "error"]
    assert [(f.rule, f.item, f.view) for f in errors] == [("master-missing", "18140402_1", n) for n in (1, 2, 3, 4)]
    assert [division.kind for division in item.structure] == ["title_section"] + ["article"] * 5
    assert [division.label for division in item.structure[:2]] == ["JOURNAL DES DÉBATS", "FRANCE."]
    assert {target.view for target in item.structure[1].targets} == {1, 2}
    assert all(listed.actual == listed.expected for listed in delivery.checksums)
    assert item.description.dates[0] == Date("1814-04-02~", "02.04.1814")
    assert item.description.part_of == Whole("Le Journal des Débats politiques et littéraires", "FRBNF39294634")


@pytest.mark.parametrize(
    ("name", "views"), [("kant1784-bagit-mets-alto-page-tiff", 2), ("kant1784-bagit-mets-page-jp2", 1)]
)
def test_the_packages_of_kant_go_through(shared: Path, name: str, views: int) -> None:
    delivery = open_delivery(shared / "samples" / name, Context(typology="livres-imprimes", rights="public-domain"))
    item = only_item(delivery)
    assert delivery.kind == "bagit/mets"
    assert item.description.title.value.startswith("[kant_aufklaerung_1784")
    assert rules(delivery) == ["title-supplied"]
    assert len(item.views) == views
    assert delivery.used == delivery.files.keys()
    assert len(delivery.checksums) > 5
    assert all(listed.actual == listed.expected for listed in delivery.checksums)


CONDITION = (
    '<m:accessCondition type="use and reproduction" xlink:href="http://creativecommons.org/publicdomain/mark/1.0/"/>'
)


@pytest.mark.parametrize(
    ("conditions", "status", "noted"),
    [
        (
            '<m:accessCondition type="restriction on access">Communication interdite avant 2040</m:accessCondition>',
            RightsStatus.UNDETERMINED,
            ["rights-not-understood", "rights-undetermined"],
        ),
        (
            CONDITION + '<m:accessCondition type="restriction on access">Communication interdite avant 2040</m:accessCondition>',
            RightsStatus.UNDETERMINED,
            ["rights-not-understood", "rights-undetermined"],
        ),
        (
            CONDITION + '<m:accessCondition type="restriction on access">Accès restreint</m:accessCondition>',
            RightsStatus.RESTRICTED,
            [],
        ),
        (
            CONDITION + '<m:accessCondition type="restriction on access">Aucune restriction</m:accessCondition>',
            RightsStatus.PUBLIC_DOMAIN,
            [],
        ),
        (
            "<m:accessCondition>Cliché de la Ville</m:accessCondition>" + CONDITION,
            RightsStatus.PUBLIC_DOMAIN,
            ["rights-not-understood"],
        ),
        ("", RightsStatus.PUBLIC_DOMAIN, []),
    ],
)  # fmt: skip
def test_a_condition_that_is_not_understood_does_not_become_the_rights_of_the_delivery(
    tmp_path: Path, conditions: str, status: RightsStatus, noted: list[str]
) -> None:
    delivery = opened(tmp_path, METS.replace(CONDITION, conditions))
    assert (only_item(delivery).description.rights.status, rules(delivery)) == (status, noted)


def test_a_restriction_on_the_newspaper_holds_for_its_issue(tmp_path: Path) -> None:
    restriction = '<m:accessCondition type="restriction on access">Communicable en 2040</m:accessCondition>'
    mets = METS.replace("<m:genre>newspaper</m:genre>", f"<m:genre>newspaper</m:genre>{restriction}")
    assert only_item(opened(tmp_path, mets)).description.rights.status is RightsStatus.UNDETERMINED


ANCHOR = """<?xml version="1.0" encoding="UTF-8"?>
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:m="http://www.loc.gov/mods/v3">
 <mets:dmdSec ID="DMDLOG_0000"><mets:mdWrap MDTYPE="MODS"><mets:xmlData><m:mods><m:titleInfo><m:title>Histoire de Lille</m:title></m:titleInfo>
  <m:name><m:namePart>Derode, Victor</m:namePart></m:name></m:mods></mets:xmlData></mets:mdWrap></mets:dmdSec>
 <mets:structMap TYPE="LOGICAL"><mets:div TYPE="MultiVolumeWork" DMDID="DMDLOG_0000"><mets:div TYPE="Volume"><mets:mptr LOCTYPE="URL" xlink:href="LIL_0001-METS.xml"/></mets:div></mets:div></mets:structMap>
</mets:mets>
"""


def test_a_mets_that_binds_volumes_together_is_no_document_and_describes_what_is_around(tmp_path: Path) -> None:
    volume = METS.replace(
        '<mets:div ID="L0" TYPE="Newspaper" DMDID="D1">',
        '<mets:div ID="L0" TYPE="Newspaper"><mets:mptr LOCTYPE="URL" xlink:href="meta_anchor.xml"/>',
    )
    write_mets(tmp_path, volume)
    (tmp_path / "meta_anchor.xml").write_text(ANCHOR)
    delivery = open_delivery(tmp_path, CONTEXT)
    item = only_item(delivery)
    assert item.identifier == "LIL_0001"
    assert [person.name for person in item.description.people] == ["Derode, Victor"]
    assert "meta_anchor.xml" in delivery.used
    assert "views-none" not in rules(delivery)


def test_paths_of_a_windows_machine_and_several_records_of_one_division(tmp_path: Path) -> None:
    windows = METS.replace("images/p_000", "file:///D:\\Goobi\\metadata\\42\\images\\lil_media\\p_000")
    windows = windows.replace('TYPE="ISSUE" DMDID="D2"', 'TYPE="ISSUE" DMDID="D2 D1"')
    item = only_item(opened(tmp_path, windows))
    assert [view.master for view in item.views] == ["images/p_0001.png", "images/p_0002.png"]
    assert (item.description.title.value, item.description.publisher) == ("L’Écho du Nord, n° 5", "Dubois")


def test_what_is_a_whole_file_is_read_again_when_it_is_needed(tmp_path: Path) -> None:
    for number in range(3):
        write_mets(tmp_path / f"d{number}", METS.replace("LIL_0001", f"LIL_{number:04d}"))
    items = open_delivery(tmp_path, CONTEXT).items
    assert [item.source.body for item in items] == [b"", b"", b""]
    assert [item.source.read().count(b"LIL_0002") for item in items] == [0, 0, 1]
    assert items[2].source.size == len(items[2].source.read())


def _most_held(one: Path, many: Path) -> tuple[int, int]:
    open_delivery(one, CONTEXT)  # what is loaded once is no part of what a delivery takes
    tracemalloc.start()
    delivery = open_delivery(many, CONTEXT)
    _, peak = tracemalloc.get_traced_memory()
    return len(delivery.items), peak


def test_a_delivery_of_many_documents_is_not_held_in_memory(tmp_path: Path) -> None:
    write_mets(tmp_path / "one")
    padding = f"<!-- {'x' * 400_000} -->"
    for number in range(60):
        text = METS.replace("LIL_0001", f"LIL_{number:04d}").replace("<mets:fileSec>", f"{padding}<mets:fileSec>", 1)
        write_mets(tmp_path / f"many/d{number}", text)
    # in a process of its own: what is traced is the memory of all that a process does
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        items, peak = pool.submit(_most_held, tmp_path / "one", tmp_path / "many").result(60)
    assert items == 60
    assert peak < 10 * 2**20, "the METS are 24 MB: none is held when the next is read"


def test_what_goobi_keeps_for_itself_is_read_by_its_own_names(tmp_path: Path) -> None:
    delivery = open_delivery(write_goobi(tmp_path), CONTEXT)
    assert [found.message for found in delivery.findings if found.severity == "error"] == []
    [item] = delivery.items
    about = item.description
    assert (item.identifier, about.title.value, about.shelfmark) == ("20052145Z", "Le Nord illustré : vues", "RES 12")
    assert about.people == (Person("Dupont, Émile", "", "ill", "http://d-nb.info/gnd/1"),)
    assert (about.dates[0].edtf, about.publication_place, about.languages) == ("1900", "Lille", ("fre",))
    assert (about.places, about.subjects) == ((Place("Lille (Nord)"),), (Subject("Fêtes"),))
    assert about.typology is Typology.BOOKS
    assert [(view.master, view.notes.label) for view in item.views] == [
        ("images/scans_tif/00000001.png", ""), ("images/scans_tif/00000002.png", "XXVI"),
    ]  # fmt: skip


@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "c")])
def test_mets_that_name_each_other_are_told_and_none_vanishes(tmp_path: Path, names: tuple[str, ...]) -> None:
    write_mets(tmp_path)
    plain = (tmp_path / "LIL_0001-METS.xml").read_text()
    for name, other in zip(names, (*names[1:], names[0]), strict=True):
        pointer = f'<mets:file ID="X"><mets:FLocat LOCTYPE="URL" xlink:href="{other}.xml"/></mets:file></mets:fileGrp>'
        (tmp_path / f"{name}.xml").write_text(plain.replace("LIL_0001", name).replace("</mets:fileGrp>", pointer, 1))
    delivery = open_delivery(tmp_path, CONTEXT)
    assert [item.identifier for item in delivery.items] == ["LIL_0001"]
    told = [found for found in delivery.findings if found.rule == "document-unreadable"]
    assert [(found.path, found.item) for found in told] == [(f"{name}.xml", name) for name in names]
    assert told[0].message == (
        "a.xml: b.xml is a METS that names this one in turn: which of them is the document and which its table of contents nobody "
        "can say; take the names of one out of the other"
    )
