"""The verbs, as a coordinator types them: what they print, and what they exit with."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select, update

from server.catalogue.publication_models import PublicationRow
from server.catalogue.session import Catalogue
from server.cli.serve import look_for_outdated
from server.errors import Busy
from server.publish.run import Outcome, publish_item
from server.settings import load_settings
from server.workshop import Workshop
from tests.support.deliveries import Row, write_table
from tests.support.harvesters import write_harvester
from tests.support.oai import Harvested, make_settings
from tests.support.published_records import Records
from tests.support.typed import Typed


def test_the_way_of_a_delivery(typed_on_bare_ground: Typed, tmp_path: Path) -> None:
    typed = typed_on_bare_ground
    assert "run `vitrine init` first" in typed.badly("status")
    assert "2 institutions, 1 suppliers, 2 campaigns, 1 collections" in typed.well("init")
    assert "No delivery was received yet" in typed.well("status")
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2", not_before="2999-01-01")])
    assert "those of any check" in typed.badly("accept", folder, "--by", "M. Leroy", "--for", "bm-lille")
    assert "peut être acceptée" in typed.well("check", folder, "--report-language", "fr")
    assert "a decision for roubaix does not count" in typed.badly("accept", folder, "--by", "X", "--for", "roubaix")
    assert "Accepted: cartes-" in typed.well("accept", folder, "--by", "M. Leroy", "--for", "bm-lille")
    assert "2 documents ingested (4 views)" in typed.well("ingest", folder)
    assert "2 already held" in typed.well("ingest", folder)
    published = typed.well("publish", "--all")
    assert "2 documents: 1 published, 1 waiting." in published
    assert "may not be public before 2999-01-01" in published
    assert "2 documents: 1 unchanged, 1 waiting." in typed.well("publish", "--delivery", "cartes")
    standing = json.loads(typed("status", "--json").output)
    assert standing["totals"] == {"held": 2, "published": 1, "withdrawn": 0, "waiting": 1, "failed": 0, "views": 2}
    [delivery] = standing["deliveries"]
    assert (delivery["state"], delivery["institution"], delivery["ingested"]) == ("accepted", "bm-lille", 2)
    assert "1 published (2 views), 1 waiting" in typed.well("status")
    assert "1 waiting. 1 PDF made." in typed.well("sweep")
    name = json.loads(typed("status", "--json").output)["attention"][0]["name"]
    told = typed.well("withdraw", name, "--reason", "essai")
    assert told == f"{name} is not public; its wish to be published is withdrawn."
    assert "Nothing is waiting" in typed.well("sweep")
    assert "is not public: nothing to withdraw" in typed.well("withdraw", name, "--reason", "essai")


def test_a_delivery_is_published_by_its_name_or_its_folder(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed.well("init")
    folders = [
        write_table(tmp_path / place / "cartes", [Row(identifier, title=identifier)])
        for place, identifier in (("mars", "c1"), ("avril", "c2"))
    ]
    unseen = write_table(tmp_path / "mai" / "cartes", [Row("c3")])
    said = (
        f"the files in {unseen} are not those of any check; run `vitrine check {unseen}`, have it accepted, then ingest"
    )
    assert f"no delivery {folders[0]} is known" not in typed.badly("publish", "--delivery", folders[0])
    for folder in folders:
        typed.well("check", folder)
        typed.well("accept", folder, "--by", "M. Leroy", "--for", "bm-lille")
        typed.well("ingest", folder)
    assert said in typed.badly("publish", "--delivery", unseen)
    assert "several deliveries are called cartes: cartes-" in typed.badly("publish", "--delivery", "cartes")
    assert "1 document: 1 published." in typed.well("publish", "--delivery", f"{folders[0]}/")
    monkeypatch.chdir(tmp_path / "avril")
    # of two deliveries with this name it is the one whose folder stands here
    assert "1 document: 1 published." in typed.well("publish", "--delivery", "cartes")
    assert "1 document: 1 unchanged." in typed.well("publish", "--delivery", "./cartes")
    for nowhere in ("nowhere/cartes", f"{tmp_path}/nowhere/"):
        told = typed.badly("publish", "--delivery", nowhere)
        assert f"there is no folder {nowhere}; give the folder that was checked, or the delivery's name" in told
    (folders[1] / "items.csv").write_text("ark;title\n", encoding="utf-8")
    assert "are not those of any check" in typed.badly("publish", "--delivery", folders[1])


def test_withdraw_by_name_and_by_view(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "cartes", [Row("c1", ark="ark:/99999/b1234q")])
    typed.well("ingest", folder)
    assert "is not accepted" in typed.badly("publish", "b1234q")
    assert "needs --reason" in typed.badly("publish", "b1234q", "--without-acceptance")
    assert "1 published" in typed.well("publish", "b1234q", "--without-acceptance", "--reason", "essai")
    assert "is not a view; write f12" in typed.badly("withdraw", "b1234q", "--view", "recto", "--reason", "essai")
    assert "1 updated" in typed.well("withdraw", "b1234q", "--view", "f2", "--reason", "essai")
    assert "is withdrawn" in typed.well("withdraw", "b1234q", "--reason", "essai")
    assert "1 published" in typed.well("publish", "b1234q")
    assert "Everything stands under https://vitrine.example.org now" in typed.well(
        "rebase", "https://vitrine.example.org"
    )
    assert "run `vitrine rebase http://127.0.0.1:8000`" in typed.badly("publish", "b1234q")


def test_a_refused_delivery_is_not_published(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2")])
    (folder / "c2_0002.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    checked = typed.badly("check", folder)
    assert "c2_0002.png" in checked
    assert "found" in typed.badly("accept", folder, "--by", "M. Leroy", "--for", "bm-lille")
    typed.well("refuse", folder, "--by", "M. Leroy", "--for", "bm-lille", "--reason", "vue 2 illisible")
    assert "1 document ingested (2 views), 0 already held, 1 refused" in typed.badly("ingest", folder)
    assert "was refused by M. Leroy: vue 2 illisible" in typed.badly("publish", "--all")
    typed.well(
        "accept", folder, "--by", "M. Leroy", "--for", "bm-lille", "--despite-errors", "--reason", "c1 est bonne"
    )
    assert "1 published, 1 refused" in typed.badly("publish", "--all")


def test_check_as_json_for_a_program(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    result = typed("check", "--json", write_table(tmp_path / "cartes", [Row("c1")]))
    assert result.exit_code == 0
    assert json.loads(result.output)["delivery"]["name"] == "cartes"


def test_mistakes_are_sentences(typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed.well("init")
    (tmp_path / "empty").mkdir()
    assert "the folder is empty" in typed.badly("check", tmp_path / "empty")
    assert "say what to publish" in typed.badly("publish")
    assert "there is no item nowhere" in typed.badly("publish", "nowhere")
    assert "no delivery nowhere is known" in typed.badly("publish", "--delivery", "nowhere")
    monkeypatch.setenv("VITRINE_PORT", "eighty")
    assert "VITRINE_PORT='eighty'" in typed.badly("status")


def test_a_register_with_a_mistake_names_file_and_key(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "registers" / "data" / "institutions.toml"
    path.write_text('[[institution]]\nname = "Médiathèque"\nlabel = { fr = "M" }\n', encoding="utf-8")
    told = typed.badly("init")
    assert "institutions.toml" in told
    assert "institution.0.name" in told
    assert "institution.0.label.en: Field required" in told
    path.unlink()
    assert "institutions.toml is missing" in typed.badly("init")


def test_a_fault_of_ours_goes_to_a_file(typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("server.cli.status.list_deliveries", lambda _session: 1 // 0)
    typed.well("init")
    told = typed.badly("status")
    assert "this is a fault of Vitrine, not of yours: ZeroDivisionError" in told
    [log] = tmp_path.glob("vitrine-*.log")
    assert "ZeroDivisionError" in log.read_text()


def test_one_item_that_cannot_be_published_stops_no_other(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    arks = [f"ark:/99999/b{number}" for number in (1, 2, 3)]
    typed.well("ingest", write_table(tmp_path / "cartes", [Row(f"c{ark[-1]}", ark=ark) for ark in arks]))
    waive = ("--without-acceptance", "--reason", "essai")
    told = typed.badly(
        "publish", "nowhere", "b1", "ark:/12148/b2", "http://x.example.org/ark:/99999/b3/f2?lang=en", *waive
    )
    assert "there is no item nowhere" in told
    assert "ark:/12148/b2 is of the authority 12148" in told
    assert "4 documents: 2 published, 2 refused." in told
    assert "1 document: 1 published." in typed.well("publish", "ark:/99999/b2", "ark:99999/b-2", *waive)
    assert "b1 is withdrawn" in typed.well("withdraw", "https://x.example.org/ark:/99999/b1", "--reason", "essai")


def test_an_item_that_others_keep_changing_stops_no_other(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "cartes", [Row("c1", ark="ark:/99999/b1"), Row("c2", ark="ark:/99999/b2")])
    typed.well("ingest", folder)

    def busy(workshop: Workshop, name: str, *, restore: bool = False) -> Outcome:
        if name == "b1":
            raise Busy("try again")
        return publish_item(workshop, name, restore=restore)

    monkeypatch.setattr("server.cli.publish.publish_item", busy)
    told = typed.badly("publish", "--all", "--without-acceptance", "--reason", "essai")
    assert "refused b1: try again 2 documents: 1 published, 1 refused." in told


def test_a_campaign_that_nobody_knows_and_one_that_is_empty(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    assert "no campaign 2026-fete is known" in typed.badly("publish", "--campaign", "2026-fete")
    assert "campaign 2026-fetes has no document yet" in typed.well("publish", "--campaign", "2026-fetes")
    folder = write_table(tmp_path / "cartes", [Row("c1")])
    typed.well("check", folder)
    assert "delivery cartes has no document yet" in typed.well("publish", "--delivery", "cartes")
    assert "There is nothing to publish" in typed.well("publish", "--all")


def test_an_operator_is_told_of_what_an_earlier_version_rendered(
    typed: Typed, tmp_path: Path, database_url: str
) -> None:
    typed.well("init")
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2")])
    typed.well("ingest", folder)
    published = ("publish", "--all", "--without-acceptance", "--reason", "essai")
    assert "2 published" in typed.well(*published)
    assert "earlier version" not in typed.well("status")
    assert json.loads(typed("status", "--json").output)["outdated"] == 0
    catalogue = Catalogue(database_url)
    with catalogue.write() as session:
        session.execute(update(PublicationRow).values(rendering=0))
        row = session.get_one(PublicationRow, session.scalars(select(PublicationRow.name)).first())
        row.fingerprint = "0" * 64
    sentence = "2 published documents were rendered by an earlier version of Vitrine"
    for verb in ("status", "init"):
        told = " ".join(typed.well(verb).split())
        assert sentence in told
        assert "run `vitrine publish --all`" in told
    assert json.loads(typed("status", "--json").output)["outdated"] == 2
    assert sentence in look_for_outdated(load_settings())
    assert "1 updated, 1 unchanged" in typed.well(*published)
    assert "earlier version" not in typed.well("status")
    assert look_for_outdated(load_settings()) == ""
    with catalogue.write() as session:
        session.execute(update(PublicationRow).values(rendering=0, state="withdrawn"))
    assert "earlier version" not in typed.well("status")
    catalogue.close()


def test_a_harvester_from_its_file_to_its_report(typed: Typed, tmp_path: Path) -> None:
    path = write_harvester(tmp_path / "registers" / "manifests", "gallica", '[select]\npartners_of = "gallica"\n')
    assert "1 repositories" in typed.well("init")
    assert "Aucun document n’est public." in typed.well("harvest-check", "gallica")
    assert "there is no repository galica; the repositories are gallica" in typed.badly("harvest-check", "galica")
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2", rights="in-copyright")])
    typed.well("ingest", folder)
    said = typed.well("publish", "--all", "--without-acceptance", "--reason", "essai")
    assert "2 documents: 2 published." in said
    assert "gallica: refused" in said
    assert "dc:rights does not give the rights in French and English" in said
    told = typed.badly("harvest-check", "gallica")
    assert "gallica : 2 documents, 1 prêt, 1 refusé." in told
    assert "erreur dc:rights ne donne pas les droits en français et en anglais" in told
    assert "conseil dc:source n’a pas la forme" in told
    english = typed.badly("harvest-check", "gallica", "--lang", "en")
    assert "error dc:rights does not give the rights" in english
    reports = json.loads(typed("harvest-check", "gallica", "--json").output)
    [name] = [report["name"] for report in reports if report["state"] == "listed"]
    assert [report["state"] for report in reports if report["name"] != name] == ["refused"]
    assert "1 prêt" in typed.well("harvest-check", "gallica", name)
    standing = json.loads(typed("status", "--json").output)
    assert [one["name"] for one in standing["repositories"]] == ["", "gallica"]
    assert standing["repositories"][1] | {"is_applied": None} == {
        "name": "gallica", "records": 1, "deleted": 0, "covered": 0, "refused": 1, "late": 0, "is_applied": None,
    }  # fmt: skip
    told = typed.well("status")
    assert "is not applied yet" not in told, "it was read while nothing was public"
    assert "is refused: dc:rights does not give the rights" in told
    assert "gallica: 0 documents changed; 1 listed, 1 refused." in typed.badly("publish", "--repository", "gallica")
    path.write_text(path.read_text() + f'exclude = ["{name}"]\n')
    typed.well("init")
    assert "its file is not applied yet: vitrine publish --repository gallica" in typed.well("status")
    assert "gallica: 1 document changed; 1 not selected, 1 refused." in typed.badly(
        "publish", "--repository", "gallica"
    )
    assert "all: 0 documents changed; 2 listed." in typed.well("publish", "--repository", "all")
    path.write_text(path.read_text() + "exclud = []\n")
    assert "gallica.toml, line 8: there is no key select.exclud; did you mean exclude?" in typed.badly(
        "publish", "--repository", "gallica"
    )
    assert "--repository publishes no document" in typed.badly(
        "publish", "--repository", "gallica", "--without-acceptance", "--reason", "x"
    )


def test_harvests_and_what_is_missing(typed: Typed, database_url: str) -> None:
    catalogue = Catalogue(database_url)
    held = Harvested(catalogue, Records(catalogue).prepare(), make_settings(database_url))
    assert "Nobody has harvested yet" in typed.well("harvests")
    assert "Everything that all publishes has been harvested" in typed.well("harvests", "--missing", "all")
    held.records.add(7)
    first = held.ask("ListRecords", metadataPrefix="oai_dc")
    assert "not delivered" in typed.well("harvests", "--missing", "all")
    held.ask("ListRecords", resumptionToken=first.token)
    held.ask("Nonsense")
    held.service.close()
    catalogue.close()
    told = typed.well("harvests")
    assert "to the end" in told
    assert "no name given" in told
    found = {each["verb"]: each for each in json.loads(typed.well("harvests", "--json"))}
    assert (found["ListRecords"]["pages"], found["ListRecords"]["records"], found[""]["errors"]) == (2, 7, 1)
    assert "Everything that all publishes has been harvested" in typed.well("harvests", "--missing", "all")
    assert len(json.loads(typed.well("harvests", "--missing", "all", "--agent", "Gallica", "--json"))) == 7
    assert "there is no repository nobody" in typed.badly("harvests", "--missing", "nobody")
    assert "marc21 is no format of all; its formats are oai_dc, oai_dcterms, mods, mets, edm" in typed.badly(
        "harvests", "--missing", "all", "--format", "marc21"
    )


def test_a_delivery_is_inspected_before_there_is_a_catalogue(typed_on_bare_ground: Typed, tmp_path: Path) -> None:
    typed = typed_on_bare_ground
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2", images=("c2_0001.png",))])
    (folder / "c2_0001.png").unlink()
    told = typed.well("inspect", folder)
    assert "2 documents, 3 views" in told
    assert "the image of 1 view" in told
    assert "view f1 needs image c2_0001.png" in told
    seen = json.loads(typed.well("inspect", folder, "--json", "--quick"))
    assert (seen["schema"], seen["kinds"]) == ("vitrine-inspection/1", ["table"])
    assert [(item["identifier"], item["views"], item["missing"]) for item in seen["items"]] == [
        ("c1", 2, 0),
        ("c2", 1, 1),
    ]
    assert seen["checksums"]["verified"] is None
    assert "run `vitrine init` first" in typed.badly("status")
