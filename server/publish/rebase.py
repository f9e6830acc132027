"""Publish everything under a new base URL: new datestamps, the same identifiers; taken up again where it stopped."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select

from server.catalogue.events import record_event
from server.catalogue.models import InstallationRow
from server.catalogue.publication_models import RECORDS, PublicationRow
from server.errors import CatalogueError
from server.publish.activities import announce_move
from server.publish.installation import BASE_URL, REBASING_TO
from server.publish.records import list_late, list_whole_records, move_late_records, move_whole_records
from server.publish.run import Outcome, republish_item
from server.publish.stamp import next_stamp
from server.publish.transaction import LIVE, write_journal
from server.publish.wholes import refresh_wholes
from server.settings import checked_base
from server.told import told
from server.workshop import Workshop


def rebase(workshop: Workshop, url: str) -> Iterator[Outcome]:
    """Publish every live item under `url`, one transaction each. Raises CatalogueError for an address that is none.

    Until the last one is done the installation says so, and serving refuses to start.
    """
    try:
        target = checked_base(url)
    except ValueError as error:
        raise CatalogueError(told("{url!r} {fault}", url=url, fault=str(error))) from None
    with workshop.catalogue.publication_lock(), workshop.catalogue.write() as session:
        base = session.get(InstallationRow, BASE_URL)
        if base is None:
            raise CatalogueError(told("nothing is published yet: set VITRINE_BASE_URL, there is nothing to rebase"))
        started = session.get(InstallationRow, REBASING_TO)
        if started is not None and target not in (started.value, base.value):
            raise CatalogueError(
                told(
                    "a rebase to {url} is not finished; run `vitrine rebase {url}` to its end, or `vitrine rebase "
                    "{before}` to go back",
                    url=started.value,
                    before=base.value,
                )
            )
        if started is None:
            session.add(InstallationRow(key=REBASING_TO, value=target))
            record_event(
                session, workshop.clock(), workshop.actor, "rebase started", target, detail={"from": base.value}
            )
        else:
            started.value = target  # on to the end, or back: what stands under another address is published anew
        live = session.scalars(
            select(PublicationRow.name).where(PublicationRow.state == LIVE).order_by(PublicationRow.first_sequence)
        ).all()
    addresses = replace(workshop.addresses, base=target)
    left = []
    for name in live:
        outcome = republish_item(workshop, name, addresses)
        if outcome.state not in ("updated", "unchanged", "not public"):
            left.append(f"{name} ({outcome.problem or outcome.state})")
        yield outcome
    if left:
        raise CatalogueError(
            told(
                "{count} documents still stand under the old address: {left}; withdraw them or mend them, then run "
                "`vitrine rebase {target}` again",
                count=len(left),
                left="; ".join(left),
                target=str(target),
            )
        )
    with workshop.catalogue.publication_lock(), workshop.catalogue.write() as session:
        started = session.get(InstallationRow, REBASING_TO)
        if started is not None and started.value == target:
            base = session.get_one(InstallationRow, BASE_URL)
            for name in list_late(session) if base.value != target else ():
                stamp = next_stamp(session, workshop.clock())
                write_journal(session, name, RECORDS, stamp, None)
                move_late_records(session, name, base.value, target, stamp, addresses.oai_identifier(name))
            for whole, part in list_whole_records(session) if base.value != target else ():
                stamp = next_stamp(session, workshop.clock())
                write_journal(session, part, RECORDS, stamp, None)
                move_whole_records(session, whole, base.value, target, stamp, addresses.oai_identifier(whole))
            base.value = target
            session.delete(started)
            announce_move(session, addresses, next_stamp(session, workshop.clock()))
            record_event(session, workshop.clock(), workshop.actor, "rebased", target)
    refresh_wholes(workshop, addresses)
