import errno
import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from server.catalogue import published
from server.catalogue.deliveries import receive
from server.catalogue.locks import open_locks
from server.catalogue.models import DeliveryRow, EventRow, FileRow, ItemRow, ItemState, ViewRow, ViewTextRow
from server.catalogue.values import unpack_text
from server.errors import Busy, CatalogueError, StorageError, StorageFull, Unknown
from server.imaging.pyramid import make_pyramid
from server.ingest import record, run, views, workers
from server.ingest.record import Claim, fail
from server.ingest.room import must_have_room, must_have_scratch_room
from server.ingest.run import ingest
from server.model.ark import is_sound
from server.storage.base import Storage
from server.told import verbatim
from server.workshop import Workshop
from tests.support.deadly import deadly_work
from tests.support.deliveries import Row, draw, write_table
from tests.support.workshops import Quiet, accept, opened, take_in


def stored(storage: Storage) -> dict[str, int]:
    return {one.key: one.size for one in storage.list()}


def count(workshop: Workshop, rows: type[ItemRow] | type[ViewRow] | type[EventRow]) -> int:
    with workshop.catalogue.read() as session:
        return session.scalar(select(func.count()).select_from(rows)) or 0


def with_processes(workshop: Workshop, number: int) -> Workshop:
    """The same workshop with worker processes."""
    return replace(workshop, settings=workshop.settings.model_copy(update={"workers": number}))


def test_a_delivery_becomes_items_with_pyramids_text_and_masters(workshop: Workshop, tmp_path: Path) -> None:
    summary = take_in(workshop, write_table(tmp_path / "cartes", [Row("c1", text=True), Row("c2")]))
    assert [outcome.state for outcome in summary.outcomes] == ["ingested", "ingested"]
    name = summary.outcomes[0].name
    assert is_sound(workshop.settings.naan, name)
    with workshop.catalogue.read() as session:
        view = session.get_one(ViewRow, (name, 1))
        assert (view.width, view.height, view.public) == (320, 240, True)
        assert workshop.storage.exists(view.pyramid_key)
        assert workshop.storage.exists(view.index_key)
        text = session.get_one(ViewTextRow, (name, 1))
        assert text.plain == "L’œuvre"
        [word] = unpack_text(text.layout).blocks[0].lines[0].words
        assert word.box.xywh == "20,20,60,20"
        master = session.scalars(select(FileRow).where(FileRow.item == name, FileRow.role == "master")).first()
        assert master is not None
        assert master.key is not None
        assert workshop.storage.get(master.key) == (tmp_path / "cartes" / master.path).read_bytes()
        source = session.scalars(select(FileRow).where(FileRow.item == name, FileRow.role == "source")).one()
        assert source.key is not None
        assert "Grand’Place".encode() in workshop.storage.get(source.key)


def test_a_campaign_may_leave_its_masters_where_they_are(workshop: Workshop, tmp_path: Path) -> None:
    summary = take_in(workshop, write_table(tmp_path / "cartes", [Row("c1")], campaign="2025-places"))
    with workshop.catalogue.read() as session:
        rows = session.scalars(
            select(FileRow)
            .where(FileRow.item == summary.outcomes[0].name, FileRow.role == "master")
            .order_by(FileRow.view)
        ).all()
    assert [(row.key, row.place) for row in rows] == [
        (None, str(tmp_path / "cartes" / "c1_0001.png")),
        (None, str(tmp_path / "cartes" / "c1_0002.png")),
    ]
    assert not [key for key in stored(workshop.storage) if key.startswith("masters/")]


