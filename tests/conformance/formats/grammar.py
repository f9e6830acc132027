"""What a record of a format is, as tables: a small judge of XML, for formats whose schemas may not be copied here.

A table of `*.toml` has an entry for each element that our records use, with what the schema named in it, and guidelines
beyond the schema, say of it:

- `children`: what may stand in it; in this order where `ordered` is true; `needs`: what must; `once`: what may once at most;
- `attributes`: what attributes there may be, and the pattern of their values; `must`: which of them must be there;
- `text`: the pattern of its text; without it there is none. `reference`: text, or `rdf:resource`, and never both;
- `elsewhere`: another table judges it.

An element that has no entry is a fault. `plant` breaks each of these rules in a record that keeps them: a rule that no
broken record is found out by is worth nothing.
"""

import copy
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

HERE = Path(__file__).resolve().parent
RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
PLANTED = "{urn:x-planted}planted"


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that an element breaks: `rule` is the key of the table (`needs`, `order` …), `what` the child or attribute."""

    rule: str
    element: str
    what: str = ""


@dataclass(frozen=True)
class Grammar:
    """A table, with the names in it as lxml writes them."""

    name: str
    source: str
    root: str
    namespaces: dict[str, str]
    elements: dict[str, dict[str, Any]]

    def full(self, name: str) -> str:
        """Return `mods:title` as lxml writes it."""
        prefix, colon, local = name.partition(":")
        return f"{{{self.namespaces[prefix]}}}{local}" if colon else name

    def short(self, name: str) -> str:
        """Return a name of lxml with the prefix of the table."""
        namespace, brace, local = name[1:].partition("}") if name.startswith("{") else ("", "", name)
        prefix = next((key for key, value in self.namespaces.items() if value == namespace), "?")
        return f"{prefix}:{local}" if brace else name


def load_grammar(name: str) -> Grammar:
    """Return the table of a format."""
    data = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
    return Grammar(name, data["source"], data["root"], data["namespaces"], data["elements"])


def judge(record: etree._Element, grammar: Grammar) -> list[Fault]:
    """Return what a record breaks; nothing where it is one of its format."""
    if grammar.short(str(record.tag)) != grammar.root:
        return [Fault("root", grammar.short(str(record.tag)))]
    return list(_judge(record, grammar))


def _judge(element: etree._Element, grammar: Grammar) -> Iterator[Fault]:
    name = grammar.short(str(element.tag))
    entry = grammar.elements.get(name)
    if entry is None:
        yield Fault("unknown", name)
        return
    if entry.get("elsewhere"):
        return
    yield from _judge_children([grammar.short(str(child.tag)) for child in element], name, entry)
    held = {grammar.short(str(key)): str(value) for key, value in element.attrib.items()}
    allowed = entry.get("attributes", {})
    yield from (Fault("attribute", name, key) for key in held if key not in allowed)
    yield from (Fault("must", name, key) for key in entry.get("must", ()) if key not in held)
    yield from (
        Fault("value", name, key)
        for key, value in held.items()
        if key in allowed and not re.fullmatch(allowed[key], value, re.DOTALL)
    )
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    is_reference = entry.get("reference", False) and "rdf:resource" in held
    pattern = "" if is_reference else entry.get("text", "")
    if not re.fullmatch(pattern, text if pattern else text.strip(), re.DOTALL):
        yield Fault("text", name)
    for child in element:
        yield from _judge(child, grammar)


def _judge_children(names: list[str], name: str, entry: dict[str, Any]) -> Iterator[Fault]:
    allowed: list[str] = entry.get("children", [])
    yield from (Fault("child", name, child) for child in names if child not in allowed)
    yield from (Fault("needs", name, child) for child in entry.get("needs", ()) if child not in names)
    yield from (Fault("once", name, child) for child in entry.get("once", ()) if names.count(child) > 1)
    places = [allowed.index(child) for child in names if child in allowed]
    if entry.get("ordered") and places != sorted(places):
        yield Fault("order", name)


def plant(record: etree._Element, grammar: Grammar) -> Iterator[tuple[Fault, etree._Element]]:
    """Yield a record with one fault planted, with the fault, for every rule that can be broken in it."""
    done: set[Fault] = set()
    for place, element in enumerate(record.iter(tag=etree.Element)):
        name = grammar.short(str(element.tag))
        if name not in grammar.elements or _is_elsewhere(element, grammar):
            continue
        for fault in set(_breakable(element, name, grammar)) - done:
            done.add(fault)
            broken = copy.deepcopy(record)
            _break(list(broken.iter(tag=etree.Element))[place], fault, grammar)
            yield fault, broken


def all_rules(grammar: Grammar) -> set[Fault]:
    """Return every rule of a table, as the fault that breaks it."""
    return {
        fault for name, entry in grammar.elements.items() if not entry.get("elsewhere") for fault in _rules(name, entry)
    }


def _rules(name: str, entry: dict[str, Any]) -> Iterator[Fault]:
    yield Fault("child", name, "?:planted")
    yield Fault("attribute", name, "planted")
    yield Fault("text", name)
    yield from (Fault("needs", name, child) for child in entry.get("needs", ()))
    yield from (Fault("once", name, child) for child in entry.get("once", ()))
    yield from (Fault("must", name, key) for key in entry.get("must", ()))
    yield from (Fault("value", name, key) for key in entry.get("attributes", ()))
    if entry.get("ordered"):
        yield Fault("order", name)


def _breakable(element: etree._Element, name: str, grammar: Grammar) -> Iterator[Fault]:
    """Yield the rules of an element that this one can be made to break."""
    children = [grammar.short(str(child.tag)) for child in element]
    held = {grammar.short(str(key)) for key in element.attrib}
    for fault in _rules(name, grammar.elements[name]):
        if fault.rule in ("needs", "once"):
            is_there = fault.what in children
        elif fault.rule in ("must", "value"):
            is_there = fault.what in held
        else:
            is_there = fault.rule != "order" or len(set(children)) > 1
        if is_there:
            yield fault


def _break(element: etree._Element, fault: Fault, grammar: Grammar) -> None:
    named = [child for child in element if grammar.short(str(child.tag)) == fault.what]
    match fault.rule:
        case "child":
            etree.SubElement(element, PLANTED)
        case "attribute":
            element.set("planted", "x")
        case "needs":
            for child in named:
                element.remove(child)
        case "once":
            element.insert(element.index(named[0]), copy.deepcopy(named[0]))
        case "must":
            del element.attrib[grammar.full(fault.what)]
        case "value":
            element.set(grammar.full(fault.what), "\n")
        case "order":
            element.insert(0, element[-1])
        case _:
            element.text = "" if _pattern(element, grammar) else "planted"


def _pattern(element: etree._Element, grammar: Grammar) -> str:
    if element.get(RESOURCE) is not None:
        return ""
    return str(grammar.elements[grammar.short(str(element.tag))].get("text", ""))


def _is_elsewhere(element: etree._Element, grammar: Grammar) -> bool:
    names = [grammar.short(str(each.tag)) for each in (element, *element.iterancestors())]
    return any(grammar.elements.get(name, {}).get("elsewhere") for name in names)
