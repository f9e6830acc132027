"""Crosswalks: from a field or a path of a source format to a term of the catalogue, as data.

One table a format, `server/formats/crosswalks/{format}.toml`; docs/reference/crosswalks.md is written from them. What
is read through a table knows nothing of it but `Node`: a MARC field, an XML element. No database.

A rule says where (`from`), which term (`to`), and what of it (`value`), with the source of the rule. In a value `{a}` is a
subfield, an attribute (`{@type}`), a path (`{p/@id}`) or the text itself (`{.}`); `{a:9-12}` are its characters from 9 to
12; `{a|roles}` is what the table's map `roles` makes of it (a key that begins with `~` is a pattern). `[ : {e}]` stands once for each `e`, and for nothing where
there is none. Of templates between ` || ` the first that says something counts. In a path `part(type=given)` is a part with that
attribute, `part(type=)` one without. What ends in an apostrophe stands close to what follows.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from lxml import etree

from server.formats.xml import words

FOLDER = Path(__file__).with_name("crosswalks")

TERMS: dict[str, str] = {
    "dc:title": "title; a second one in another language is parallel",
    "title.parallel": "title in another language",
    "dcterms:alternative": "other title",
    "dc:creator": "person or body; with `dates`, `role` (a MARC relator code) and `uri`",
    "dc:contributor": "the same",
    "dc:date": "date of publication, as written",
    "date.coded": "date of publication in a code: it counts where the one as written is not understood",
    "dcterms:created": "date of making, as written",
    "dc:type": "typology: a slug, or a label",
    "typology.hint": "words that hint at the typology: they count after what is said of the whole delivery",
    "dc:language": "language of the document",
    "dc:publisher": "publisher",
    "publication_place": "place of publication",
    "dc:format": "extent",
    "dc:subject": "subject heading; with `uri`",
    "subject.person": "person or body that is the subject",
    "subject.place": "place that is the subject",
    "subject.period": "period that is the subject",
    "dcterms:spatial": "place, on the map where it has a position",
    "dc:description": "summary",
    "note": "note",
    "dc:rights": "rights: a status, its label, or the URI of a licence",
    "rights.restriction": "restriction on access: what is not understood holds the document back",
    "rights_holder": "who holds the rights",
    "dc:source": "shelfmark",
    "dcterms:ispartof": "the whole of which it is a part; with `identifier`, `number` and `kind`",
    "genre": "genre in words",
    "dc:identifier": "name under which images are looked for",
    "former_url": "address that must lead to the document",
    "ark": "ARK that the document already has",
}
"""The terms that a rule may lead to, each with what it means."""

_OR = " || "
_CLOSE = "\x00"
"""Behind a value that stands close to the next: no text of a source holds it."""

_STEP = re.compile(r"(?P<name>[^()]+)(?:\((?P<attribute>\w+)=(?P<wanted>[\w-]*)\))?")
_TOKEN = re.compile(r"\{(?P<key>[^{}:|]+)(?::(?P<start>\d+)-(?P<end>\d+))?(?:\|(?P<map>\w+))?\}")
_GROUP = re.compile(r"\[(?P<before>[^\[\]{}]*)(?P<token>\{[^{}]+\})(?P<after>[^\[\]{}]*)\]|(?P<plain>\{[^{}]+\})")


class Node(Protocol):
    """A place in a source record."""

    def select(self, path: str) -> Iterable["Node"]:
        """Return the places that a rule's `from` names below this one."""

    def values(self, key: str) -> list[str]:
        """Return what a key of a template names here, not empty, in order."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One value: the term's name in lower case, its language (BCP 47 or as written) or None, the value.

    `parts` is None where the value follows the conventions of docs/reference/delivery-table.md and is taken apart by
    them; else it holds what the source itself keeps apart (`role`, `dates`, `uri` …), and the value is whole.
    """

    name: str
    value: str
    language: str | None = None
    parts: Mapping[str, str] | None = None
    at: Node | None = field(default=None, compare=False, repr=False)
    """Where in the source it is said."""

    def part(self, name: str) -> str:
        """Return a part, empty where there is none."""
        return (self.parts or {}).get(name, "")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a table.

    `inherit` says that a part of an archive has it from what is around, where it is silent; `otherwise` that it counts only where no rule before it gave the term, `each` that every value of its one key is one.
    """

    path: str
    term: str
    value: str
    source: str
    parts: Mapping[str, str] = field(default_factory=dict)
    when: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    inherit: bool = False
    otherwise: bool = False
    each: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """A table: its rules in order, and the maps that its values use."""

    name: str
    title: str
    standard: str
    rules: tuple[Rule, ...]
    maps: Mapping[str, Mapping[str, str]]


@lru_cache
def read_crosswalk(name: str) -> Crosswalk:
    """Return the table of a format."""
    said = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    rules = tuple(_rule(entry) for entry in said["rule"])
    return Crosswalk(name, said["title"], said["standard"], rules, said.get("map", {}))


def crosswalk_names() -> tuple[str, ...]:
    """Return the names of the tables, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def apply_rules(table: Crosswalk, node: Node, around: Iterable[Node] = ()) -> list[Statement]:
    """Return what a record says in our terms, in the order of the rules; `around` are the levels above, nearest first."""
    above = tuple(around)
    said: list[Statement] = []
    terms: set[str] = set()
    for rule in table.rules:
        if rule.otherwise and rule.term in terms:
            continue
        found = list(_said_at(table, rule, node))
        for level in above if rule.inherit and rule.term not in terms else ():
            if found:
                break
            found = list(_said_at(table, rule, level))
        said += found
        terms |= {statement.name for statement in found}
    return said


