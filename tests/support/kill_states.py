"""What a killed process leaves on the disk, kept at every point of one walk: each different state is walked on from once.

SIGKILL runs nothing of a process: what is left is what lies on the disk at that moment, and no lock. So one walk, which
stops at each of its points while everything is copied, gives what as many killed processes would have left. Many points
have the same state (nothing was written between them), and what begins from the same bytes ends alike. That a process
which is killed leaves just this is seen by killing some in truth.
"""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.kill_points import child, kill_each, tell_differences

TRUE_KILLS = 32
"""One of so many points is one at which a process is killed in truth as well."""


@dataclass
class Disk:
    """All that a walk writes, a home folder and a SQLite database, and the states in which they were, in their order."""

    home: Path
    database: Path
    kept: Path
    states: list[str] = field(default_factory=list)

    def keep(self) -> None:
        """Remember what lies there now; copy it, unless it lay there at a point before."""
        state = self._digest()
        if state not in self.states:
            copy = self.kept / state
            copy.mkdir(parents=True)
            if self.home.exists():
                shutil.copytree(self.home, copy / "home")
            for path in self._database_files():
                _copy(path, copy / path.name)
        self.states.append(state)

    def restore(self, state: str) -> None:
        """Put a state back in its place."""
        shutil.rmtree(self.home, ignore_errors=True)
        for path in self._database_files():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        copy = self.kept / state
        if (copy / "home").exists():
            shutil.copytree(copy / "home", self.home)
        for path in copy.glob(f"{self.database.name}*"):
            _copy(path, self.database.with_name(path.name))

    def _database_files(self) -> list[Path]:
        """Return the database and what lies beside it under its name: the log, and a folder of locks."""
        return sorted(self.database.parent.glob(f"{self.database.name}*"))

    def _digest(self) -> str:
        """Return a digest of names and bytes, without the index of SQLite's log (`-shm`): the next to open it makes it anew."""
        digest = hashlib.sha256()
        database = [path for path in self._database_files() if not path.name.endswith("-shm")]
        beside = [path for folder in database for path in folder.rglob("*")]
        for path in [*sorted(self.home.rglob("*")), *database, *sorted(beside)]:
            is_file = path.is_file()
            digest.update(f"{path}\0{is_file}\0".encode())
            if is_file:
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def walk_on_from_each(
    disk: Disk, make_ready: Callable[[], None], walk: Callable[[], None], see: Callable[[], dict[str, Any]]
) -> int:
    """Walk on from what every point leaves, and kill at some; return the exit status: 1 where what is seen then is not the same."""
    make_ready()
    _, points = child(None, walk, disk.keep)
    expected = see()
    chosen = list(dict.fromkeys(disk.states))
    differences = 0
    for state in chosen:
        disk.restore(state)
        child(None, walk)
        differences += tell_differences(f"point {disk.states.index(state) + 1}", expected, see())
    print(
        f"walked on from {len(disk.states)} of {points} points, which leave {len(chosen)} states, {differences} differences"
    )
    failed = kill_each(1, TRUE_KILLS, make_ready, walk, see)
    return 1 if differences or failed else 0
