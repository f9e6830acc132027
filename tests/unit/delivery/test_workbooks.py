"""Tables in workbooks: the same documents as from a CSV, and the traps of spreadsheets."""

import datetime as dt
import zipfile
from pathlib import Path

import pytest

from server.delivery.opening import open_delivery
from server.delivery.values import Context
from server.errors import DeliveryError, FormatError
from server.formats.spreadsheet import read_sheets
from server.model.description import Date, DateKind
from tests.support.supplied import ITEMS, VIEWS, write_image, write_table
from tests.support.workbooks import workbook, write_workbook

CONTEXT = Context(typology="cartes-postales", rights="public-domain")
HEADER = ("dc:identifier", "dc:title", "dc:date", "images")


def test_a_workbook_says_what_the_csv_says(tmp_path: Path) -> None:
    from_csv = open_delivery(write_table(tmp_path / "csv"), CONTEXT)
    folder = write_table(tmp_path / "xlsx")
    (folder / "items.csv").unlink()
    (folder / "vues.csv").unlink()
    sheets = {
        "Notes": [["Ceci n’est pas un tableau"]],
        "Notices": [line.split(";") for line in ITEMS.splitlines()],
        "Vues": [line.split(",") for line in VIEWS.splitlines()],
    }
    write_workbook(folder / "livraison.xlsx", sheets)
    delivery = open_delivery(folder, CONTEXT)
    assert (delivery.kind, delivery.findings) == ("table", ())
    assert [item.identifier for item in delivery.items] == ["CP-001", "CP-002"]
    for one, other in zip(delivery.items, from_csv.items, strict=True):
        assert (one.description, one.views, one.structure) == (other.description, other.views, other.structure)
        assert one.source.read() == other.source.read()
    assert delivery.used >= {"livraison.xlsx"}


def test_days_numbers_and_merged_cells_are_read_as_a_person_sees_them(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [*HEADER, "dc:creator", "paged"],
        [1, "Un", dt.date(1905, 10, 5), "a.png", "Delsart, Jean", True],
        [2.0, "Deux", 1905, "b.png", None, None],
        [3, "Trois", dt.date(2005, 1, 1), "c.png", "Lévy", False],
    ]
    for name in "abc":
        write_image(tmp_path / f"{name}.png", ord(name))
    write_workbook(tmp_path / "n.xlsx", {"A": rows}, {"A": ["E2:E3"]})
    delivery = open_delivery(tmp_path, CONTEXT)
    assert [item.identifier for item in delivery.items] == ["1", "2", "3"]
    assert [item.description.dates for item in delivery.items] == [
        (Date("1905-10-05", "", DateKind.ISSUED),),
        (Date("1905", "", DateKind.ISSUED),),
        (Date("2005-01-01", "", DateKind.ISSUED),),
    ]
    assert [item.description.people[0].name for item in delivery.items] == ["Delsart, Jean", "Delsart, Jean", "Lévy"]
    assert [item.paged for item in delivery.items] == [True, False, False]
    told = [found.message for found in delivery.findings]
    assert [found.rule for found in delivery.findings] == ["date-typed-by-spreadsheet"] * 2
    assert told[0].startswith("n.xlsx, line 2: dc:date holds a day and not a text; 1905-10-05 is taken")


def test_a_workbook_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    body = workbook({"A": [HEADER, ["1", "Un", "1905", "a.png"]]})
    (tmp_path / "n.xlsx").write_bytes(body[: len(body) // 2])
    with pytest.raises(DeliveryError, match=r"n\.xlsx: is no workbook that can be read: .* save it again as XLSX"):
        open_delivery(tmp_path, CONTEXT)


def _with(body: bytes, folder: Path, name: str, change: bytes) -> bytes:
    """Return a workbook in which the sheet holds other XML."""
    (folder / "old.zip").write_bytes(body)
    with (
        zipfile.ZipFile(folder / "old.zip") as old,
        zipfile.ZipFile(folder / "new.zip", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.namelist():
            new.writestr(entry, change if entry == name else old.read(entry))
    return (folder / "new.zip").read_bytes()


def test_a_workbook_that_unfolds_without_end_is_refused_before_it_is_read(tmp_path: Path) -> None:
    body = _with(workbook({"A": [HEADER]}), tmp_path, "xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * 50_000_000)
    assert len(body) < 200_000
    with pytest.raises(FormatError, match=r"n\.xlsx: unfolds to more than 40,000,000 bytes; split the table"):
        read_sheets(body, "n.xlsx", max_bytes=10_000_000)


def test_a_sheet_with_a_cell_in_its_last_corner_is_refused_before_it_is_read(tmp_path: Path) -> None:
    far = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    body = _with(workbook({"A": [HEADER]}), tmp_path, "xl/worksheets/sheet1.xml", far)
    with pytest.raises(FormatError, match="has cells as far as row 1,048,576, column 16,384; remove what lies far off"):
        read_sheets(body, "n.xlsx")