def fill(template: str, node: Node, maps: Mapping[str, Mapping[str, str]]) -> str:
    """Return a template filled from a place in a record; empty where nothing in it is said."""
    return next((filled for option in template.split(_OR) if (filled := _fill(option, node, maps))), "")


def _fill(template: str, node: Node, maps: Mapping[str, Mapping[str, str]]) -> str:
    if not any(_token_values(match[0], node, maps) for match in _TOKEN.finditer(template)):
        return ""

    def one(match: re.Match[str]) -> str:
        if match["plain"]:
            value = next(iter(_token_values(match["plain"], node, maps)), "")
            return f"{value}{_CLOSE}" if value.endswith(("'", "’")) else value
        return "".join(
            f"{match['before']}{value}{match['after']}" for value in _token_values(match["token"], node, maps)
        )

    filled = _GROUP.sub(one, template).replace(f"{_CLOSE} ", "").replace(_CLOSE, "")
    return " ".join(filled.split()).strip(" ,;:")


@dataclass(frozen=True, slots=True)
class Element:
    """A place in XML: names of a path are local names, `//` is any depth."""

    element: etree._Element

    def select(self, path: str) -> Iterable["Element"]:
        """Return the elements that a path of local names leads to; `.` is this one."""
        return (self,) if path == "." else tuple(Element(found) for found in _compiled(path)(self.element))

    def values(self, key: str) -> list[str]:
        """Return the texts or the attributes that a key names."""
        path, at, attribute = key.rpartition("@")
        places = self.select(path.rstrip("/") or ".") if at else self.select(key)
        if not at:
            return [text for place in places if (text := words(place.element))]
        return [text for place in places if (text := _attribute(place.element, attribute))]


def _attribute(element: etree._Element, name: str) -> str:
    plain = element.get(name)
    if plain is None:
        plain = next((value for key, value in element.items() if str(key).rpartition("}")[2] == name), "")
    return " ".join(str(plain).split())


@lru_cache(maxsize=512)
def _compiled(path: str) -> etree.XPath:
    steps = "/".join(step if step in ("", ".", "..", "*") else _compiled_step(step) for step in path.split("/"))
    return etree.XPath(steps if not steps.startswith("//") else f".{steps}")


def _compiled_step(step: str) -> str:
    match = _STEP.fullmatch(step)
    assert match is not None, f"{step} is no step of a path"
    found = f"*[local-name()='{match['name']}']"
    if not match["attribute"]:
        return found
    attribute = f"normalize-space(@*[local-name()='{match['attribute']}'])"
    return f"{found}[{attribute}='{match['wanted']}']"


def _rule(entry: Mapping[str, Any]) -> Rule:
    known = {"from", "to", "value", "source", "parts", "when", "language", "inherit", "otherwise", "each", "note"}
    assert not entry.keys() - known, f"unknown keys {entry.keys() - known}"
    assert entry["to"] in TERMS, f"{entry['to']} is no term"
    return Rule(
        path=entry["from"],
        term=entry["to"],
        value=entry.get("value", "{.}"),
        source=entry["source"],
        parts=entry.get("parts", {}),
        when=entry.get("when", {}),
        language=entry.get("language", ""),
        inherit=entry.get("inherit", False),
        otherwise=entry.get("otherwise", False),
        each=entry.get("each", False),
        note=entry.get("note", ""),
    )


def _said_at(table: Crosswalk, rule: Rule, node: Node) -> Iterator[Statement]:
    for place in node.select(rule.path):
        if not all(_fits(place, key, pattern) for key, pattern in rule.when.items()):
            continue
        values = _token_values(rule.value, place, table.maps) if rule.each else [fill(rule.value, place, table.maps)]
        parts = {
            name: filled
            for name, part in rule.parts.items()
            if (filled := fill(part, place, table.maps) if "{" in part else part)
        }
        language = fill(rule.language, place, table.maps) or None
        for value in values:
            if value:
                yield Statement(rule.term, value, language, parts, place)


def _fits(place: Node, key: str, pattern: str) -> bool:
    """Whether one of the values of a key fits; a key that is not there counts as empty."""
    values = place.values(key) or [""]
    return any(re.fullmatch(pattern, value, re.IGNORECASE) for value in values)


def _token_values(token: str, node: Node, maps: Mapping[str, Mapping[str, str]]) -> list[str]:
    match = _TOKEN.fullmatch(token)
    assert match is not None, f"{token} is no token"
    values = node.values(match["key"])
    if match["start"]:
        values = [value[int(match["start"]) : int(match["end"]) + 1].strip() for value in values]
    if match["map"]:
        values = [_mapped(maps[match["map"]], value) for value in values]
    return [value for value in values if value]


def _mapped(known: Mapping[str, str], value: str) -> str:
    if value in known:
        return known[value]
    for key, made in known.items():
        match = re.fullmatch(key[1:], value) if key.startswith("~") else None
        if match:
            return match.expand(made)
    return ""
