"""`vitrine export`: documents leave whole, to be kept elsewhere or ingested again."""

from pathlib import Path

import click

from server.cli.given import Mistake
from server.cli.speech import say
from server.cli.tools import workshop
from server.export.run import export as write_export
from server.told import counted, told


@click.command()
@click.option("--institution", metavar="SLUG", help="All documents of an institution.")
@click.option("--campaign", metavar="SLUG", help="All documents of a campaign.")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="A new folder; left out, it is named after what is exported.",
)
@click.option("--places", is_flag=True, help="Name the masters with their places (fetch.txt) and do not copy them.")
@click.pass_context
def export(
    context: click.Context, institution: str | None, campaign: str | None, to: Path | None, places: bool
) -> None:
    """Write all held documents of an institution or a campaign as BagIt packages, one for each delivery.

    Each holds masters, ALTO, a METS, source records, ARKs and former names, and how the delivery was checked. `vitrine
    ingest` on the folder makes the same documents again, under the same ARKs, in another catalogue whose registers know
    the institution. The exit status is 1 when anything is missing.
    """
    if (institution is None) == (campaign is None):
        raise Mistake(told("say what to export: --institution or --campaign"))
    folder = to or Path(f"export-{institution or campaign}")
    done = write_export(workshop(), folder, institution=institution, campaign=campaign, places=places)
    for problem in done.problems:
        say(problem, style="red")
    for note in done.notes:
        say(note, style="yellow")
    counts = [
        counted(len(done.packages), "{n:,} package", "{n:,} packages"),
        counted(done.documents, "{n:,} document", "{n:,} documents"),
        counted(done.views, "{n:,} view", "{n:,} views"),
    ]
    if done.elsewhere:
        counts.append(
            counted(done.elsewhere, "{n:,} master only named in fetch.txt", "{n:,} masters only named in fetch.txt")
        )
    say(told("{folder}: {counts}.", folder=str(folder), counts=tuple(counts)))
    if done.problems:
        context.exit(1)
