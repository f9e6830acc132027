"""The worker processes that make views, and their scratch folder.

A worker that dies (killed for want of memory, crashed by a master) takes the pool of its kind with it, not the
delivery: the next view starts a new pool, and `Workers.alone` makes the suspicious views one after the other.
A worker loads this module and what makes a view, and nothing of databases: each would pay for it in time and memory.
"""

import contextlib
import shutil
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from server.errors import ImageError
from server.ingest.views import FinishedView, ViewTask, make_view
from server.processes import Processes
from server.settings import Settings
from server.storage import open_storage
from server.storage.base import Storage
from server.told import told

if TYPE_CHECKING:
    from server.workshop import Workshop


class Workers(Protocol):
    """Who makes views."""

    def submit(self, task: ViewTask) -> "Future[FinishedView]":
        """Set a view to work."""

    def result(self, future: "Future[FinishedView]") -> FinishedView:
        """Wait for a view. Raises BrokenProcessPool when a worker was ended meanwhile, this one's or not."""

    def alone(self, task: ViewTask) -> FinishedView:
        """Make a view while nothing else is made of those. Raises ImageError when its worker is ended again."""


@contextlib.contextmanager
def scratch_folder(workshop: "Workshop", digest: str) -> Iterator[Path]:
    """A folder for unfinished pyramids, near the storage; what a killed run of this delivery left in it goes first."""
    folder = workshop.settings.home_dir.absolute() / "scratch" / digest[:16]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    workshop.storage.remove_leftovers()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def open_workers(workshop: "Workshop", scratch: Path, views: int) -> Iterator[Workers]:
    """Worker processes as the settings say, no more than there are `views`; with one, the work is done right here."""
    if workshop.settings.processes == 1:
        yield _Here(workshop, scratch)
        return
    pools = _Pools(workshop.settings, scratch, views)
    try:
        yield pools
    finally:
        pools.close()


class _Here:
    """The work is done in this process, when it is asked for."""

    def __init__(self, workshop: "Workshop", scratch: Path) -> None:
        self._tools = (workshop.settings, workshop.storage, scratch)

    def submit(self, task: ViewTask) -> "Future[FinishedView]":
        """Make a view at once."""
        future: Future[FinishedView] = Future()
        try:
            future.set_result(make_view(task, *self._tools))
        except Exception as error:  # noqa: BLE001  # as a pool does: whoever asks for the result gets it
            future.set_exception(error)
        return future

    def result(self, future: "Future[FinishedView]") -> FinishedView:
        """Give what was made."""
        return future.result()

    def alone(self, task: ViewTask) -> FinishedView:
        """Make a view at once."""
        return make_view(task, *self._tools)


class _Pools:
    """A pool for everybody and a pool of one; each is made when it is first needed, and again when it was broken."""

    def __init__(self, settings: Settings, scratch: Path, views: int) -> None:
        self._settings, self._scratch = settings, scratch
        self._most = max(1, min(settings.processes, views))
        self._pools: dict[int, Processes] = {}

    def submit(self, task: ViewTask) -> "Future[FinishedView]":
        """Set a view to work in the pool for everybody."""
        return self._submit(self._most, task)

    def result(self, future: "Future[FinishedView]") -> FinishedView:
        """Wait for a view of the pool for everybody."""
        return self._pools[self._most].result(future)

    def alone(self, task: ViewTask) -> FinishedView:
        """Make a view in a pool of one, which makes nothing else meanwhile."""
        try:
            future = self._submit(1, task)
            return self._pools[1].result(future)
        except BrokenProcessPool:
            raise ImageError(
                told(
                    "view {number}: {name}: the process that makes this view was ended twice, perhaps for want of memory; look "
                    "at the file, or run the same command again with more memory or fewer VITRINE_WORKERS",
                    number=task.number,
                    name=task.master.name,
                )
            ) from None

    def close(self) -> None:
        """Wait for what is being made, forget the rest."""
        for pool in self._pools.values():
            pool.end()

    def _submit(self, processes: int, task: ViewTask) -> "Future[FinishedView]":
        with contextlib.suppress(BrokenProcessPool, KeyError):
            return self._pools[processes].submit(_work, task)
        if processes in self._pools:
            self._pools.pop(processes).end()
        self._pools[processes] = Processes(processes, _open_tools, self._settings, self._scratch)
        return self._pools[processes].submit(_work, task)


_tools: tuple[Settings, Storage, Path] | None = None


def _open_tools(settings: Settings, scratch: Path) -> None:
    """Open a worker's own storage: no connection is shared with another process."""
    global _tools  # noqa: PLW0603  # a worker process has one set of tools for its life
    _tools = (settings, open_storage(settings), scratch)


def _work(task: ViewTask) -> FinishedView:
    assert _tools is not None, "the pool's initializer opened them"
    return make_view(task, *_tools)
