"""`vitrine accept`: the partner institution says yes to a delivery."""

import click

from server.catalogue.deliveries import Decision
from server.cli.decisions import record


@click.command()
@click.argument("delivery")
@click.option("--by", required=True, metavar="NAME", help="The person who decides.")
@click.option("--for", "institution", required=True, metavar="SLUG", help="The institution for which they decide.")
@click.option("--reason", default="", metavar="TEXT", help="Why; needed with --despite-errors.")
@click.option("--despite-errors", is_flag=True, help="Accept what is sound though the check found errors.")
def accept(delivery: str, by: str, institution: str, reason: str, despite_errors: bool) -> None:
    """Accept DELIVERY: a folder, or a delivery's name as `vitrine status` shows it.

    What is not accepted is not published. The decision is bound to the files that were checked.
    """
    record(delivery, Decision(True, by, institution, reason, despite_errors))
