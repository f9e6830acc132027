"""Worker processes are ended as they are by the system and by broken decoders: whoever waits learns of it, nothing is left."""

import multiprocessing
import os
import select
import signal
import subprocess
import sys
from concurrent.futures import process as cpython
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from server import processes
from server.processes import Processes, work_through

_settled: list[str] = []


def double(number: int) -> int:
    return 2 * number


def refuse(number: int) -> int:
    raise ValueError(number)


def end_at_sevens(number: int) -> int:
    if number % 7 == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def wait_for_ever() -> None:
    signal.pause()


def settle(*said: str) -> None:
    _settled.extend(said)


def settled() -> list[str]:
    return _settled


def handles_interrupts() -> bool:
    return signal.getsignal(signal.SIGINT) != signal.SIG_IGN


def test_work_is_done_in_processes_that_were_told_how_to_begin() -> None:
    with Processes(2, settle, "kept", "here") as pool:
        futures = [pool.submit(double, number) for number in range(20)]
        assert [pool.result(future) for future in futures] == [2 * number for number in range(20)]
        assert pool.result(pool.submit(settled)) == ["kept", "here"]
        assert not pool.result(pool.submit(handles_interrupts)), "a terminal sends Ctrl-C to all of them"
        with pytest.raises(ValueError, match="5"):
            pool.result(pool.submit(refuse, 5))
        assert pool.result(pool.submit(os.getpid)) != os.getpid()
    assert _settled == []
    assert not multiprocessing.active_children()


def test_what_is_not_begun_is_forgotten_when_the_block_is_left() -> None:
    with Processes(1) as pool:
        futures = [pool.submit(double, number) for number in range(1000)]
    assert futures[-1].cancelled()
    assert all(future.done() for future in futures)


@pytest.mark.parametrize("number", [1, 3])
def test_the_end_of_a_process_is_told_to_everybody_who_waits(number: int) -> None:
    with Processes(number) as pool:
        futures = [pool.submit(end_at_sevens, 7) for _ in range(10)]
        for future in futures:
            with pytest.raises(BrokenProcessPool):
                pool.result(future)
        with pytest.raises(BrokenProcessPool):
            pool.submit(double, 1)
    assert not multiprocessing.active_children()


def test_a_pool_that_stops_half_way_leaves_no_process_and_no_future(monkeypatch: pytest.MonkeyPatch) -> None:
    """As CPython's does where its thread fails while it goes through work to which more is added."""

    def stop(thread: cpython._ExecutorManagerThread, _cause: object) -> None:
        pool: Any = thread.executor_reference()
        pool._broken = "a process ended"

    monkeypatch.setattr(cpython._ExecutorManagerThread, "terminate_broken", stop)
    monkeypatch.setattr(processes, "_SILENCE", 0.01)
    with Processes(3) as pool:
        endless = [pool.submit(wait_for_ever) for _ in range(2)]
        waiting = [pool.submit(end_at_sevens, number) for number in (7, 8)]
        with pytest.raises(BrokenProcessPool):
            pool.result(waiting[1])
    assert not multiprocessing.active_children()
    for error in (*(one.exception(0) for one in endless), *(one.exception(0) for one in waiting)):
        assert isinstance(error, BrokenProcessPool)


@pytest.mark.parametrize(("is_broken", "expected"), [(True, BrokenProcessPool), (False, OSError)])
def test_a_closed_pipe_is_told_as_the_end_of_a_process_where_it_is_that(
    monkeypatch: pytest.MonkeyPatch, is_broken: bool, expected: type[Exception]
) -> None:
    with Processes(1) as pool:
        told: Any = pool

        def close() -> None:
            told._broken = is_broken and "a process ended"
            raise OSError("handle is closed")

        monkeypatch.setattr(told._executor_manager_thread_wakeup, "wakeup", close)
        with pytest.raises(expected, match="handle is closed"):
            pool.submit(double, 1)
        monkeypatch.undo()


def test_where_no_more_may_begin_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    pools: Any = cpython.ProcessPoolExecutor
    begin = pools._spawn_process

    def begin_one(pool: Processes) -> None:
        if pool._processes:
            raise BlockingIOError("no more processes")
        begin(pool)

    monkeypatch.setattr(pools, "_spawn_process", begin_one)
    with pytest.raises(BlockingIOError, match="no more processes"):
        Processes(2)
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("number", [1, 3])
def test_all_work_is_done_but_what_ends_its_process(number: int) -> None:
    made = dict(work_through(end_at_sevens, range(1, 16), number))
    assert made == {one: None if one % 7 == 0 else one for one in range(1, 16)}
    assert not multiprocessing.active_children()


def test_no_work_begins_no_process() -> None:
    assert list(work_through(double, [], 2)) == []


_KILLED = """
import multiprocessing
from server.processes import Processes
from tests.unit.test_processes import wait_for_ever

pool = Processes(2)
print(*(worker.pid for worker in multiprocessing.active_children()), flush=True)
pool.submit(wait_for_ever)
pool.submit(wait_for_ever).result()
"""


def test_workers_end_with_a_process_that_is_killed(repository: Path) -> None:
    main = subprocess.Popen([sys.executable, "-c", _KILLED], cwd=repository, stdout=subprocess.PIPE, text=True)
    with main:
        assert main.stdout is not None
        workers = [os.pidfd_open(int(pid)) for pid in main.stdout.readline().split()]
        assert len(workers) == 2
        main.kill()
    for worker in workers:
        ended, _, _ = select.select([worker], [], [], 30)  # it can be read from once the process has ended
        os.close(worker)
        assert ended
