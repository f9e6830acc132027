"""One repository per harvester: what it takes, what falls out of it, what it refuses."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from server.catalogue.models import FileRow, ItemRow, PartnershipRow
from server.catalogue.publication_models import ActivityRow, JournalRow, OaiRecordRow, OaiSetRow
from server.catalogue.repositories import list_problems, list_repositories
from server.errors import CatalogueError
from server.model.harvester import Harvester, Selection
from server.model.item import Campaign, Item, Partnership
from server.oai.formats.render import FORMATS
from server.publish.apply import apply_days, apply_repository
from server.publish.harvester_files import read_harvesters
from server.publish.rebase import rebase
from server.publish.run import publish_item
from server.publish.selection import why_left_out
from server.publish.withdraw import withdraw_item
from server.workshop import Workshop
from tests.support.deliveries import Row, write_table
from tests.support.harvesters import apply, live_of, records_of, standings_of, write_harvester
from tests.support.publications import make_postcard
from tests.support.workshops import BEGIN, HeldClock, bring_online

PARTNERS = '[select]\npartners_of = "gallica"\n'
DAY = date(2026, 3, 2)


@pytest.fixture
def installed(workshop: Workshop, tmp_path: Path) -> Workshop:
    """A workshop whose harvesters' files are those that the test writes."""
    manifests = tmp_path / "registers" / "manifests"
    return replace(workshop, settings=workshop.settings.model_copy(update={"manifests_dir": manifests}))


def files(workshop: Workshop) -> Path:
    return workshop.settings.manifests_dir


def read(workshop: Workshop) -> None:
    with workshop.catalogue.write() as session:
        read_harvesters(session, files(workshop), BEGIN.date())


def two_institutions(workshop: Workshop, tmp_path: Path) -> tuple[str, str]:
    """Publish a document of a partner and one of an institution that is none; return their names."""
    [ours] = bring_online(workshop, write_table(tmp_path / "lille", [Row("c1")]))
    bring_online(workshop, write_table(tmp_path / "roubaix", [Row("r1")], institution="roubaix"), "roubaix")
    with workshop.catalogue.read() as session:
        theirs = session.scalars(select(ItemRow.name).where(ItemRow.institution == "roubaix")).one()
    return ours.name, theirs


def title(workshop: Workshop, name: str, words: str) -> str:
    """Give an item another title, and publish it."""
    with workshop.catalogue.write() as session:
        row = session.get_one(ItemRow, name)
        titles = [{"value": words, "language": "fr", "kind": "main"}]
        row.description = {**row.description, "titles": titles}
    return publish_item(workshop, name).state


def test_only_documents_of_partners_go_there(installed: Workshop, tmp_path: Path) -> None:
    write_harvester(files(installed), "gallica", PARTNERS)
    read(installed)
    ours, theirs = two_institutions(installed, tmp_path)
    assert live_of(installed, "gallica") == {ours}
    assert live_of(installed, "") == {ours, theirs}
    assert standings_of(installed, "gallica") == {ours: "listed"}


