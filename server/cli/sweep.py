"""`vitrine sweep`: publish once what has become due; `vitrine serve` does it by itself."""

import click

from server.cli.publish import report
from server.cli.tools import out, workshop
from server.publish.sweep import sweep as sweep_once


@click.command()
def sweep() -> None:
    """Publish what somebody wanted published and whose date has come.

    `vitrine serve` does this every VITRINE_SWEEP_SECONDS; this command is for servers that run without it.
    """
    outcomes = sweep_once(workshop())
    if outcomes:
        report(outcomes)
    else:
        out.print("Nothing is waiting.")
