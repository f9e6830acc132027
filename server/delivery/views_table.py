"""Views tables: a CSV that says of single images what they show, how they are numbered, what is written on them.

Any CSV whose header has `image` and one of the columns that say something of it (`kind`, `label`, `description` …);
docs/reference/delivery-table.md defines the columns. Nothing here is specific to one kind of delivery.
"""

import re
from dataclasses import dataclass, replace

from server.delivery.folder import Folder
from server.delivery.mets_views import view_kind
from server.delivery.paths import How, resolve
from server.delivery.rules import finding
from server.delivery.tables import files_with, tables_with
from server.delivery.values import Finding, Severity
from server.errors import DeliveryError, UnsafePath
from server.formats.table import Row, Table
from server.model.description import Text
from server.model.languages import bcp47
from server.model.view import Author, ViewDescription, ViewKind, ViewNotes
from server.model.words import fold
from server.told import told

COLUMNS = (
    "image", "kind", "label", "public", "alto", "description", "description_language", "description_by",
    "transcription", "transcription_language", "missing_before", "missing_after",
)  # fmt: skip
_ONCE = ("kind", "label", "public", "alto", "missing_before", "missing_after")
_TELLING = {"kind", "label", "alto", "description", "transcription", "missing_before", "missing_after"}
_OTHERS = {"dc:identifier", "longitude", "latitude"}
"""Columns of the other tables of a delivery: of documents, of control points."""

_NO = frozenset({"non", "no", "0", "false", "faux", "n"})
_YES = frozenset({"", "oui", "yes", "1", "true", "vrai", "o", "y"})
_MACHINE = frozenset({"machine", "automatique", "auto", "ia", "ai", "generated"})
_HUMAN = frozenset({"", "human", "humain", "humaine", "person", "personne"})


@dataclass(frozen=True, slots=True)
class ViewRow:
    """What views tables say of one image; `alto` is the path as written, `said` are the columns that were filled."""

    notes: ViewNotes
    alto: str
    source: str
    line: int
    said: frozenset[str] = frozenset()


def is_items_header(line: str) -> bool:
    """Return whether a first line is the header of an items table."""
    names = _names(line)
    return "dc:identifier" in names and any(name == "dc:title" or name.startswith("dc:title@") for name in names)


def is_views_header(line: str) -> bool:
    """Return whether a first line is the header of a views table; that of control points is none, though it has `label`."""
    names = _names(line)
    return "image" in names and bool(names & _TELLING) and not names & _OTHERS


def read_views_tables(folder: Folder) -> tuple[dict[str, ViewRow], list[Finding], set[str]]:
    """Return what the views tables of a delivery say, by the path of the image; findings; the paths of the tables."""
    rows: dict[str, ViewRow] = {}
    findings: list[Finding] = []
    paths: set[str] = set()
    for path in files_with(folder, is_views_header):
        paths.add(path)
        try:
            tables = tables_with(folder, path, is_views_header)
        except DeliveryError as error:
            findings.append(finding("document-unreadable", error.told, path))
            continue
        for table in tables:
            _read_table(folder, table, rows, findings)
    return rows, findings, paths


def _read_table(folder: Folder, table: Table, rows: dict[str, ViewRow], findings: list[Finding]) -> None:
    path = table.path
    names = [name.lower() for name in table.header]
    findings += [
        finding(
            "column-unknown",
            told("{path}, line 1: the column {name!r} is not known", path=path, name=name),
            path,
            severity=Severity.INFO,
        )
        for name in table.header
        if name and name.lower() not in COLUMNS
    ]
    for row in table.rows:
        _read_row(folder, table, dict(zip(names, row.cells, strict=False)), row, rows, findings)


def split_values(cell: str) -> list[str]:
    """Return the values of a cell: those between bars that stand between spaces or at its ends."""
    values = [""]
    parts = cell.split("|")
    for position, part in enumerate(parts):
        values[-1] += part
        if position + 1 < len(parts):
            after = parts[position + 1]
            is_separator = (not part or part[-1].isspace()) and (not after or after[0].isspace())
            if is_separator:
                values.append("")
            else:
                values[-1] += "|"
    return [value.strip() for value in values if value.strip()]


