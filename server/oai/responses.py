"""OAI-PMH responses as XML (OAI-PMH 2.0 §3.2, OAI-PMH.xsd), on the toolkit's XMLTreeServer.

Small parts are trees; records are bytes that publication made, joined into the one place of a response where they
belong, with no element per record. What a client sent is cleaned before it is echoed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from lxml import etree
from lxml.etree import Element, ElementTree, SubElement, _Element, _ElementTree
from oaipmh.server import NS_OAIPMH, NS_XSI, XMLTreeServer, nsoai  # type: ignore[import-untyped]  # it ships no types

from server.catalogue.records import FoundRecord, PublishedSet, Record
from server.oai.descriptions import describe
from server.oai.errors import NO_ECHO, OaiError
from server.oai.formats.header import utc_datestamp
from server.oai.formats.oai_dc import CLOSING, OPENING
from server.oai.formats.render import MetadataFormat
from server.oai.formats.xml import clean, element, without_controls
from server.oai.repository import Page, Repository


class Responses(XMLTreeServer):  # type: ignore[misc]  # the toolkit has no types
    """The response to one request: `date` is its responseDate, `echo` what `<request>` shows of its arguments."""

    def __init__(self, repository: Repository, date: datetime, echo: Mapping[str, str]) -> None:
        super().__init__(repository, metadata_registry=None, nsmap={"xsi": NS_XSI})
        self._date, self._echo = date, echo
        self._repository = repository
        self.record_modified: datetime | None = None

    def identify(self, **kw: Any) -> bytes:
        """Return the response to Identify, with the descriptions of the guidelines."""
        tree, e_identify = self._outputEnvelope()
        identify = self._server.identify(**kw)
        for name, value in (
            ("repositoryName", identify.repositoryName()),
            ("baseURL", identify.baseURL()),
            ("protocolVersion", identify.protocolVersion()),
            *(("adminEmail", address) for address in identify.adminEmails()),
            ("earliestDatestamp", f"{identify.earliestDatestamp().isoformat()}Z"),
            ("deletedRecord", identify.deletedRecord()),
            ("granularity", identify.granularity()),
            *(("compression", scheme) for scheme in identify.compression()),
        ):
            SubElement(e_identify, nsoai(name)).text = clean(value)
        describe(e_identify, self._repository)
        return _to_bytes(tree)

    def listMetadataFormats(self, **kw: Any) -> bytes:  # noqa: N802  # the toolkit's name
        """Return the response to ListMetadataFormats."""
        tree, e_list = self._outputEnvelope()
        formats: list[MetadataFormat] = self._server.listMetadataFormats(**kw)
        for offered in formats:
            e_format = SubElement(e_list, nsoai("metadataFormat"))
            SubElement(e_format, nsoai("metadataPrefix")).text = offered.prefix
            SubElement(e_format, nsoai("schema")).text = offered.schema
            SubElement(e_format, nsoai("metadataNamespace")).text = offered.namespace
        return _to_bytes(tree)

    def listSets(self, **kw: Any) -> bytes:  # noqa: N802  # the toolkit's name
        """Return the response to ListSets."""
        return self._outputResuming("ListSets", self._server.listSets, _write_sets, kw)

    def listIdentifiers(self, **kw: Any) -> bytes:  # noqa: N802  # the toolkit's name
        """Return the response to ListIdentifiers."""
        return self._outputResuming("ListIdentifiers", self._server.listIdentifiers, _write_headers, kw)

    def listRecords(self, **kw: Any) -> bytes:  # noqa: N802  # the toolkit's name
        """Return the response to ListRecords."""
        return self._outputResuming("ListRecords", self._server.listRecords, _write_records, kw)

    def getRecord(self, **kw: Any) -> bytes:  # noqa: N802  # the toolkit's name
        """Return the response to GetRecord."""
        found: FoundRecord = self._server.getRecord(**kw)
        self.record_modified = found.modified
        return self._join("GetRecord", _write_records([found.record]))

    def errors(self, errors: Sequence[OaiError]) -> bytes:
        """Return the response that tells errors; badVerb and badArgument echo no argument (§3.2)."""
        if any(fault.code in NO_ECHO for fault in errors):
            self._echo = {}
        return _to_bytes(self._outputErrors([(fault.code, clean(fault.message)) for fault in errors]))

    def _outputBasicEnvelope(self, **kw: Any) -> tuple[_ElementTree, _Element]:  # noqa: N802  # the toolkit's name
        root = Element(nsoai("OAI-PMH"), nsmap=self._nsmap)
        root.set(f"{{{NS_XSI}}}schemaLocation", f"{NS_OAIPMH} {NS_OAIPMH}OAI-PMH.xsd")
        SubElement(root, nsoai("responseDate")).text = utc_datestamp(self._date)
        e_request = SubElement(root, nsoai("request"))
        for name, value in self._echo.items():
            e_request.set(name, without_controls(value))
        e_request.text = self._repository.base_url
        return ElementTree(root), root

    def _outputEnvelope(self, **kw: Any) -> tuple[_ElementTree, _Element]:  # noqa: N802  # the toolkit's name
        tree, root = self._outputBasicEnvelope()
        return tree, SubElement(root, nsoai(self._echo["verb"]))

    def _outputResuming(self, element: Any, input_func: Any, output_func: Any, kw: Any) -> bytes:  # noqa: N802
        rows, page = input_func(**kw)
        return self._join(element, [*output_func(rows), _write_resumption(page)])

    def _join(self, name: str, payload: Iterable[bytes]) -> bytes:
        """Return the response with pieces as the content of its last element, the verb's: each is copied once."""
        tree, _ = self._outputEnvelope()
        closing = b"</OAI-PMH>"
        empty = f"<{name}/>".encode() + closing
        whole = _to_bytes(tree)
        assert whole.endswith(empty)
        opened = f"<{name}>".encode()
        return b"".join((whole[: -len(empty)], opened, *payload, b"</", opened[1:], closing))


def _write_records(records: Sequence[Record]) -> list[bytes]:
    pieces = [b"<record>", b"", b"", b"</record>"] * len(records)
    _, pieces[1::4], pieces[2::4] = zip(*records, strict=True)
    return pieces


def _write_headers(records: Sequence[Record]) -> list[bytes]:
    return [record.header for record in records]


def _write_sets(found: Sequence[PublishedSet]) -> list[bytes]:
    return [_write_set(each) for each in found]


def _write_set(found: PublishedSet) -> bytes:
    name = found.label.get("fr") or found.label.get("en") or found.spec
    told = "".join(
        element(f"dc:{kind}", clean(value), language)
        for kind, words in (("title", found.label), ("description", found.description))
        for language, value in words.items()
        if value
    )
    described = f"<setDescription>{OPENING}{told}{CLOSING}</setDescription>" if told else ""
    return f"<set>{element('setSpec', found.spec)}{element('setName', clean(name))}{described}</set>".encode()


def _write_resumption(page: Page) -> bytes:
    """A list on one page has no token; the last page of several has an empty one; both rules are §3.5's."""
    if page.is_whole:
        return b""
    counts = f' completeListSize="{page.size}" cursor="{page.cursor}"'
    if page.token is None:
        return f"<resumptionToken{counts}/>".encode()
    expires = f' expirationDate="{utc_datestamp(page.expires)}"' if page.expires else ""
    return f"<resumptionToken{expires}{counts}>{page.token}</resumptionToken>".encode()


def _to_bytes(tree: Any) -> bytes:
    return etree.tostring(tree.getroot(), encoding="UTF-8", xml_declaration=True)
