"""Bytes that an update left behind: what was replaced is deleted when the new version has been public for an hour.

Until a document is published again its readers are served what was there before; for a while after it, what they hold
still points there. What is to be done is read from the events, so a kill loses nothing.
"""

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.catalogue.events import record_event
from server.catalogue.items import find_item
from server.catalogue.kept import named_keys
from server.catalogue.locks import Locks, document_lock, open_locks
from server.catalogue.models import EventRow, ItemState
from server.catalogue.publication_models import PublicationRow
from server.errors import Busy
from server.storage.tidy import delete_others
from server.workshop import Workshop

GRACE = timedelta(hours=1)
UPDATED, TIDIED = "updated", "replaced bytes deleted"


def delete_replaced(workshop: Workshop) -> int:
    """Delete what nobody needs any more of the items that were updated; return how many files that were."""
    with workshop.catalogue.read() as session:
        last = (
            select(EventRow.subject, func.max(EventRow.identifier).label("identifier"))
            .where(EventRow.action.in_([UPDATED, TIDIED]))
            .group_by(EventRow.subject)
            .subquery()
        )
        events = session.execute(
            select(EventRow.subject, EventRow.at).join(last, EventRow.identifier == last.c.identifier)
            .where(EventRow.action == UPDATED)
        ).all()  # fmt: skip
    due = [event.subject for event in events if event.at + GRACE <= workshop.clock()]
    deleted = 0
    with open_locks(workshop.catalogue) as locks:
        for name in due:
            with suppress(Busy):  # it is being updated again: the next sweep looks at it
                deleted += _tidy(workshop, name, locks)
    return deleted


def _tidy(workshop: Workshop, name: str, locks: Locks) -> int:
    with workshop.catalogue.read() as session:
        item = find_item(session, name)
        lock = document_lock(item.institution, item.identifier)
    with locks.hold(lock):
        with workshop.catalogue.read() as session:
            if not _is_due(session, workshop, name):
                return 0
            keep = named_keys(session, name)
        deleted = delete_others(workshop.storage, name, keep)
        with workshop.catalogue.write() as session:
            record_event(session, workshop.clock(), workshop.actor, TIDIED, name, detail={"files": deleted})
        return deleted


def _is_due(session: Session, workshop: Workshop, name: str) -> bool:
    """Return whether nobody is served any more what an update replaced."""
    if find_item(session, name).state != ItemState.READY:
        return False
    last = {
        row.action: row
        for row in session.execute(
            select(
                EventRow.action, func.max(EventRow.identifier).label("identifier"), func.max(EventRow.at).label("at")
            )
            .where(EventRow.subject == name, EventRow.action.in_([UPDATED, "published"]))
            .group_by(EventRow.action)
        )
    }
    is_live = session.scalar(select(PublicationRow.state).where(PublicationRow.name == name)) == "live"
    published = last.get("published")
    if is_live and (published is None or published.identifier < last[UPDATED].identifier):
        return False
    return published is None or bool(published.at + GRACE <= workshop.clock())
