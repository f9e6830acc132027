"""Crosswalks: what a template makes of a record, and what every table must keep."""

import pytest

from server.formats.crosswalk import (
    TERMS,
    Crosswalk,
    Element,
    Rule,
    Statement,
    apply_rules,
    crosswalk_names,
    fill,
    read_crosswalk,
)
from server.formats.iso5426 import decode_iso5426
from server.formats.unimarc import Field
from server.formats.xml import parse_xml
from server.model.roles import CODES
from tests.support.notices import in_iso5426

FIELD = Field(
    "200", "", ("1", " "), (("a", "Les misérables"), ("e", "roman"), ("e", "récit"), ("f", "par Victor Hugo"))
)
XML = Element(
    parse_xml(b'<r xml:lang="fr" xmlns:x="urn:x" x:href="h"><a t="1">one</a><a t="2">two <b>three</b></a></r>', "r")
)


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("{a}", "Les misérables"),
        ("{a}[ : {e}]", "Les misérables : roman : récit"),
        ("{a}[ / {f}][ ({z})]", "Les misérables / par Victor Hugo"),
        ("{z}[ : {y}]", ""),
        ("{a:4-9}", "miséra"),
        ("{a:900-999}", ""),
        ("{@1|kinds}{@2}", "significant"),
        ("{f|names}", "Hugo, Victor"),
        ("{e|kinds}", ""),
    ],
)
def test_a_template_stands_for_what_a_field_says(template: str, made: str) -> None:
    maps = {"kinds": {"1": "significant"}, "names": {r"~par (\w+) (\w+)": r"\2, \1"}}
    assert fill(template, FIELD, maps) == made


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("a", "{.}", ["one", "two three"]),
        ("a", "{.} {@t}", ["one 1", "two three 2"]),
        (".", "{a/b}", ["three"]),
        (".", "{@href} {@lang}", ["h fr"]),
        ("//b", "{.}", ["three"]),
        ("a/c", "{.}", []),
    ],
)
def test_a_path_of_local_names_finds_elements(path: str, value: str, found: list[str]) -> None:
    table = Crosswalk("t", "T", "none", (Rule(path, "note", value, "here"),), {})
    assert [said.value for said in apply_rules(table, XML)] == found


def test_a_rule_has_conditions_an_alternative_and_heirs() -> None:
    rules = (
        Rule("a", "dc:title", "{.}", "here", when={"@t": "2"}),
        Rule("a", "dc:title", "{.}", "here", otherwise=True),
        Rule("c", "note", "{.}", "here", inherit=True),
        Rule("b", "genre", "{.}", "here"),
    )
    table = Crosswalk("t", "T", "none", rules, {})
    around = Element(parse_xml(b"<r><c>from around</c><b>not inherited</b></r>", "r"))
    assert apply_rules(table, XML, [around]) == [
        Statement("dc:title", "two three", None, {}),
        Statement("note", "from around", None, {}),
    ]


@pytest.mark.parametrize("name", crosswalk_names())
def test_every_rule_leads_to_a_term_and_has_a_source(name: str) -> None:
    table = read_crosswalk(name)
    assert table.rules
    for rule in table.rules:
        assert rule.term in TERMS
        assert rule.source
        assert not rule.each or rule.value.count("{") == 1
    assert set(table.maps.get("roles", {}).values()) <= CODES


def test_iso_5426_has_its_diacritics_before_the_letter() -> None:
    assert decode_iso5426(b"\xc2e\xc1a\xc3i\xc8u\xd0c \xfauvre \xc1\xc2e") == "éàîüç œuvre \u00e8\u0301"
    assert decode_iso5426(b"\x88Le \x89nom \xa1\xff\xc2") == "Le nom ¡\ufffd"
    for text in ("Élève à Noël, garçon", "L’œuvre, ô cœur"):
        assert decode_iso5426(in_iso5426(text)) == text
