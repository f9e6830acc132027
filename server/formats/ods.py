"""Writing tables as an OpenDocument spreadsheet (ODF 1.2, .ods), with numbers, dates and links as what they are. Pure."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from odf.number import DateStyle, Day, Month, Number, NumberStyle, Year  # type: ignore[import-untyped]  # it has no types
from odf.number import Text as DateText
from odf.opendocument import OpenDocumentSpreadsheet  # type: ignore[import-untyped]  # it has no types
from odf.style import Style, TableColumnProperties, TextProperties  # type: ignore[import-untyped]  # it has no types
from odf.table import Table, TableCell, TableColumn, TableHeaderRows, TableRow  # type: ignore[import-untyped]  # no types
from odf.text import A, P  # type: ignore[import-untyped]  # it has no types


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to an address."""

    text: str
    address: str


Cell = str | int | float | date | Link | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, its header, its rows; `total` is a last row in bold."""

    name: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    total: tuple[Cell, ...] = ()


def write_ods(sheets: Sequence[Sheet]) -> bytes:
    """Return the spreadsheet."""
    document = OpenDocumentSpreadsheet()
    bold = Style(name="bold", family="table-cell")
    bold.addElement(TextProperties(fontweight="bold"))
    document.automaticstyles.addElement(bold)
    day = DateStyle(name="iso")
    for part in (Year(style="long"), DateText(text="-"), Month(style="long"), DateText(text="-"), Day(style="long")):
        day.addElement(part)
    amount = NumberStyle(name="amount")
    amount.addElement(Number(decimalplaces="2", minintegerdigits="1", grouping="true"))
    for style in (day, amount):
        document.automaticstyles.addElement(style)
    for name, data_style in (("day", day), ("money", amount)):
        document.automaticstyles.addElement(Style(name=name, family="table-cell", datastylename=data_style))
    for sheet in sheets:
        document.spreadsheet.addElement(_table(document, sheet))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _table(document: Any, sheet: Sheet) -> Any:
    table = Table(name=sheet.name)
    for number, head in enumerate(sheet.header):
        longest = max([len(head), *(len(_shown(row[number])) for row in sheet.rows[:200])])
        name = f"{sheet.name[:3]}{number}"
        style = Style(name=name, family="table-column")
        style.addElement(TableColumnProperties(columnwidth=f"{min(12.0, max(2.0, longest * 0.2)):.1f}cm"))
        document.automaticstyles.addElement(style)
        table.addElement(TableColumn(stylename=name))
    top = TableHeaderRows()
    top.addElement(_row(sheet.header, "bold"))
    table.addElement(top)
    for cells in sheet.rows:
        table.addElement(_row(cells, ""))
    if sheet.total:
        table.addElement(_row(sheet.total, "bold"))
    return table


def _row(cells: Sequence[Cell], style: str) -> Any:
    row = TableRow()
    for cell in cells:
        row.addElement(_cell(cell, style))
    return row


def _cell(value: Cell, style: str) -> Any:
    given: dict[str, str] = {"stylename": style} if style else {}
    if isinstance(value, int | float):
        if isinstance(value, float):
            given.setdefault("stylename", "money")
        cell = TableCell(valuetype="float", value=str(value), **given)
    elif isinstance(value, date):
        given.setdefault("stylename", "day")
        cell = TableCell(valuetype="date", datevalue=value.isoformat(), **given)
    else:
        cell = TableCell(valuetype="string", **given)
    if isinstance(value, Link):
        paragraph = P()
        paragraph.addElement(A(href=value.address, type="simple", text=_plain(value.text)))
        cell.addElement(paragraph)
    elif value is not None:
        cell.addElement(P(text=_plain(_shown(value))))
    return cell


def _shown(value: Cell) -> str:
    if value is None:
        return ""
    return value.text if isinstance(value, Link) else value.isoformat() if isinstance(value, date) else str(value)


def _plain(text: str) -> str:
    # XML 1.0 §2.2 allows no other control characters
    return "".join(letter for letter in text if letter in "\t\n\r" or ord(letter) >= 32)
