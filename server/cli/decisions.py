"""What `accept` and `refuse` share: a person's decision on a delivery, bound to the digests that were looked at."""

from server.catalogue.deliveries import Decision, decide, find_delivery
from server.cli.deliveries import identify_checked, read_digest
from server.cli.speech import say
from server.cli.tools import workshop
from server.told import Told, told


def record(given: str, decision: Decision) -> None:
    """Record a decision on the delivery that a person means: its folder, or its name in the catalogue.

    For a folder the files are read again: a decision counts for the files that were checked, and for no others.
    """
    tools = workshop()
    digest = read_digest(given, tools)
    meant = identify_checked(given, digest, tools, told("look at the result, then decide")) if digest else given
    with tools.catalogue.write() as session:
        row = find_delivery(session, meant)
        decide(session, row, decision, tools.clock(), tools.actor)
        identifier = row.identifier
    say(said_of(identifier, decision))


def said_of(identifier: str, decision: Decision) -> Told:
    """Return a decision as it is told to whoever entered it."""
    return told(
        "{decision}: {delivery}, by {person} for {institution}.",
        decision=told("Accepted") if decision.accepted else told("Refused"),
        delivery=identifier,
        person=decision.by,
        institution=decision.institution,
    )
