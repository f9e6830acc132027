"""What the files of a delivery were found to be, written down while they are read: a run that was killed reads on.

A digest is believed again while the file has the same device, number (inode), size, and moments of its last change, of its
bytes and of its entry (the latter nobody can set back), and was at rest when it was read. After a month it is read anew in any
case: a disk may change what nobody wrote. No database; one file a delivery, a line of JSON a file.
"""

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from server.errors import DeliveryError
from server.told import told

BELIEVED_SECONDS = 30 * 86_400
_RESTING_SECONDS = 2.0
"""How old the last change must be when a file is read: a later one in the same tick of the clock would not show."""

Found = Mapping[str, str]
"""Digests in hexadecimal by the algorithm."""


@dataclass(frozen=True, slots=True)
class State:
    """What of a file changes when its bytes do."""

    device: int
    number: int
    size: int
    changed: int
    entered: int

    @classmethod
    def of(cls, facts: os.stat_result) -> "State":
        """Return the state of a file."""
        return cls(facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)

    @property
    def key(self) -> str:
        """The state as one word."""
        return f"{self.device:x}.{self.number:x}.{self.size:x}.{self.changed:x}.{self.entered:x}"


class Digests:
    """What is known of the files of one delivery; what is found is added to its file at once."""

    def __init__(self, handle: int, known: dict[str, Found]) -> None:
        self._handle, self._known = handle, known
        self._lock = threading.Lock()

    @property
    def known(self) -> int:
        """How many files were read before."""
        return len(self._known)

    def find(self, path: str, state: State, algorithms: set[str]) -> Found | None:
        """Return the digests of a file that has not changed, where all that are asked for are known."""
        found = self._known.get(_name(path, state))
        return found if found is not None and algorithms <= found.keys() else None

    def keep(self, path: str, state: State, found: Found) -> None:
        """Write down what a file was found to be, as one write: a line is there, or it is not."""
        if time.time() - max(state.changed, state.entered) / 1e9 < _RESTING_SECONDS:
            return
        name = _name(path, state)
        line = json.dumps({"at": int(time.time()), "file": name, "found": dict(found)}).encode() + b"\n"
        with self._lock:
            self._known[name] = found
            try:
                os.write(self._handle, line)
            except OSError as error:
                raise DeliveryError(
                    told(
                        "what was read cannot be written down: {strerror}; free some room in VITRINE_HOME_DIR, "
                        "then run the same command again: it goes on where it was",
                        strerror=error.strerror,
                    )
                ) from None


@contextmanager
def open_digests(home: Path, root: Path) -> Iterator[Digests]:
    """Open what is known of the files of a delivery, by the folder that it lies in."""
    folder = home / "digests"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256(os.fsencode(root.resolve())).hexdigest()[:32]}.jsonl"
    _forget(folder)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        known = _read(path)
        size = path.stat().st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            os.write(handle, b"\n")  # after a line that was cut off
        yield Digests(handle, known)
    finally:
        os.close(handle)


def _name(path: str, state: State) -> str:
    return sha256(f"{path}\0{state.key}".encode()).hexdigest()[:32]


def _read(path: Path) -> dict[str, Found]:
    known: dict[str, Found] = {}
    oldest = time.time() - BELIEVED_SECONDS
    with path.open("rb") as lines:
        for line in lines:
            try:
                said = json.loads(line)
                if said["at"] >= oldest:
                    known[said["file"]] = {str(name): str(digest) for name, digest in said["found"].items()}
            except (ValueError, TypeError, KeyError, AttributeError):
                continue  # cut off, or of another version
    return known


def _forget(folder: Path) -> None:
    """Take away what is too old to be believed: the last line was written when the file was last changed."""
    for path in folder.glob("*.jsonl"):
        try:
            if time.time() - path.stat().st_mtime > BELIEVED_SECONDS:
                path.unlink()
        except FileNotFoundError:
            continue  # another command was quicker
