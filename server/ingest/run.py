"""Ingest a delivery: pyramids into storage, items into the catalogue.

Idempotent and safe under kill -9. An item is claimed (row and ARK in one transaction), its views are made by worker
processes under keys made of digest and recipe, and it is completed in one transaction. Whatever was interrupted is
taken up where it stopped; what is held is left alone. A broken view fails its item and says why; the others go on.
"""

import contextlib
import multiprocessing
import shutil
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from server.catalogue.deliveries import Arrival, receive
from server.catalogue.models import CampaignRow, DeliveryRow, ItemRow, ItemState
from server.delivery.values import DeliveredItem, Delivery
from server.errors import CatalogueError, DeliveryError, ImageError, StorageFull
from server.ingest.record import Claim, claim, complete, fail, input_digest, source_record_key
from server.ingest.room import estimate_bytes, must_have_room
from server.ingest.views import FinishedView, ViewTask, make_view
from server.settings import Settings
from server.storage import open_storage
from server.storage.base import Storage
from server.workshop import Workshop

Submit = Callable[[ViewTask], "Future[FinishedView]"]


class Progress(Protocol):
    """Somebody who is told how it goes; sizes in bytes."""

    def start(self, views: int, size: int) -> None:
        """The work is known: so many views, masters of so many bytes in all."""

    def done(self, views: int, size: int) -> None:
        """So many more views are done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document: `state` is ingested, held or failed."""

    identifier: str
    name: str
    state: str
    views: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a delivery."""

    delivery: str
    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The documents that were refused."""
        return tuple(outcome for outcome in self.outcomes if outcome.state == "failed")


@dataclass(frozen=True, slots=True)
class _Running:
    item: DeliveredItem
    claim: Claim
    views: list[Future[FinishedView]]


def ingest(delivery: Delivery, workshop: Workshop, progress: Progress) -> Summary:
    """Ingest every document of a delivery that can be read.

    Raises Busy when the same delivery is being ingested elsewhere, StorageFull when there is no room, CatalogueError
    when the delivery names an institution or campaign that is not known. What was done before stays done.
    """
    with workshop.catalogue.lock(f"ingest {delivery.digest}", wait=False):
        return _ingest(delivery, workshop, progress)


def _ingest(delivery: Delivery, workshop: Workshop, progress: Progress) -> Summary:
    context = delivery.context
    arrival = Arrival(
        delivery.name, str(delivery.root.resolve()), delivery.digest, delivery.kind,
        context.institution, context.supplier, context.campaign,
    )  # fmt: skip
    with workshop.catalogue.write() as session:
        row = receive(session, arrival, workshop.clock(), workshop.actor)
        session.expunge(row)
    keep = _keeps_masters(workshop, row)
    sizes = {item.identifier: _master_bytes(delivery, item) for item in delivery.items}
    must_have_room(workshop.storage, _estimate(delivery, row, workshop, keep))
    progress.start(sum(len(item.views) for item in delivery.items), sum(sizes.values()))
    outcomes: list[Outcome] = []
    running: deque[_Running] = deque()
    with _scratch(workshop, delivery) as scratch, _workers(workshop, scratch) as submit:
        window = 4 * workshop.settings.processes
        for item in delivery.items:
            started = _start(delivery, row, item, workshop, keep, submit)
            if isinstance(started, Outcome):
                outcomes.append(started)
                progress.done(len(item.views), sizes[item.identifier])
                continue
            running.append(started)
            while sum(len(one.views) for one in running) > window and len(running) > 1:
                outcomes.append(_finish(running.popleft(), delivery, workshop, progress))
        while running:
            outcomes.append(_finish(running.popleft(), delivery, workshop, progress))
    unread = [
        Outcome(finding.item, "", "failed", 0, finding.message)
        for finding in delivery.findings
        if finding.severity == "error" and finding.item and finding.item not in sizes
    ]
    order = {item.identifier: position for position, item in enumerate(delivery.items)}
    outcomes.sort(key=lambda outcome: order[outcome.identifier])
    return Summary(row.identifier, tuple(outcomes + unread))


def _start(
    delivery: Delivery,
    row: DeliveryRow,
    item: DeliveredItem,
    workshop: Workshop,
    keep: bool,
    submit: Submit,
) -> _Running | Outcome:
    """Claim an item and set its views to work, unless it is held already or cannot be claimed."""
    digest = input_digest(item, delivery.files, row.institution or "", row.campaign)
    try:
        with workshop.catalogue.write() as session:
            claimed = claim(session, workshop, row, item, digest)
    except CatalogueError as error:
        return Outcome(item.identifier, "", "failed", 0, str(error))
    if claimed.is_held:
        return Outcome(item.identifier, claimed.name, "held", len(item.views))
    tasks = [
        ViewTask(
            item=claimed.name,
            number=view.number,
            master=delivery.root / view.master,
            master_digest=delivery.files[view.master],
            keep_master=keep,
            text=delivery.root / view.text if view.text else None,
            text_path=view.text or "",
            text_digest=delivery.files[view.text] if view.text else "",
        )
        for view in item.views
    ]
    return _Running(item, claimed, [submit(task) for task in tasks])


