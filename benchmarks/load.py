"""Load: wrk as fast as a server answers, and a paced client where the rate must be equal for all."""

import asyncio
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import Client

THREADS, CONNECTIONS = 2, 8
SLOW_MILLISECONDS = 10
SCRIPT = Path(__file__).with_name("walk.lua")


class Failed(Exception):
    """A server did not answer as it must: its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Round:
    """One run of wrk: answers a second, latencies in milliseconds, bytes of an answer with its headers."""

    rate: float
    p50: float
    p99: float
    bytes_each: float


def wrk(
    name: str, port: int, paths: Sequence[str], *, seconds: float, seed: int, connections: int = CONNECTIONS
) -> Round:
    """Walk all paths in shuffled order for so many seconds. Raises Failed on any error or status of 400 and above."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(paths) + "\n")
        listed.flush()
        threads = min(THREADS, connections)
        command = [
            "wrk", "--latency", "-t", str(threads), "-c", str(connections), "-d", f"{seconds:g}s", "--timeout", "20s",
            "-s", str(SCRIPT), f"http://127.0.0.1:{port}", "--", listed.name, str(seed),
        ]  # fmt: skip
        printed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)
    found = [line for line in printed.stdout.splitlines() if line.startswith("JSON ")]
    if printed.returncode or not found:
        raise Failed(f"wrk against {name}: {printed.stdout[-500:]} {printed.stderr[-500:]}")
    measured = json.loads(found[0].removeprefix("JSON "))
    if measured["failed"] or measured["status"]:
        raise Failed(
            f"{name}: {measured['failed']} broken connections and {measured['status']} errors in {measured['requests']} requests"
        )
    if not measured["requests"]:
        raise Failed(f"{name}: no answer at all in {seconds:g} s")
    return Round(
        measured["requests"] / measured["microseconds"] * 1e6,
        measured["p50"] / 1000,
        measured["p99"] / 1000,
        measured["bytes"] / measured["requests"],
    )


def wrk_anew(name: str, port: int, paths: Sequence[str], *, seconds: float, seed: int) -> Round:
    """Run wrk for so many seconds with new connections in each second; the mean of the rates, the median latencies.

    Two processes that listen on one socket share out eight connections by chance, at worst all to one of them: over one
    run that chance would decide. A slow server is asked in one run, lest what is under way at each end were lost to it.
    """
    first = wrk(name, port, paths, seconds=min(seconds, 1), seed=seed)
    if seconds <= 1:
        return first
    if first.p50 > SLOW_MILLISECONDS:
        return wrk(name, port, paths, seconds=seconds, seed=seed)
    runs = [first, *(wrk(name, port, paths, seconds=1, seed=seed + 100 * n) for n in range(1, round(seconds)))]
    return Round(
        statistics.mean([each.rate for each in runs]),
        median([each.p50 for each in runs]),
        median([each.p99 for each in runs]),
        statistics.mean([each.bytes_each for each in runs]),
    )


def paced(
    name: str, port: int, paths: Sequence[str], *, rate: float, seconds: float, connections: int = CONNECTIONS
) -> list[float]:
    """Return the latencies in milliseconds, sorted, of requests sent at a given rate over kept connections.

    A request's time begins when it is due; where the client itself woke late for it (its timers have the grain of a
    millisecond), when it was sent. So a server that falls behind is charged with the waiting of all that queue up.
    """
    return asyncio.run(_paced(name, port, paths, rate, seconds, connections))


async def _paced(
    name: str, port: int, paths: Sequence[str], rate: float, seconds: float, connections: int
) -> list[float]:
    latencies: list[float] = []
    begun = time.perf_counter() + 0.05
    count = int(rate * seconds)
    numbers = iter(range(count))

    async def send_some() -> None:
        async with Client(port) as client:
            for number in numbers:
                due = begun + number / rate
                wait = due - time.perf_counter()
                if wait > 0:
                    await asyncio.sleep(wait)
                    due = time.perf_counter()
                answer = await client.get(paths[number * 7919 % len(paths)])
                latencies.append((time.perf_counter() - due) * 1000)
                if answer.status != 200:
                    raise Failed(f"{name}: status {answer.status} for {paths[number * 7919 % len(paths)]}")

    await asyncio.gather(*(send_some() for _ in range(connections)))
    return sorted(latencies)


def percentile(values: Sequence[float], part: float) -> float:
    """Return a percentile of sorted values; `part` of 0 to 100."""
    return values[min(len(values) - 1, int(len(values) * part / 100))]


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)
