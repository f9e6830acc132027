"""What documents cost, from the order: a table with a column for the shelfmark, and columns of amounts.

Columns of amounts begin with coût, prix, montant, tarif, cost, price or amount. Amounts are written `12.50`, `12,50 €`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from server.errors import DeliveryError, FormatError
from server.formats.table import MAX_TABLE_BYTES, read_table
from server.model.words import fold
from server.told import told

_SHELFMARK = ("shelfmark", "cote", "identifier", "identifiant", "dc identifier")
_AMOUNT = ("cout", "prix", "montant", "tarif", "cost", "price", "amount")
_WRITTEN = re.compile(r"^(-?\d{1,9})(?:[.,](\d{1,4}))?$")


@dataclass(frozen=True, slots=True)
class Costs:
    """The amounts of an order: the headers of their columns, and by folded shelfmark one for each, None where empty."""

    columns: tuple[str, ...] = ()
    rows: dict[str, tuple[float | None, ...]] | None = None

    def of(self, *names: str) -> tuple[float | None, ...]:
        """Return what a document costs, by the first of its names that the order has."""
        rows = self.rows or {}
        return next((rows[fold(name)] for name in names if name and fold(name) in rows), (None,) * len(self.columns))


def read_costs(path: Path) -> Costs:
    """Read the amounts of an order. Raises FormatError with the line, DeliveryError where it cannot be read."""
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise FormatError(path.name, told("is far too large for a table"), told("give the order alone"))
        table = read_table(path.read_bytes(), path.name)
    except OSError as error:
        raise DeliveryError(
            told("{path}: cannot be read: {strerror}; name a table in CSV", path=str(path), strerror=error.strerror)
        ) from None
    heads = [fold(head.replace(":", " ").replace("_", " ")) for head in table.header]
    named = next((place for place, head in enumerate(heads) if head in _SHELFMARK), None)
    if named is None:
        raise FormatError(
            path.name, told("no column is called shelfmark or cote"), told("name the columns in the first row"), 1
        )
    amounts = [place for place, head in enumerate(heads) if head.startswith(_AMOUNT)]
    rows: dict[str, tuple[float | None, ...]] = {}
    for row in table.rows:
        name = row.cells[named] if named < len(row.cells) else ""
        if not name:
            raise FormatError(
                path.name, told("this row has no shelfmark"), told("give one, or remove the row"), row.line
            )
        cells = [row.cells[place] if place < len(row.cells) else "" for place in amounts]
        rows[fold(name)] = tuple(_amount(path.name, row.line, cell) for cell in cells)
    return Costs(tuple(table.header[place] for place in amounts), rows)


def _amount(path: str, line: int, cell: str) -> float | None:
    plain = re.sub(r"[\s\u202f\u00a0]|€|EUR", "", cell)
    if not plain:
        return None
    match = _WRITTEN.match(plain)
    if match is None:
        raise FormatError(path, told("{cell!r} is no amount", cell=cell[:40]), told("write it as 12.50"), line)
    return float(f"{match[1]}.{match[2] or 0}")
