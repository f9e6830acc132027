"""What each worker holds while 20 000 mixed requests are answered and 10 000 more: below its floor, and flat by then.

    python -m benchmarks.memory [--quick] [--requests 20000] [--write]

Tiles, regions, thumbnails, info.json, every format, turned pictures, large ones, the worst and mistakes, from a seeded
generator over eight kept connections. The memory of each worker (RSS, and PSS, which shares out what processes have in common) is
read thirty times. Exit status 1 where a floor is missed, or where anything was answered with a 500.
"""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import psutil

from benchmarks.addresses import Wanted, regions, thumbnails, tiles, whole
from benchmarks.client import Client
from benchmarks.load import CONNECTIONS, Failed, median
from benchmarks.peers.peer import Peer, proportional_bytes
from benchmarks.peers.vitrine import install, vitrine
from benchmarks.report import Mark, finish, options, table
from benchmarks.scans import SCANS

TILE_SIZE = 512
SAMPLES = 30
MOST_MEGABYTES = 250.0
MOST_GROWTH = 1.05
FORMATS = ("png", "webp", "gif", "tif", "avif")
LARGE_AREA = 22_000_000
WORST = (
    "full/max/90/default.jpg", "full/max/90/default.png", "full/max/90/default.tif", "full/max/0/default.webp",
    "full/max/45/default.webp", "full/max/0/default.gif", "full/max/0/default.avif", "full/max/45/default.tif",
)  # fmt: skip
"""What takes the most memory of all that is accepted (tests/unit/imaging/test_memory.py)."""
SHARES = {
    "tile": 599, "region": 120, "thumbnail": 90, "info": 80, "format": 50, "turned": 20, "mistake": 37, "large": 2, "worst": 2,
}  # fmt: skip
"""How many of a thousand requests are of each kind."""


@dataclass(slots=True)
class Worker:
    """A worker's process and what it held, in bytes, each time it was looked at."""

    pid: int
    resident: list[int] = field(default_factory=list)
    proportional: list[int] = field(default_factory=list)

    def look(self) -> None:
        """Read its memory now."""
        self.resident.append(int(psutil.Process(self.pid).memory_info().rss))
        self.proportional.append(proportional_bytes(self.pid))

    def third(self, number: int) -> float:
        """Return the median of its resident memory in a third of the run, counted from 1."""
        size = len(self.resident) // 3
        return median(self.resident[(number - 1) * size : number * size])


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, look, tell; return the exit status."""
    chosen = options("Memory of the workers", requests=20_000).parse_args(arguments)
    count = 2000 if chosen.quick else chosen.requests
    count += count // 2  # whether it is flat after so many is seen in what comes then
    with vitrine(install(TILE_SIZE)) as peer:
        workers = [Worker(pid) for pid in worker_pids(peer)]
        statuses = asyncio.run(_ask(peer, list(mixed(peer, count)), workers))
        if [worker.pid for worker in workers] != worker_pids(peer):
            raise Failed("a worker ended during the run and was begun again")
    if statuses[500]:
        raise Failed(f"{statuses[500]} of {count} requests were answered with a 500; the server's log says why")
    return finish("memory", _text(workers, statuses, count), _marks(workers), write=chosen.write)


def worker_pids(peer: Peer) -> list[int]:
    """Return the ids of the workers: the processes of the server that have no children."""
    family = [psutil.Process(pid) for pid in peer.pids()]
    return sorted(each.pid for each in family if not each.children())


def mixed(peer: Peer, count: int, seed: int = 11) -> Iterator[str]:
    """Yield the paths of so many requests."""
    chance = random.Random(seed)
    kinds, weights = list(SHARES), list(SHARES.values())
    pool: dict[str, list[Wanted]] = {
        "tile": tiles(TILE_SIZE),
        "region": regions(3000, seed=seed),
        "thumbnail": [*thumbnails(200), *thumbnails(400), *thumbnails(333)],
        "large": whole(LARGE_AREA),
    }
    small = [want for want in regions(900, seed=seed + 1) if want.width * want.height < 300_000]
    for kind in chance.choices(kinds, weights, k=count):
        if kind in pool:
            want = chance.choice(pool[kind])
            yield peer.path(want.scan, want.tail)
        elif kind == "info":
            yield peer.path(chance.choice(SCANS).name, "info.json")
        elif kind == "worst":
            yield peer.path(chance.choice(SCANS).name, chance.choice(WORST))
        elif kind == "mistake":
            yield _mistake(peer, chance)
        else:
            want = chance.choice(small)
            head = want.tail.removesuffix("/0/default.jpg")
            if kind == "format":
                yield peer.path(want.scan, f"{head}/0/default.{chance.choice(FORMATS)}")
            else:
                turn, quality = chance.choice(("90", "!0", "180", "22.5")), chance.choice(("gray", "bitonal", "color"))
                yield peer.path(want.scan, f"{head}/{turn}/{quality}.jpg")


def _mistake(peer: Peer, chance: random.Random) -> str:
    scan = chance.choice(SCANS).name
    return chance.choice(
        (
            f"{peer.prefix}/v1unknown{chance.randrange(10**6)}.f1/info.json",
            peer.path(scan, "full/max/0/default.xyz"),
            peer.path(scan, f"0,0,{chance.randrange(10**6)},0/max/0/default.jpg"),
            peer.path(scan, f"99999,99999,{chance.randrange(10**6)},9/max/0/default.jpg"),
            peer.path(scan, "full/90000,90000/0/default.jpg"),
            f"/nowhere/{chance.randrange(10**6)}",
        )
    )


async def _ask(peer: Peer, paths: Sequence[str], workers: Sequence[Worker]) -> Counter[int]:
    statuses: Counter[int] = Counter()
    each = len(paths) // SAMPLES
    for start in range(0, len(paths), each):
        numbers = iter(range(start, min(start + each, len(paths))))

        async def ask_some(numbers: Iterator[int] = numbers) -> None:
            async with Client(peer.port) as client:
                for number in numbers:
                    answer = await client.get(paths[number])
                    statuses[answer.status] += 1

        await asyncio.gather(*(ask_some() for _ in range(CONNECTIONS)))
        for worker in workers:
            worker.look()
        print(f"  {start + each} requests: {', '.join(f'{worker.resident[-1] / 1e6:.0f} MB' for worker in workers)}")
    return statuses


def _text(workers: Sequence[Worker], statuses: Counter[int], count: int) -> str:
    rows = []
    for number, worker in enumerate(workers, 1):
        held = [worker.resident[0], *(worker.third(third) for third in (2, 3)), max(worker.resident)]
        rows.append((f"worker {number}", *(f"{value / 1e6:.0f}" for value in (*held, max(worker.proportional)))))
    head = ("MB", "RSS at first look", "RSS, second third", "RSS, last third", "greatest RSS", "greatest PSS")
    told = ", ".join(f"{number} × {status}" for status, number in sorted(statuses.items()))
    return f"{count} requests: {told}.\n\n{table(head, rows)}"


def _marks(workers: Sequence[Worker]) -> list[Mark]:
    greatest = max(max(worker.resident) for worker in workers) / 1e6
    growth = max(worker.third(3) / worker.third(2) for worker in workers)
    return [
        Mark("memory of a worker (RSS) at its greatest", greatest, MOST_MEGABYTES, at_most=True, unit="MB"),
        Mark(
            "a worker's memory in the last third of the requests against the second", growth, MOST_GROWTH, at_most=True
        ),
    ]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"not measured: {failure}")
