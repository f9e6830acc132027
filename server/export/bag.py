"""Writing a BagIt package (RFC 8493) file by file: every byte is read once, its digest taken on the way.

Built under a name of its own and given its name at the end: what has the name is whole.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.errors import StorageError
from server.storage.base import Storage
from server.told import told

_CHUNK = 8 * 2**20


class BagWriter:
    """A bag being written into a folder that is made for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self._payload: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._elsewhere: list[tuple[str, int, str]] = []

    def add(self, path: str, body: bytes) -> None:
        """Add a file to the payload; `path` is below `data/`."""
        self.stream(path, iter((body,)), hashlib.sha256(body).hexdigest())

    def stream(self, path: str, chunks: Iterator[bytes], digest: str | None) -> str:
        """Add a file to the payload from its bytes; return their digest. Raises StorageError where it is not the one given."""
        name = f"data/{path}"
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        running, size = hashlib.sha256(), 0
        with target.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
                running.update(chunk)
                size += len(chunk)
        if digest not in (None, running.hexdigest()):
            target.unlink()
            raise StorageError(
                told("{path}: its bytes are not those that were delivered; look at the storage", path=str(path))
            )
        self._payload[name], self._sizes[name] = running.hexdigest(), size
        return self._payload[name]

    def name_elsewhere(self, path: str, place: Path, digest: str, size: int) -> None:
        """Say where a file of the payload is to be fetched from (RFC 8493 §2.2.3), in place of its bytes."""
        name = f"data/{path}"
        self._payload[name] = digest
        self._elsewhere.append((place.as_uri(), size, name))

    def tag(self, path: str, told: Any) -> None:
        """Add a file beside the payload, as JSON."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")

    def close(self, info: dict[str, str]) -> None:
        """Write the declaration, the manifests and what the bag says of itself."""
        (self.folder / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        sizes = sum(self._sizes.values()) + sum(size for _, size, _ in self._elsewhere)
        told = {**info, "Payload-Oxum": f"{sizes}.{len(self._payload)}"}
        lines = "".join(f"{key}: {' '.join(value.split())}\n" for key, value in told.items())
        (self.folder / "bag-info.txt").write_text(lines, encoding="utf-8")
        self._list("manifest-sha256.txt", self._payload)
        if self._elsewhere:
            lines = "".join(f"{url} {size} {_escaped(name)}\n" for url, size, name in self._elsewhere)
            (self.folder / "fetch.txt").write_text(lines, encoding="utf-8")
        tags = sorted(path for path in self.folder.rglob("*") if path.is_file())
        digests = {
            path.relative_to(self.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in tags
            if path.relative_to(self.folder).parts[0] != "data"
        }
        self._list("tagmanifest-sha256.txt", digests)

    def _list(self, name: str, digests: dict[str, str]) -> None:
        lines = "".join(f"{digest}  {_escaped(path)}\n" for path, digest in sorted(digests.items()))
        (self.folder / name).write_text(lines, encoding="utf-8")


def read_stored(storage: Storage, key: str) -> Iterator[bytes]:
    """Yield what is stored under a key, a part at a time. Raises NotStored, StorageError."""
    size = storage.size(key)
    for start in range(0, size, _CHUNK):
        yield storage.read(key, start, min(_CHUNK, size - start))


def read_file(path: Path) -> Iterator[bytes]:
    """Yield a file, a part at a time."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def plain_name(name: str) -> str:
    """Return a name that every file system takes."""
    return re.sub(r"[^\w.() -]", "_", name)[-150:].strip(" .") or "file"


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
