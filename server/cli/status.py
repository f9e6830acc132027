"""`vitrine status`: what is received, accepted, ingested, published, waiting, withdrawn, failed."""

import json
from dataclasses import asdict

import click
from rich.table import Table

from server.catalogue.overview import DeliveryStanding, ItemStanding, Totals, count_all, list_attention, list_deliveries
from server.catalogue.repositories import Problem, RepositoryStanding, list_problems, list_repositories
from server.cli.speech import out, say, spell, spoken
from server.cli.tools import workshop
from server.publish.outdated import count_outdated, tell_outdated
from server.quality.yearly import STATES
from server.told import LANGUAGES, counted, printable, told

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
        everything = {
            "deliveries": [asdict(delivery) for delivery in deliveries],
            "attention": [asdict(item) for item in attention],
            "totals": asdict(totals),
            "outdated": outdated,
            "repositories": [asdict(repository) for repository in repositories],
            "problems": [asdict(problem) for problem in problems],
        }
        click.echo(json.dumps(everything, ensure_ascii=False, indent=2, default=lambda moment: moment.isoformat()))
        return
    _print(deliveries, attention, totals)
    if outdated:
        out.print()
        say(told("{sentence}.", sentence=tell_outdated(outdated)))
    if deliveries:
        _print_repositories(repositories, problems)


def _print(deliveries: list[DeliveryStanding], attention: list[ItemStanding], totals: Totals) -> None:
    if not deliveries:
        say(told("No delivery was received yet. Begin with `vitrine check FOLDER`."))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    heads = (told("Delivery"), told("Institution"), told("State"), told("Check"), told("Documents"))
    for heading in heads:
        table.add_column(
            spell(heading), overflow="fold"
        )  # nothing is cut: a name is copied from here to the next command
    for one in deliveries:
        found = (
            *((counted(one.errors, "{n:,} error", "{n:,} errors"),) if one.errors else ()),
            *((counted(one.warnings, "{n:,} warning", "{n:,} warnings"),) if one.warnings else ()),
        )
        became = tuple(
            said
            for number, said in (
                (one.ingested, told("{number:,} ingested", number=one.ingested)),
                (one.published, told("{number:,} published", number=one.published)),
                (one.withdrawn, told("{number:,} withdrawn", number=one.withdrawn)),
                (one.failed, told("{number:,} failed", number=one.failed)),
            )
            if number
        )
        table.add_row(
            printable(one.identifier), one.institution or "–", STATES[one.state][LANGUAGES.index(spoken())],
            spell(told("{facts}", facts=found)) or "–", spell(told("{facts}", facts=became)) or "–",
        )  # fmt: skip
    out.print(table)
    if attention:
        out.print("\n" + spell(told("To look at")), style="bold")
        words = {
            "failed": told("failed"), "unfinished": told("unfinished"), "waiting": told("waiting"),
            "still public": told("still public"),
        }  # fmt: skip
        for item in attention:
            say(
                told(
                    "  {state}: {identifier} ({name}): {problem}",
                    state=words[item.state],
                    identifier=item.identifier,
                    name=item.name,
                    problem=item.problem,
                )
            )
    out.print()
    say(
        told(
            "{documents} held, {published:,} published ({views}), {waiting:,} waiting, {withdrawn:,} withdrawn, {failed:,} "
            "failed.",
            documents=counted(totals.held, "{n:,} document", "{n:,} documents"),
            published=totals.published,
            views=counted(totals.views, "{n:,} view", "{n:,} views"),
            waiting=totals.waiting,
            withdrawn=totals.withdrawn,
            failed=totals.failed,
        )
    )


def _print_repositories(repositories: list[RepositoryStanding], problems: list[Problem]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    heads = (told("Records"), told("Deleted"), told("Covered"), told("refused"), told("Late"))
    for heading in ("OAI-PMH", *(spell(head) for head in heads), ""):
        table.add_column(heading[:1].upper() + heading[1:], overflow="fold")
    for one in repositories:
        numbers = (one.records, one.deleted, one.covered, one.refused, one.late)
        to_do = told("its file is not applied yet: vitrine publish --repository {name}", name=one.name)
        table.add_row(
            f"/oai/{one.name}".rstrip("/"), *(str(number) for number in numbers), "" if one.is_applied else spell(to_do)
        )
    out.print()
    out.print(table)
    language = spoken()
    for problem in problems[:_SHOWN]:
        say(
            told(
                "  {repository}: {name} is {state}: {why}",
                repository=problem.repository,
                name=problem.name,
                state=told("late") if problem.state == "late" else told("refused"),
                why="; ".join(text[language] for text in problem.texts),
            )
        )
    if len(problems) > _SHOWN:
        say(told("  and {more:,} more; vitrine status --json names them all", more=len(problems) - _SHOWN))
