"""Reading the versions of manifests (decision 17). Core, as all that surfaces read; unknown is 404, closed is 410."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, select
from sqlalchemy.orm import InstrumentedAttribute

from server.catalogue.publication_models import MementoRow, PayloadRow
from server.catalogue.published import EncodedDocument, find_stamp, moment, must_be_live
from server.errors import Unknown, Withdrawn


@dataclass(frozen=True, slots=True)
class Memento:
    """A version that can be seen, and since when it was the manifest."""

    sequence: int
    since: datetime


def find_memento(connection: Connection, name: str, version: int, sequence: int, encoding: str) -> EncodedDocument:
    """Return a manifest as it was published, in one encoding; `modified` is since when. Raises Unknown, Withdrawn."""
    must_be_live(connection, name)
    row = connection.execute(
        select(MementoRow.payload, MementoRow.datestamp, MementoRow.closed, _BODIES[encoding].label("body"))
        .outerjoin(PayloadRow, PayloadRow.digest == MementoRow.payload)
        .where(MementoRow.name == name, MementoRow.version == version, MementoRow.sequence == sequence)
    ).one_or_none()
    if row is None:
        raise Unknown(f"the manifest of {name} has no version {sequence}; those that it has are at …/manifest/versions")
    if row.payload is None:
        raise Withdrawn(f"version {sequence} of the manifest of {name} is closed: {row.closed}")
    return EncodedDocument(row.payload, moment(row.datestamp), row.body)


def list_mementos(connection: Connection, name: str, version: int) -> list[Memento]:
    """Return the versions of a live item's manifest that can be seen, oldest first. Raises Unknown, Withdrawn."""
    find_stamp(connection, name, f"manifest/{version}")  # says why there is none
    rows = connection.execute(
        select(MementoRow.sequence, MementoRow.datestamp)
        .where(MementoRow.name == name, MementoRow.version == version, MementoRow.payload.is_not(None))
        .order_by(MementoRow.sequence)
    )
    return [Memento(row.sequence, moment(row.datestamp)) for row in rows]


_BODIES: Mapping[str, InstrumentedAttribute[bytes]] = MappingProxyType(
    {"identity": PayloadRow.plain, "gzip": PayloadRow.gzip, "br": PayloadRow.brotli}
)
