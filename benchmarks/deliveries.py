"""A delivery of 10 000 views with ALTO: how long each step takes, in how much memory, and what a kill on the way costs.

    python -m benchmarks.deliveries [--quick] [--views 10000] [--write]

The views are small: it is the steps that are measured, not the pixels (benchmarks/quality.py and pyramids.py measure those).
The commands are run as a person runs them, on SQLite, with two workers. In one house nobody disturbs them; in another the check is
killed with SIGKILL while it reads and again while it looks, the ingest while it makes pyramids, and each is given again. Ten
documents have an image that is cut off. Exit status 1 where a floor is missed.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Failed
from benchmarks.report import Mark, finish, options, table
from tests.support.large import House, Watched, settle, write_large

VIEWS_EACH = 100
BROKEN = 10
MOST_MEGABYTES = 500.0
DEAREST = 1.35
"""What a step that was killed may take altogether, against the same step undisturbed: programs start three times."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a delivery's way, and how it went; `killed` is the runs that were ended before it."""

    name: str
    run: Watched
    killed: tuple[Watched, ...] = ()

    @property
    def seconds(self) -> float:
        """Seconds altogether."""
        return self.run.seconds + sum(each.seconds for each in self.killed)

    @property
    def largest(self) -> float:
        """Megabytes of the largest process."""
        return max(each.largest for each in (self.run, *self.killed))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the delivery, walk its way twice, tell; return the exit status."""
    chosen = options("A delivery of 10 000 views", views=10_000).parse_args(arguments)
    views = 400 if chosen.quick else chosen.views
    documents = max(2, views // VIEWS_EACH)
    broken = min(BROKEN, documents // 2)
    with tempfile.TemporaryDirectory(prefix="vitrine-large-") as folder:
        delivery = Path(folder) / "registres"
        write_large(delivery, documents, VIEWS_EACH, broken)
        settle(delivery)
        print(f"{documents * VIEWS_EACH} views are written", flush=True)
        calm = _walk(House(Path(folder) / "calm"), delivery, documents, broken, disturbed=False)
        disturbed = _walk(House(Path(folder) / "disturbed"), delivery, documents, broken, disturbed=True)
    return finish("deliveries", _text(documents, calm, disturbed), _marks(calm, disturbed), write=chosen.write)


def _walk(house: House, delivery: Path, documents: int, broken: int, *, disturbed: bool) -> list[Step]:
    views = documents * VIEWS_EACH
    steps = []

    def step(name: str, status: int, *command: str | Path, kills: Sequence[Callable[[], bool]] = ()) -> Watched:
        killed = tuple(house.run(*command, kill_when=when) for when in kills if disturbed)
        if any(each.status != -9 for each in killed):
            raise Failed(f"{name} was over before it was killed; give more views")
        run = house.run(*command)
        if run.status != status:
            raise Failed(f"{name} ended with {run.status}: {run.said[-2000:]}")
        steps.append(Step(name, run, killed))
        print(f"  {name}: {steps[-1].seconds:.1f} s, {steps[-1].largest:.0f} MB", flush=True)
        return run

    if not disturbed:
        step("inspect", 0, "inspect", "--quick", delivery)
    step(
        "check", 1, "check", delivery,
        kills=(lambda: house.read() >= views, lambda: house.looked_at() >= views // 2),
    )  # fmt: skip
    if not views <= house.looked_at() <= views + len(steps[-1].killed):  # a line may have been cut off by a kill
        raise Failed(f"{house.looked_at()} views were looked at, and there are {views}")
    if not disturbed:
        step("check again", 1, "check", delivery)
        step("check with the report", 1, "check", delivery, "--report", house.home.parent / "report.html")
    step(
        "accept", 0, "accept", "registres", "--by", "A. Person", "--for", "bm-lille", "--despite-errors", "--reason",
        "le reste est bon",
    )  # fmt: skip
    step("ingest", 1, "ingest", delivery, kills=(lambda: house.made() >= views // 2,))
    if house.made() != views - broken * VIEWS_EACH:
        raise Failed(f"{house.made()} pyramids were made, not {views - broken * VIEWS_EACH}")
    if not disturbed:
        step("ingest again", 1, "ingest", delivery)
        step("publish", 1, "publish", "--delivery", "registres")
    if house.read() != 2 * views + documents + 1:
        raise Failed(f"{house.read()} files were read for their digests, and there are {2 * views + documents + 1}")
    return steps


def _text(documents: int, calm: Sequence[Step], disturbed: Sequence[Step]) -> str:
    views = documents * VIEWS_EACH
    after = {step.name: step for step in disturbed if step.killed}
    rows = []
    for step in calm:
        other = after.get(step.name)
        rows.append(
            (
                step.name,
                f"{step.seconds:.1f}",
                f"{views / step.seconds:.0f}" if step.name != "accept" else "",
                f"{step.largest:.0f}",
                f"{step.run.together:.0f}",
                f"{other.seconds:.1f}" if other else "",
                f"{other.largest:.0f}" if other else "",
            )
        )
    head = (
        "step",
        "s",
        "views/s",
        "largest process, MB",
        "all processes, MB",
        "killed and again: s",
        "its largest process, MB",
    )
    return f"{documents} documents of {VIEWS_EACH} views, {views} in all.\n\n{table(head, rows)}"


def _marks(calm: Sequence[Step], disturbed: Sequence[Step]) -> list[Mark]:
    undisturbed = {step.name: step for step in calm}
    largest = max(step.largest for step in (*calm, *disturbed))
    marks = [Mark("memory of the largest process (RSS) of any step", largest, MOST_MEGABYTES, at_most=True, unit="MB")]
    marks += [
        Mark(
            f"{step.name}, killed and given again, against undisturbed",
            step.seconds / undisturbed[step.name].seconds,
            DEAREST,
            at_most=True,
            is_floor=False,
        )
        for step in disturbed
        if step.killed
    ]
    return marks


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"not measured: {failure}")
