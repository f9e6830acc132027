"""Killing a process at every point where it writes: the instruments, for the programs that the tests of kill -9 start.

The points are found by instrumentation, not listed by hand: every file opened for writing, every rename, link, removal
and new folder (Python's audit events), and both sides of every commit. A fresh child is killed at each of them (at every
second with `1 2` and `2 2`, and so on), what it did is done again to its end, and all that is kept is compared with what
a run leaves that nobody disturbed. A child is a fork: it need not load what takes long, nor translate the statements of
SQL, which would be nine tenths of its life.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "os.truncate"}


class Points:
    """Counts the points that are passed, waits at each where that is asked, and kills the process at one of them."""

    def __init__(self, kill_at: int | None, wait: Callable[[], None] | None = None) -> None:
        self.passed = 0
        self.kill_at = kill_at
        self.wait = wait
        self.is_on = False

    def hit(self) -> None:
        """Pass a point."""
        if not self.is_on:
            return
        self.passed += 1
        if self.wait is not None:
            self.wait()
        if self.passed == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Count from now on, for the life of the process."""

        def heard(event: str, arguments: tuple[Any, ...]) -> None:
            if event in _CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING):
                self.hit()

        sys.addaudithook(heard)
        commit = DefaultDialect.do_commit

        def watched_commit(dialect: DefaultDialect, connection: Any) -> None:
            self.hit()
            commit(dialect, connection)  # type: ignore[no-untyped-call]  # SQLAlchemy's own
            self.hit()

        DefaultDialect.do_commit = watched_commit  # type: ignore[method-assign]
        self.is_on = True


def child(kill_at: int | None, walk: Callable[[], None], at_each: Callable[[], None] | None = None) -> tuple[bool, int]:
    """Walk in a child process; return whether it was killed, and how many points it passed.

    It waits at each point while `at_each` runs in this process.
    """
    reading, writing = os.pipe()
    going_on, sending_on = os.pipe()

    def wait() -> None:
        os.write(writing, b".")
        if not os.read(going_on, 1):
            os._exit(1)  # nobody waits for us any more

    process = os.fork()
    if process == 0:
        os.close(reading)
        os.close(sending_on)
        status = 1
        try:
            points = Points(kill_at, None if at_each is None else wait)
            points.watch()
            walk()
            points.is_on = False
            os.write(writing, str(points.passed).encode())
            status = 0
        except BaseException:  # noqa: BLE001  # the parent hears only the status: say here what happened
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(writing)
    os.close(going_on)
    with os.fdopen(reading, "rb", buffering=0) as pipe, os.fdopen(sending_on, "wb", buffering=0) as answer:
        told = pipe.read(1)
        while told == b"." and at_each is not None:
            at_each()
            answer.write(b".")
            told = pipe.read(1)
        told += pipe.readall()
    _, status = os.waitpid(process, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit(f"the walk failed, killed at {kill_at}")
    return os.WIFSIGNALED(status), int(told or 0)


def kill_each(
    part: int, parts: int, make_ready: Callable[[], None], walk: Callable[[], None], see: Callable[[], dict[str, Any]]
) -> int:
    """Kill a walk at the points of one part and walk again; return the exit status: 1 where what is seen then is not the same."""
    make_ready()
    _, points = child(None, walk)
    expected = see()
    differences = 0
    chosen = range(part, points + 1, parts)
    for point in chosen:
        make_ready()
        was_killed, _ = child(point, walk)
        if not was_killed:
            print(f"point {point}: was not killed")
            differences += 1
        child(None, walk)
        differences += tell_differences(f"point {point}", expected, see())
    print(f"killed at {len(chosen)} of {points} points, {differences} differences")
    return 1 if differences else 0


def must_be_alone() -> None:
    """Raise SystemExit where threads run beside this one: children would not have them."""
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        raise SystemExit(f"{threads} threads are running: they would be missing in the children")


def tell_differences(where: str, expected: dict[str, Any], found: dict[str, Any]) -> int:
    """Say in what they differ; return in how many aspects."""
    different = [aspect for aspect in expected if found[aspect] != expected[aspect]]
    for aspect in different:
        print(f"{where}: {aspect} differ: {_difference(expected[aspect], found[aspect])}")
    return len(different)


def _difference(expected: Any, found: Any) -> str:
    if isinstance(expected, dict):
        told = {}
        for key in {*expected, *found}:
            pair = expected.get(key), found.get(key)
            if pair[0] != pair[1]:
                # Of rows, those of one side only: a table may hold many.
                told[key] = [_only(*pair), _only(*reversed(pair))] if isinstance(pair[0], list) else list(pair)
        return str(told)[:1200]
    return f"{expected} {found}"[:600]


def _only(these: Any, those: Any) -> list[Any]:
    return [each for each in these or () if each not in (those or ())]
