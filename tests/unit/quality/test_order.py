"""Order and condition report: what was ordered against what came, and what was known of the originals."""

from pathlib import Path

import pytest

from server.delivery.opening import open_delivery
from server.delivery.values import Context, Finding, Severity
from server.errors import DeliveryError, FormatError
from server.quality.checking import Report, check
from server.quality.order import Defect, read_order, told_before
from server.told import verbatim
from tests.support.supplied import ITEMS, write_table


def table(folder: Path, text: str, name: str = "order.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def compared(folder: Path, order: str, condition: str = "") -> Report:
    delivery = folder / "delivery"
    if not delivery.exists():
        write_table(delivery, ITEMS, None)
    known = table(folder, condition, "etat.csv") if condition else None
    opened = open_delivery(delivery, Context(rights="public-domain"))
    return check(opened, order=read_order(table(folder, order), known))


def told(report: Report, family: str = "order-") -> list[tuple[str, str, int | None]]:
    return [(found.rule, found.item, found.view) for found in report.findings if found.rule.startswith(family)]


def test_what_came_as_ordered_has_no_finding(tmp_path: Path) -> None:
    assert told(compared(tmp_path, "Cote;Vues\nCP-001;2\ncp 002;2\n")) == []
    assert told(compared(tmp_path, "shelfmark,views,dpi\nCP-001,,\nCP-002,2,\n")) == []


def test_documents_views_and_resolutions_are_compared(tmp_path: Path) -> None:
    report = compared(tmp_path, "cote;nombre de vues;résolution\nCP-001;3 vues;300 dpi\nCP-009;1;\n")
    assert sorted(told(report), key=str) == [
        ("order-document-extra", "CP-002", None), ("order-document-missing", "", None), ("order-resolution", "CP-001", 1),
        ("order-resolution", "CP-001", 2), ("order-views", "CP-001", None),
    ]  # fmt: skip
    messages = {found.rule: found.message for found in report.findings}
    assert messages["order-document-missing"] == (
        "order.csv, line 3: CP-009 was ordered and is not here; ask the supplier when it comes"
    )
    assert messages["order-views"] == (
        "CP-001 has 2 views, 3 were ordered (order.csv, line 2); ask the supplier why 1 are missing"
    )
    assert "does not say its resolution, 300 dpi were ordered" in messages["order-resolution"]


def test_a_document_may_be_ordered_by_its_shelfmark(tmp_path: Path) -> None:
    assert "CP 12" in ITEMS  # the shelfmark of CP-001
    report = compared(tmp_path, "cote;vues\ncp 12;3\nCP-002;2\n", "cote;défaut\nCP 12;feuillet manquant\n")
    assert [
        (found.rule, found.item, bool(found.known)) for found in report.findings if found.rule.startswith("order-")
    ] == [("order-views", "CP-001", True)]


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("titre;vues\na;1\n", 1, "no column is called shelfmark or cote"),
        ("cote;vues\n;3\n", 2, "this row has no shelfmark"),
        ("cote;vues\na;3\nA;4\n", 3, "A stands in line 2 already"),
        ("cote;vues\na;trois\n", 2, "'trois' is no number of views"),
        ("cote;dpi\na;0\n", 2, "'0' is no resolution"),
        ("cote;défauts\na;f9-3: taches\n", 2, "'f9-3' is no view"),
    ],
)
def test_a_mistake_in_an_order_is_told_with_its_line(tmp_path: Path, text: str, line: int, fault: str) -> None:
    with pytest.raises(FormatError) as error:
        read_order(table(tmp_path, text), None)
    assert str(error.value).startswith(f"order.csv, line {line}: {fault}; ")


def test_a_mistake_in_a_condition_report_is_told_with_its_line(tmp_path: Path) -> None:
    for text, fault in (
        ("cote;vue;défaut\nA;x3;taches\n", "line 2: 'x3' is no view; give numbers of views"),
        ("cote;vue;défaut\nA;3;\n", "line 2: this row has no defect"),
        ("cote;vue\nA;3\n", "line 1: no column is called defect or defaut"),
    ):
        with pytest.raises(FormatError, match=fault):
            read_order(None, table(tmp_path, text, "etat.csv"))
    with pytest.raises(DeliveryError, match="cannot be read"):
        read_order(tmp_path / "gone.csv", None)


def finding(rule: str, item: str = "A", view: int | None = 3) -> Finding:
    return Finding(rule, Severity.ERROR, verbatim("it is so"), "a.tif", item, view)


@pytest.mark.parametrize(
    ("said", "places", "found", "is_known"),
    [
        ("Taches d’humidité", "3", finding("picture-cast"), True), ("taches", "3", finding("picture-skew"), False),
        ("taches", "4", finding("picture-cast"), False), ("taches", "2-5", finding("picture-cast"), True),
        ("taches", "1, 3", finding("picture-cast"), True), ("taches", "", finding("picture-cast"), True),
        ("taches", "3", finding("picture-cast", "B"), False), ("coin arraché", "3", finding("picture-border"), True),
        ("gribouillis", "3", finding("picture-outlier"), True), ("gribouillis", "3", finding("image-unreadable"), False),
        ("feuillet manquant", "", finding("name-sequence", view=None), True), ("page coupée", "f3", finding("picture-margin"), True),
        ("taches", "3", finding("image-incomplete"), False), ("blanc", "vue 3", finding("picture-blank"), True),
    ],
)  # fmt: skip
def test_a_defect_of_the_original_explains_what_it_can_explain(
    tmp_path: Path, said: str, places: str, found: Finding, is_known: bool
) -> None:
    order = read_order(None, table(tmp_path, f"cote;vue;état\nA;{places};{said}\n".replace(", 3", ", 3"), "etat.csv"))
    [judged] = told_before([found], order)
    assert bool(judged.known) is is_known
    assert judged.severity is (Severity.INFO if is_known else Severity.ERROR)
    if is_known:
        assert judged.known == f"etat.csv, line 2: {said}"
        assert judged.message.startswith("it is so (known before: etat.csv, line 2")


def test_an_order_may_name_the_defects_itself(tmp_path: Path) -> None:
    order = read_order(table(tmp_path, "cote;vues;défauts\nA;9;f3, 7-9: taches | reliure serrée\n"), None)
    assert order.defects == (
        Defect("A", 3, 3, "taches", "order.csv", 2), Defect("A", 7, 9, "taches", "order.csv", 2),
        Defect("A", 0, 0, "reliure serrée", "order.csv", 2),
    )  # fmt: skip


def test_what_was_known_does_not_count_against_the_supplier(tmp_path: Path) -> None:
    plain = compared(tmp_path, "cote;vues\nCP-001;3\nCP-002;2\n")
    assert [found.rule for found in plain.findings if found.severity is Severity.ERROR] == ["order-views"]
    known = compared(tmp_path, "cote;vues\nCP-001;3\nCP-002;2\n", "cote;vue;défaut\nCP-001;;feuillet manquant\n")
    assert known.passed
    assert [found.known for found in known.findings if found.rule == "order-views"] == [
        "etat.csv, line 2: feuillet manquant"
    ]
