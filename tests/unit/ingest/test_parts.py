"""A delivery of parts: a corrected description without the images, some views alone, texts alone; the rest stays."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.catalogue.deliveries import find_delivery, record_check
from server.catalogue.models import AliasRow, EventRow, FileRow, ItemRow, ViewRow, ViewTextRow
from server.delivery.opening import open_delivery
from server.delivery.values import Context
from server.errors import CatalogueError, DeliveryError
from server.ingest.partial import relabel, renumber
from server.ingest.run import Outcome, ingest
from server.model.structure import Range, Target
from server.model.text import Box
from server.publish.run import publish_item
from server.publish.withdraw import withdraw_view
from server.quality.checking import check
from server.workshop import Workshop
from tests.support.deliveries import Row, draw, write_table
from tests.support.notices import in_exchange_format, with_names
from tests.support.supplied import write_image, write_mets
from tests.support.workshops import Quiet, accept, take_in

ABOUT = Context(institution="bm-lille", typology="presse", rights="public-domain", language="fre")


def hold(workshop: Workshop, folder: Path, about: Context = ABOUT) -> list[str]:
    """Take in, accept and publish a delivery; return the names of its documents."""
    summary = ingest(open_delivery(folder, about), workshop, Quiet())
    assert not summary.failed, summary
    accept(workshop, summary.delivery)
    names = [outcome.name for outcome in summary.outcomes]
    assert {publish_item(workshop, name).state for name in names} == {"published"}
    return names


def bring(workshop: Workshop, folder: Path, *brings: str, accepted: bool = True) -> list[Outcome]:
    """Deliver parts, accept them, take them in."""
    about = Context(institution="bm-lille", typology="presse", rights="public-domain", language="fre", brings=brings)
    delivery = open_delivery(folder, about)
    report = check(delivery)
    assert report.passed, report.findings
    first = ingest(delivery, workshop, Quiet())
    if not accepted:
        return list(first.outcomes)
    accept(workshop, first.delivery)
    return list(ingest(delivery, workshop, Quiet()).outcomes)


def only(folder: Path, *suffixes: str) -> Path:
    """Take all files away but those with these suffixes."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in suffixes:
            path.unlink()
    return folder


def rows(workshop: Workshop, kind: type[Any], name: str, *columns: str) -> list[Any]:
    with workshop.catalogue.read() as session:
        key = ItemRow.name if kind is ItemRow else kind.item
        found = [
            tuple(getattr(row, column) for column in columns)
            for row in session.scalars(select(kind).where(key == name))
        ]
    return sorted(found, key=repr)


def views(workshop: Workshop, name: str) -> list[Any]:
    return rows(
        workshop, ViewRow, name, "number", "label", "public", "master_digest", "pyramid_key", "withdrawn_reason"
    )


def test_a_table_alone_corrects_descriptions(workshop: Workshop, tmp_path: Path) -> None:
    first = [Row("c1", title="Le befroi", text=True, former_url="https://old.example.org/1"), Row("c2")]
    name, other = hold(workshop, write_table(tmp_path / "a", first))
    withdraw_view(workshop, name, 2, "droit à l’image")
    kept = views(workshop, name), rows(workshop, ViewTextRow, name, "number", "plain", "layout")
    folder = only(write_table(tmp_path / "b", [Row("c1", title="Le beffroi", text=True), Row("c2")]), ".csv", ".toml")
    held = bring(workshop, folder, "description")
    assert [(one.name, one.state) for one in held] == [(name, "updated"), (other, "updated")]
    assert held[0].problem == "description (titles)"
    assert held[1].problem == "what is said of its views, or where it belongs"
    assert (views(workshop, name), rows(workshop, ViewTextRow, name, "number", "plain", "layout")) == kept
    assert rows(workshop, AliasRow, name, "value") == [("https://old.example.org/1",)]
    with workshop.catalogue.read() as session:
        event = session.scalars(select(EventRow).where(EventRow.subject == name, EventRow.action == "updated")).one()
        assert event.detail["changes"] == {"description": ["titles"]}
        source = session.scalars(select(FileRow).where(FileRow.item == name, FileRow.role == "source")).one()
        assert "Le beffroi" in workshop.storage.get(source.key or "").decode()
    assert publish_item(workshop, name).state == "updated"
    assert publish_item(workshop, other).state == "unchanged"
    assert [one.state for one in bring(workshop, folder, "description")] == ["held", "held"]


