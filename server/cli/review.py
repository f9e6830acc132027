"""`vitrine review`: what a partner institution decided in the report, taken over."""

from pathlib import Path

import click

from server.catalogue.reviews import MARKS, list_marks, take_review
from server.cli.tools import count, out, workshop
from server.quality.decisions import read_decisions


@click.group()
def review() -> None:
    """Take over what a partner institution decided in the report on a delivery."""


@review.command("import")
@click.argument("decisions", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(decisions: Path) -> None:
    """Import DECISIONS, the decisions.json that the report of `vitrine check --report` saved.

    The delivery is accepted or refused, and the marks on its views are kept for its redelivery. The decision counts for
    the files that were looked at: where the digests of the delivery or of a marked view are others, nothing is changed.
    Importing the same file again changes nothing.
    """
    said = read_decisions(decisions)
    tools = workshop()
    with tools.catalogue.write() as session:
        row, changed = take_review(session, said, tools.clock(), tools.actor)
        identifier, marks = row.identifier, list_marks(session, row.identifier)
    if not changed:
        out.print(f"Known already: {identifier} stays as it was decided; nothing was changed.")
        return
    word = "Accepted" if said.decision.accepted else "Refused"
    words = {"fine": "fine", "redo": "to redo", "known": "known defects", "none": "with a comment alone"}
    told = ", ".join(f"{number} {words[mark]}" for mark in MARKS if (number := sum(one.mark == mark for one in marks)))
    out.print(f"{word}: {identifier}, by {said.decision.by} for {said.decision.institution}.")
    out.print(f"{count(len(marks), 'view')} marked: {told}." if marks else "No view was marked.")
