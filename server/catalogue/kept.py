"""Which stored bytes of an item anybody still needs: what the catalogue holds of it, and what is public of it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.models import FileRow, ViewRow
from server.catalogue.publication_models import PublishedFileRow, PublishedImageRow


def named_keys(session: Session, name: str) -> set[str]:
    """Return the storage keys that rows about an item name."""
    keys: set[str | None] = set(session.scalars(select(FileRow.key).where(FileRow.item == name)))
    keys |= set(session.scalars(select(PublishedFileRow.key).where(PublishedFileRow.name == name)))
    for rows, of in ((ViewRow, ViewRow.item), (PublishedImageRow, PublishedImageRow.name)):
        for pyramid, index in session.execute(select(rows.pyramid_key, rows.index_key).where(of == name)):
            keys |= {pyramid, index}
    return {key for key in keys if key}
