"""The table of rules has no gap: every rule has a test, every test a rule, every fault its broken repository."""

from types import ModuleType

from tests.conformance.oai import table
from tests.conformance.oai import test_lists as lists
from tests.conformance.oai import test_requests as requests
from tests.conformance.oai.test_broken import BROKEN
from tests.integration import test_oai_harvest as harvest
from tests.property import test_harvest_histories as histories
from tests.property import test_rule_histories as rules
from tests.unit.oai import test_formats as formats
from tests.unit.portal import test_harvest_pages as pages
from tests.unit.publish import test_publish as publish
from tests.unit.publish import test_repositories as repositories

SUITE = {"lists": lists, "requests": requests}
"""Modules of which each test is in the table."""

OTHERS = {
    "harvest": harvest, "histories": histories, "rules": rules, "formats": formats, "pages": pages, "publish": publish,
    "repositories": repositories,
}  # fmt: skip
"""Modules of which some are."""

FAULTS_OF_PEERS = {
    "invenio-oaiserver": 5, "oai-repo": 4, "DSpace": 2, "Omeka S": 2, "Kitodo.Presentation": 3, "Dataverse": 1,
    "DOAJ, OJS, VuFind": 2, "oaipmh toolkit": 14,
}  # fmt: skip
"""How many faults ../shared/requirements/oai-pmh.md tells of each."""


def named(modules: dict[str, ModuleType]) -> set[str]:
    return {f"{module}.{name}" for module, found in modules.items() for name in vars(found) if name.startswith("test_")}


def test_every_rule_and_fault_has_a_test_and_every_test_a_rule() -> None:
    told_rules, told_faults = table.load()
    known = named(SUITE)
    assert known <= {each["test"] for each in told_rules}
    assert {each["test"] for each in (*told_rules, *told_faults)} <= known | named(OTHERS)


def test_every_fault_of_the_peers_is_there() -> None:
    _, told = table.load()
    for peer, number in FAULTS_OF_PEERS.items():
        found = {each["fault"] for each in told if peer in each["peer"]}
        assert len(found) >= number, peer
    assert len({(each["peer"], each["fault"]) for each in told}) == len(told)


def test_every_fault_that_names_a_broken_repository_has_it_and_there_are_enough() -> None:
    _, told = table.load()
    assert {each["broken"] for each in told if "broken" in each} <= set(BROKEN)
    assert len(BROKEN) >= 10


def test_the_page_is_what_the_table_says() -> None:
    assert table.PAGE.read_text(encoding="utf-8") == table.write(), "run python -m tests.conformance.oai.table"
