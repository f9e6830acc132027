import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.catalogue import published
from server.catalogue.deliveries import Decision, decide
from server.catalogue.mementos import find_memento, list_mementos
from server.catalogue.models import CollectionRow, DeliveryRow, EventRow, ItemRow
from server.catalogue.overview import list_attention
from server.catalogue.publication_models import (
    ActivityRow,
    DocumentRow,
    JournalRow,
    MementoRow,
    OaiRecordRow,
    OaiSetRow,
    PayloadRow,
    PublicationRow,
)
from server.errors import CatalogueError, Unknown, Withdrawn
from server.oai.formats.render import FORMATS
from server.publish.curated import refresh_curated
from server.publish.packing import pack
from server.publish.rebase import rebase
from server.publish.run import Outcome, publish_item, waive_acceptance
from server.publish.sweep import sweep
from server.publish.withdraw import withdraw_item, withdraw_view
from server.workshop import Workshop
from tests.support.deliveries import Row, write_table
from tests.support.workshops import HeldClock, accept, bring_online, publish_all, take_in


def journal(workshop: Workshop) -> list[tuple[int, str]]:
    with workshop.catalogue.read() as session:
        return [
            (row.sequence, row.activity) for row in session.scalars(select(JournalRow).order_by(JournalRow.sequence))
        ]


def move(workshop: Workshop, **by: float) -> None:
    assert isinstance(workshop.clock, HeldClock)
    workshop.clock.move(**by)


def publish_changed(workshop: Workshop, name: str) -> Outcome:
    """Change an item's title, and publish it."""
    with workshop.catalogue.write() as session:
        row = session.get_one(ItemRow, name)
        row.description = {**row.description, "titles": [{"value": "Le beffroi", "language": "fr", "kind": "main"}]}
    return publish_item(workshop, name)


def refuse(workshop: Workshop, name: str) -> None:
    """Refuse the delivery of an item."""
    with workshop.catalogue.write() as session:
        row = session.get_one(DeliveryRow, session.get_one(ItemRow, name).delivery)
        decide(session, row, Decision(False, "A. Person", "bm-lille", "erreur"), workshop.clock(), "tests")


def told(workshop: Workshop) -> list[tuple[str, str]]:
    """Return activities and addresses of what Change Discovery tells in version 3, oldest first."""
    with workshop.catalogue.read() as session:
        rows = session.scalars(select(ActivityRow).where(ActivityRow.version == 3).order_by(ActivityRow.number))
        return [(row.activity, json.loads(row.body)["object"]["id"]) for row in rows]


def test_nothing_is_public_before_acceptance(workshop: Workshop, tmp_path: Path) -> None:
    summary = take_in(workshop, write_table(tmp_path / "cartes", [Row("c1")]))
    [outcome] = publish_all(workshop)
    assert outcome.state == "refused"
    assert "is not accepted; run `vitrine accept cartes" in outcome.problem
    with workshop.catalogue.snapshot() as connection, pytest.raises(Unknown):
        published.find_publication(connection, outcome.name)
    accept(workshop, summary.delivery)
    assert publish_item(workshop, outcome.name).state == "published"


def test_acceptance_can_be_waived_and_that_is_recorded(workshop: Workshop, tmp_path: Path) -> None:
    summary = take_in(workshop, write_table(tmp_path / "cartes", [Row("c1")]))
    name = summary.outcomes[0].name
    waive_acceptance(workshop, [name], "exposition de samedi")
    assert publish_item(workshop, name).state == "published"
    with workshop.catalogue.read() as session:
        event = session.scalars(select(EventRow).where(EventRow.action == "acceptance waived")).one()
        assert (event.actor, event.subject, event.detail) == ("tests", name, {"reason": "exposition de samedi"})


