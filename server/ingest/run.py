"""Ingest a delivery: pyramids into storage, items into the catalogue.

Idempotent and safe under kill -9. An item is claimed (row and ARK in one transaction), its views are made by worker
processes under keys made of digest and recipe, and it is completed in one transaction. Whatever was interrupted is
taken up where it stopped; what is held is left alone. A broken view fails its item and says why; the others go on.
"""

import contextlib
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.deliveries import Arrival, receive
from server.catalogue.kept import named_keys
from server.catalogue.locks import Locks, document_lock, open_locks
from server.catalogue.models import CampaignRow, DeliveryRow, ItemRow, ItemState
from server.delivery.values import DeliveredItem, DeliveredView, Delivery, Severity, outside
from server.errors import CatalogueError, DeliveryError, StorageError, StorageFull, VitrineError
from server.ingest.attempts import attempt_key, refused_before
from server.ingest.partial import Part, claim_part, complete_part, part_digest
from server.ingest.record import Claim, claim, complete, delivered_source, entering, fail, input_digest, still_ours
from server.ingest.room import estimate_bytes, must_have_room, must_have_scratch_room
from server.ingest.views import FinishedView, ViewTask
from server.ingest.workers import Workers, open_workers, scratch_folder
from server.storage.base import Storage
from server.storage.tidy import delete_others
from server.told import NOTHING, Told, together, told
from server.workshop import Workshop

_ONLY_DESCRIBED = told(
    'where it only corrects the description of a document that is held, say so: brings = ["description"] in delivery.toml, or '
    "--brings description"
)


class Progress(Protocol):
    """Somebody who is told how it goes; sizes in bytes."""

    def start(self, views: int, size: int) -> None:
        """The work is known: so many views, masters of so many bytes in all."""

    def done(self, views: int, size: int) -> None:
        """So many more views are done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document: `state` is ingested, updated, held or failed; `problem` why, or what else is to be known."""

    identifier: str
    name: str
    state: str
    views: int
    problem: Told = NOTHING


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
    views: list[tuple[ViewTask, Future[FinishedView]]]
    release: contextlib.ExitStack
    """Lets go of the document's lock."""
    part: Part | None = None
    """What of the item is made already, where only parts of it are delivered."""


def ingest(delivery: Delivery, workshop: Workshop, progress: Progress, *, retry: bool = False) -> Summary:
    """Ingest every document of a delivery that can be read.

    What was refused for its files is not made again while nothing of it changes; with `retry` it is.

    Raises Busy when the same delivery is being ingested elsewhere, StorageFull when there is no room, CatalogueError
    when the delivery names an institution or campaign that is not known. What was done before stays done.
    """
    with workshop.catalogue.lock(f"ingest {delivery.digest}", wait=False):
        return _ingest(delivery, workshop, progress, retry=retry)


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
        brings=context.brings,
    )


def _ingest(delivery: Delivery, workshop: Workshop, progress: Progress, *, retry: bool) -> Summary:
    with workshop.catalogue.write() as session:
        row = receive(session, arrival_of(delivery), workshop.clock(), workshop.actor)
        session.expunge(row)
    problems = _problems(delivery)
    sound = [item for item in delivery.items if item.identifier not in problems]
    keep = _keeps_masters(workshop, row)
    _must_have_room(delivery, sound, row, workshop, keep)
    views = sum(len(item.views) for item in sound)
    progress.start(views, sum(_master_bytes(delivery, item) for item in sound))
    outcomes: list[Outcome] = []
    running: deque[_Running] = deque()
    with (
        open_locks(workshop.catalogue) as locks,
        scratch_folder(workshop, delivery.digest) as scratch,
        open_workers(workshop, scratch, views) as workers,
    ):
        for identifier, found in problems.items():
            outcomes.append(_refuse(delivery, row, identifier, found, workshop, locks))
        window = 4 * workshop.settings.processes
        for item in sound:
            started = _start(delivery, row, item, workshop, keep, workers, locks, retry=retry)
            if isinstance(started, Outcome):
                outcomes.append(started)
                progress.done(len(item.views), _master_bytes(delivery, item))
                continue
            running.append(started)
            while sum(len(one.views) for one in running) > window and len(running) > 1:
                outcomes.append(_finish(running.popleft(), delivery, workshop, workers, progress))
        while running:
            outcomes.append(_finish(running.popleft(), delivery, workshop, workers, progress))
    order = {item.identifier: position for position, item in enumerate(delivery.items)}
    outcomes.sort(key=lambda outcome: order.get(outcome.identifier, len(order)))
    return Summary(row.identifier, tuple(outcomes))


