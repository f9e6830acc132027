"""The server that the suite asks: any ASGI application that serves three known pictures.

The rules see `Server` alone: they ask for a path and judge the answer. `furnish` makes our own service over pictures
that the suite draws; `Remembered` keeps its answers, so that the suite can be run against many broken variants of it.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

from server.errors import Unknown, Withdrawn
from server.iiif.image import ImageLocation, ImageService
from server.iiif.pyramids import PartOf
from server.imaging.pyramid import make_pyramid
from server.settings import load_settings
from server.storage.keys import index_key, pyramid_key
from server.storage.local import LocalStorage
from tests.conformance.image.judging import check_alike, opened, squares, wanted
from tests.support.asking import Answer, ask

ORIGIN = "https://example.org"
TILE = 256
MAX_WIDTH, MAX_HEIGHT, MAX_AREA = 1200, 1000, 1_100_000
MODIFIED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RIGHTS = "http://creativecommons.org/publicdomain/mark/1.0/"

Headers = Mapping[str, str] | Sequence[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Known:
    """An image that is served, and the picture that it shows."""

    name: str
    picture: Image.Image

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.picture.width

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.picture.height


SQUARES = Known("v1b.f1", squares(1000, 1000))
"""Ten by ten squares; the server may give it whole."""

ODD = Known("v1b.f2", squares(1237, 811))
"""Its sides are no multiples of anything; it is wider than the server gives."""

GRAY = Known("v1b.f3", squares(300, 200, gray=True))
"""It has no colour."""

KNOWN = (SQUARES, ODD, GRAY)

WITHDRAWN = "v1b.f9"
"""The name of an image that was published and is no longer."""


@dataclass(frozen=True)
class Server:
    """An ASGI application in one version of the API, "3.0" or "2.1". Paths begin behind the prefix.

    `run` runs a request on the application's event loop: an application may keep to one loop for all of them.
    """

    application: Any
    version: str
    origin: str = ORIGIN
    run: Callable[[Coroutine[Any, Any, Answer]], Answer] = asyncio.run

    @property
    def prefix(self) -> str:
        """Path before the identifiers, with a slash at both ends."""
        return f"/iiif/image/{self.version[0]}/"

    @property
    def whole(self) -> str:
        """The size that asks for a region as it is."""
        return "max" if self.version == "3.0" else "full"

    def ask(self, path: str, method: str = "GET", headers: Headers = ()) -> Answer:
        """Send one request; `path` is written as it goes over the wire."""
        return self.run(ask(self.application, self.prefix + path, headers, method))

    def base(self, known: Known) -> str:
        """Base URI of an image."""
        return f"{self.origin}{self.prefix}{known.name}"

    def info(self, known: Known, headers: Headers = ()) -> dict[str, Any]:
        """Return info.json of an image."""
        answer = self.ask(f"{known.name}/info.json", headers=headers)
        assert answer.status == 200, answer.text
        found = json.loads(answer.body)
        assert isinstance(found, dict)
        return found

    def shown(self, known: Known, rest: str) -> Image.Image:
        """Return the image at `region/size/rotation/quality.format`."""
        answer = self.ask(f"{known.name}/{rest}")
        assert answer.status == 200, f"{rest}: {answer.status} {answer.body[:200]!r}"
        return opened(answer.body)

    def check(
        self,
        known: Known,
        rest: str,
        region: tuple[int, int, int, int],
        size: tuple[int, int],
        *,
        mirrored: bool = False,
        turned: int = 0,
    ) -> None:
        """Fail unless an address shows this region in this size, mirrored and turned like this."""
        answer = self.ask(f"{known.name}/{rest}")
        assert answer.status == 200, f"{rest}: {answer.status} {answer.body[:200]!r}"
        fault = fault_of(answer.body, known, region, size, mirrored, turned)
        assert not fault, f"{rest}: {fault}"

    def check_same(self, known: Known, rest: str, other: str) -> None:
        """Fail unless two addresses show the same."""
        bodies = []
        for one in (rest, other):
            answer = self.ask(f"{known.name}/{one}")
            assert answer.status == 200, f"{one}: {answer.status} {answer.body[:200]!r}"
            bodies.append(answer.body)
        fault = difference_of(*bodies)
        assert not fault, f"{other}: {fault}"

    def check_status(self, known: Known, rest: str, *statuses: int) -> None:
        """Fail unless an address is answered with one of these statuses."""
        status = self.ask(f"{known.name}/{rest}").status
        assert status in statuses, f"{rest}: {status}"


@lru_cache(maxsize=10_000)
def fault_of(
    body: bytes, known: Known, region: tuple[int, int, int, int], size: tuple[int, int], mirrored: bool, turned: int
) -> str:
    """Return what is wrong with an image file; empty where nothing is. Kept: broken servers send most of the same files."""
    try:
        check_alike(opened(body), wanted(known.picture, region, size, mirrored=mirrored, turned=turned), "image")
    except AssertionError as error:
        return str(error)
    return ""


@lru_cache(maxsize=10_000)
def difference_of(body: bytes, other: bytes) -> str:
    """Return in what two image files differ; empty where they show the same. Kept, as `fault_of`."""
    try:
        check_alike(opened(body), opened(other), "image")
    except AssertionError as error:
        return str(error)
    return ""


class Remembered:
    """An ASGI application that asks another once and then answers from memory. For one that never changes."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._kept: dict[Any, list[dict[str, Any]]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        key = (scope["method"], scope["raw_path"], tuple(scope["headers"]))
        messages = self._kept.get(key)
        if messages is None:
            messages = []

            async def keep(message: dict[str, Any]) -> None:
                messages.append(message)

            await self._application(scope, receive, keep)
            self._kept[key] = messages
        for message in messages:
            await send(message)


def furnish(folder: Path) -> ImageService:
    """Make our own service over the known pictures, all its files in `folder`."""
    storage = LocalStorage(folder / "store")
    locations = {}
    for number, known in enumerate(KNOWN, start=1):
        known.picture.save(folder / f"{number}.png")
        made = make_pyramid(folder / f"{number}.png", folder, tile_size=TILE, quality=85, max_pixels=10**7)
        sha = f"{number:064x}"
        tif, index = pyramid_key("v1b", number, sha, made.recipe), index_key("v1b", number, sha, made.recipe)
        storage.put(tif, made.tif.read_bytes())
        storage.put(index, made.index.read_bytes())
        part_of = (PartOf(f"{ORIGIN}/iiif/presentation/3/v1b/manifest", {"fr": ["Carrés"], "en": ["Squares"]}),)
        locations[known.name] = ImageLocation(
            known.name, tif, index, known.width, known.height, sha, MODIFIED, RIGHTS, part_of
        )

    def find(image: str) -> ImageLocation:
        if image == WITHDRAWN:
            raise Withdrawn(f"image {image} was withdrawn")
        if image not in locations:
            raise Unknown(f"there is no image {image}")
        return locations[image]

    settings = load_settings(
        home_dir=folder, base_url=ORIGIN, max_width=MAX_WIDTH, max_height=MAX_HEIGHT, max_area=MAX_AREA
    )
    return ImageService(settings, storage, find)
