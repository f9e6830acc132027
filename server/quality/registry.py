"""The rules of quality control: one function each, registered by its decorator.

A rule is given what was examined (`server/quality/examine.py`) and yields findings. Adding one is a function in a
module of this package whose name ends in `_rules`, and a line in docs/reference/quality-rules.md.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import server.quality
from server.delivery.rules import READING_RULES, RuleDefinition
from server.delivery.values import Finding, Severity
from server.quality.examine import Examined

RuleFunction = Callable[[Examined, "Rule"], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and its function."""

    definition: RuleDefinition
    check: RuleFunction

    def finding(self, message: str, path: str = "", item: str = "", view: int | None = None) -> Finding:
        """Return a finding of this rule, with its weight."""
        return Finding(self.definition.name, self.definition.severity, message, path, item, view)


_RULES: dict[str, Rule] = {}


def rule(name: str, family: str, severity: Severity, *, fr: str, en: str) -> Callable[[RuleFunction], RuleFunction]:
    """Register a function as a rule under a name, with its weight and its definition in French and English."""

    def register(function: RuleFunction) -> RuleFunction:
        assert name not in {**_RULES, **READING_RULES}, f"two rules are called {name}"
        _RULES[name] = Rule(RuleDefinition(name, family, severity, fr, en), function)
        return function

    return register


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Return every registered rule, in the order of their families and names."""
    for module in sorted(pkgutil.iter_modules(server.quality.__path__), key=lambda module: module.name):
        if module.name.endswith("_rules"):
            importlib.import_module(f"server.quality.{module.name}")
    return tuple(sorted(_RULES.values(), key=lambda found: (found.definition.family, found.definition.name)))


def definitions() -> tuple[RuleDefinition, ...]:
    """Return the definition of everything that a report may hold: of reading and of checking."""
    known = [*READING_RULES.values(), *(found.definition for found in rules())]
    return tuple(sorted(known, key=lambda definition: (definition.family, definition.name)))
