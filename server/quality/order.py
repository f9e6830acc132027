"""The order (bon de commande) and the condition report (constat d'état), as tables that a person keeps.

CSV or anything that `server/formats/table.py` reads. Headers are in French or English, whatever their case and accents. An order
has a row a document: its shelfmark, and as far as it was said the number of views and the resolution. A condition report has
a row a defect: the shelfmark, the view or views, what is wrong with the original. What it names is known: it is told
of, but is no fault of the supplier. A mistake names file, line, fault and remedy.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from server.delivery.values import Finding, Severity
from server.errors import DeliveryError, FormatError
from server.formats.table import MAX_TABLE_BYTES, Row, Table, read_table
from server.model.words import fold
from server.told import either, told

_SHELFMARK = ("shelfmark", "cote", "identifier", "identifiant", "dc identifier")
_VIEWS = ("views", "vues", "nombre de vues", "number of views")
_DPI = ("dpi", "resolution", "ppp")
_DEFECTS = ("defects", "defauts", "etat", "condition", "constat")
_VIEW = ("view", "vue", "page", "folio")
_DEFECT = ("defect", "defaut", "etat", "constat", "description")
_PLACES = re.compile(
    r"^(?:f|v|vues?|views?|p)?\.?\s*(\d{1,6})(?:\s*(?:-|–|à|to)\s*(?:f|v|p)?\.?\s*(\d{1,6}))?$", re.IGNORECASE
)
_SEVERAL = re.compile(r"\s*[,;&]\s*|\s+et\s+|\s+and\s+")
_IN_ORDER = re.compile(r"^\s*(?P<places>[^:]{1,80}):\s*(?P<said>.+)$")

COVERED: dict[str, tuple[str, ...]] = {
    "picture-blank": ("blanc", "vierge", "vide", "blank", "empty", "efface", "faded", "pale"),
    "picture-duplicate": ("double", "duplicate", "repet"),
    "picture-skew": ("travers", "oblique", "skew", "gondol", "ondul", "warped", "deform", "pli", "fold"),
    "picture-border": ("dechir", "torn", "tear", "lacun", "manqu", "coin", "corner", "brul", "burn"),
    "picture-margin": ("coupe", "rogn", "cut", "crop", "reliure", "binding", "serre", "tight", "dechir", "torn", "lacun"),
    "picture-focus": ("flou", "blur", "gondol", "ondul", "warped", "efface", "faded", "pale"),
    "picture-clipping": ("pale", "faded", "efface", "sombre", "dark", "noirci", "brul", "burn"),
    "picture-cast": ("tach", "stain", "jauni", "yellow", "mouill", "humid", "water", "rousseur", "fox", "color", "colour", "teint"),
    "picture-outlier": (
        "tach", "stain", "mouill", "humid", "water", "pale", "faded", "efface", "sombre", "dark", "noirci", "depliant", "foldout",
        "fold-out", "format", "size", "rogn", "crop",
    ),
    "name-sequence": ("manqu", "missing", "lacun", "absent"),
    "order-views": ("manqu", "missing", "lacun", "absent"),
    "alto-confidence": ("tach", "stain", "pale", "faded", "efface", "illisible", "illegible", "mouill"),
    "alto-empty": ("blanc", "vierge", "vide", "blank", "illisible", "illegible", "efface"),
}  # fmt: skip
"""Which rules a defect explains, by how its words begin, folded. Another word explains whatever is seen in the picture."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A row of the order; `views` and `dpi` are 0 where they were not said."""

    shelfmark: str
    views: int
    dpi: float
    line: int


@dataclass(frozen=True, slots=True)
class Defect:
    """A defect of the original: of views `first` to `last`, or of the whole document where both are 0."""

    shelfmark: str
    first: int
    last: int
    said: str
    source: str
    line: int

    def explains(self, found: Finding, shelfmark: str = "") -> bool:
        """Tell whether a finding, in a document of that shelfmark, is what the condition report says."""
        if fold(self.shelfmark) not in {fold(found.item), fold(shelfmark)}:
            return False
        if self.first and found.view is not None and not self.first <= found.view <= self.last:
            return False
        if self.first and found.view is None:
            return False
        words = fold(self.said).split()
        rules = [rule for rule, stems in COVERED.items() if any(word.startswith(stems) for word in words)]
        return found.rule in rules if rules else found.rule.startswith("picture-")


@dataclass(frozen=True, slots=True)
class Order:
    """What was ordered, and what was known of the originals; `path` is empty where only a condition report was given."""

    path: str = ""
    rows: tuple[Ordered, ...] = ()
    defects: tuple[Defect, ...] = ()


