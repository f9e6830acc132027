"""Reading what can be taken away of a published item. Hot reads, so SQLAlchemy Core."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from server.catalogue.publication_models import PublicationRow, PublishedFileRow, PublishedImageRow
from server.catalogue.published import moment, row_must_be_live
from server.errors import Unknown


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file in the storage; `size` is in bytes, None until it is made in the background."""

    key: str
    media_type: str
    size: int | None
    modified: datetime


def find_file(connection: Connection, name: str, file: str) -> PublishedFile:
    """Return a file of a live item. Raises Unknown, Withdrawn."""
    row = connection.execute(
        select(PublicationRow.state, PublicationRow.reason).where(PublicationRow.name == name)
    ).one_or_none()
    row_must_be_live(name, row)
    found = connection.execute(
        select(
            PublishedFileRow.key, PublishedFileRow.media_type, PublishedFileRow.size, PublishedFileRow.datestamp
        ).where(PublishedFileRow.name == name, PublishedFileRow.file == file)
    ).one_or_none()
    if found is None:
        raise Unknown(f"{name} has no {file} to take away")
    return PublishedFile(found.key, found.media_type, found.size, moment(found.datestamp))


def find_title(connection: Connection, name: str) -> str:
    """Return what a live item is called: the first value of the label that its images carry; its name without one."""
    label: dict[str, list[str]] | None = connection.scalar(
        select(PublishedImageRow.label)
        .where(PublishedImageRow.name == name)
        .order_by(PublishedImageRow.number)
        .limit(1)
    )
    return next((values[0] for values in (label or {}).values() if values), name)
