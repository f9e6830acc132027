"""The tables of looking at deliveries: which views a check saw, and what a person marked on them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.catalogue.base import Base, Moment


class CheckedViewRow(Base):
    """A view as the last check of a delivery saw it: `digest` is of the file, `pixels` of what was decoded from it."""

    __tablename__ = "checked_view"
    __table_args__ = (Index("ix_checked_view_item", "item"),)

    delivery: Mapped[str] = mapped_column(ForeignKey("delivery.identifier"), primary_key=True)
    item: Mapped[str] = mapped_column(String(300), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64), default="")
    pixels: Mapped[str] = mapped_column(String(32), default="")


class ViewMarkRow(Base):
    """What a person marked on a view of a delivery: fine, redo, known, or none with a comment alone."""

    __tablename__ = "view_mark"

    delivery: Mapped[str] = mapped_column(ForeignKey("delivery.identifier"), primary_key=True)
    item: Mapped[str] = mapped_column(String(300), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(10))
    comment: Mapped[str] = mapped_column(default="")
    by: Mapped[str] = mapped_column("marked_by", default="")
    at: Mapped[datetime] = mapped_column("marked_at", Moment)
