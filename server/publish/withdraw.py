"""Withdraw an item or one of its views: a publication too. What was public answers 410 from then on."""

from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.catalogue.events import record_event
from server.catalogue.items import find_item
from server.catalogue.models import ViewRow
from server.catalogue.publication_models import PublicationRow, PublishedImageRow
from server.catalogue.values import ITEM
from server.errors import CatalogueError, Unknown
from server.model.addresses import image_name
from server.model.view import NEVER_PUBLISHED
from server.publish.activities import announce_withdrawal
from server.publish.files import forget_files
from server.publish.installation import must_keep_names
from server.publish.mementos import close_those_that_show, forget_payloads
from server.publish.run import Outcome, republish_item
from server.publish.stamp import next_stamp
from server.publish.texts import VIEW_KINDS
from server.publish.transaction import LIVE, WITHDRAWN, forget_documents, make_withdrawn
from server.search.library.write import refile_document
from server.search.write import remove_view
from server.told import told
from server.workshop import Workshop


def withdraw_item(workshop: Workshop, name: str, reason: str) -> bool:
    """Withdraw a live item, leaving a tombstone; False where it is not live: then it only waits no longer to become so.

    A tombstone holds no address, so this is possible under any base URL, also in the middle of a rebase. Raises Unknown
    for an item that is not held, CatalogueError without a reason.
    """
    _must_have_reason(reason)
    with workshop.catalogue.publication_lock(), workshop.catalogue.write() as session:
        item = find_item(session, name)
        row = session.get(PublicationRow, name)
        if item.publish_wanted:
            item.publish_wanted = False
            if row is None or row.state != LIVE:
                record_event(
                    session, workshop.clock(), workshop.actor, "publication unwanted", name, detail={"reason": reason}
                )
        if row is None or row.state != LIVE:
            return False
        must_keep_names(session, workshop.addresses)
        stamp = next_stamp(session, workshop.clock())
        with announce_withdrawal(session, name, workshop.addresses, stamp):
            make_withdrawn(session, row, stamp, workshop.addresses.oai_identifier(name), reason)
        record_event(
            session, workshop.clock(), workshop.actor, "withdrawn", name,
            detail={"reason": reason, "sequence": stamp.sequence},
        )  # fmt: skip
    return True


def withdraw_view(workshop: Workshop, name: str, number: int, reason: str) -> Outcome:
    """Withdraw one view; a live item is published anew without it, and the numbers of the others do not shift.

    An item that is not public stays so. Raises Unknown for a view that is not held, CatalogueError for an item's last
    public view.
    """
    _must_have_reason(reason)
    with workshop.catalogue.publication_lock(), workshop.catalogue.write() as session:
        item = find_item(session, name)
        view = session.get(ViewRow, (name, number))
        if view is None:
            raise Unknown(told("{name} has no view f{number}", name=name, number=number))
        left = session.scalar(
            select(func.count())
            .select_from(ViewRow)
            .where(
                ViewRow.item == name,
                ViewRow.public,
                ViewRow.kind.not_in([kind.value for kind in NEVER_PUBLISHED]),
                ViewRow.withdrawn_reason.is_(None),
                ViewRow.number != number,
            )
        )
        if not left:
            raise CatalogueError(
                told("f{number} is the last public view of {name}; withdraw the item instead", number=number, name=name)
            )
        if view.withdrawn_reason is None:
            view.withdrawn_reason = reason
            # Image and text are gone at once; the sweep renders the rest anew if this process should be ended before.
            image = session.get(PublishedImageRow, image_name(name, number))
            if image is not None and image.state == LIVE:
                image.state, item.publish_wanted = WITHDRAWN, True
            kinds = ["plain", *(f"{kind}/f{number}" for kind in (*VIEW_KINDS, "georeference"))]
            named = forget_documents(session, name, kinds)
            forget_payloads(session, named | close_those_that_show(session, name, [number], reason))
            forget_files(session, name, number)
            remove_view(session, name, number)
            _refile(session, name, number)
            record_event(
                session,
                workshop.clock(),
                workshop.actor,
                "view withdrawn",
                f"{name}.f{number}",
                detail={"reason": reason},
            )
    return republish_item(workshop, name)


def _must_have_reason(reason: str) -> None:
    if not reason.strip():
        raise CatalogueError(told("a withdrawal needs a reason, which readers will see: --reason"))


def _refile(session: Session, name: str, number: int) -> None:
    """Take what a view said out of what readers find of its document, which is still to be published without it."""
    row = session.get(PublicationRow, name)
    if row is not None and row.state == LIVE:
        item = ITEM.validate_python(row.item)
        views = tuple(view for view in item.views if view.number != number)
        refile_document(session, name, replace(item, views=views))
