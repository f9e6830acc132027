"""Quality control: each rule on a delivery that has exactly its fault, and on a sound one."""

import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from scripts.reference import FAMILIES, rules_page
from server.delivery.opening import open_delivery
from server.delivery.rules import READING_RULES
from server.delivery.values import Context, Severity
from server.quality.checking import Report, check
from server.quality.registry import definitions, rule, rules
from server.quality.report import SCHEMA, render_text, to_json
from tests.support.file_faults import FAULTS as IMAGE_FAULTS
from tests.support.supplied import ALTO, ITEMS, METS, pack, write_image, write_mets, write_table
from tests.support.views.faults import FAULTS as PICTURE_FAULTS

Fault = Callable[[Path], object]

CONTEXT = Context(rights="public-domain")
ONE_BOOK = "dc:identifier;dc:title;dc:type;images\nA;T;presse;b/\n"


def report_of(folder: Path, processes: int = 1, max_pixels: int = 10**9) -> Report:
    return check(open_delivery(folder, CONTEXT), max_pixels=max_pixels, processes=processes)


def book(folder: Path, *names: str) -> Path:
    """Write a document whose images have these names, each with bytes of its own."""
    (folder / "items.csv").write_text(ONE_BOOK)
    for number, name in enumerate(names, start=1):
        write_image(folder / "b" / name, number)
    return folder


def truncate(path: Path, share: float) -> None:
    body = path.read_bytes()
    path.write_bytes(body[: int(len(body) * share)])


def control_points(folder: Path) -> None:
    image = "images/p_0001.png"
    rows = (f"{image};1;1;3.0;50.7", f"{image};9999;1;3.1;50.7", f"{image};1;40;3.0;50.6")
    (folder / "points.csv").write_text("\n".join(("image;x;y;longitude;latitude", *rows)) + "\n")


def an_image_cut_short(folder: Path) -> None:
    Image.effect_noise((60, 80), 99).save(folder / "images/p_0001.png")
    truncate(folder / "images/p_0001.png", 0.6)


def a_tiff_called_png(folder: Path) -> None:
    Image.new("L", (60, 80), 3).save(folder / "images/p_0001.png", format="TIFF")


def an_alto_cut_short(folder: Path) -> None:
    truncate(folder / "alto/p_0001.xml", 0.5)


def without_a_checksum(folder: Path) -> None:
    (folder / "list.md5").write_text("ee8be7c2b0ee5c9e5e9a2e9b6ac8d1ff  images/p_0001.png\n")


def a_second_page_in_alto(folder: Path) -> None:
    text = (folder / "alto/p_0001.xml").read_text()
    (folder / "alto/p_0001.xml").write_text(text.replace("</Layout>", '<Page ID="Q" WIDTH="60" HEIGHT="80"/></Layout>'))


def replaced(name: str, old: str, new: str) -> Fault:
    return lambda folder: (folder / name).write_text((folder / name).read_text().replace(old, new))