def test_a_rule_that_changes_gives_true_deletions_and_nothing_else(installed: Workshop, tmp_path: Path) -> None:
    write_harvester(files(installed), "armarium")
    read(installed)
    ours, theirs = two_institutions(installed, tmp_path)
    assert live_of(installed, "armarium") == {ours, theirs}
    with installed.catalogue.read() as session:
        told = session.scalar(select(func.count()).select_from(ActivityRow))
        before = records_of(installed, "")
    assert isinstance(installed.clock, HeldClock)
    installed.clock.move(hours=1)
    write_harvester(files(installed), "armarium", '[select]\npartners_of = "armarium"\n')
    became = apply(installed, "armarium")
    assert {name: one.state for name, one in became.items()} == {ours: "listed", theirs: "out"}
    assert "n’est pas partenaire" in became[theirs].texts[0]["fr"]
    tombstone = records_of(installed, "armarium")[theirs]
    assert tombstone.deleted
    assert b'<header status="deleted">' in tombstone.header
    assert b"<setSpec>institution:roubaix</setSpec>" in tombstone.header
    kept = records_of(installed, "armarium")[ours]
    assert kept.sequence < tombstone.sequence
    with installed.catalogue.read() as session:
        assert session.scalar(select(func.count()).select_from(ActivityRow)) == told, "no manifest changed"
        assert session.scalars(select(JournalRow.activity).order_by(JournalRow.sequence)).all()[-1] == "Records"
    after = records_of(installed, "")
    assert {name: row.sequence for name, row in after.items()} == {name: row.sequence for name, row in before.items()}
    assert not any(one.changed for one in apply(installed, "armarium").values()), "a second time changes nothing"
    write_harvester(files(installed), "armarium")
    apply(installed, "armarium")
    assert live_of(installed, "armarium") == {ours, theirs}, "what was deleted comes back"


def test_a_new_repository_is_filled_and_a_closed_one_emptied(installed: Workshop, tmp_path: Path) -> None:
    ours, theirs = two_institutions(installed, tmp_path)
    write_harvester(files(installed), "asuivre", 'own_set = "portail"\nsets = ["institution"]\n')
    read(installed)
    with installed.catalogue.read() as session:
        [_, standing] = list_repositories(session)
        assert (standing.name, standing.records, standing.is_applied) == ("asuivre", 0, False)
    apply(installed, "asuivre")
    assert live_of(installed, "asuivre") == {ours, theirs}
    with installed.catalogue.read() as session:
        specs = session.scalars(select(OaiSetRow.spec).where(OaiSetRow.repository == "asuivre")).all()
        assert sorted(specs) == ["institution", "institution:bm-lille", "institution:roubaix", "portail"]
        [_, standing] = list_repositories(session)
        assert (standing.records, standing.deleted, standing.is_applied) == (2, 0, True)
    write_harvester(files(installed), "asuivre", 'own_set = "portail"\nsets = ["type"]\n')
    apply(installed, "asuivre")
    with installed.catalogue.read() as session:
        specs = session.scalars(select(OaiSetRow.spec).where(OaiSetRow.repository == "asuivre")).all()
        assert sorted(specs) == ["portail", "type", "type:cartes-postales"], "no set is left that nothing is in"
    write_harvester(files(installed), "asuivre", "[select]\nclosed = true\n")
    apply(installed, "asuivre")
    assert live_of(installed, "asuivre") == set()
    with installed.catalogue.read() as session:
        assert list_repositories(session)[1].deleted == 2


def test_publishing_applies_a_rule_that_was_read(installed: Workshop, tmp_path: Path) -> None:
    ours, _ = two_institutions(installed, tmp_path)
    write_harvester(files(installed), "gallica", PARTNERS)
    read(installed)
    assert publish_item(installed, ours).state == "updated"
    assert live_of(installed, "gallica") == {ours}
    assert publish_item(installed, ours).state == "unchanged"


def test_a_withdrawal_deletes_everywhere(installed: Workshop, tmp_path: Path) -> None:
    write_harvester(files(installed), "gallica", PARTNERS)
    read(installed)
    ours, _ = two_institutions(installed, tmp_path)
    withdraw_item(installed, ours, "erreur")
    assert records_of(installed, "gallica")[ours].deleted
    assert standings_of(installed, "gallica") == {}
    assert apply(installed, "gallica").keys() == set(live_of(installed, ""))
    assert publish_item(installed, ours, restore=True).state == "published"
    assert live_of(installed, "gallica") == {ours}


