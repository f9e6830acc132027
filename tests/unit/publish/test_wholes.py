"""Newspaper titles and works in several volumes as records of their own, linked with their parts both ways."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from server.catalogue.models import ItemRow
from server.catalogue.publication_models import JournalRow, OaiWholeRow
from server.catalogue.repositories import list_repositories
from server.oai.formats.profile import Level
from server.oai.formats.rules import Fault
from server.publish import rebase as rebasing
from server.publish import report, wholes
from server.publish.harvester_files import read_harvesters
from server.publish.rebase import rebase
from server.publish.report import check_items
from server.publish.run import publish_item
from server.publish.wholes import refresh_wholes
from server.publish.withdraw import withdraw_item
from server.workshop import Workshop
from tests.support.deliveries import Row, write_table
from tests.support.harvesters import apply, live_of, records_of, standings_of, write_harvester
from tests.support.workshops import BEGIN, accept, take_in


@pytest.fixture
def installed(workshop: Workshop, tmp_path: Path) -> Workshop:
    """A workshop whose harvesters' files are those that the test writes."""
    manifests = tmp_path / "registers" / "manifests"
    return replace(workshop, settings=workshop.settings.model_copy(update={"manifests_dir": manifests}))


def describe(workshop: Workshop, name: str, **changes: Any) -> None:
    with workshop.catalogue.write() as session:
        row = session.get_one(ItemRow, name)
        row.description = {**row.description, **changes}
        row.rights_status = row.description["rights"]["status"]


def harvester(workshop: Workshop, more: str, name: str = "armarium") -> None:
    write_harvester(workshop.settings.manifests_dir, name, more)
    with workshop.catalogue.write() as session:
        read_harvesters(session, workshop.settings.manifests_dir, BEGIN.date())


def issues(workshop: Workshop, tmp_path: Path, kind: str = "periodical") -> list[str]:
    """Hold and publish three parts of one whole; return their names, the oldest first."""
    summary = take_in(workshop, write_table(tmp_path / "presse", [Row("n1"), Row("n2"), Row("n3")]), "bm-lille")
    accept(workshop, summary.delivery)
    names = [outcome.name for outcome in summary.outcomes]
    for number, name in enumerate(names, start=1):
        whole = {"label": "L’Écho du Nord", "identifier": "ISSN 1234-5679", "number": f"{number}", "kind": kind}
        date = {"edtf": f"190{number}-03-0{number}", "literal": "", "kind": "issued"}
        typology = "presse" if kind == "periodical" else "livres-imprimes"
        describe(workshop, name, part_of=whole, dates=[date], typology=typology)
        assert publish_item(workshop, name).state == "published"
    return names


TITLE = "titre-1234-5679"


def test_both_are_there_and_linked_both_ways(installed: Workshop, tmp_path: Path) -> None:
    harvester(installed, 'press = "both"\nformats = ["oai_dc", "oai_dcterms", "mets", "mods"]\n')
    names = issues(installed, tmp_path)
    assert live_of(installed, "armarium") == set(names)
    assert refresh_wholes(installed) == 1
    assert refresh_wholes(installed) == 0
    for prefix in ("oai_dc", "oai_dcterms", "mets", "mods"):
        records = records_of(installed, "armarium", prefix)
        assert set(records) == {*names, TITLE}
        addresses = [f"http://127.0.0.1:8000/ark:/99999/{name}".encode() for name in names]
        assert all(address in records[TITLE].body for address in addresses)
        page = f"http://127.0.0.1:8000/fr/collections/{TITLE}".encode()
        assert all(page in record.body for record in records.values())
    told = records_of(installed, "armarium")[TITLE]
    assert f"<identifier>oai:vitrine.example.org:{TITLE}</identifier>".encode() in told.header
    assert b"<setSpec>type:presse</setSpec>" in told.header
    assert "<dc:title>L’Écho du Nord</dc:title>".encode() in told.body
    assert b"<dc:date>1901/1903</dc:date>" in told.body
    assert b"<dc:identifier>ISSN 1234-5679</dc:identifier>" in told.body
    assert b"Nombre total de vues" not in told.body
    mets = records_of(installed, "armarium", "mets")[TITLE].body.decode()
    assert 'LABEL="1er mars 1901"' in mets
    sequences = {row.sequence for row in records_of(installed, "armarium").values()}
    assert len(sequences) == 4
    assert live_of(installed, "") == set(names)


