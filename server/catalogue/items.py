"""Items whole: from the tables of what is held to the value that publication renders."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.models import (
    CampaignRow,
    CollectionRow,
    InstitutionRow,
    ItemCollectionRow,
    ItemRow,
    PartnershipRow,
    ViewRow,
    ViewTextRow,
)
from server.catalogue.values import DESCRIPTION, NOTES, STRUCTURE, unpack_text
from server.errors import Unknown
from server.model.addresses import image_name
from server.model.item import Campaign, Institution, Item, Partnership, PublishedView
from server.model.levels import level_sizes
from server.model.text import PageText


def find_item(session: Session, name: str) -> ItemRow:
    """Return an item's row by the name part of its ARK. Raises Unknown."""
    row = session.get(ItemRow, name)
    if row is None:
        raise Unknown(f"there is no item {name}; `vitrine status` lists what is held")
    return row


def load_item(session: Session, name: str, naan: str) -> Item:
    """Return an item with its institution, campaign, views and structure. A withdrawn view is not public."""
    row = find_item(session, name)
    texts = set(session.scalars(select(ViewTextRow.number).where(ViewTextRow.item == name)))
    views = session.scalars(select(ViewRow).where(ViewRow.item == name).order_by(ViewRow.number)).all()
    collections = session.scalars(
        select(ItemCollectionRow.collection)
        .where(ItemCollectionRow.item == name)
        .order_by(ItemCollectionRow.collection)
    ).all()
    return Item(
        name=name,
        naan=naan,
        description=DESCRIPTION.validate_python(row.description),
        institution=load_institution(session, row.institution),
        views=tuple(_view(view, view.number in texts) for view in views),
        campaign=_load_campaign(session, row.campaign),
        collections=tuple(collections),
        structure=STRUCTURE.validate_python(row.structure),
        viewing_direction=row.viewing_direction,
        paged=row.paged,
        thumbnail_view=row.thumbnail_view,
    )


def load_institution(session: Session, name: str) -> Institution:
    """Return an institution with its partnerships."""
    row = session.get_one(InstitutionRow, name)
    partnerships = session.scalars(
        select(PartnershipRow)
        .where(PartnershipRow.institution == name)
        .order_by(PartnershipRow.programme, PartnershipRow.since)
    )
    return Institution(
        name=row.name,
        label=row.label,
        isil=row.isil,
        rcr=row.rcr,
        gallica_label=row.gallica_label,
        commune=row.commune,
        insee=row.insee,
        homepage=row.homepage,
        logo=row.logo,
        partnerships=tuple(Partnership(part.programme, part.since, part.until) for part in partnerships),
    )


def load_text(session: Session, name: str, number: int) -> PageText | None:
    """Return the text of a view, None where it has none. One at a time: a thousand pages of words fill a memory."""
    layout = session.scalar(select(ViewTextRow.layout).where(ViewTextRow.item == name, ViewTextRow.number == number))
    return unpack_text(layout) if layout is not None else None


def load_collection_labels(
    session: Session, names: tuple[str, ...]
) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Return label and summary of curated collections by name."""
    rows = session.scalars(select(CollectionRow).where(CollectionRow.name.in_(names)))
    return {row.name: (row.label, row.summary) for row in rows}


def _load_campaign(session: Session, name: str | None) -> Campaign | None:
    if name is None:
        return None
    row = session.get_one(CampaignRow, name)
    return Campaign(row.name, row.year, row.theme, row.order, row.keep_masters)


def _view(row: ViewRow, has_text: bool) -> PublishedView:
    notes = NOTES.validate_python(row.notes)
    if row.withdrawn_reason is not None:
        notes = replace(notes, public=False)
    return PublishedView(
        number=row.number,
        image=image_name(row.item, row.number),
        width=row.width,
        height=row.height,
        notes=notes,
        has_text=has_text,
        sizes=level_sizes(row.width, row.height, row.tile_size),
    )