def test_publishing_again_without_a_change_changes_nothing(workshop: Workshop, tmp_path: Path) -> None:
    bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1"), Row("c2")]))
    with workshop.catalogue.read() as session:
        before = session.execute(select(OaiRecordRow.name, OaiRecordRow.datestamp, OaiRecordRow.header)).all()
        events = session.scalar(select(func.count()).select_from(EventRow))
    move(workshop, days=3)
    assert [outcome.state for outcome in publish_all(workshop)] == ["unchanged", "unchanged"]
    assert journal(workshop) == [(1, "Create"), (2, "Create")]
    with workshop.catalogue.read() as session:
        assert session.execute(select(OaiRecordRow.name, OaiRecordRow.datestamp, OaiRecordRow.header)).all() == before
        assert session.scalar(select(func.count()).select_from(EventRow)) == events


def test_a_change_moves_the_datestamp_and_nothing_else(workshop: Workshop, tmp_path: Path) -> None:
    first, second = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1"), Row("c2")]))
    move(workshop, hours=1)
    assert publish_changed(workshop, first.name).state == "updated"
    assert [outcome.state for outcome in publish_all(workshop)] == ["unchanged", "unchanged"]
    assert journal(workshop) == [(1, "Create"), (2, "Create"), (3, "Update")]
    with workshop.catalogue.snapshot() as connection:
        assert published.find_publication(connection, first.name).item.description.title.value == "Le beffroi"
        assert b"Le beffroi" in published.find_document(connection, first.name, "manifest/3").plain
        assert published.find_publication(connection, second.name).sequence == 2


def test_a_corrected_label_reaches_every_image_and_dates_it(workshop: Workshop, tmp_path: Path) -> None:
    first, second = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1"), Row("c2")]))

    def images(name: str) -> list[published.PublishedImage]:
        with workshop.catalogue.snapshot() as connection:
            return [published.find_image(connection, f"{name}.f{number}") for number in (1, 2)]

    def label(name: str) -> object:
        with workshop.catalogue.snapshot() as connection:
            return json.loads(published.find_document(connection, name, "manifest/3").plain)["label"]

    before, other = images(first.name), images(second.name)
    assert [image.label for image in before] == [label(first.name)] * 2
    move(workshop, hours=1)
    publish_changed(workshop, first.name)
    assert [image.label for image in images(first.name)] == [{"fr": ["Le beffroi"]}] * 2
    assert label(first.name) == {"fr": ["Le beffroi"]}
    assert [image.modified for image in images(first.name)] == [
        image.modified + timedelta(hours=1) for image in before
    ], "info.json has changed"
    assert images(second.name) == other


def test_undetermined_and_restricted_rights_block(workshop: Workshop, tmp_path: Path) -> None:
    rows = [Row("c1", rights="undetermined"), Row("c2", rights="restricted"), Row("c3")]
    outcomes = bring_online(workshop, write_table(tmp_path / "cartes", rows))
    assert [outcome.state for outcome in outcomes] == ["refused", "refused", "published"]
    assert "rights are not determined; have them cleared" in outcomes[0].problem
    assert "access control does not exist yet" in outcomes[1].problem


def test_a_date_still_to_come_publishes_by_itself(workshop: Workshop, tmp_path: Path) -> None:
    [outcome] = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1", not_before="2026-04-01")]))
    assert outcome.state == "waiting"
    assert [found.state for found in sweep(workshop)] == ["waiting"]
    assert isinstance(workshop.clock, HeldClock)
    workshop.clock.now = workshop.clock.now.replace(month=3, day=31, hour=22, minute=30)  # 1 April in Lille already
    assert [found.state for found in sweep(workshop)] == ["published"]
    assert sweep(workshop) == []
    with workshop.catalogue.snapshot() as connection:
        assert published.find_publication(connection, outcome.name).item.description.rights.not_before == date(
            2026, 4, 1
        )


def test_a_curated_set_has_the_words_of_its_register(workshop: Workshop, tmp_path: Path) -> None:
    bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1", collections="grand-place")]))
    with workshop.catalogue.read() as session:
        row = session.get_one(OaiSetRow, ("", "collection:grand-place"))
        assert row.label == {"fr": "Autour de la Grand’Place", "en": "Around the Main Square"}
        assert row.description == {"fr": "Vues et plans.", "en": "Views and plans."}
        assert session.get_one(OaiSetRow, ("", "collection")).label["fr"] == "Collections"


