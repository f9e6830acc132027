"""The sample holdings, made and published by the script that `make demo` runs, and served."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import answers, free_port, running
from tests.support.skips import REPOSITORY

MAKING_SECONDS = 900


@dataclass(frozen=True)
class Demo:
    """The running server of the sample holdings."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]


def environment() -> dict[str, str]:
    """Return the environment in which the scripts find the installed command, and nobody's settings."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")}
    return plain | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


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
def demo_server(home: Path) -> Iterator[Demo]:
    """Serve the sample holdings while the block lasts."""
    port = free_port()
    make_holdings(home, port)
    served = environment() | {"VITRINE_HOME_DIR": str(home), "VITRINE_PORT": str(port)}
    command: list[str | Path] = [Path(sys.executable).with_name("vitrine"), "serve"]
    with running(command, home / "serve.log", answers(port), env=served, cwd=REPOSITORY) as process:
        yield Demo(f"http://127.0.0.1:{port}", home, process)
