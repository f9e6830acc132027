"""`vitrine refuse`: the partner institution says no to a delivery, and why."""

import click

from server.catalogue.deliveries import Decision
from server.cli.decisions import record


@click.command()
@click.argument("delivery")
@click.option("--by", required=True, metavar="NAME", help="The person who decides.")
@click.option("--for", "institution", required=True, metavar="SLUG", help="The institution for which they decide.")
@click.option("--reason", required=True, metavar="TEXT", help="What the supplier must mend.")
def refuse(delivery: str, by: str, institution: str, reason: str) -> None:
    """Refuse DELIVERY: a folder, or a delivery's name as `vitrine status` shows it."""
    record(delivery, Decision(False, by, institution, reason))
