"""What the verbs share: opening the workshop, opening a delivery with what the command line says of it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from server.catalogue.migrations import must_be_current
from server.cli.given import Folder
from server.cli.speech import out, spell
from server.delivery.digests import open_digests
from server.delivery.folder import Limits
from server.delivery.opening import open_delivery
from server.delivery.values import Context, Delivery, Parts
from server.errors import Unknown
from server.model.ark import split_ark
from server.settings import Settings, load_settings
from server.told import Told, told
from server.workshop import Workshop, open_workshop

DELIVERY = Folder()


def workshop() -> Workshop:
    """Open the workshop that the environment describes. Raises SettingsError, CatalogueError."""
    tools = new_workshop(load_settings())
    must_be_current(tools.catalogue)
    return tools


def new_workshop(settings: Settings) -> Workshop:
    """Open a workshop, whatever state its catalogue is in; it is closed when the command ends."""
    tools = open_workshop(settings)
    click.get_current_context().call_on_close(tools.catalogue.close)
    return tools


def about_the_delivery(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what a delivery's own files do not: they win over its delivery.toml."""
    for option in (
        click.option(
            "--brings",
            multiple=True,
            type=click.Choice([part.value for part in Parts]),
            help="It brings only this of documents that are held; the rest of them stays. May be given several times.",
        ),
        click.option("--rights", default="", metavar="STATUS", help="Rights of documents that state none."),
        click.option("--rights-basis", default="", metavar="TEXT", help="On what ground these rights are known."),
        click.option("--cleared-by", default="", metavar="NAME", help="Who cleared them."),
        click.option("--language", default="", metavar="CODE", help="Language of documents that state none."),
        click.option("--typology", default="", metavar="SLUG", help="Typology of documents that state none."),
        click.option("--campaign", default="", metavar="SLUG", help="The campaign it belongs to."),
        click.option("--supplier", default="", metavar="SLUG", help="Who scanned it."),
        click.option("--institution", default="", metavar="SLUG", help="Whose documents it holds."),
    ):
        command = option(command)  # the last of them is shown first
    return command


def open_from(path: Path, about: dict[str, Any], settings: Settings) -> Delivery:
    """Open a delivery, with what the command line says of it."""
    limits = Limits(max_xml_bytes=settings.max_xml_bytes)
    with open_digests(settings.home_dir, path) as digests, Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(),
        console=out, disable=not out.is_terminal, transient=True,
    ) as progress:  # fmt: skip
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) if out.is_terminal else 0
        task = progress.add_task(escape(spell(told("Reading {name}", name=path.name))), total=size)
        return open_delivery(
            path,
            Context(**about),
            limits=limits,
            progress=lambda read: progress.update(task, advance=read),
            digests=digests,
        )


def item_name(given: str, naan: str) -> str:
    """Return the name of an item that a person means: the name itself, its ARK, or an address with its ARK in it.

    Raises Unknown for an ARK of another authority.
    """
    start = given.find("ark:")
    if start < 0:
        return given.strip()
    parts = split_ark(re.split(r"[?#]", given[start:])[0])
    if parts is None:
        raise Unknown(
            told(
                "{given} is no ARK; give one such as ark:/{naan}/v1bcdfghj2, or its name alone", given=given, naan=naan
            )
        )
    if parts[0] != naan:
        raise Unknown(
            told(
                "{given} is of the authority {authority}, and this installation's is {naan}; look whether it is ours",
                given=given,
                authority=parts[0],
                naan=naan,
            )
        )
    return parts[1].split("/")[0].split(".")[0]


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 view`, `2 views`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class _Speed(ProgressColumn):
    """Megabytes of masters a second."""

    def render(self, task: Task) -> Text:
        seconds = task.elapsed or 0
        size = task.fields.get("size", 0)
        return Text(f"{size / seconds / 1e6:.0f} MB/s" if seconds and size else "– MB/s")


class Bar:
    """A progress bar in the terminal; where there is none, nothing is drawn."""

    def __init__(self, progress: Progress, word: Told) -> None:
        self._progress = progress
        self._task = progress.add_task(spell(word), total=None, size=0)
        self._size = 0

    def start(self, views: int, size: int = 0) -> None:
        """The work is known: so many steps, of so many bytes in all."""
        self._progress.update(self._task, total=views)

    def reach(self, views: int, of: int, size: int) -> None:
        """So many of so many steps are done, and so many bytes."""
        self._size = size
        self._progress.update(self._task, completed=views, total=of, size=size)

    def done(self, views: int = 1, size: int = 0) -> None:
        """So many more steps are done."""
        self._size += size
        self._progress.update(self._task, advance=views, size=self._size)


@contextmanager
def progress_bar(word: Told, *, speed: bool = False) -> Iterator[Bar]:
    """Show how far the work is: done and all, megabytes a second, time left."""
    columns: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    if speed:
        columns.append(_Speed())
    columns.append(TimeRemainingColumn())
    with Progress(*columns, console=out, disable=not out.is_terminal) as progress:
        yield Bar(progress, word)
