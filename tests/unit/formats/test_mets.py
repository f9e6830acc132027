"""METS: files in nested groups, both structures, areas, links, whatever the prefixes."""

from pathlib import Path

import pytest

from server.errors import FormatError
from server.formats.mets import Area, read_mets
from tests.support.supplied import METS


def test_files_carry_the_uses_of_their_groups() -> None:
    nested = METS.replace('<mets:fileGrp USE="MASTER">', '<mets:fileGrp ID="G"><mets:fileGrp USE="MASTER">').replace(
        '</mets:fileGrp>\n  <mets:fileGrp USE="FULLTEXT">',
        '</mets:fileGrp></mets:fileGrp><mets:fileGrp USE="FULLTEXT">',
    )
    files = read_mets(nested.encode(), "m.xml").files
    assert files["I1"].uses == ("G", "MASTER")
    assert (files["I1"].href, files["I1"].media_type) == ("images/p_0001.png", "image/png")
    assert list(files) == ["T1", "I1", "I2", "A1", "A2"]


def test_both_structures_and_their_areas_are_read() -> None:
    mets = read_mets(METS.encode(), "m.xml")
    assert mets.physical is not None
    assert [div.kind for div in mets.physical.walk()] == ["physSequence", "page", "TITLE_PAGE"]
    assert mets.logical is not None
    areas = [(area.file, area.begin) for div in mets.logical.walk() for area in div.areas]
    assert areas == [("A1", "B1"), ("A1", "B2"), ("A2", "B1"), ("A2", "B2")]
    assert mets.logical.children[0].descriptions == ("D2",)
    assert list(mets.records) == ["D1", "D2"]


def test_prefixes_do_not_matter() -> None:
    default = (
        METS.replace("mets:", "")
        .replace("xmlns:mets", "xmlns")
        .replace("m:", "mods:")
        .replace("xmlns:m=", "xmlns:mods=")
    )
    assert read_mets(default.encode(), "m.xml").files.keys() == read_mets(METS.encode(), "m.xml").files.keys()


def test_links_and_rectangles_are_read() -> None:
    links = '<mets:structLink><mets:smLink xlink:from="L3" xlink:to="P1"/><mets:smLink xlink:from="L3" xlink:to="P2"/></mets:structLink></mets:mets>'
    rectangle = METS.replace(
        'BETYPE="IDREF" BEGIN="B2"/></mets:fptr></mets:div></mets:div>',
        'SHAPE="RECT" COORDS="1,2,3,4"/></mets:fptr></mets:div></mets:div>',
    )
    mets = read_mets(rectangle.replace("</mets:mets>", links).encode(), "m.xml")
    assert mets.links == {"L3": ("P1", "P2")}
    assert mets.logical is not None
    assert Area("A2", "", "1,2,3,4", 39) in [area for div in mets.logical.walk() for area in div.areas]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('ID="I2"', 'ID="I1"', "line 22: the file ID 'I1' is used twice"), ('<mets:file ID="I2"', "<mets:file", "line 22: a file in fileSec has no ID"),
        ("http://www.loc.gov/METS/", "http://example.org/", "its root element is mets, not METS mets"),
    ],
)  # fmt: skip
def test_a_broken_mets_is_refused_with_its_line(old: str, new: str, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        read_mets(METS.replace(old, new).encode(), "m.xml")


def test_the_issue_of_the_debats_is_read(shared: Path) -> None:
    path = shared / "samples/jdpl-18140402-mets-alto-ccs/18140402_1-METS.xml"
    mets = read_mets(path.read_bytes(), path.name)
    assert (mets.kind, len(mets.files), len(mets.records)) == ("Newspaper", 12, 7)
    assert mets.files["IMG00001"].uses == ("ImageGroup", "Preservation", "OCRMasterFiles")
