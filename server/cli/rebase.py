"""`vitrine rebase`: publish everything under a new address."""

import click

from server.cli.publish import report
from server.cli.speech import out, say, spell
from server.cli.tools import workshop
from server.publish.rebase import rebase as rebase_all
from server.told import told


@click.command()
@click.argument("url")
def rebase(url: str) -> None:
    """Publish everything anew under URL, the new public address of this server.

    Identifiers stay the same, datestamps are new. It may be interrupted and run again. Afterwards set VITRINE_BASE_URL to
    the same address, and start the server.
    """
    tools = workshop()
    with out.status(spell(told("Publishing everything anew …"))):
        outcomes = list(rebase_all(tools, url))
    report(outcomes)
    say(told("Everything stands under {url} now; set VITRINE_BASE_URL={url}.", url=url.rstrip("/")))