def _problems(delivery: Delivery) -> dict[str, list[Told]]:
    """Return what forbids to ingest a document, by its identifier: what its reader said, files that are not as listed."""
    problems: dict[str, list[Told]] = {}
    for finding in delivery.findings:
        if finding.severity is Severity.ERROR and finding.item:
            problems.setdefault(finding.item, []).append(finding.message)
    wrong = {listed.path: listed for listed in delivery.checksums if listed.actual and listed.actual != listed.expected}
    for item in delivery.items:
        # The source too: a table serves several documents, and none of them can be trusted when it was altered.
        used = {item.source.path, *(path for view in item.views for path in (view.master, view.text or ""))}
        for path in sorted(used & wrong.keys()):
            problems.setdefault(item.identifier, []).append(
                told(
                    "{path}: its {algorithm} is not the one in {source}; ask the supplier for it again",
                    path=path,
                    algorithm=wrong[path].algorithm,
                    source=wrong[path].source,
                )
            )
    return problems


def _refuse(
    delivery: Delivery, row: DeliveryRow, identifier: str, problems: list[Told], workshop: Workshop, locks: Locks
) -> Outcome:
    """Enter a document that cannot be ingested as failed, so that it is not forgotten; one that was not read is only told."""
    item = next((item for item in delivery.items if item.identifier == identifier), None)
    if item is None:
        return Outcome(identifier, "", "failed", 0, together(problems))
    is_only_described = not delivery.context.brings and not any(view.master in delivery.files for view in item.views)
    problem = together([*problems, _ONLY_DESCRIBED] if is_only_described else problems)
    try:
        with locks.hold(document_lock(row.institution, item.identifier)):
            with entering(workshop, item) as session:
                claimed = _claim(session, workshop, delivery, row, item)
            if claimed.is_held:
                return Outcome(identifier, claimed.name, "held", len(item.views))
            return _fail(claimed, item, problem, workshop)
    except CatalogueError as error:
        return Outcome(identifier, "", "failed", len(item.views), together((problem, error.told)))


def _start(
    delivery: Delivery,
    row: DeliveryRow,
    item: DeliveredItem,
    workshop: Workshop,
    keep: bool,
    workers: Workers,
    locks: Locks,
    *,
    retry: bool,
) -> _Running | Outcome:
    """Lock and claim an item and set its views to work, unless it is held, cannot be claimed, or was refused as it is."""
    part = None
    with contextlib.ExitStack() as lock:
        try:
            lock.enter_context(locks.hold(document_lock(row.institution, item.identifier)))
            with entering(workshop, item) as session:
                claimed = _claim(session, workshop, delivery, row, item)
                attempt = attempt_key(claimed, workshop.settings)
                known = NOTHING if claimed.is_held or retry else refused_before(session, claimed.name, attempt)
                if known:
                    fail(session, workshop, claimed, known, attempt)
            if claimed.is_held:
                return Outcome(item.identifier, claimed.name, "held", len(item.views))
            if known:
                again = told("refused before, and nothing of it has changed since (`--retry` makes it anew)")
                return Outcome(item.identifier, claimed.name, "failed", len(item.views), together((known, again)))
            if delivery.context.brings:
                with workshop.catalogue.read() as session:
                    part = complete_part(session, claimed.name, item, delivery.files, delivery.context.brings)
        except CatalogueError as error:
            return Outcome(item.identifier, "", "failed", 0, error.told)
        tasks = _tasks(delivery, part.work if part else item.views, claimed.name, keep, part)
        submitted = [(task, workers.submit(task)) for task in tasks]
        return _Running(part.item if part else item, claimed, submitted, lock.pop_all(), part)


def _claim(session: Session, workshop: Workshop, delivery: Delivery, row: DeliveryRow, item: DeliveredItem) -> Claim:
    digest = input_digest(item, delivery.files, row.institution or "", row.campaign)
    brings = delivery.context.brings
    if not brings:
        return claim(session, workshop, row, item, digest)
    return claim_part(session, row, item, part_digest(digest, brings), brings)


def _tasks(
    delivery: Delivery, views: Iterable[DeliveredView], name: str, keep: bool, part: Part | None
) -> list[ViewTask]:
    """Return what is to be made; `part` says what of it is made already, and which texts stay though their image does not."""
    files = part.files if part else delivery.files
    standing = part.stands if part else {}
    return [
        ViewTask(
            item=name,
            number=view.number,
            master=delivery.root / view.master,
            master_digest=files[view.master],
            keep_master=keep,
            text=delivery.root / view.text if view.text and view.number not in standing else None,
            text_path=view.text or "",
            text_digest=files[view.text] if view.text else "",
            page=view.page,
            made=part.made.get(view.number) if part else None,
        )
        for view in views
    ]


