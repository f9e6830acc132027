"""The sample holdings, made and published by the script that `make demo` runs, and served: once for all who test."""

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tests.support.processes import answers, free_port, running
from tests.support.skips import REPOSITORY

MAKING_SECONDS = 900


@dataclass(frozen=True)
class Demo:
    """The running server of the sample holdings."""

    url: str
    home: Path


def environment() -> dict[str, str]:
    """Return the environment in which the scripts find the installed command, and nobody's settings."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")}
    return plain | {"VITRINE_LANGUAGE": "en", "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def make_holdings(home: Path, port: int) -> subprocess.CompletedProcess[str]:
    """Make and publish the sample holdings in `home`. Raises RuntimeError with the end of what was said."""
    done = subprocess.run(
        ["sh", "scripts/holdings.sh", str(home), str(port)],
        cwd=REPOSITORY,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=MAKING_SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"the sample holdings were not made (status {done.returncode}):\n{done.stdout[-4000:]}")
    return done


@contextlib.contextmanager
def shared_demo(folder: Path) -> Iterator[Demo]:
    """Have the sample holdings of a folder served while the block lasts, by this process or by another that needs them.

    Who is first makes and serves them, and stays until nobody else needs them. Locks tell who there is, as they end with
    the process that holds them: `turn` is held while somebody begins or ends, `users` by everybody, shared.
    """
    home, address = folder / "home", folder / "address"
    folder.mkdir(exist_ok=True)
    with (folder / "turn").open("a") as turn, (folder / "users").open("a") as users, contextlib.ExitStack() as served:
        with _held(turn):
            is_first = _is_alone(users)
            if is_first:
                port = int(address.read_text()) if address.exists() else free_port()
                make_holdings(home, port)
                address.write_text(str(port))
                served.enter_context(_server(home, port))
            fcntl.flock(users, fcntl.LOCK_SH)
        yield Demo(f"http://127.0.0.1:{address.read_text()}", home)
        while is_first:
            with _held(turn):
                if _is_alone(users):
                    served.close()
                    break
                fcntl.flock(users, fcntl.LOCK_SH)
            time.sleep(0.2)


@contextlib.contextmanager
def _held(turn: TextIO) -> Iterator[None]:
    fcntl.flock(turn, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(turn, fcntl.LOCK_UN)


def _is_alone(users: TextIO) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def _server(home: Path, port: int) -> Iterator[None]:
    served = environment() | {"VITRINE_HOME_DIR": str(home), "VITRINE_PORT": str(port)}
    command: list[str | Path] = [Path(sys.executable).with_name("vitrine"), "serve"]
    with running(command, home / "serve.log", answers(port), env=served, cwd=REPOSITORY):
        yield
