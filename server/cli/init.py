"""`vitrine init`: make or update the catalogue and read the registers."""

import click

from server.catalogue import migrations
from server.catalogue.registers import read_registers
from server.cli.speech import say
from server.cli.tools import new_workshop
from server.model.clock import local_day
from server.publish.curated import refresh_curated
from server.publish.filing import file_published
from server.publish.harvester_files import read_harvesters
from server.publish.outdated import count_outdated, tell_outdated
from server.settings import load_settings
from server.told import counted, told


@click.command()
def init() -> None:
    """Make or update the catalogue, and read the registers.

    The registers are institutions.toml, suppliers.toml and campaigns.toml in VITRINE_DATA_DIR, and collections/*.toml
    and harvesters/*.toml in VITRINE_MANIFESTS_DIR. Run it again whenever one of them changed: it adds and updates, and
    removes nothing. What a harvester gets otherwise is published by `vitrine publish --repository`.
    """
    settings = load_settings()
    settings.make_home()
    tools = new_workshop(settings)
    migrations.upgrade(tools.catalogue)
    with tools.catalogue.write() as session:
        counts = read_registers(session, settings.data_dir, settings.manifests_dir)
        counts["repositories"] = read_harvesters(session, settings.manifests_dir, local_day(tools.clock()))
    refresh_curated(tools)
    filed = file_published(tools)
    with tools.catalogue.read() as session:
        outdated = tell_outdated(count_outdated(session))
    words = {
        "institutions": told("institutions"), "suppliers": told("suppliers"), "campaigns": told("campaigns"),
        "collections": told("collections"), "repositories": told("repositories"),
    }  # fmt: skip
    said = tuple(told("{number:,} {word}", number=count, word=words[word]) for word, count in counts.items())
    say(told("Catalogue ready: {counts}.", counts=said))
    if filed:
        say(
            told(
                "{documents} filed anew for the search of the pages.",
                documents=counted(filed, "{n:,} published document was", "{n:,} published documents were"),
            )
        )
    if outdated:
        say(told("{sentence}.", sentence=outdated))
