"""`vitrine publish`: make items public, each in one transaction."""

from collections import Counter

import click
from rich.text import Text

from server.catalogue.deliveries import find_delivery
from server.cli.tools import count, out, progress_bar, workshop
from server.publish.run import Outcome, list_items, publish_item, waive_acceptance


@click.command()
@click.argument("items", nargs=-1, metavar="[ITEM]...")
@click.option("--delivery", metavar="NAME", help="All documents of a delivery.")
@click.option("--campaign", metavar="SLUG", help="All documents of a campaign.")
@click.option("--all", "everything", is_flag=True, help="All documents that are held.")
@click.option("--without-acceptance", is_flag=True, help="Though nobody accepted the delivery; needs --reason.")
@click.option("--reason", default="", metavar="TEXT", help="Why it is published without acceptance; recorded.")
@click.pass_context
def publish(
    context: click.Context,
    items: tuple[str, ...],
    delivery: str | None,
    campaign: str | None,
    everything: bool,
    without_acceptance: bool,
    reason: str,
) -> None:
    """Publish ITEMs (names of ARKs), or those of a delivery, of a campaign, or all.

    An item that did not change stays as it is, datestamp included. One with a date still to come is published by itself
    on that day. A withdrawn item comes back only when it is named.
    """
    if sum((bool(items), delivery is not None, campaign is not None, everything)) != 1:
        raise click.UsageError("say what to publish: names of items, or one of --delivery, --campaign, --all")
    if without_acceptance and not reason.strip():
        raise click.UsageError("--without-acceptance needs --reason, which is recorded")
    tools = workshop()
    with tools.catalogue.read() as session:
        if delivery is not None:
            delivery = find_delivery(session, delivery).identifier
        names = list(items) or list_items(session, delivery=delivery, campaign=campaign)
    if without_acceptance:
        waive_acceptance(tools, names, reason)
    outcomes: list[Outcome] = []
    with progress_bar("Documents") as bar:
        bar.start(len(names))
        for name in names:
            outcomes.append(publish_item(tools, name, restore=bool(items)))
            bar.done()
    report(outcomes)
    if any(outcome.state == "refused" for outcome in outcomes):
        context.exit(1)


def report(outcomes: list[Outcome]) -> None:
    """Print what was refused or waits, one line each, then how many became what."""
    for outcome in outcomes:
        if outcome.problem:
            colour = "red" if outcome.state == "refused" else "yellow"
            out.print(Text.assemble((outcome.state, colour), f" {outcome.problem}"))
    states = ("published", "updated", "unchanged", "waiting", "withdrawn", "refused")
    became = Counter(outcome.state for outcome in outcomes)
    told = ", ".join(f"{became[state]} {state}" for state in states if became[state])
    out.print(
        f"{count(len(outcomes), 'document')}: {told}."
        if outcomes
        else "There is nothing to publish: ingest a delivery first."
    )
