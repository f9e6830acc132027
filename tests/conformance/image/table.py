"""The table of rules: every sentence of the two specifications that obliges, and the test that proves it.

`rules_3_0.toml` and `rules_2_1.toml` hold it, in our words; `python -m tests.conformance.image.table` writes the page
`docs/reference/image-api-conformance.md` from it. `[counts]` tells, for each section, how many sentences of the published
text oblige and how often each word stands in them: a sentence that the table forgets is a number that does not agree.
"""

import importlib
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[2] / "docs" / "reference" / "image-api-conformance.md"
VERSIONS = ("3.0", "2.1")
BOUND = ("server", "client", "front server")
"""Whom a rule can bind. The front server is the nginx of `deploy/`: a rule of it is proved on its configuration."""

HEAD = """\
# Conformance to the IIIF Image API

Every sentence of the specifications [3.0](https://iiif.io/api/image/3.0/) and [2.1](https://iiif.io/api/image/2.1/), and
of their compliance documents (*compliance 3.1* is section 3.1 there), that obliges a server or its info.json, in our
words, with the test that proves it; and the features beyond that are offered. A sentence that binds clients alone has no
test. *Required* and *Recommended* stand in the specifications' tables; small letters are the specification's own. This
page is written by `python -m tests.conformance.image.table` from `tests/conformance/image/rules_*.toml`; the tests lie
beside them, and also run against broken servers, which they must find out.
"""

T = TypeVar("T", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence. `deviation` tells why a recommendation is not followed; the test then proves what is done instead.

    `no_variant` tells why no server that is broken on purpose can show the test red. `not_offered` names the property of
    info.json that the sentence is about where our server has none: only broken servers are judged by it then.
    """

    section: str
    number: int
    keywords: tuple[str, ...]
    binds: str
    rule: str
    test: str = ""
    deviation: str = ""
    no_variant: str = ""
    not_offered: str = ""

    @property
    def name(self) -> str:
        """What a test is marked with: `4.2.1`, `compliance 3.2.1`."""
        return f"{self.section}.{self.number}"


@dataclass(frozen=True, slots=True)
class Offered:
    """Something that the specification leaves open and the server does. `name` is what a test is marked with."""

    name: str
    section: str
    rule: str
    test: str


@dataclass(frozen=True, slots=True)
class Table:
    """All of one version. `counts` has, for each section, the number of sentences and of each keyword."""

    version: str
    counts: dict[str, dict[str, int]]
    rules: tuple[Rule, ...]
    offered: tuple[Offered, ...]

    @property
    def proofs(self) -> dict[str, str]:
        """The test of every row that needs one, by the row's name."""
        rows = {rule.name: rule.test for rule in self.rules if rule.binds != "client"}
        return rows | {row.name: row.test for row in self.offered}


def proves(version: str, *rows: str) -> Callable[[T], T]:
    """Mark a test as the proof of rows of a version's table."""

    def mark(test: T) -> T:
        marks: dict[str, tuple[str, ...]] = getattr(test, "proves", {})
        test.proves = marks | {version: (*marks.get(version, ()), *rows)}  # type: ignore[attr-defined]  # a mark of ours
        return test

    return mark


def read_table(version: str) -> Table:
    """Read a version's table."""
    with (HERE / f"rules_{version.replace('.', '_')}.toml").open("rb") as file:
        data = tomllib.load(file)
    rules = tuple(Rule(**(row | {"keywords": tuple(row["keywords"])})) for row in data["rule"])
    return Table(version, data["counts"], rules, tuple(Offered(**row) for row in data["offered"]))


def conformance_tests() -> Iterator[Callable[..., Any]]:
    """Return every marked test of this folder, module by module."""
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(f"tests.conformance.image.{path.stem}")
        for name, found in vars(module).items():
            if name.startswith("test_") and hasattr(found, "proves") and found.__module__ == module.__name__:
                yield found


def gaps(table: Table, tests: dict[str, tuple[str, ...]]) -> list[str]:
    """Return what is wrong with a table; `tests` are the rows that each marked test names. Empty where nothing is."""
    found = []
    names = [*(rule.name for rule in table.rules), *(row.name for row in table.offered)]
    found += [f"{name} stands twice" for name, times in Counter(names).items() if times > 1]
    for rule in table.rules:
        if rule.binds not in BOUND:
            found.append(f"{rule.name} binds {rule.binds}, which is nobody")
        if rule.binds == "client" and rule.test:
            found.append(f"{rule.name} binds clients and names a test")
        if rule.deviation and not {"SHOULD", "SHOULD NOT", "RECOMMENDED", "should"}.intersection(rule.keywords):
            found.append(f"{rule.name} is no recommendation: it cannot be left unfollowed")
        if rule.no_variant and (rule.binds == "client" or len(rule.no_variant.split()) < 5):
            found.append(f"{rule.name} does not say in words why no broken server can show its test red")
    for name, test in table.proofs.items():
        if not test:
            found.append(f"{name} has no test")
        elif test not in tests:
            found.append(f"{name} names {test}, which does not exist or is not marked")
        elif name not in tests[test]:
            found.append(f"{name} names {test}, which is not marked with it")
    for test, rows in tests.items():
        found += [
            f"{test} is marked with {name}, which names another test or none"
            for name in rows
            if table.proofs.get(name) != test
        ]
        if rows and not any(re.match(rf"test_{slug(name)}(_|$)", test) for name in sections(table, rows)):
            found.append(f"{test} does not carry the section of what it proves")
    return found + miscounts(table)


def miscounts(table: Table) -> list[str]:
    """Return the sections in which rows and sentences of the published text do not agree."""
    found = []
    for section in sorted({rule.section for rule in table.rules} | set(table.counts)):
        rules = [rule for rule in table.rules if rule.section == section]
        counted = table.counts.get(section, {})
        words = Counter(word for rule in rules for word in rule.keywords) | Counter({"sentences": len(rules)})
        if dict(words) != counted:
            found.append(f"section {section}: the table has {dict(words)}, the text {counted}")
        if [rule.number for rule in rules] != list(range(1, len(rules) + 1)):
            found.append(f"section {section}: its rows are not numbered from 1")
    return found


def sections(table: Table, rows: tuple[str, ...]) -> set[str]:
    """Return the sections of rows."""
    known = {rule.name: rule.section for rule in table.rules} | {row.name: row.section for row in table.offered}
    return {known[name] for name in rows if name in known}


def slug(section: str) -> str:
    """Return a section as it stands in the name of a test: `compliance_3_1`."""
    return re.sub(r"[^a-z0-9]+", "_", section.lower())


def page() -> str:
    """Return the page of the documentation."""
    parts = [HEAD]
    for version in VERSIONS:
        table = read_table(version)
        parts.append(f"\n## Image API {version}\n\n| section | says | rule | test |\n|---|---|---|---|\n")
        for rule in table.rules:
            proof = f"`{rule.test}`" if rule.test else "binds clients"
            note = f" **Not followed:** {rule.deviation}" if rule.deviation else ""
            if rule.not_offered:
                note += f" **Not offered:** our info.json has no `{rule.not_offered}`; judged where it is present"
            parts.append(
                f"| {rule.section}, {rule.number} | {', '.join(rule.keywords)} | {rule.rule}{note} | {proof} |\n"
            )
        parts.append(f"\n### Offered beyond what {version} obliges to\n\n| section | what | test |\n|---|---|---|\n")
        parts += [f"| {row.section} | {row.rule} | `{row.test}` |\n" for row in table.offered]
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
