"""`vitrine status`: what is received, accepted, ingested, published, waiting, withdrawn, failed."""

import json
from dataclasses import asdict

import click
from rich.table import Table

from server.catalogue.overview import DeliveryStanding, ItemStanding, Totals, count_all, list_attention, list_deliveries
from server.cli.tools import count, out, workshop
from server.publish.outdated import count_outdated, tell_outdated


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a program: the same as JSON.")
def status(as_json: bool) -> None:
    """Say how things stand: each delivery, what needs attention, and the totals."""
    tools = workshop()
    with tools.catalogue.read() as session:
        deliveries, attention, totals = list_deliveries(session), list_attention(session), count_all(session)
        outdated = count_outdated(session)
    if as_json:
        told = {
            "deliveries": [asdict(delivery) for delivery in deliveries],
            "attention": [asdict(item) for item in attention],
            "totals": asdict(totals),
            "outdated": outdated,
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2, default=lambda moment: moment.isoformat()))
        return
    _print(deliveries, attention, totals)
    if outdated:
        out.print(f"\n{tell_outdated(outdated)}.")


def _print(deliveries: list[DeliveryStanding], attention: list[ItemStanding], totals: Totals) -> None:
    if not deliveries:
        out.print("No delivery was received yet. Begin with `vitrine check FOLDER`.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Delivery", "Institution", "State", "Check", "Documents"):
        table.add_column(heading, overflow="fold")  # nothing is cut: a name is copied from here to the next command
    for one in deliveries:
        found = _told((one.errors, "error"), (one.warnings, "warning"))
        became = _told(
            (one.ingested, "ingested"),
            (one.published, "published"),
            (one.withdrawn, "withdrawn"),
            (one.failed, "failed"),
        )
        table.add_row(one.identifier, one.institution or "–", one.state, found or "–", became or "–")
    out.print(table)
    if attention:
        out.print("\nTo look at", style="bold")
        for item in attention:
            out.print(f"  {item.state}: {item.identifier} ({item.name}): {item.problem}")
    out.print(
        f"\n{count(totals.held, 'document')} held, {totals.published} published ({count(totals.views, 'view')}), {totals.waiting} waiting, "
        f"{totals.withdrawn} withdrawn, {totals.failed} failed."
    )


def _told(*counts: tuple[int, str]) -> str:
    states = {"ingested", "published", "withdrawn", "failed"}
    return ", ".join(f"{number} {word}" if word in states else count(number, word) for number, word in counts if number)
