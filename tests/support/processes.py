"""Programs that the tests start: on free loopback ports, bounded in time, ended by their own process id."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil

LIFETIME = 7200
"""Seconds after which a program that outlived its tests (they were killed) ends by itself."""


def free_ports(count: int) -> list[int]:
    """Return `count` different TCP ports that are free on 127.0.0.1 now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def free_port() -> int:
    """Return one TCP port that is free on 127.0.0.1 now."""
    return free_ports(1)[0]


def bounded(command: Sequence[str | os.PathLike[str]], lifetime: int = LIFETIME) -> list[str]:
    """Return the command under coreutils' `timeout` where there is one: it ends though its tests were killed."""
    timeout = shutil.which("timeout")
    prefix = [timeout, "--kill-after=10", str(lifetime)] if timeout else []
    return [*prefix, *(os.fspath(part) for part in command)]


def end(process: subprocess.Popen[bytes], seconds: float = 15) -> None:
    """End a program and whatever it started: asked first, killed after `seconds`."""
    family = []
    with contextlib.suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
    for child in psutil.wait_procs(family, timeout=2)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


@contextlib.contextmanager
def running(
    command: Sequence[str | os.PathLike[str]],
    log: Path,
    ready: Callable[[], bool],
    *,
    seconds: float = 60,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
    lifetime: int = LIFETIME,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program while the block lasts. Raises RuntimeError with the end of its log when it does not get ready."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            bounded(command, lifetime),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )
    try:
        wait_until(ready, process, log, seconds)
        yield process
    finally:
        end(process)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    """Return when `ready` says so. Raises RuntimeError with the end of the log when the program ends or time is up."""
    limit = time.monotonic() + seconds
    while not ready():
        ended = process.poll() is not None
        if ended or time.monotonic() > limit:
            what = f"ended with status {process.returncode}" if ended else f"was not ready after {seconds:g} s"
            tail = log.read_text(errors="replace")[-3000:]
            raise RuntimeError(f"{process.args!r} {what}; the end of {log}:\n{tail}")
        time.sleep(0.02)


def answers(port: int) -> Callable[[], bool]:
    """Return a function that says whether something accepts connections on this port of 127.0.0.1."""

    def ask() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    return ask


def listeners(process: subprocess.Popen[bytes]) -> list[tuple[str, int]]:
    """Return address and port of every TCP socket that a program and its children listen on."""
    top = psutil.Process(process.pid)
    found = []
    for each in [top, *top.children(recursive=True)]:
        for connection in each.net_connections(kind="tcp"):
            if connection.status == psutil.CONN_LISTEN:
                found.append((connection.laddr.ip, connection.laddr.port))
    return sorted(found)