def test_withdrawal_leaves_a_tombstone(workshop: Workshop, tmp_path: Path) -> None:
    [outcome] = bring_online(
        workshop, write_table(tmp_path / "cartes", [Row("c1", collections="grand-place", text=True)])
    )
    name = outcome.name
    move(workshop, minutes=5)
    with pytest.raises(CatalogueError, match="needs a reason"):
        withdraw_item(workshop, name, " ")
    assert withdraw_item(workshop, name, "demande de l’ayant droit")
    assert not withdraw_item(workshop, name, "encore")
    assert journal(workshop) == [(1, "Create"), (2, "Delete")]
    with workshop.catalogue.snapshot() as connection:
        for ask in (
            lambda: published.find_publication(connection, name),
            lambda: published.find_document(connection, name, "manifest/3"),
            lambda: published.find_document(connection, name, "text/f1"),
            lambda: published.find_image(connection, f"{name}.f1"),
        ):
            with pytest.raises(Withdrawn):
                ask()
        assert published.list_collections(connection) == []
        assert published.list_newest(connection) == []
    with workshop.catalogue.read() as session:
        records = session.scalars(select(OaiRecordRow)).all()
    assert {record.prefix for record in records} == set(FORMATS)
    for record in records:
        assert record.deleted
        assert record.body == b""
        assert b'status="deleted"' in record.header
        assert b"<setSpec>collection:grand-place</setSpec>" in record.header
        assert record.sequence == 2


def test_a_withdrawn_item_comes_back_only_when_it_is_named(workshop: Workshop, tmp_path: Path) -> None:
    [outcome] = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1")]))
    withdraw_item(workshop, outcome.name, "erreur")
    assert [found.state for found in publish_all(workshop)] == ["withdrawn"]
    assert publish_item(workshop, outcome.name, restore=True).state == "published"
    assert journal(workshop) == [(1, "Create"), (2, "Delete"), (3, "Create")]
    with workshop.catalogue.snapshot() as connection:
        assert published.find_image(connection, f"{outcome.name}.f1").width == 320


def test_a_withdrawn_view_keeps_the_numbers_of_the_others(workshop: Workshop, tmp_path: Path) -> None:
    [outcome] = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1")]))
    assert withdraw_view(workshop, outcome.name, 1, "visage reconnaissable").state == "updated"
    with workshop.catalogue.snapshot() as connection:
        item = published.find_publication(connection, outcome.name).item
        assert [view.number for view in item.views] == [1, 2]
        assert [view.number for view in item.public_views] == [2]
        with pytest.raises(Withdrawn):
            published.find_image(connection, f"{outcome.name}.f1")
        assert published.find_image(connection, f"{outcome.name}.f2").width == 320
        manifest = published.find_document(connection, outcome.name, "manifest/3").plain
    assert b"canvas/f2" in manifest
    assert f"{outcome.name}.f1/".encode() not in manifest
    with pytest.raises(CatalogueError, match="last public view"):
        withdraw_view(workshop, outcome.name, 2, "encore")
    with pytest.raises(Unknown, match="no view f9"):
        withdraw_view(workshop, outcome.name, 9, "encore")


def test_datestamps_never_fall_though_the_clock_does(workshop: Workshop, tmp_path: Path) -> None:
    bring_online(workshop, write_table(tmp_path / "a", [Row("c1")]))
    move(workshop, days=-30)
    bring_online(workshop, write_table(tmp_path / "b", [Row("c2")]))
    with workshop.catalogue.read() as session:
        stamps = session.scalars(select(PublicationRow.datestamp).order_by(PublicationRow.sequence)).all()
    assert len(stamps) == 2
    assert stamps[0] == stamps[1]


