"""Small deliveries with one fault each, as suppliers sometimes hand them over; the rest of each is sound."""

from collections.abc import Callable

import numpy as np

from data.holdings import mills, scenes
from data.holdings.folders import Folder
from data.holdings.prints import photographic, toned
from data.holdings.single import NOTE_EN, NOTE_FR

IMAGES = tuple(f"images/vue_{number:03d}.jpg" for number in (1, 2, 3))
LIST = "manifest-sha256.txt"


def write_sound(folder: Folder) -> None:
    """Write a sound delivery of one document in three views."""
    for number, name in enumerate(IMAGES):
        rng = np.random.default_rng([5, number])
        scene = (mills.skyline, scenes.square, mills.spinning_hall)[number](rng, 480, 320)
        folder.picture(name, toned(photographic(rng, scene, 0.6, 4.0), (40, 30, 26), (238, 224, 196)), 150, 70)
    _table(folder, IMAGES)
    folder.context(institution="bm-lille", supplier="atelier-beffroi", campaign="2025-villes-et-usines")
    folder.checksums(LIST, "sha256")


def _table(folder: Folder, images: tuple[str, ...]) -> None:
    folder.table(
        "documents.csv",
        [
            {
                "dc:identifier": "ALB-0001",
                "dc:title@fr": "Album de vues du Nord",
                "dc:date": "1905",
                "dc:type": "photographies",
                "dc:language": "fre",
                "dc:rights": "public-domain",
                "rights_basis": "Document de démonstration",
                "cleared_by": "Service du patrimoine",
                "dc:description@fr": NOTE_FR,
                "dc:description@en": NOTE_EN,
                "images": images,
            }
        ],
    )


def _truncate(folder: Folder) -> None:
    path = folder.root / IMAGES[1]
    folder.write(IMAGES[1], path.read_bytes()[: path.stat().st_size * 2 // 5])
    folder.checksums(LIST, "sha256")  # the list is of the broken file: only decoding finds the fault


def _lose(folder: Folder) -> None:
    (folder.root / IMAGES[1]).unlink()


def _alter(folder: Folder) -> None:
    path = folder.root / LIST
    lines = path.read_text(encoding="utf-8").splitlines()
    changed = [("0" * 64 + line[64:]) if IMAGES[1] in line else line for line in lines]
    folder.write(LIST, ("\n".join(changed) + "\n").encode())


def _escape(folder: Folder) -> None:
    _table(folder, (IMAGES[0], "../../../etc/hostname", IMAGES[2]))
    folder.checksums(LIST, "sha256")


def _skip(folder: Folder) -> None:
    renamed = (IMAGES[0], IMAGES[1], "images/vue_004.jpg")
    (folder.root / IMAGES[2]).rename(folder.root / renamed[2])
    _table(folder, renamed)
    folder.checksums(LIST, "sha256")


FAULTS: dict[str, Callable[[Folder], None]] = {
    "truncated-image": _truncate,
    "missing-file": _lose,
    "wrong-checksum": _alter,
    "path-traversal": _escape,
    "numbering-gap": _skip,
}
