"""Aligned tiles: ours beside its peers and the limits of the machine, in turn, as fast as each answers.

    python -m benchmarks.tiles [--quick] [--rounds 5] [--seconds 5] [--write]

wrk walks every tile of three scans of 35 million pixels in shuffled order: 2 threads, 8 connections. Then a paced client
asks ours and iipsrv at one rate that all can bear, for the longest waits. Exit status 1 where a floor is missed.
"""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.addresses import Wanted, tiles
from benchmarks.client import Answer, Client
from benchmarks.load import Failed, median, paced, percentile
from benchmarks.peers.empty import empty
from benchmarks.peers.flask_vips import flask_vips
from benchmarks.peers.iipsrv import iipsrv, setups
from benchmarks.peers.nginx import count_hits, proxied, static
from benchmarks.peers.node import node_peer
from benchmarks.peers.peer import BUILD, Peer
from benchmarks.peers.pyramids import make_pyramids
from benchmarks.peers.vitrine import Installation, install, vitrine
from benchmarks.report import Mark, finish, options, table
from benchmarks.rounds import Measured, take_turns, thousands
from benchmarks.scans import SCANS
from benchmarks.verify import Sweep, sweep
from server.imaging.index import TileIndex
from server.imaging.tiles import PyramidReader, Read
from server.storage import open_storage

FLOOR_PEER = 5.0
FLOOR_EMPTY, AIM_EMPTY = 0.60, 0.75
MOST_OF_EMPTY = 1.05
AIM_NEWER = 2.5
SLOW = 7
"""Of the slow peers each seventh tile is verified."""

AIM_WITHOUT_NEWER = 9500 / 2240
"""Where no newer iipsrv is at hand: 2.5 times a tuned one was 9 500 tiles a second where 1.1 made 2 240."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both tile sizes; return the exit status."""
    chosen = options("Aligned tiles beside their peers", rounds=5, seconds=5).parse_args(arguments)
    rounds, seconds = (1, 1.0) if chosen.quick else (chosen.rounds, float(chosen.seconds))
    texts, marks = [], []
    for tile_size in (256, 512):
        text, found = measure(tile_size, rounds, seconds)
        texts.append(text)
        marks += found
    return finish("tiles", "\n\n".join(texts), marks, write=chosen.write)


def measure(tile_size: int, rounds: int, seconds: float) -> tuple[str, list[Mark]]:
    """Start everybody, verify, measure in turn; return the table and the marks of one tile size."""
    wanted = tiles(tile_size)
    installation = install(tile_size)
    names = make_pyramids(BUILD / "pyramids", tile_size)
    with ExitStack() as stack:
        everybody: list[Measured] = []

        def joins(peer: Peer, mean_bytes: float | None = None, every: int = 1) -> Measured:
            """Verify a peer by asking for each tile, or some of them, unless its bodies are known."""
            begun = time.monotonic()
            if mean_bytes is None:
                mean_bytes = sweep(peer, wanted[::every]).mean_bytes
            print(f"  {tile_size} px: {peer.name} answers rightly ({time.monotonic() - begun:.1f} s)", flush=True)
            paths = [peer.path(want.scan, want.tail) for want in wanted]
            everybody.append(Measured(peer, paths, mean_bytes))
            return everybody[-1]

        own = stack.enter_context(vitrine(installation))
        swept = sweep(own, wanted)
        ours = joins(own, swept.mean_bytes)
        bare = joins(
            _as_ours(stack.enter_context(empty(BUILD, round(swept.mean_bytes), swept.headers)), swept), swept.mean_bytes
        )
        folder = BUILD / "pyramids" / str(tile_size)
        theirs = [joins(stack.enter_context(iipsrv(setup, folder, names))) for setup in setups()]
        for reading in ("file", "stream"):
            joins(stack.enter_context(node_peer(folder, names, reading=reading)), every=SLOW)
        joins(stack.enter_context(flask_vips(folder, names)), every=SLOW)
        files = dict(zip(ours.paths, swept.bodies, strict=True))
        joins(stack.enter_context(static(files, own.images)))
        edge, hits = stack.enter_context(proxied(own))
        joins(edge)

        before = count_hits(hits)
        limit = []
        for number in range(rounds):
            take_turns(everybody, number, seconds)
            limit.append(passthrough(installation, wanted, seconds))
        rate = int(min(each.rate for each in theirs or [ours]) / 2)
        for _ in range(rounds):
            for each in [ours, *theirs]:
                sorted_ms = paced(each.peer.name, each.peer.port, each.paths, rate=rate, seconds=seconds)
                each.paced_p99.append(percentile(sorted_ms, 99))
        for each in everybody:
            each.memory = each.peer.memory()
        counted = count_hits(hits) - before
    text = _text(tile_size, everybody, median(limit), rate)
    total = counted.total()
    text += f"\n\nnginx's cache answered {counted['HIT'] / max(total, 1):.1%} of {total} requests itself."
    if not theirs:
        text += "\n\niipsrv is not installed here (scripts/peers.sh): **the floors against it were not measured.**"
    return text, _marks(tile_size, ours, bare, theirs)


