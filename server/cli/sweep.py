"""`vitrine sweep`: publish once what has become due, make the PDFs that are missing; `vitrine serve` does it by itself."""

import click

from server.cli.publish import report
from server.cli.speech import out
from server.cli.tools import count, workshop
from server.publish.making import PdfMaker
from server.publish.sweep import sweep as sweep_once


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
        out.print(f"{count(made, 'PDF')} made.")
    elif not outcomes:
        out.print("Nothing is waiting.")
