"""Parts of manifests (canvases, ranges, annotations, sequences), cut out of them where they are asked for by themselves.

To cut one out, the whole manifest is parsed: 50 ms for 1.4 MB, where sending it takes less than one. So that is done in
a thread of its own, where no manifest ever waits behind it, for so many at once, and once for whoever asks for one canvas
after another. Must not import flask.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from server.catalogue.published import find_document, find_stamp
from server.errors import Overloaded

if TYPE_CHECKING:
    from sqlalchemy import Connection

THREADS = 1
"""Threads for parts in each worker: parsing holds the interpreter, so a second one would win nothing."""

MOST_WAITING = 64
"""Parts that wait for the thread; more are answered with 503."""

MOST_KEPT, MOST_BYTES_KEPT = 4, 4 * 2**20
"""Parsed manifests that are kept: in number, and in bytes of JSON, which are some six times as many when parsed. The
last one is kept in any case: it had to be parsed at once to be answered from."""

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class OpenManifest:
    """A parsed manifest: `parts` are what is described under each address. Not to be changed by who reads it."""

    modified: datetime
    whole: dict[str, Any]
    parts: Mapping[str, dict[str, Any]]


class Parts:
    """The thread in which parts are looked up, and the manifests that were parsed last."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="parts")
        self._running = 0
        # used in the one thread only
        self._kept: OrderedDict[str, tuple[int, dict[str, Any], Mapping[str, dict[str, Any]]]] = OrderedDict()

    async def run(self, look_up: Callable[[], _Found]) -> _Found:
        """Do this when its turn has come. Raises Overloaded where too many wait already."""
        if self._running >= THREADS + MOST_WAITING:
            raise Overloaded("too many parts of manifests are asked for; please try again in a few seconds")
        self._running += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        finally:
            self._running -= 1

    def open(self, connection: "Connection", name: str, kind: str, key: str) -> OpenManifest:
        """Return a manifest, parsed; `key` is what addresses stand under (`id`, `@id`). Raises Unknown, Withdrawn.

        The catalogue is asked each time which manifest is the one: only bytes that it names are answered from.
        """
        digest, modified = find_stamp(connection, name, kind)
        found = self._kept.get(digest)
        if found is None:
            plain = find_document(connection, name, kind).plain
            whole = json.loads(plain)
            found = (len(plain), whole, _by_address(whole, key))
            self._kept[digest] = found
            while len(self._kept) > 1 and (len(self._kept) > MOST_KEPT or self.size > MOST_BYTES_KEPT):
                self._kept.popitem(last=False)
        self._kept.move_to_end(digest)
        return OpenManifest(modified, found[1], found[2])

    @property
    def size(self) -> int:
        """Bytes of JSON of what is kept."""
        return sum(size for size, _, _ in self._kept.values())

    def close(self) -> None:
        """Let the thread go."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _by_address(tree: Any, key: str) -> dict[str, dict[str, Any]]:
    """Return what is described under each address of a tree: of several, the one that says most of it.

    A reference (`start`, a canvas in a range) has the same id, but only id and type.
    """
    found: dict[str, dict[str, Any]] = {}
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            address = node.get(key)
            if isinstance(address, str) and (address not in found or len(node) > len(found[address])):
                found[address] = node
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    return found
