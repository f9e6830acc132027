"""Each writer of a metadata format is held to the rules of its format: realistic documents, hostile ones, and planted faults.

oai_dc has its schema in ../shared and is validated with it elsewhere. The schemas of the others may not be copied here;
their rules are in the tables beside this file (`grammar.py` says how they are read) and in `relations.py`. Each rule is
broken on purpose and must be found out.
"""

import copy
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from server.oai.formats.document import Document, Telling
from server.oai.formats.render import WRITERS
from tests.conformance.formats.grammar import Fault, Grammar, all_rules, judge, load_grammar, plant
from tests.conformance.formats.records import LEADERS, hostile, marc_source, realistic
from tests.conformance.formats.relations import RELATIONS, broken
from tests.conformance.formats.xpaths import Relation
from tests.support.golden import documents

GRAMMARS = {name: load_grammar(name) for name in ("oai_dcterms", "mods", "mets", "edm", "marc21", "unimarc")}
MODS = "{http://www.loc.gov/mods/v3}mods"


def written(prefix: str, document: Document, telling: Telling) -> etree._Element | None:
    """Return the record of a document; None where it has none in this format."""
    body = WRITERS[prefix].write(document, telling)
    return None if body is None else copy.deepcopy(etree.fromstring(body)[0])


def samples(prefix: str) -> Iterator[etree._Element]:
    """Yield the records of the realistic documents, each once."""
    seen = set()
    for document, telling in realistic():
        record = written(prefix, document, telling)
        if record is not None and (told := etree.tostring(record)) not in seen:
            seen.add(told)
            yield record


def faults(record: etree._Element, prefix: str) -> list[Fault | str]:
    """Return everything that a record breaks; the MODS within METS is judged as MODS."""
    alone = copy.deepcopy(record)
    found: list[Fault | str] = [*judge(alone, GRAMMARS[prefix]), *broken(alone, prefix)]
    for within in alone.iter(MODS) if prefix == "mets" else ():
        found += faults(within, "mods")
    return found


def test_every_format_but_the_one_with_a_schema_has_a_table() -> None:
    assert set(GRAMMARS) == set(WRITERS) - {"oai_dc"}
    assert {rule.format for rule in RELATIONS} == set(GRAMMARS)
    assert all(grammar.source for grammar in GRAMMARS.values())


@pytest.mark.parametrize("prefix", GRAMMARS)
def test_records_of_realistic_documents_keep_every_rule(prefix: str) -> None:
    judged = 0
    for record in samples(prefix):
        assert faults(record, prefix) == [], etree.tostring(record, encoding="unicode")
        judged += 1
    assert judged >= (1 if prefix in LEADERS else 4)


@pytest.mark.parametrize("prefix", GRAMMARS)
def test_every_rule_of_the_table_is_found_broken(prefix: str) -> None:
    grammar: Grammar = GRAMMARS[prefix]
    planted = set()
    for record in samples(prefix):
        for fault, bad in plant(record, grammar):
            if fault not in planted:
                planted.add(fault)
                assert fault in judge(bad, grammar)
    assert all_rules(grammar) - planted == set(), (
        "rules that no record of ours can break: give a sample, or take them out"
    )


@pytest.mark.parametrize("rule", RELATIONS, ids=lambda rule: f"{rule.format}: {rule.name}")
def test_every_relation_is_found_broken(rule: Relation) -> None:
    record = max(samples(rule.format), key=lambda each: len(etree.tostring(each)))
    assert rule.holds(record)
    bad = rule.breaks(record)
    assert rule.name in broken(record if bad is None else bad, rule.format)


@pytest.mark.parametrize("prefix", GRAMMARS)
def test_an_element_that_the_table_does_not_know_and_another_root_are_found(prefix: str) -> None:
    record = next(samples(prefix))
    record[0].tag = "{urn:x}other"
    assert "unknown" in {fault.rule for fault in judge(record, GRAMMARS[prefix])}
    assert [fault.rule for fault in judge(record[0], GRAMMARS[prefix])] == ["root"]


@given(hostile())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whatever_a_delivery_says_every_record_keeps_every_rule(drawn: tuple[Document, Telling]) -> None:
    for prefix in GRAMMARS:
        record = written(prefix, *drawn)
        if record is not None:
            assert faults(record, prefix) == [], etree.tostring(record, encoding="unicode")


@pytest.mark.parametrize(
    ("prefix", "given_leader", "leader"),
    [
        ("unimarc", "00000nam  2200000   450 ", "00000nam  2200000   450 "),
        ("unimarc", "00000cam 2200000 450 ", "00000cam  2200000   450 "),
        ("marc21", "01234cas a2200265   4500", "01234cas a2200265   4500"),
        ("marc21", "00000nam  2200000   450 ", "00000nam a2200000   4500"),
        ("marc21", "no leader", None),
        ("unimarc", "", None),
    ],
)
def test_a_leader_is_passed_on_spread_again_or_there_is_no_record(
    prefix: str, given_leader: str, leader: str | None
) -> None:
    document = documents()["postcard"]
    source = marc_source(prefix, given_leader)
    record = written(prefix, Document(document.item, document.addresses, "", "", "", source=source), Telling())
    if leader is None:
        assert record is None
    else:
        assert record is not None
        assert record[0].text == leader
        assert [field.get("tag") for field in record[1:]] == [
            "001",
            "009",
            "200" if prefix == "unimarc" else "245",
            "701",
        ]
