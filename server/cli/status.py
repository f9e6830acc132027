"""`vitrine status`: what is received, accepted, ingested, published, waiting, withdrawn, failed."""

import json
from dataclasses import asdict

import click
from rich.table import Table

from server.catalogue.overview import DeliveryStanding, ItemStanding, Totals, count_all, list_attention, list_deliveries
from server.catalogue.repositories import Problem, RepositoryStanding, list_problems, list_repositories
from server.cli.tools import count, out, workshop
from server.publish.outdated import count_outdated, tell_outdated

_SHOWN = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a program: the same as JSON.")
def status(as_json: bool) -> None:
    """Say how things stand: each delivery, what needs attention, the totals, and each harvester's repository."""
    tools = workshop()
    with tools.catalogue.read() as session:
        deliveries, attention, totals = list_deliveries(session), list_attention(session), count_all(session)
        outdated = count_outdated(session)
        repositories, problems = list_repositories(session), list_problems(session)
    if as_json:
        told = {
            "deliveries": [asdict(delivery) for delivery in deliveries],
            "attention": [asdict(item) for item in attention],
            "totals": asdict(totals),
            "outdated": outdated,
            "repositories": [asdict(repository) for repository in repositories],
            "problems": [asdict(problem) for problem in problems],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2, default=lambda moment: moment.isoformat()))
        return
    _print(deliveries, attention, totals)
    if outdated:
        out.print(f"\n{tell_outdated(outdated)}.")
    if deliveries:
        _print_repositories(repositories, problems)


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


def _print_repositories(repositories: list[RepositoryStanding], problems: list[Problem]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("OAI-PMH", "Records", "Deleted", "Covered", "Refused", "Late", ""):
        table.add_column(heading, overflow="fold")
    for one in repositories:
        numbers = (one.records, one.deleted, one.covered, one.refused, one.late)
        to_do = "" if one.is_applied else f"its file is not applied yet: vitrine publish --repository {one.name}"
        table.add_row(f"/oai/{one.name}".rstrip("/"), *(str(number) for number in numbers), to_do)
    out.print()
    out.print(table)
    for problem in problems[:_SHOWN]:
        why = "; ".join(text["en"] for text in problem.texts)
        out.print(f"  {problem.repository}: {problem.name} is {problem.state}: {why}", soft_wrap=True)
    if len(problems) > _SHOWN:
        out.print(f"  and {count(len(problems) - _SHOWN, 'document')} more; vitrine status --json names them all")


def _told(*counts: tuple[int, str]) -> str:
    states = {"ingested", "published", "withdrawn", "failed"}
    return ", ".join(f"{number} {word}" if word in states else count(number, word) for number, word in counts if number)
