"""The findings as a table for the supplier: CSV as spreadsheets in France open it, one row a finding."""

import csv
import io

from server.delivery.values import Delivery
from server.quality.checking import Report
from server.quality.html import words
from server.quality.registry import definitions

HEADERS = {
    "fr": ("document", "vue", "fichier", "sha256", "gravité", "famille", "règle", "constat", "détail"),
    "en": ("document", "view", "file", "sha256", "severity", "family", "rule", "finding", "details"),
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(report: Report, delivery: Delivery, language: str = "fr") -> str:
    """Return the table in a language: separated by semicolons, with a byte-order mark."""
    known = {rule.name: rule for rule in definitions()}
    masters = {(item.identifier, view.number): view.master for item in delivery.items for view in item.views}
    named = words()[language]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADERS[language])
    for finding in report.findings:
        rule = known.get(finding.rule)
        path = masters.get((finding.item, finding.view or 0), finding.path)
        family = rule.family if rule else ""
        cells = (
            finding.item,
            f"f{finding.view}" if finding.view else "",
            path,
            delivery.files.get(path, ""),
            named[finding.severity.value],
            named["families"].get(family, family),
            finding.rule,
            (rule.fr if language == "fr" else rule.en) if rule else "",
            finding.message.into(language),
        )
        writer.writerow([_as_text(cell) for cell in cells])
    return "\ufeff" + out.getvalue()


def _as_text(cell: str) -> str:
    # what a spreadsheet would take for a formula is shown as text
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
