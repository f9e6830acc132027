"""Items whole: from the tables of what is held to the value that publication renders."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.models import (
    CampaignRow,
    CollectionRow,
    FileRow,
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
from server.model.source import is_given, media_type_of
from server.model.text import PageText
from server.model.view import NEVER_PUBLISHED, ViewKind, ViewNotes
from server.told import told

SOURCE_SUFFIXES = (".xml", ".mrc")
"""Ends of the keys of source records that can be given on as they are, or as XML: `.mrc` is MARC in exchange format."""
ALTO_ROLE, ALTO_OF_SEVERAL_ROLE, PACKED_ROLE = "text", "text-of-several", "text-packed"
"""Roles of files: an ALTO of one page, and one of several pages, which is kept but not given to readers.

The third is one that came packed by gzip, as it came; the same unpacked stands beside it in one of the others."""


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A delivered file in the storage: its key, its size in bytes."""

    key: str
    size: int


def find_item(session: Session, name: str) -> ItemRow:
    """Return an item's row by the name part of its ARK. Raises Unknown."""
    row = session.get(ItemRow, name)
    if row is None:
        raise Unknown(told("there is no item {name}; `vitrine status` lists what is held", name=name))
    return row


def load_item(session: Session, name: str, naan: str) -> Item:
    """Return an item with its institution, campaign, views and structure. A withdrawn view is not public."""
    row = find_item(session, name)
    texts = set(session.scalars(select(ViewTextRow.number).where(ViewTextRow.item == name)))
    views = session.scalars(select(ViewRow).where(ViewRow.item == name).order_by(ViewRow.number)).all()
    altos = _own_altos(session, name, views)
    collections = session.scalars(
        select(ItemCollectionRow.collection)
        .where(ItemCollectionRow.item == name)
        .order_by(bytewise(ItemCollectionRow.collection))
    ).all()
    return Item(
        name=name,
        naan=naan,
        description=DESCRIPTION.validate_python(row.description),
        institution=load_institution(session, row.institution),
        views=tuple(_view(view, view.number in texts, view.number in altos) for view in views),
        campaign=_load_campaign(session, row.campaign),
        collections=tuple(collections),
        structure=STRUCTURE.validate_python(row.structure),
        viewing_direction=row.viewing_direction,
        paged=row.paged,
        thumbnail_view=row.thumbnail_view,
        source=_given_source(session, row, views),
    )


def load_institution(session: Session, name: str) -> Institution:
    """Return an institution with its partnerships."""
    row = session.get_one(InstitutionRow, name)
    partnerships = session.scalars(
        select(PartnershipRow)
        .where(PartnershipRow.institution == name)
        .order_by(bytewise(PartnershipRow.programme), PartnershipRow.since)
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


def load_packed_texts(session: Session, name: str, numbers: Collection[int]) -> dict[int, bytes]:
    """Return the texts of some views by number, still packed: for who unpacks them elsewhere, a few at a time."""
    rows = session.execute(
        select(ViewTextRow.number, ViewTextRow.layout).where(ViewTextRow.item == name, ViewTextRow.number.in_(numbers))
    )
    return {row.number: row.layout for row in rows}


def load_altos(session: Session, item: Item) -> dict[int, HeldFile]:
    """Return the ALTO files of an item that readers may have, by the number of the view."""
    given = {view.number for view in item.public_views if view.has_alto}
    rows = session.scalars(select(FileRow).where(FileRow.item == item.name, FileRow.role == ALTO_ROLE))
    return {row.view: HeldFile(row.key, row.size) for row in rows if row.view in given and row.key is not None}


def load_source(session: Session, name: str) -> HeldFile | None:
    """Return the file in which an item was described as it was delivered, where that is XML or MARC; None where it is not."""
    row = _source_row(session, name)
    if row is None or row.key is None or not row.key.endswith(SOURCE_SUFFIXES):
        return None
    return HeldFile(row.key, row.size)


def load_given_source(session: Session, item: Item) -> HeldFile | None:
    """Return the source record of an item that readers may have; None where they may not."""
    row = _source_row(session, item.name) if item.source else None
    return HeldFile(row.key, row.size) if row is not None and row.key is not None else None


def _source_row(session: Session, name: str) -> FileRow | None:
    return session.scalars(select(FileRow).where(FileRow.item == name, FileRow.role == "source")).first()


def _given_source(session: Session, row: ItemRow, views: Sequence[ViewRow]) -> str:
    source = _source_row(session, row.name)
    if source is None or source.key is None:
        return ""
    media_type = media_type_of(source.key)
    shown = ((ViewKind(view.kind), _notes(view).public) for view in views)
    return media_type if is_given(media_type, DESCRIPTION.validate_python(row.description).rights, shown) else ""


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


def _own_altos(session: Session, name: str, views: Sequence[ViewRow]) -> set[int]:
    """Return the views whose ALTO is kept and speaks of no view that readers may not see."""
    rows = session.execute(
        select(FileRow.view, FileRow.digest).where(
            FileRow.item == name, FileRow.role == ALTO_ROLE, FileRow.key.is_not(None)
        )
    ).all()
    hidden = {view.number for view in views if not _notes(view).public or view.kind in NEVER_PUBLISHED}
    kept_back = {row.digest for row in rows if row.view in hidden}
    return {row.view for row in rows if row.digest not in kept_back}


def _notes(row: ViewRow) -> ViewNotes:
    notes = NOTES.validate_python(row.notes)
    return notes if row.withdrawn_reason is None else replace(notes, public=False)


def _view(row: ViewRow, has_text: bool, has_alto: bool) -> PublishedView:
    return PublishedView(
        number=row.number,
        image=image_name(row.item, row.number),
        width=row.width,
        height=row.height,
        notes=_notes(row),
        has_text=has_text,
        sizes=level_sizes(row.width, row.height, row.tile_size),
        has_alto=has_alto,
    )
