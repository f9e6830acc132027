"""The tables of what is held: institutions, deliveries, items, views, files, text, events.

Keys are natural and readable: slugs, ARK names, view numbers. What the world sees of it is in
`server/catalogue/publication_models.py`; serving reads nothing from here. Not to be imported by a surface.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.catalogue.base import Base, Moment


class DeliveryState(StrEnum):
    """Where a delivery stands: received → checked → accepted | refused."""

    RECEIVED = "received"
    CHECKED = "checked"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class ItemState(StrEnum):
    """Where an item stands before publication."""

    INGESTING = "ingesting"
    READY = "ready"
    FAILED = "failed"


class InstitutionRow(Base):
    """Who holds documents (see `server.model.item.Institution`)."""

    __tablename__ = "institution"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    label: Mapped[dict[str, str]] = mapped_column(JSON)
    isil: Mapped[str] = mapped_column(default="")
    rcr: Mapped[str] = mapped_column(default="")
    gallica_label: Mapped[str] = mapped_column(default="")
    commune: Mapped[str] = mapped_column(default="")
    insee: Mapped[str] = mapped_column(default="")
    homepage: Mapped[str] = mapped_column(default="")
    logo: Mapped[str] = mapped_column(default="")


class PartnershipRow(Base):
    """An institution's part in a programme, from a day to a day."""

    __tablename__ = "partnership"

    institution: Mapped[str] = mapped_column(ForeignKey("institution.name"), primary_key=True)
    programme: Mapped[str] = mapped_column(String(80), primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    until: Mapped[date | None]


class SupplierRow(Base):
    """Who scans."""

    __tablename__ = "supplier"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    label: Mapped[str]


class CampaignRow(Base):
    """A year's themed digitisation."""

    __tablename__ = "campaign"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    year: Mapped[int]
    theme: Mapped[dict[str, str]] = mapped_column(JSON)
    order: Mapped[str] = mapped_column("order_reference", default="")
    keep_masters: Mapped[bool] = mapped_column(default=True)


class CollectionRow(Base):
    """A curated collection, from `manifests/collections/*.toml`."""

    __tablename__ = "collection"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    label: Mapped[dict[str, str]] = mapped_column(JSON)
    summary: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


class DeliveryRow(Base):
    """A delivery, bound to the digest of its files: the same folder with other files is another delivery."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("digest"),
        CheckConstraint("state in ('received', 'checked', 'accepted', 'refused')", name="state"),
    )

    identifier: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str]
    path: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str]
    institution: Mapped[str | None] = mapped_column(ForeignKey("institution.name"))
    supplier: Mapped[str | None] = mapped_column(ForeignKey("supplier.name"))
    campaign: Mapped[str | None] = mapped_column(ForeignKey("campaign.name"))
    brings: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """Which parts of held documents it brings, between spaces; empty where it brings documents whole."""
    state: Mapped[str] = mapped_column(String(20), default=DeliveryState.RECEIVED)
    received_at: Mapped[datetime] = mapped_column(Moment)
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    errors: Mapped[int] = mapped_column(default=0)
    warnings: Mapped[int] = mapped_column(default=0)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str] = mapped_column(default="")
    decided_for: Mapped[str | None] = mapped_column(ForeignKey("institution.name"))
    reason: Mapped[str] = mapped_column(default="")


class FindingRow(Base):
    """What the last check of a delivery found."""

    __tablename__ = "finding"

    delivery: Mapped[str] = mapped_column(ForeignKey("delivery.identifier"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str]
    severity: Mapped[str] = mapped_column(String(10))
    message: Mapped[str]
    said: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    """The message as template and values (`server.told`); none where an older version kept the English alone."""
    path: Mapped[str] = mapped_column(default="")
    item: Mapped[str] = mapped_column(default="")
    view: Mapped[int | None]


class ArkRow(Base):
    """An ARK name, minted or brought along; never deleted, so never given twice."""

    __tablename__ = "ark"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    minted_at: Mapped[datetime] = mapped_column(Moment)


class AliasRow(Base):
    """A former name of an item: `kind` is ark, url or oai; it redirects for ever and belongs to one item."""

    __tablename__ = "alias"
    __table_args__ = (CheckConstraint("kind in ('ark', 'url', 'oai')", name="kind"),)

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[str] = mapped_column(String(500), primary_key=True)
    item: Mapped[str] = mapped_column(ForeignKey("item.name"), index=True)


class ItemRow(Base):
    """A document: description and structure are the JSON of `server.model` values."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("institution", "identifier"),
        CheckConstraint("state in ('ingesting', 'ready', 'failed')", name="state"),
    )

    name: Mapped[str] = mapped_column(ForeignKey("ark.name"), primary_key=True)
    institution: Mapped[str] = mapped_column(ForeignKey("institution.name"))
    identifier: Mapped[str] = mapped_column(String(300))
    delivery: Mapped[str] = mapped_column(ForeignKey("delivery.identifier"), index=True)
    campaign: Mapped[str | None] = mapped_column(ForeignKey("campaign.name"), index=True)
    state: Mapped[str] = mapped_column(String(20), default=ItemState.INGESTING)
    failure: Mapped[str] = mapped_column(default="")
    failure_said: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    """The same as template and values (`server.told`), to be said in another language."""
    input_digest: Mapped[str] = mapped_column(String(64))
    typology: Mapped[str] = mapped_column(String(40))
    rights_status: Mapped[str] = mapped_column(String(40))
    not_before: Mapped[date | None]
    description: Mapped[Any] = mapped_column(JSON)
    structure: Mapped[Any] = mapped_column(JSON)
    viewing_direction: Mapped[str] = mapped_column(String(20), default="left-to-right")
    paged: Mapped[bool] = mapped_column(default=False)
    thumbnail_view: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    publish_wanted: Mapped[bool] = mapped_column(default=False)
    """Somebody asked for its publication and a date is still to come: the sweep publishes it on that day."""
    acceptance_waived: Mapped[str | None]
    """Why it may be published though its delivery was not accepted."""


