"""May this item be published now? Every rule says no with a sentence that names the remedy."""

from datetime import date

from server.catalogue.models import DeliveryRow, DeliveryState, ItemRow, ItemState
from server.errors import PublicationRefused
from server.model.item import Item
from server.model.rights import UNPUBLISHABLE


class NotYet(PublicationRefused):
    """Its not-before date is still to come; `day` is that date."""

    def __init__(self, name: str, day: date) -> None:
        self.day = day
        super().__init__(f"{name} may not be public before {day.isoformat()}; it is published by itself on that day")


def must_be_publishable(row: ItemRow, delivery: DeliveryRow, item: Item, today: date) -> None:
    """Raise PublicationRefused, or NotYet where only a date is missing."""
    name = f"{row.name} ({row.identifier})"
    if row.state == ItemState.FAILED:
        raise PublicationRefused(f"{name} could not be ingested: {row.failure}")
    if row.state != ItemState.READY:
        raise PublicationRefused(f"{name} is not ingested to its end; run `vitrine ingest` on {delivery.name} again")
    if delivery.state == DeliveryState.REFUSED:
        raise PublicationRefused(
            f"{name}: delivery {delivery.identifier} was refused by {delivery.decided_by}: {delivery.reason}"
        )
    if delivery.state != DeliveryState.ACCEPTED and row.acceptance_waived is None:
        raise PublicationRefused(
            f"{name}: delivery {delivery.identifier} is not accepted; run `vitrine accept {delivery.name} --by … --for "
            f"{delivery.institution}`, or publish with --without-acceptance --reason '…'"
        )
    obstacle = UNPUBLISHABLE.get(item.description.rights.status)
    if obstacle:
        raise PublicationRefused(f"{name}: {obstacle}")
    if not item.public_views:
        raise PublicationRefused(f"{name} has no view that may be shown; withdraw it, or correct its views")
    day = item.description.rights.not_before
    if day is not None and day > today:
        raise NotYet(name, day)
