"""What publication asks for: the record of an item in each metadata format of a repository, with its sets. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from server.model.addresses import Addresses
from server.model.item import Item
from server.oai.formats import oai_dc
from server.oai.formats.sets import SetMembership, sets_of


@dataclass(frozen=True, slots=True)
class MetadataFormat:
    """A metadata format that is offered: what ListMetadataFormats says of it, and its writer."""

    prefix: str
    schema: str
    namespace: str
    write: Callable[[Item, Addresses], bytes]


FORMATS: dict[str, MetadataFormat] = {
    oai_dc.PREFIX: MetadataFormat(oai_dc.PREFIX, oai_dc.SCHEMA, oai_dc.NAMESPACE, oai_dc.write_oai_dc)
}
"""Every format, by metadataPrefix; a new one is a module beside `oai_dc.py` and a line here."""


@dataclass(frozen=True, slots=True)
class RenderedRecord:
    """A record as bytes: `body` is what follows `<header>` in `<record>`; `sets` holds the parents too."""

    prefix: str
    body: bytes
    sets: tuple[SetMembership, ...]


def render_record(item: Item, addresses: Addresses, prefix: str = oai_dc.PREFIX) -> RenderedRecord:
    """Return the record of an item in one format. The header is written apart, when the datestamp is known."""
    return RenderedRecord(prefix, FORMATS[prefix].write(item, addresses), sets_of(item))
