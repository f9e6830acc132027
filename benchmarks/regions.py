"""Random regions, ready-made thumbnails, info.json; and the wait for a tile while twenty large pictures are made.

    python -m benchmarks.regions [--quick] [--rounds 5] [--seconds 5] [--write]

Resized by lanczos3 everywhere but in iipsrv, which knows bilinear at best: the floor for regions counts against those
of equal resampling, the others are shown. Exit status 1 where a floor is missed.
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks.addresses import Wanted, regions, thumbnails, tiles, whole
from benchmarks.client import Client
from benchmarks.load import Failed, median, percentile
from benchmarks.peers.flask_vips import flask_vips
from benchmarks.peers.iipsrv import iipsrv, setups
from benchmarks.peers.node import node_peer
from benchmarks.peers.peer import BUILD, Peer
from benchmarks.peers.pyramids import make_pyramids
from benchmarks.peers.vitrine import install, vitrine
from benchmarks.report import Mark, finish, options, table
from benchmarks.rounds import Measured, take_turns, thousands
from benchmarks.scans import SCANS
from benchmarks.verify import sweep

TILE_SIZE = 512
REGIONS = 300
LARGE_AREA = 22_000_000
"""Pixels of the large pictures: within what we announce as the limit."""

LARGE_AT_ONCE = 20
TILES_A_SECOND = 100
FLOOR_THUMBNAILS, FLOOR_INFO, FLOOR_REGIONS, AIM_REGIONS = 5.0, 1.0, 1.0, 1.2


@dataclass(slots=True)
class Burst:
    """What came of asking for tiles while large pictures were made: milliseconds of each tile, counts of pictures."""

    tiles: list[float] = field(default_factory=list)
    failed_tiles: int = 0
    made: int = 0
    refused: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all kinds in turn; return the exit status."""
    chosen = options("Regions, thumbnails and info.json", rounds=5, seconds=5).parse_args(arguments)
    rounds, seconds = (1, 1.0) if chosen.quick else (chosen.rounds, float(chosen.seconds))
    installation = install(TILE_SIZE)
    names = make_pyramids(BUILD / "pyramids", TILE_SIZE)
    folder = BUILD / "pyramids" / str(TILE_SIZE)
    texts, marks = [], []
    with ExitStack() as stack:
        peers = [stack.enter_context(vitrine(installation))]
        peers += [stack.enter_context(iipsrv(setup, folder, names)) for setup in setups()]
        peers += [stack.enter_context(node_peer(folder, names)), stack.enter_context(flask_vips(folder, names))]
        for title, wanted, slack in (
            ("Random regions, resized", regions(30 if chosen.quick else REGIONS), 1),
            ("Thumbnails `!200,200`", thumbnails(200), 1),
            ("Thumbnails `!400,400`", thumbnails(400), 1),
        ):
            everybody = [_verified(peer, wanted, slack) for peer in peers]
            _measure(everybody, rounds, seconds)
            texts.append(_text(title, everybody))
            marks += _region_marks(everybody) if title.startswith("Random") else _thumbnail_marks(title, everybody)
        everybody = [_informed(peer) for peer in peers]
        _measure(everybody, rounds, seconds)
        texts.append(_text("info.json", everybody))
        marks.append(_best_of("info.json", everybody, FLOOR_INFO))
        text, found = _under_burst([peer for peer in peers if "tuned" not in peer.name], rounds, 2 * seconds)
    return finish("regions", "\n\n".join([*texts, text]), [*marks, *found], write=chosen.write)


def _verified(peer: Peer, wanted: Sequence[Wanted], slack: int) -> Measured:
    swept = sweep(peer, wanted, slack=slack)
    return Measured(peer, [peer.path(want.scan, want.tail) for want in wanted], swept.mean_bytes)


def _informed(peer: Peer) -> Measured:
    """Verify that info.json tells the size of each scan."""
    paths = [peer.path(scan.name, "info.json") for scan in SCANS]

    async def ask() -> list[bytes]:
        async with Client(peer.port) as client:
            return [(await client.get(path)).body for path in paths]

    bodies = asyncio.run(ask())
    for scan, body in zip(SCANS, bodies, strict=True):
        told = json.loads(body)
        if (told["width"], told["height"]) != (scan.width, scan.height):
            raise Failed(f"{peer.name}: info.json of {scan.name} says {told['width']} × {told['height']}")
    return Measured(peer, paths, sum(map(len, bodies)) / len(bodies))


def _measure(everybody: Sequence[Measured], rounds: int, seconds: float) -> None:
    for number in range(rounds):
        take_turns(everybody, number, seconds)


