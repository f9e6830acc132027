"""What the repositories of harvesters offer of a collection, as its page tells it: how many documents, and when somebody came last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from server.catalogue.base import bytewise
from server.catalogue.harvest_models import HarvestRow
from server.catalogue.harvests import LIST_RECORDS
from server.catalogue.publication_models import MemberRow, OaiRepositoryRow, OaiSetRow, OaiStandingRow


@dataclass(frozen=True, slots=True)
class Offer:
    """A harvester's repository with the documents of a collection that it offers.

    `taken` is when records were last taken from it, None where nobody came yet; `format` is the first that it has; `spec`
    is the set that lists these documents, empty where it has none.
    """

    repository: str
    label: Mapping[str, str]
    documents: int
    taken: datetime | None
    format: str
    spec: str


def list_offers(connection: Connection, collection: str, spec: str) -> list[Offer]:
    """Return the repositories that offer live members of a collection, by name; `spec` is the set that would list them.

    A document counts where its record is there, be it of the state before, or where the record of its whole stands for it.
    """
    offered: dict[str, int] = {
        row.repository: row.documents
        for row in connection.execute(
            select(OaiStandingRow.repository, func.count().label("documents"))
            .join(MemberRow, MemberRow.name == OaiStandingRow.name)
            .where(MemberRow.collection == collection, OaiStandingRow.state != "refused")
            .group_by(OaiStandingRow.repository)
        )
    }
    taken: dict[str, datetime] = {
        row.repository: row.ended if row.ended.tzinfo else row.ended.replace(tzinfo=UTC)
        for row in connection.execute(
            select(HarvestRow.repository, func.max(HarvestRow.ended).label("ended"))
            .where(HarvestRow.verb == LIST_RECORDS, HarvestRow.records > 0, HarvestRow.repository.in_(offered))
            .group_by(HarvestRow.repository)
        )
    }
    listing = frozenset(connection.scalars(select(OaiSetRow.repository).where(OaiSetRow.spec == spec)))
    rows = connection.execute(
        select(OaiRepositoryRow.name, OaiRepositoryRow.label, OaiRepositoryRow.formats)
        .where(OaiRepositoryRow.name.in_(offered))
        .order_by(bytewise(OaiRepositoryRow.name))
    )
    return [
        Offer(
            row.name, row.label, offered[row.name], taken.get(row.name), row.formats[0] if row.formats else "oai_dc",
            spec if row.name in listing else "",
        )
        for row in rows
    ]  # fmt: skip
