"""`vitrine report`: the yearly table of a campaign, for the ministry and the BnF."""

from pathlib import Path

import click

from server.catalogue.campaigns import load_campaign
from server.cli.given import File
from server.cli.pages import write_whole
from server.cli.speech import say
from server.cli.tools import workshop
from server.delivery.costs import Costs, read_costs
from server.formats.ods import write_ods
from server.quality.yearly import LANGUAGES, sheets, to_page
from server.told import counted, told


@click.command()
@click.argument("campaign")
@click.option(
    "--order",
    type=File(),
    metavar="FILE",
    help="The order as a table: its columns of costs are told, too.",
)
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    metavar="FOLDER",
    help="Where the two files go; left out, here.",
)
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="fr", show_default=True, help="The language of the table."
)
def report(campaign: str, order: Path | None, to: Path, language: str) -> None:
    """Write the yearly table of CAMPAIGN as CAMPAIGN.ods and CAMPAIGN.html.

    Documents and views by institution, typology and supplier; what is online and who harvested it; deliveries with
    their refusals. With --order, columns whose names begin with cost, price, amount (coût, prix, montant, tarif) are added.
    """
    costs = read_costs(order) if order else Costs()
    tools = workshop()
    with tools.catalogue.read() as session:
        account = load_campaign(session, campaign)
    made = sheets(account, costs, tools.addresses, language)
    paths = (to / f"{campaign}.ods", to / f"{campaign}.html")
    write_whole(paths[0], write_ods(made))
    write_whole(paths[1], to_page(account, made, language))
    online = sum(one.state == "online" for one in account.documents)
    refusals = sum(one.refusals for one in account.deliveries)
    say(
        told(
            "{campaign}: {documents}, {views}, {online:,} online, {refusals}.",
            campaign=campaign,
            documents=counted(len(account.documents), "{n:,} document", "{n:,} documents"),
            views=counted(sum(one.views for one in account.documents), "{n:,} view", "{n:,} views"),
            online=online,
            refusals=counted(refusals, "{n:,} refusal of deliveries", "{n:,} refusals of deliveries"),
        )
    )
    say(told("Written: {paths}", paths=tuple(str(path) for path in paths)))