def test_a_partnership_that_ends_takes_its_documents_out_on_that_day(installed: Workshop, tmp_path: Path) -> None:
    write_harvester(files(installed), "armarium", '[select]\npartners_of = "armarium"\n')
    read(installed)
    ours, _ = two_institutions(installed, tmp_path)
    apply(installed, "armarium")
    with installed.catalogue.write() as session:
        row = session.scalars(select(PartnershipRow).where(PartnershipRow.programme == "armarium")).one()
        row.until = date(2026, 3, 10)
    assert isinstance(installed.clock, HeldClock)
    installed.clock.now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert apply_days(installed) == []
    assert live_of(installed, "armarium") == {ours}, "the last day counts"
    installed.clock.now = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)  # the eleventh in Lille
    assert apply_days(installed) == ["armarium"]
    assert live_of(installed, "armarium") == set()
    assert apply_days(installed) == []


def test_what_breaks_a_required_rule_is_refused_there_alone(installed: Workshop, tmp_path: Path) -> None:
    write_harvester(files(installed), "gallica", PARTNERS)
    read(installed)
    [outcome] = bring_online(installed, write_table(tmp_path / "lille", [Row("c1", rights="in-copyright")]))
    assert outcome.state == "published"
    assert live_of(installed, "") == {outcome.name}
    assert standings_of(installed, "gallica") == {outcome.name: "refused"}
    assert records_of(installed, "gallica") == {}
    with installed.catalogue.read() as session:
        [problem] = list_problems(session)
        assert (problem.repository, problem.name, problem.state) == ("gallica", outcome.name, "refused")
        assert "dc:rights ne donne pas les droits" in problem.texts[0]["fr"]


def test_an_update_that_breaks_a_rule_is_late_and_the_last_record_stays(installed: Workshop, tmp_path: Path) -> None:
    write_harvester(files(installed), "gallica", PARTNERS)
    read(installed)
    ours, _ = two_institutions(installed, tmp_path)
    before = records_of(installed, "gallica")[ours]
    assert title(installed, ours, " ") == "updated"
    after = records_of(installed, "gallica")[ours]
    assert (after.body, after.sequence, after.deleted) == (before.body, before.sequence, False)
    assert records_of(installed, "")[ours].sequence > before.sequence
    assert standings_of(installed, "gallica") == {ours: "late"}
    assert apply(installed, "gallica")[ours].state == "late"
    assert title(installed, ours, "Le beffroi") == "updated"
    assert standings_of(installed, "gallica") == {ours: "listed"}
    assert b"Le beffroi" in records_of(installed, "gallica")[ours].body


def test_a_late_record_moves_with_the_base_url(installed: Workshop, tmp_path: Path) -> None:
    write_harvester(files(installed), "gallica", PARTNERS)
    read(installed)
    ours, _ = two_institutions(installed, tmp_path)
    title(installed, ours, " ")
    before = records_of(installed, "gallica")[ours]
    assert b"http://127.0.0.1:8000/ark:/" in before.body
    list(rebase(installed, "https://vitrine.example.org"))
    after = records_of(installed, "gallica")[ours]
    assert after.body == before.body.replace(b"http://127.0.0.1:8000/", b"https://vitrine.example.org/")
    assert after.sequence > before.sequence
    assert before.header.partition(b"<setSpec>")[2] == after.header.partition(b"<setSpec>")[2] != b""
    assert standings_of(installed, "gallica") == {ours: "late"}
    sequences = [row.sequence for name in ("", "gallica") for row in records_of(installed, name).values()]
    assert len(sequences) == len(set(sequences))


def test_a_late_record_goes_when_the_rule_or_the_rights_say_so(installed: Workshop, tmp_path: Path) -> None:
    write_harvester(files(installed), "gallica", PARTNERS)
    read(installed)
    ours, _ = two_institutions(installed, tmp_path)
    title(installed, ours, " ")
    write_harvester(files(installed), "gallica", f'[select]\nexclude = ["{ours}"]\n')
    assert apply(installed, "gallica")[ours].state == "out"
    assert records_of(installed, "gallica")[ours].deleted
    write_harvester(files(installed), "gallica", PARTNERS)
    apply(installed, "gallica")
    assert standings_of(installed, "gallica")[ours] == "refused", "a tombstone is no valid record to keep"
    title(installed, ours, "Le beffroi")
    assert live_of(installed, "gallica") == {ours}
    with installed.catalogue.write() as session:
        row = session.get_one(ItemRow, ours)
        row.description = {**row.description, "rights": {**row.description["rights"], "status": "in-copyright"}}
    assert publish_item(installed, ours).state == "updated"
    assert records_of(installed, "gallica")[ours].deleted
    assert standings_of(installed, "gallica")[ours] == "refused"


