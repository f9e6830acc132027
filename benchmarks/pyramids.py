"""Making pyramids with all cores: ours in a pool of processes, beside the `vips` command with the same parameters.

    python -m benchmarks.pyramids [--quick] [--rounds 5] [--write]

vips runs twice over: as many commands at once as there are cores, each with one thread, and one command after the other
with its default threads. Throughput counts megabytes of masters (uncompressed TIFF) a second and core. What ours does
besides (true sizes of levels, edge tiles cut, the index, ready-made pictures) is in its time. Exit status 1 where a
floor is missed.
"""

import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

from benchmarks.load import Failed, median
from benchmarks.peers.peer import BUILD
from benchmarks.peers.pyramids import QUALITY, command
from benchmarks.report import Mark, finish, options, table
from benchmarks.scans import LARGE, SCANS, draw_scans
from server.imaging.pyramid import make_pyramid

TILE_SIZE = 512
FLOOR = 0.95
CORES = len(os.sched_getaffinity(0))
MOST_PIXELS = 10**9

Work = Callable[[Sequence[Path], Path], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both sizes of scans; return the exit status."""
    chosen = options("Making pyramids beside the vips command", rounds=5).parse_args(arguments)
    if shutil.which("vips") is None:
        raise Failed("the vips command is missing; scripts/peers.sh installs it")
    rounds = 1 if chosen.quick else chosen.rounds
    texts, marks = [], []
    small, large = draw_scans(BUILD / "scans", SCANS), draw_scans(BUILD / "scans", LARGE)
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_warm, range(CORES * 4)))  # a pool that works has imported everything already

        def ours(masters: Sequence[Path], folder: Path) -> None:
            for made in [pool.submit(make_one, master, folder) for master in masters]:
                made.result()

        ways: dict[str, Work] = {
            "Vitrine, a process for each core": ours,
            f"vips, {CORES} at once with one thread": vips_at_once,
            "vips, one at once with its default threads": vips_in_turn,
        }
        for title, masters in (
            # As many of each as share out evenly between the cores, so that none waits for the last one.
            ("35 million pixels", list(small[: 1 if chosen.quick else 3]) * CORES),
            ("100 million pixels", list(large) if chosen.quick else list(large) * max(1, CORES // 2)),
        ):
            text, found = _compare(title, masters, ways, rounds)
            texts.append(text)
            marks += found
    return finish("pyramids", "\n\n".join(texts), marks, write=chosen.write)


def make_one(master: Path, folder: Path) -> None:
    """Make one pyramid as ingest does it, in a process of the pool."""
    made = make_pyramid(master, folder, tile_size=TILE_SIZE, quality=QUALITY, max_pixels=MOST_PIXELS)
    if made.tif.stat().st_size < 10**6:
        raise Failed(f"{master.name}: the pyramid is too small to be one")


def vips_at_once(masters: Sequence[Path], folder: Path) -> None:
    """Run a command for each core, each with one thread."""
    with ThreadPoolExecutor(CORES) as threads:
        list(threads.map(lambda numbered: _vips(numbered[1], folder, numbered[0], threads=1), enumerate(masters)))


def vips_in_turn(masters: Sequence[Path], folder: Path) -> None:
    """Run one command after the other, each with as many threads as vips likes."""
    for number, master in enumerate(masters):
        _vips(master, folder, number, threads=None)


def _vips(master: Path, folder: Path, number: int, threads: int | None) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("VIPS_")}
    if threads:
        own["VIPS_CONCURRENCY"] = str(threads)
    target = folder / f"{number}-{master.stem}.tif"
    subprocess.run(command(master, target, TILE_SIZE), env=own, check=True)
    if target.stat().st_size < 10**6:
        raise Failed(f"{master.name}: the pyramid of vips is too small to be one")


def _warm(_: int) -> None:
    time.sleep(0.05)  # long enough that every process of the pool takes one


def _compare(title: str, masters: Sequence[Path], ways: dict[str, Work], rounds: int) -> tuple[str, list[Mark]]:
    size = sum(master.stat().st_size for master in masters) / 1e6
    for master in set(masters):
        master.read_bytes()  # all find it in memory
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        turn = number % len(ways)
        names = list(ways)
        for name in names[turn:] + names[:turn]:
            rates[name].append(size / _seconds(ways[name], masters) / CORES)
    medians = {name: median(values) for name, values in rates.items()}
    ours, *theirs = medians
    rows = [(name, f"{value:.0f}", f"{medians[ours] / value:.2f}") for name, value in medians.items()]
    text = f"### Pyramids of {title}, tiles of {TILE_SIZE} px, quality {QUALITY}\n\n"
    text += table(("", "MB/s and core", "ours ÷ it"), rows)
    return text, [Mark(f"pyramids of {title} against {name}", medians[ours] / medians[name], FLOOR) for name in theirs]


def _seconds(way: Work, masters: Sequence[Path]) -> float:
    folder = BUILD / "made"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    begun = time.perf_counter()
    try:
        way(masters, folder)
        return time.perf_counter() - begun
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"not measured: {failure}")
