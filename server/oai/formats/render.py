"""What publication asks for: the record of a document in each metadata format of a repository, with its sets. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from server.model.addresses import Addresses
from server.model.harvester import Prefix, SetKind
from server.model.item import Item
from server.oai.formats import edm, marc, mets, mods, oai_dc, oai_dcterms
from server.oai.formats.about import write_about
from server.oai.formats.document import Document, Telling, document_of
from server.oai.formats.sets import SetMembership, sets_of


@dataclass(frozen=True, slots=True)
class MetadataFormat:
    """A metadata format: what ListMetadataFormats says of it, and its writer.

    The writer returns None for a document that has no record in this format.
    """

    prefix: str
    schema: str
    namespace: str
    write: Callable[[Document, Telling], bytes | None]


WRITERS: dict[str, MetadataFormat] = {
    each.prefix: each
    for each in (
        MetadataFormat(oai_dc.PREFIX, oai_dc.SCHEMA, oai_dc.NAMESPACE, oai_dc.write_oai_dc),
        MetadataFormat(oai_dcterms.PREFIX, oai_dcterms.SCHEMA, oai_dcterms.NAMESPACE, oai_dcterms.write_oai_dcterms),
        MetadataFormat(mods.PREFIX, mods.SCHEMA, mods.NAMESPACE, mods.write_mods),
        MetadataFormat(mets.PREFIX, mets.SCHEMA, mets.NAMESPACE, mets.write_mets),
        MetadataFormat(edm.PREFIX, edm.SCHEMA, edm.NAMESPACE, edm.write_edm),
        MetadataFormat(marc.UNIMARC_PREFIX, marc.UNIMARC_SCHEMA, marc.UNIMARC_NAMESPACE, marc.write_unimarc),
        MetadataFormat(marc.MARC21_PREFIX, marc.MARC21_SCHEMA, marc.MARC21_NAMESPACE, marc.write_marc21),
    )
}
"""Every format that a repository may offer, by metadataPrefix; a new one is a module beside `oai_dc.py` and a line here."""

FORMATS = (Prefix.OAI_DC, Prefix.OAI_DCTERMS, Prefix.MODS, Prefix.METS, Prefix.EDM)
"""What the repository of everything public offers: all that is made from the catalogue alone (decision 40)."""


@dataclass(frozen=True, slots=True)
class RenderedRecord:
    """A record as bytes: `body` is what follows `<header>` in `<record>`; `sets` holds the parents too."""

    prefix: str
    body: bytes
    sets: tuple[SetMembership, ...]


def render_record(item: Item, addresses: Addresses, prefix: str = oai_dc.PREFIX) -> RenderedRecord:
    """Return the record of an item in the repository of everything public. The header is written apart, with its date."""
    body = WRITERS[prefix].write(document_of(item, addresses), oai_dc.PLAIN)
    assert body is not None
    return RenderedRecord(prefix, body, sets_of(item))


def render_records(
    document: Document,
    telling: Telling,
    prefixes: tuple[str, ...],
    kinds: tuple[SetKind, ...],
    own_set: SetMembership | None = None,
) -> tuple[RenderedRecord, ...]:
    """Return the records of a document in the formats of one repository; `own_set` holds all of that repository."""
    sets = sets_of(document.item, kinds)
    if own_set is not None:
        sets = tuple(sorted((*sets, own_set), key=lambda each: each.spec))
    about = write_about(telling.metadata_rights)
    written = ((prefix, WRITERS[prefix].write(document, telling)) for prefix in prefixes)
    return tuple(RenderedRecord(prefix, body + about, sets) for prefix, body in written if body is not None)
