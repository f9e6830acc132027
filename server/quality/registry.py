"""The rules of quality control: one function each, registered by its decorator with its thresholds.

A rule is given what was examined (`server/quality/examine.py`) and yields findings. Adding one is a function in a
module of this package whose name ends in `_rules`; docs/reference/quality-rules.md is written from it. What a contract
says of a rule (`server/quality/contract.py`) comes to it as its `setting`.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType

import server.quality
from server.delivery.rules import READING_RULES, RuleDefinition
from server.delivery.values import Finding, Severity
from server.quality.examine import Examined
from server.told import Told

RuleFunction = Callable[[Examined, "Rule"], Iterable[Finding]]
Value = float | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold of a rule: its key in a contract, its value where the contract is silent, its definition.

    A number lies between `least` and `most`; a tuple of words is one of `choices` each, where there are any.
    """

    name: str
    default: Value
    fr: str
    en: str
    least: float = 0.0
    most: float = 1e9
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """What a contract says of a rule: looked for or not, blocking or not, at how many views, how many may have it.

    `sampling` is the share of views looked at, `accepted` that of views looked at which may have the fault before the
    delivery is refused for it; both in per cent.
    """

    on: bool = True
    blocking: bool = False
    sampling: float = 100.0
    accepted: float = 100.0
    limits: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, its function, its thresholds, and what the contract in force says of it.

    `of_views` is true of rules that look at each view by itself: only those can be sampled, and have a rate.
    """

    definition: RuleDefinition
    check: RuleFunction
    limits: tuple[Limit, ...] = ()
    of_views: bool = False
    setting: Setting = field(default_factory=Setting)

    @property
    def default(self) -> Setting:
        """What is done where a contract is silent."""
        return Setting(
            blocking=self.definition.severity is Severity.ERROR,
            limits=MappingProxyType({limit.name: limit.default for limit in self.limits}),
        )

    @property
    def severity(self) -> Severity:
        """How much its findings weigh: an error where it blocks, else a warning, or what is only told."""
        if self.setting.blocking:
            return Severity.ERROR
        return Severity.INFO if self.definition.severity is Severity.INFO else Severity.WARNING

    def number(self, name: str) -> float:
        """Return a threshold that is a number."""
        value = self.setting.limits[name]
        assert isinstance(value, int | float)
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """Return a threshold that is a list of words; empty where nothing is asked."""
        value = self.setting.limits[name]
        assert isinstance(value, tuple)
        return value

    def text(self, name: str) -> str:
        """Return a threshold that is a text; empty where nothing is asked."""
        value = self.setting.limits[name]
        assert isinstance(value, str)
        return value

    def under(self, setting: Setting) -> "Rule":
        """Return the rule as a contract sets it."""
        return replace(self, setting=setting)

    def finding(self, message: Told, path: str = "", item: str = "", view: int | None = None) -> Finding:
        """Return a finding of this rule, with its weight."""
        return Finding(self.definition.name, self.severity, message, path, item, view)


_RULES: dict[str, Rule] = {}


def rule(
    name: str,
    family: str,
    severity: Severity,
    *,
    fr: str,
    en: str,
    limits: tuple[Limit, ...] = (),
    of_views: bool = False,
) -> Callable[[RuleFunction], RuleFunction]:
    """Register a function as a rule under a name, with its weight, its definition in both languages, its thresholds."""

    def register(function: RuleFunction) -> RuleFunction:
        assert name not in {**_RULES, **READING_RULES}, f"two rules are called {name}"
        made = Rule(RuleDefinition(name, family, severity, fr, en), function, limits, of_views)
        _RULES[name] = made.under(made.default)
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
