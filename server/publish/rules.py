"""May this item be published now? Every rule says no with a sentence that names the remedy."""

from dataclasses import dataclass
from datetime import date

from server.catalogue.models import DeliveryRow, DeliveryState, ItemRow, ItemState
from server.model.item import Item
from server.model.rights import UNPUBLISHABLE


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an item may be published: `state` is may, waiting (only a date is missing) or refused."""

    state: str
    problem: str = ""


def judge(row: ItemRow, delivery: DeliveryRow, item: Item, today: date) -> Verdict:
    """Apply every rule; the first that says no decides."""
    name = f"{row.name} ({row.identifier})"
    problem = _ingest_problem(row, delivery) or _acceptance_problem(row, delivery)
    problem = problem or UNPUBLISHABLE.get(item.description.rights.status, "")
    if not problem and not item.public_views:
        problem = "it has no view that may be shown; withdraw it, or correct its views"
    if problem:
        return Verdict("refused", f"{name}: {problem}")
    day = item.description.rights.not_before
    if day is not None and day > today:
        return Verdict(
            "waiting", f"{name} may not be public before {day.isoformat()}; it is published by itself on that day"
        )
    return Verdict("may")


def _ingest_problem(row: ItemRow, delivery: DeliveryRow) -> str:
    if row.state == ItemState.FAILED:
        return f"it could not be ingested: {row.failure}"
    if row.state != ItemState.READY:
        return f"it is not ingested to its end; run `vitrine ingest` on {delivery.name} again"
    return ""


def _acceptance_problem(row: ItemRow, delivery: DeliveryRow) -> str:
    if delivery.state == DeliveryState.REFUSED:
        return f"delivery {delivery.identifier} was refused by {delivery.decided_by}: {delivery.reason}"
    if delivery.state != DeliveryState.ACCEPTED and row.acceptance_waived is None:
        return (
            f"delivery {delivery.identifier} is not accepted; run `vitrine accept {delivery.name} --by … --for "
            f"{delivery.institution}`, or publish with --without-acceptance --reason '…'"
        )
    return ""