def test_a_record_alone_describes_what_came_with_a_table(workshop: Workshop, tmp_path: Path) -> None:
    [name] = hold(workshop, write_table(tmp_path / "a", [Row("RES 13")]))
    (tmp_path / "b").mkdir()
    body = in_exchange_format(with_names("RES 13", "RES 13", "Été à Lille"), "iso5426")
    (tmp_path / "b" / "notice.mrc").write_bytes(body)
    before = views(workshop, name)
    [outcome] = bring(workshop, tmp_path / "b", "description")
    assert (outcome.name, outcome.state) == (name, "updated")
    assert views(workshop, name) == before
    [[description, paged]] = rows(workshop, ItemRow, name, "description", "paged")
    assert (description["titles"][0]["value"], paged) == ("Été à Lille", False)
    [[key]] = [row for row in rows(workshop, FileRow, name, "key") if str(row[0]).startswith("sources/")]
    assert workshop.storage.get(key) == body


def test_a_mets_alone_keeps_the_places_of_its_articles(workshop: Workshop, tmp_path: Path) -> None:
    [name] = hold(workshop, write_mets(tmp_path / "a"))
    [[before]] = rows(workshop, ItemRow, name, "structure")
    texts = rows(workshop, ViewTextRow, name, "number", "layout")
    folder = only(write_mets(tmp_path / "b"), ".xml")
    shutil.rmtree(folder / "alto")
    mets = folder / "LIL_0001-METS.xml"
    mets.write_text(
        mets.read_text().replace("Inauguration du canal", "Le canal").replace('ORDERLABEL="2"', 'ORDERLABEL="[2]"')
    )
    [outcome] = bring(workshop, folder, "description")
    assert (outcome.state, outcome.problem) == ("updated", "table of contents")
    [[after]] = rows(workshop, ItemRow, name, "structure")
    assert "Le canal" in str(after)
    assert str(after).replace("Le canal", "Inauguration du canal") == str(before)
    assert [label for _, label, *_ in views(workshop, name)] == ["1", "[2]"]
    assert rows(workshop, ViewTextRow, name, "number", "layout") == texts


def test_texts_alone_are_laid_on_the_images_that_are_held(workshop: Workshop, tmp_path: Path) -> None:
    [name] = hold(workshop, write_mets(tmp_path / "a"))
    before = views(workshop, name)
    [[description, structure]] = rows(workshop, ItemRow, name, "description", "structure")
    folder = only(write_mets(tmp_path / "b"), ".xml")
    (folder / "alto/p_0001.xml").unlink()
    alto = folder / "alto/p_0002.xml"
    alto.write_text(alto.read_text().replace("canal", "fanal"))
    mets = folder / "LIL_0001-METS.xml"
    mets.write_text(mets.read_text().replace("Écho du Nord", "Echo"))
    [outcome] = bring(workshop, folder, "texts")
    assert (outcome.state, outcome.problem) == ("updated", "text of f2")
    assert views(workshop, name) == before
    assert rows(workshop, ItemRow, name, "description", "structure") == [(description, structure)]
    told = dict(rows(workshop, ViewTextRow, name, "number", "plain"))
    assert ("canal" in told[1], "fanal" in told[2], "canal" in told[2]) == (True, True, False)
    assert publish_item(workshop, name).state == "updated"


def test_some_views_alone_are_replaced_by_their_names(workshop: Workshop, tmp_path: Path) -> None:
    images = ("c1_0001.png", "c1_0002.png", "c1_0003.png")
    [name] = hold(workshop, write_table(tmp_path / "a", [Row("c1", images, text=True)]))
    before = views(workshop, name)
    folder = write_table(tmp_path / "b", [Row("c1", ("c1_0002.png",), title="Autre titre")])
    draw(folder / "c1_0002.png", seed=99)
    [outcome] = bring(workshop, folder, "views")
    assert (outcome.state, outcome.problem) == ("updated", "1 view replaced (f2)")
    after = views(workshop, name)
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]
    assert [number for number, _ in rows(workshop, ViewTextRow, name, "number", "plain")] == [1, 2, 3]
    [[description]] = rows(workshop, ItemRow, name, "description")
    assert "Autre titre" not in str(description)


