"""`vitrine publish`: make items public, each in one transaction."""

from collections import Counter

import click
from rich.text import Text

from server.catalogue.items import find_item
from server.catalogue.models import CampaignRow
from server.catalogue.repositories import list_problems
from server.cli.deliveries import identify
from server.cli.given import Mistake
from server.cli.speech import out, say, spell, spoken
from server.cli.tools import item_name, progress_bar, workshop
from server.errors import Busy, CatalogueError, Unknown, VitrineError
from server.publish.apply import apply_everything, apply_repository
from server.publish.run import Outcome, list_items, publish_item, waive_acceptance
from server.publish.stamp import next_stamp
from server.publish.wholes import refresh_wholes
from server.told import counted, told
from server.workshop import Workshop

PLACES = {
    "listed": told("listed"), "covered": told("covered by their whole"), "out": told("not selected"),
    "refused": told("refused"), "late": told("late"),
}  # fmt: skip
"""How a document may stand in a harvester's repository, in words."""

STATES = {
    "published": told("published"), "updated": told("updated"), "unchanged": told("unchanged"), "waiting": told("waiting"),
    "withdrawn": told("withdrawn"), "not public": told("not public"), "refused": told("refused"),
}  # fmt: skip
"""What may become of a document that is to be published, in words."""

SHOWN = 20
"""How many refusals of repositories are told one by one."""

ALL = "all"
"""How the repository of everything public is called where names are."""

NONE = told("There is nothing to publish: ingest a delivery first.")


@click.command()
@click.argument("items", nargs=-1, metavar="[ITEM]...")
@click.option("--delivery", metavar="NAME|FOLDER", help="All documents of a delivery.")
@click.option("--campaign", metavar="SLUG", help="All documents of a campaign.")
@click.option("--all", "everything", is_flag=True, help="All documents that are held.")
@click.option(
    "--repository", metavar="NAME", help="Apply a harvester's file to all that is public; nothing else. 'all' is /oai."
)
@click.option("--without-acceptance", is_flag=True, help="Though nobody accepted the delivery; needs --reason.")
@click.option("--reason", default="", metavar="TEXT", help="Why it is published without acceptance; recorded.")
@click.pass_context
def publish(
    context: click.Context,
    items: tuple[str, ...],
    delivery: str | None,
    campaign: str | None,
    everything: bool,
    repository: str | None,
    without_acceptance: bool,
    reason: str,
) -> None:
    """Publish ITEMs (names of ARKs, ARKs or their addresses), or those of a delivery, of a campaign, or all.

    An item that did not change stays as it is, datestamp included. One with a date still to come is published by itself
    on that day. A withdrawn item comes back only when it is named. One that cannot be published stops no other; the exit
    status is 1 then.

    --repository reads manifests/harvesters/NAME.toml and applies it: records come, change, or become deleted ones, in
    that repository alone. The exit status is 1 when it refuses a document. --repository all does the same for /oai, which has
    everything that is public: after a change of the licence of the metadata, or of this software.
    """
    if sum((bool(items), delivery is not None, campaign is not None, everything, repository is not None)) != 1:
        raise Mistake(
            told("say what to publish: names of items, or one of --delivery, --campaign, --all, --repository")
        )
    if repository is not None and without_acceptance:
        raise Mistake(told("--repository publishes no document, so there is no acceptance to go without"))
    if without_acceptance and not reason.strip():
        raise Mistake(told("--without-acceptance needs --reason, which is recorded"))
    tools = workshop()
    if repository is not None:
        _apply(context, tools, repository)
        return
    outcomes: list[Outcome] = []
    names = _resolve(tools, items, outcomes) if items else _list(tools, delivery, campaign)
    if not names and not outcomes:
        if delivery:
            say(told("delivery {name} has no document yet: ingest one first.", name=delivery))
        else:
            say(told("campaign {name} has no document yet: ingest one first.", name=campaign) if campaign else NONE)
        return
    if without_acceptance:
        waive_acceptance(tools, names, reason)
    begun = _place(tools)
    _publish(tools, names, outcomes, restore=bool(items))
    refresh_wholes(tools)
    report(outcomes)
    _tell_refusals(tools, begun)
    if any(outcome.state == "refused" for outcome in outcomes):
        context.exit(1)


def _place(tools: Workshop) -> int:
    """Return the next place in the publication sequence."""
    with tools.catalogue.read() as session:
        return next_stamp(session, tools.clock()).sequence


