"""EAD deliveries: components with images, what they inherit, how links lead to images."""

from pathlib import Path

import pytest

from server.delivery.opening import open_delivery
from server.delivery.values import Context, Delivery
from server.formats.xml import parse_xml
from server.model.description import Date, DateKind, Person, Subject, SubjectKind, Typology, Whole, WholeKind
from server.model.rights import RightsStatus
from tests.support.supplied import write_image

CONTEXT = Context(rights="public-domain", language="fre")

EAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ead PUBLIC "+//ISBN 1-931666-00-8//DTD ead.dtd (Encoded Archival Description (EAD) Version 2002)//EN" "ead.dtd">
<ead xmlns:xlink="http://www.w3.org/1999/xlink"><eadheader><eadid>FRBM59</eadid></eadheader>
<archdesc level="fonds"><did><unittitle>Fonds Lallemand</unittitle><unitid type="cote">F 1</unitid>
 <origination><persname authfilenumber="https://www.idref.fr/1" role="pht">Lallemand, Paul</persname></origination>
 <langmaterial><language langcode="fre">français</language></langmaterial><unitdate normal="1850/1910">1850-1910</unitdate></did>
 <userestrict><p>Domaine public</p></userestrict><controlaccess><geogname>Lille (Nord)</geogname></controlaccess>
 <dsc>
  <c level="series" id="s1"><did><unittitle>Correspondance</unittitle><physdesc><genreform>Lettre</genreform></physdesc></did>
   <c level="item" id="i1"><did><unittitle>Lettre à <persname>Hugo</persname></unittitle><unitid>F 1/1</unitid><unitdate normal="1862-04-03">3 avril 1862</unitdate>
    <daogrp><daoloc role="image:first" href="lot/l_2.png"/><daoloc role="image:last" href="lot/l_10.png"/><daoloc role="thumbnail" href="lot/v.png"/></daogrp></did>
    <scopecontent><p>Sur les</p><p>proscrits.</p></scopecontent></c>
   <c level="item"><did><unitid>F 1/2</unitid><dao xlink:href="D:\\scans\\F1-2\\"/></did></c></c>
  <c01 level="item" id="i3"><did><unittitle>Album</unittitle><dao href="album/a.png"/><dao href="album/absent.png"/></did>
   <accessrestrict><p>Non communicable</p></accessrestrict></c01>
 </dsc></archdesc></ead>
