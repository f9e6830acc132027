"""Filing what readers find, in the transaction of the publication that makes it public or takes it away.

Under the publication lock, which keeps numbers and changes apart: publishers of the catalogue call it, nobody else.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, exists, func, select
from sqlalchemy.orm import Session

from server.catalogue.find_models import FindDocumentRow
from server.catalogue.publication_models import PublicationRow
from server.catalogue.search_models import SearchDocumentRow, SearchViewRow
from server.model.item import Item
from server.search.index import bounds_of
from server.search.library.entry import HALF, RECIPE, Entry, file_item
from server.search.library.index import remove_parts, write_parts


def file_document(session: Session, name: str, entry: Entry, first_sequence: int) -> None:
    """File a document that becomes public, in the place of what was filed of it.

    After `server.search.write.write_document`: what is found leads to views by the number of its text.
    """
    connection = session.connection()
    text_number = session.scalar(select(SearchDocumentRow.number).where(SearchDocumentRow.name == name))
    row = session.scalar(select(FindDocumentRow).where(FindDocumentRow.name == name))
    is_new = row is None
    if row is None:
        number = (session.scalar(select(func.max(FindDocumentRow.number))) or 0) + 1
        row = FindDocumentRow(number=number, name=name, digest="")
    for of_text, parts in ((False, entry.notice), (True, entry.text)):
        half = slice(HALF, None) if of_text else slice(HALF)
        if row.digest[half] != entry.digest[half]:
            if row.digest:
                remove_parts(connection, row.number, of_text=of_text)
            write_parts(connection, row.number, parts, of_text=of_text)
    row.change = next_change(connection)
    row.live, row.recipe, row.digest, row.text_number = True, RECIPE, entry.digest, text_number
    row.common = entry.common
    row.first_sequence, row.sort_key = first_sequence, entry.sort_key
    row.earliest, row.latest = entry.earliest, entry.latest
    row.facets, row.shown = entry.facets, entry.shown
    if is_new:
        session.add(row)
    session.flush()


def forget_document(session: Session, name: str) -> None:
    """Take a document out of everything that readers find."""
    row = session.scalar(select(FindDocumentRow).where(FindDocumentRow.name == name))
    if row is None or not row.live:
        return
    connection = session.connection()
    for of_text in (False, True):
        remove_parts(connection, row.number, of_text=of_text)
    row.change = next_change(connection)
    row.live, row.digest, row.text_number = False, "", None
    row.common, row.sort_key, row.earliest, row.latest, row.facets, row.shown = None, "", None, None, {}, {}
    session.flush()


def refile_document(session: Session, name: str, item: Item) -> None:
    """File a live document anew by the words of those views that can be searched now: one was just taken away."""
    row = session.scalar(select(FindDocumentRow).where(FindDocumentRow.name == name, FindDocumentRow.live))
    if row is not None:
        file_document(session, name, file_item(item, read_texts(session.connection(), name)), row.first_sequence)


def list_unfiled(session: Session, limit: int) -> Sequence[str]:
    """Return some names of live documents that are not filed, or by an earlier recipe, in the order of first publication."""
    filed = exists().where(
        FindDocumentRow.name == PublicationRow.name, FindDocumentRow.live, FindDocumentRow.recipe == RECIPE
    )
    return session.scalars(
        select(PublicationRow.name)
        .where(PublicationRow.state == "live", ~filed)
        .order_by(PublicationRow.first_sequence)
        .limit(limit)
    ).all()


def read_texts(connection: Connection, name: str) -> list[str]:
    """Return the folded words of the views of a document that can be searched."""
    number = connection.scalar(select(SearchDocumentRow.number).where(SearchDocumentRow.name == name))
    if number is None:
        return []
    bounds = SearchViewRow.identifier.between(*bounds_of(number))
    return list(connection.scalars(select(SearchViewRow.words).where(bounds).order_by(SearchViewRow.identifier)))


def next_change(connection: Connection) -> int:
    """Return the number of the change to come."""
    return (connection.scalar(select(func.max(FindDocumentRow.change))) or 0) + 1
