"""`vitrine inspect`: say what a delivery is and holds; nothing is recorded, nothing in it is changed."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from server.cli.speech import out, say, spell
from server.cli.tools import DELIVERY, about_the_delivery
from server.delivery.folder import Limits
from server.delivery.inspection import Inspection, inspect_delivery
from server.delivery.opening import look_into
from server.delivery.values import WEIGHT_NAMES, Context, Severity
from server.settings import load_settings
from server.told import Told, counted, printable, told, verbatim

SCHEMA = "vitrine-inspection/1"
_SHOWN = 100
"""Lines of each table: a delivery of thousands is read in the JSON."""
_CONTEXT = {
    "institution": told("institution"),
    "supplier": told("supplier"),
    "campaign": told("campaign"),
    "typology": told("typology"),
    "rights": told("rights"),
    "language": told("language"),
    "brings only": told("brings only"),
}
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
    with out.status(Text(spell(told("Reading {name}", name=str(delivery))))):
        look = look_into(delivery, Context(**about), limits=Limits(max_xml_bytes=settings.max_xml_bytes))
        seen = inspect_delivery(look, hashed=not quick)
    if as_json:
        click.echo(json.dumps({"schema": SCHEMA, **asdict(seen)}, ensure_ascii=False, indent=2))
    else:
        _print(seen)


def _print(seen: Inspection) -> None:
    facts = Table.grid(padding=(0, 2))
    views, texts = sum(item.views for item in seen.items), sum(item.texts for item in seen.items)
    missing = sum(item.missing for item in seen.items)
    kinds = told("{kinds}, in a BagIt package", kinds=seen.kinds) if seen.is_bag else told("{kinds}", kinds=seen.kinds)
    for word, said in (
        (told("Delivery"), seen.name),
        (told("Kind"), kinds),
        (told("Said of all"), _context(seen)),
        (
            told("Files"),
            told(
                "{files}, {size:,.1f} MB, {images}",
                files=_files(seen.files),
                size=seen.bytes / 1e6,
                images=counted(seen.images, "{n:,} image", "{n:,} images"),
            ),
        ),
        (
            told("Documents"),
            told(
                "{documents}, {views}, {texts:,} with text",
                documents=counted(len(seen.items), "{n:,} document", "{n:,} documents"),
                views=counted(views, "{n:,} view", "{n:,} views"),
                texts=texts,
            ),
        ),
        (told("Checksums"), _checksums(seen)),
        (
            told("Missing"),
            counted(missing, "the image of {n:,} view", "the images of {n:,} views")
            if missing
            else told("no image that is named"),
        ),
        (told("Named by nothing"), _files(len(seen.unused)) if seen.unused else told("no file")),
    ):
        facts.add_row(spell(word), spell(verbatim(said)))
    out.print(facts)
    out.print()
    heads = (
        told("Document"), told("Kind"), told("Title"), told("Views"), told("Text"), told("Missing"), told("Contents"),
        told("Rights"),
    )  # fmt: skip
    documents = Table(*(spell(head) for head in heads), box=None, pad_edge=False)
    for item in seen.items[:_SHOWN]:
        documents.add_row(
            printable(item.identifier), spell(item.kind), printable(item.title, keeps="\n"), str(item.views), str(item.texts or "–"),
            Text(str(item.missing), "red") if item.missing else "–", str(item.ranges or "–"), item.rights,
        )  # fmt: skip
    out.print(documents)
    _and_more(len(seen.items))
    for path in seen.unused[:_SHOWN]:
        say(told("named by nothing: {path}", path=path))
    _and_more(len(seen.unused))
    for finding in seen.findings[:_SHOWN]:
        weight = Text(spell(WEIGHT_NAMES[finding.severity]), _COLOURS[finding.severity])
        what = spell(told(" {rule}: {message}", rule=finding.rule, message=finding.message))
        out.print(Text.assemble(weight, what), soft_wrap=True)
    _and_more(len(seen.findings))


def _context(seen: Inspection) -> Told:
    return (
        told(
            "{facts}",
            facts=tuple(
                told("{word} {value}", word=_CONTEXT[name], value=value) for name, value in seen.context.items()
            ),
        )
        if seen.context
        else told("nothing")
    )


def _files(number: int) -> Told:
    return counted(number, "{n:,} file", "{n:,} files")


def _checksums(seen: Inspection) -> Told:
    sums = seen.checksums
    if not sums.listed:
        return told("none listed")
    where = told("{number:,} listed in {lists}", number=sums.listed, lists=sums.lists[:3] or told("the METS"))
    if sums.verified is None:
        result = told("not verified")
    else:
        result = told("{right:,} right, {wrong:,} wrong", right=sums.verified, wrong=len(sums.wrong))
    said = told("{where}: {result}", where=where, result=result)
    return told("{said}, {files} not there", said=said, files=_files(len(sums.absent))) if sums.absent else said


def _and_more(number: int) -> None:
    if number > _SHOWN:
        say(told("… and {more:,} more; --json has all", more=number - _SHOWN))