def test_a_text_does_not_stay_on_an_image_of_another_size(workshop: Workshop, tmp_path: Path) -> None:
    [name] = hold(workshop, write_mets(tmp_path / "a"))
    before = views(workshop, name)
    folder = only(write_mets(tmp_path / "b"), ".xml")
    write_image(folder / "images/p_0002.png", 33, (120, 160))
    [outcome] = bring(workshop, folder, "views")
    assert outcome.state == "failed"
    assert "view f2: the new image has 120 × 160 pixels, the old one 60 × 80" in outcome.problem
    assert views(workshop, name) == before
    (folder / "lisez-moi.txt").write_text(
        "avec les textes"
    )  # another delivery, for this one was accepted as views alone
    [outcome] = bring(workshop, folder, "views", "texts")
    assert outcome.state == "updated"
    assert outcome.problem.startswith("1 view replaced (f2)")
    assert rows(workshop, ViewRow, name, "number", "width") == [(1, 60), (2, 120)]


def test_a_hidden_view_stays_hidden_and_what_is_not_said_stays(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "a", [Row("c1")])
    (folder / "vues.csv").write_text(
        "image,kind,label,public,description,description_language\nc1_0001.png,recto,r,oui,Une place,fr\nc1_0002.png,verso,v,non,,\n"
    )
    [name] = hold(workshop, folder)
    again = only(write_table(tmp_path / "b", [Row("c1")]), ".csv", ".toml")
    (again / "vues.csv").write_text("image,label,public\nc1_0001.png,recto,oui\nc1_0002.png,verso,oui\n")
    [outcome] = bring(workshop, again, "description")
    assert outcome.state == "updated"
    assert [row[:3] for row in views(workshop, name)] == [(1, "recto", True), (2, "verso", False)]
    notes = [notes for (notes,) in rows(workshop, ViewRow, name, "notes")]
    assert "Une place" in str(notes)


def _one_more(folder: Path) -> None:
    write_table(folder, [Row("c1", ("c1_0001.png", "c1_0009.png"))])


def _another(folder: Path) -> None:
    write_table(folder, [Row("unknown")])


def _nothing(folder: Path) -> None:
    only(write_table(folder, [Row("c1")]), ".csv", ".toml")


