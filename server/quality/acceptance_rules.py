"""Acceptance: the rates above which a contract refuses a whole delivery.

They are counted over the findings of all other rules, so `server/quality/checking.py` does it; here stands the
definition.
"""

from collections.abc import Iterable

from server.delivery.values import Finding, Severity
from server.quality.examine import Examined
from server.quality.registry import Rule, rule


@rule(
    "rate-exceeded", "acceptance", Severity.ERROR,
    fr="Plus de vues ou de documents ont un défaut que le contrat n’en accepte.",
    en="More views or documents have a fault than the contract accepts.",
)  # fmt: skip
def rate_exceeded(_examined: Examined, _this: Rule) -> Iterable[Finding]:
    """Nothing is found by looking at files: see `server.quality.checking.judge`."""
    return ()
