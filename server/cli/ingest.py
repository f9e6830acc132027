"""`vitrine ingest`: from a delivery to pyramids in storage and items in the catalogue."""

import time
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from server.cli.speech import out, say, spell
from server.cli.tools import DELIVERY, about_the_delivery, open_from, progress_bar, workshop
from server.delivery.export_reader import exported_packages
from server.ingest.run import Summary
from server.ingest.run import ingest as ingest_delivery
from server.told import counted, printable, told


@click.command()
@click.argument("delivery", type=DELIVERY)
@click.option("--retry", is_flag=True, help="Make refused documents anew, though nothing of them has changed.")
@about_the_delivery
@click.pass_context
def ingest(context: click.Context, /, delivery: Path, retry: bool, **about: Any) -> None:
    """Ingest the documents of DELIVERY, a folder.

    It may be stopped at any moment and run again: what is done is not done twice. A document with a broken view is
    refused, and the others go on; the exit status is 1 then. What was refused for its files is not made again while they
    are the same. A document that is held already, and comes again in an
    accepted delivery with other content, is updated: it keeps its ARK, and what changed is told and recorded. Publish
    that delivery to show it. A folder that `vitrine export` wrote is taken whole.
    """
    tools = workshop()
    failed = False
    for folder in exported_packages(delivery) or (delivery,):
        opened = open_from(folder, about, tools.settings)
        started = time.monotonic()
        with progress_bar(told("Views"), speed=True) as bar:
            summary = ingest_delivery(opened, tools, bar, retry=retry)
        _print(summary, time.monotonic() - started)
        failed = failed or bool(summary.failed)
    if failed:
        context.exit(1)


def _print(summary: Summary, seconds: float) -> None:
    heads = (told("Document"), told("ARK name"), told("Views"), told("Result"))
    table = Table(*(spell(head) for head in heads), box=None, pad_edge=False)
    words = {
        "ingested": (told("ingested"), "green"),
        "updated": (told("updated"), "green"),
        "held": (told("already held"), ""),
        "failed": (told("refused"), "red"),
    }
    for outcome in summary.outcomes:
        word, colour = words[outcome.state]
        why = spell(told(": {why}", why=outcome.problem)) if outcome.problem else ""
        table.add_row(
            printable(outcome.identifier), outcome.name, str(outcome.views), Text.assemble((spell(word), colour), why)
        )
    out.print(table)
    counts = {state: sum(outcome.state == state for outcome in summary.outcomes) for state in words}
    views = sum(outcome.views for outcome in summary.outcomes if outcome.state == "ingested")
    say(
        told(
            "{delivery}: {ingested} ({views}), {others}, in {seconds:.0f} s.",
            delivery=summary.delivery,
            ingested=counted(counts["ingested"], "{n:,} document ingested", "{n:,} documents ingested"),
            views=counted(views, "{n:,} view", "{n:,} views"),
            others=(
                *([told("{number:,} updated", number=counts["updated"])] if counts["updated"] else []),
                told("{number:,} already held", number=counts["held"]),
                told("{number:,} refused", number=counts["failed"]),
            ),
            seconds=seconds,
        )
    )
