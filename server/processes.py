"""Worker processes that may be ended while they work: by the system for want of memory, by an image that crashes its decoder.

CPython's pool tells of such an end by BrokenProcessPool. It goes through its processes and its work for that, and where
work is handed in at that very moment (CPython < 3.12) it may stop half-way: then nobody tells of the work that is left, and
the processes that are left hold up the end of the program. `Processes` is that pool without this.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_Job = TypeVar("_Job")
_Made = TypeVar("_Made")

_SILENCE = 5.0
"""Seconds without a result after which it is asked whether there are still processes that make one."""

_AHEAD = 2
"""Jobs for each process that are handed in at once: none waits for work, and few are lost with a process."""


class Processes(ProcessPoolExecutor):
    """A pool of worker processes whose end is never missed. They end with the process that began them, however it ends.

    Leaving the block waits for what is being done and forgets what is not yet begun.
    """

    _call_queue: Any  # of the pool; its type stubs leave it out

    def __init__(self, number: int, begin: Callable[..., object] | None = None, *arguments: object) -> None:
        """Begin `number` processes, each with `begin(*arguments)`. Raises OSError where none may be begun."""
        # spawn: libvips has threads, and a fork would copy their locks
        context = multiprocessing.get_context("spawn")
        super().__init__(number, context, initializer=_begin, initargs=(begin, arguments))
        self._handed_in: set[Future[Any]] = set()
        try:
            for _ in range(number):  # all now: not at a moment when one of them ends
                self.submit(os.getpid)
        except BaseException:
            self.end()
            raise

    def submit(self, work: Callable[_P, _Made], /, *arguments: _P.args, **named: _P.kwargs) -> Future[_Made]:
        """Hand in work. Raises BrokenProcessPool where a process was ended."""
        try:
            future = super().submit(work, *arguments, **named)
        except OSError as error:
            if self._broken:  # it has closed its pipes meanwhile
                raise BrokenProcessPool(str(error)) from error
            raise
        self._handed_in.add(future)
        future.add_done_callback(self._handed_in.discard)
        return future

    def result(self, future: Future[_Made]) -> _Made:
        """Wait for what was made. Raises what the work raised, or BrokenProcessPool where a process was ended."""
        self.done((future,))
        return future.result()

    def done(self, futures: Collection[Future[_Made]]) -> set[Future[_Made]]:
        """Wait until something is made. Raises BrokenProcessPool where that will never be."""
        while not (done := wait(futures, _SILENCE, FIRST_COMPLETED).done):
            self.submit(os.getpid)  # is refused by a broken pool
        return done

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes."""
        self.end()

    def end(self) -> None:
        """End the processes; what they are doing is waited for, and no future stays without an end."""
        workers, work = list((self._processes or {}).values()), self._call_queue
        self.shutdown(cancel_futures=True)
        for worker in workers:
            if worker.is_alive():  # of a pool that stopped half-way
                work.cancel_join_thread()
                worker.kill()
            worker.join()
        for future in tuple(self._handed_in):
            if not future.done():
                future.set_exception(BrokenProcessPool("a process of the pool was ended"))


def work_through(
    work: Callable[[_Job], _Made], jobs: Sequence[_Job], processes: int, begin: Callable[[], object] | None = None
) -> Iterator[tuple[_Job, _Made | None]]:
    """Yield each job with what was made of it, as they come; None for a job that ends its process, tried alone as well.

    When a process ends, whose fault that was is not known: only what may have been is tried again, each by itself.
    """
    waiting = deque(jobs)
    while waiting:
        running: dict[Future[_Made], _Job] = {}
        try:
            with Processes(min(processes, len(waiting)), begin) as pool:
                while waiting or running:
                    while waiting and len(running) < _AHEAD * processes:
                        running[pool.submit(work, waiting[0])] = waiting[0]
                        waiting.popleft()
                    for future in pool.done(running):
                        made = future.result()
                        yield running.pop(future), made
        except BrokenProcessPool:
            yield from _one_by_one(work, running.values(), begin)


def _one_by_one(
    work: Callable[[_Job], _Made], jobs: Iterable[_Job], begin: Callable[[], object] | None
) -> Iterator[tuple[_Job, _Made | None]]:
    left = deque(jobs)
    while left:
        try:
            with Processes(1, begin) as pool:
                while left:
                    made = pool.result(pool.submit(work, left[0]))
                    yield left.popleft(), made
        except BrokenProcessPool:
            yield left.popleft(), None


def _begin(begin: Callable[..., object] | None, arguments: tuple[object, ...]) -> None:
    """Ctrl-C is the first process's to answer, whose end is every worker's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if begin:
        begin(*arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # killed as it was, it can end nobody; workers would wait for it for ever