def test_records_of_one_repository_have_places_of_their_own(installed: Workshop, tmp_path: Path) -> None:
    write_harvester(files(installed), "gallica")
    write_harvester(files(installed), "armarium")
    read(installed)
    bring_online(installed, write_table(tmp_path / "lille", [Row(f"c{number}") for number in range(4)]))
    write_harvester(files(installed), "armarium", "manifest = true\n")
    apply(installed, "armarium")
    with installed.catalogue.read() as session:
        places = session.execute(select(OaiRecordRow.repository, OaiRecordRow.prefix, OaiRecordRow.sequence)).all()
        assert len(places) == len(set(places)) == 4 * (len(FORMATS) + 2)
        numbers = session.scalars(select(JournalRow.sequence).order_by(JournalRow.sequence)).all()
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) == 8
    assert all(b"manifeste IIIF : " in row.body for row in records_of(installed, "armarium").values())


def test_what_was_interrupted_is_taken_up_again(installed: Workshop, tmp_path: Path) -> None:
    bring_online(installed, write_table(tmp_path / "lille", [Row(f"c{number}") for number in range(4)]))
    write_harvester(files(installed), "asuivre")
    begun = apply_repository(installed, "asuivre")
    done = [next(begun).name, next(begun).name]
    assert live_of(installed, "asuivre") == set(done)
    with installed.catalogue.read() as session:
        assert not list_repositories(session)[1].is_applied
    became = apply(installed, "asuivre")
    assert [applied.name for applied in became.values() if applied.changed] == list(became)[2:]
    assert live_of(installed, "asuivre") == set(became)


def test_rules_and_publications_at_once_end_in_one_truth(installed: Workshop, tmp_path: Path) -> None:
    write_harvester(files(installed), "armarium")
    read(installed)
    names = [
        outcome.name
        for outcome in bring_online(installed, write_table(tmp_path / "l", [Row(f"c{number}") for number in range(3)]))
    ]

    def publish() -> None:
        for turn in range(6):
            title(installed, names[turn % 3], f"Titre {turn}")

    def rule() -> None:
        for turn in range(6):
            left_out = f'[select]\nexclude = ["{names[turn % 3]}"]\n'
            write_harvester(files(installed), "armarium", left_out)
            apply(installed, "armarium")

    with ThreadPoolExecutor(2) as threads:
        for running in [threads.submit(publish), threads.submit(rule)]:
            running.result()
    assert not any(applied.changed for applied in apply(installed, "armarium").values()), "nothing was left to do"
    assert live_of(installed, "armarium") == set(names[:2])
    for name, words in zip(names, ("Titre 3", "Titre 4", "Titre 5"), strict=True):
        record = records_of(installed, "armarium")[name]
        assert record.deleted == (name == names[2])
        assert record.deleted or words.encode() in record.body
    with installed.catalogue.read() as session:
        places = session.execute(select(OaiRecordRow.repository, OaiRecordRow.prefix, OaiRecordRow.sequence)).all()
        assert len(places) == len(set(places))
        entries = session.execute(select(JournalRow.sequence, JournalRow.datestamp).order_by(JournalRow.sequence)).all()
        assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))


