"""Quality control: how much of each fault is caught, how often sound views are suspected, and how fast it looks.

    python -m benchmarks.quality [--seeds 6] [--rounds 3] [--quick] [--write]

Views are drawn from seeds and typefaces that the thresholds were not set on (`tests/support/views`), each with exactly one
fault in one of three strengths, or sound; the rules judge them as in a check. Files with one fault in what they say of
themselves go through a whole check. Real pages of `../shared/samples` are judged where they are there. Speed: a look at every
pixel beside decoding them alone and beside reading the files alone, on all cores, in the same run. `--write` puts the
tables into docs/explanation/quality.md. Exit status 1 where a rate or a floor is missed.

What was counted of a document is kept in `build/bench`, by the text of what draws and judges it: a run that was stopped goes
on where it was, and after a change of a threshold alone everything is counted again.
"""

import hashlib
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from PIL import Image

from benchmarks.load import Failed, median
from benchmarks.peers.peer import BUILD
from benchmarks.report import Mark, machine, marks_table, options, table, write_section
from benchmarks.scans import SCANS, draw_scans
from server.delivery.opening import open_delivery
from server.delivery.values import Context
from server.imaging.overview import look_through
from server.imaging.preview import make_preview
from server.imaging.source import probe
from server.quality.checking import check
from server.quality.contract import read_contract
from server.quality.registry import rules
from tests.support.file_faults import ASKED
from tests.support.file_faults import FAULTS as FILE_FAULTS
from tests.support.views.faults import FAULTS, STRENGTHS
from tests.support.views.rates import Plan, Rates, count

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "quality.md"
SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
CORES = len(os.sched_getaffinity(0))
FIRST_SEED = 701
"""Of seeds that nobody looked at while thresholds were set; those from 501 and from 601 on were seen once each, and led to changes."""

MOST_PIXELS = 10**9
CAUGHT, SUSPECTED = 0.95, 0.01
FLOORS = {"uncompressed TIFF": 0.25, "JPEG": 0.4}
"""How fast a look is at least, measured by decoding alone. A look costs a fifth of a second at 35 million pixels, whatever packs
them; TIFF that is not compressed is decoded in half of that, JPEG in about as much."""

TWICE = 1.2
"""How much more the processor has to do, at least, where the pictures of a report are made in a second pass."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Count and measure; return the exit status."""
    chosen = options("What quality control catches, and how fast", seeds=6, rounds=3).parse_args(arguments)
    seeds = range(FIRST_SEED, FIRST_SEED + (1 if chosen.quick else chosen.seeds))
    plan = Plan(tuple(seeds), "second", views=12, faulty=1)
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as pool:
        kept = _Counted(plan)
        rates = count(plan, pool, kept.find, kept.keep)
        caught, marks = _rates(rates)
        speed, fast = _speed(pool, 1 if chosen.quick else chosen.rounds)
    for line in rates.missed:
        print(line)
    files, found = _files(10 if chosen.quick else 60)
    marks += [*found, *fast]
    whole = "\n\n".join((machine(), caught, files, _real(), speed, marks_table(marks))) + "\n"
    print(f"\n{whole}")
    if chosen.write:
        write_section("quality", whole, PAGE)
    return 1 if any(mark.is_floor and not mark.is_reached for mark in marks) else 0


class _Counted:
    """What was counted of each document, in a file: of the same drawing and the same rules it is the same."""

    def __init__(self, plan: Plan) -> None:
        root = Path(__file__).parents[1]
        shapes = [
            *root.glob("tests/support/views/*.py"),
            *root.glob("server/quality/*_rules.py"),
            root / "server/quality/looks.py",
        ]
        shapes += [
            root / "server/imaging" / name
            for name in ("appearance.py", "focus.py", "likeness.py", "overview.py", "skew.py")
        ]
        told = hashlib.sha256(repr((plan.faces, plan.views, plan.strengths, plan.faulty)).encode())
        for path in sorted(shapes):
            told.update(path.read_bytes())
        self._folder = BUILD / "quality" / told.hexdigest()[:16]
        self._folder.mkdir(parents=True, exist_ok=True)

    def find(self, kind: str, seed: int) -> Rates | None:
        """Return what was counted of a document, None where it was not."""
        path = self._folder / f"{kind}-{seed}.json"
        return Rates.from_json(path.read_text()) if path.exists() else None

    def keep(self, kind: str, seed: int, rates: Rates) -> None:
        """Write down what was counted of a document, whole or not at all."""
        path = self._folder / f"{kind}-{seed}.json"
        path.with_suffix(".part").write_text(rates.to_json())
        path.with_suffix(".part").replace(path)
        print(f"{kind} {seed}: {sum(rates.caught.values())} of {sum(rates.made.values())} caught", flush=True)


