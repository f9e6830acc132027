"""Reading a CSV table as spreadsheets write it: encoding and delimiter are found from the content.

RFC 4180, with the delimiters `;` `,` and tab, in UTF-8 (with or without mark), UTF-16 with mark, or Windows-1252.
Knows nothing of what the columns mean. No database.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from server.errors import FormatError
from server.told import told

DELIMITERS = (";", ",", "\t")
MAX_TABLE_BYTES = 64 * 2**20
MAX_COLUMNS = 500
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SAMPLED_LINES = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the 1-based line on which it ends in the file, and its cells, stripped."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its header, its rows that are not empty, and how it was written.

    `typed` are the cells, as line and column from 0, that a spreadsheet holds as days and not as text.
    """

    path: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    delimiter: str
    sheet: str = ""
    typed: frozenset[tuple[int, int]] = frozenset()


def read_table(body: bytes, path: str, *, max_bytes: int = MAX_TABLE_BYTES) -> Table:
    """Read a table. Raises FormatError, with the line, for control characters, broken quotes or too many columns."""
    if len(body) > max_bytes:
        raise FormatError(
            path,
            told("{count:,} bytes, the limit is {max_bytes:,}", count=len(body), max_bytes=max_bytes),
            told("split the table"),
        )
    text, encoding = decode(body, path)
    unwanted = FORBIDDEN.search(text)
    if unwanted:
        line = text.count("\n", 0, unwanted.start()) + 1
        raise FormatError(
            path,
            told("holds the control character U+{ord:04X}", ord=ord(unwanted.group())),
            told("export the table again as CSV UTF-8"),
            line,
        )
    delimiter = find_delimiter(text)
    rows = _rows(text, delimiter, path)
    if not rows:
        raise FormatError(path, told("the table is empty"), told("its first row must name the columns"))
    header = rows[0].cells
    while header and not header[-1]:
        header = header[:-1]
    if len(header) > MAX_COLUMNS:
        raise FormatError(
            path,
            told("{count} columns, the limit is {max_columns}", count=len(header), max_columns=MAX_COLUMNS),
            told("remove the empty columns"),
            1,
        )
    return Table(path, header, tuple(rows[1:]), encoding, delimiter)


def decode(body: bytes, path: str) -> tuple[str, str]:
    """Return the text and the encoding it was in. Raises FormatError where it fits none of those accepted."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return body.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            raise FormatError(
                path, told("begins as UTF-16 but is not"), told("export the table again as CSV UTF-8")
            ) from None
    try:
        return body.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
    if body.startswith(b"\xef\xbb\xbf"):
        raise FormatError(path, told("begins as UTF-8 but is not"), told("export the table again as CSV UTF-8"), line)
    try:
        return body.decode("cp1252"), "cp1252"
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise FormatError(
            path, told("is neither UTF-8 nor Windows-1252"), told("export the table again as CSV UTF-8"), line
        ) from None


def find_delimiter(text: str) -> str:
    """Return the delimiter that cuts the first lines most evenly into most columns; the first header cell decides ties."""
    # a sample of whole rows: the last may be cut inside quotes, so it is left out where there are others
    sample = "".join(text.splitlines(keepends=True)[:_SAMPLED_LINES])

    def score(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if any(row)]
        except csv.Error:
            return (0.0, 0)
        if not widths or widths[0] < 2:
            return (0.0, 0)
        even = Counter(widths)[widths[0]] / len(widths)
        return (even if len(widths) > 1 else 1.0, widths[0])

    best = max(
        DELIMITERS, key=lambda delimiter: (score(delimiter)[0] * score(delimiter)[1], -DELIMITERS.index(delimiter))
    )
    return best if score(best)[1] else ","


def write_row(header: tuple[str, ...], cells: tuple[str, ...]) -> bytes:
    """Return one row with its header as CSV in UTF-8, comma-separated: the record of one document, kept whole."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerow(cells)
    return out.getvalue().encode("utf-8")


def _rows(text: str, delimiter: str, path: str) -> list[Row]:
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            stripped = tuple(cell.replace("\xa0", " ").strip() for cell in cells)
            if any(stripped):
                rows.append(Row(reader.line_num, stripped))
    except csv.Error as error:
        raise FormatError(
            path, told("broken row: {error}", error=str(error)), told("check its quotation marks"), reader.line_num
        ) from None
    return rows