def test_a_title_stands_for_its_issues(installed: Workshop, tmp_path: Path) -> None:
    harvester(installed, 'press = "title"\n')
    names = issues(installed, tmp_path)
    refresh_wholes(installed)
    assert live_of(installed, "armarium") == {TITLE}
    assert standings_of(installed, "armarium") == dict.fromkeys(names, "covered")
    assert b"Comprend" not in records_of(installed, "armarium")[TITLE].body
    with installed.catalogue.read() as session:
        [_, standing] = list_repositories(session)
        assert (standing.records, standing.covered) == (1, 3)


@pytest.mark.parametrize("press", ["title", "both"])
def test_the_check_tells_of_titles_too(installed: Workshop, tmp_path: Path, press: str) -> None:
    harvester(installed, f'press = "{press}"\nformats = ["oai_dc", "edm"]\n', "europeana")
    names = issues(installed, tmp_path)
    refresh_wholes(installed)
    told = {each.name: each for each in check_items(installed, "europeana")}
    assert list(told) == [*names, TITLE]
    assert (told[TITLE].title, told[TITLE].state, told[TITLE].errors) == ("L’Écho du Nord", "listed", ())
    assert told[TITLE].tier == told[names[0]].tier
    assert told[names[0]].state == ("covered" if press == "title" else "listed")
    assert [each.name for each in check_items(installed, "europeana", names[:1])] == names[:1]


