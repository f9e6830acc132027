"""Which documents go into which delivery, and making them once: what is there and up to date is not made again."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL

from data.holdings import bound, faults, fonts, press, single
from data.holdings.folders import Folder, begin, finish

STAMP = ".made.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """A delivery to make: who delivers for whom, how large (scale, small scale), what is written."""

    name: str
    institution: str
    supplier: str
    campaign: str
    scale: float
    small: float
    quality: int
    write: Callable[[Folder, float, int], None]
    collections: tuple[str, ...] = ()
    bag: bool = False
    checksums: tuple[str, str] | None = None


def _issue(order: int) -> Callable[[Folder, float, int], None]:
    def write(folder: Folder, scale: float, quality: int) -> None:
        press.write_issue(folder, order, scale, quality)

    return write


PLANS: tuple[Plan, ...] = (
    Plan(
        "courrier-deule-1909-03-07",
        "bm-lille",
        "numerisud",
        "2025-villes-et-usines",
        1.0,
        0.56,
        66,
        _issue(0),
        ("lettres-et-journaux",),
        checksums=("manifest-sha256.txt", "sha256"),
    ),
    Plan(
        "courrier-deule-1909-03-08",
        "bm-lille",
        "numerisud",
        "2025-villes-et-usines",
        1.0,
        0.56,
        66,
        _issue(1),
        ("lettres-et-journaux",),
        checksums=("checkmd5.txt", "md5"),
    ),
    Plan(
        "courrier-deule-1909-03-09",
        "bm-lille",
        "numerisud",
        "2025-villes-et-usines",
        1.0,
        0.56,
        66,
        _issue(2),
        ("lettres-et-journaux",),
        checksums=("manifest-sha256.txt", "sha256"),
    ),
    Plan(
        "images-roubaix",
        "mediatheque-roubaix",
        "atelier-beffroi",
        "2025-villes-et-usines",
        1.0,
        0.5,
        78,
        single.write_pictures,
        checksums=("checkmd5.txt", "md5"),
    ),
    Plan(
        "lettre-delattre",
        "musee-lys",
        "atelier-beffroi",
        "2026-lire-et-ecrire",
        1.0,
        0.6,
        76,
        single.write_letter,
        checksums=("manifest-sha256.txt", "sha256"),
    ),
    Plan(
        "fables-1842",
        "bm-tourcoing",
        "atelier-beffroi",
        "2026-lire-et-ecrire",
        0.9,
        0.4,
        72,
        bound.write_book,
        ("lettres-et-journaux",),
    ),
    Plan(
        "registre-tisserands",
        "archives-armentieres",
        "atelier-beffroi",
        "2025-villes-et-usines",
        1.0,
        0.5,
        74,
        bound.write_register,
        ("textile",),
        bag=True,
    ),
    Plan("plan-lille", "bm-lille", "numerisud", "2026-lire-et-ecrire", 1.0, 0.15, 82, single.write_plan),
)
COMMITTED = ("courrier-deule-1909-03-07", "images-roubaix", "lettre-delattre", "registre-tisserands")
"""Deliveries kept small in `data/deliveries/`; the others are made when they are needed."""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a delivery: seconds it took, 0.0 where it was up to date."""

    name: str
    path: Path
    seconds: float


def recipe() -> str:
    """Return a digest of everything that decides the bytes: these modules, the texts, the versions of what draws."""
    digest = hashlib.sha256(json.dumps([np.__version__, PIL.__version__, fonts.versions()], sort_keys=True).encode())
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *here.glob("texts/*.txt")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def make(plan: Plan, target: Path, *, small: bool = False) -> None:
    """Make one delivery at `target`, whole or not at all."""
    folder = begin(target)
    try:
        plan.write(folder, plan.small if small else plan.scale, plan.quality - 8 if small else plan.quality)
        folder.context(
            institution=plan.institution,
            supplier=plan.supplier,
            campaign=plan.campaign,
            rights="public-domain",
            rights_basis="Document de démonstration versé dans le domaine public",
            cleared_by="Service du patrimoine",
            language="fre",
            collections=plan.collections,
        )
        if plan.checksums:
            folder.checksums(*plan.checksums)
        if plan.bag:
            folder.bag("2025-10-20", "Atelier du Beffroi (démonstration)")
    except BaseException:
        shutil.rmtree(folder.root, ignore_errors=True)
        raise
    finish(folder, target)


def make_all(
    target: Path, *, small: bool = False, names: tuple[str, ...] = (), begun: Callable[[str], None] | None = None
) -> Iterator[Made]:
    """Make every delivery (or those named) below `target` that is missing or out of date; `begun` is told each name."""
    target.mkdir(parents=True, exist_ok=True)
    stamp_file, current = target / STAMP, f"{recipe()} {'small' if small else 'full'}"
    try:
        stamps = json.loads(stamp_file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        stamps = {}
    for plan in PLANS:
        if names and plan.name not in names:
            continue
        path = target / plan.name
        if path.is_dir() and stamps.get(plan.name) == current:
            yield Made(plan.name, path, 0.0)
            continue
        if begun is not None:
            begun(plan.name)
        started = time.perf_counter()
        make(plan, path, small=small)
        stamps[plan.name] = current
        fresh = target / f"{STAMP}.new"
        fresh.write_text(json.dumps(stamps, indent=1, sort_keys=True), encoding="utf-8")
        fresh.rename(stamp_file)
        yield Made(plan.name, path, time.perf_counter() - started)


def make_faults(target: Path) -> tuple[Path, ...]:
    """Make the deliveries with one fault each below `target`."""
    made = []
    for name, spoil in faults.FAULTS.items():
        folder = begin(target / name)
        faults.write_sound(folder)
        spoil(folder)
        finish(folder, target / name)
        made.append(target / name)
    return tuple(made)
