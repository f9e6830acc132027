"""How things stand: the counts and lists behind `vitrine status`."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.models import (
    CampaignRow,
    DeliveryRow,
    DeliveryState,
    InstitutionRow,
    ItemRow,
    ItemState,
    SupplierRow,
)
from server.catalogue.publication_models import PublicationRow, PublishedImageRow
from server.told import Told, from_kept, told


@dataclass(frozen=True, slots=True)
class DeliveryStanding:
    """One delivery with the numbers of its items by what became of them."""

    identifier: str
    state: str
    institution: str
    received_at: datetime
    errors: int
    warnings: int
    ingested: int
    failed: int
    published: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class ItemStanding:
    """One item that needs somebody's attention: failed, waiting for its date, or ingested to a part."""

    name: str
    identifier: str
    state: str
    problem: Told


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers of items; `views` are those that are public."""

    held: int
    published: int
    withdrawn: int
    waiting: int
    failed: int
    views: int


def list_deliveries(session: Session) -> list[DeliveryStanding]:
    """Return every delivery, the oldest first."""
    live = case((PublicationRow.state == "live", 1), else_=0)
    gone = case((PublicationRow.state == "withdrawn", 1), else_=0)
    ready = case((ItemRow.state == ItemState.READY, 1), else_=0)
    failed = case((ItemRow.state == ItemState.FAILED, 1), else_=0)
    rows = session.execute(
        select(
            DeliveryRow,
            func.coalesce(func.sum(ready), 0).label("ingested"),
            func.coalesce(func.sum(failed), 0).label("failed"),
            func.coalesce(func.sum(live), 0).label("published"),
            func.coalesce(func.sum(gone), 0).label("withdrawn"),
        )
        .outerjoin(ItemRow, ItemRow.delivery == DeliveryRow.identifier)
        .outerjoin(PublicationRow, PublicationRow.name == ItemRow.name)
        .group_by(DeliveryRow.identifier)
        .order_by(DeliveryRow.received_at, bytewise(DeliveryRow.identifier))
    )
    return [
        DeliveryStanding(
            row.DeliveryRow.identifier,
            row.DeliveryRow.state,
            row.DeliveryRow.institution or "",
            row.DeliveryRow.received_at,
            row.DeliveryRow.errors,
            row.DeliveryRow.warnings,
            row.ingested,
            row.failed,
            row.published,
            row.withdrawn,
        )
        for row in rows
    ]


def name_delivery(session: Session, row: DeliveryRow) -> dict[str, tuple[str, str]]:
    """Return institution, supplier and campaign of a delivery as a person reads them, in French and English."""
    names: dict[str, tuple[str, str]] = {}
    if row.institution:
        label = session.get_one(InstitutionRow, row.institution).label
        names["institution"] = _both(label)
    if row.supplier:
        supplier = session.get_one(SupplierRow, row.supplier).label
        names["supplier"] = (supplier, supplier)
    if row.campaign:
        campaign = session.get_one(CampaignRow, row.campaign)
        fr, en = _both(campaign.theme)
        names["campaign"] = (f"{fr} ({campaign.year})", f"{en} ({campaign.year})")
    return names


def _both(label: dict[str, str]) -> tuple[str, str]:
    fr = label.get("fr") or next(iter(label.values()))
    return fr, label.get("en") or fr


def list_attention(session: Session) -> list[ItemStanding]:
    """Return the items that need attention, in the order of their making.

    Failed, waiting, unfinished ones, and those that are public though their delivery was refused afterwards.
    """
    rows = session.scalars(
        select(ItemRow)
        .where((ItemRow.state != ItemState.READY) | ItemRow.publish_wanted)
        .order_by(ItemRow.created_at, bytewise(ItemRow.name))
    )
    standings = []
    for row in rows:
        if row.state == ItemState.FAILED:
            standings.append(ItemStanding(row.name, row.identifier, "failed", from_kept(row.failure_said, row.failure)))
        elif row.state == ItemState.INGESTING:
            again = told("run `vitrine ingest` on {delivery} again", delivery=row.delivery)
            standings.append(ItemStanding(row.name, row.identifier, "unfinished", again))
        else:
            day = (
                told("is published on {day}", day=str(row.not_before))
                if row.not_before
                else told("is published with the next sweep")
            )
            standings.append(ItemStanding(row.name, row.identifier, "waiting", day))
    refused = session.execute(
        select(ItemRow.name, ItemRow.identifier, DeliveryRow.identifier.label("delivery"))
        .join(DeliveryRow, DeliveryRow.identifier == ItemRow.delivery)
        .join(PublicationRow, PublicationRow.name == ItemRow.name)
        .where(DeliveryRow.state == DeliveryState.REFUSED, PublicationRow.state == "live")
        .order_by(ItemRow.created_at, bytewise(ItemRow.name))
    )
    for one in refused:
        problem = told(
            "delivery {delivery} was refused after it was published; withdraw it, or accept the delivery",
            delivery=one.delivery,
        )
        standings.append(ItemStanding(one.name, one.identifier, "still public", problem))
    return standings


def count_all(session: Session) -> Totals:
    """Return the totals."""

    def items(state: str) -> int:
        return session.scalar(select(func.count()).select_from(ItemRow).where(ItemRow.state == state)) or 0

    def publications(state: str) -> int:
        return (
            session.scalar(select(func.count()).select_from(PublicationRow).where(PublicationRow.state == state)) or 0
        )

    return Totals(
        held=items(ItemState.READY),
        published=publications("live"),
        withdrawn=publications("withdrawn"),
        waiting=session.scalar(select(func.count()).select_from(ItemRow).where(ItemRow.publish_wanted)) or 0,
        failed=items(ItemState.FAILED),
        views=session.scalar(
            select(func.count()).select_from(PublishedImageRow).where(PublishedImageRow.state == "live")
        )
        or 0,
    )