class ItemCollectionRow(Base):
    """An item's place in a curated collection."""

    __tablename__ = "item_collection"

    item: Mapped[str] = mapped_column(ForeignKey("item.name"), primary_key=True)
    collection: Mapped[str] = mapped_column(ForeignKey("collection.name"), primary_key=True)


class ViewRow(Base):
    """A view with its pyramid. Numbers never shift; a withdrawn view keeps its row and its reason."""

    __tablename__ = "view"

    item: Mapped[str] = mapped_column(ForeignKey("item.name"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    public: Mapped[bool]
    label: Mapped[str] = mapped_column(default="")
    notes: Mapped[Any] = mapped_column(JSON)
    width: Mapped[int]
    height: Mapped[int]
    master_digest: Mapped[str] = mapped_column(String(64))
    recipe: Mapped[str]
    tile_size: Mapped[int]
    pyramid_key: Mapped[str]
    index_key: Mapped[str]
    withdrawn_reason: Mapped[str | None]


class FileRow(Base):
    """A delivered file of an item: `key` where the storage keeps it, else `place`, where it can be found.

    Several views may share a file (`view` is part of the key); 0 stands for the document as a whole.
    """

    __tablename__ = "file"

    item: Mapped[str] = mapped_column(ForeignKey("item.name"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    path: Mapped[str] = mapped_column(String(1000), primary_key=True)
    view: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str | None]
    place: Mapped[str | None]


class ViewTextRow(Base):
    """The text of a view: as read, and as words with boxes (zlib-compressed JSON of `server.model.text.PageText`)."""

    __tablename__ = "view_text"
    __table_args__ = (ForeignKeyConstraint(["item", "number"], ["view.item", "view.number"]),)

    item: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str | None]
    plain: Mapped[str]
    layout: Mapped[bytes] = mapped_column(LargeBinary)


class EventRow(Base):
    """Who did what to what, when, from which input by which recipe. Rows are added, never changed."""

    __tablename__ = "event"

    identifier: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(300), index=True)
    digest: Mapped[str] = mapped_column(default="")
    recipe: Mapped[str] = mapped_column(default="")
    detail: Mapped[Any] = mapped_column(JSON, default=dict)


class InstallationRow(Base):
    """What is fixed at the first publication: base URL, repository id, NAAN."""

    __tablename__ = "installation"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str]
