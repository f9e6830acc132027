"""Every repository of the sample holdings in every format it offers, by HTTP: valid, whole, and the same whichever way it is asked.

`oai_dc` is checked against its schema within the response. The schemas of the other formats may not be copied here: their
records are judged by the rules of `tests/conformance/formats`.
"""

import copy
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from tests.conformance.formats.test_formats import GRAMMARS, faults
from tests.support.demo import Demo
from tests.support.oai import OAI

REPOSITORIES = {
    "": ["oai_dc", "oai_dcterms", "mods", "mets", "edm"],
    "gallica": ["oai_dc"],
    "armarium": ["oai_dc", "oai_dcterms", "mets"],
    "asuivre": ["oai_dc"],
    "europeana": ["edm", "oai_dc"],
}
DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"


class Asked:
    """A repository of the running server; every response is checked as it comes."""

    def __init__(self, demo: Demo, name: str, schema: etree.XMLSchema) -> None:
        self.base, self.schema = f"{demo.url}/oai/{name}".rstrip("/"), schema

    def ask(self, verb: str, **arguments: str) -> Any:
        """Return the response to a request that is none to refuse."""
        with urllib.request.urlopen(f"{self.base}?{urlencode({'verb': verb, **arguments})}", timeout=30) as response:
            root = etree.fromstring(response.read())
        assert root.find(f"{OAI}error") is None, etree.tostring(root)
        assert root.findtext(f"{OAI}request") == self.base
        self.schema.assertValid(enveloped(root))
        return root

    def walk(self, verb: str, **arguments: str) -> Iterator[Any]:
        """Yield the responses of a list to its end."""
        root = self.ask(verb, **arguments)
        yield root
        while token := root.findtext(f".//{OAI}resumptionToken"):
            root = self.ask(verb, resumptionToken=token)
            yield root


def enveloped(root: Any) -> Any:
    """Return a response in which metadata of other formats than oai_dc are left out: their schemas are not at hand."""
    shown = copy.deepcopy(root)
    for metadata in shown.iter(f"{OAI}metadata"):
        if etree.QName(metadata[0]).namespace != DC:
            metadata.replace(metadata[0], etree.Element(f"{{{DC}}}dc"))
    return shown


def canonical(element: Any) -> bytes:
    alone = etree.fromstring(etree.tostring(element))
    return etree.tostring(alone, method="c14n", exclusive=True)


def test_every_repository_is_valid_and_whole_in_every_format(demo: Demo, oai_schema: etree.XMLSchema) -> None:
    taken = 0
    for name, prefixes in REPOSITORIES.items():
        asked = Asked(demo, name, oai_schema)
        asked.ask("Identify")
        offered = [each.text for each in asked.ask("ListMetadataFormats").iter(f"{OAI}metadataPrefix")]
        assert offered == prefixes
        specs = [each.text for page in asked.walk("ListSets") for each in page.iter(f"{OAI}setSpec")]
        for prefix in prefixes:
            records = [
                each for page in asked.walk("ListRecords", metadataPrefix=prefix) for each in page.iter(f"{OAI}record")
            ]
            identifiers = [each.findtext(f"{OAI}header/{OAI}identifier") for each in records]
            assert len(identifiers) == len(set(identifiers)) > 0
            listed = [
                each.text
                for page in asked.walk("ListIdentifiers", metadataPrefix=prefix)
                for each in page.iter(f"{OAI}identifier")
            ]
            assert listed == identifiers
            for record in records if prefix in GRAMMARS else ():
                assert [fault for each in record.iter(f"{OAI}metadata") for fault in faults(each[0], prefix)] == [], (
                    identifiers
                )
            for record, identifier in zip(records, identifiers, strict=True):
                [alone] = asked.ask("GetRecord", metadataPrefix=prefix, identifier=identifier).iter(f"{OAI}record")
                assert canonical(alone) == canonical(record)
                taken += 1
            for spec in specs:
                within = [
                    each.text
                    for page in asked.walk("ListIdentifiers", metadataPrefix=prefix, set=spec)
                    for each in page.iter(f"{OAI}identifier")
                ]
                said = [i for i, record in zip(identifiers, records, strict=True) if is_in(record, spec)]
                assert within == said
    assert taken > 60


def is_in(record: Any, spec: str) -> bool:
    """Whether a record is in a set, by what its header says: a set holds what its subsets hold."""
    specs = [each.text for each in record.iter(f"{OAI}setSpec")]
    return any(each == spec or each.startswith(f"{spec}:") for each in specs)
