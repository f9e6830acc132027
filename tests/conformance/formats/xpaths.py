"""How rules about the parts of a record are written: what looks at it by XPath, and what breaks it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lxml import etree

NAMES = {
    "mods": "http://www.loc.gov/mods/v3",
    "mets": "http://www.loc.gov/METS/",
    "xlink": "http://www.w3.org/1999/xlink",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "edm": "http://www.europeana.eu/schemas/edm/",
    "ore": "http://www.openarchives.org/ore/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "svcs": "http://rdfs.org/sioc/services#",
    "doap": "http://usefulinc.com/ns/doap#",
    "marc21": "http://www.loc.gov/MARC21/slim",
    "unimarc": "info:lc/xmlns/marcxchange-v2",
}

Record = etree._Element
Test = Callable[[Record], bool]
Break = Callable[[Record], Record | None]


@dataclass(frozen=True, slots=True)
class Relation:
    """A rule of a format: `holds` looks at a record, `breaks` makes one that does not keep it from one that does, in place or anew."""

    format: str
    name: str
    source: str
    holds: Test
    breaks: Break


def find(record: Record, path: str) -> list[Record]:
    """Return the elements at an XPath."""
    found: list[Record] = record.xpath(path, namespaces=NAMES)
    return found


def values(record: Record, path: str) -> list[str]:
    """Return the attributes or texts at an XPath."""
    found: Iterable[object] = record.xpath(path, namespaces=NAMES)
    return [str(value) for value in found]


def each(path: str) -> Test:
    """Return the test that there is something at an XPath."""
    return lambda record: bool(record.xpath(path, namespaces=NAMES))


def none(path: str) -> Test:
    """Return the test that there is nothing at an XPath."""
    return lambda record: not record.xpath(path, namespaces=NAMES)


def points(pointers: str, targets: str) -> Test:
    """Return the test that what attributes point to is there."""
    return lambda record: (
        {name for value in values(record, pointers) for name in value.split()} <= set(values(record, targets))
    )


def unique(path: str) -> Test:
    """Return the test that no value occurs twice."""
    return lambda record: not [value for value, times in Counter(values(record, path)).items() if times > 1]


def setting(path: str, attribute: str, value: str) -> Break:
    """Return what sets an attribute of the last element at an XPath."""
    prefix, colon, local = attribute.partition(":")
    name = f"{{{NAMES[prefix]}}}{local}" if colon else attribute
    return lambda record: find(record, path)[-1].set(name, value)


def writing(path: str, text: str) -> Break:
    """Return what gives all elements at an XPath another text."""

    def breaks(record: Record) -> None:
        for element in find(record, path):
            element.text = text

    return breaks


def removing(path: str) -> Break:
    """Return what takes away all elements at an XPath."""

    def breaks(record: Record) -> None:
        for element in find(record, path):
            above = element.getparent()
            assert above is not None
            above.remove(element)

    return breaks


def adding(path: str, xml: str) -> Break:
    """Return what adds an element at the end of the first one at an XPath."""
    names = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in NAMES.items())
    return lambda record: find(record, path)[0].append(etree.fromstring(f"<x {names}>{xml}</x>")[0])