def test_a_librarys_own_record_is_read_from_the_storage(installed: Workshop, tmp_path: Path) -> None:
    [first, second] = bring_online(installed, write_table(tmp_path / "lille", [Row("c1"), Row("c2")]))
    leader = "<leader>00000nam  2200000   450 </leader>"
    field = '<datafield tag="200"><subfield code="a">Titre</subfield></datafield>'
    marc = f"<mets><record>{leader}{field}</record></mets>"
    installed.storage.put("sources/mets.xml", marc.encode())
    with installed.catalogue.write() as session:
        row = session.scalars(select(FileRow).where(FileRow.item == first.name, FileRow.role == "source")).one()
        row.path, row.key = "METS.xml", "sources/mets.xml"
    assert publish_item(installed, first.name).state == "updated", "readers are given that record"
    write_harvester(files(installed), "asuivre", 'formats = ["oai_dc", "unimarc"]\n')
    apply(installed, "asuivre")
    assert live_of(installed, "asuivre") == {first.name, second.name}
    assert live_of(installed, "asuivre", "unimarc") == {first.name}
    assert publish_item(installed, first.name).state == "unchanged", "both ways make the same of it"
    write_harvester(files(installed), "asuivre")
    apply(installed, "asuivre")
    assert records_of(installed, "asuivre", "unimarc")[first.name].deleted, "the format is not offered any more"


def test_a_mistake_in_a_file_changes_nothing(installed: Workshop, tmp_path: Path) -> None:
    write_harvester(files(installed), "gallica", PARTNERS)
    read(installed)
    ours, _ = two_institutions(installed, tmp_path)
    write_harvester(files(installed), "gallica", '[select]\npartners = "gallica"\n')
    with pytest.raises(CatalogueError, match=r"gallica\.toml, line 6: there is no key select\.partners"):
        apply(installed, "gallica")
    assert live_of(installed, "gallica") == {ours}
    with pytest.raises(CatalogueError, match="so there is no repository inconnu; the repositories are gallica"):
        apply(installed, "inconnu")


def item(**changes: Any) -> Item:
    partner = Partnership("armarium", date(2020, 1, 1), date(2026, 3, 2))
    made = make_postcard()
    return replace(made, institution=replace(made.institution, partnerships=(partner,)), **changes)


@pytest.mark.parametrize(
    ("selection", "is_taken"),
    [
        (Selection(), True),
        (Selection(closed=True), False),
        (Selection(partners_of="armarium"), True),
        (Selection(partners_of="gallica"), False),
        (Selection(partners_of="gallica", include=("v1bcdfg0",)), False),
        (Selection(institutions=("bm-lille",)), True),
        (Selection(institutions=("bm-douai",)), False),
        (Selection(institutions=("bm-douai",), include=("v1bcdfg0",)), True),
        (Selection(institutions=()), False),
        (Selection(include=("v1bcdfg0",), exclude=("v1bcdfg0",)), False),
        (Selection(typologies=("cartes-postales", "presse")), True),
        (Selection(typologies=("presse",)), False),
        (Selection(campaigns=("2025-villes",)), True),
        (Selection(campaigns=("2026-autres",)), False),
        (Selection(collections=("tramways",)), False),
        (Selection(rights=("public-domain",)), True),
        (Selection(rights=("cc-by",)), False),
        (Selection(languages=("fre",)), False),
        (Selection(typologies=("cartes-postales",), rights=("cc-by",)), False),
    ],
)
def test_every_part_of_a_rule(selection: Selection, is_taken: bool) -> None:
    harvester = Harvester("x", {"fr": "X", "en": "X"}, "gallica", "x@example.org", selection=selection)
    reason = why_left_out(item(), harvester, DAY)
    assert (reason is None) == is_taken
    assert reason is None or set(reason) == {"fr", "en"}


def test_the_first_and_the_last_day_of_a_partnership_count() -> None:
    harvester = Harvester("x", {}, "gallica", "x@example.org", selection=Selection(partners_of="armarium"))
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2026, 3, 2), date(2026, 3, 3)]
    assert [why_left_out(item(), harvester, day) is None for day in days] == [False, True, True, False]
    assert why_left_out(item(campaign=Campaign("c", 2026, {})), harvester, DAY) is None
