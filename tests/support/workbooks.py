"""Workbooks for tests, as a person makes them in a spreadsheet."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it has no types

Cells = Sequence[Sequence[object]]


def write_workbook(path: Path, sheets: Mapping[str, Cells], merged: Mapping[str, Sequence[str]] | None = None) -> Path:
    """Write a workbook: rows of cells by the name of the sheet; `merged` names ranges such as `B2:B3`."""
    path.write_bytes(workbook(sheets, merged))
    return path


def workbook(sheets: Mapping[str, Cells], merged: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """Return a workbook as bytes."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cells in (merged or {}).get(name, ()):
            sheet.merge_cells(cells)
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()
