"""`vitrine withdraw`: take an item or a view out of public sight, leaving a tombstone."""

import re

import click

from server.catalogue.items import find_item
from server.cli.given import Mistake
from server.cli.publish import report
from server.cli.speech import say
from server.cli.tools import item_name, workshop
from server.publish.wholes import refresh_wholes
from server.publish.withdraw import withdraw_item, withdraw_view
from server.told import told


@click.command()
@click.argument("item")
@click.option("--view", metavar="fN", help="Only this view, for example f12; the others keep their numbers.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; readers and harvesters may see it.")
def withdraw(item: str, view: str | None, reason: str) -> None:
    """Withdraw ITEM (the name of its ARK, its ARK or an address with it).

    Its addresses answer 410, its records become tombstones. One that only waits to be published waits no longer.
    """
    tools = workshop()
    item = item_name(item, tools.settings.naan)
    if view is None:
        with tools.catalogue.read() as session:
            waited = find_item(session, item).publish_wanted
        if withdraw_item(tools, item, reason):
            refresh_wholes(tools)
            say(told("{name} is withdrawn.", name=item))
        elif waited:
            say(told("{name} is not public; its wish to be published is withdrawn.", name=item))
        else:
            say(told("{name} is not public: nothing to withdraw.", name=item))
        return
    number = re.fullmatch(r"f?([1-9][0-9]*)", view)
    if number is None:
        raise Mistake(told("--view: {view!r} is not a view; write f12 for the twelfth", view=view))
    report([withdraw_view(tools, item, int(number[1]), reason)])
