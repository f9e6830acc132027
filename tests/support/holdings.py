"""All that the tables say of the documents that are held, to be compared between two catalogues."""

from typing import Any

from sqlalchemy import select

from server.catalogue.models import AliasRow, FileRow, ItemCollectionRow, ItemRow, ViewRow, ViewTextRow
from server.workshop import Workshop

ITEM = (
    "name", "institution", "identifier", "campaign", "state", "typology", "rights_status", "not_before", "description",
    "structure", "viewing_direction", "paged", "thumbnail_view",
)  # fmt: skip
VIEW = ("item", "number", "kind", "public", "label", "notes", "width", "height", "master_digest", "recipe")
TEXT = ("item", "number", "language", "plain", "layout")


def everything(workshop: Workshop) -> dict[str, list[Any]]:
    """Return all that the tables say of the documents themselves."""
    with workshop.catalogue.read() as session:

        def rows(kind: type[Any], names: tuple[str, ...], *order: Any) -> list[Any]:
            return [
                tuple(getattr(row, name) for name in names) for row in session.scalars(select(kind).order_by(*order))
            ]

        sources = session.execute(
            select(FileRow.item, FileRow.path, FileRow.digest, FileRow.key)
            .where(FileRow.role == "source")
            .order_by(FileRow.item)
        )
        kept = session.execute(
            select(FileRow.item, FileRow.view, FileRow.role, FileRow.digest)
            .where(FileRow.role != "source").order_by(FileRow.item, FileRow.view, FileRow.role)
        )  # fmt: skip
        return {
            "items": rows(ItemRow, ITEM, ItemRow.name),
            "views": rows(ViewRow, VIEW, ViewRow.item, ViewRow.number),
            "texts": rows(ViewTextRow, TEXT, ViewTextRow.item, ViewTextRow.number),
            "former": rows(AliasRow, ("kind", "value", "item"), AliasRow.kind, AliasRow.value),
            "collections": rows(ItemCollectionRow, ("item", "collection"), ItemCollectionRow.item),
            "sources": [tuple(row) for row in sources],
            "files": [tuple(row) for row in kept],
        }