def _rates(rates: Rates) -> tuple[str, list[Mark]]:
    rows, marks = [], []
    for name, fault in FAULTS.items():
        cells = [
            f"{rates.detection(name, strength):.0%} ({fault.strengths[strength]})" for strength in range(len(STRENGTHS))
        ]
        rows.append((name, f"`{fault.rule}`", *cells, str(rates.made[name, 1])))
        marks.append(Mark(f"{name} of medium strength caught", rates.detection(name, 1), CAUGHT))
    text = "### Faults caught\n\n" + table(("fault", "rule", *STRENGTHS, "views of each"), rows)
    alarms = []
    for rule in rules():
        if rule.definition.family == "picture":
            share = rates.false_alarms(rule.definition.name)
            alarms.append((f"`{rule.definition.name}`", f"{share:.1%}", f"{rates.suspected[rule.definition.name]}"))
            marks.append(Mark(f"sound views that {rule.definition.name} suspects", share, SUSPECTED, at_most=True))
    text += f"\n\n### Sound views suspected, of {rates.sound}\n\n" + table(("rule", "share", "views"), alarms)
    return text, marks


def _files(number: int) -> tuple[str, list[Mark]]:
    """Check files with one fault each, and documents with a gap in their numbers or an image that ends early."""
    rows, marks = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name, (make, rule, _) in FILE_FAULTS.items():
            place = Path(folder) / name.replace(" ", "-")
            place.mkdir()
            make(place)
            is_found = rule in _found(place, [path.name for path in place.iterdir() if path.suffix != ".xml"])
            rows.append((name, f"`{rule}`", "100%" if is_found else "0%", "1"))
            marks.append(Mark(f"{name} caught", float(is_found), CAUGHT))
        for title, rule, made in (
            ("gap in the sequence", "name-sequence", _with_gap), ("image cut short", "image-incomplete", _cut_short),
        ):  # fmt: skip
            outcomes = [rule in _found(*made(Path(folder) / f"{rule}-{seed}", seed)) for seed in range(number)]
            rows.append((title, f"`{rule}`", f"{sum(outcomes) / number:.0%}", str(number)))
            marks.append(Mark(f"{title} caught", sum(outcomes) / number, CAUGHT))
        alarms = [_found(*_sound(Path(folder) / f"sound-{seed}", seed)) for seed in range(number)]
    suspected = sum(1 for found in alarms if found)
    marks.append(Mark("sound files suspected", suspected / number, SUSPECTED, at_most=True))
    text = "### Faults of files\n\n" + table(("fault", "rule", "caught", "files"), rows)
    return f"{text}\n\nOf {number} sound documents {suspected} were suspected by any of these rules.", marks


def _found(folder: Path, images: list[str]) -> set[str]:
    folder.joinpath("asked.toml").write_text(ASKED)
    contract = read_contract(folder / "asked.toml")
    folder.joinpath("asked.toml").unlink()
    shown = " | ".join(sorted(images))
    folder.joinpath("items.csv").write_text(f"dc:identifier;dc:title;dc:type;images\nA;T;presse;{shown}\n")
    report = check(open_delivery(folder, Context(rights="public-domain")), contract=contract)
    return {found.rule for found in report.findings if found.rule.startswith(("image-", "name-"))}


def _sound(folder: Path, seed: int) -> tuple[Path, list[str]]:
    chance = random.Random(seed)
    folder.mkdir()
    suffix = chance.choice(["jpg", "tif"])
    names = [f"vue_{number:04}.{suffix}" for number in range(1, chance.randint(5, 12))]
    for name in names:
        picture = Image.effect_noise((chance.randint(80, 140), 90), chance.uniform(20, 90)).convert("RGB")
        picture.save(folder / name, dpi=(400, 400), icc_profile=_srgb())
    return folder, names


def _with_gap(folder: Path, seed: int) -> tuple[Path, list[str]]:
    _, names = _sound(folder, seed)
    gone = random.Random(seed + 1).choice(names[1:-1])
    (folder / gone).unlink()
    return folder, [name for name in names if name != gone]


def _cut_short(folder: Path, seed: int) -> tuple[Path, list[str]]:
    _, names = _sound(folder, seed)
    chance = random.Random(seed + 1)
    path = folder / chance.choice(names)
    with Image.open(path) as picture:
        picture.save(path.with_suffix(".jpg"), dpi=(400, 400), icc_profile=_srgb(), quality=95)
    if path.suffix == ".tif":
        path.unlink()
    path = path.with_suffix(".jpg")
    body = path.read_bytes()
    path.write_bytes(body[: int(len(body) * chance.uniform(0.65, 0.98))])
    return folder, [entry.name for entry in folder.iterdir()]


