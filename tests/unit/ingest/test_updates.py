"""A second delivery of a document: what it replaces, what stays, what is recorded, what is published again."""

from pathlib import Path

from sqlalchemy import select

from server.catalogue.models import EventRow, ItemRow, ItemState, ViewRow
from server.catalogue.publication_models import PublishedImageRow
from server.ingest.run import Outcome
from server.publish.leftovers import delete_replaced
from server.publish.run import publish_item
from server.publish.withdraw import withdraw_view
from server.workshop import Workshop
from tests.support.deliveries import Row, draw, write_table
from tests.support.workshops import HeldClock, accept, take_in

FIRST = [Row("c1", title="Le beffroi", text=True), Row("c2")]


def first(workshop: Workshop, folder: Path) -> tuple[str, str]:
    """Take in and publish two documents; return their names."""
    delivery = write_table(folder, FIRST)
    summary = take_in(workshop, delivery)
    accept(workshop, summary.delivery)
    names = [outcome.name for outcome in summary.outcomes]
    assert [publish_item(workshop, name).state for name in names] == ["published", "published"]
    return names[0], names[1]


def again(workshop: Workshop, folder: Path, rows: list[Row], **changed: int) -> list[Outcome]:
    """Deliver again, with other pictures where `changed` says a seed for a file's stem, accept, and take it in."""
    delivery = write_table(folder, rows)
    for stem, seed in changed.items():
        draw(delivery / f"{stem}.png", seed=seed)
    held = take_in(workshop, delivery)
    assert [outcome.state for outcome in held.outcomes if "accept" in outcome.problem] == ["failed"] * (
        len(rows) - sum(outcome.state == "held" for outcome in held.outcomes)
    )
    accept(workshop, held.delivery)
    return list(take_in(workshop, delivery).outcomes)


def events(workshop: Workshop, name: str) -> list[tuple[str, dict[str, object]]]:
    with workshop.catalogue.read() as session:
        rows = session.scalars(select(EventRow).where(EventRow.subject == name).order_by(EventRow.identifier))
        return [(row.action, row.detail) for row in rows]


def keys_of(workshop: Workshop, name: str) -> set[str]:
    return {one.key for kind in ("pyramids", "masters", "sources") for one in workshop.storage.list(f"{kind}/{name}")}


def test_a_second_delivery_replaces_what_differs_and_keeps_the_ark(workshop: Workshop, tmp_path: Path) -> None:
    changed, same = first(workshop, tmp_path / "a")
    rows = [Row("c1", title="Le beffroi d’Arras", text=True), Row("c2")]
    outcomes = again(workshop, tmp_path / "b", rows, c1_0002=77)
    assert [(outcome.state, outcome.name) for outcome in outcomes] == [("updated", changed), ("held", same)]
    assert outcomes[0].problem == "description (titles), 1 view replaced (f2)"
    action, detail = events(workshop, changed)[-1]
    assert action == "updated"
    assert detail["changes"] == {"description": ["titles"], "replaced": [2]}
    with workshop.catalogue.read() as session:
        row = session.get_one(ItemRow, changed)
        assert (row.state, row.description["titles"][0]["value"]) == (ItemState.READY, "Le beffroi d’Arras")
    assert publish_item(workshop, same).state == "unchanged"
    assert publish_item(workshop, changed).state == "updated"
    assert take_in(workshop, tmp_path / "b").outcomes[0].state == "held"


def test_readers_are_served_what_was_there_until_it_is_published_again(workshop: Workshop, tmp_path: Path) -> None:
    name, _ = first(workshop, tmp_path / "a")
    before = keys_of(workshop, name)
    again(workshop, tmp_path / "b", [Row("c1", title="Le beffroi", text=True), Row("c2")], c1_0001=78)

    def served() -> set[str]:
        with workshop.catalogue.read() as session:
            return set(session.scalars(select(PublishedImageRow.pyramid_key).where(PublishedImageRow.name == name)))

    assert served() <= before
    assert all(workshop.storage.exists(key) for key in before)
    clock = workshop.clock
    assert isinstance(clock, HeldClock)
    clock.move(hours=2)
    assert delete_replaced(workshop) == 0
    assert publish_item(workshop, name).state == "updated"
    assert not served() <= before
    assert delete_replaced(workshop) == 0, "what readers hold still points there"
    clock.move(hours=2)
    assert delete_replaced(workshop) > 0
    assert before - keys_of(workshop, name)
    assert all(workshop.storage.exists(key) for key in served())
    assert events(workshop, name)[-1][0] == "replaced bytes deleted"
    assert delete_replaced(workshop) == 0


def test_views_are_added_and_removed_and_one_that_was_withdrawn_stays_so(workshop: Workshop, tmp_path: Path) -> None:
    name, _ = first(workshop, tmp_path / "a")
    withdraw_view(workshop, name, 2, "droit à l’image")
    images = ("c1_0001.png", "c1_0002.png", "c1_0003.png")
    [outcome] = again(workshop, tmp_path / "b", [Row("c1", title="Le beffroi", images=images)], c1_0003=79)
    assert "1 view added (f3), text of f1, f2" in outcome.problem
    with workshop.catalogue.read() as session:
        reasons = session.scalars(select(ViewRow.withdrawn_reason).where(ViewRow.item == name).order_by(ViewRow.number))
        assert list(reasons) == [None, "droit à l’image", None]
    [outcome] = again(workshop, tmp_path / "c", [Row("c1", title="Le beffroi", images=("c1_0001.png",))])
    assert "2 views removed (f2, f3)" in outcome.problem


def test_an_update_that_fails_leaves_everything_as_it_was(workshop: Workshop, tmp_path: Path) -> None:
    name, _ = first(workshop, tmp_path / "a")
    before = keys_of(workshop, name)
    folder = write_table(tmp_path / "b", [Row("c1", title="Le beffroi refait")])
    (folder / "c1_0002.png").write_bytes((folder / "c1_0002.png").read_bytes()[:200])
    accept(workshop, take_in(workshop, folder).delivery)
    [outcome] = take_in(workshop, folder).outcomes
    assert outcome.state == "failed"
    assert "c1_0002.png" in outcome.problem
    assert keys_of(workshop, name) == before
    assert publish_item(workshop, name).state == "unchanged"
    take_in(workshop, folder)
    # Thrice asked for, and told once: the same failure is not another event.
    assert [action for action, *_ in events(workshop, name)].count("update failed") == 1
