import re
import subprocess
from datetime import date
from pathlib import Path

import pytest

from server.portal.statement import DATA, STATES, Criterion, Statement, Theme, read_statement

THEMES = [9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12]
"""How many criteria each theme of RGAA 4.1 has."""


def test_all_106_criteria_are_there_with_evidence() -> None:
    statement = read_statement()
    assert [len(theme.criteria) for theme in statement.themes] == THEMES
    assert statement.criteria == 106
    assert sum(map(statement.count, STATES)) == 106
    assert all(all(criterion.title.values()) for theme in statement.themes for criterion in theme.criteria)


def test_a_criterion_without_evidence_is_refused(tmp_path: Path) -> None:
    text = DATA.read_text(encoding="utf-8")
    wrong = tmp_path / "rgaa.toml"
    wrong.write_text(re.sub(r'"axe image-alt[^"]*"', '""', text, count=1), encoding="utf-8")
    with pytest.raises(ValueError, match=r"1\.1"):
        read_statement(wrong)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ("tested tested absent person", "none"),
        ("tested kept kept absent", "full"),
        ("tested kept broken absent", "partial"),
        ("tested broken broken absent", "none"),
        ("tested broken absent absent", "partial"),
    ],
)
def test_conformity_is_what_the_criteria_say(states: str, said: str) -> None:
    criteria = tuple(Criterion(f"1.{number}", state, {}, "x") for number, state in enumerate(states.split()))
    assert Statement(date(2026, 1, 1), (Theme(1, {}, criteria),)).conformity == said


_TEST = re.compile(r"(tests/[a-z_/]+\.py)::(test_\w+)")
_RULE = re.compile(r"\baxe ([a-z-]+)")


def test_evidence_names_tests_that_exist(repository: Path) -> None:
    for path, name in _TEST.findall(DATA.read_text(encoding="utf-8")):
        assert re.search(rf"^def {name}\(", (repository / path).read_text(encoding="utf-8"), re.MULTILINE), (
            f"{path}::{name}"
        )


def test_evidence_names_rules_that_are_asked_of_every_page(repository: Path, node: Path) -> None:
    tags = re.search(r'ALL_RULES = .*?"values": (\[[^]]*\])', (repository / "tests/browser/axe.py").read_text())
    assert tags is not None
    told = subprocess.run(
        [node, "-e", f"console.log(require('./node_modules/axe-core').getRules({tags[1]}).map((r) => r.ruleId).join())"],
        cwd=repository, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    named = {
        rule for theme in read_statement().themes for each in theme.criteria for rule in _RULE.findall(each.evidence)
    }
    assert named
    assert named <= set(told.strip().split(","))


def test_what_is_said_to_be_tested_names_a_test_or_a_rule() -> None:
    for theme in read_statement().themes:
        for criterion in theme.criteria:
            if criterion.state == "tested":
                assert _TEST.search(criterion.evidence) or _RULE.search(criterion.evidence), criterion.number
