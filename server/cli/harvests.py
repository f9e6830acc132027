"""`vitrine harvests`: who harvested what, how far, and what is published and not delivered yet."""

import json
from dataclasses import asdict
from itertools import islice

import click
from rich.table import Table

from server.catalogue.harvests import Harvest, list_harvests, list_undelivered
from server.catalogue.repositories import load_published
from server.cli.speech import out
from server.cli.tools import count, workshop
from server.errors import Unknown
from server.model.addresses import Addresses
from server.oai.repository import everything
from server.workshop import Workshop

_SHOWN = 200


@click.command()
@click.option("--repository", default=None, metavar="NAME", help="Of one repository only; 'all' is the one at /oai.")
@click.option("--missing", default=None, metavar="NAME", help="List what NAME publishes and nobody has harvested yet.")
@click.option("--format", "prefix", default="", metavar="PREFIX", help="With --missing: in this format only.")
@click.option("--agent", default="", metavar="TEXT", help="With --missing: count harvests of this user agent only.")
@click.option(
    "--last", default=30, type=click.IntRange(1, 10_000), help="How many harvests to show.", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="For a program: the same as JSON, and all of what is missing.")
def harvests(repository: str | None, missing: str | None, prefix: str, agent: str, last: int, as_json: bool) -> None:
    """Say who harvested what by OAI-PMH, newest first: how many records, and whether to the end.

    With --missing: the documents that a repository publishes, or has withdrawn, and that no harvest has brought since.
    """
    tools = workshop()
    if missing is not None:
        _show_missing(tools, missing, prefix, agent, as_json)
        return
    with tools.catalogue.snapshot() as connection:
        found = list_harvests(connection, None if repository is None else _name(repository), last)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2, default=str))
        return
    if not found:
        out.print("Nobody has harvested yet. Harvesters are given the address that ends in /oai.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("When (UTC)", "Repository", "Who", "What", "Records", "How far"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "Records" else "left")
    for each in found:
        who = each.agent or "no name given"
        table.add_row(
            f"{each.ended:%Y-%m-%d %H:%M}",
            each.repository or "all",
            f"{who} ({each.network})" if each.network else who,
            _what(each),
            f"{each.records:,}",
            _how_far(each),
        )
    out.print(table)


def _what(each: Harvest) -> str:
    told = each.verb or "no request of the protocol"
    for word, value in (("", each.prefix), ("set", each.spec), ("since", each.since)):
        told += f" {word} {value}".replace("  ", " ") if value else ""
    return told


def _how_far(each: Harvest) -> str:
    if each.errors:
        return f"{count(each.errors, 'request')} refused"
    if not each.upto:
        return "nothing new" if each.is_whole else count(each.pages, "request")
    pages = count(each.pages, "page")
    return f"to the end, {pages}" if each.is_whole else f"broken off after {pages} of {count(each.size, 'record')}"


def _show_missing(tools: Workshop, given: str, prefix: str, agent: str, as_json: bool) -> None:
    settings, catalogue = tools.settings, tools.catalogue
    addresses = Addresses(settings.base, settings.naan, settings.repository_id)
    repository = _name(given)
    with catalogue.snapshot() as connection:
        known = {"": everything(settings), **load_published(connection)}
        told = known.get(repository)
        if told is None:
            names = ", ".join(name or "all" for name in known)
            raise Unknown(f"there is no repository {given}; there are {names}")
        if prefix and prefix not in told.formats:
            raise Unknown(f"{prefix} is no format of {given}; its formats are {', '.join(told.formats)}")
        found = list_undelivered(connection, repository, [prefix] if prefix else told.formats, agent)
        shown = list(found if as_json else islice(found, _SHOWN + 1))
    if as_json:
        listed = [asdict(each) | {"identifier": addresses.oai_identifier(each.name)} for each in shown]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2, default=str))
        return
    if not shown:
        out.print(f"Everything that {given} publishes has been harvested.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Document", "Format", "Published (UTC)", "State"):
        table.add_column(heading, overflow="fold")
    for each in shown[:_SHOWN]:
        state = "withdrawn, still to be told" if each.deleted else "not delivered"
        table.add_row(addresses.oai_identifier(each.name), each.prefix, f"{each.changed:%Y-%m-%d %H:%M}", state)
    out.print(table)
    if len(shown) > _SHOWN:
        out.print(f"\nMore than {_SHOWN} in all: add --json for the whole list.")


def _name(given: str) -> str:
    return "" if given == "all" else given