FAULTS: dict[str, Fault] = {
    "control-points-outside": control_points,
    "checksum-mismatch": lambda folder: (folder / "list.md5").write_text(
        "0" * 32 + "  images/p_0001.png\n" + "0" * 32 + "  images/p_0002.png\n"
    ),
    "file-listed-missing": lambda folder: (folder / "list.md5").write_text("0" * 32 + "  gone.tif\n"),
    "file-without-checksum": without_a_checksum,
    "file-unaccounted": lambda folder: (folder / "notes.doc").write_text("x"),
    "image-unreadable": lambda folder: (folder / "images/p_0001.png").write_bytes(b"no image"),
    "image-incomplete": an_image_cut_short,
    "image-suffix": a_tiff_called_png,
    "image-shared": lambda folder: shutil.copy(folder / "images/p_0001.png", folder / "images/p_0002.png"),
    "alto-unreadable": an_alto_cut_short,
    "alto-boxes-outside": replaced("alto/p_0001.xml", 'HPOS="20"', 'HPOS="40"'),
    "alto-page-size": replaced("alto/p_0001.xml", 'WIDTH="60" HEIGHT="80"', 'WIDTH="80" HEIGHT="60"'),
    "alto-several-pages": a_second_page_in_alto,
    "alto-empty": lambda folder: (folder / "alto/p_0001.xml").write_text(
        ALTO.split("<TextBlock")[0] + "</PrintSpace></Page></Layout></alto>"
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_rule_finds_its_fault_and_names_file_and_document(tmp_path: Path, name: str) -> None:
    # the structure is left out: it has findings of its own when a text is broken
    sound = METS.partition('<mets:structMap TYPE="LOGICAL">')[0] + "</mets:mets>"
    write_mets(tmp_path, sound)
    assert [f.rule for f in report_of(tmp_path).findings if f.rule != "typology-unknown"] == []
    FAULTS[name](tmp_path)
    found = [finding for finding in report_of(tmp_path).findings if finding.rule == name]
    definition = next(one for one in definitions() if one.name == name)
    assert found
    assert {finding.severity for finding in found} == {definition.severity}
    assert all(finding.path and finding.path.rpartition("/")[2] in finding.message for finding in found)
    if name not in ("file-listed-missing", "file-unaccounted"):
        assert {finding.item for finding in found} == {"LIL_0001"}


def test_an_image_above_the_limit_is_refused(tmp_path: Path) -> None:
    report = report_of(write_mets(tmp_path), max_pixels=60 * 80 - 1)
    assert [(f.rule, f.view) for f in report.findings if f.severity is Severity.ERROR] == [
        ("image-too-large", 1),
        ("image-too-large", 2),
    ]
    assert report_of(tmp_path, max_pixels=60 * 80).passed


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("p_0001.png", "p_0002.png", "p_0003.png"), []), (("p_1.png", "p_9.png"), ["name-sequence"]),
        (("x_1.png", "x_2.png", "y_3.png"), ["name-prefix"]), (("p_1.png", "p_2.PNG"), ["name-case"]), (("P_1.png", "p_2.png"), ["name-case"]),
        (("été_1.png", "été_2.png"), ["name-characters", "name-characters"]), (("a b.png",), ["name-characters"]),
        (("bpt6k1_f1.tif", "bpt6k1_f2.tif"), []), (("recto.png", "verso.png"), []), (("x_r.png", "x_v.png"), []),
        (("p_0037_recto.jpg", "p_0037_verso.jpg", "p_0038_recto.jpg"), []), (("p_0037_r.jpg", "p_0037_v.jpg"), []),
        (("p_37a.jpg", "p_37b.jpg", "p_38.jpg"), []), (("p_37.jpg", "p_37bis.jpg", "p_37ter.jpg", "p_38.jpg"), []), (("p_37.jpg", "p_37b.jpg"), []),
        (("p_37_recto.jpg", "p_37_detail.jpg"), ["name-sequence"]),
        (("p_37_recto.jpg", "p_37_verso.jpg", "p_39_recto.jpg"), ["name-sequence"]),
    ],
)  # fmt: skip
def test_names_of_a_document_are_of_one_kind_and_in_one_sequence(
    tmp_path: Path, names: tuple[str, ...], expected: list[str]
) -> None:
    assert [finding.rule for finding in report_of(book(tmp_path, *names)).findings] == expected


def test_a_verso_before_its_recto_is_told(tmp_path: Path) -> None:
    book(tmp_path, "p_37_recto.jpg", "p_37_verso.jpg")
    (tmp_path / "items.csv").write_text(ONE_BOOK.replace("b/", "b/p_37_verso.jpg | b/p_37_recto.jpg"))
    [told] = report_of(tmp_path).findings
    assert (told.rule, told.view) == ("name-sequence", 2)