def _text(title: str, everybody: Sequence[Measured]) -> str:
    ours = everybody[0].rate
    rows = [
        (
            each.peer.name,
            each.peer.kernel,
            thousands(each.rate),
            f"{ours / each.rate:.2f}",
            f"{each.spread:.2f}",
            f"{each.p99:.1f}",
            f"{each.mean_bytes / 1000:.1f}",
        )
        for each in everybody
    ]
    return f"### {title}\n\n" + table(
        ("server", "resized by", "answers/s", "ours ÷ it", "best ÷ worst round", "p99 ms", "kB"), rows
    )


def _best_of(
    what: str, everybody: Sequence[Measured], wanted: float, *, is_floor: bool = True, kernel: str = ""
) -> Mark:
    ours, *theirs = everybody
    best = max((each for each in theirs if kernel in each.peer.kernel), key=lambda each: each.rate)
    return Mark(f"{what} against {best.peer.name}", ours.rate / best.rate, wanted, is_floor=is_floor)


def _region_marks(everybody: Sequence[Measured]) -> list[Mark]:
    same = everybody[0].peer.kernel
    return [
        _best_of(f"regions, all by {same},", everybody, FLOOR_REGIONS, kernel=same),
        _best_of(f"regions, all by {same},", everybody, AIM_REGIONS, is_floor=False, kernel=same),
        _best_of("regions, however resized,", everybody, FLOOR_REGIONS, is_floor=False),
    ]


def _thumbnail_marks(title: str, everybody: Sequence[Measured]) -> list[Mark]:
    return [_best_of(title, everybody, FLOOR_THUMBNAILS)]


def _under_burst(peers: Sequence[Peer], rounds: int, seconds: float) -> tuple[str, list[Mark]]:
    """Measure ours and iipsrv while twenty clients ask for large pictures again and again."""
    peers = [peer for peer in peers if peer.name == "Vitrine" or "iipsrv" in peer.name]
    found: dict[str, list[Burst]] = {peer.name: [] for peer in peers}
    for _, peer in itertools.product(range(rounds), peers):
        found[peer.name].append(asyncio.run(burst(peer, seconds)))
    rows, p99 = [], {}
    for name, bursts in found.items():
        p99[name] = median([percentile(sorted(each.tiles), 99) for each in bursts])
        p50 = median([percentile(sorted(each.tiles), 50) for each in bursts])
        totals = (sum(getattr(each, what) for each in bursts) for what in ("failed_tiles", "made", "refused"))
        rows.append((name, f"{p50:.1f}", f"{p99[name]:.1f}", *(str(total) for total in totals)))
    head = ("server", "p50 ms of tiles", "p99 ms of tiles", "tiles failed", "pictures made", "refused with 503")
    title = (
        f"### Tiles while {LARGE_AT_ONCE} pictures of {LARGE_AREA // 10**6} million pixels are asked for at once\n\n"
        f"{TILES_A_SECOND} tiles a second, {len(found[peers[0].name])} rounds of {seconds:g} s.\n\n"
    )
    marks = [
        Mark(f"p99 of tiles under large pictures, against {name}", p99["Vitrine"], theirs, is_floor=False, at_most=True, unit="ms")
        for name, theirs in p99.items()
        if name != "Vitrine"
    ]  # fmt: skip
    return title + table(head, rows), marks


async def burst(peer: Peer, seconds: float) -> Burst:
    """Keep twenty large requests under way for so many seconds and ask for tiles at an even pace meanwhile."""
    result = Burst()
    large = [peer.path(want.scan, want.tail) for want in whole(LARGE_AREA)]
    small = [peer.path(want.scan, want.tail) for want in tiles(TILE_SIZE)]
    end = time.perf_counter() + seconds
    begun = time.perf_counter() + 0.2  # the large ones are under way by then
    numbers = iter(range(int(TILES_A_SECOND * (seconds - 0.2))))

    async def ask_large(first: int) -> None:
        async with Client(peer.port) as client:
            for number in itertools.count(first):
                if time.perf_counter() > end:
                    return
                answer = await client.get(large[number % len(large)])
                if answer.status == 200:
                    result.made += 1
                elif answer.status == 503:
                    result.refused += 1
                    await asyncio.sleep(1)  # a client that is asked to come back later
                else:
                    raise Failed(f"{peer.name}: status {answer.status} for {large[number % len(large)]}")

    async def ask_small() -> None:
        async with Client(peer.port) as client:
            for number in numbers:
                due = begun + number / TILES_A_SECOND
                if due > time.perf_counter():
                    await asyncio.sleep(due - time.perf_counter())
                    due = time.perf_counter()
                answer = await client.get(small[number * 7919 % len(small)])
                result.tiles.append((time.perf_counter() - due) * 1000)
                result.failed_tiles += answer.status != 200

    await asyncio.gather(*(ask_large(number) for number in range(LARGE_AT_ONCE)), *(ask_small() for _ in range(8)))
    return result


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"not measured: {failure}")
