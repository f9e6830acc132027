"""The tables of what can be searched: written by `server.search` in the transaction of the publication.

The index itself, `search_index`, is no table of these models: on SQLite it is a virtual one (FTS5), on PostgreSQL it has
a column of its own type. It holds for each view the set of its words, and nothing else is ever asked of it than which
views hold some of them; where they stand is read from `SearchViewRow`.
"""

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from server.catalogue.base import Base, bytewise_string

INDEX = "search_index"

_IDENTIFIER = BigInteger().with_variant(Integer(), "sqlite")  # so that it is SQLite's own row id


class SearchDocumentRow(Base):
    """A live item that has text. `number` rises in the order of first publication; `label` is what a hit says of it."""

    __tablename__ = "search_document"

    name: Mapped[str] = mapped_column(ForeignKey("publication.name"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    label: Mapped[dict[str, list[str]]] = mapped_column(JSON)


class SearchViewRow(Base):
    """A public view that has text: its words folded, in reading order, and where they are printed (packed layout).

    `identifier` is the number of the document times 2²⁰ plus the number of the view, so that it orders all views.
    """

    __tablename__ = "search_view"

    identifier: Mapped[int] = mapped_column(_IDENTIFIER, primary_key=True, autoincrement=False)
    words: Mapped[str]
    layout: Mapped[bytes] = mapped_column(LargeBinary)


class SearchTermRow(Base):
    """A word or mark of the index: on how many views it is, and how often it occurs. Without views there is no row."""

    __tablename__ = "search_term"
    __table_args__ = ({"sqlite_with_rowid": False},)

    term: Mapped[str] = mapped_column(bytewise_string(200), primary_key=True)
    views: Mapped[int] = mapped_column(BigInteger)
    hits: Mapped[int] = mapped_column(BigInteger)
