"""`vitrine ingest`: from a delivery to pyramids in storage and items in the catalogue."""

import time
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from server.cli.tools import DELIVERY, about_the_delivery, count, open_from, out, progress_bar, workshop
from server.delivery.export_reader import exported_packages
from server.ingest.run import Summary
from server.ingest.run import ingest as ingest_delivery


@click.command()
@click.argument("delivery", type=DELIVERY)
@about_the_delivery
@click.pass_context
def ingest(context: click.Context, /, delivery: Path, **about: Any) -> None:
    """Ingest the documents of DELIVERY, a folder.

    It may be stopped at any moment and run again: what is done is not done twice. A document with a broken view is
    refused, and the others go on; the exit status is 1 then. A document that is held already, and comes again in an
    accepted delivery with other content, is updated: it keeps its ARK, and what changed is told and recorded. Publish
    that delivery to show it. A folder that `vitrine export` wrote is taken whole.
    """
    tools = workshop()
    failed = False
    for folder in exported_packages(delivery) or (delivery,):
        opened = open_from(folder, about, tools.settings)
        started = time.monotonic()
        with progress_bar("Views", speed=True) as bar:
            summary = ingest_delivery(opened, tools, bar)
        _print(summary, time.monotonic() - started)
        failed = failed or bool(summary.failed)
    if failed:
        context.exit(1)


def _print(summary: Summary, seconds: float) -> None:
    table = Table("Document", "ARK name", "Views", "Result", box=None, pad_edge=False)
    words = {
        "ingested": ("ingested", "green"),
        "updated": ("updated", "green"),
        "held": ("already held", ""),
        "failed": ("refused", "red"),
    }
    for outcome in summary.outcomes:
        table.add_row(
            outcome.identifier, outcome.name, str(outcome.views),
            Text.assemble(words[outcome.state], f": {outcome.problem}" if outcome.problem else ""),
        )  # fmt: skip
    out.print(table)
    counts = {state: sum(outcome.state == state for outcome in summary.outcomes) for state in words}
    views = sum(outcome.views for outcome in summary.outcomes if outcome.state == "ingested")
    updated = f"{counts['updated']} updated, " if counts["updated"] else ""
    out.print(
        f"{summary.delivery}: {count(counts['ingested'], 'document')} ingested ({count(views, 'view')}), {updated}{counts['held']} already held, "
        f"{counts['failed']} refused, in {seconds:.0f} s."
    )
