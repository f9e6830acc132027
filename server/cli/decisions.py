"""What `accept` and `refuse` share: a person's decision on a delivery, bound to the digests that were looked at."""

import shlex
from pathlib import Path

from server.catalogue.deliveries import Decision, decide, find_delivery
from server.cli.tools import open_from, out, workshop
from server.errors import CatalogueError


def record(given: str, decision: Decision) -> None:
    """Record a decision on the delivery that a person means: its folder, or its name in the catalogue.

    For a folder the files are read again: a decision counts for the files that were checked, and for no others.
    """
    tools = workshop()
    folder = Path(given)
    digest = open_from(folder, {}, tools.settings).digest if _is_folder(folder) else ""
    with tools.catalogue.write() as session:
        try:
            row = find_delivery(session, digest or given)
        except CatalogueError:
            if not digest:
                raise
            raise CatalogueError(
                f"the files in {given} are not those of any check; run `vitrine check {shlex.quote(given)}`, look at the result, then decide"
            ) from None
        decide(session, row, decision, tools.clock(), tools.actor)
        identifier = row.identifier
    out.print(
        f"{'Accepted' if decision.accepted else 'Refused'}: {identifier}, by {decision.by} for {decision.institution}."
    )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (
        OSError
    ):  # a name that no file may have, or a folder that may not be looked into: it is a delivery's name then
        return False