def test_addresses_are_part_of_what_is_published(workshop: Workshop, tmp_path: Path) -> None:
    [outcome] = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1")]))
    moved = Workshop(
        workshop.settings.model_copy(update={"base_url": "https://vitrine.example.org"}),
        workshop.catalogue, workshop.storage, workshop.clock, workshop.blades, "tests",
    )  # fmt: skip
    with pytest.raises(CatalogueError, match=r"run `vitrine rebase https://vitrine\.example\.org`"):
        publish_item(moved, outcome.name)
    move(workshop, days=1)
    assert [found.state for found in rebase(moved, "https://vitrine.example.org/")] == ["updated"]
    with workshop.catalogue.snapshot() as connection:
        installation = published.find_installation(connection)
        manifest = published.find_document(connection, outcome.name, "manifest/3").plain
    assert installation["base_url"] == "https://vitrine.example.org"
    assert b"127.0.0.1" not in manifest
    assert publish_item(moved, outcome.name).state == "unchanged"
    assert [found.state for found in rebase(moved, "https://vitrine.example.org")] == ["unchanged"]
    with pytest.raises(CatalogueError, match="VITRINE_BASE_URL is http://127"):
        publish_changed(workshop, outcome.name)
    assert withdraw_item(workshop, outcome.name, "un tombeau n’a pas d’adresse")


def test_an_interrupted_rebase_is_taken_up_again(workshop: Workshop, tmp_path: Path) -> None:
    first, *_ = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1"), Row("c2"), Row("c3")]))
    target = "https://vitrine.example.org"
    assert next(rebase(workshop, target)).state == "updated"  # and then the power goes
    with pytest.raises(CatalogueError, match="is not finished"):
        next(rebase(workshop, "https://autre.example.org"))
    with pytest.raises(CatalogueError, match="was interrupted"):
        publish_changed(workshop, first.name)
    assert [found.state for found in rebase(workshop, target)] == ["updated", "updated", "updated"]
    with workshop.catalogue.snapshot() as connection:
        assert published.find_installation(connection)["base_url"] == target
        assert "rebasing_to" not in published.find_installation(connection)


