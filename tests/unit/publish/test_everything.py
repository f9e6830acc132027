"""The repository of everything public: every format that is made from the catalogue, and the licence of the metadata."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import delete, func, select, update

from server.catalogue.models import ItemRow
from server.catalogue.publication_models import (
    ActivityRow,
    JournalRow,
    OaiRecordRow,
    OaiRecordSetRow,
    OaiStandingRow,
    PublicationRow,
)
from server.oai.formats.render import FORMATS
from server.publish.apply import apply_everything
from server.publish.outdated import RENDERING, count_outdated
from server.publish.run import publish_item
from server.publish.withdraw import withdraw_item
from server.workshop import Workshop
from tests.support.deliveries import Row, write_table
from tests.support.harvesters import live_of, records_of
from tests.support.workshops import HeldClock, bring_online

LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"


def online(workshop: Workshop, tmp_path: Path) -> str:
    """Publish a document; return its name."""
    [item] = bring_online(workshop, write_table(tmp_path / "lille", [Row("c1")]))
    return item.name


def licensed(workshop: Workshop) -> Workshop:
    """Return the workshop of an installation that names the licence of its metadata."""
    return replace(workshop, settings=workshop.settings.model_copy(update={"metadata_rights": LICENCE}))


def test_everything_has_every_format_of_the_catalogue(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path)
    assert [live_of(workshop, "", prefix) for prefix in FORMATS] == [{name}] * 5
    assert len({records_of(workshop, "", prefix)[name].sequence for prefix in FORMATS}) == 1
    with workshop.catalogue.read() as session:
        assert session.scalar(select(func.count()).select_from(OaiStandingRow)) == 0, "it has no rule to stand under"
        specs = session.execute(
            select(OaiRecordSetRow.prefix, func.count())
            .group_by(OaiRecordSetRow.prefix)
            .order_by(OaiRecordSetRow.prefix)
        ).all()
    assert len(specs) == 5
    assert len({number for _, number in specs}) == 1, "a record is in the same sets in each format"
    withdraw_item(workshop, name, "asked for")
    assert all(records_of(workshop, "", prefix)[name].deleted for prefix in FORMATS)


def test_a_right_that_europeana_does_not_know_has_no_edm(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path)
    with workshop.catalogue.write() as session:
        row = session.get_one(ItemRow, name)
        row.rights_status = "licence-ouverte"
        row.description = {**row.description, "rights": {"status": "licence-ouverte", "not_before": None, "note": ""}}
    assert publish_item(workshop, name).state == "updated"
    assert records_of(workshop, "", "edm")[name].deleted
    assert live_of(workshop, "", "mods") == {name}


def test_what_was_published_before_gets_its_formats_and_nothing_else_moves(workshop: Workshop, tmp_path: Path) -> None:
    name = online(workshop, tmp_path)
    with workshop.catalogue.write() as session:
        for kind in (OaiRecordRow, OaiRecordSetRow):
            session.execute(delete(kind).where(kind.repository == "", kind.prefix != "oai_dc"))
        session.execute(update(PublicationRow).values(rendering=RENDERING - 1))
        told = session.scalar(select(func.count()).select_from(ActivityRow))
        assert count_outdated(session) == 1
    before = records_of(workshop, "")[name]
    assert isinstance(workshop.clock, HeldClock)
    workshop.clock.move(hours=1)
    assert publish_item(workshop, name).state == "updated"
    after = records_of(workshop, "")[name]
    assert (after.sequence, after.datestamp, after.body) == (before.sequence, before.datestamp, before.body)
    assert records_of(workshop, "", "mets")[name].sequence > before.sequence
    with workshop.catalogue.read() as session:
        assert count_outdated(session) == 0
        assert session.scalar(select(func.count()).select_from(ActivityRow)) == told, "no manifest changed"
        assert session.scalars(select(JournalRow.activity).order_by(JournalRow.sequence)).all()[-1] == "Records"
    assert publish_item(workshop, name).state == "unchanged"


def test_a_licence_of_the_metadata_is_told_with_each_record_once_it_is_applied(
    workshop: Workshop, tmp_path: Path
) -> None:
    name = online(workshop, tmp_path)
    assert not any(b"<about>" in records_of(workshop, "", prefix)[name].body for prefix in FORMATS)
    [applied] = apply_everything(licensed(workshop))
    assert (applied.name, applied.state, applied.changed) == (name, "listed", True)
    for prefix in FORMATS:
        body = records_of(workshop, "", prefix)[name].body
        assert body.endswith(f'<rightsReference ref="{LICENCE}"/></rights></about>'.encode())
    [again] = apply_everything(licensed(workshop))
    assert not again.changed
    assert publish_item(licensed(workshop), name).state == "unchanged"
    assert publish_item(workshop, name).state == "updated", "and it is taken back where the installation does"
    assert b"<about>" not in records_of(workshop, "")[name].body
