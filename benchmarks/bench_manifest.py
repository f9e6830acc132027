"""A manifest of 1 000 views: plain dicts validated by iiif-prezi3, as publication does it, against iiif-prezi3's objects.

Prints the medians of five rounds, taken in turn, and their ratio. `make bench` runs it.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from iiif_prezi3 import Manifest  # type: ignore[import-untyped]  # it has no types

from server.iiif.build.bytes import to_bytes
from server.iiif.build.manifest import build_manifest
from server.iiif.build.validate import validate_manifest
from server.model.addresses import Addresses
from tests.support.publications import make_newspaper

VIEWS, ROUNDS = 1000, 5
ADDRESSES = Addresses("http://127.0.0.1:8000", "99999", "vitrine.example.org")
ITEM = make_newspaper(pages=VIEWS)


def ours() -> int:
    """Build, validate and write the whole manifest; return its bytes."""
    manifest = build_manifest(ITEM, ADDRESSES)
    validate_manifest(manifest)
    return len(to_bytes(manifest))


def objects() -> int:
    """Make canvases with a painted image and nothing else through the library's helpers; return the bytes."""
    manifest = Manifest(id=ADDRESSES.manifest(ITEM.name), label=ITEM.description.title.value)
    for view in ITEM.public_views:
        canvas = manifest.make_canvas(id=ADDRESSES.canvas(ITEM.name, view.number), height=view.height, width=view.width)
        canvas.add_image(
            image_url=ADDRESSES.image_file(view.image),
            anno_id=ADDRESSES.part(ITEM.name, f"annotation/f{view.number}"),
            anno_page_id=ADDRESSES.part(ITEM.name, f"page/f{view.number}"),
        )
    return len(manifest.json())


def seconds(work: Callable[[], int]) -> float:
    """Return the seconds that one run takes."""
    begun = time.perf_counter()
    if work() < 100 * VIEWS:
        raise SystemExit(f"{work.__name__} made too little: it did not do its work")
    return time.perf_counter() - begun


def main() -> None:
    """Measure in turn and print."""
    taken: dict[str, list[float]] = {"ours": [], "objects": []}
    for _ in range(ROUNDS):
        taken["ours"].append(seconds(ours))
        taken["objects"].append(seconds(objects))
    medians = {name: statistics.median(values) for name, values in taken.items()}
    print(f"plain dicts, validated: {medians['ours']:.3f} s; the library's objects: {medians['objects']:.3f} s")
    print(f"ratio objects/ours: {medians['objects'] / medians['ours']:.1f}")


if __name__ == "__main__":
    main()
