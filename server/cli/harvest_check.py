"""`vitrine harvest-check`: what a harvester would say of each document, before it says it."""

import json

import click
from rich.text import Text

from server.catalogue.items import find_item
from server.cli.speech import out
from server.cli.tools import item_name, workshop
from server.publish.report import Report, check_items

WORDS = {
    "fr": {
        "required": "erreur", "advised": "conseil", "listed": "prêt", "covered": "représenté par son ensemble",
        "out": "non retenu", "refused": "refusé", "late": "en retard : la dernière notice valide reste en place",
        "documents": "documents", "reason": "motif", "none": "Aucun document n’est public.", "tier": "palier de contenu attendu",
    },
    "en": {
        "required": "error", "advised": "advice", "listed": "ready", "covered": "covered by its whole",
        "out": "not selected", "refused": "refused", "late": "late: the last valid record stays in place",
        "documents": "documents", "reason": "reason", "none": "No document is public.", "tier": "expected content tier",
    },
}  # fmt: skip


@click.command("harvest-check")
@click.argument("repository")
@click.argument("items", nargs=-1, metavar="[ITEM]...")
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", help="Language of the report; French otherwise.")
@click.option("--json", "as_json", is_flag=True, help="For a program: the report as JSON, in both languages.")
@click.pass_context
def harvest_check(context: click.Context, repository: str, items: tuple[str, ...], lang: str, as_json: bool) -> None:
    """Check documents against the profile of REPOSITORY: errors, which keep a document out, and advice.

    All that is public, or ITEMs (names of ARKs, ARKs or their addresses), public or not. Nothing is changed. The exit
    status is 1 when there are errors.
    """
    tools = workshop()
    names = []
    if items:
        with tools.catalogue.read() as session:
            names = [find_item(session, item_name(said, tools.settings.naan)).name for said in items]
    reports = list(check_items(tools, repository, names))
    if as_json:
        click.echo(json.dumps([report.as_json() for report in reports], ensure_ascii=False, indent=2))
    else:
        _print(repository, reports, lang)
    if any(report.state in ("refused", "late") for report in reports):
        context.exit(1)


def _print(repository: str, reports: list[Report], language: str) -> None:
    words = WORDS[language]
    if not reports:
        out.print(words["none"])
        return
    for report in reports:
        tier = f" ({words['tier']} : {report.tier})" if report.tier else ""
        out.print(
            Text.assemble((report.name, "bold"), f" {report.title} : {words[report.state]}{tier}"), soft_wrap=True
        )
        for texts in report.errors:
            weight = (words["reason"], "") if report.state == "out" else (words["required"], "red")
            out.print(Text.assemble("  ", weight, f" {texts[language]}"), soft_wrap=True)
        for texts in report.advice:
            out.print(Text.assemble("  ", (words["advised"], "yellow"), f" {texts[language]}"), soft_wrap=True)
    counts = {state: sum(report.state == state for report in reports) for state in words}
    told = ", ".join(
        f"{number} {words[state].partition(' :')[0].partition(':')[0]}" for state, number in counts.items() if number
    )
    out.print(f"{repository} : {len(reports)} {words['documents']}, {told}.")