@pytest.mark.parametrize(
    ("write", "brings", "told"),
    [
        (_one_more, ["description"], "c1_0009.png is no view that is held of it; a delivery of parts adds no view"),
        (_one_more, ["views"], "deliver the document whole, without brings"),
        (_another, ["description"], "is not held, and b says that it brings only its description; give it the identifier"),
        (_nothing, ["views", "texts"], "nothing of the views and texts that are said to come is in the delivery"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_the_remedy(
    workshop: Workshop, tmp_path: Path, write: Callable[[Path], None], brings: Sequence[str], told: str
) -> None:
    [name] = hold(workshop, write_table(tmp_path / "a", [Row("c1")]))
    before = views(workshop, name)
    write(tmp_path / "b")
    [outcome] = bring(workshop, tmp_path / "b", *brings)
    assert outcome.state == "failed"
    assert told in outcome.problem
    assert views(workshop, name) == before


def test_parts_wait_for_acceptance_and_are_never_guessed(workshop: Workshop, tmp_path: Path) -> None:
    [name] = hold(workshop, write_table(tmp_path / "a", [Row("c1")]))
    folder = only(write_table(tmp_path / "b", [Row("c1", title="Corrigé")]), ".csv", ".toml")
    [outcome] = bring(workshop, folder, "description", accepted=False)
    assert outcome.problem.endswith("would replace its description; accept b first")
    accept(workshop, take_in(workshop, folder).delivery)
    [outcome] = take_in(workshop, folder).outcomes
    assert outcome.state == "failed"
    assert "--brings description" in outcome.problem
    assert publish_item(workshop, name).state == "unchanged"


def test_what_was_accepted_as_parts_is_never_taken_for_whole_documents(workshop: Workshop, tmp_path: Path) -> None:
    [name] = hold(workshop, write_table(tmp_path / "a", [Row("c1")]))
    folder = write_table(tmp_path / "b", [Row("c1", ("c1_0002.png",))])
    draw(folder / "c1_0002.png", seed=99)
    assert [one.state for one in bring(workshop, folder, "views")] == ["updated"]
    before = views(workshop, name)
    with pytest.raises(
        CatalogueError, match="as bringing only views; say --brings views, or have the delivery sent again"
    ):
        take_in(workshop, folder)
    assert views(workshop, name) == before
    assert len(before) == 2
    whole = write_table(tmp_path / "c", [Row("c1", title="Autre")])
    accept(workshop, take_in(workshop, whole).delivery)
    with pytest.raises(CatalogueError, match="as bringing whole documents; say nothing of --brings"):
        bring(workshop, whole, "description", accepted=False)


def test_a_check_of_whole_documents_does_not_count_for_parts(workshop: Workshop, tmp_path: Path) -> None:
    hold(workshop, write_table(tmp_path / "a", [Row("c1")]))
    folder = write_table(tmp_path / "b", [Row("c1", title="Autre")])
    identifier = take_in(workshop, folder).delivery
    with workshop.catalogue.write() as session:
        record_check(session, find_delivery(session, identifier), [], workshop.clock(), workshop.actor, "tests")
    bring(workshop, folder, "description", accepted=False)
    with workshop.catalogue.read() as session:
        row = find_delivery(session, identifier)
        assert (row.state, row.brings) == ("received", "description")


def test_parts_of_a_table_of_contents_keep_their_boxes_where_they_are_the_same() -> None:
    boxed = Target(2, Box(1, 2, 3, 4))
    held = (Range("a", "un", None, (boxed,), (Range("b", "deux", None, (Target(3, Box(5, 5, 5, 5)),)),)),)
    new = (Range("a", "uno", None, (Target(2),), (Range("b", "due", None, (Target(4),)),)),)
    assert relabel(held, new) == (Range("a", "uno", None, (boxed,), (Range("b", "due", None, (Target(4),)),)),)
    assert relabel(held, ()) == ()
    assert renumber(new, {2: 7}) == (Range("a", "uno", None, (Target(7),), (Range("b", "due", None, ()),)),)


def test_what_a_delivery_may_bring_is_known(tmp_path: Path) -> None:
    write_table(tmp_path / "a", [Row("c1")])
    with pytest.raises(
        DeliveryError, match="brings 'metadata' is not known; a delivery may bring description, views, texts"
    ):
        open_delivery(tmp_path / "a", Context(brings=("metadata",)))


def test_more_views_follow_those_that_are_held(workshop: Workshop, tmp_path: Path) -> None:
    [name] = hold(workshop, write_table(tmp_path / "a", [Row("c1", text=True)]), Context())
    before = views(workshop, name)
    folder = write_table(tmp_path / "b", [Row("c1", images=["c1_0001.png", "c1_0002.png", "c1_0003.png"], text=True)])
    for held in ("c1_0001", "c1_0002"):
        for suffix in ("png", "xml"):
            (folder / f"{held}.{suffix}").unlink()
    [outcome] = bring(workshop, folder, "more-views")
    assert (outcome.state, outcome.name, outcome.views) == ("updated", name, 3)
    assert outcome.problem == "1 view added (f3), text of f3"
    after = views(workshop, name)
    assert after[:2] == before
    assert len(after) == 3
    with workshop.catalogue.read() as session:
        assert session.get_one(ViewTextRow, (name, 3)).plain
        assert session.get_one(ItemRow, name).state == "ready"
    assert publish_item(workshop, name).state == "updated"
    [again] = bring(workshop, folder, "more-views")
    assert again.state == "held"


def _in_between(folder: Path) -> None:
    table = folder / "notices.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("c1_0002.png", "c1_0009.png | c1_0002.png"), "utf-8")
    draw(folder / "c1_0009.png", seed=9)


def _nothing_new(folder: Path) -> None:
    draw(folder / "c1_0002.png", seed=9)


def _without_its_image(folder: Path) -> None:
    _in_between(folder)
    (folder / "c1_0009.png").unlink()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_in_between, "c1_0009.png stands before f2, which is held; views are added at the end alone"),
        (_without_its_image, "the image of a view that is to be added is not in the delivery: c1_0009.png"),
        (_nothing_new, "every view that it names is held already"),
    ],
)
def test_more_views_that_cannot_be_added_are_refused_with_the_remedy(
    workshop: Workshop, tmp_path: Path, change: Callable[[Path], None], fault: str
) -> None:
    [name] = hold(workshop, write_table(tmp_path / "a", [Row("c1")]), Context())
    before = views(workshop, name)
    folder = write_table(tmp_path / "b", [Row("c1")])
    change(folder)
    [outcome] = bring(workshop, folder, "more-views")
    assert outcome.state == "failed"
    assert fault in outcome.problem
    assert views(workshop, name) == before
