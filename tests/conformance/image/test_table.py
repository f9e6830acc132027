"""The table of rules is whole: no sentence without its test, no test without its sentence, and the page says the same."""

from dataclasses import replace

import pytest

from tests.conformance.image.serving import KNOWN, Server
from tests.conformance.image.table import PAGE, VERSIONS, Rule, Table, conformance_tests, gaps, page, read_table


def marked(version: str) -> dict[str, tuple[str, ...]]:
    """Return the rows of a version that each conformance test is marked with."""
    tests = list(conformance_tests())
    names = [test.__name__ for test in tests if version in test.proves]  # type: ignore[attr-defined]  # a mark of ours
    assert len(names) == len(set(names)), "two tests have one name"
    return {test.__name__: test.proves[version] for test in tests if version in test.proves}  # type: ignore[attr-defined]


def changed(table: Table, at: int, **values: object) -> Table:
    """Return a table with one rule changed."""
    rules = list(table.rules)
    rules[at] = replace(rules[at], **values)  # type: ignore[arg-type]  # fields by name
    return replace(table, rules=tuple(rules))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_sentence_has_its_test_and_every_test_its_sentence(version: str) -> None:
    assert gaps(read_table(version), marked(version)) == []


def test_every_conformance_test_is_marked_with_a_version_that_is_kept() -> None:
    for test in conformance_tests():
        assert set(test.proves) <= set(VERSIONS)  # type: ignore[attr-defined]  # a mark of ours
        assert all(test.proves.values())  # type: ignore[attr-defined]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_gap_in_the_table_is_seen(version: str) -> None:
    table, tests = read_table(version), marked(version)
    client = next(at for at, rule in enumerate(table.rules) if rule.binds == "client")
    must = next(at for at, rule in enumerate(table.rules) if rule.keywords == ("MUST",) and rule.test)
    broken = {
        "has no test": changed(table, 0, test=""),
        "does not exist": changed(table, 0, test="test_2_nothing"),
        "not marked with it": changed(table, 0, test=table.rules[1].test),
        "names another test": changed(table, 0, test=table.rules[1].test),
        "nobody": changed(table, 0, binds="everybody"),
        "names a test": changed(table, client, test="test_2_nothing"),
        "why no broken server": changed(table, must, no_variant="too hard"),
        "no recommendation": changed(table, must, deviation="we would rather not"),
        "stands twice": replace(table, rules=(*table.rules, table.rules[0])),
        "the text": replace(table, rules=table.rules[:-1]),
        "not numbered from 1": replace(table, rules=table.rules[1:]),
        "the table has": replace(table, counts=table.counts | {"99": {"sentences": 1, "MUST": 1}}),
    }
    for said, spoiled in broken.items():
        assert any(said in gap for gap in gaps(spoiled, tests)), said
    assert any("names another test or none" in gap for gap in gaps(table, tests | {"test_99_new": ("99.1",)}))
    name = next(iter(tests))
    renamed = {("test_99_" + key if key == name else key): rows for key, rows in tests.items()}
    assert any("does not carry the section" in gap for gap in gaps(table, renamed))


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_page_says_is_not_offered_is_not(version: str, servers: dict[str, Server]) -> None:
    absent = {rule.not_offered for rule in read_table(version).rules} - {""}
    assert absent == ({"seeAlso", "service"} if version == "3.0" else set())
    for known in KNOWN:
        assert not absent & set(servers[version].info(known))
        assert not any({"format", "profile"} & set(one) for one in servers[version].info(known).get("partOf", []))


def test_a_rule_of_clients_needs_no_test() -> None:
    rule = Rule("1", 1, ("MUST",), "client", "clients wait")
    assert gaps(Table("3.0", {"1": {"sentences": 1, "MUST": 1}}, (rule,), ()), {}) == []


def test_page_of_the_documentation_is_written_from_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.conformance.image.table"
