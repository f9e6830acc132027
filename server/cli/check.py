"""`vitrine check`: look at a delivery and report; nothing in it is changed."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from server.catalogue.deliveries import receive, record_check
from server.catalogue.models import DeliveryState, FindingRow
from server.catalogue.overview import name_delivery
from server.catalogue.reviews import find_replaced, keep_checked_views
from server.cli.given import File
from server.cli.pages import FILE, write_page, write_whole
from server.cli.speech import out, spoken
from server.cli.tools import DELIVERY, about_the_delivery, open_from, progress_bar, workshop
from server.ingest.run import arrival_of
from server.quality.checking import Report
from server.quality.checking import check as check_delivery
from server.quality.comparison import checked_views, compare, describe
from server.quality.contract import find_contract
from server.quality.html import About
from server.quality.journal import open_journal
from server.quality.order import read_order
from server.quality.pictures import Kept
from server.quality.report import render_text, to_json
from server.quality.supplier_table import to_csv
from server.told import LANGUAGES, counted, told

TABLE = File()


@click.command()
@click.argument("delivery", type=DELIVERY)
@click.option("--json", "as_json", is_flag=True, help="For a program: the report as JSON.")
@click.option("--report", "page", type=FILE, metavar="FILE", help="Write the report with pictures as one HTML file.")
@click.option(
    "--report-size",
    default=24,
    type=click.IntRange(1, 2000),
    metavar="MB",
    show_default=True,
    help="How large that file may become: views with findings get the larger pictures.",
)
@click.option("--csv", "table", type=FILE, metavar="FILE", help="Write the findings as a table for the supplier.")
@click.option(
    "--contract",
    "contract_name",
    default="",
    metavar="NAME",
    help="The contract of manifests/contracts that it is checked by; left out, that of its supplier.",
)
@click.option(
    "--order",
    "order_path",
    type=TABLE,
    help="A table of what was ordered: shelfmark, views, dpi, defects known before.",
)
@click.option(
    "--condition",
    "condition_path",
    type=TABLE,
    help="The condition report, a table: shelfmark, view, defect. What it names is known.",
)
@click.option(
    "--report-language",
    type=click.Choice(LANGUAGES),
    help="The language of what is told; left out, the screen has yours and the table for the supplier that of the contract.",
)
@about_the_delivery
@click.pass_context
def check(
    context: click.Context,
    /,
    delivery: Path,
    as_json: bool,
    page: Path | None,
    report_size: int,
    table: Path | None,
    contract_name: str,
    order_path: Path | None,
    condition_path: Path | None,
    report_language: str | None,
    **about: Any,
) -> None:
    """Check DELIVERY, a folder as the supplier handed it over, and report what was found.

    Every rule of the contract with its supplier: integrity, names, technical properties, the picture itself, text. The
    result is recorded with the digest of the files, so that a person can accept or refuse what was looked at. The exit
    status is 1 when there are errors.

    With --report, the partner institution can look at every view without this server, mark views and decide; what it
    saves is read by `vitrine review import`.
    """
    tools = workshop()
    order = read_order(order_path, condition_path)
    opened = open_from(delivery, about, tools.settings)
    contract = find_contract(tools.settings.manifests_dir, contract_name, opened.context.supplier)
    kept = Kept(tools.settings.home_dir)
    kept.forget()
    screen = report_language or spoken()
    with (
        open_journal(tools.settings.home_dir, opened.digest) as journal,
        progress_bar(told("Views"), speed=True) as bar,
    ):
        if journal.known and not as_json:
            known = counted(
                journal.known,
                "{n:,} view looked at before: the check goes on from there.",
                "{n:,} views looked at before: the check goes on from there.",
            )
            out.print(known.into(screen))
        report = check_delivery(
            opened,
            contract=contract,
            max_pixels=tools.settings.max_master_pixels,
            max_xml_bytes=tools.settings.max_xml_bytes,
            processes=max(2, tools.settings.processes),  # never in this process: a decoder may end it
            progress=bar.reach,
            journal=journal,
            order=order,
            picture=kept.place if page else None,
        )
    with tools.catalogue.write() as session:
        row = receive(session, arrival_of(opened), tools.clock(), tools.actor)
        findings = _rows(row.identifier, report)
        record_check(session, row, findings, tools.clock(), tools.actor, f"quality 2, contract {contract.name}")
        views = [view for view in checked_views(opened, report) if view.digest or not opened.context.brings]
        keep_checked_views(session, row, views)
        state, institution = row.state, row.institution or "INSTITUTION"
        before = find_replaced(session, row, report.items)
        comparison = compare(views, report.findings, before)
        if comparison and opened.context.brings:
            comparison = replace(comparison, gone=())  # what it does not bring stays
        about_page = About(
            row.identifier,
            row.institution or "",
            name_delivery(session, row),
            comparison.changes if comparison else {},
            compared=describe(comparison) if comparison else (),
        )
    if page:
        with progress_bar(told("Pictures")) as bar:
            room = report_size * 1_000_000
            write_page(page, opened, report, about_page, comparison, room=room, tools=tools, progress=bar.reach)
    if table:
        write_whole(table, to_csv(report, opened, report_language or contract.language))
    if as_json:
        click.echo(to_json(report, comparison))
    else:
        render_text(report, out, screen)
        for line in about_page.compared:
            out.print(
                line.fr if screen == "fr" else line.en,
                style={"error": "red", "warning": "yellow"}.get(line.kind),
                soft_wrap=True,
            )
        for written in filter(None, (page, table)):
            size = told("Written: {path} ({size:.1f} MB)", path=str(written), size=written.stat().st_size / 1e6)
            out.print(size.into(screen), soft_wrap=True)
        if state == DeliveryState.CHECKED:
            word = "accept" if report.passed else "refuse"
            step = told(
                "Next: {command}",
                command=f"vitrine {word} {shlex.quote(str(delivery))} --by NAME --for {institution}"
                + ("" if report.passed else " --reason '…'"),
            )
            out.print(step.into(screen), soft_wrap=True)  # a line that is cut in two cannot be copied
    if not report.passed:
        context.exit(1)


def _rows(delivery: str, report: Report) -> list[FindingRow]:
    return [
        FindingRow(
            delivery=delivery,
            position=position,
            rule=finding.rule,
            severity=finding.severity.value,
            message=str(finding.message),
            said=finding.message.parts(),
            path=finding.path,
            item=finding.item,
            view=finding.view,
        )
        for position, finding in enumerate(report.findings)
    ]
