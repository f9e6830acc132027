"""Table deliveries: a CSV or a workbook in Dublin Core with image files beside it, one row a document.

docs/reference/delivery-table.md defines the columns. Any table whose header has `dc:identifier` and `dc:title` is an
items table; views tables (`server/delivery/views_table.py`) say more of single views.
"""

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from server.delivery.dublin_core import KNOWN, canonical, describe
from server.delivery.folder import Folder, fold_path, natural_key
from server.delivery.paths import How, Resolved, resolve
from server.delivery.registry import Reader, Reading
from server.delivery.rules import Notes, finding
from server.delivery.sidecars import Sidecars
from server.delivery.table_structure import read_structure
from server.delivery.tables import files_with, tables_with
from server.delivery.values import Context, DeliveredItem, DeliveredView, Finding, Severity, SourceRecord
from server.delivery.views_table import ViewRow, is_items_header, read_views_tables, split_values
from server.errors import DeliveryError, UnsafePath
from server.formats.crosswalk import Statement
from server.formats.table import Row, Table, write_row
from server.model.ark import split_ark
from server.model.languages import bcp47
from server.model.view import ViewNotes
from server.model.words import fold
from server.told import told

IMAGES_FOLDER = "images"
_OWN = frozenset(
    [
        "images",
        "ark",
        "former_url",
        "former_oai",
        "collections",
        "viewing_direction",
        "paged",
        "thumbnail",
        "structure",
        "dc:identifier",
    ]
)
_WILDCARD = re.compile(r"[*?]")
_DIRECTIONS = ("left-to-right", "right-to-left", "top-to-bottom", "bottom-to-top")
_YES, _NO = (
    frozenset({"oui", "yes", "1", "true", "vrai", "o", "y"}),
    frozenset({"non", "no", "0", "false", "faux", "n"}),
)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the header: canonical name in lower case, and the language that its suffix says."""

    name: str
    language: str | None


def _find(folder: Folder) -> tuple[str, ...]:
    return files_with(folder, is_items_header)


def _read(folder: Folder, paths: tuple[str, ...], context: Context) -> Reading:
    items: list[DeliveredItem] = []
    findings: list[Finding] = []
    used: set[str] = set(paths)
    rows_of_views, views_findings, views_paths = read_views_tables(folder)
    findings += views_findings
    used |= views_paths
    shown: set[str] = set()
    tables: list[Table] = []
    for path in paths:
        try:
            tables += tables_with(folder, path, is_items_header)
        except DeliveryError as error:
            findings.append(finding("document-unreadable", error.told, path))
    sidecars = Sidecars(folder)
    for table in tables:
        path = table.path
        columns = [_column(name) for name in table.header]
        findings += _unknown_columns(table, columns)
        for row in table.rows:
            reader = _RowReader(folder, table, columns, row, context, rows_of_views, sidecars)
            try:
                item = reader.read()
            except UnsafePath as error:
                reader.notes.found.append(finding("path-unsafe", error.told, path, reader.identifier))
                item = None
            except DeliveryError as error:
                reader.notes.found.append(finding("document-unreadable", error.told, path, reader.identifier))
                item = None
            findings += reader.notes.found
            used |= reader.used
            shown |= reader.shown
            if item:
                items.append(item)
    for image, view_row in rows_of_views.items():
        if image not in shown and image in folder.files:
            message = told(
                "{source}, line {line}: no document shows {image}; name it in its images",
                source=view_row.source,
                line=view_row.line,
                image=image,
            )
            findings.append(finding("views-row-unknown", message, view_row.source))
    return Reading(tuple(items), tuple(findings), frozenset(used))


def _column(header: str) -> _Column:
    name, at, language = header.partition("@")
    return _Column(canonical(name), (bcp47(language) or None) if at else None)


def _unknown_columns(table: Table, columns: list[_Column]) -> list[Finding]:
    findings = []
    for header, column in zip(table.header, columns, strict=True):
        if not header or column.name in KNOWN or column.name in _OWN:
            continue
        is_dublin_core = column.name.startswith(("dc:", "dcterms:"))
        message = told(
            "{path}, line 1: the column {header!r} is not known; it is kept in the source record only",
            path=table.path,
            header=header,
        )
        findings.append(
            finding(
                "column-unknown", message, table.path, severity=Severity.WARNING if is_dublin_core else Severity.INFO
            )
        )
    return findings


class _RowReader:
    """One row being read."""

    def __init__(
        self,
        folder: Folder,
        table: Table,
        columns: list[_Column],
        row: Row,
        context: Context,
        view_rows: dict[str, ViewRow],
        sidecars: Sidecars,
    ) -> None:
        self.folder, self.table, self.row, self.context = folder, table, row, context
        self.view_rows, self.sidecars = view_rows, sidecars
        self.statements = [
            Statement(column.name, part, column.language)
            for column, cell in zip(columns, row.cells, strict=False)
            for part in split_values(cell)
        ]
        self.identifier = self._only("dc:identifier")
        self.notes = Notes(table.path, self.identifier, row.line)
        self.used: set[str] = set()
        self.shown: set[str] = set()
        for position, column in enumerate(columns):
            if (row.line, position) in table.typed and column.name != "not_before":
                self._typed(table.header[position], row.cells[position])

    def read(self) -> DeliveredItem | None:
        """Return the document of this row, or None where it cannot be one; findings are in `notes`."""
        if any(self.row.cells[len(self.table.header) :]):
            self.notes.add("row-width", told("has more cells than the header; check separators and quotation marks"))
            return None
        if not self.identifier:
            self.notes.add("identifier-missing", told("has no dc:identifier; give each row its own"))
            return None
        description = describe(
            (statement for statement in self.statements if statement.name in KNOWN), self.context, self.notes
        )
        views = self._views()
        if not views:
            self.notes.add("views-none", told("names no image; list them in the column images"))
        if description is None:
            return None
        return DeliveredItem(
            identifier=self.identifier,
            description=description,
            views=views,
            source=SourceRecord(self.table.path, "text/csv", write_row(self.table.header, self.row.cells)),
            structure=read_structure(self._each("structure"), len(views), self.notes),
            ark=self._ark(),
            former_urls=self._each("former_url"),
            former_oai_identifiers=self._each("former_oai"),
            collections=tuple(dict.fromkeys((*self.context.collections, *self._each("collections")))),
            viewing_direction=self._direction(),
            paged=self._flag("paged"),
            thumbnail_view=self._thumbnail(len(views)),
        )

    def _typed(self, header: str, day: str) -> None:
        self.notes.add(
            "date-typed-by-spreadsheet",
            told(
                "{header} holds a day and not a text; {day} is taken: where the document says less, format "
                "the column as text and type it again",
                header=header,
                day=day,
            ),
        )

    def _each(self, name: str) -> tuple[str, ...]:
        return tuple(statement.value for statement in self.statements if statement.name == name)

    def _only(self, name: str) -> str:
        return next(iter(self._each(name)), "")

    def _ark(self) -> str:
        said = self._only("ark")
        parts = split_ark(said)
        if said and not parts:
            self.notes.add("value-not-understood", told("ark {said!r} is not of the form ark:/12345/name", said=said))
        return f"ark:/{parts[0]}/{parts[1]}" if parts else ""

    def _direction(self) -> str:
        said = self._only("viewing_direction").lower()
        if said and said not in _DIRECTIONS:
            self.notes.add(
                "value-not-understood",
                told("viewing_direction {said!r} is not one of {names}", said=said, names=", ".join(_DIRECTIONS)),
            )
        return said if said in _DIRECTIONS else _DIRECTIONS[0]

    def _flag(self, name: str) -> bool:
        said = fold(self._only(name))
        if said and said not in _YES | _NO:
            self.notes.add("value-not-understood", told("{name} {said!r} is neither yes nor no", name=name, said=said))
        return said in _YES

    def _thumbnail(self, count: int) -> int | None:
        said = self._only("thumbnail")
        if not said:
            return None
        if not said.isdecimal() or len(said) > 9 or not 1 <= int(said) <= count:
            self.notes.add(
                "value-not-understood",
                told("thumbnail {said!r} is not a view number from 1 to {count}", said=said[:20], count=count),
            )
            return None
        return int(said)

    def _views(self) -> tuple[DeliveredView, ...]:
        images = [found for said in self._each("images") for found in self._images(said)]
        for path, times in Counter(image.path for image in images).items():
            if times > 1:
                self.notes.add(
                    "value-not-understood",
                    told("the image {path} is named {times} times; each makes a view", path=path, times=times),
                )
        views = []
        for number, image in enumerate(images, start=1):
            self.shown.add(image.path)
            if not image.found:
                where = told("{path}, line {line}", path=self.table.path, line=self.row.line)
                message = told(
                    "{where}: view f{number} needs image {path}, which is not in the delivery; ask the supplier for it",
                    where=where,
                    number=number,
                    path=image.path,
                )
                self.notes.found.append(finding("master-missing", message, self.table.path, self.identifier, number))
            else:
                self.used.add(image.path)
                if image.how is How.INEXACT:
                    self.notes.add(
                        "path-inexact",
                        told("an image was found as {path}, which is not its exact name", path=image.path),
                    )
            views.append(self._view(number, image))
        return tuple(views)

    def _view(self, number: int, image: Resolved) -> DeliveredView:
        row = self.view_rows.get(image.path)
        text = self.sidecars.of(image.path) if image.found or self.context.brings else None
        view = DeliveredView(number, image.path, row.notes if row else ViewNotes(), text)
        if row and row.alto:
            target = resolve(self.folder, row.alto, source=row.source, line=row.line, beside=("alto", "ALTO"))
            if not target.found:
                message = told(
                    "{source}, line {line}: the ALTO {alto} is not in the delivery; ask the supplier for it",
                    source=row.source,
                    line=row.line,
                    alto=row.alto,
                )
                self.notes.found.append(finding("text-missing", message, row.source, self.identifier, number))
            view = replace(view, text=target.path if target.found else None)
        if view.text:
            self.used.add(view.text)
        return view

    def _images(self, said: str) -> list[Resolved]:
        if "*" in said or "?" in said:
            return self._matching(said)
        if said.endswith(("/", "\\")):
            return self._matching(said + "*")
        return [resolve(self.folder, said, source=self.table.path, line=self.row.line, beside=(IMAGES_FOLDER,))]

    def _matching(self, pattern: str) -> list[Resolved]:
        plain = pattern.replace("\\", "/").removeprefix("./")
        if plain.startswith("/") or ".." in plain.split("/") or re.match(r"^[A-Za-z]:", plain):
            raise UnsafePath(
                told(
                    "{path}, line {line}: the pattern {pattern!r} may leave the delivery; name a folder inside it",
                    path=self.table.path,
                    line=self.row.line,
                    pattern=pattern[:200],
                )
            )
        here = self.table.path.rpartition("/")[0]
        for base in dict.fromkeys((here, f"{here}/{IMAGES_FOLDER}".lstrip("/"), self.folder.payload.rstrip("/"))):
            shape = f"{base}/{plain}".lstrip("/")
            found = _fitting(self.folder, shape)
            if found:
                return [Resolved(path, How.EXACT) for path in sorted(found, key=lambda path: (natural_key(path), path))]
        self.notes.add(
            "master-missing",
            told("no image fits {pattern!r}; correct the pattern or ask the supplier for the images", pattern=pattern),
        )
        return []


def _fitting(folder: Folder, pattern: str) -> list[str]:
    """Return the images whose folder and name fit a pattern, part by part: `*` stays in its folder, `[` means itself."""
    place, _, name = fold_path(pattern).rpartition("/")
    wanted = place.replace("[", "[[]").split("/")
    places = [place] if not _WILDCARD.search(place) else list(folder.images_by_folder)
    shape = name.replace("[", "[[]")
    start = _WILDCARD.split(name)[0]
    found = []
    for candidate in places:
        parts = candidate.split("/")
        if len(parts) != len(wanted) or not all(map(fnmatchcase, parts, wanted)):
            continue
        images = folder.images_by_folder.get(candidate, [])
        for position in range(bisect_left(images, (start, "")), len(images)):
            folded, path = images[position]
            if not folded.startswith(start):
                break
            if fnmatchcase(folded, shape):
                found.append(path)
    return found


READER = Reader(
    kind="table",
    title=told("table"),
    expected=told("a table (CSV or XLSX) whose header has dc:identifier and dc:title, with the images that it names"),
    find=_find,
    read=_read,
)