def _as_ours(peer: Peer, swept: Sweep) -> Peer:
    """Return the empty application when it answers with as many bytes and header lines as ours. Raises Failed."""

    async def ask() -> Answer:
        async with Client(peer.port) as client:
            return await client.get("/")

    answer = asyncio.run(ask())
    wanted = (round(swept.mean_bytes), len(swept.headers))
    if (len(answer.body), len(answer.headers)) != wanted:
        raise Failed(f"{peer.name}: {len(answer.body)} bytes and {len(answer.headers)} headers in place of {wanted}")
    return peer


def passthrough(installation: Installation, wanted: Sequence[Wanted], seconds: float) -> float:
    """Return tiles a second in this process without HTTP: one look into the index and one read for each."""
    storage = open_storage(installation.settings)
    readers = {}
    opened = []
    try:
        for scan, (pyramid, index) in installation.pyramids.items():
            path = storage.local_path(pyramid)
            assert path is not None
            handle = os.open(path, os.O_RDONLY)
            opened.append(handle)
            readers[scan] = PyramidReader(scan, TileIndex.load(storage.get(index)), _positioned(handle))
        asked = [(readers[want.scan], *_numbers(want)) for want in wanted]
        count, begun = 0, time.perf_counter()
        while (taken := time.perf_counter() - begun) < min(seconds, 2):
            for reader, region, width, height in asked:
                place = reader.index.find(*region, width, height)
                if place is None or not reader.tile(*place):
                    raise Failed(f"{reader.name}: {region} is no stored tile")
            count += len(asked)
        return count / taken
    finally:
        for handle in opened:
            os.close(handle)


def _positioned(handle: int) -> Read:
    return lambda offset, length: os.pread(handle, length, offset)


def _numbers(want: Wanted) -> tuple[tuple[int, int, int, int], int, int]:
    region = want.tail.split("/")[0]
    if region == "full":
        scan = next(scan for scan in SCANS if scan.name == want.scan)
        return (0, 0, scan.width, scan.height), want.width, want.height
    x, y, w, h = (int(part) for part in region.split(","))
    return (x, y, w, h), want.width, want.height


def _text(tile_size: int, everybody: Sequence[Measured], limit: float, rate: int) -> str:
    ours = everybody[0].rate
    rows: list[tuple[str, ...]] = [
        (
            each.peer.name,
            thousands(each.rate),
            f"{ours / each.rate:.2f}",
            f"{each.spread:.2f}",
            f"{each.p99:.1f}",
            f"{median(each.paced_p99):.2f}" if each.paced_p99 else "",
            f"{each.mean_bytes / 1000:.1f}",
            f"{each.memory / 1e6:.0f}",
        )
        for each in everybody
    ]
    rows.append(("passthrough in one process, no HTTP", thousands(limit), f"{ours / limit:.2f}", *[""] * 5))
    head = (
        "server",
        "tiles/s",
        "ours ÷ it",
        "best ÷ worst round",
        "p99 ms, as fast as it can",
        f"p99 ms at {rate}/s",
        "kB",
        "memory MB",
    )
    return f"### Tiles of {tile_size} px\n\n{table(head, rows)}"


def _marks(tile_size: int, ours: Measured, bare: Measured, theirs: Sequence[Measured]) -> list[Mark]:
    of_empty = ours.rate / bare.rate
    what = f"{tile_size} px tiles against"
    marks = [
        Mark(f"{what} the empty application", of_empty, FLOOR_EMPTY),
        Mark(f"{what} the empty application", of_empty, AIM_EMPTY, is_floor=False),
        # What does more cannot be faster: then chance or another program decided, and no figure here counts.
        Mark(f"calm: {what} the empty application", of_empty, MOST_OF_EMPTY, at_most=True),
    ]
    debian = {each.peer.name: each for each in theirs if "1.1" in each.peer.name}
    newer = [each for each in theirs if "newer" in each.peer.name]
    for name, each in debian.items():
        marks.append(Mark(f"{what} {name}", ours.rate / each.rate, FLOOR_PEER))
    if newer:
        best = max(newer, key=lambda each: each.rate)
        marks.append(Mark(f"{what} {best.peer.name}", ours.rate / best.rate, AIM_NEWER, is_floor=False))
    elif debian:
        marks.append(
            Mark(
                f"{what} iipsrv 1.1, standing for a tuned 1.3",
                ours.rate / debian["iipsrv 1.1"].rate, AIM_WITHOUT_NEWER, is_floor=False,
            )
        )  # fmt: skip
    if theirs:
        best = min(theirs, key=lambda each: median(each.paced_p99))
        marks.append(
            Mark(
                f"p99 of {tile_size} px tiles at equal rate, against {best.peer.name}",
                median(ours.paced_p99), median(best.paced_p99), is_floor=False, at_most=True, unit="ms",
            )
        )  # fmt: skip
    return marks


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"not measured: {failure}")
