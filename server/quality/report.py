"""A report for people (tables on the screen) and for programs (JSON). The JSON's shape is fixed: see `SCHEMA`."""

import json
from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from server.delivery.values import WEIGHT_NAMES, Finding, Severity
from server.quality.checking import Report
from server.quality.comparison import Comparison
from server.quality.rates import ShownRate, show_rates
from server.quality.registry import definitions
from server.told import Told, counted, printable, told

SCHEMA = "vitrine-report/1"
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: ""}
_SHOWN = 200
_SHOWN_KNOWN = 50


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
            "contract": report.contract,
            "order": report.order or None,
            "passed": report.passed,
            "counts": {severity.value: report.counts.get(severity, 0) for severity in Severity},
            "rates": [
                {
                    "rule": rate.rule, "found": rate.found, "looked_at": rate.looked_at, "accepted": rate.accepted,
                    "exceeded": rate.exceeded,
                }
                for rate in report.rates
            ],
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
    )  # fmt: skip


def render_text(report: Report, console: Console, language: str = "fr") -> None:
    """Write the report to a console: what was looked at, by which contract, what was found, by which rates, what follows."""
    screen = _Screen(console, language)
    screen.head(report)
    faults = [finding for finding in report.findings if not finding.known]
    known = [finding for finding in report.findings if finding.known]
    if faults:
        screen.rules(faults)
        screen.findings(told("Findings"), faults, _SHOWN)
    if known:
        screen.findings(told("Known before, by the condition report: no faults of this delivery"), known, _SHOWN_KNOWN)
    screen.rates(show_rates(report))
    screen.verdict(report)


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
    known = {"known": finding.known} if finding.known else {}
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "item": finding.item or None,
        "view": finding.view,
        "path": finding.path or None,
        "message": finding.message,
        "message_fr": finding.message.into("fr"),
        **finding.message.parts(),
        **known,
    }


class _Screen:
    """A console, and the language that is spoken on it."""

    def __init__(self, console: Console, language: str) -> None:
        self._console, self._language = console, language

    def head(self, report: Report) -> None:
        kind = {"mets": "METS", "table": self._say(told("table"))}.get(report.kind.removeprefix("bagit/"), report.kind)
        packed = told("{kind} in a BagIt package", kind=kind) if report.kind.startswith("bagit/") else kind
        said = told(
            ": {kind}, {documents}, {views}, {files}, {size:,.1f} MB, {pixels:,.1f} Mpx",
            kind=packed,
            documents=counted(len(report.items), "{n:,} document", "{n:,} documents"),
            views=counted(report.views, "{n:,} view", "{n:,} views"),
            files=counted(report.files, "{n:,} file", "{n:,} files"),
            size=report.bytes / 1e6,
            pixels=report.pixels / 1e6,
        )
        self._console.print(Text.assemble((printable(report.name), "bold"), self._say(said)))
        self._console.print(self._say(told("digest sha256:{digest}", digest=report.digest)), style="dim")
        label = report.label.get(self._language, report.contract)
        self._console.print(self._say(told("Contract: {label} ({name})", label=label, name=report.contract)))
        if report.order:
            self._console.print(self._say(told("Order: {order}", order=printable(report.order))))

    def rules(self, findings: Iterable[Finding]) -> None:
        meanings = {rule.name: (rule.family, rule.fr if self._language == "fr" else rule.en) for rule in definitions()}
        table = self._table(told("Rules that found something"))
        for column, justify in (
            (told("family"), "left"), (told("rule"), "left"), (told("weight"), "left"), (told("times"), "right"),
            (told("what it means"), "left"),
        ):  # fmt: skip
            table.add_column(self._say(column), justify=justify, overflow="fold")  # type: ignore[arg-type]  # rich wants a literal
        times_found = Counter((finding.severity, finding.rule) for finding in findings)
        for (severity, name), times in sorted(
            times_found.items(), key=lambda entry: (list(Severity).index(entry[0][0]), entry[0][1])
        ):
            family, meaning = meanings.get(name, ("", ""))
            table.add_row(
                self._say(FAMILY_NAMES.get(family, family)), name, self._mark(severity), f"{times:,}", meaning
            )
        self._console.print(table)

    def findings(self, title: Told, findings: list[Finding], most: int) -> None:
        table = self._table(title)
        table.add_column(self._say(told("weight")))
        table.add_column(self._say(told("document")), overflow="fold")
        table.add_column(self._say(told("view")), justify="right")
        table.add_column(self._say(told("what and remedy")), overflow="fold", ratio=1)
        for finding in findings[:most]:
            view = f"f{finding.view}" if finding.view else ""
            said = Text(printable(finding.message.into(self._language)), overflow="fold")
            table.add_row(self._mark(finding.severity), Text(printable(finding.item), overflow="fold"), view, said)
        self._console.print(table)
        if len(findings) > most:
            more = told("… and {more:,} more: ask for the report as JSON to see all", more=len(findings) - most)
            self._console.print(self._say(more))

    def rates(self, rates: Iterable[ShownRate]) -> None:
        table = self._table(told("Rates"))
        table.add_column(self._say(told("criterion")), overflow="fold", ratio=1)
        for column in (told("found"), told("rate"), told("limit")):
            table.add_column(self._say(column), justify="right")
        table.add_column(self._say(told("result")))
        for rate in rates:
            limit = "–" if rate.limit is None else self._say(told("{share:.4g} %", share=100 * rate.limit))
            outcome = Text("–")
            if rate.limit is not None:
                is_beyond = rate.is_beyond
                outcome = Text(
                    self._say(told("exceeded") if is_beyond else told("kept")), "red" if is_beyond else "green"
                )
            table.add_row(
                rate.fr if self._language == "fr" else rate.en,
                f"{rate.found:,} / {rate.of:,}",
                self._say(told("{share:.4g} %", share=100 * rate.share)),
                limit,
                outcome,
            )
        self._console.print(table)

    def verdict(self, report: Report) -> None:
        errors, warnings = report.counts.get(Severity.ERROR, 0), report.counts.get(Severity.WARNING, 0)
        if report.passed:
            seen = counted(warnings, ", {n:,} warning to look at", ", {n:,} warnings to look at")
            self._console.print(
                Text.assemble(
                    (self._say(told("No error")), "green"),
                    self._say(told("{seen}: the delivery can be accepted.", seen=seen if warnings else "")),
                )
            )
            return
        refused = report.refused_items
        others = len(report.items) - len(set(refused) & set(report.items))
        where = told(
            " in {refused}; {others} without an error of its own",
            refused=counted(len(refused), "{n:,} document", "{n:,} documents"),
            others=counted(others, "{n:,} document", "{n:,} documents"),
        )
        shown = self._say(counted(errors, "{n:,} error", "{n:,} errors"))
        self._console.print(Text.assemble((shown, "red"), f"{self._say(where) if refused else ''}."))

    def _say(self, said: str) -> str:
        return said.into(self._language) if isinstance(said, Told) else said

    def _table(self, title: Told) -> Table:
        return Table(title=self._say(title), title_justify="left")

    def _mark(self, severity: Severity) -> Text:
        return Text(self._say(WEIGHT_NAMES[severity]), style=_COLOURS[severity])


FAMILY_NAMES = {
    "reading": told("reading"), "description": told("description"), "files": told("files"),
    "structure": told("structure"), "integrity": told("integrity"), "naming": told("naming"), "image": told("image"),
    "picture": told("picture"), "text": told("text"), "order": told("order"), "acceptance": told("acceptance"),
}  # fmt: skip
"""The families of rules, as a person reads them."""
