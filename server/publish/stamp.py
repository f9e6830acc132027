"""The place of a publication in the one sequence that feeds every channel. Given under `Catalogue.publication_lock()`."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.catalogue.publication_models import JournalRow


@dataclass(frozen=True, slots=True)
class Stamp:
    """A publication's place: its sequence, and its datestamp in seconds since 1970, UTC."""

    sequence: int
    datestamp: int


def next_stamp(session: Session, now: datetime) -> Stamp:
    """Return the stamp of the publication to come: the next sequence, and now unless the last one was later."""
    sequence, datestamp = session.execute(select(func.max(JournalRow.sequence), func.max(JournalRow.datestamp))).one()
    return Stamp((sequence or 0) + 1, max(int(now.timestamp()), datestamp or 0))
