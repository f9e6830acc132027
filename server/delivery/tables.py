"""The tables of a delivery, whatever they are written in: a CSV is one, a workbook has one a sheet."""

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from server.delivery.folder import Folder
from server.errors import DeliveryError, FormatError
from server.formats.spreadsheet import SIGNATURE, is_workbook, read_sheets
from server.formats.table import Table, read_table
from server.told import Told

_SUFFIXES = (".csv", ".tsv", ".txt", ".tab")
_LOOKED_AT = 65536


def headers(folder: Folder, path: str) -> tuple[str, ...]:
    """Return the first line of each table in a file, in lower case; none for a file that holds no table."""
    if PurePosixPath(path).suffix.lower() in _SUFFIXES:
        line = _first_line(folder, path)
        return (line,) if line else ()
    found = _sheets(folder, path)
    return tuple(";".join(table.header).lower() for table in found) if isinstance(found, tuple) else ()


def tables_with(folder: Folder, path: str, wanted: Callable[[str], bool]) -> tuple[Table, ...]:
    """Return the tables of a file whose first line is wanted. Raises FormatError where it cannot be read."""
    found = _sheets(folder, path)
    if isinstance(found, FormatError):
        raise found
    if found is None:
        return (read_table(folder.read(path, max_bytes=folder.limits.max_table_bytes), path),)
    return tuple(table for table in found if wanted(";".join(table.header).lower()))


def files_with(folder: Folder, wanted: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the files that hold a table whose first line is wanted."""
    return tuple(path for path in folder.delivered if any(map(wanted, headers(folder, path))))


def unreadable(folder: Folder, paths: Iterable[str]) -> tuple[Told, ...]:
    """Return what is wrong with the workbooks among these files that cannot be read."""
    return tuple(found.told for path in paths if isinstance(found := _sheets(folder, path), FormatError))


def _sheets(folder: Folder, path: str) -> tuple[Table, ...] | FormatError | None:
    """Return the tables of a workbook, read once, or why it cannot be read; None for any other file."""
    if path not in folder.workbooks:
        folder.workbooks[path] = _read_sheets(folder, path)
    return folder.workbooks[path]


def _read_sheets(folder: Folder, path: str) -> tuple[Table, ...] | FormatError | None:
    if PurePosixPath(path).suffix.lower() in _SUFFIXES or folder.head(path)[:4] != SIGNATURE:
        return None
    try:
        body = folder.read(path, max_bytes=folder.limits.max_table_bytes)
        named = PurePosixPath(path).suffix.lower() in (".xlsx", ".xlsm")
        return read_sheets(body, path, max_bytes=folder.limits.max_table_bytes) if named or is_workbook(body) else None
    except FormatError as error:
        return error
    except DeliveryError:
        return None


def _first_line(folder: Folder, path: str) -> str:
    try:
        with (folder.root / path).open("rb") as stream:
            head = stream.read(_LOOKED_AT)
    except OSError:
        return ""
    # names of columns are plain ASCII in every encoding that is read, but for the zeros of UTF-16
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[2:].replace(b"\0", b"")
    lines = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").splitlines()
    return lines[0].decode("latin-1").lower() if lines else ""