@pytest.mark.parametrize("is_there", [True, False])
def test_the_check_tells_of_a_title_that_breaks_a_rule(
    installed: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    harvester(installed, 'press = "both"\n', "europeana")
    issues(installed, tmp_path)
    if is_there:
        refresh_wholes(installed)
    broken = Fault("shelfmark", Level.REQUIRED, {"fr": "la cote manque", "en": "the shelfmark is missing"})
    monkeypatch.setattr(report, "find_faults", lambda *_: (broken,))
    told = {each.name: each for each in check_items(installed, "europeana")}[TITLE]
    assert told.state == ("late" if is_there else "refused"), "the record that it had stays"
    assert told.errors == (broken.texts,)


def test_what_changes_in_a_part_reaches_its_title(installed: Workshop, tmp_path: Path) -> None:
    harvester(installed, 'press = "both"\n')
    names = issues(installed, tmp_path)
    refresh_wholes(installed)
    before = records_of(installed, "armarium")[TITLE]
    withdraw_item(installed, names[2], "erreur")
    assert refresh_wholes(installed) == 1
    after = records_of(installed, "armarium")[TITLE]
    assert after.sequence > before.sequence
    assert names[2].encode() not in after.body
    assert b"<dc:date>1901/1902</dc:date>" in after.body
    for name in names[:2]:
        withdraw_item(installed, name, "erreur")
    refresh_wholes(installed)
    gone = records_of(installed, "armarium")[TITLE]
    assert gone.deleted
    assert b"<setSpec>type:presse</setSpec>" in gone.header
    assert publish_item(installed, names[1], restore=True).state == "published"
    refresh_wholes(installed)
    assert live_of(installed, "armarium") == {TITLE, names[1]}


def test_only_parts_that_are_selected_count(installed: Workshop, tmp_path: Path) -> None:
    harvester(installed, 'press = "both"\n')
    names = issues(installed, tmp_path)
    refresh_wholes(installed)
    write_harvester(
        installed.settings.manifests_dir, "armarium", f'press = "both"\n[select]\nexclude = ["{names[0]}"]\n'
    )
    apply(installed, "armarium")
    refresh_wholes(installed)
    assert names[0].encode() not in records_of(installed, "armarium")[TITLE].body
    assert live_of(installed, "armarium") == {TITLE, names[1], names[2]}
    write_harvester(installed.settings.manifests_dir, "armarium", 'press = "issue"\n')
    apply(installed, "armarium")
    refresh_wholes(installed)
    assert records_of(installed, "armarium")[TITLE].deleted, "titles are records no more"
    assert live_of(installed, "armarium") == set(names)
    page = f"/fr/collections/{TITLE}".encode()
    assert not any(page in row.body for row in records_of(installed, "armarium").values() if not row.deleted)


def test_a_title_has_the_strictest_rights_of_its_issues(installed: Workshop, tmp_path: Path) -> None:
    harvester(installed, 'press = "both"\n')
    names = issues(installed, tmp_path)
    with installed.catalogue.read() as session:
        rights = session.get_one(ItemRow, names[1]).description["rights"]
    describe(installed, names[1], rights={**rights, "status": "cc-by-nc"})
    publish_item(installed, names[1])
    refresh_wholes(installed)
    assert b"http://creativecommons.org/licenses/by-nc/4.0/" in records_of(installed, "armarium")[TITLE].body


def test_volumes_are_parts_of_their_work(installed: Workshop, tmp_path: Path) -> None:
    harvester(installed, 'volumes = "both"\nformats = ["oai_dc", "mets"]\n')
    names = issues(installed, tmp_path, "multivolume")
    refresh_wholes(installed)
    [work] = live_of(installed, "armarium") - set(names)
    assert work.startswith("ouvrage-")
    mets = records_of(installed, "armarium", "mets")[work].body
    assert b'TYPE="multivolume_work"' in mets
    assert 'LABEL="Vue de la Grand’Place"'.encode() in mets


def test_under_another_address_the_title_moves_too(installed: Workshop, tmp_path: Path) -> None:
    harvester(installed, 'press = "both"\n')
    issues(installed, tmp_path)
    refresh_wholes(installed)
    list(rebase(installed, "https://vitrine.example.org"))
    assert not any(b"127.0.0.1" in row.body for row in records_of(installed, "armarium").values())
    with installed.catalogue.read() as session:
        assert session.scalar(select(func.count()).select_from(OaiWholeRow)) == 0
        numbers = session.scalars(select(JournalRow.sequence).order_by(JournalRow.sequence)).all()
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("is_killed", [False, True])
def test_under_another_address_a_title_that_breaks_a_rule_moves_as_it_was(
    installed: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_killed: bool
) -> None:
    """Its last valid record stays, as that of a late document does; where it is said must not stay behind."""
    harvester(installed, 'press = "both"\nformats = ["oai_dc", "mets"]\n')
    names = issues(installed, tmp_path)
    refresh_wholes(installed)
    before = {prefix: records_of(installed, "armarium", prefix)[TITLE] for prefix in ("oai_dc", "mets")}
    broken = Fault("shelfmark", Level.REQUIRED, {"fr": "la cote manque", "en": "the shelfmark is missing"})
    monkeypatch.setattr(wholes, "find_faults", lambda *_: (broken,))
    if is_killed:  # after everything moved, before wholes are made anew
        monkeypatch.setattr(rebasing, "refresh_wholes", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            list(rebase(installed, "https://vitrine.example.org"))
        monkeypatch.setattr(rebasing, "refresh_wholes", refresh_wholes)
    list(rebase(installed, "https://vitrine.example.org"))
    for prefix, old in before.items():
        row = records_of(installed, "armarium", prefix)[TITLE]
        assert row.body == old.body.replace(b"http://127.0.0.1:8000/", b"https://vitrine.example.org/")
        assert names[0].encode() in row.body
        assert row.sequence > old.sequence
    monkeypatch.undo()
    addresses = replace(installed.addresses, base="https://vitrine.example.org")
    refresh_wholes(installed, addresses)
    moved = {row.sequence for prefix in before for row in records_of(installed, "armarium", prefix).values()}
    list(rebase(installed, "https://vitrine.example.org"))
    assert moved == {row.sequence for prefix in before for row in records_of(installed, "armarium", prefix).values()}
