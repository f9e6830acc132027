"""`vitrine review`: what a partner institution decided in the report, taken over."""

from pathlib import Path

import click

from server.catalogue.reviews import MARKS, list_marks, take_review
from server.cli.decisions import said_of
from server.cli.given import File
from server.cli.speech import say
from server.cli.tools import workshop
from server.quality.decisions import read_decisions
from server.told import counted, told


@click.group()
def review() -> None:
    """Take over what a partner institution decided in the report on a delivery."""


@review.command("import")
@click.argument("decisions", type=File())
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
        say(told("Known already: {delivery} stays as it was decided; nothing was changed.", delivery=identifier))
        return
    say(said_of(identifier, said.decision))
    if not marks:
        say(told("No view was marked."))
        return
    words = {
        "fine": told("fine"),
        "redo": told("to redo"),
        "known": told("known defects"),
        "none": told("with a comment alone"),
    }
    counts = [(mark, sum(one.mark == mark for one in marks)) for mark in MARKS]
    say(
        told(
            "{views}: {marks}.",
            views=counted(len(marks), "{n:,} view marked", "{n:,} views marked"),
            marks=tuple(
                told("{number:,} {word}", number=number, word=words[mark]) for mark, number in counts if number
            ),
        )
    )
