"""ALTO: words, boxes, units, hyphens, in every version and in BnF's own namespace."""

from pathlib import Path

import pytest

from server.errors import FormatError
from server.formats.alto import read_alto
from server.model.text import Box, Hyphen
from tests.support.supplied import ALTO

PAGE = ALTO.replace("{n}", "1")


def with_unit(unit: str) -> bytes:
    return PAGE.replace(">pixel<", f">{unit}<").encode()


def test_words_lines_and_blocks_come_in_reading_order_with_their_boxes() -> None:
    alto = read_alto(PAGE.encode(), "a.xml")
    assert [block.identifier for block in alto.text.blocks] == ["B1", "B2"]
    words = [word for block in alto.text.blocks for line in block.lines for word in line.words]
    assert [word.content for word in words] == ["Le", "canal", "inaugu", "ration", "hier"]
    assert words[1].box == Box(20, 5, 30, 10)
    assert (words[0].confidence, words[2].confidence) == (0.9, None)
    assert (alto.text.language, alto.image_name, alto.unit) == ("fr", "p_0001.png", "pixel")
    assert alto.boxes["C1"] == Box(5, 20, 50, 25)
    assert alto.boxes["P1"] == Box(0, 0, 60, 80)


def test_a_broken_word_is_joined_in_the_text_and_kept_in_the_line() -> None:
    alto = read_alto(PAGE.encode(), "a.xml")
    first, second = alto.text.blocks[1].lines[0].words[0], alto.text.blocks[1].lines[1].words[0]
    assert (first.hyphen, first.whole) == (Hyphen.FIRST, "inauguration")
    assert (second.hyphen, second.whole) == (Hyphen.SECOND, "inauguration")
    assert alto.text.plain() == "Le canal\n\ninauguration\nhier"


def test_a_hyphen_without_declared_halves_is_printed_text() -> None:
    body = PAGE.replace(' SUBS_TYPE="HypPart1" SUBS_CONTENT="inauguration"', "").encode()
    assert read_alto(body, "a.xml").text.blocks[1].lines[0].words[0].content == "inaugu-"


@pytest.mark.parametrize("unit", ["pixel", "mm10", "inch1200"])
def test_boxes_are_scaled_to_the_image_served_whatever_the_unit(unit: str) -> None:
    text = read_alto(with_unit(unit), "a.xml", size=(600, 1600)).text
    assert (text.width, text.height) == (600, 1600)
    assert text.blocks[0].lines[0].words[1].box == Box(200, 100, 300, 200)


def test_without_a_size_boxes_stay_in_the_units_of_the_page() -> None:
    text = read_alto(with_unit("mm10"), "a.xml").text
    assert (text.width, text.height) == (60, 80)
    assert text.blocks[0].lines[0].words[1].box == Box(20, 5, 30, 10)


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.loc.gov/standards/alto/ns-v2#",
        "http://www.loc.gov/standards/alto/ns-v3#",
        "http://bibnum.bnf.fr/ns/alto_prod",
        "",
    ],
)
def test_every_namespace_is_read(namespace: str) -> None:
    body = PAGE.replace("http://www.loc.gov/standards/alto/ns-v4#", namespace).encode()
    assert len(read_alto(body, "a.xml").text.blocks) == 2


def test_a_word_without_a_place_takes_that_of_its_line() -> None:
    body = PAGE.replace('CONTENT="canal" HPOS="20" VPOS="5" WIDTH="30" HEIGHT="10"', 'CONTENT="canal"').encode()
    assert read_alto(body, "a.xml").text.blocks[0].lines[0].words[1].box == Box(5, 5, 50, 10)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (">pixel<", ">furlong<", "line 3: MeasurementUnit 'furlong'"), ('HPOS="20"', 'HPOS="nan"', "HPOS='nan' is not a measure"),
        ('HPOS="20"', 'HPOS="1e300"', "not a measure"), ("<alto ", "<html ", "not well-formed"), ("Page", "Pagina", "holds no Page"),
    ],
)  # fmt: skip
def test_a_broken_alto_is_refused_with_file_and_fault(old: str, new: str, fault: str) -> None:
    with pytest.raises(FormatError, match=fault):
        read_alto(PAGE.replace(old, new).encode(), "alto/a.xml")


def test_real_altos_are_read(shared: Path) -> None:
    samples = shared / "samples"
    debats = read_alto((samples / "jdpl-18140402-mets-alto-ccs/ALTO/18140402_1-0001.xml").read_bytes(), "a.xml")
    assert (debats.width, debats.height, len(debats.text.blocks)) == (2467, 3978, 7)
    assert "tranquillité générale" in debats.text.plain().replace("\n", " ")
    croix = read_alto((samples / "lacroix-0220169-refnum-alto/X/X0000001.xml").read_bytes(), "b.xml")
    assert len(croix.text.blocks) > 100
    assert "é" in croix.text.plain()
    lines = read_alto((samples / "gallicorpora-bpt6k6495917k-alto4-jpeg/bpt6k6495917k_f21.xml").read_bytes(), "c.xml")
    assert lines.text.blocks[0].lines[0].words[0].content == "ET ISMÉNIE."
