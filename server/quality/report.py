"""A report for people (tables on the screen) and for programs (JSON). The JSON's shape is fixed: see `SCHEMA`."""

import json
from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from server.delivery.values import Finding, Severity
from server.quality.checking import Report
from server.quality.comparison import Comparison
from server.quality.registry import definitions

SCHEMA = "vitrine-report/1"
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: ""}
_SHOWN = 200


def to_json(report: Report, comparison: Comparison | None = None) -> str:
    """Return the report as JSON, the same bytes for the same delivery: no clock, no machine's own paths.

    `comparison` is told where the delivery replaces others.
    """
    return json.dumps(
        {
            "schema": SCHEMA,
            "delivery": {
                "name": report.name,
                "kind": report.kind,
                "digest": f"sha256:{report.digest}",
                "files": report.files,
                "bytes": report.bytes,
                "views": report.views,
                "pixels": report.pixels,
                "items": list(report.items),
            },
            "passed": report.passed,
            "counts": {severity.value: report.counts.get(severity, 0) for severity in Severity},
            "refused_items": list(report.refused_items),
            "findings": [_as_json(finding) for finding in report.findings],
            "rules": {
                definition.name: {
                    "family": definition.family,
                    "severity": definition.severity.value,
                    "fr": definition.fr,
                    "en": definition.en,
                }
                for definition in definitions()
            },
            **({"comparison": _compared(comparison)} if comparison else {}),
        },
        ensure_ascii=False,
        indent=2,
    )


def render_text(report: Report, console: Console) -> None:
    """Write the report to a console: what was looked at, what was found, what follows from it."""
    kind = {"mets": "METS", "table": "table"}.get(report.kind.removeprefix("bagit/"), report.kind)
    packed = " in a BagIt package" if report.kind.startswith("bagit/") else ""
    console.print(
        Text.assemble(
            (_printable(report.name), "bold"),
            f": {kind}{packed}, {_count(len(report.items), 'document')}, {_count(report.views, 'view')}, "
            f"{_count(report.files, 'file')}, {report.bytes / 1e6:,.1f} MB, {report.pixels / 1e6:,.1f} Mpx",
        )
    )
    console.print(f"digest sha256:{report.digest}", style="dim")
    if report.findings:
        console.print(_by_rule(report))
        console.print(_findings(report.findings[:_SHOWN]))
        if len(report.findings) > _SHOWN:
            console.print(f"… and {len(report.findings) - _SHOWN:,} more: ask for the report as JSON to see all")
    errors, warnings = report.counts.get(Severity.ERROR, 0), report.counts.get(Severity.WARNING, 0)
    if report.passed:
        seen = f", {_count(warnings, 'warning')} to look at" if warnings else ""
        console.print(Text.assemble(("No error", "green"), f"{seen}: the delivery can be accepted."))
        return
    refused = report.refused_items
    others = len(report.items) - len(set(refused) & set(report.items))
    where = f" in {_count(len(refused), 'document')}; {_count(others, 'document')} without an error of its own"
    console.print(Text.assemble((_count(errors, "error"), "red"), f"{where if refused else ''}."))


def _compared(comparison: Comparison) -> dict[str, object]:
    return {
        "replaces": list(comparison.replaced),
        "counts": comparison.counts,
        "views": [
            {"item": item, "view": view, "change": change} for (item, view), change in comparison.changes.items()
        ],
        "gone": [{"item": view.item, "view": view.number, "path": view.path} for view in comparison.gone],
    }


def _as_json(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "item": finding.item or None,
        "view": finding.view,
        "path": finding.path or None,
        "message": finding.message,
    }


def _by_rule(report: Report) -> Table:
    families = {definition.name: (definition.family, definition.en) for definition in definitions()}
    table = Table(title="Rules that found something", title_justify="left")
    for column, justify in (
        ("family", "left"),
        ("rule", "left"),
        ("weight", "left"),
        ("times", "right"),
        ("what it means", "left"),
    ):
        table.add_column(column, justify=justify, overflow="fold")  # type: ignore[arg-type]  # rich wants a literal
    counted = Counter((finding.severity, finding.rule) for finding in report.findings)
    for (severity, name), times in sorted(
        counted.items(), key=lambda entry: (list(Severity).index(entry[0][0]), entry[0][1])
    ):
        family, meaning = families.get(name, ("", ""))
        table.add_row(family, name, _mark(severity), f"{times:,}", meaning)
    return table


def _findings(findings: tuple[Finding, ...]) -> Table:
    table = Table(title="Findings", title_justify="left")
    table.add_column("weight")
    table.add_column("document", overflow="fold")
    table.add_column("view", justify="right")
    table.add_column("what and remedy", overflow="fold", ratio=1)
    for finding in findings:
        view = f"f{finding.view}" if finding.view else ""
        said = Text(_printable(finding.message), overflow="fold")
        table.add_row(_mark(finding.severity), Text(_printable(finding.item), overflow="fold"), view, said)
    return table


def _mark(severity: Severity) -> Text:
    return Text(severity.value, style=_COLOURS[severity])


def _printable(text: str) -> str:
    # what a supplier wrote must not steer the terminal that it is shown on
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