def _srgb() -> bytes:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _real() -> str:
    """Say what is seen on real pages; that they are judged rightly, a person has seen."""
    masters = [path for path in sorted(SAMPLES.glob("*/**/*")) if path.suffix in {".jpeg", ".tif", ".jp2"}]
    if not masters:
        return "### Real pages\n\nNot there: no `../shared/samples` beside the checkout."
    rows = []
    for path in masters:
        looks = look_through(path, MOST_PIXELS).appearance
        if looks:
            angle = "none" if looks.skew is None else f"{looks.skew:+.1f}°"
            border, white = f"{max(looks.borders):.1%}", f"{looks.white:.1%}"
            rows.append((path.name, angle, border, white, f"{looks.sharpness:.2f}", f"{looks.ink:.1%}"))
    return "### Real pages\n\n" + table(("page", "skew", "widest border", "burnt out", "sharpness", "ink"), rows)


def _speed(pool: ProcessPoolExecutor, rounds: int) -> tuple[str, list[Mark]]:
    """Measure masters as suppliers pack them: as they are, which nothing is quicker to decode than, and as JPEG."""
    plain = draw_scans(BUILD / "scans", SCANS)
    texts, marks = [], []
    for name, masters in (("uncompressed TIFF", plain), ("JPEG", [_as_jpeg(path) for path in plain])):
        text, found = _speed_of(pool, rounds, name, masters * CORES)
        texts.append(text)
        marks += found
    return "\n\n".join(texts), marks


def _as_jpeg(path: Path) -> Path:
    made = path.with_suffix(".jpg")
    if not made.exists():
        with Image.open(path) as scan:
            scan.save(made.with_suffix(".new"), format="JPEG", quality=92)
        made.with_suffix(".new").rename(made)
    return made


def _speed_of(pool: ProcessPoolExecutor, rounds: int, packing: str, masters: list[Path]) -> tuple[str, list[Mark]]:
    """Measure each way in turn, by the clock and by the processor, which others at work on the machine change little."""
    size = sum(path.stat().st_size for path in masters) / 1e6
    pixels = sum(scan.width * scan.height for scan in SCANS) * CORES / 1e6
    ways: dict[str, Callable[[Path], None]] = {
        "reading the files": read,
        "decoding them": decode,
        "a look at them": look,
        "a look that keeps a picture for the report": look_and_keep,
        "a second pass for that picture": preview,
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    busy: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            begun = time.perf_counter()
            spent = sum(pool.map(_timed, [way] * len(masters), masters))
            if number:  # the first round has imported everything, and finds the files in memory
                seconds[name].append(time.perf_counter() - begun)
                busy[name].append(spent)
    clock = {name: median(values) for name, values in seconds.items()}
    processor = {name: median(values) for name, values in busy.items()}
    rows = [
        (name, f"{size / clock[name]:.0f}", f"{pixels / clock[name]:.0f}", f"{1000 * processor[name] / len(masters):.0f} ms",
         f"{processor['decoding them'] / processor[name]:.2f}")
        for name in ways
    ]  # fmt: skip
    text = f"### Speed on {CORES} cores, masters of 35 million pixels, {packing}, read from memory\n\n"
    text += table(("", "MB/s", "million pixels/s", "processor time a master", "decoding alone ÷ it"), rows)
    decoding = processor["decoding them"] / processor["a look at them"]
    kept = processor["a look that keeps a picture for the report"]
    twice = (processor["a look at them"] + processor["a second pass for that picture"]) / kept
    return text, [
        Mark(f"decoding alone against a look, {packing}, in processor time", decoding, FLOORS[packing]),
        Mark(f"a look and a second pass against a look that keeps a picture, {packing}", twice, TWICE),
    ]


def _timed(way: Callable[[Path], None], path: Path) -> float:
    """Do it; return the processor time that it took, of all threads."""
    begun = time.process_time()
    way(path)
    return time.process_time() - begun


def read(path: Path) -> None:
    """Read a file alone."""
    with path.open("rb") as file:
        while file.read(2**20):
            pass


def decode(path: Path) -> None:
    """Decode a file and take its digest, no more."""
    if look_through(path, MOST_PIXELS, looking=False).appearance is not None:
        raise Failed(f"{path.name} was looked at")


def look_and_keep(path: Path) -> None:
    """Look at a file as a check for a report does."""
    with tempfile.TemporaryDirectory() as folder:
        look_through(path, MOST_PIXELS, picture=Path(folder) / "kept.jpg")
        if not (Path(folder) / "kept.jpg").exists():
            raise Failed(f"no picture of {path.name} was kept")


def preview(path: Path) -> None:
    """Make the pictures of a report from a file alone, as of a view that was looked at before without one."""
    make_preview(path, MOST_PIXELS, 7_000, 100_000, probe(path))


def look(path: Path) -> None:
    """Look at a file as a check does."""
    if look_through(path, MOST_PIXELS).appearance is None:
        raise Failed(f"{path.name} was not looked at")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"not measured: {failure}")
