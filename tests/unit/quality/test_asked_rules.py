"""Rules that need several views, many words, or a contract that asks for something: names, counts, texts."""

from pathlib import Path

import pytest

from server.delivery.opening import open_delivery
from server.delivery.values import Context, Finding
from server.quality.checking import check
from server.quality.contract import STANDARD, read_contract
from tests.support.supplied import write_image, write_mets, write_table

WORD = '<String CONTENT="mot" HPOS="5" VPOS="5" WIDTH="10" HEIGHT="5" WC="{}"/>'
ALTO = """<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>pixel</MeasurementUnit></Description>
<Layout><Page ID="P" WIDTH="60" HEIGHT="80"><PrintSpace><TextBlock ID="B"><TextLine>{}</TextLine></TextBlock></PrintSpace></Page></Layout></alto>"""
HEAD = 'name = "asked"\nlabel.fr = "Demandé"\nlabel.en = "Asked"\n'


def found(folder: Path, rule: str, contract: str = "") -> list[Finding]:
    by = STANDARD
    if contract:
        path = folder.parent / "asked.toml"
        path.write_text(HEAD + contract)
        by = read_contract(path)
    report = check(open_delivery(folder, Context(rights="public-domain")), contract=by)
    return [each for each in report.findings if each.rule == rule]


def book(folder: Path, views: int, texts: dict[int, str], identifier: str = "A") -> Path:
    names = [f"b/v_{number:03}.png" for number in range(1, views + 1)]
    for number, name in enumerate(names, start=1):
        write_image(folder / name, number)
        if number in texts:
            (folder / name).with_suffix(".xml").write_text(texts[number])
    (folder / "items.csv").write_text(f"dc:identifier;dc:title;dc:type;images\n{identifier};T;presse;b/\n")
    return folder


def page(words: int, confidence: float) -> str:
    return ALTO.format(WORD.format(confidence) * words)


def test_a_view_without_text_among_others_that_have_one_is_told(tmp_path: Path) -> None:
    folder = book(tmp_path / "d", 3, {1: page(1, 1), 3: page(1, 1)})
    [told] = found(folder, "alto-missing")
    assert (told.item, told.view) == ("A", 2)
    assert told.message == "view f2: b/v_002.png has no ALTO, most views of A have; ask the supplier for it"
    assert found(book(tmp_path / "e", 3, {1: page(1, 1)}), "alto-missing") == []


@pytest.mark.parametrize(
    ("words", "confidence", "least", "is_told"),
    [(30, 0.5, 0.6, True), (30, 0.7, 0.6, False), (30, 0.7, 0.8, True), (10, 0.5, 0.6, False)],
)
def test_a_text_that_is_unsure_of_itself_is_told(
    tmp_path: Path, words: int, confidence: float, least: float, is_told: bool
) -> None:
    folder = book(tmp_path / "d", 1, {1: page(words, confidence)})
    told = found(folder, "alto-confidence", f"[rules.alto-confidence]\nleast = {least}\n")
    assert [f"mean confidence of {confidence:.2f}, {least:g} were agreed" in each.message for each in told] == [
        True
    ] * is_told


@pytest.mark.parametrize(
    ("identifier", "pattern", "bad"),
    [
        ("A", "v_\\\\d{3}\\\\.png", []), ("A", "{shelfmark}_\\\\d{3}\\\\.png", [1, 2]), ("v", "{shelfmark}_\\\\d{3}\\\\.png", []),
        ("A", "v_00[2-9]\\\\.png", [1]), ("A.", "{shelfmark}.*", [1, 2]),
    ],
)  # fmt: skip
def test_names_are_of_the_form_that_was_agreed(tmp_path: Path, identifier: str, pattern: str, bad: list[int]) -> None:
    folder = book(tmp_path / "d", 2, {}, identifier)
    told = found(folder, "name-pattern", f'[rules.name-pattern]\npattern = "{pattern}"\n')
    assert [each.view for each in told] == bad
    assert found(folder, "name-pattern") == []


def test_a_shelfmark_with_a_slash_may_be_written_otherwise_in_names(tmp_path: Path) -> None:
    folder = book(tmp_path / "d", 1, {}, "MS 12/4")
    (folder / "b/v_001.png").rename(folder / "b/MS_12-4_001.png")
    assert found(folder, "name-pattern", '[rules.name-pattern]\npattern = "{shelfmark}_\\\\d{3}\\\\.png"\n') == []


def test_images_that_the_description_does_not_show_are_counted(tmp_path: Path) -> None:
    folder = write_mets(tmp_path / "d")
    assert found(folder, "view-count") == []
    write_image(folder / "images/p_0003.png", 9)
    [told] = found(folder, "view-count")
    assert told.message == (
        "LIL_0001: LIL_0001-METS.xml shows 2 views, its folder holds 3 images, such as images/p_0003.png; look which are "
        "missing in the description"
    )
    assert found(write_table(tmp_path / "t"), "view-count") == []


def test_a_text_in_another_language_than_its_document_is_told(tmp_path: Path) -> None:
    folder = write_mets(tmp_path / "d")
    assert found(folder, "alto-language") == []
    alto = folder / "alto/p_0002.xml"
    alto.write_text(alto.read_text().replace("<Page ID", '<Page LANG="de" ID'))
    [told] = found(folder, "alto-language")
    assert (told.item, told.view) == ("LIL_0001", 2)
    assert "alto/p_0002.xml is recognised as ger, the document is in fre; correct the description" in told.message
