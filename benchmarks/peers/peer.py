"""What a benchmark knows of a server: its name in the tables, where it answers, what it calls the scans."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

BUILD = Path(__file__).parents[2] / "build" / "bench"
"""Where everything is made that a benchmark needs; git-ignored."""

WORKERS = 2
"""Processes of every server that can have several: one for each core of the machine that the marks come from."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A running server. `prefix` is the path before an image's name; `images` has its names for the scans.

    `kernel` says how it resizes; `programs` are those that belong to it, for its memory.
    """

    name: str
    port: int
    prefix: str
    images: Mapping[str, str]
    programs: tuple[subprocess.Popen[bytes], ...] = ()
    kernel: str = ""
    log: Path | None = field(default=None, compare=False)

    def path(self, scan: str, tail: str) -> str:
        """Return the path of a request, from its scan and what follows the image's name."""
        return f"{self.prefix}/{self.images[scan]}/{tail}"

    def memory(self) -> int:
        """Return the bytes of memory that its processes take, what they share counted once (PSS)."""
        return sum(proportional_bytes(pid) for pid in self.pids())

    def pids(self) -> list[int]:
        """Return the ids of its processes, without the `timeout` that watches over them."""
        found: list[int] = []
        for program in self.programs:
            top = psutil.Process(program.pid)
            found += [each.pid for each in (top, *top.children(recursive=True)) if each.name() != "timeout"]
        return found


def proportional_bytes(pid: int) -> int:
    """Return the proportional set size of a process in bytes (Linux); its resident size where that is not to be had."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return int(psutil.Process(pid).memory_info().rss)
