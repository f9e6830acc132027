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
from server.catalogue.locks import Locks, open_locks
from server.catalogue.models import CampaignRow, DeliveryRow, ItemRow, ItemState
from server.delivery.values import DeliveredItem, Delivery, Severity
from server.errors import CatalogueError, DeliveryError, ImageError, StorageFull
from server.ingest.record import Claim, claim, complete, fail, input_digest, source_record_key, still_ours
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
    release: contextlib.ExitStack
    """Lets go of the document's lock."""


def ingest(delivery: Delivery, workshop: Workshop, progress: Progress) -> Summary:
    """Ingest every document of a delivery that can be read.

    Raises Busy when the same delivery is being ingested elsewhere, StorageFull when there is no room, CatalogueError
    when the delivery names an institution or campaign that is not known. What was done before stays done.
    """
    with workshop.catalogue.lock(f"ingest {delivery.digest}", wait=False):
        return _ingest(delivery, workshop, progress)


def arrival_of(delivery: Delivery) -> Arrival:
    """Return what the catalogue records of a delivery when it is seen."""
    context = delivery.context
    return Arrival(
        name=delivery.name,
        path=str(delivery.root.resolve()),
        digest=delivery.digest,
        kind=delivery.kind,
        institution=context.institution,
        supplier=context.supplier,
        campaign=context.campaign,
    )


def _ingest(delivery: Delivery, workshop: Workshop, progress: Progress) -> Summary:
    with workshop.catalogue.write() as session:
        row = receive(session, arrival_of(delivery), workshop.clock(), workshop.actor)
        session.expunge(row)
    problems = _problems(delivery)
    sound = [item for item in delivery.items if item.identifier not in problems]
    keep = _keeps_masters(workshop, row)
    must_have_room(workshop.storage, _estimate(delivery, sound, row, workshop, keep))
    progress.start(sum(len(item.views) for item in sound), sum(_master_bytes(delivery, item) for item in sound))
    outcomes: list[Outcome] = []
    running: deque[_Running] = deque()
    with (
        open_locks(workshop.catalogue) as locks,
        _scratch(workshop, delivery) as scratch,
        _workers(workshop, scratch) as submit,
    ):
        for identifier, found in problems.items():
            outcomes.append(_refuse(delivery, row, identifier, found, workshop, locks))
        window = 4 * workshop.settings.processes
        for item in sound:
            started = _start(delivery, row, item, workshop, keep, submit, locks)
            if isinstance(started, Outcome):
                outcomes.append(started)
                progress.done(len(item.views), _master_bytes(delivery, item))
                continue
            running.append(started)
            while sum(len(one.views) for one in running) > window and len(running) > 1:
                outcomes.append(_finish(running.popleft(), delivery, workshop, progress))
        while running:
            outcomes.append(_finish(running.popleft(), delivery, workshop, progress))
    order = {item.identifier: position for position, item in enumerate(delivery.items)}
    outcomes.sort(key=lambda outcome: order.get(outcome.identifier, len(order)))
    return Summary(row.identifier, tuple(outcomes))


def _problems(delivery: Delivery) -> dict[str, list[str]]:
    """Return what forbids to ingest a document, by its identifier: what its reader said, files that are not as listed."""
    problems: dict[str, list[str]] = {}
    for finding in delivery.findings:
        if finding.severity is Severity.ERROR and finding.item:
            problems.setdefault(finding.item, []).append(finding.message)
    wrong = {listed.path: listed for listed in delivery.checksums if listed.actual and listed.actual != listed.expected}
    for item in delivery.items:
        for path in sorted({path for view in item.views for path in (view.master, view.text or "")} & wrong.keys()):
            problems.setdefault(item.identifier, []).append(
                f"{path}: its {wrong[path].algorithm} is not the one in {wrong[path].source}; ask the supplier for it again"
            )
    return problems