def _tell_refusals(tools: Workshop, since: int) -> None:
    """Say which harvesters' repositories refuse what was just published: it stays published everywhere else."""
    with tools.catalogue.read() as session:
        problems = list_problems(session, since=since, limit=SHOWN + 1)
    for problem in problems[:SHOWN]:
        why = "; ".join(text[spoken()] for text in problem.texts)
        where = told("{repository}: {state}", repository=problem.repository, state=PLACES[problem.state])
        what = told(" {name}: {why}", name=problem.name, why=why)
        out.print(Text.assemble((spell(where), "yellow"), spell(what)), soft_wrap=True)
    if len(problems) > SHOWN:
        say(told("More are refused; vitrine status --json names them all."))


def _apply(context: click.Context, tools: Workshop, repository: str) -> None:
    """Apply a harvester's file; say what it refuses, and how many records came, changed and went."""
    became: Counter[str] = Counter()
    changed = 0
    for applied in apply_everything(tools) if repository == ALL else apply_repository(tools, repository):
        became[applied.state] += 1
        changed += applied.changed
        if applied.state in ("refused", "late"):
            why = "; ".join(text[spoken()] for text in applied.texts)
            what = told(" {name} ({title}): {why}", name=applied.name, title=applied.title, why=why)
            out.print(Text.assemble((spell(PLACES[applied.state]), "red"), spell(what)), soft_wrap=True)
    places = tuple(
        told("{number:,} {word}", number=became[state], word=word) for state, word in PLACES.items() if became[state]
    )
    say(
        told(
            "{repository}: {documents}; {places}.",
            repository=repository,
            documents=counted(changed, "{n:,} document changed", "{n:,} documents changed"),
            places=places or told("nothing is public"),
        )
    )
    if became["refused"] or became["late"]:
        context.exit(1)


def _resolve(tools: Workshop, given: tuple[str, ...], outcomes: list[Outcome]) -> list[str]:
    """Return the names of the items that are held; for each other one an outcome is added."""
    names: dict[str, None] = {}
    with tools.catalogue.read() as session:
        for said in given:
            try:
                names[find_item(session, item_name(said, tools.settings.naan)).name] = None
            except Unknown as error:
                outcomes.append(Outcome(said, "", "refused", error.told))
    return list(names)


def _list(tools: Workshop, delivery: str | None, campaign: str | None) -> list[str]:
    if delivery is not None:
        delivery = identify(delivery, tools, told("have it accepted, then ingest it"))
    with tools.catalogue.read() as session:
        if campaign is not None and session.get(CampaignRow, campaign) is None:
            raise CatalogueError(
                told(
                    "no campaign {campaign} is known; campaigns are those of campaigns.toml when `vitrine init` last "
                    "read it",
                    campaign=campaign,
                )
            )
        return list_items(session, delivery=delivery, campaign=campaign)


def _publish(tools: Workshop, names: list[str], outcomes: list[Outcome], *, restore: bool) -> None:
    with progress_bar(told("Documents")) as bar:
        bar.start(len(names))
        for name in names:
            try:
                outcomes.append(publish_item(tools, name, restore=restore))
            except VitrineError as error:
                if isinstance(error, CatalogueError) and not isinstance(error, Busy):
                    # it is the installation's, and would be said of every item to come
                    if outcomes:
                        report(outcomes)
                    raise
                outcomes.append(Outcome(name, "", "refused", told("{name}: {problem}", name=name, problem=error.told)))
            bar.done()


def report(outcomes: list[Outcome]) -> None:
    """Print what was refused or waits, one line each, then how many became what."""
    for outcome in outcomes:
        if outcome.problem:
            colour = "red" if outcome.state == "refused" else "yellow"
            what = Text.assemble((spell(STATES[outcome.state]), colour), f" {spell(outcome.problem)}")
            out.print(what, soft_wrap=True)  # a command in it can be copied
    if not outcomes:
        say(NONE)
        return
    became = Counter(outcome.state for outcome in outcomes)
    say(
        told(
            "{documents}: {counts}.",
            documents=counted(len(outcomes), "{n:,} document", "{n:,} documents"),
            counts=tuple(
                told("{number:,} {word}", number=became[state], word=word)
                for state, word in STATES.items()
                if became[state]
            ),
        )
    )
