"""Filing what is published already where readers find it: after an update, without publishing anything anew."""

from server.catalogue.publication_models import PublicationRow
from server.catalogue.values import ITEM
from server.search.library.entry import file_item
from server.search.library.write import file_document, list_unfiled, read_texts
from server.workshop import Workshop

_TOGETHER = 50


def file_published(workshop: Workshop) -> int:
    """File every live document that is not filed, or by an earlier recipe; return how many. Taken up where it stopped."""
    filed = 0
    while True:
        with workshop.catalogue.read() as session:
            if not list_unfiled(session, 1):
                return filed
        with workshop.catalogue.publication_lock(), workshop.catalogue.write() as session:
            for name in list_unfiled(session, _TOGETHER):
                row = session.get_one(PublicationRow, name)
                item = ITEM.validate_python(row.item)
                entry = file_item(item, read_texts(session.connection(), name))
                file_document(session, name, entry, row.first_sequence)
                filed += 1
