"""What a search looks through: one document, one collection, or everything that is public."""

from dataclasses import dataclass

from sqlalchemy import Connection, exists, select

from server.catalogue.publication_models import MemberRow, PublishedCollectionRow
from server.catalogue.published import must_be_live
from server.catalogue.search_models import SearchDocumentRow, SearchTermRow
from server.errors import Unknown, Withdrawn
from server.search.index import Reach, bounds_of
from server.search.terms import ALL, scope_term

EVERYTHING = "top"
"""The name of the collection that holds every document."""

COUNTED_IN_A_DOCUMENT = 2000
COUNTED_IN_A_COLLECTION = 100
"""Views with hits that are counted: where there are more, a total is not told, for it would take too long to know."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a search looks. `counted` is the most views with hits whose hits are counted; `is_document` says what it is."""

    reach: Reach
    counted: int
    is_document: bool


def document_scope(connection: Connection, name: str) -> Scope | None:
    """Return the scope of a document, None where it has no text. Raises Unknown, Withdrawn."""
    number = connection.scalar(select(SearchDocumentRow.number).where(SearchDocumentRow.name == name))
    if number is None:
        must_be_live(connection, name)
        return None
    reach = Reach(*bounds_of(number))
    return Scope(reach, COUNTED_IN_A_DOCUMENT, is_document=True)


def collection_scope(connection: Connection, name: str) -> Scope | None:
    """Return the scope of a collection, None where nothing in it has text. Raises Unknown, Withdrawn."""
    if not has_text(connection, name):
        if name != EVERYTHING:
            _must_have_members(connection, name)
        return None
    reach = Reach() if name == EVERYTHING else Reach(term=scope_term(name))
    return Scope(reach, COUNTED_IN_A_COLLECTION, is_document=False)


def _must_have_members(connection: Connection, collection: str) -> None:
    """Raise Unknown or, as the collection itself answers, Withdrawn where no document is in it any more."""
    if connection.scalar(select(exists().where(MemberRow.collection == collection))):
        return
    if connection.scalar(select(exists().where(PublishedCollectionRow.name == collection))):
        raise Withdrawn(f"collection {collection} has no document any more")
    raise Unknown(f"there is no collection {collection}")


def has_text(connection: Connection, collection: str) -> bool:
    """Whether a collection has anything that can be searched."""
    return count_views(connection, collection) > 0


def count_views(connection: Connection, collection: str) -> int:
    """Return how many views of a collection can be searched."""
    term = ALL if collection == EVERYTHING else scope_term(collection)
    return connection.scalar(select(SearchTermRow.views).where(SearchTermRow.term == term)) or 0
