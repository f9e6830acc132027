"""The findings as a table for the supplier: CSV as spreadsheets in France open it, one row a finding."""

import csv
import io

from server.delivery.values import Delivery
from server.quality.checking import Report
from server.quality.html import words
from server.quality.registry import definitions

HEADER = ("document", "vue", "fichier", "sha256", "gravité", "famille", "règle", "constat", "détail")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(report: Report, delivery: Delivery) -> str:
    """Return the table in French: separated by semicolons, with a byte-order mark; the detail is in English."""
    known = {rule.name: rule for rule in definitions()}
    masters = {(item.identifier, view.number): view.master for item in delivery.items for view in item.views}
    french = words()["fr"]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    for finding in report.findings:
        rule = known.get(finding.rule)
        path = masters.get((finding.item, finding.view or 0), finding.path)
        family = rule.family if rule else ""
        cells = (
            finding.item,
            f"f{finding.view}" if finding.view else "",
            path,
            delivery.files.get(path, ""),
            french[finding.severity.value],
            french["families"].get(family, family),
            finding.rule,
            rule.fr if rule else "",
            finding.message,
        )
        writer.writerow([_as_text(cell) for cell in cells])
    return "\ufeff" + out.getvalue()


def _as_text(cell: str) -> str:
    # what a spreadsheet would take for a formula is shown as text
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