def test_a_delivery_delivered_twice_is_held_once(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2")])
    first = take_in(workshop, folder)
    before, events = stored(workshop.storage), count(workshop, EventRow)
    again = take_in(workshop, folder)
    assert [outcome.state for outcome in again.outcomes] == ["held", "held"]
    assert [outcome.name for outcome in again.outcomes] == [outcome.name for outcome in first.outcomes]
    copy = tmp_path / "elsewhere" / "cartes"
    copy.parent.mkdir()
    folder.rename(copy)
    assert [outcome.state for outcome in take_in(workshop, copy).outcomes] == ["held", "held"]
    assert stored(workshop.storage) == before
    assert (count(workshop, ItemRow), count(workshop, EventRow)) == (2, events)


def test_the_same_document_with_other_content_is_not_taken_silently(workshop: Workshop, tmp_path: Path) -> None:
    take_in(workshop, write_table(tmp_path / "a", [Row("c1", title="Le beffroi")]))
    summary = take_in(workshop, write_table(tmp_path / "b", [Row("c1", title="La gare"), Row("c2")]))
    assert [outcome.state for outcome in summary.outcomes] == ["failed", "ingested"]
    assert "is already held" in summary.outcomes[0].problem


def test_a_broken_view_refuses_its_document_and_no_other(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2"), Row("c3")])
    whole = (folder / "c2_0002.png").read_bytes()
    (folder / "c2_0002.png").write_bytes(whole[: len(whole) // 2])
    summary = take_in(workshop, folder)
    assert [outcome.state for outcome in summary.outcomes] == ["ingested", "failed", "ingested"]
    problem = summary.outcomes[1].problem
    assert "view 2" in problem
    assert "c2_0002.png" in problem
    failed = summary.outcomes[1].name
    assert not [key for key in stored(workshop.storage) if f"/{failed}/" in key]
    with workshop.catalogue.read() as session:
        assert session.get_one(ItemRow, failed).state == "failed"
    events = count(workshop, EventRow)
    same = "; refused before, and nothing of it has changed since (`--retry` makes it anew)"
    assert take_in(workshop, folder).outcomes[1].problem == problem + same
    assert count(workshop, EventRow) == events
    (folder / "c2_0002.png").write_bytes(
        whole
    )  # the supplier sends it again, in what is another delivery by its digest
    mended = take_in(workshop, folder)
    assert [outcome.state for outcome in mended.outcomes] == ["held", "ingested", "held"]
    assert mended.outcomes[1].name == failed


def test_a_missing_or_altered_image_refuses_its_document(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2"), Row("c3")])
    (folder / "c1_0002.png").unlink()
    digest = hashlib.sha256(b"another file").hexdigest()
    (folder / "manifest-sha256.txt").write_text(f"{digest}  c2_0001.png\n", encoding="utf-8")
    summary = take_in(workshop, folder)
    assert [outcome.state for outcome in summary.outcomes] == ["failed", "failed", "ingested"]
    assert "c1_0002.png, which is not in the delivery" in summary.outcomes[0].problem
    assert "c2_0001.png: its sha256 is not the one in manifest-sha256.txt" in summary.outcomes[1].problem
    assert {key.split("/")[1] for key in stored(workshop.storage)} == {summary.outcomes[2].name}


def test_arks_and_former_names_are_kept_and_unique(workshop: Workshop, tmp_path: Path) -> None:
    rows = [
        Row(
            "c1",
            ark="ark:/99999/b1234q",
            former_url="https://ancien.example.org/notice?id=7",
            former_oai="oai:ancien:7",
        ),
        Row("c2", ark="ark:/12148/btv1b8449691v"),
        Row("c3", ark="ark:/99999/b1234q"),
        Row("c4", former_oai="oai:ancien:7"),
    ]
    summary = take_in(workshop, write_table(tmp_path / "cartes", rows))
    assert [outcome.state for outcome in summary.outcomes] == ["ingested", "ingested", "failed", "failed"]
    assert summary.outcomes[0].name == "b1234q"
    assert "already the ARK of another document" in summary.outcomes[2].problem
    assert "already leads to b1234q" in summary.outcomes[3].problem
    with workshop.catalogue.snapshot() as connection:
        assert published.find_alias(connection, "url", "https://ancien.example.org/notice?id=7") == "b1234q"
        assert published.find_alias(connection, "ark", "ark:/12148/btv1b8449691v") == summary.outcomes[1].name
        with pytest.raises(Unknown):
            published.find_alias(connection, "oai", "oai:ancien:8")
    assert count(workshop, ItemRow) == 2


def test_two_ingests_of_one_delivery_do_not_meet(workshop: Workshop, tmp_path: Path) -> None:
    delivery = opened(write_table(tmp_path / "cartes", [Row("c1")]))
    with workshop.catalogue.lock(f"ingest {delivery.digest}"), pytest.raises(Busy):
        ingest(delivery, workshop, Quiet())
    assert count(workshop, ItemRow) == 0
    assert ingest(delivery, workshop, Quiet()).outcomes[0].state == "ingested"


def test_an_unknown_institution_is_named_with_the_known_ones(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1")], institution="bm-dunkerque")
    with pytest.raises(CatalogueError, match=r"institution 'bm-dunkerque' is in no register.*known: bm-lille, roubaix"):
        take_in(workshop, folder)


def test_a_full_disk_is_met_by_a_sentence(workshop: Workshop) -> None:
    with pytest.raises(StorageFull, match=r"about 1000000\.0 GB are needed .* nothing was written"):
        must_have_room(workshop.storage, 10**15)


def test_worker_processes_give_the_same_as_one(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1", text=True), Row("c2")])
    draw(folder / "c2_0001.png", (700, 500), 9)
    summary = take_in(with_processes(workshop, 2), folder)
    assert [outcome.state for outcome in summary.outcomes] == ["ingested", "ingested"]
    with workshop.catalogue.read() as session:
        assert session.get_one(ViewRow, (summary.outcomes[1].name, 1)).width == 700
    assert not list((workshop.settings.home_dir / "scratch").iterdir())


def truncated(path: Path) -> None:
    """Break a picture as a transfer that stopped half-way does."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_document_that_another_process_is_at_is_left_to_it(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2")])
    with open_locks(workshop.catalogue) as elsewhere, elsewhere.hold("document c1 of bm-lille"):
        summary = take_in(workshop, folder)
    assert [outcome.state for outcome in summary.outcomes] == ["failed", "ingested"]
    assert "another process is at it" in summary.outcomes[0].problem
    assert count(workshop, ItemRow) == 1
    assert [outcome.state for outcome in take_in(workshop, folder).outcomes] == ["ingested", "held"]


def test_the_document_of_two_deliveries_at_once_is_made_of_one_of_them(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write_table(tmp_path / "a", [Row("c1")])
    second = write_table(tmp_path / "b", [Row("c1", title="La gare")])
    truncated(second / "c1_0002.png")
    meanwhile: list[run.Summary] = []
    make_view = views.make_view

    def interrupted(*arguments: Any) -> Any:
        if not meanwhile:  # when the first view of the first delivery is about to be made, the second one arrives
            meanwhile.append(run.Summary("", ()))
            meanwhile[0] = take_in(workshop, second)
        return make_view(*arguments)

    monkeypatch.setattr("server.ingest.workers.make_view", interrupted)
    summary = take_in(workshop, first)
    assert [outcome.state for outcome in summary.outcomes] == ["ingested"]
    assert [outcome.state for outcome in meanwhile[0].outcomes] == ["failed"]
    assert "another process is at it" in meanwhile[0].outcomes[0].problem
    with workshop.catalogue.read() as session:
        row = session.get_one(ItemRow, summary.outcomes[0].name)
        assert (row.state, row.delivery) == (ItemState.READY, summary.delivery)
        for view in session.scalars(select(ViewRow).where(ViewRow.item == row.name)):
            assert workshop.storage.exists(view.pyramid_key)
            assert workshop.storage.exists(view.index_key)


def test_who_lost_an_item_to_another_neither_fails_it_nor_touches_its_files(workshop: Workshop, tmp_path: Path) -> None:
    delivery = opened(write_table(tmp_path / "cartes", [Row("c1")]))
    [outcome] = ingest(delivery, workshop, Quiet()).outcomes
    before = stored(workshop.storage)
    with workshop.catalogue.read() as session:
        row = session.get_one(ItemRow, outcome.name)
        lost = Claim(row.name, row.delivery, row.input_digest)
    broken = verbatim("broken")
    assert (
        "broken; document c1 was taken over meanwhile" in run._fail(lost, delivery.items[0], broken, workshop).problem
    )
    with pytest.raises(CatalogueError, match="taken over"), workshop.catalogue.write() as session:
        fail(session, workshop, lost, broken)
    assert stored(workshop.storage) == before
    with workshop.catalogue.read() as session:
        assert session.get_one(ItemRow, outcome.name).state == ItemState.READY


def test_many_documents_at_once_need_no_connection_each(workshop: Workshop) -> None:
    with open_locks(workshop.catalogue) as mine, ExitStack() as held:
        for number in range(40):
            held.enter_context(mine.hold(f"document {number}"))
        with open_locks(workshop.catalogue) as other, pytest.raises(Busy), other.hold("document 7"):
            pass
        with pytest.raises(CatalogueError, match="comes twice"), mine.hold("document 7"):
            pass
        with open_locks(workshop.catalogue) as other, other.hold("document 41"):
            held.close()
            with other.hold("document 7"):
                pass


def test_views_may_share_an_image_and_a_text(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1", ["a.png", "a.png"], text=True)])
    [outcome] = take_in(workshop, folder).outcomes
    assert (outcome.state, outcome.problem) == ("ingested", "")
    with workshop.catalogue.read() as session:
        query = select(FileRow.role, FileRow.path, FileRow.view).where(FileRow.item == outcome.name)
        rows = session.execute(query.order_by(FileRow.role, FileRow.view)).all()
        keys = set(session.scalars(select(FileRow.key)))
    assert [tuple(row) for row in rows] == [
        ("master", "a.png", 1), ("master", "a.png", 2), ("source", "notices.csv", 0),
        ("text", "a.xml", 1), ("text", "a.xml", 2),
    ]  # fmt: skip
    assert {key for key in stored(workshop.storage) if not key.startswith("pyramids/")} == keys


def failing(monkeypatch: pytest.MonkeyPatch, number: int, error: Exception) -> None:
    """Let the making of every view of that number fail."""
    make_view = views.make_view

    def broken(task: views.ViewTask, *tools: Any) -> views.FinishedView:
        if task.number == number:
            raise error
        return make_view(task, *tools)

    monkeypatch.setattr("server.ingest.workers.make_view", broken)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.EIO, os.strerror(errno.EIO)), "view 2: c1_0002.png: Input/output error"),
        (MemoryError(), "view 2: c1_0002.png: there is not enough memory"),
        (StorageError("pyramids/x: Permission denied"), "pyramids/x: Permission denied"),
    ],
)
def test_a_fault_of_the_machine_at_one_document_lets_the_others_go_on(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2", ["c2.png"])])
    with monkeypatch.context() as patched:
        failing(patched, 2, error)
        summary = take_in(workshop, folder)
    assert [outcome.state for outcome in summary.outcomes] == ["failed", "ingested"]
    assert told in summary.outcomes[0].problem
    assert {key.split("/")[1] for key in stored(workshop.storage)} == {summary.outcomes[1].name}
    assert [outcome.state for outcome in take_in(workshop, folder).outcomes] == ["ingested", "held"]


def test_a_full_store_stops_the_delivery_and_what_was_done_stays(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1", ["c1.png"]), Row("c2")])
    with monkeypatch.context() as patched:
        failing(patched, 2, StorageFull("pyramids/x: no room left"))
        with pytest.raises(StorageFull):
            take_in(workshop, folder)
    assert [outcome.state for outcome in take_in(workshop, folder).outcomes] == ["held", "ingested"]


def test_what_the_database_will_not_have_fails_its_document_only(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2")])
    complete = record.complete

    def twice(session: Any, workshop: Workshop, claimed: Claim, item: Any, *rest: Any) -> None:
        complete(session, workshop, claimed, item, *rest)
        if item.identifier == "c1":
            session.execute(insert(ViewRow), [{**as_row(session.get_one(ViewRow, (claimed.name, 1)))}])

    def as_row(view: ViewRow) -> dict[str, Any]:
        return {column.key: getattr(view, column.key) for column in ViewRow.__table__.columns}

    monkeypatch.setattr(run, "complete", twice)
    summary = take_in(workshop, folder)
    assert [outcome.state for outcome in summary.outcomes] == ["failed", "ingested"]
    assert "document c1: the catalogue cannot hold what is said of it" in summary.outcomes[0].problem


def test_a_master_that_kills_its_worker_fails_its_document_only(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_work", deadly_work)
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2", ["deadly.png"]), Row("c3"), Row("c4")])
    summary = take_in(with_processes(workshop, 2), folder)
    assert [outcome.state for outcome in summary.outcomes] == ["ingested", "failed", "ingested", "ingested"]
    assert "view 1: deadly.png: the process that makes this view was ended twice" in summary.outcomes[1].problem


@pytest.mark.parametrize("name", ["ab*c", "x" * 81, "ab=c"])
def test_an_ark_that_cannot_be_a_name_refuses_its_document(workshop: Workshop, tmp_path: Path, name: str) -> None:
    rows = [Row("c1", ark=f"ark:/99999/{name}"), Row("c2")]
    summary = take_in(workshop, write_table(tmp_path / "cartes", rows))
    assert [outcome.state for outcome in summary.outcomes] == ["failed", "ingested"]
    assert "cannot be taken over: its name must be" in summary.outcomes[0].problem


def test_what_is_too_long_for_the_tables_refuses_its_document(workshop: Workshop, tmp_path: Path) -> None:
    rows = [
        Row("c" * 301, ["long.png"]),
        Row("c2", former_url="https://ancien.example.org/" + "x" * 480),
        Row("c3", former_url="https://ancien.example.org/" + "x" * 470),
    ]
    summary = take_in(workshop, write_table(tmp_path / "cartes", rows))
    assert [outcome.state for outcome in summary.outcomes] == ["failed", "failed", "ingested"]
    assert "its identifier has 301 characters" in summary.outcomes[0].problem
    assert "has 507 characters; at most 500 can be kept" in summary.outcomes[1].problem


def test_an_ark_that_comes_only_with_the_correction_redirects(workshop: Workshop, tmp_path: Path) -> None:
    first = write_table(tmp_path / "a", [Row("c1", former_url="https://ancien.example.org/wrong")])
    truncated(first / "c1_0002.png")
    [refused] = take_in(workshop, first).outcomes
    corrected = Row("c1", ark="ark:/99999/v1own0", former_url="https://ancien.example.org/right")
    second = write_table(tmp_path / "b", [corrected, Row("c2", ark="ark:/99999/v1own0")])
    [mended, other] = take_in(workshop, second).outcomes
    assert (mended.state, mended.name) == ("ingested", refused.name)
    assert f"ark:/99999/v1own0 leads to {refused.name}" in mended.problem
    assert "already the ARK of another document" in other.problem
    with workshop.catalogue.snapshot() as connection:
        assert published.find_alias(connection, "ark", "ark:/99999/v1own0") == refused.name
        assert published.find_alias(connection, "url", "https://ancien.example.org/right") == refused.name
        with pytest.raises(Unknown):
            published.find_alias(connection, "url", "https://ancien.example.org/wrong")
    with workshop.catalogue.read() as session:
        [event] = session.scalars(select(EventRow).where(EventRow.action == "ingested"))
        assert event.detail == {"note": mended.problem}


def test_an_altered_table_refuses_all_its_documents(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2")])
    digest = hashlib.sha256(b"another table").hexdigest()
    (folder / "manifest-sha256.txt").write_text(f"{digest}  notices.csv\n", encoding="utf-8")
    summary = take_in(workshop, folder)
    assert [outcome.state for outcome in summary.outcomes] == ["failed", "failed"]
    for outcome in summary.outcomes:
        assert "notices.csv: its sha256 is not the one in manifest-sha256.txt" in outcome.problem
    assert stored(workshop.storage) == {}


def test_a_waiver_is_for_what_was_there_then(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1")])
    whole = (folder / "c1_0002.png").read_bytes()
    truncated(folder / "c1_0002.png")
    name = take_in(workshop, folder).outcomes[0].name
    with workshop.catalogue.write() as session:
        session.get_one(ItemRow, name).acceptance_waived = "essai"
    take_in(workshop, folder)
    with workshop.catalogue.read() as session:
        assert session.get_one(ItemRow, name).acceptance_waived == "essai"
    (folder / "c1_0002.png").write_bytes(whole)
    assert take_in(workshop, folder).outcomes[0].state == "ingested"
    with workshop.catalogue.read() as session:
        assert session.get_one(ItemRow, name).acceptance_waived is None


@pytest.mark.parametrize(
    ("said", "word"),
    [({"institution": "roubaix"}, "institution"), ({"campaign": "2025-places"}, "campaign")],
)
def test_what_was_decided_on_is_not_changed_afterwards(
    workshop: Workshop, tmp_path: Path, said: dict[str, Any], word: str
) -> None:
    delivery = opened(write_table(tmp_path / "cartes", [Row("c1")], campaign=""))
    summary = ingest(delivery, workshop, Quiet())
    accept(workshop, summary.delivery)
    late = replace(delivery, context=replace(delivery.context, **said))
    with pytest.raises(CatalogueError, match=f"was accepted by A. Person with {word} .* leave out --{word}"):
        ingest(late, workshop, Quiet())
    assert ingest(delivery, workshop, Quiet()).outcomes[0].state == "held"


def test_who_receives_or_claims_at_the_same_time_waits_and_finds_it_there(workshop: Workshop, tmp_path: Path) -> None:
    delivery = opened(write_table(tmp_path / "cartes", [Row("c1", ark="ark:/99999/b1234q")]))
    item = delivery.items[0]

    def received() -> str:
        with workshop.catalogue.write() as session:
            return receive(session, run.arrival_of(delivery), workshop.clock(), "other").identifier

    def claimed(row: DeliveryRow) -> str:
        with workshop.catalogue.write() as session:
            return record.claim(session, workshop, row, item, "0" * 64).name

    with ThreadPoolExecutor() as threads:
        with workshop.catalogue.write() as session:
            row = receive(session, run.arrival_of(delivery), workshop.clock(), "first")
            later = threads.submit(received)
            with pytest.raises(TimeoutError):
                later.result(timeout=0.5)
            session.expunge(row)
        assert later.result(timeout=20) == row.identifier
        with workshop.catalogue.write() as session:
            name = record.claim(session, workshop, row, item, "0" * 64).name
            later = threads.submit(claimed, row)
            with pytest.raises(TimeoutError):
                later.result(timeout=0.5)
        assert later.result(timeout=20) == name


def test_what_an_interrupted_attempt_left_goes_when_other_content_comes(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write_table(tmp_path / "a", [Row("c1", text=True)])
    with monkeypatch.context() as patched:
        failing(patched, 2, StorageFull("no room left"))
        with pytest.raises(StorageFull):
            take_in(workshop, first)
    assert len(stored(workshop.storage)) == 4  # pyramid, index, master and text of the first view
    second = write_table(tmp_path / "b", [Row("c1", title="La gare")])
    draw(second / "c1_0001.png", seed=30)
    [outcome] = take_in(workshop, second).outcomes
    assert outcome.state == "ingested"
    with workshop.catalogue.read() as session:
        keys = {key for view in session.scalars(select(ViewRow)) for key in (view.pyramid_key, view.index_key)}
        keys |= set(session.scalars(select(FileRow.key)))
    assert set(stored(workshop.storage)) == keys


def test_a_text_that_is_too_large_is_not_read(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1", ["c1.png"], text=True), Row("c2")])
    delivery = opened(folder)
    with (folder / "c1.xml").open("ab") as file:
        file.truncate(2**40)  # a hole: it takes no room on the disk, but would fill the memory
    summary = ingest(delivery, workshop, Quiet())
    assert [outcome.state for outcome in summary.outcomes] == ["failed", "ingested"]
    assert "view 1: c1.xml" in summary.outcomes[0].problem


def test_a_full_disk_of_the_scratch_folder_is_met_before_and_on_the_way(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1")])
    with pytest.raises(StorageFull, match=r"about 1000000\.0 GB are needed in .* to make pyramids"):
        must_have_scratch_room(workshop.settings.home_dir, 10**15)
    with monkeypatch.context() as patched:
        usage = shutil.disk_usage(tmp_path)._replace(free=2**20)
        patched.setattr("server.ingest.room.shutil.disk_usage", lambda _path: usage)
        with pytest.raises(StorageFull, match="to make pyramids"):
            take_in(workshop, folder)
    assert count(workshop, ItemRow) == 0

    def full(*_arguments: Any, **_named: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "pyramid-1.tif")

    with monkeypatch.context() as patched:
        patched.setattr(views, "make_pyramid", full)
        with pytest.raises(StorageFull, match=r"pyramid-1\.tif: no room left on the disk"):
            take_in(workshop, folder)
    assert [outcome.state for outcome in take_in(workshop, folder).outcomes] == ["ingested"]


def test_what_was_refused_for_its_files_is_not_made_again(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1"), Row("c2")])
    (folder / "c2_0002.png").write_bytes((folder / "c2_0002.png").read_bytes()[:200])
    first = ingest(opened(folder), workshop, Quiet())
    assert [outcome.state for outcome in first.outcomes] == ["ingested", "failed"]
    made: list[Path] = []

    def count(master: Path, *arguments: Any, **named: Any) -> Any:
        made.append(master)
        return make_pyramid(master, *arguments, **named)

    monkeypatch.setattr(views, "make_pyramid", count)
    again = ingest(opened(folder), workshop, Quiet())
    assert [outcome.state for outcome in again.outcomes] == ["held", "failed"]
    assert made == []
    problem = again.outcomes[1].problem
    assert problem.startswith(str(first.outcomes[1].problem))
    assert "refused before, and nothing of it has changed since" in problem
    with workshop.catalogue.read() as session:
        row = session.get_one(ItemRow, again.outcomes[1].name)
        assert (row.state, row.failure) == (ItemState.FAILED, first.outcomes[1].problem)
        failures = session.scalar(select(func.count()).where(EventRow.subject == row.name, EventRow.action == "failed"))
        assert failures == 1, "the same failure is one event"
    ingest(opened(folder), workshop, Quiet(), retry=True)
    assert {path.name for path in made} == {"c2_0001.png", "c2_0002.png"}
    draw(folder / "c2_0002.png", seed=2)
    mended = ingest(opened(folder), workshop, Quiet())
    assert [outcome.state for outcome in mended.outcomes] == ["held", "ingested"]


def test_what_failed_for_want_of_room_or_of_a_register_is_tried_again(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_table(tmp_path / "cartes", [Row("c1")])
    with monkeypatch.context() as patched:

        def broken(*_arguments: Any, **_named: Any) -> Any:
            raise MemoryError

        patched.setattr(views, "make_pyramid", broken)
        assert "there is not enough memory" in ingest(opened(folder), workshop, Quiet()).outcomes[0].problem
    assert [outcome.state for outcome in ingest(opened(folder), workshop, Quiet()).outcomes] == ["ingested"]