def _refuse(
    delivery: Delivery, row: DeliveryRow, identifier: str, problems: list[str], workshop: Workshop, locks: Locks
) -> Outcome:
    """Enter a document that cannot be ingested as failed, so that it is not forgotten; one that was not read is only told."""
    problem = "; ".join(problems)
    item = next((item for item in delivery.items if item.identifier == identifier), None)
    if item is None:
        return Outcome(identifier, "", "failed", 0, problem)
    digest = input_digest(item, delivery.files, row.institution or "", row.campaign)
    try:
        with locks.hold(_lock_name(row, item)):
            with workshop.catalogue.write() as session:
                claimed = claim(session, workshop, row, item, digest)
            if claimed.is_held:
                return Outcome(identifier, claimed.name, "held", len(item.views))
            return _fail(claimed, item, problem, workshop)
    except CatalogueError as error:
        return Outcome(identifier, "", "failed", len(item.views), f"{problem}; {error}")


def _start(
    delivery: Delivery,
    row: DeliveryRow,
    item: DeliveredItem,
    workshop: Workshop,
    keep: bool,
    submit: Submit,
    locks: Locks,
) -> _Running | Outcome:
    """Lock and claim an item and set its views to work, unless it is held already or cannot be claimed."""
    digest = input_digest(item, delivery.files, row.institution or "", row.campaign)
    with contextlib.ExitStack() as lock:
        try:
            lock.enter_context(locks.hold(_lock_name(row, item)))
            with workshop.catalogue.write() as session:
                claimed = claim(session, workshop, row, item, digest)
        except CatalogueError as error:
            return Outcome(item.identifier, "", "failed", 0, str(error))
        if claimed.is_held:
            return Outcome(item.identifier, claimed.name, "held", len(item.views))
        futures = [submit(task) for task in _tasks(delivery, item, claimed.name, keep)]
        return _Running(item, claimed, futures, lock.pop_all())


def _lock_name(row: DeliveryRow, item: DeliveredItem) -> str:
    return f"document {item.identifier} of {row.institution}"


def _tasks(delivery: Delivery, item: DeliveredItem, name: str, keep: bool) -> list[ViewTask]:
    return [
        ViewTask(
            item=name,
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


def _finish(running: _Running, delivery: Delivery, workshop: Workshop, progress: Progress) -> Outcome:
    """Wait for an item's views and complete it, or fail it with everything that is wrong; then let go of its lock."""
    item, claimed = running.item, running.claim
    with running.release:
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
        try:
            if problems:
                return _fail(claimed, item, "; ".join(problems), workshop)
            workshop.storage.put(source_record_key(claimed.name, item), item.source.body)
            with workshop.catalogue.write() as session:
                complete(session, workshop, claimed, item, views, delivery.files, str(delivery.root.resolve()))
        except CatalogueError as error:
            return Outcome(item.identifier, claimed.name, "failed", len(item.views), str(error))
    return Outcome(item.identifier, claimed.name, "ingested", len(item.views))


def _fail(claimed: Claim, item: DeliveredItem, problem: str, workshop: Workshop) -> Outcome:
    """Fail a claimed item. Raises CatalogueError, and touches nothing, when it is another's meanwhile."""
    with workshop.catalogue.read() as session:
        still_ours(session, claimed)
    # Nothing of a failed item stays in storage: the bytes go first, so that a kill in between is taken up again.
    for kind in ("pyramids", "masters", "sources"):
        for stored in list(workshop.storage.list(f"{kind}/{claimed.name}")):
            workshop.storage.delete(stored.key)
    with workshop.catalogue.write() as session:
        fail(session, workshop, claimed, problem)
    return Outcome(item.identifier, claimed.name, "failed", len(item.views), problem)


def _keeps_masters(workshop: Workshop, row: DeliveryRow) -> bool:
    with workshop.catalogue.read() as session:
        campaign = session.get(CampaignRow, row.campaign) if row.campaign else None
        return campaign is None or campaign.keep_masters


def _master_bytes(delivery: Delivery, item: DeliveredItem) -> int:
    return sum((delivery.root / view.master).stat().st_size for view in item.views)


def _estimate(delivery: Delivery, items: list[DeliveredItem], row: DeliveryRow, workshop: Workshop, keep: bool) -> int:
    """Bytes that the documents not yet held will need."""
    with workshop.catalogue.read() as session:
        held = set(
            session.scalars(
                select(ItemRow.identifier).where(
                    ItemRow.institution == row.institution, ItemRow.state == ItemState.READY
                )
            )
        )
    missing = [item for item in items if item.identifier not in held]
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
