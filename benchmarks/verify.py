"""Before anything is measured every peer is asked: a fast answer that is wrong is worth nothing."""

import asyncio
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from benchmarks.addresses import Wanted
from benchmarks.client import Answer, Client
from benchmarks.load import CONNECTIONS, Failed
from benchmarks.peers.peer import Peer

DECODED = 40
"""How many answers of each peer are decoded whole; of the others the JPEG header is read."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What came of asking for everything once: bodies by the number of the request, the header lines of one answer."""

    bodies: tuple[bytes, ...]
    headers: tuple[tuple[str, str], ...]

    @property
    def mean_bytes(self) -> float:
        """Bytes of a body on average."""
        return sum(len(body) for body in self.bodies) / len(self.bodies)


def sweep(peer: Peer, wanted: Sequence[Wanted], *, slack: int = 0) -> Sweep:
    """Ask a peer for everything once. Raises Failed unless each answer is a JPEG of the right size.

    `slack` is by how many pixels a peer may round a side otherwise.
    """
    answers = asyncio.run(_ask_all(peer, wanted))
    step = max(1, len(wanted) // DECODED)
    for number, (want, answer) in enumerate(zip(wanted, answers, strict=True)):
        where = f"{peer.name}, {peer.path(want.scan, want.tail)}"
        if answer.status != 200:
            raise Failed(f"{where}: status {answer.status}: {answer.body[:200]!r}")
        found = jpeg_size(answer.body)
        if found is None or abs(found[0] - want.width) > slack or abs(found[1] - want.height) > slack:
            raise Failed(f"{where}: {found} in place of {want.width} × {want.height}")
        if number % step == 0:
            try:
                Image.open(io.BytesIO(answer.body)).load()
            except OSError as error:
                raise Failed(f"{where}: cannot be decoded: {error}") from error
    return Sweep(tuple(answer.body for answer in answers), answers[0].headers)


async def _ask_all(peer: Peer, wanted: Sequence[Wanted]) -> list[Answer]:
    answers: list[Answer | None] = [None] * len(wanted)
    numbers = iter(range(len(wanted)))

    async def ask_some() -> None:
        async with Client(peer.port) as client:
            for number in numbers:
                want = wanted[number]
                answers[number] = await client.get(peer.path(want.scan, want.tail))

    await asyncio.gather(*(ask_some() for _ in range(CONNECTIONS)))
    return [answer for answer in answers if answer is not None]


def jpeg_size(body: bytes) -> tuple[int, int] | None:
    """Return width and height as a JPEG's frame header says; None where it is no whole JPEG."""
    if not (body.startswith(b"\xff\xd8") and body.endswith(b"\xff\xd9")):
        return None
    at = 2
    while at + 9 < len(body) and body[at] == 0xFF:
        marker = body[at + 1]
        if marker in (0xC0, 0xC1, 0xC2):
            height, width = struct.unpack_from(">HH", body, at + 5)
            return width, height
        at += 2 + struct.unpack_from(">H", body, at + 2)[0]
    return None
