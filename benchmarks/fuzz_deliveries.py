"""Deliveries of every kind, damaged: never another exception than a refusal, never for long, never in much memory.

    python -m benchmarks.fuzz_deliveries [--quick] [--rounds 3000] [--seed 1]

Each kind is damaged in a process of its own, which says what it does before it does it: a process that ends or stays
silent is a fault as a traceback is, and the file that did it is kept. The kinds are those that the project makes itself,
and the deliveries of `../shared/samples` where they are there. Exit status 1 where anything was found.
"""

import argparse
import multiprocessing
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path

from server.delivery.inspection import inspect_delivery
from server.delivery.opening import look_into
from server.delivery.values import Context
from server.errors import DeliveryError
from tests.support.kinds import KINDS
from tests.support.skips import SHARED

LONGEST_SECONDS = 30.0
MOST_MEGABYTES = 500
QUICK = 100
_CONTEXT = Context(typology="presse", rights="public-domain")
_PARTS = replace(_CONTEXT, brings=("description", "views", "texts"))
_PIECES = (
    b"", b"\0", b"<", b">", b'"', b"&", b"..", b"../../", b"9" * 30, b"-1", b"\xff", b"\xc3", b"\x1d", b"\x1e", b"\x1f", b"nan",
    b"\n", b"*", b"/", b"C:\\", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<c>", b"</c>", b"<a" + b" b" * 300 + b">", b"PK\x03\x04",
    b"%PDF-", b"\x1f\x8b", b"endobj", b"/Kids", b"/Count 999999999", b"/Length 99999999", b"/W [1 1 1]", b"|", b";" * 600, b"@",
)  # fmt: skip


@dataclass(slots=True)
class Seen:
    """What came of a kind: outcomes, the longest round, the memory at the end, and each fault with its file."""

    name: str
    outcomes: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    megabytes: int = 0
    faults: list[str] = field(default_factory=list)


def main() -> int:
    """Damage every kind; print what came of it."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reader.add_argument("--quick", action="store_true")
    reader.add_argument("--rounds", type=int, default=3000, help="rounds of each kind")
    reader.add_argument("--seed", type=int, default=1)
    said = reader.parse_args()
    rounds = QUICK if said.quick else said.rounds
    kept = Path(tempfile.mkdtemp(prefix="vitrine-fuzz-"))
    faults = 0
    print("| kind | rounds | opened | refused | longest | memory | faults |\n|---|---:|---:|---:|---:|---:|---:|")
    for name in _names():
        seen = _watch(name, rounds, said.seed, kept)
        faults += len(seen.faults)
        print(
            f"| {name} | {seen.outcomes.total()} | {seen.outcomes['opened']} | {seen.outcomes['refused']} | {seen.longest:.2f} s "
            f"| {seen.megabytes} MB | {len(seen.faults)} |",
            flush=True,
        )
        for fault in seen.faults[:5]:
            print(f"  {fault}", file=sys.stderr)
    if faults:
        print(f"{faults} faults; their files are in {kept}", file=sys.stderr)
        return 1
    shutil.rmtree(kept)
    return 0


def _names() -> list[str]:
    samples = SHARED / "samples"
    real = sorted(path.name for path in samples.iterdir() if _described(path)) if samples.is_dir() else []
    return [kind.name for kind in KINDS] + real


def _described(folder: Path) -> list[Path]:
    """Return the files of a sample that are worth damaging: those that are no images and not too large."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in (".xml", ".txt"))
    return [path for path in files if path.stat().st_size < 2**21][:4]


def _watch(name: str, rounds: int, seed: int, kept: Path) -> Seen:
    """Damage one kind in processes of their own; one that ends or stays silent is a fault, and another goes on."""
    seen = Seen(name)
    done = 0
    while done < rounds:
        here, there = multiprocessing.get_context("spawn").Pipe(duplex=False)
        process = multiprocessing.get_context("spawn").Process(
            target=_rounds, args=(name, done, rounds, seed, kept, there)
        )
        process.start()
        there.close()
        case = f"round {done}"
        try:
            while here.poll(LONGEST_SECONDS + 10):
                number, outcome, seconds, megabytes, case = here.recv()
                done = number + 1
                seen.outcomes[outcome] += 1
                seen.longest, seen.megabytes = max(seen.longest, seconds), max(seen.megabytes, megabytes)
                if outcome == "fault" or seconds > LONGEST_SECONDS:
                    seen.faults.append(f"{case}: {seconds:.1f} s")
            seen.faults.append(f"behind {case}: silent for {LONGEST_SECONDS + 10:.0f} s")
            process.kill()
            done += 1
        except EOFError:
            process.join()
            if process.exitcode:
                seen.faults.append(f"behind {case}: the process ended with {process.exitcode}")
                done += 1
        process.join()
    if seen.megabytes > MOST_MEGABYTES:
        seen.faults.append(f"took {seen.megabytes} MB")
    return seen


def _rounds(name: str, start: int, rounds: int, seed: int, kept: Path, out: Connection) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "delivery"
        files = _written(name, folder)
        sound = {path: path.read_bytes() for path in files}
        for number in range(start, rounds):
            dice = random.Random(f"{seed} {name} {number}")
            path = files[number % len(files)]
            body = _damaged(sound[path], dice)
            path.write_bytes(body)
            case = kept / f"{name}-{number}-{path.name}"
            case.write_bytes(body)
            began = time.monotonic()
            outcome, told = _look(folder, _PARTS if number % 4 == 3 else _CONTEXT)
            seconds = time.monotonic() - began
            path.write_bytes(sound[path])
            if outcome == "fault" or seconds > LONGEST_SECONDS:
                case.with_suffix(".log").write_text(told, encoding="utf-8")
            else:
                case.unlink()
            out.send((number, outcome, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, str(case)))


def _written(name: str, folder: Path) -> list[Path]:
    for kind in KINDS:
        if kind.name == name:
            kind.write(folder)
            return [folder / file for file in kind.files]
    shutil.copytree(SHARED / "samples" / name, folder, copy_function=shutil.copyfile)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return _described(folder)


def _damaged(sound: bytes, dice: random.Random) -> bytes:
    body = bytearray(sound)
    for piece in _some_pieces(dice):
        start = dice.randrange(len(body) + 1)
        body[start : start + dice.choice((0, 0, 1, 1, 2, 5, 20, 200, 5000))] = piece
    if dice.random() < 0.1:
        del body[dice.randrange(len(body) + 1) :]
    return bytes(body)


def _some_pieces(dice: random.Random) -> Iterator[bytes]:
    for _ in range(dice.randint(1, 5)):
        yield dice.choice(_PIECES) if dice.random() < 0.6 else dice.randbytes(dice.randint(1, 8))


def _look(folder: Path, context: Context) -> tuple[str, str]:
    try:
        inspect_delivery(look_into(folder, context), hashed=False)
    except DeliveryError as error:
        return "refused", str(error)
    except Exception:  # noqa: BLE001  # that is what is looked for
        return "fault", traceback.format_exc()
    return "opened", ""


if __name__ == "__main__":
    sys.exit(main())
