"""What a benchmark says: tables, floors and aims with reached or not, and the same between markers in the docs."""

import argparse
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "performance.md"


@dataclass(frozen=True, slots=True)
class Mark:
    """A floor (below it the run fails) or an aim: what was measured, and what is wanted at least or at most.

    Without a unit it is a count.
    """

    what: str
    value: float
    wanted: float
    is_floor: bool = True
    at_most: bool = False
    unit: str = "×"

    @property
    def is_reached(self) -> bool:
        """Whether it was reached."""
        return self.value <= self.wanted if self.at_most else self.value >= self.wanted

    @property
    def row(self) -> tuple[str, ...]:
        """The mark as a line of a table."""
        kind, bound = "floor" if self.is_floor else "aim", "≤" if self.at_most else "≥"
        verdict = "reached" if self.is_reached else "**not reached**"
        wanted, value = (f"{each:.2f} {self.unit}" if self.unit else f"{each:g}" for each in (self.wanted, self.value))
        return kind, self.what, f"{bound} {wanted}", value, verdict


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; the first column to the left, the others to the right."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *rows))


def marks_table(marks: Sequence[Mark]) -> str:
    """Return floors and aims as a table."""
    head, rule = ("", "what", "wanted", "measured", ""), ("---", "---", "---:", "---:", "---")
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *(mark.row for mark in marks)))


def machine() -> str:
    """Return in one line what it was measured on and when."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    return (
        f"Measured on {day}: {cores} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}."
    )


def options(title: str, **defaults: int) -> argparse.ArgumentParser:
    """Return the command line that all benchmarks share; `defaults` are whole numbers that may be given otherwise."""
    parser = argparse.ArgumentParser(description=title)
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=value, help=f"default {value}")
    parser.add_argument("--quick", action="store_true", help="little of everything: to try the script, not to measure")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/explanation/performance.md")
    return parser


def finish(section: str, text: str, marks: Sequence[Mark], *, write: bool) -> int:
    """Print everything, write it into the docs where asked; return the exit status: 1 where a floor is missed."""
    whole = f"{machine()}\n\n{text}\n\n{marks_table(marks)}\n"
    print(f"\n{whole}")
    if write:
        write_section(section, whole)
    missed = [mark.what for mark in marks if mark.is_floor and not mark.is_reached]
    for what in missed:
        print(f"below its floor: {what}")
    return 1 if missed else 0


def write_section(section: str, text: str, page: Path = PAGE) -> None:
    """Put a text between the markers of a section. Raises SystemExit where the page has no such markers."""
    begin, end = f"<!-- {section}: written by benchmarks/{section}.py -->", f"<!-- end of {section} -->"
    old = page.read_text(encoding="utf-8")
    between = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not between.search(old):
        raise SystemExit(f"{page} lacks the markers {begin!r} and {end!r}; add them where the section shall stand")
    page.write_text(between.sub(lambda _: f"{begin}\n{text}{end}", old), encoding="utf-8")
