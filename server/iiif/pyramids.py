"""The pyramids that are open in this process: where an image lies, its index, its file.

Kept for a few seconds without asking again, so that a tile costs no query; then asked again, so that a withdrawal is
seen. What is in use is asked for again before its time is over, so that nobody waits for it. Bounded in number; files
are closed when the last request that uses them is done. Must not import flask.
"""

import asyncio
import errno
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from server.errors import ImageError, Overloaded, RequestError
from server.imaging.index import TileIndex
from server.imaging.tiles import PyramidReader
from server.storage import Storage

MOST_OPEN = 256
"""Pyramids open at once in one process: each may hold a file, and the system lets a process have about a thousand."""

MOST_INDEX_BYTES = 64 * 2**20
_AHEAD = 0.4
"""Part of its lifetime that is left when a pyramid in use is asked for again."""

_ELSEWHERE = frozenset({errno.EAGAIN, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
_NOWAIT: int = getattr(os, "RWF_NOWAIT", 0)
_buffer = bytearray(2**20)
_room = memoryview(_buffer)


@dataclass(frozen=True, slots=True)
class PartOf:
    """A document that an image is a part of: the address of its manifest and its label, a language map."""

    address: str
    label: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ImageLocation:
    """Where a published image lies and what its info.json says. Sizes in pixels; keys are of the storage.

    `version` changes whenever the image does; `rights_uri` may be empty; `part_of` are documents.
    """

    image: str
    tif_key: str
    index_key: str
    width: int
    height: int
    version: str
    last_modified: datetime
    rights_uri: str = ""
    part_of: tuple[PartOf, ...] = ()


Lookup = Callable[[str], ImageLocation]
"""Find a published image. Raises Unknown, Withdrawn."""


class OpenFile:
    """A file held open, closed when nobody holds this any more."""

    __slots__ = ("_handle", "_nowait")

    def __init__(self, path: Path) -> None:
        try:
            self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                raise Overloaded("too many files are open at this moment; please try again in a few seconds") from error
            raise ImageError(f"a pyramid cannot be opened: {error.strerror}") from error
        self._nowait = bool(_NOWAIT)

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            os.close(self._handle)

    @property
    def size(self) -> int:
        """Size in bytes."""
        return os.fstat(self._handle).st_size

    def read_now(self, offset: int, length: int) -> memoryview | None:
        """Return bytes that are in memory, good until the next call; None where one must wait for a disk.

        For the event loop alone: what is read stands in a buffer that all files share.
        """
        if not self._nowait or length > len(_buffer):
            return None
        room = _room[:length]
        try:
            count = os.preadv(self._handle, (room,), offset, _NOWAIT)
        except OSError as error:
            if error.errno not in _ELSEWHERE:
                raise ImageError(f"a pyramid cannot be read: {error.strerror}") from error
            if error.errno != errno.EAGAIN:
                self._nowait = False  # this file system cannot; do not ask again
            return None
        return room if count == length else None

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes, waiting for the disk. Raises ImageError where the file ends before."""
        pieces = []
        while length:
            try:
                piece = os.pread(self._handle, length, offset)
            except OSError as error:
                raise ImageError(f"a pyramid cannot be read: {error.strerror}") from error
            if not piece:
                raise ImageError("a pyramid ends before its last tile; ingest its view again")
            pieces.append(piece)
            offset, length = offset + len(piece), length - len(piece)
        return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class OpenPyramid:
    """A pyramid that is open, good until `expires` on the monotonic clock. `file` is None where it lies elsewhere."""

    location: ImageLocation
    reader: PyramidReader
    file: OpenFile | None
    expires: float

    def read_now(self, number: int) -> bytes | None:
        """Return a stored tile or picture whose bytes are in memory, on the event loop; None where one must wait.

        Raises ImageError where it is damaged.
        """
        if self.file is None:
            return None
        index = self.reader.index
        offset, length, needs_head = index.place(number)
        stored = self.file.read_now(offset, length)
        if stored is None:
            return None
        if not index.is_sound(number, stored):
            raise ImageError(f"{self.reader.name}: {index.name(number)} is damaged; ingest its view again")
        return b"".join((index.head, stored)) if needs_head else bytes(stored)


class OpenPyramids:
    """The pyramids open in this process, by the name of the image."""

    def __init__(
        self,
        storage: Storage,
        lookup: Lookup,
        threads: Executor,
        lifetime: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage, self._lookup, self._threads = storage, lookup, threads
        self._lifetime, self._clock = lifetime, clock
        self._open: OrderedDict[str, OpenPyramid] = OrderedDict()
        self._index_bytes = 0
        self._opening: dict[str, asyncio.Future[OpenPyramid]] = {}

    def ready(self, image: str) -> OpenPyramid | None:
        """Return a pyramid that is open and good, without waiting."""
        found = self._open.get(image)
        if found is None:
            return None
        left = found.expires - self._clock()
        if left <= 0:
            return None
        if left < self._lifetime * _AHEAD and image not in self._opening:
            with suppress(RuntimeError):  # the worker is ending: its threads take nothing new
                _ = self._begin(image)  # done long before the time is over; this one is good till then
        return found

    async def get(self, image: str) -> OpenPyramid:
        """Return an open pyramid; several requests for one that is not open wait for the same opening.

        Raises Unknown, Withdrawn, NotStored, StorageError, ImageError.
        """
        found = self.ready(image)
        if found is not None:
            return found
        return await asyncio.shield(self._opening.get(image) or self._begin(image))

    def forget(self, image: str) -> None:
        """Let go of a pyramid: it is asked for anew next time."""
        found = self._open.pop(image, None)
        if found is not None:
            self._index_bytes -= found.reader.index.memory

    def _begin(self, image: str) -> "asyncio.Future[OpenPyramid]":
        """Look for an image and open it in a thread."""
        loop = asyncio.get_running_loop()
        opening = loop.run_in_executor(self._threads, self._look_and_open, image, self._open.get(image))
        self._opening[image] = opening
        opening.add_done_callback(lambda done: self._opened(image, done))
        return opening

    def _opened(self, image: str, done: "asyncio.Future[OpenPyramid]") -> None:
        self._opening.pop(image, None)
        error = None if done.cancelled() else done.exception()
        if error is not None and not isinstance(error, RequestError):
            return  # it could not be looked for: what is open stays good for its time
        self.forget(image)
        if done.cancelled() or error is not None:
            return
        self._open[image] = done.result()
        self._index_bytes += done.result().reader.index.memory
        while len(self._open) > MOST_OPEN or (self._index_bytes > MOST_INDEX_BYTES and len(self._open) > 1):
            self.forget(next(iter(self._open)))

    def _look_and_open(self, image: str, known: OpenPyramid | None) -> OpenPyramid:
        asked = self._clock()
        location = self._lookup(image)
        expires = asked + self._lifetime
        if known is not None and known.location.tif_key == location.tif_key:
            return replace(known, location=location, expires=expires)
        index = TileIndex.load(self._storage.get(location.index_key), location.index_key)
        path = self._storage.local_path(location.tif_key)
        file = OpenFile(path) if path is not None else None
        size = file.size if file is not None else self._storage.size(location.tif_key)
        if size != index.tif_size or (index.width, index.height) != (location.width, location.height):
            raise ImageError(f"{location.tif_key}: does not fit its index or its record; ingest its view again")
        key, storage = location.tif_key, self._storage
        read = file.read if file is not None else lambda offset, length: storage.read(key, offset, length)
        return OpenPyramid(location, PyramidReader(image, index, read), file, expires)
