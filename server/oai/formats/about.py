"""The `<about>` of a record (OAI-PMH 2.0 §2.5): under which licence the metadata are.

The guideline on rights expressions speaks of the metadata, not of what they describe: the document's own rights stand in
the metadata. Its manifest in Identify only lists what the records say, so each record says it. The guideline on provenance
is for records that were harvested elsewhere, with base URL, identifier and datestamp of then: nothing here was. Pure.
"""

from server.oai.formats.xml import escape

NAMESPACE = "http://www.openarchives.org/OAI/2.0/rights/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/rights.xsd"


def write_about(metadata_rights: str) -> bytes:
    """Return the whole `<about>` element; nothing where no licence is known, for none is guessed."""
    if not metadata_rights:
        return b""
    return (
        f'<about><rights xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="{NAMESPACE} {SCHEMA}"><rightsReference ref="{escape(metadata_rights)}"/></rights></about>'
    ).encode()
