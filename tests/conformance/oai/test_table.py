"""The table of rules has no gap: every rule has a test, every test a rule, every fault its broken repository."""

from tests.conformance.oai import table
from tests.conformance.oai import test_lists as lists
from tests.conformance.oai import test_requests as requests
from tests.conformance.oai.test_broken import BROKEN

MODULES = {"lists": lists, "requests": requests}


def test_every_rule_and_fault_has_a_test_and_every_test_a_rule() -> None:
    rules, faults = table.load()
    known = {
        f"{module}.{name}" for module, found in MODULES.items() for name in vars(found) if name.startswith("test_")
    }
    assert {each["test"] for each in rules} == known
    assert {each["test"] for each in faults} <= known


def test_every_fault_that_names_a_broken_repository_has_it_and_there_are_enough() -> None:
    _, faults = table.load()
    assert {each["broken"] for each in faults if "broken" in each} <= set(BROKEN)
    assert len(BROKEN) >= 10


def test_the_page_is_what_the_table_says() -> None:
    assert table.PAGE.read_text(encoding="utf-8") == table.write(), "run python -m tests.conformance.oai.table"
