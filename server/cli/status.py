"""`vitrine status`: what is received, accepted, ingested, published, waiting, withdrawn, failed."""

import json
from dataclasses import asdict

import click
from rich.markup import escape
from rich.table import Table

from server.catalogue.overview import DeliveryStanding, ItemStanding, Totals, count_all, list_attention, list_deliveries
from server.cli.tools import out, workshop


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a program: the same as JSON.")
def status(as_json: bool) -> None:
    """Say how things stand: each delivery, what needs attention, and the totals."""
    tools = workshop()
    with tools.catalogue.read() as session:
        deliveries, attention, totals = list_deliveries(session), list_attention(session), count_all(session)
    if as_json:
        told = {
            "deliveries": [asdict(delivery) for delivery in deliveries],
            "attention": [asdict(item) for item in attention],
            "totals": asdict(totals),
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2, default=lambda moment: moment.isoformat()))
        return
    _print(deliveries, attention, totals)


def _print(deliveries: list[DeliveryStanding], attention: list[ItemStanding], totals: Totals) -> None:
    if not deliveries:
        out.print("No delivery was received yet. Begin with `vitrine check FOLDER`.")
        return
    table = Table(
        "Delivery", "Institution", "Received", "State", "Errors", "Warnings", "Ingested", "Failed", "Published", "Withdrawn",
        box=None, pad_edge=False, header_style="bold",
    )  # fmt: skip
    for one in deliveries:
        numbers = (one.errors, one.warnings, one.ingested, one.failed, one.published, one.withdrawn)
        table.add_row(
            escape(one.identifier), one.institution or "–", one.received_at.strftime("%Y-%m-%d"), one.state,
            *(str(number) if number else "–" for number in numbers),
        )  # fmt: skip
    out.print(table)
    if attention:
        out.print("\n[bold]To look at[/]")
        for item in attention:
            out.print(f"  {item.state}: {escape(item.identifier)} ({item.name}): {escape(item.problem)}")
    out.print(
        f"\n{totals.held} documents held, {totals.published} published ({totals.views} views), {totals.waiting} waiting, "
        f"{totals.withdrawn} withdrawn, {totals.failed} failed."
    )