def test_views_that_do_not_follow_their_numbers_are_told(tmp_path: Path) -> None:
    write_mets(
        tmp_path,
        METS.replace("images/p_0001.png", "x")
        .replace("images/p_0002.png", "images/p_0001.png")
        .replace('"x"', '"images/p_0002.png"'),
    )
    found = [finding for finding in report_of(tmp_path).findings if finding.rule == "name-sequence"]
    assert [(f.item, f.view) for f in found] == [("LIL_0001", 2)]
    assert "p_0001.png, comes after p_0002.png" in found[0].message


def test_sound_deliveries_have_no_finding_whatever_their_kind(tmp_path: Path) -> None:
    for write in (write_mets, write_table):
        for packed in (False, True):
            folder = write(tmp_path / f"{write.__name__}{packed}")
            if packed:
                pack(folder)
            report = report_of(folder)
            assert [f.rule for f in report.findings if f.rule != "name-sequence"] == []
            assert report.passed


def test_a_faulty_document_does_not_refuse_the_others(tmp_path: Path) -> None:
    write_table(tmp_path, ITEMS, None)
    (tmp_path / "images/cp_001_v.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    report = report_of(tmp_path)
    assert not report.passed
    assert report.refused_items == ("CP-001",)
    assert report.items == ("CP-001", "CP-002")


def test_several_processes_give_the_same_report_and_tell_every_view(tmp_path: Path) -> None:
    write_table(tmp_path, ITEMS, None)
    (tmp_path / "images/cp_001_v.png").write_bytes(b"\x89PNG")
    alone = report_of(tmp_path)
    told: list[tuple[int, int, int]] = []
    delivery = open_delivery(tmp_path, CONTEXT)
    together = check(delivery, processes=2, progress=lambda done, total, read: told.append((done, total, read)))
    assert to_json(alone) == to_json(together)
    assert [done for done, _, _ in told] == [1, 2, 3, 4]
    masters = {view.master for item in delivery.items for view in item.views}
    assert told[-1] == (4, 4, sum((tmp_path / master).stat().st_size for master in masters))


def test_the_json_has_a_fixed_shape_and_nothing_of_this_machine(tmp_path: Path) -> None:
    write_mets(tmp_path)
    (tmp_path / "images/p_0002.png").write_bytes(b"x")
    body = to_json(report_of(tmp_path))
    told = json.loads(body)
    assert list(told) == [
        "schema", "delivery", "contract", "order", "passed", "counts", "rates", "refused_items", "findings", "rules",
    ]  # fmt: skip
    assert (told["schema"], told["passed"], told["refused_items"]) == (SCHEMA, False, ["LIL_0001"])
    assert told["counts"] == {"error": 1, "warning": 0, "info": 0}
    assert told["delivery"]["items"] == ["LIL_0001"]
    assert {
        "rule": "image-unreadable",
        "severity": "error",
        "item": "LIL_0001",
        "view": 2,
        "path": "images/p_0002.png",
    }.items() <= told["findings"][0].items()
    assert set(told["rules"]) == {definition.name for definition in definitions()}
    assert str(tmp_path.parent) not in body


def test_the_screen_says_what_was_found_and_no_supplier_steers_it(tmp_path: Path) -> None:
    items = (
        ITEMS.replace("Tourcoing", "[bold red]Tourcoing")
        .replace("CP-002", "CP-\u202e002[/x]")
        .replace("1907?", "an [/] II")
    )
    delivery = open_delivery(write_table(tmp_path, items), CONTEXT)
    console = Console(file=io.StringIO(), width=140)
    render_text(check(delivery), console, "en")
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "2 documents, 4 views" in shown
    assert "date-not-understood" in shown
    assert "an [/] II" in shown
    assert "No error, " in shown
    render_text(check(delivery), console)
    assert "Aucune erreur, " in console.file.getvalue()
    assert console.file.getvalue().count("�") == 2 * shown.count("�"), "a space of French is no sign that steers"


def test_a_report_with_errors_says_how_many_documents_have_none(tmp_path: Path) -> None:
    write_table(tmp_path, ITEMS, None)
    (tmp_path / "images/cp_001_v.png").unlink()
    console = Console(file=io.StringIO(), width=140)
    render_text(report_of(tmp_path), console, "en")
    assert isinstance(console.file, io.StringIO)
    assert "1 error in 1 document; 1 document without an error of its own." in console.file.getvalue()


def test_every_rule_is_documented_defined_in_both_languages_and_tried_here(repository: Path) -> None:
    page = (repository / "docs/reference/quality-rules.md").read_text()
    assert page == rules_page()
    assert {definition.family for definition in definitions()} == set(FAMILIES)
    for definition in definitions():
        assert re.search(rf"\| `{definition.name}`( ◦)? \| {definition.severity} \|", page)
        assert definition.fr
        assert definition.en
        assert definition.fr != definition.en
    tried = set(FAULTS) | {"image-too-large", "name-sequence", "name-prefix", "name-case", "name-characters"}
    tried |= {"rate-exceeded"}  # test_contract.py
    tried |= {"alto-missing", "alto-confidence", "alto-language", "name-pattern", "view-count"}  # test_asked_rules.py
    tried |= {fault.rule for fault in PICTURE_FAULTS.values()}  # test_picture_rates.py
    tried |= {rule for _, rule, _ in IMAGE_FAULTS.values()}  # test_image_rules.py
    tried |= {"order-document-missing", "order-document-extra", "order-views", "order-resolution"}  # test_order.py
    assert {found.definition.name for found in rules()} == tried
    assert not tried & set(READING_RULES)


def test_two_rules_of_one_name_are_a_mistake() -> None:
    rules()
    with pytest.raises(AssertionError, match="two rules are called name-case"):
        rule("name-case", "naming", Severity.INFO, fr="a", en="b")(lambda _examined, _this: [])


def test_real_deliveries_are_checked(shared: Path) -> None:
    samples = shared / "samples"
    about = Context(typology="livres-imprimes", rights="public-domain")
    tiff = check(open_delivery(samples / "kant1784-bagit-mets-alto-page-tiff", about))
    assert [(finding.rule, finding.view) for finding in tiff.findings] == [
        ("title-supplied", None), ("picture-border", 1), ("picture-clipping", 1), ("name-sequence", 2), ("picture-border", 2),
        ("picture-clipping", 2),
    ]  # fmt: skip
    assert (tiff.passed, tiff.views, tiff.pixels) == (True, 2, 1457 * 2083 + 1457 * 2084)
    jp2 = check(open_delivery(samples / "kant1784-bagit-mets-page-jp2", about))
    assert (jp2.passed, jp2.views, [finding.rule for finding in jp2.findings]) == (
        True, 1, ["title-supplied", "picture-border", "picture-clipping"],
    )  # fmt: skip
    debats = check(open_delivery(samples / "jdpl-18140402-mets-alto-ccs"))
    assert not debats.passed
    assert [finding.rule for finding in debats.findings if finding.severity is Severity.ERROR] == ["master-missing"] * 4


def test_a_message_is_whole_on_a_narrow_screen(tmp_path: Path) -> None:
    names = [f"cp_lille_grand_place_{number:04}.png" for number in (1, 4, 6)]
    report = report_of(book(tmp_path, *names))
    console = Console(file=io.StringIO(), width=80)
    render_text(report, console, "en")
    assert isinstance(console.file, io.StringIO)
    column = [line.split("│")[4].strip() for line in console.file.getvalue().splitlines() if line.count("│") == 5]
    shown = "".join(column).replace(" ", "")
    assert [finding.message for finding in report.findings] == [
        f"between {names[0]} and {names[1]} 2 numbers are missing; look whether any view is missing",
        f"between {names[1]} and {names[2]} a number is missing; look whether any view is missing",
    ]
    for finding in report.findings:
        assert finding.message.replace(" ", "") in shown
