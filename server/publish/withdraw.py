"""Withdraw an item or one of its views: a publication too. What was public answers 410 from then on."""

from sqlalchemy import select

from server.catalogue.events import record_event
from server.catalogue.items import find_item
from server.catalogue.models import ViewRow
from server.catalogue.publication_models import PublicationRow, PublishedImageRow
from server.errors import CatalogueError, Unknown
from server.model.addresses import image_name
from server.publish.installation import must_fit_installation
from server.publish.run import Outcome, publish_item
from server.publish.transaction import LIVE, WITHDRAWN, make_withdrawn, next_stamp
from server.workshop import Workshop


def withdraw_item(workshop: Workshop, name: str, reason: str) -> bool:
    """Withdraw a live item, leaving a tombstone; return False where it is not live (nothing is changed then).

    Raises Unknown for an item that is not held, CatalogueError without a reason.
    """
    _must_have_reason(reason)
    with workshop.catalogue.publication_lock(), workshop.catalogue.write() as session:
        must_fit_installation(session, workshop.addresses)
        find_item(session, name).publish_wanted = False
        row = session.get(PublicationRow, name)
        if row is None or row.state != LIVE:
            return False
        stamp = next_stamp(session, workshop.clock())
        make_withdrawn(session, row, stamp, workshop.addresses.oai_identifier(name), reason)
        record_event(
            session, workshop.clock(), workshop.actor, "withdrawn", name,
            detail={"reason": reason, "sequence": stamp.sequence},
        )  # fmt: skip
    return True


def withdraw_view(workshop: Workshop, name: str, number: int, reason: str) -> Outcome:
    """Withdraw one view; the item is published again without it, and the numbers of the others do not shift.

    Raises Unknown for a view that is not held, CatalogueError for an item's last public view.
    """
    _must_have_reason(reason)
    with workshop.catalogue.publication_lock(), workshop.catalogue.write() as session:
        item = find_item(session, name)
        view = session.get(ViewRow, (name, number))
        if view is None:
            raise Unknown(f"{name} has no view f{number}")
        left = session.scalars(
            select(ViewRow.number).where(
                ViewRow.item == name, ViewRow.public, ViewRow.withdrawn_reason.is_(None), ViewRow.number != number
            )
        ).all()
        if not left:
            raise CatalogueError(f"f{number} is the last public view of {name}; withdraw the item instead")
        if view.withdrawn_reason is None:
            view.withdrawn_reason = reason
            # Gone at once; the sweep publishes the rest anew if this process should be ended before it does.
            image = session.get(PublishedImageRow, image_name(name, number))
            if image is not None:
                image.state, item.publish_wanted = WITHDRAWN, True
            record_event(
                session,
                workshop.clock(),
                workshop.actor,
                "view withdrawn",
                f"{name}.f{number}",
                detail={"reason": reason},
            )
    return publish_item(workshop, name)


def _must_have_reason(reason: str) -> None:
    if not reason.strip():
        raise CatalogueError("a withdrawal needs a reason, which readers will see: --reason")