"""
EAD3 = """<?xml version="1.0" encoding="UTF-8"?>
<ead xmlns="http://ead3.archivists.org/schema/"><control><recordid>r</recordid></control><archdesc level="fonds"><did><unittitle>Fonds</unittitle></did>
<dsc><c level="item" id="e3"><did><unittitle>Plan</unittitle><unitdatestructured><daterange><fromdate>1700</fromdate><todate>1710</todate></daterange></unitdatestructured>
<physdescstructured><quantity>2</quantity><unittype>feuilles</unittype></physdescstructured>
<daoset><dao daotype="derived" href="album/a.png"/><dao daotype="derived" href="lot/l_1.png"/></daoset></did></c></dsc></archdesc></ead>
"""


def deliver(folder: Path, text: str = EAD) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "ir.xml").write_text(text, encoding="utf-8")
    for number, name in enumerate(
        ("lot/l_1", "lot/l_2", "lot/l_3", "lot/l_10", "lot/l_11", "F1-2/1", "F1-2/2", "album/a")
    ):
        write_image(folder / f"{name}.png", 40 + number)
    return folder


def told(delivery: Delivery, severity: str = "error") -> list[str]:
    return [found.message for found in delivery.findings if found.severity == severity]


def test_a_corporate_name_is_a_bodys(tmp_path: Path) -> None:
    folder = deliver(tmp_path)
    for path in folder.glob("*.xml"):
        said = path.read_text()
        name = '<persname authfilenumber="https://www.idref.fr/1" role="pht">Lallemand, Paul</persname>'
        assert name in said
        path.write_text(said.replace(name, name.replace("persname", "corpname")))
    (person,) = open_delivery(folder, CONTEXT).items[0].description.people
    assert person == Person("Lallemand, Paul", "", "pht", "https://www.idref.fr/1", is_body=True)


def test_each_component_with_images_is_a_document_that_inherits(tmp_path: Path) -> None:
    delivery = open_delivery(deliver(tmp_path), CONTEXT)
    assert delivery.kind == "ead"
    letter, silent, album = delivery.items
    assert [item.identifier for item in delivery.items] == ["i1", "F 1/2", "i3"]
    about = letter.description
    assert (about.title.value, about.shelfmark, about.typology) == ("Lettre à Hugo", "F 1/1", Typology.LETTERS)
    assert about.dates == (Date("1862-04-03", "", DateKind.CREATED),)
    assert about.people == (Person("Lallemand, Paul", "", "pht", "https://www.idref.fr/1"),)
    assert about.subjects == (Subject("Lille (Nord)", "", SubjectKind.PLACE),)
    assert about.abstracts[0].value == "Sur les proscrits."
    assert about.part_of == Whole("Correspondance", "", "", WholeKind.MULTIVOLUME)
    assert (about.rights.status, about.languages, about.genre) == (RightsStatus.PUBLIC_DOMAIN, ("fre",), "Lettre")
    assert (silent.description.title.value, silent.description.dates[0].edtf) == ("Correspondance", "1850/1910")
    assert album.description.rights.status is RightsStatus.UNDETERMINED  # a restriction in words that nobody knows
    assert album.description.typology is Typology.ARCHIVES


def test_links_lead_to_an_image_a_folder_or_a_row_of_images(tmp_path: Path) -> None:
    delivery = open_delivery(deliver(tmp_path), CONTEXT)
    assert [[view.master for view in item.views] for item in delivery.items] == [
        ["lot/l_2.png", "lot/l_3.png", "lot/l_10.png"],
        ["F1-2/1.png", "F1-2/2.png"],
        ["album/a.png", "album/absent.png"],
    ]
    assert told(delivery) == [
        "ir.xml, line 14: view f2 needs image album/absent.png, which is not in the delivery; ask the supplier for it"
    ]


def test_the_source_record_is_the_component_inside_the_levels_around_it(tmp_path: Path) -> None:
    source = parse_xml(open_delivery(deliver(tmp_path), CONTEXT).items[0].source.read(), "source")
    assert [element.get("level") for element in source.iter() if element.get("level")] == ["fonds", "series", "item"]
    assert "Album" not in "".join(map(str, source.itertext()))


def test_ead3_is_read_by_the_same_rules(tmp_path: Path) -> None:
    delivery = open_delivery(deliver(tmp_path, EAD3), CONTEXT)
    [item] = delivery.items
    assert [view.master for view in item.views] == ["album/a.png", "lot/l_1.png"]
    assert item.description.dates == (Date("1700/1710", "", DateKind.CREATED),)
    assert item.description.extent == "2 feuilles"
    assert delivery.findings == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("archdesc", "archdsc", "ir.xml, line 3: has no archdesc"),
        ("dao ", "dai ", ""),
        ("album/a.png", "../../etc/passwd", "ir.xml, line 14: the path '../../etc/passwd' leaves the delivery"),
        ("<eadheader>", "<eadheader><!ENTITY", "ir.xml, line 3: declares XML entities"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    delivery = open_delivery(deliver(tmp_path, EAD.replace(old, new)), CONTEXT)
    assert any(said.startswith(message) for said in told(delivery)) == bool(message)


def test_a_finding_aid_without_links_says_so(tmp_path: Path) -> None:
    delivery = open_delivery(deliver(tmp_path, EAD3.replace("<dao ", "<ref ").replace("<daoset>", "<list>").replace("</daoset>", "</list>")), CONTEXT)  # fmt: skip
    assert "no component of it links to images (dao)" in told(delivery)[0]
