"""The accessibility statement (RGAA 4.1): what is known of each criterion, from `rgaa.toml`, and nothing more. No flask.

`docs/rgaa.md` is written from the same file (`make docs`), so that page and documentation say the same.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

DATA = Path(__file__).with_name("rgaa.toml")
STATES = ("tested", "absent", "person", "kept", "broken")
"""Shown by an automatic test on every kind of page; about what no page has; not judged until a person looks; judged by
a person, who found that it is kept, or broken."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion of RGAA 4.1 and what is known of it; `evidence` says what shows it, in English."""

    number: str
    state: str
    title: dict[str, str]
    evidence: str


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme of RGAA with its criteria."""

    number: int
    title: dict[str, str]
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What the statement is made of."""

    established: date
    themes: tuple[Theme, ...]

    def count(self, state: str) -> int:
        """Return how many criteria are in a state."""
        return sum(criterion.state == state for theme in self.themes for criterion in theme.criteria)

    @property
    def conformity(self) -> str:
        """What may be said: `none` until a person has judged all that only a person can, then `partial` or `full`.

        RGAA 4.1, statement: partly compliant from half of the criteria that apply on.
        """
        applying = self.criteria - self.count("absent")
        good = self.count("tested") + self.count("kept")
        if self.count("person") or 2 * good < applying:
            return "none"
        return "partial" if self.count("broken") else "full"

    @property
    def criteria(self) -> int:
        """How many criteria there are."""
        return sum(len(theme.criteria) for theme in self.themes)


def read_statement(path: Path = DATA) -> Statement:
    """Read the statement. Raises ValueError naming a criterion whose state is none, or that has no evidence."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    themes = []
    for number, theme in enumerate(found["theme"], start=1):
        criteria = tuple(
            Criterion(f"{number}.{place}", state, {"fr": french, "en": english}, evidence)
            for place, (state, french, english, evidence) in enumerate(theme["criteria"], start=1)
        )
        for criterion in criteria:
            if criterion.state not in STATES or not criterion.evidence:
                raise ValueError(f"{path.name}, {criterion.number}: it has a state of {', '.join(STATES)} and evidence")
        themes.append(Theme(number, {"fr": theme["fr"], "en": theme["en"]}, criteria))
    return Statement(found["established"], tuple(themes))
