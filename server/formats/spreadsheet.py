"""Reading the sheets of an XLSX workbook (ECMA-376) as tables, the same values as of a CSV.

A number has no decimals where it is whole; a date is a day as ISO 8601 has it, and told, for nobody can say what was
typed; a merged cell says the same in each of its rows. python-calamine reads it, after a look at what it would have to
hold: a workbook is a ZIP that may unfold to anything, and a sheet with one cell in its last corner is as large as the sheet.
"""

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from server.errors import FormatError
from server.formats.table import FORBIDDEN, MAX_COLUMNS, MAX_TABLE_BYTES, Row, Table
from server.told import told

SIGNATURE = b"PK\x03\x04"
MAX_ROWS = 100_000
MAX_CELLS = 2_000_000
MAX_MERGED = 200_000

_REMEDY = told("save it again as XLSX, or export it as CSV UTF-8")
_CELL = re.compile(rb"<(?:\w+:)?c\b[^<>]*?\br\s*=\s*[\"']\s*([A-Za-z]{1,9})(\d{1,12})[^<>]*(?<!/)>")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^<>]*?\br\s*=\s*[\"']\s*(\d{1,12})[^<>]*(?<!/)>")
_OTHERS = frozenset({"content.xml", "xl/workbook.bin"})
"""What makes a ZIP a document of another kind, which would be read by other rules than those looked at here."""
_CHUNK = 2**18
_TAIL = 512
"""Bytes of a chunk that are looked at again with the next: a cell's tag may lie across both."""


def is_workbook(body: bytes) -> bool:
    """Return whether bytes that begin a ZIP are an XLSX workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = set(archive.namelist())
            return "xl/workbook.xml" in names and not names & _OTHERS
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False


def read_sheets(body: bytes, path: str, *, max_bytes: int = MAX_TABLE_BYTES) -> tuple[Table, ...]:
    """Return the visible sheets that hold anything. Raises FormatError where the workbook cannot be read or is too large."""
    if len(body) > max_bytes:
        raise FormatError(
            path,
            told("{count:,} bytes, the limit is {max_bytes:,}", count=len(body), max_bytes=max_bytes),
            told("split the table"),
        )
    if not is_workbook(body):
        raise FormatError(path, told("is no workbook that can be read: not an XLSX, or cut off"), _REMEDY)
    _must_be_bounded(body, path, max_bytes)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(body))
        names = [sheet.name for sheet in workbook.sheets_metadata if "Visible" in str(sheet.visible)]
        tables = [_read_sheet(workbook.get_sheet_by_name(name), path, name) for name in names]
    except (CalamineError, ValueError, OSError, KeyError) as error:
        raise FormatError(path, told("is no workbook that can be read: {said}", said=_said(error)), _REMEDY) from None
    except FormatError:
        raise
    except BaseException as error:
        # a panic of the library is none of Python's own exceptions
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
            raise
        raise FormatError(path, told("is no workbook that can be read: {said}", said=_said(error)), _REMEDY) from None
    return tuple(table for table in tables if table)


def _read_sheet(sheet: CalamineSheet, path: str, name: str) -> Table | None:
    merged = _merged(sheet)
    held: dict[tuple[int, int], str] = {}
    rows: list[Row] = []
    typed: set[tuple[int, int]] = set()
    header: tuple[str, ...] = ()
    origin = sheet.start or (0, 0)
    for number, values in enumerate(sheet.to_python(skip_empty_area=True), start=origin[0]):
        cells = []
        for column, value in enumerate(values, start=origin[1]):
            text = _text(value, path, number + 1)
            place = merged.get((number, column))
            if place == (number, column):
                held[place] = text
            elif place and not text:
                text = held.get(place, "")
            cells.append(text)
            if isinstance(value, (dt.date, dt.datetime)):
                typed.add((number + 1, len(cells) - 1))
        if not any(cells):
            continue
        if not header:
            header = _header(tuple(cells), path, number + 1)
        else:
            rows.append(Row(number + 1, tuple(cells)))
    return Table(path, header, tuple(rows), "xlsx", "", name, frozenset(typed)) if header else None


def _merged(sheet: CalamineSheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the first cell of each merged range by all of its cells that lie in the sheet; of very many, the first ones."""
    last_row, last_column = sheet.end or (0, 0)
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    looked_at = 0
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in range(top, min(bottom, last_row) + 1):
            for column in range(left, min(right, last_column) + 1):
                looked_at += 1
                if looked_at > MAX_MERGED:
                    return merged
                merged.setdefault((row, column), (top, left))
    return merged


def _header(cells: tuple[str, ...], path: str, line: int) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    if len(cells) > MAX_COLUMNS:
        raise FormatError(
            path,
            told("{count} columns, the limit is {max_columns}", count=len(cells), max_columns=MAX_COLUMNS),
            told("remove the empty columns"),
            line,
        )
    return cells


def _text(value: object, path: str, line: int) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    text = str(value)
    unwanted = FORBIDDEN.search(text)
    if unwanted:
        raise FormatError(
            path,
            told("holds the control character U+{ord:04X}", ord=ord(unwanted[0])),
            told("remove it from its cell"),
            line,
        )
    return text.replace("\xa0", " ").strip()


def _must_be_bounded(body: bytes, path: str, max_bytes: int) -> None:
    """Raise FormatError where the workbook would unfold to more than the limit, or a sheet to too many cells."""
    left = 4 * max_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for entry in archive.infolist():
                rows = columns = 0
                before = b""
                for chunk in _unfolded(body, entry):
                    left -= len(chunk)
                    if left < 0:
                        raise FormatError(
                            path,
                            told("unfolds to more than {max_bytes:,} bytes", max_bytes=4 * max_bytes),
                            told("split the table"),
                        )
                    if "worksheets/" not in entry.filename:
                        continue
                    for match in _CELL.finditer(before + chunk):
                        columns = max(columns, _column(match[1]))
                        rows = max(rows, int(match[2]))
                    for match in _ROW.finditer(before + chunk):
                        rows = max(rows, int(match[1]))
                    before = chunk[-_TAIL:]
                if rows > MAX_ROWS or rows * columns > MAX_CELLS:
                    what = told(
                        "{filename} has cells as far as row {rows:,}, column {columns:,}",
                        filename=entry.filename,
                        rows=rows,
                        columns=columns,
                    )
                    raise FormatError(
                        path,
                        what,
                        told(
                            "remove what lies far off; at most {max_rows:,} rows and {max_cells:,} cells",
                            max_rows=MAX_ROWS,
                            max_cells=MAX_CELLS,
                        ),
                    )
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, OSError) as error:
        raise FormatError(path, told("is no workbook that can be read: {said}", said=_said(error)), _REMEDY) from None


def _unfolded(body: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what an entry unfolds to, whatever size it states: that is what another reader would be made to hold."""
    start = entry.header_offset + 30
    header = body[entry.header_offset : start]
    if len(header) < 30:
        raise zipfile.BadZipFile(f"{entry.filename} begins behind the end of the file")
    start += int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    packed = body[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(f"{entry.filename} is packed in a way that no workbook is")
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    chunk = unpacker.decompress(packed, _CHUNK)
    while chunk:
        yield chunk
        chunk = unpacker.decompress(unpacker.unconsumed_tail, _CHUNK) if unpacker.unconsumed_tail else b""


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())[:150] or type(error).__name__
