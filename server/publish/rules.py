"""May this item be published now? Every rule says no with a sentence that names the remedy."""

import shlex
from dataclasses import dataclass
from datetime import date

from server.catalogue.models import DeliveryRow, DeliveryState, ItemRow, ItemState
from server.model.item import Item
from server.model.rights import UNPUBLISHABLE
from server.told import NOTHING, Told, from_kept, told


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an item may be published: `state` is may, waiting (only a date is missing) or refused."""

    state: str
    problem: Told = NOTHING


def judge(row: ItemRow, delivery: DeliveryRow, item: Item, today: date) -> Verdict:
    """Apply every rule; the first that says no decides."""
    name = f"{row.name} ({row.identifier})"
    problem = _ingest_problem(row, delivery) or _acceptance_problem(row, delivery)
    problem = problem or UNPUBLISHABLE.get(item.description.rights.status, NOTHING)
    if not problem and not item.public_views:
        problem = told("it has no view that may be shown; withdraw it, or correct its views")
    if problem:
        return Verdict("refused", told("{name}: {problem}", name=name, problem=problem))
    day = item.description.rights.not_before
    if day is not None and day > today:
        return Verdict(
            "waiting",
            told(
                "{name} may not be public before {day}; it is published by itself on that day",
                name=name,
                day=day.isoformat(),
            ),
        )
    return Verdict("may")


def _ingest_problem(row: ItemRow, delivery: DeliveryRow) -> Told:
    if row.state == ItemState.FAILED:
        return told("it could not be ingested: {why}", why=from_kept(row.failure_said, row.failure))
    if row.state != ItemState.READY:
        return told("it is not ingested to its end; run `vitrine ingest` on {name} again", name=delivery.name)
    return NOTHING


def _acceptance_problem(row: ItemRow, delivery: DeliveryRow) -> Told:
    if delivery.state == DeliveryState.REFUSED:
        return told(
            "delivery {delivery} was refused by {person}: {reason}",
            delivery=delivery.identifier,
            person=delivery.decided_by,
            reason=delivery.reason,
        )
    if delivery.state != DeliveryState.ACCEPTED and row.acceptance_waived is None:
        return told(
            "delivery {delivery} is not accepted; run `vitrine accept {name} --by … --for {institution}`, or publish with "
            "--without-acceptance --reason '…'",
            delivery=delivery.identifier,
            name=shlex.quote(delivery.name),
            institution=delivery.institution,
        )
    return NOTHING
