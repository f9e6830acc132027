"""Manifests of 1 000 views in both versions: building, publishing, serving; prints medians of rounds and ratios.

Building: plain dicts, converted and validated as publication does it, against iiif-prezi3's objects, which make 3.0 alone
with a painted image and nothing else. Serving: the server time of the presentation surface, from the scope to the last
message, without sockets, against building the same manifest on request. `make bench` runs it.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from iiif_prezi3 import Manifest  # type: ignore[import-untyped]  # it has no types

from server.catalogue.session import Catalogue
from server.iiif.build.bytes import to_bytes
from server.iiif.build.manifest import build_manifest
from server.iiif.build.manifest2 import convert_manifest
from server.iiif.build.validate import validate_manifest
from server.iiif.build.validate2 import validate_manifest_2
from server.iiif.http import Message
from server.iiif.presentation import PresentationService
from server.model.addresses import Addresses
from server.model.item import Item
from server.publish.packing import pack
from server.publish.pages import make_pages
from server.publish.render import PublicImage, render
from server.publish.stamp import Stamp
from server.publish.transaction import make_live
from server.settings import load_settings
from tests.support.asgi import scope_of
from tests.support.publications import Shelf, make_newspaper, make_postcard, renamed

VIEWS, ROUNDS, SMALL, REQUESTS = 1000, 5, 300, 300
BASE = "http://127.0.0.1:8000"
ADDRESSES = Addresses(BASE, "99999", "vitrine.example.org")
ITEM = make_newspaper(pages=VIEWS)
PACKED = {"accept-encoding": "gzip, br"}


def ours() -> int:
    """Build, convert, validate and write the whole manifest in both versions; return the bytes of 3.0."""
    manifest = build_manifest(ITEM, ADDRESSES)
    validate_manifest(manifest)
    second = convert_manifest(manifest, ADDRESSES)
    validate_manifest_2(second)
    to_bytes(second)
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


def on_request() -> int:
    """Build the manifest of 3.0 as a server does that keeps none; return its bytes."""
    return len(to_bytes(build_manifest(ITEM, ADDRESSES)))


def seconds(work: Callable[[], int]) -> float:
    """Return the seconds that one run takes."""
    begun = time.perf_counter()
    if work() < 100 * VIEWS:
        raise SystemExit(f"{work.__name__} made too little: it did not do its work")
    return time.perf_counter() - begun


class House:
    """A catalogue in a folder, and the surface that serves it. Nothing that was just answered is kept where `is_cold`."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'catalogue.sqlite'}"
        self.catalogue = Catalogue(url)
        self.shelf = Shelf(self.catalogue)
        self.shelf.prepare(BASE)
        settings = load_settings(base_url=BASE, database_url=url, secret_key="k" * 32)
        cold = settings.model_copy(update={"image_max_age": 0})
        self.warm, self.cold = PresentationService(settings, self.catalogue), PresentationService(cold, self.catalogue)

    def publish(self, item: Item, sequence: int) -> float:
        """Publish an item as `publish` does: render, pack, make live; return the seconds."""
        images = tuple(PublicImage(v.image, v.number, v.width, v.height, "p", "i", "0") for v in item.views)
        with self.catalogue.write() as session:
            self.shelf._hold(session, item)  # noqa: SLF001  # what ingest leaves is not measured
        begun = time.perf_counter()
        rendering = render(item, make_pages(item, lambda _: None, ADDRESSES), images, ADDRESSES)
        packed = pack(rendering.documents)
        with self.catalogue.publication_lock(), self.catalogue.write() as session:
            make_live(session, rendering, packed, Stamp(sequence, sequence), ADDRESSES.oai_identifier(item.name))
        return time.perf_counter() - begun


async def answer(service: PresentationService, path: str, headers: Mapping[str, str]) -> float:
    """Ask for one address; return the seconds that the surface took."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    begun = time.perf_counter()
    await service(scope_of(path, headers=headers), receive, send)
    taken = time.perf_counter() - begun
    if sent[0]["status"] != 200 or not any(message.get("body") for message in sent[1:]):
        raise SystemExit(f"{path} was answered {sent[0]['status']}")
    return taken


async def serving(house: House) -> dict[str, tuple[float, float]]:
    """Return median and 99th percentile in milliseconds, by what was asked; the ways are taken in turn."""
    large, small = "/iiif/presentation/{}/v1hjkmn0/manifest", "/iiif/presentation/3/v1b{:05}/manifest"
    taken: dict[str, list[float]] = {}
    for number in range(REQUESTS):
        for what, service, path in (
            ("1 000 views, 3.0, just answered", house.warm, large.format(3)),
            ("1 000 views, 3.0, from the catalogue", house.cold, large.format(3)),
            ("1 000 views, 2.1, from the catalogue", house.cold, large.format(2)),
            ("another document each time, from the catalogue", house.cold, small.format(number % SMALL)),
        ):
            taken.setdefault(what, []).append(await answer(service, path, PACKED))
    return {what: _percentiles(values) for what, values in taken.items()}


def _percentiles(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return statistics.median(ordered) * 1e3, ordered[int(len(ordered) * 0.99)] * 1e3


def main() -> None:
    """Measure in turn and print."""
    taken: dict[str, list[float]] = {"ours": [], "objects": [], "on request": [], "published": []}
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        for number in range(ROUNDS):
            taken["ours"].append(seconds(ours))
            taken["objects"].append(seconds(objects))
            taken["on request"].append(seconds(on_request))
            name = "v1hjkmn0" if not number else f"v1hjkmn{number}"
            taken["published"].append(house.publish(renamed(ITEM, name, f"Journal {number}"), number + 1))
        for number in range(SMALL):
            house.publish(renamed(make_postcard(), f"v1b{number:05}", f"Carte {number}"), ROUNDS + number + 1)
        served = asyncio.run(serving(house))
        house.catalogue.close()
    medians = {name: statistics.median(values) for name, values in taken.items()}
    print(f"{VIEWS} views, 3.0 and 2.1 as validated dicts: {medians['ours']:.3f} s")
    print(f"the library's objects, 3.0 alone: {medians['objects']:.3f} s")
    print(f"ratio objects/ours: {medians['objects'] / medians['ours']:.1f}")
    print(
        f"{VIEWS} views published, both versions stored in three encodings: {medians['published']:.2f} s (promised: 3)"
    )
    for what, (median, late) in served.items():
        ratio = medians["on request"] * 1e3 / median
        print(f"{what}: {median:.3f} ms, p99 {late:.3f} ms; built on request ÷ it: {ratio:.0f}")


if __name__ == "__main__":
    main()
