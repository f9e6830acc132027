"""Words of curated collections that a register changed: brought to what is published, without publishing an item."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.models import CollectionRow
from server.catalogue.publication_models import OaiSetRow, PublishedCollectionRow
from server.iiif.build.collection import collection_name
from server.oai.formats.sets import set_spec
from server.publish.activities import announce_words
from server.publish.stamp import next_stamp
from server.workshop import Workshop


def refresh_curated(workshop: Workshop) -> int:
    """Give published collections and OAI sets the words of their registers; return how many changed."""
    with workshop.catalogue.publication_lock(), workshop.catalogue.write() as session:
        stamp = next_stamp(session, workshop.clock())
        changed: list[str] = []
        for register in session.scalars(select(CollectionRow).order_by(bytewise(CollectionRow.name))):
            row = session.get(PublishedCollectionRow, collection_name("curated", register.name))
            if row is not None and (row.label, row.summary) != (register.label, register.summary):
                row.label, row.summary, row.datestamp = register.label, register.summary, stamp.datestamp
                _refresh_sets(session, register)
                changed.append(row.name)
        announce_words(session, changed, workshop.addresses, stamp.datestamp)
        return len(changed)


def _refresh_sets(session: Session, register: CollectionRow) -> None:
    spec = set_spec("collection", register.name)
    for row in session.scalars(select(OaiSetRow).where(OaiSetRow.spec == spec)):
        row.label, row.description = register.label, register.summary