def _finish(running: _Running, delivery: Delivery, workshop: Workshop, workers: Workers, progress: Progress) -> Outcome:
    """Wait for an item's views and complete it, or fail it with everything that is wrong; then let go of its lock.

    Raises StorageFull, and StorageError where the store answers nobody: then nothing else can be done either.
    """
    item, claimed = running.item, running.claim
    with running.release:
        part = running.part
        views: list[FinishedView] = []
        problems: list[Told] = []
        lasting = True  # what is wrong lies in the files: made again, it would be wrong again
        for task, future in running.views:
            try:
                views.append(_result(task, future, workers))
            except StorageFull:
                raise
            except (VitrineError, OSError, MemoryError) as error:
                problems.append(_fault(task, error))
                lasting = lasting and isinstance(error, DeliveryError)
                if isinstance(error, StorageError):
                    workshop.storage.check()
            progress.done(1, _size(task.master))
        if part:
            progress.done(len(item.views) - len(running.views), 0)
            try:
                views = part.finished(views)
            except CatalogueError as error:
                problems.append(error.told)
        made = {view.number: view for view in views}
        for view in item.views:
            if view.number in made:
                problems += outside(view, made[view.number].width, made[view.number].height)
        changes = NOTHING
        try:
            if not problems:
                place = str(delivery.root.resolve())
                source = part.source if part and part.source else delivered_source(claimed.name, item)
                if not (part and part.source):
                    _keep_source(workshop.storage, source.key, item)
                if claimed.is_again:  # before the item is complete: a kill in between is taken up again
                    delete_others(
                        workshop.storage, claimed.name, {source.key, *(key for view in views for key in view.keys)}
                    )
                with entering(workshop, item) as session:
                    files = part.files if part else delivery.files
                    changes = complete(session, workshop, claimed, item, views, files, place, source)
        except StorageFull:
            raise
        except (CatalogueError, StorageError) as error:
            problems.append(error.told)
            lasting = False
            workshop.storage.check()
        if problems:
            attempt = attempt_key(claimed, workshop.settings) if lasting else ""
            return _fail(claimed, item, together(problems), workshop, attempt)
    if claimed.replaces:
        said = together((changes, part.note if part else NOTHING))
        return Outcome(item.identifier, claimed.name, "updated", len(item.views), said)
    return Outcome(item.identifier, claimed.name, "ingested", len(item.views), claimed.note)


def _keep_source(storage: Storage, key: str, item: DeliveredItem) -> None:
    """Store the source record of an item; a whole file is not read into memory for it."""
    if item.source.file is None:
        storage.put(key, item.source.body)
    else:
        storage.put_file(key, item.source.file)


def _result(task: ViewTask, future: "Future[FinishedView]", workers: Workers) -> FinishedView:
    try:
        return workers.result(future)
    except BrokenProcessPool:  # by this view or by one beside it: made alone, it shows
        return workers.alone(task)


def _fault(task: ViewTask, error: VitrineError | OSError | MemoryError) -> Told:
    if isinstance(error, VitrineError):
        return error.told
    if isinstance(error, MemoryError):
        return told(
            "view {number}: {name}: there is not enough memory for it; use fewer VITRINE_WORKERS",
            number=task.number,
            name=task.master.name,
        )
    return told(
        "view {number}: {name}: {fault}",
        number=task.number,
        name=str(error.filename or task.master.name),
        fault=error.strerror or str(error),
    )


def _fail(claimed: Claim, item: DeliveredItem, problem: Told, workshop: Workshop, attempt: str = "") -> Outcome:
    """Fail a claimed item; where it is another's meanwhile, touch nothing and say that."""
    failed = Outcome(item.identifier, claimed.name, "failed", len(item.views), problem)
    try:
        with workshop.catalogue.read() as session:
            still_ours(session, claimed)
            keep = named_keys(session, claimed.name) if claimed.replaces else set()
        # Nothing of a failed item stays in storage: the bytes go first, so that a kill in between is taken up again.
        delete_others(workshop.storage, claimed.name, keep)
        with entering(workshop, item) as session:
            fail(session, workshop, claimed, problem, attempt)
    except CatalogueError as error:
        return failed if str(error) in problem else replace(failed, problem=together((problem, error.told)))
    return failed


def _keeps_masters(workshop: Workshop, row: DeliveryRow) -> bool:
    with workshop.catalogue.read() as session:
        campaign = session.get(CampaignRow, row.campaign) if row.campaign else None
        return campaign is None or campaign.keep_masters


def _master_bytes(delivery: Delivery, item: DeliveredItem) -> int:
    return sum(_size(delivery.root / view.master) for view in item.views)


def _size(file: Path) -> int:
    """Bytes of a file, 0 when it is gone: what that means, whoever reads it says."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _must_have_room(
    delivery: Delivery, items: list[DeliveredItem], row: DeliveryRow, workshop: Workshop, keep: bool
) -> None:
    """Raise StorageFull unless the documents not yet held will find room, in the storage and in the scratch folder."""
    with workshop.catalogue.read() as session:
        held = set(
            session.scalars(
                select(ItemRow.identifier).where(
                    ItemRow.institution == row.institution, ItemRow.state == ItemState.READY
                )
            )
        )
    missing = [item for item in items if item.identifier not in held]
    masters = [delivery.root / view.master for item in missing for view in item.views]
    needed = estimate_bytes(masters, keep)
    must_have_room(workshop.storage, needed.stored)
    must_have_scratch_room(workshop.settings.home_dir.absolute(), needed.largest * workshop.settings.processes)
