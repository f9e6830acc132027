"""`vitrine sweep`: publish once what has become due, make the PDFs that are missing; `vitrine serve` does it by itself."""

import click

from server.cli.publish import report
from server.cli.speech import say
from server.cli.tools import workshop
from server.publish.making import PdfMaker
from server.publish.sweep import sweep as sweep_once
from server.told import counted, told


@click.command()
def sweep() -> None:
    """Publish what somebody wanted published and whose date has come, then make the PDFs that are announced and missing.

    `vitrine serve` does this every VITRINE_SWEEP_SECONDS; this command is for servers that run without it.
    """
    tools = workshop()
    outcomes = sweep_once(tools)
    if outcomes:
        report(outcomes)
    made = PdfMaker(tools).make_all()
    if made:
        say(counted(made, "{n:,} PDF made.", "{n:,} PDFs made."))
    elif not outcomes:
        say(told("Nothing is waiting."))
