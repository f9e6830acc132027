"""The rates by which a delivery is judged: how many of how many, and how many there may be."""

from collections.abc import Iterable
from dataclasses import dataclass

from server.delivery.values import Delivery, Finding, Severity
from server.quality.checking import Report


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate: `found` of `of`; `limit` is the share that may not be passed, None where the rate is told only."""

    name: str
    fr: str
    en: str
    found: int
    of: int
    limit: float | None = None

    @property
    def share(self) -> float:
        """The rate from 0 to 1."""
        return self.found / self.of if self.of else 0.0

    @property
    def is_beyond(self) -> bool:
        """Whether the limit is exceeded."""
        return self.limit is not None and self.share > self.limit


def rates(report: Report, delivery: Delivery) -> tuple[Rate, ...]:
    """Return the rates of a check: an error anywhere is one too many, warnings are told."""
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    warnings = [finding for finding in report.findings if finding.severity is Severity.WARNING]
    views = sum(len(item.views) for item in delivery.items)
    documents = len({item.identifier for item in delivery.items} | set(report.refused_items))
    return (
        Rate("views-error", "Vues en erreur", "Views with an error", _views(errors), views, 0),
        Rate("documents-error", "Documents en erreur", "Documents with an error", _documents(errors), documents, 0),
        Rate(
            "errors-elsewhere", "Erreurs de la livraison elle-même, parmi toutes les erreurs",
            "Errors of the delivery itself, among all errors",
            sum(not finding.item for finding in errors), len(errors), 0,
        ),
        Rate("views-warning", "Vues à vérifier", "Views to look at", _views(warnings), views),
    )  # fmt: skip


def _views(findings: Iterable[Finding]) -> int:
    return len({(finding.item, finding.view) for finding in findings if finding.view})


def _documents(findings: Iterable[Finding]) -> int:
    return len({finding.item for finding in findings if finding.item})