def read_order(order: Path | None, condition: Path | None) -> Order:
    """Read an order and a condition report, either may be missing. Raises FormatError, DeliveryError."""
    rows: list[Ordered] = []
    defects: list[Defect] = []
    if order:
        table = _table(order)
        shelfmark, views = _column(table, _SHELFMARK, needed=True), _column(table, _VIEWS)
        dpi, said = _column(table, _DPI), _column(table, _DEFECTS)
        seen: dict[str, int] = {}
        for row in table.rows:
            name = _cell(row, shelfmark)
            if not name:
                raise FormatError(
                    table.path, told("this row has no shelfmark"), told("give one, or remove the row"), row.line
                )
            if fold(name) in seen:
                fault = told("{name} stands in line {line} already", name=name, line=seen[fold(name)])
                raise FormatError(table.path, fault, told("order each document once"), row.line)
            seen[fold(name)] = row.line
            number = _number(table, row, views, told("number of views"), 1_000_000)
            rows.append(Ordered(name, int(number), _number(table, row, dpi, told("resolution"), 10_000), row.line))
            for part in filter(None, (one.strip() for one in _cell(row, said).split("|"))):
                match = _IN_ORDER.match(part)
                if match and _PLACES.match(_SEVERAL.split(match["places"].strip())[0]):
                    defects += _defects(table, row, name, match["places"], match["said"])
                else:
                    defects.append(Defect(name, 0, 0, part, table.path, row.line))
    if condition:
        table = _table(condition)
        shelfmark, view = _column(table, _SHELFMARK, needed=True), _column(table, _VIEW)
        said = _column(table, _DEFECT, needed=True)
        for row in table.rows:
            name, defect = _cell(row, shelfmark), _cell(row, said)
            if not name or not defect:
                missing = told("this row has no defect") if name else told("this row has no shelfmark")
                raise FormatError(table.path, missing, told("give one, or remove the row"), row.line)
            defects += _defects(table, row, name, _cell(row, view), defect)
    return Order(order.name if order else "", tuple(rows), tuple(defects))


def told_before(found: Iterable[Finding], order: Order, shelfmarks: Mapping[str, str] | None = None) -> list[Finding]:
    """Return the findings; those that a condition report explains are told, and are no faults.

    `shelfmarks` are those of documents whose identifier is another, by their identifiers.
    """
    marks = shelfmarks or {}
    weighed = []
    for each in found:
        known = next((defect for defect in order.defects if defect.explains(each, marks.get(each.item, ""))), None)
        if known is None:
            weighed.append(each)
            continue
        where = told("{path}, line {line}: {said}", path=known.source, line=known.line, said=known.said)
        message = told("{message} (known before: {where})", message=each.message, where=where)
        weighed.append(replace(each, severity=Severity.INFO, known=where, message=message))
    return weighed


def _defects(table: Table, row: Row, name: str, places: str, said: str) -> list[Defect]:
    if not places.strip():
        return [Defect(name, 0, 0, said, table.path, row.line)]
    found = []
    for place in _SEVERAL.split(places.strip()):
        match = _PLACES.match(place)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if match is None or first < 1 or last < first:
            remedy = told("give numbers of views, such as 3, 7-9; leave the cell empty for the whole document")
            raise FormatError(table.path, told("{place!r} is no view", place=place[:40]), remedy, row.line)
        found.append(Defect(name, first, last, said, table.path, row.line))
    return found


def _table(path: Path) -> Table:
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise FormatError(path.name, told("is far too large for a table"), told("give the order alone"))
        return read_table(path.read_bytes(), path.name)
    except OSError as error:
        raise DeliveryError(
            told("{path}: cannot be read: {strerror}; name a table in CSV", path=str(path), strerror=error.strerror)
        ) from None


def _column(table: Table, names: tuple[str, ...], *, needed: bool = False) -> int | None:
    for place, header in enumerate(table.header):
        if fold(header.replace(":", " ").replace("_", " ")) in names:
            return place
    if needed:
        raise FormatError(
            table.path,
            told("no column is called {names}", names=either(names[:2])),
            told("name the columns in the first row"),
            1,
        )
    return None


def _cell(row: Row, column: int | None) -> str:
    return row.cells[column] if column is not None and column < len(row.cells) else ""


def _number(table: Table, row: Row, column: int | None, what: str, most: int) -> float:
    written = re.sub(r"\s*(?:dpi|ppp|vues?|views?)\s*$", "", _cell(row, column), flags=re.IGNORECASE)
    if not written:
        return 0.0
    if not re.fullmatch(r"\d{1,9}(?:[.,]\d{1,3})?", written) or not 0 < float(written.replace(",", ".")) <= most:
        raise FormatError(
            table.path,
            told("{written!r} is no {what}", written=written[:40], what=what),
            told("give a number from 1 to {most:,}", most=most),
            row.line,
        )
    return float(written.replace(",", "."))
