"""`vitrine export`: documents leave whole, to be kept elsewhere or ingested again."""

from pathlib import Path

import click

from server.cli.tools import count, out, workshop
from server.export.run import export as write_export


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
        raise click.UsageError("say what to export: --institution or --campaign")
    folder = to or Path(f"export-{institution or campaign}")
    done = write_export(workshop(), folder, institution=institution, campaign=campaign, places=places)
    for problem in done.problems:
        out.print(problem, style="red", soft_wrap=True)
    elsewhere = f", {count(done.elsewhere, 'master')} only named in fetch.txt" if done.elsewhere else ""
    out.print(
        f"{folder}: {count(len(done.packages), 'package')}, {count(done.documents, 'document')}, "
        f"{count(done.views, 'view')}{elsewhere}."
    )
    if done.problems:
        context.exit(1)
