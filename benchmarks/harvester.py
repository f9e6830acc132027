"""A harvester that costs next to nothing: one kept connection, bytes read into one buffer, and only the token looked for.

A page's time is from its request to its last byte. What is done with it afterwards, the counting of its records above all,
counts as no time of the server's; while that goes on, the server has nothing to do.
"""

import gzip
import re
import socket
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from benchmarks.load import Failed

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TOKEN = re.compile(rb"<resumptionToken[^>]*>\s*([^<\s]+)\s*<")
_TAIL = 4000
_MOST = 80 * 2**20


@dataclass(frozen=True, slots=True)
class Harvest:
    """A harvest: records, bytes as they came over the wire, and seconds; the rest are milliseconds.

    `opening` is the very first page, which counts the list; `first` and `last` are the medians of pages at its beginning
    and its end, which are asked for again in turns when the list has come whole: what else the machine does meets both.
    `memory` has bytes, taken now and then.
    """

    records: int
    size: int
    seconds: float
    opening: float = 0.0
    first: float = 0.0
    last: float = 0.0
    memory: tuple[int, ...] = ()

    @property
    def speed(self) -> float:
        """Records a second."""
        return self.records / self.seconds


class Connection:
    """A connection that is kept."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=600)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(_MOST)
        self._view = memoryview(self._buffer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._view.release()
        self._socket.close()

    def get(self, target: str, *, packed: bool) -> memoryview:
        """Return the body of an answer, which is good until the next one. Raises Failed where it is no 200."""
        encoding = "Accept-Encoding: gzip\r\n" if packed else ""
        self._socket.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{encoding}\r\n".encode())
        have, begin = 0, -1
        while begin < 0:
            have = self._receive(have, _MOST)
            begin = self._buffer.find(b"\r\n\r\n", 0, have)
        head = bytes(self._view[:begin])
        length = _LENGTH.search(head)
        if b" 200 " not in head[:20] or length is None:
            raise Failed(f"{target} was answered with {head[:300]!r}")
        end = begin + 4 + int(length[1])
        while have < end:
            have = self._receive(have, end)
        return self._view[begin + 4 : end]

    def _receive(self, have: int, most: int) -> int:
        taken = self._socket.recv_into(self._view[have:most])
        if not taken:
            raise Failed("the connection was closed in the middle of an answer")
        return have + taken


def harvest(
    port: int,
    path: str,
    arguments: str,
    *,
    most: int = 0,
    packed: bool = False,
    memory: Callable[[], int] | None = None,
) -> Harvest:
    """Take a list to its end, or so many pages of it; raise Failed where an answer is not what it must be."""
    times: list[float] = []
    targets: list[str] = []
    held: list[int] = []
    records = size = 0
    target = f"{path}?{arguments}"
    verb = arguments.partition("&")[0]
    with Connection(port) as connection:
        while target:
            asked = time.perf_counter()
            body = connection.get(target, packed=packed)
            times.append(time.perf_counter() - asked)
            targets.append(target)
            size += len(body)
            page = gzip.decompress(body) if packed else bytes(body)
            body.release()
            found = page.count(b"<header")
            if not found:
                raise Failed(f"{target} was answered without a record: {page[:300]!r}")
            records += found
            token = _TOKEN.search(page[-_TAIL:])
            target = f"{path}?{verb}&resumptionToken={quote(token[1].decode(), safe='')}" if token else ""
            if memory is not None and len(times) % 20 == 10:
                held.append(memory())
            if most and len(times) >= most:
                break
        first, last = _edges(connection, targets, packed=packed)
    return Harvest(records, size, sum(times), times[0] * 1e3, first, last, tuple(held))


def come_back(port: int, path: str, arguments: str, times: int) -> Harvest:
    """Take a list of one page so many times over one connection; its seconds are the median's."""
    target = f"{path}?{arguments}"
    taken: list[float] = []
    with Connection(port) as connection:
        for _ in range(times + 1):  # the first one opens the connection, and is not counted
            asked = time.perf_counter()
            body = connection.get(target, packed=False)
            taken.append(time.perf_counter() - asked)
            page = bytes(body)
            body.release()
    if _TOKEN.search(page[-_TAIL:]):
        raise Failed(f"{target} has more than one page")
    seconds = statistics.median(taken[1:])
    return Harvest(page.count(b"<header"), len(page), seconds, seconds * 1e3, seconds * 1e3, seconds * 1e3)


def _edges(connection: Connection, targets: Sequence[str], *, packed: bool) -> tuple[float, float]:
    """Return what a page at the beginning and one at the end of a list take, in milliseconds; a token may be used again."""
    edge = max(1, min(50, len(targets) // 4))
    ends = (targets[1 : edge + 1] or targets, targets[-edge - 1 : -1] or targets)
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(edge):
        for kept, pages in zip(times, ends, strict=True):
            asked = time.perf_counter()
            connection.get(pages[turn % len(pages)], packed=packed).release()
            kept.append(time.perf_counter() - asked)
    first, last = (statistics.median(kept) * 1e3 for kept in times)
    return first, last
