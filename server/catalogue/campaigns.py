"""A campaign as the yearly table tells it: its documents, its deliveries with their refusals, who harvested what."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.harvest_models import HarvestRow
from server.catalogue.harvests import LIST_RECORDS
from server.catalogue.models import (
    CampaignRow,
    DeliveryRow,
    EventRow,
    InstitutionRow,
    ItemRow,
    ItemState,
    SupplierRow,
    ViewRow,
)
from server.catalogue.publication_models import OaiRecordRow, PublicationRow, PublishedImageRow
from server.catalogue.published import moment
from server.catalogue.review_models import CheckedViewRow
from server.catalogue.values import DESCRIPTION
from server.errors import Unknown
from server.told import told

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CampaignDocument:
    """A document of a campaign: `state` is online, withdrawn, held or failed; `harvested` maps repositories to moments."""

    name: str
    identifier: str
    shelfmark: str
    title: str
    typology: str
    institution: str
    supplier: str
    delivery: str
    state: str
    views: int
    views_online: int
    online_since: datetime | None
    harvested: dict[str, datetime]


@dataclass(frozen=True, slots=True)
class CampaignDelivery:
    """A delivery of a campaign: what it held when it was checked, how it stands, how often it was refused."""

    identifier: str
    institution: str
    supplier: str
    documents: int
    views: int
    errors: int
    warnings: int
    received_at: datetime
    state: str
    refusals: int
    decided_by: str
    decided_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class CampaignAccount:
    """A campaign whole. Institutions and suppliers are named as a person reads them."""

    name: str
    year: int
    theme: dict[str, str]
    order: str
    documents: tuple[CampaignDocument, ...]
    deliveries: tuple[CampaignDelivery, ...]
    repositories: tuple[str, ...]


def load_campaign(session: Session, name: str) -> CampaignAccount:
    """Return the account of a campaign. Raises Unknown where no register knows it."""
    row = session.get(CampaignRow, name)
    if row is None:
        known = tuple(session.scalars(select(CampaignRow.name).order_by(bytewise(CampaignRow.name)))) or told("none")
        raise Unknown(
            told(
                "there is no campaign {name}; campaigns.toml has those there are (known: {known})",
                name=name,
                known=known,
            )
        )
    institutions = {each.name: each.label.get("fr") or each.name for each in session.scalars(select(InstitutionRow))}
    suppliers = {each.name: each.label for each in session.scalars(select(SupplierRow))}
    items = session.scalars(
        select(ItemRow)
        .where(ItemRow.campaign == name)
        .order_by(bytewise(ItemRow.institution), bytewise(ItemRow.identifier))
    ).all()
    deliveries = session.scalars(
        select(DeliveryRow)
        .where((DeliveryRow.campaign == name) | DeliveryRow.identifier.in_({item.delivery for item in items}))
        .order_by(DeliveryRow.received_at, bytewise(DeliveryRow.identifier))
    ).all()
    by_delivery = {delivery.identifier: delivery for delivery in deliveries}
    names = [item.name for item in items]
    harvested = _harvested(session, names)
    views, online, publications = _views(session, names), _online(session, names), _publications(session, names)
    documents = []
    for item in items:
        description = DESCRIPTION.validate_python(item.description)
        publication = publications.get(item.name)
        state = "failed" if item.state == ItemState.FAILED else "held"
        if publication:
            state = "online" if publication.state == "live" else "withdrawn"
        documents.append(
            CampaignDocument(
                name=item.name,
                identifier=item.identifier,
                shelfmark=description.shelfmark,
                title=description.title.value,
                typology=item.typology,
                institution=institutions.get(item.institution, item.institution),
                supplier=suppliers.get(by_delivery[item.delivery].supplier or "", ""),
                delivery=item.delivery,
                state=state,
                views=views.get(item.name, 0),
                views_online=online.get(item.name, 0) if state == "online" else 0,
                online_since=moment(publication.first_datestamp) if publication and state == "online" else None,
                harvested=harvested.get(item.name, {}),
            )
        )
    return CampaignAccount(
        name=row.name,
        year=row.year,
        theme=row.theme,
        order=row.order,
        documents=tuple(documents),
        deliveries=tuple(_delivery(session, each, institutions, suppliers) for each in deliveries),
        repositories=tuple(sorted({repository for found in harvested.values() for repository in found})),
    )


def _delivery(
    session: Session, row: DeliveryRow, institutions: dict[str, str], suppliers: dict[str, str]
) -> CampaignDelivery:
    documents, views = session.execute(
        select(func.count(func.distinct(CheckedViewRow.item)), func.count()).where(
            CheckedViewRow.delivery == row.identifier
        )
    ).one()
    refusals = session.scalar(
        select(func.count())
        .select_from(EventRow)
        .where(EventRow.subject == row.identifier, EventRow.action == "refused")
    )
    return CampaignDelivery(
        identifier=row.identifier,
        institution=institutions.get(row.institution or "", row.institution or ""),
        supplier=suppliers.get(row.supplier or "", row.supplier or ""),
        documents=documents,
        views=views,
        errors=row.errors,
        warnings=row.warnings,
        received_at=row.received_at,
        state=row.state,
        refusals=refusals or 0,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
    )


def _parts(names: list[str]) -> Iterable[list[str]]:
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))


def _views(session: Session, names: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in _parts(names):
        rows = session.execute(select(ViewRow.item, func.count()).where(ViewRow.item.in_(part)).group_by(ViewRow.item))
        found.update((name, number) for name, number in rows)
    return found


def _online(session: Session, names: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in _parts(names):
        rows = session.execute(
            select(PublishedImageRow.name, func.count())
            .where(PublishedImageRow.name.in_(part), PublishedImageRow.state == "live")
            .group_by(PublishedImageRow.name)
        )
        for name, number in rows:
            found[name] = number
    return found


def _publications(session: Session, names: list[str]) -> dict[str, PublicationRow]:
    found: dict[str, PublicationRow] = {}
    for part in _parts(names):
        found.update(
            (row.name, row) for row in session.scalars(select(PublicationRow).where(PublicationRow.name.in_(part)))
        )
    return found


def _harvested(session: Session, names: list[str]) -> dict[str, dict[str, datetime]]:
    """Return, by document and repository, when a harvest last brought its record as it stands now, in any format."""
    taken: dict[tuple[str, str], list[tuple[int, int, datetime]]] = {}
    for row in session.execute(
        select(HarvestRow.repository, HarvestRow.prefix, HarvestRow.first, HarvestRow.reached, HarvestRow.ended)
        .where(HarvestRow.verb == LIST_RECORDS, HarvestRow.spec == "", HarvestRow.reached > HarvestRow.first)
        .order_by(HarvestRow.ended.desc())
    ):
        ended = row.ended if row.ended.tzinfo else row.ended.replace(tzinfo=UTC)
        taken.setdefault((row.repository, row.prefix), []).append((row.first, row.reached, ended))
    found: dict[str, dict[str, datetime]] = {}
    for part in _parts(names):
        for record in session.execute(
            select(OaiRecordRow.repository, OaiRecordRow.prefix, OaiRecordRow.name, OaiRecordRow.sequence).where(
                OaiRecordRow.name.in_(part), OaiRecordRow.deleted.is_(False)
            )
        ):
            harvests = taken.get((record.repository, record.prefix), ())
            ended = next((when for first, reached, when in harvests if first < record.sequence <= reached), None)
            if ended is not None:
                by_repository = found.setdefault(record.name, {})
                by_repository[record.repository] = max(by_repository.get(record.repository, ended), ended)
    return found
