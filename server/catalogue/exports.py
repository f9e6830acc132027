"""What leaves the catalogue whole: the documents of an institution or a campaign, by the delivery that brought them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.items import ALTO_OF_SEVERAL_ROLE, ALTO_ROLE, PACKED_ROLE
from server.catalogue.models import (
    AliasRow,
    CampaignRow,
    DeliveryRow,
    EventRow,
    FileRow,
    FindingRow,
    InstitutionRow,
    ItemCollectionRow,
    ItemRow,
    ItemState,
    ViewRow,
    ViewTextRow,
)
from server.catalogue.reviews import list_marks
from server.errors import Unknown
from server.told import from_kept, told


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A delivered file: where it is kept (`key` in storage, else `place` on a disk), its SHA-256 and size in bytes."""

    path: str
    view: int
    digest: str
    size: int
    key: str | None
    place: str | None


@dataclass(frozen=True, slots=True)
class KeptItem:
    """A document as its tables hold it; JSON as stored. `views` are pairs of number and notes, withdrawn ones hidden.

    `texts` are as they were delivered where they are kept so; `unpacked` are the views of those that came packed and of
    which an earlier version of the software kept only what they unpack to.
    """

    name: str
    identifier: str
    description: Any
    structure: Any
    views: tuple[tuple[int, Any], ...]
    masters: tuple[KeptFile, ...]
    texts: tuple[KeptFile, ...]
    texts_without_file: tuple[int, ...]
    unpacked: frozenset[int]
    source: KeptFile | None
    former: tuple[tuple[str, str], ...]
    collections: tuple[str, ...]
    viewing_direction: str
    paged: bool
    thumbnail_view: int | None


@dataclass(frozen=True, slots=True)
class KeptDelivery:
    """A delivery whose documents leave: what the catalogue knows of it, and the names of the documents."""

    identifier: str
    name: str
    institution: str
    supplier: str
    campaign: str
    items: tuple[str, ...]


def list_kept(session: Session, institution: str | None, campaign: str | None) -> tuple[list[KeptDelivery], list[str]]:
    """Return the deliveries of the held documents of an institution or a campaign, and the documents that are not whole.

    Raises Unknown where no register knows the institution or the campaign.
    """
    if institution is not None and session.get(InstitutionRow, institution) is None:
        raise Unknown(
            told(
                "there is no institution {institution}; institutions.toml has those there are", institution=institution
            )
        )
    if campaign is not None and session.get(CampaignRow, campaign) is None:
        raise Unknown(told("there is no campaign {campaign}; campaigns.toml has those there are", campaign=campaign))
    query = select(ItemRow.name, ItemRow.identifier, ItemRow.state, ItemRow.delivery, ItemRow.campaign)
    query = query.where(ItemRow.institution == institution) if institution is not None else query
    query = query.where(ItemRow.campaign == campaign) if campaign is not None else query
    by_delivery: dict[str, list[str]] = {}
    broken = []
    for row in session.execute(query.order_by(bytewise(ItemRow.delivery), bytewise(ItemRow.name))):
        if row.state == ItemState.READY:
            by_delivery.setdefault(row.delivery, []).append(row.name)
        else:
            broken.append(row.identifier)
    found = []
    for identifier, names in by_delivery.items():
        delivery = session.get_one(DeliveryRow, identifier)
        found.append(
            KeptDelivery(
                identifier,
                delivery.name,
                delivery.institution or "",
                delivery.supplier or "",
                delivery.campaign or "",
                tuple(names),
            )
        )
    return found, broken


def load_kept(session: Session, name: str) -> KeptItem:
    """Return a document as its tables hold it."""
    row = session.get_one(ItemRow, name)
    files = session.scalars(select(FileRow).where(FileRow.item == name).order_by(FileRow.view, bytewise(FileRow.path)))
    by_role: dict[str, list[KeptFile]] = {}
    for file in files:
        kept = KeptFile(file.path, file.view, file.digest, file.size, file.key, file.place)
        by_role.setdefault(file.role, []).append(kept)
    packed = {file.view: file for file in by_role.get(PACKED_ROLE, ())}
    texts = [
        packed.get(file.view, file) for role in (ALTO_ROLE, ALTO_OF_SEVERAL_ROLE) for file in by_role.get(role, ())
    ]
    read = session.scalars(select(ViewTextRow.number).where(ViewTextRow.item == name).order_by(ViewTextRow.number))
    with_file = {file.view for file in texts if file.key}
    views = session.scalars(select(ViewRow).where(ViewRow.item == name).order_by(ViewRow.number))
    return KeptItem(
        name=name,
        identifier=row.identifier,
        description=row.description,
        structure=row.structure,
        # what was withdrawn must not come back to readers by way of an export
        views=tuple(
            (view.number, view.notes if view.withdrawn_reason is None else {**view.notes, "public": False})
            for view in views
        ),
        masters=tuple(by_role.get("master", ())),
        texts=tuple(file for file in texts if file.key),
        unpacked=frozenset(
            file.view for file in texts if file.view not in packed and file.path.lower().endswith(".gz")
        ),
        texts_without_file=tuple(number for number in read if number not in with_file),
        source=next(iter(by_role.get("source", ())), None),
        former=tuple(
            (alias.kind, alias.value)
            for alias in session.scalars(
                select(AliasRow)
                .where(AliasRow.item == name)
                .order_by(bytewise(AliasRow.kind), bytewise(AliasRow.value))
            )
        ),
        collections=tuple(
            session.scalars(
                select(ItemCollectionRow.collection)
                .where(ItemCollectionRow.item == name)
                .order_by(bytewise(ItemCollectionRow.collection))
            )
        ),
        viewing_direction=row.viewing_direction,
        paged=row.paged,
        thumbnail_view=row.thumbnail_view,
    )


def quality_record(session: Session, identifier: str) -> dict[str, Any]:
    """Return how a delivery was checked and decided on: findings, marks, events."""
    row = session.get_one(DeliveryRow, identifier)
    findings = session.scalars(
        select(FindingRow).where(FindingRow.delivery == identifier).order_by(FindingRow.position)
    )
    events = session.scalars(select(EventRow).where(EventRow.subject == identifier).order_by(EventRow.identifier))
    told = ("identifier", "name", "kind", "state", "errors", "warnings", "decided_by", "decided_for", "reason")
    return {
        "schema": "vitrine-quality/1",
        "delivery": {name: getattr(row, name) for name in told}
        | {"digest": f"sha256:{row.digest}"}
        | {name: str(getattr(row, name) or "") for name in ("received_at", "checked_at", "decided_at")},
        "findings": [_as_json(one) for one in findings],
        "marks": [
            {"item": one.item, "view": one.number, "digest": one.digest, "mark": one.mark, "comment": one.comment}
            for one in list_marks(session, identifier)
        ],
        "events": [
            {"at": str(one.at), "actor": one.actor, "action": one.action, "recipe": one.recipe, "detail": one.detail}
            for one in events
        ],
    }


def _as_json(row: FindingRow) -> dict[str, Any]:
    """Return a finding in both languages, and as template and values where they were kept."""
    said = from_kept(row.said, row.message)
    told_of = {name: getattr(row, name) for name in ("rule", "severity", "item", "view", "path", "message")}
    return told_of | ({"message_fr": said.into("fr"), **said.parts()} if row.said else {})
