"""The table of rules of OAI-PMH 2.0 and of the faults of the peers, each with the test that proves it.

`rules.toml` holds it; `python -m tests.conformance.oai.table` writes `docs/reference/oai-pmh-conformance.md` from it.
"""

import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[2] / "docs" / "reference" / "oai-pmh-conformance.md"

HEAD = """\
# Conformance to OAI-PMH 2.0

What the [specification](https://www.openarchives.org/OAI/openarchivesprotocol.html) asks of a repository, in our words, by
section, with the test that proves it; then what other repositories were seen to do wrong. Every response in these tests is
checked against the official schemas where they are at hand. The tests also run against repositories that are broken on
purpose (`tests/conformance/oai/test_broken.py`), which they must find out: the last column names them. This page is
written by `python -m tests.conformance.oai.table` from `tests/conformance/oai/rules.toml`.
"""


def load() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the rules and the faults."""
    held: dict[str, Any] = tomllib.loads((HERE / "rules.toml").read_text(encoding="utf-8"))
    return held["rule"], held["fault"]


def write() -> str:
    """Return the page."""
    rules, faults = load()
    lines = [HEAD, "## The specification\n", "| section | rule | test |", "|---|---|---|"]
    lines += [f"| {each['section']} | {each['rule']} | `{_name(each)}` |" for each in rules]
    lines += [
        "\n## Faults of other repositories\n",
        "| where | fault | test | broken on purpose |",
        "|---|---|---|---|",
    ]
    lines += [f"| {each['peer']} | {each['fault']} | `{_name(each)}` | {each.get('broken', '')} |" for each in faults]
    return "\n".join(lines) + "\n"


def _name(entry: dict[str, str]) -> str:
    return entry["test"].partition(".")[2]


if __name__ == "__main__":
    PAGE.write_text(write(), encoding="utf-8")