def _read_row(
    folder: Folder, table: Table, cells: dict[str, str], row: Row, rows: dict[str, ViewRow], findings: list[Finding]
) -> None:
    where = told("{path}, line {line}", path=table.path, line=row.line)
    said = cells.get("image", "")
    try:
        image = resolve(folder, said, source=table.path, line=row.line, beside=("images",))
    except UnsafePath as error:
        findings.append(finding("path-unsafe", error.told, table.path))
        return
    if not image.found:
        findings.append(
            finding(
                "views-row-unknown",
                told("{where}: there is no image {said!r} in the delivery", where=where, said=said),
                table.path,
            )
        )
        if image.how is not How.MISSING or not image.path:
            return  # else it is kept: a delivery that brings only descriptions has no image at all

    def unknown(column: str, value: str) -> None:
        findings.append(
            finding(
                "value-not-understood",
                told("{where}: {column} {value!r} is not understood", where=where, column=column, value=value),
                table.path,
            )
        )

    kind = _kind(cells.get("kind", ""))
    if kind is None:
        unknown("kind", cells["kind"])
    public = fold(cells.get("public", ""))
    if public not in _YES | _NO:
        unknown("public", cells["public"])
    by = fold(cells.get("description_by", ""))
    if by not in _MACHINE | _HUMAN:
        unknown("description_by", cells["description_by"])
    for column in ("description_language", "transcription_language"):
        if cells.get(column) and not bcp47(cells[column]):
            unknown(column, cells[column])
    description = Text(cells.get("description", ""), bcp47(cells.get("description_language", "")) or None)
    transcription = Text(cells.get("transcription", ""), bcp47(cells.get("transcription_language", "")) or None)
    author = Author.MACHINE if by in _MACHINE else Author.HUMAN
    found = ViewRow(
        notes=ViewNotes(
            kind=kind or ViewKind.PAGE,
            # what is not understood is not shown: a view that was meant to be hidden must not appear by a typing error
            public=public in _YES,
            label=cells.get("label", ""),
            descriptions=(ViewDescription(description, author),) if description.value else (),
            transcriptions=(transcription,) if transcription.value else (),
            missing_before=_missing(cells.get("missing_before", "")),
            missing_after=_missing(cells.get("missing_after", "")),
        ),
        alto=cells.get("alto", ""),
        source=table.path,
        line=row.line,
        said=frozenset(column for column in _ONCE if cells.get(column)),
    )
    before = rows.get(image.path)
    rows[image.path], contradicted = _merged(before, found) if before else (found, [])
    if before and contradicted:
        message = told(
            "{where}: {path} has another {names} on line {line} of {source}, which counts; this row is "
            "left out. Say it once, and give a further row only texts in another language",
            where=where,
            path=image.path,
            names=", ".join(contradicted),
            line=before.line,
            source=before.source,
        )
        findings.append(finding("value-not-understood", message, table.path))


def _merged(first: ViewRow, second: ViewRow) -> tuple[ViewRow, list[str]]:
    """Return both rows as one, and the columns in which they contradict each other: then the first counts alone.

    A further row adds what was not said yet, above all texts in another language. A view that any row hides is hidden.
    """
    one, two = first.notes, second.notes
    values = {"kind": (one.kind, two.kind), "label": (one.label, two.label), "public": (one.public, two.public),
              "alto": (first.alto, second.alto), "missing_before": (one.missing_before, two.missing_before),
              "missing_after": (one.missing_after, two.missing_after)}  # fmt: skip
    twice = first.said & second.said
    contradicted = [column for column, (a, b) in values.items() if column in twice and a != b]
    told = {description.text.language: description.text.value for description in one.descriptions}
    if any(told.get(new.text.language, new.text.value) != new.text.value for new in two.descriptions):
        contradicted.append("description")
    written = {text.language: text.value for text in one.transcriptions}
    if any(written.get(new.language, new.value) != new.value for new in two.transcriptions):
        contradicted.append("transcription")
    public = one.public and two.public
    if contradicted:
        return replace(first, notes=replace(one, public=public)), contradicted
    notes = ViewNotes(
        kind=two.kind if "kind" in second.said else one.kind,
        public=public,
        label=one.label or two.label,
        descriptions=one.descriptions + tuple(new for new in two.descriptions if new.text.language not in told),
        transcriptions=one.transcriptions + tuple(new for new in two.transcriptions if new.language not in written),
        missing_before=one.missing_before or two.missing_before,
        missing_after=one.missing_after or two.missing_after,
    )
    return replace(first, notes=notes, alto=first.alto or second.alto, said=first.said | second.said), []


def _missing(cell: str) -> tuple[str, ...]:
    """Return the labels of missing pages: one a value, empty where a value only says `?`."""
    return tuple("" if value == "?" else value for value in split_values(cell))


def _kind(said: str) -> ViewKind | None:
    if not said or fold(said) in ("page", "vue", "view"):
        return ViewKind.PAGE
    try:
        return ViewKind(said.strip().lower().replace("_", "-").replace(" ", "-"))
    except ValueError:
        return view_kind(said)


def _names(line: str) -> set[str]:
    return {part.strip(" \"'") for part in re.split(r"[;,\t]", line)}
