"""The table of documents as the portal's search finds them: written by `server.search.library`, in the publication's transaction.

The index itself, `find_index`, is no table of these models, as `search_index` is none: on SQLite it is a virtual one
(FTS5), on PostgreSQL it has a column of its own type. It holds the terms of each document, in as many rows as they need.
"""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from server.catalogue.base import Base, bytewise_string

INDEX = "find_index"

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


class FindDocumentRow(Base):
    """A document that is or was public. `number` is its place in the sets by which is counted, and never another's.

    `change` rises with every change of any row, under the publication lock: who remembers rows asks what is newer.
    `earliest` and `latest` are days as yyyymmdd, None where no date is known; `facets` are values by facet, `shown` is
    what a list of results shows; `text_number` is that of `SearchDocumentRow` where it has text. `digest` is of its terms.
    `common` says which of the commonest words it holds, None where it was filed before that was told. A withdrawn document keeps its number, and nothing else.
    """

    __tablename__ = "find_document"

    number: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(ForeignKey("publication.name"), unique=True)
    change: Mapped[int] = mapped_column(BigInteger, unique=True)
    live: Mapped[bool]
    recipe: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    common: Mapped[bytes | None] = mapped_column(LargeBinary)
    text_number: Mapped[int | None] = mapped_column(BigInteger)
    first_sequence: Mapped[int] = mapped_column(BigInteger)
    sort_key: Mapped[str] = mapped_column(bytewise_string(200))
    earliest: Mapped[int | None]
    latest: Mapped[int | None]
    facets: Mapped[Any] = mapped_column(JSON)
    shown: Mapped[Any] = mapped_column(JSON)