def test_withdrawing_a_view_publishes_nothing_that_was_not_public(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2", not_before="2030-01-01")])
    summary = take_in(workshop, folder)
    accept(workshop, summary.delivery)
    for outcome in summary.outcomes:
        assert withdraw_view(workshop, outcome.name, 1, "essai").state == "not public"
    assert journal(workshop) == []
    assert sweep(workshop) == []
    assert publish_item(workshop, summary.outcomes[0].name).state == "published"
    with workshop.catalogue.snapshot() as connection:
        item = published.find_publication(connection, summary.outcomes[0].name).item
    assert [view.number for view in item.public_views] == [2]


def test_a_refusal_after_publication_hinders_neither_withdrawal_nor_rebase(workshop: Workshop, tmp_path: Path) -> None:
    rows = [Row("c1", text=True), Row("c2")]
    [first, second] = bring_online(workshop, write_table(tmp_path / "cartes", rows))
    refuse(workshop, first.name)
    with workshop.catalogue.read() as session:
        standings = [(one.name, one.state) for one in list_attention(session)]
    assert sorted(standings) == sorted([(first.name, "still public"), (second.name, "still public")])
    assert withdraw_view(workshop, first.name, 1, "essai").state == "updated"
    with workshop.catalogue.snapshot() as connection:
        assert b"canvas/f1" not in published.find_document(connection, first.name, "manifest/3").plain
        with pytest.raises(Unknown):
            published.find_document(connection, first.name, "text/f1")
    assert publish_item(workshop, first.name).state == "refused"
    states = [found.state for found in rebase(workshop, "https://vitrine.example.org")]
    assert states == ["updated", "updated"]
    assert withdraw_item(workshop, second.name, "essai")


def test_a_refusal_during_the_rendering_counts(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = take_in(workshop, write_table(tmp_path / "cartes", [Row("c1")]))
    accept(workshop, summary.delivery)
    name = summary.outcomes[0].name

    def refuse_meanwhile(documents: dict[str, bytes], kept: dict[str, str]) -> object:
        refuse(workshop, name)
        return pack(documents, kept)

    monkeypatch.setattr("server.publish.run.pack", refuse_meanwhile)
    assert publish_item(workshop, name).state == "refused"
    assert journal(workshop) == []


def test_a_waiver_is_for_what_is_held_and_undecided(workshop: Workshop, tmp_path: Path) -> None:
    broken = write_table(tmp_path / "a", [Row("c1")])
    whole = (broken / "c1_0001.png").read_bytes()
    (broken / "c1_0001.png").write_bytes(whole[:200])
    [failed] = take_in(workshop, broken).outcomes
    accepted = take_in(workshop, write_table(tmp_path / "b", [Row("c2")]))
    accept(workshop, accepted.delivery)
    waive_acceptance(workshop, [failed.name, accepted.outcomes[0].name], "essai")
    with workshop.catalogue.read() as session:
        assert session.scalars(select(ItemRow.acceptance_waived)).all() == [None, None]
    (broken / "c1_0001.png").write_bytes(whole)
    assert take_in(workshop, broken).outcomes[0].state == "ingested"
    assert publish_item(workshop, failed.name).state == "refused"


@pytest.mark.parametrize(
    "address",
    ["http://exa mple.org", "http://[::1", "ftp://example.org", "https://example.org/vitrine", "https://me@example.org",
     "https://example.org?x=1", "https://example.org;a", "example.org", "https://example.org:port"],
)  # fmt: skip
def test_an_address_that_is_none_changes_nothing(workshop: Workshop, tmp_path: Path, address: str) -> None:
    bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1")]))
    with pytest.raises(CatalogueError, match="must be an http or https address"):
        list(rebase(workshop, address))
    with workshop.catalogue.snapshot() as connection:
        assert "rebasing_to" not in published.find_installation(connection)


def test_an_unfinished_rebase_can_be_taken_back(workshop: Workshop, tmp_path: Path) -> None:
    bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1"), Row("c2")]))
    assert next(rebase(workshop, "https://erreur.example.org")).state == "updated"
    assert [found.state for found in rebase(workshop, "http://127.0.0.1:8000")] == ["updated", "unchanged"]
    with workshop.catalogue.snapshot() as connection:
        assert published.find_installation(connection)["base_url"] == "http://127.0.0.1:8000"
        assert "rebasing_to" not in published.find_installation(connection)
    assert [found.state for found in publish_all(workshop)] == ["unchanged", "unchanged"]


def test_new_words_of_a_collection_reach_what_is_published(workshop: Workshop, tmp_path: Path) -> None:
    bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1", collections="grand-place")]))
    assert refresh_curated(workshop) == 0
    move(workshop, days=1)
    with workshop.catalogue.write() as session:
        session.get_one(CollectionRow, "grand-place").label = {
            "fr": "La Place du Général",
            "en": "The General’s Square",
        }
    assert refresh_curated(workshop) == 1
    assert refresh_curated(workshop) == 0
    with workshop.catalogue.snapshot() as connection:
        found = published.find_collection(connection, "collection-grand-place")
    assert found.label["fr"] == "La Place du Général"
    assert found.modified == workshop.clock()
    with workshop.catalogue.read() as session:
        assert session.get_one(OaiSetRow, ("", "collection:grand-place")).label["en"] == "The General’s Square"


def test_every_publication_is_told_in_its_transaction(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [outcome] = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1")]))
    first = told(workshop)
    assert first[0] == ("Create", workshop.addresses.manifest(outcome.name))
    assert first[-1] == ("Create", workshop.addresses.collection())

    def break_off(*_: object, **__: object) -> None:
        raise RuntimeError("the power went out")

    with monkeypatch.context() as broken:
        broken.setattr("server.publish.run.record_event", break_off)
        with pytest.raises(RuntimeError):
            publish_changed(workshop, outcome.name)
    assert told(workshop) == first
    publish_changed(workshop, outcome.name)
    assert told(workshop)[len(first)] == ("Update", workshop.addresses.manifest(outcome.name))
    before = len(told(workshop))
    withdraw_item(workshop, outcome.name, "demande")
    assert told(workshop)[before] == ("Delete", workshop.addresses.manifest(outcome.name))


def test_a_rebase_tells_what_is_gone_from_the_old_address_and_new_at_the_other(
    workshop: Workshop, tmp_path: Path
) -> None:
    bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1"), Row("c2")]))
    before = told(workshop)
    list(rebase(workshop, "https://vitrine.example.org"))
    after = told(workshop)
    assert after[: len(before)] == before, "what was told stays as it was told"
    there = {address for activity, address in before if activity != "Delete"}
    gone = [address for activity, address in after[len(before) :] if activity == "Delete"]
    assert sorted(gone) == sorted(there)
    here = {
        address
        for activity, address in after[len(before) :]
        if activity == "Create" and address.startswith("https://vitrine.example.org/")
    }
    assert {address.replace(workshop.addresses.base, "https://vitrine.example.org") for address in there} == here


def test_other_words_of_a_collection_are_told(workshop: Workshop, tmp_path: Path) -> None:
    bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1", collections="grand-place")]))
    before = told(workshop)
    with workshop.catalogue.write() as session:
        session.get_one(CollectionRow, "grand-place").label = {"fr": "Autre", "en": "Other"}
    assert refresh_curated(workshop) == 1
    assert told(workshop)[len(before) :] == [
        ("Update", workshop.addresses.collection("collection-grand-place")),
        ("Update", workshop.addresses.collection()),
    ]
    assert refresh_curated(workshop) == 0


POINTS = ("plan.png;10;10;3.05;50.65", "plan.png;150;10;3.08;50.65", "plan.png;10;100;3.05;50.63")


def test_control_points_go_from_the_delivery_to_the_world(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "plan", [Row("plan", images=("plan.png",))], size=(320, 240))
    rows = "\n".join(("image;x;y;longitude;latitude;width;height", *(f"{row};160;120" for row in POINTS)))
    (folder / "control-points.csv").write_text(rows + "\n", encoding="utf-8")
    [outcome] = bring_online(workshop, folder)
    with workshop.catalogue.snapshot() as connection:
        body = published.find_document(connection, outcome.name, "georeference/f1").plain
    [annotation] = json.loads(body)["items"]
    scaled = [feature["properties"]["resourceCoords"] for feature in annotation["body"]["features"]]
    assert scaled == [[20, 20], [300, 20], [20, 200]], "in pixels of the view that is served"
    assert (annotation["target"]["source"]["width"], annotation["target"]["source"]["height"]) == (320, 240)


def test_a_document_whose_control_points_lie_outside_fails_and_says_so(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "plan", [Row("plan", images=("plan.png",))], size=(100, 120))
    (folder / "control-points.csv").write_text(
        "\n".join(("image;x;y;longitude;latitude", *POINTS)) + "\n", encoding="utf-8"
    )
    [outcome] = take_in(workshop, folder, institution="bm-lille").outcomes
    assert outcome.state == "failed"
    assert "control-points.csv, line 3: x 150, y 10 lies outside the image of 100 × 120 pixels" in outcome.problem


def test_the_control_points_of_a_view_are_withdrawn_with_it(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "plan", [Row("plan", images=("plan.png", "dos.png"))])
    (folder / "control-points.csv").write_text(
        "\n".join(("image;x;y;longitude;latitude", *POINTS)) + "\n", encoding="utf-8"
    )
    [outcome] = bring_online(workshop, folder)
    withdraw_view(workshop, outcome.name, 1, "demande")
    with workshop.catalogue.snapshot() as connection, pytest.raises(Unknown):
        published.find_document(connection, outcome.name, "georeference/f1")


def payloads(workshop: Workshop) -> set[str]:
    with workshop.catalogue.read() as session:
        return set(session.scalars(select(PayloadRow.digest)))


def named_payloads(workshop: Workshop) -> set[str]:
    """Return what documents and versions name."""
    with workshop.catalogue.read() as session:
        versions = session.scalars(select(MementoRow.payload).where(MementoRow.payload.is_not(None))).all()
        return {*session.scalars(select(DocumentRow.payload)), *(each for each in versions if each)}


def versions(workshop: Workshop, name: str) -> list[tuple[int, list[int], str]]:
    with workshop.catalogue.read() as session:
        rows = session.scalars(
            select(MementoRow).where(MementoRow.name == name, MementoRow.version == 3).order_by(MementoRow.sequence)
        )
        return [(row.sequence, row.views, row.closed) for row in rows]


def test_bytes_that_nobody_names_are_gone(workshop: Workshop, tmp_path: Path) -> None:
    rows = [Row("c1", text=True), Row("c2", text=True)]
    first, second = bring_online(workshop, write_table(tmp_path / "cartes", rows))
    assert payloads(workshop) == named_payloads(workshop)
    with workshop.catalogue.read() as session:
        texts = set(
            session.scalars(
                select(DocumentRow.payload).where(DocumentRow.name == first.name, DocumentRow.kind.startswith("text"))
            )
        )
    assert texts
    publish_changed(workshop, first.name)
    assert payloads(workshop) == named_payloads(workshop)
    withdraw_item(workshop, first.name, "demande")
    assert payloads(workshop) == named_payloads(workshop)
    assert payloads(workshop).isdisjoint(texts)
    with workshop.catalogue.snapshot() as connection:
        assert published.find_document(connection, second.name, "text/f1").plain
    withdraw_item(workshop, second.name, "demande")
    assert payloads(workshop) == set()


def test_bytes_that_two_documents_share_stay_with_the_other(workshop: Workshop, tmp_path: Path) -> None:
    first, second = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1", text=True), Row("c2")]))
    with workshop.catalogue.write() as session:
        row = session.get_one(DocumentRow, (first.name, "plain"))
        session.add(DocumentRow(name=second.name, kind="plain", payload=row.payload, sequence=2, datestamp=2))
        shared = row.payload
    withdraw_item(workshop, first.name, "demande")
    assert shared in payloads(workshop)
    withdraw_item(workshop, second.name, "demande")
    assert payloads(workshop) == set()


def test_a_withdrawn_view_closes_the_versions_that_show_it(workshop: Workshop, tmp_path: Path) -> None:
    [outcome] = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1", text=True)]))
    publish_changed(workshop, outcome.name)
    assert versions(workshop, outcome.name) == [(1, [1, 2], ""), (2, [1, 2], "")]
    withdraw_view(workshop, outcome.name, 1, "visage reconnaissable")
    closed = "view f1, which it shows, was withdrawn: visage reconnaissable"
    assert versions(workshop, outcome.name) == [(1, [1, 2], closed), (2, [1, 2], closed), (3, [2], "")]
    assert payloads(workshop) == named_payloads(workshop)


def test_versions_are_closed_before_the_rest_is_published_anew(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [outcome] = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1", text=True)]))

    def break_off(*_: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr("server.publish.withdraw.republish_item", break_off)
    with pytest.raises(RuntimeError):
        withdraw_view(workshop, outcome.name, 1, "visage")
    assert [bool(closed) for _, _, closed in versions(workshop, outcome.name)] == [True]
    assert payloads(workshop) == named_payloads(workshop)
    assert [found.state for found in sweep(workshop)] == ["updated"]
    assert [views for _, views, closed in versions(workshop, outcome.name) if not closed] == [[2]]


def test_a_rebase_keeps_the_versions_as_they_were(workshop: Workshop, tmp_path: Path) -> None:
    [outcome] = bring_online(workshop, write_table(tmp_path / "cartes", [Row("c1")]))
    with workshop.catalogue.snapshot() as connection:
        before = published.find_document(connection, outcome.name, "manifest/3").plain
    list(rebase(workshop, "https://vitrine.example.org"))
    with workshop.catalogue.snapshot() as connection:
        assert find_memento(connection, outcome.name, 3, 1, "identity").body == before
        assert len(list_mementos(connection, outcome.name, 3)) == 2
