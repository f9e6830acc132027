"""`vitrine inspect`: say what a delivery is and holds; nothing is recorded, nothing in it is changed."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from server.cli.tools import DELIVERY, about_the_delivery, count, out
from server.delivery.folder import Limits
from server.delivery.inspection import Inspection, inspect_delivery
from server.delivery.opening import look_into
from server.delivery.values import Context, Severity
from server.settings import load_settings

SCHEMA = "vitrine-inspection/1"
_SHOWN = 100
"""Lines of each table: a delivery of thousands is read in the JSON."""
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: ""}


@click.command()
@click.argument("delivery", type=DELIVERY)
@click.option("--json", "as_json", is_flag=True, help="For a program: everything as JSON.")
@click.option("--quick", is_flag=True, help="Do not read the files to verify their checksums.")
@about_the_delivery
def inspect(delivery: Path, as_json: bool, quick: bool, **about: Any) -> None:
    """Say what DELIVERY, a folder, is and holds: its kind, documents, views, texts, checksums, and what is missing.

    It needs no catalogue and records nothing: for the quality of the views, and before a decision, there is check.
    """
    settings = load_settings()
    with out.status(Text(f"Reading {delivery} …")):
        look = look_into(delivery, Context(**about), limits=Limits(max_xml_bytes=settings.max_xml_bytes))
        seen = inspect_delivery(look, hashed=not quick)
    if as_json:
        click.echo(json.dumps({"schema": SCHEMA, **asdict(seen)}, ensure_ascii=False, indent=2))
    else:
        _print(seen)


def _print(seen: Inspection) -> None:
    facts = Table.grid(padding=(0, 2))
    facts.add_row("Delivery", _plain(seen.name))
    facts.add_row("Kind", " + ".join(seen.kinds) + (", in a BagIt package" if seen.is_bag else ""))
    facts.add_row("Said of all", ", ".join(f"{name} {value}" for name, value in seen.context.items()) or "nothing")
    facts.add_row("Files", f"{count(seen.files, 'file')}, {seen.bytes / 1e6:,.1f} MB, {count(seen.images, 'image')}")
    views, texts = sum(item.views for item in seen.items), sum(item.texts for item in seen.items)
    facts.add_row("Documents", f"{count(len(seen.items), 'document')}, {count(views, 'view')}, {texts:,} with text")
    facts.add_row("Checksums", _checksums(seen))
    missing = sum(item.missing for item in seen.items)
    facts.add_row("Missing", f"the image of {count(missing, 'view')}" if missing else "no image that is named")
    facts.add_row("Named by nothing", count(len(seen.unused), "file") if seen.unused else "no file")
    out.print(facts)
    out.print()
    documents = Table(
        "Document", "Kind", "Title", "Views", "Text", "Missing", "Contents", "Rights", box=None, pad_edge=False
    )
    for item in seen.items[:_SHOWN]:
        documents.add_row(
            _plain(item.identifier), item.kind, _plain(item.title), str(item.views), str(item.texts or "–"),
            Text(str(item.missing), "red") if item.missing else "–", str(item.ranges or "–"), item.rights,
        )  # fmt: skip
    out.print(documents)
    _and_more(len(seen.items), "document")
    for path in seen.unused[:_SHOWN]:
        out.print(f"named by nothing: {_plain(path)}", soft_wrap=True)
    _and_more(len(seen.unused), "file")
    for finding in seen.findings[:_SHOWN]:
        weight = Text(finding.severity.value, _COLOURS[finding.severity])
        out.print(Text.assemble(weight, f" {finding.rule}: {_plain(finding.message)}"), soft_wrap=True)
    _and_more(len(seen.findings), "finding")


def _checksums(seen: Inspection) -> str:
    sums = seen.checksums
    if not sums.listed:
        return "none listed"
    told = f"{sums.listed:,} listed in {', '.join(sums.lists[:3]) or 'the METS'}"
    told += ": not verified" if sums.verified is None else f": {sums.verified:,} right, {len(sums.wrong):,} wrong"
    return told + (f", {count(len(sums.absent), 'file')} not there" if sums.absent else "")


def _and_more(number: int, noun: str) -> None:
    if number > _SHOWN:
        out.print(f"… and {count(number - _SHOWN, noun)} more; --json has all.")


def _plain(said: str) -> str:
    """Return a text without what a terminal would obey."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in said)