def _finish(running: _Running, delivery: Delivery, workshop: Workshop, progress: Progress) -> Outcome:
    """Wait for an item's views and complete it, or fail it with everything that is wrong."""
    item, name = running.item, running.claim.name
    views: list[FinishedView] = []
    problems: list[str] = []
    for delivered, future in zip(item.views, running.views, strict=True):
        try:
            views.append(future.result())
        except (ImageError, DeliveryError) as error:
            problems.append(str(error))
        except BrokenProcessPool:
            raise DeliveryError(
                f"a worker process was ended from outside, perhaps for want of memory, near document {item.identifier}; "
                "what was finished is kept: run the same command again, with fewer VITRINE_WORKERS"
            ) from None
        progress.done(1, (delivery.root / delivered.master).stat().st_size)
    if problems:
        # Nothing of a failed item stays in storage: the bytes go first, so that a kill in between is taken up again.
        for kind in ("pyramids", "masters", "sources"):
            for stored in list(workshop.storage.list(f"{kind}/{name}")):
                workshop.storage.delete(stored.key)
        problem = "; ".join(problems)
        with workshop.catalogue.write() as session:
            fail(session, workshop, name, problem)
        return Outcome(item.identifier, name, "failed", len(item.views), problem)
    workshop.storage.put(source_record_key(name, item), item.source.body)
    with workshop.catalogue.write() as session:
        complete(session, workshop, name, item, views, delivery.files, str(delivery.root.resolve()))
    return Outcome(item.identifier, name, "ingested", len(item.views))


def _keeps_masters(workshop: Workshop, row: DeliveryRow) -> bool:
    with workshop.catalogue.read() as session:
        campaign = session.get(CampaignRow, row.campaign) if row.campaign else None
        return campaign is None or campaign.keep_masters


def _master_bytes(delivery: Delivery, item: DeliveredItem) -> int:
    return sum((delivery.root / view.master).stat().st_size for view in item.views)


def _estimate(delivery: Delivery, row: DeliveryRow, workshop: Workshop, keep: bool) -> int:
    """Bytes that the documents not yet held will need."""
    with workshop.catalogue.read() as session:
        held = set(
            session.scalars(
                select(ItemRow.identifier).where(
                    ItemRow.institution == row.institution, ItemRow.state == ItemState.READY
                )
            )
        )
    missing = [item for item in delivery.items if item.identifier not in held]
    return estimate_bytes((delivery.root / view.master for item in missing for view in item.views), keep)


@contextlib.contextmanager
def _scratch(workshop: Workshop, delivery: Delivery) -> Iterator[Path]:
    """A folder for unfinished pyramids, near the storage; what a killed run of this delivery left in it goes first."""
    folder = workshop.settings.home_dir.absolute() / "scratch" / delivery.digest[:16]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    workshop.storage.remove_leftovers()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _workers(workshop: Workshop, scratch: Path) -> Iterator[Submit]:
    """Worker processes as the settings say; with one, the work is done right here."""
    settings = workshop.settings
    if settings.processes == 1:

        def at_once(task: ViewTask) -> "Future[FinishedView]":
            future: Future[FinishedView] = Future()
            try:
                future.set_result(make_view(task, settings, workshop.storage, scratch))
            except (ImageError, DeliveryError, StorageFull) as error:
                future.set_exception(error)
            return future

        yield at_once
        return
    pool = ProcessPoolExecutor(
        settings.processes, multiprocessing.get_context("spawn"), initializer=_open_tools, initargs=(settings, scratch)
    )
    try:
        yield lambda task: pool.submit(_work, task)
    finally:
        pool.shutdown(cancel_futures=True)


_tools: tuple[Settings, Storage, Path] | None = None


def _open_tools(settings: Settings, scratch: Path) -> None:
    """Open a worker's own storage; connections do not cross a fork. Ctrl-C is the main process's to answer."""
    global _tools  # noqa: PLW0603  # a worker process has one set of tools for its life
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _tools = (settings, open_storage(settings), scratch)


def _work(task: ViewTask) -> FinishedView:
    assert _tools is not None, "the pool's initializer opened them"
    return make_view(task, *_tools)
