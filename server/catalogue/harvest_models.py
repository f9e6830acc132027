"""The table of the log of harvests: who took what, when, and how far. Written by the servers' background threads."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.catalogue.base import Base


class HarvestRow(Base):
    """A list that a harvester took, from its first page on; or a day's other requests of one harvester, by verb.

    `first` to `upto` are the places in the publication sequence between which the list lies; up to `reached` it has come
    for certain. `network` is /24 or /48, and is forgotten after a time.
    """

    __tablename__ = "harvest"
    __table_args__ = (
        Index("ix_harvest_ended", "ended"),
        Index("ix_harvest_reached", "repository", "verb", "prefix", "upto"),
    )

    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    repository: Mapped[str] = mapped_column(String(40))
    verb: Mapped[str] = mapped_column(String(20))
    prefix: Mapped[str] = mapped_column(String(40), default="")
    spec: Mapped[str] = mapped_column(String(200), default="")
    since: Mapped[str] = mapped_column(String(20), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")
    network: Mapped[str] = mapped_column(String(50), default="")
    began: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    pages: Mapped[int] = mapped_column(BigInteger, default=0)
    records: Mapped[int] = mapped_column(BigInteger, default=0)
    errors: Mapped[int] = mapped_column(BigInteger, default=0)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    first: Mapped[int] = mapped_column(BigInteger, default=0)
    upto: Mapped[int] = mapped_column(BigInteger, default=0)
    reached: Mapped[int] = mapped_column(BigInteger, default=0)
    is_whole: Mapped[bool] = mapped_column(default=False)
