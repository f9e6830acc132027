"""The rates by which a delivery is judged, in words: what blocks, then what the contract counts."""

from collections.abc import Iterable
from dataclasses import dataclass

from server.delivery.values import Finding, Severity
from server.quality.checking import Report
from server.quality.registry import definitions

_TOGETHER = {
    "views": ("Vues avec une erreur ou un point à vérifier", "Views with an error or something to look at"),
    "documents": ("Documents avec une erreur", "Documents with an error"),
}


@dataclass(frozen=True, slots=True)
class ShownRate:
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


def show_rates(report: Report) -> tuple[ShownRate, ...]:
    """Return the rates of a check: a blocking fault is one too many, for the others the contract has the limit."""
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    named = {rule.name: (rule.fr.rstrip("."), rule.en.rstrip(".")) for rule in definitions()} | _TOGETHER
    return (
        ShownRate(
            "views-blocked", "Vues avec un défaut bloquant", "Views with a blocking fault",
            _views(errors), report.views, 0,
        ),
        ShownRate(
            "errors-elsewhere", "Erreurs sans vue (document, livraison), parmi les erreurs",
            "Errors without a view (document, delivery), among the errors",
            sum(finding.view is None for finding in errors), len(errors), 0,
        ),
        *(
            ShownRate(
                rate.rule, *named.get(rate.rule, (rate.rule, rate.rule)), rate.found, rate.looked_at,
                rate.accepted / 100 if rate.accepted < 100 else None,
            )
            for rate in report.rates
        ),
    )  # fmt: skip


def _views(findings: Iterable[Finding]) -> int:
    return len({(finding.item, finding.view) for finding in findings if finding.view})
