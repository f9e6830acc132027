"""What the browser tests share: the published documents by their manifests, and whether something was really painted."""

import io
import json
import re
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator

from tests.support.browser import Watched

PAINTED = 24
"""Colours, of 4096, that a picture has at least; a canvas on which nothing is drawn has one."""

_TILE = r"(\.f\d+)?/(\d+,\d+,\d+,\d+|full)/[^/]+/0/default\.jpg$"

_COLOURS = """
    const colours = (place) => {
        const drawn = [...document.querySelectorAll(`${place} .openseadragon-canvas canvas`)];
        return Math.max(0, ...drawn.filter((canvas) => !canvas.closest(".navigator")).map((canvas) => {
            const copy = document.createElement("canvas");
            copy.width = 240;
            copy.height = 240;
            const pen = copy.getContext("2d");
            if (canvas.width && canvas.height) pen.drawImage(canvas, 0, 0, copy.width, copy.height);
            const { data } = pen.getImageData(0, 0, copy.width, copy.height);
            const found = new Set();
            for (let at = 0; at < data.length; at += 4) {
                found.add(((data[at] >> 4) << 8) | ((data[at + 1] >> 4) << 4) | (data[at + 2] >> 4));
            }
            return found.size;
        }));
    };
"""
"""How many colours the canvas of OpenSeadragon holds, ours or that in Mirador, counted on a copy of 240 pixels a side."""

_REACT_IN_MIRADOR = "Accessing element.ref was removed in React 19"
"""Mirador 4.0.0 is built with React 19 and a part of it that reads `element.ref`: its own, and harmless."""


@dataclass(frozen=True)
class Shown:
    """A published document: its manifest, how many canvases it has, its permalink."""

    name: str
    title: str
    manifest: str
    canvases: int
    permalink: str


def list_documents(url: str) -> list[Shown]:
    """Return every document of the top collection's collections, by name."""
    found: dict[str, Shown] = {}
    for collection in read_json(f"{url}/iiif/presentation/3/collection/top")["items"]:
        for member in read_json(collection["id"])["items"]:
            if member["type"] == "Manifest" and member["id"] not in found:
                manifest = read_json(member["id"])
                (title,) = next(iter(manifest["label"].values()))
                found[member["id"]] = Shown(
                    member["id"].split("/")[-2],
                    title,
                    member["id"],
                    len(manifest["items"]),
                    manifest["homepage"][0]["id"],
                )
    return sorted(found.values(), key=lambda document: document.name)


def colours(place: Locator) -> int:
    """Return how many different colours a part of the page shows, of 4096 that are told apart."""
    image = Image.open(io.BytesIO(place.screenshot())).convert("RGB")
    pixels = np.asarray(image, dtype=np.uint16) >> 4
    return len(np.unique(pixels[..., 0] * 256 + pixels[..., 1] * 16 + pixels[..., 2]))


def tiles(watched: Watched, name: str) -> list[str]:
    """Return the tiles and levels of a document's images, or of one image, that a viewer asked for and was given.

    The pictures of the `img` elements that are seen, thumbnails and the plain picture, are no work of the viewer.
    """
    plain = set(
        watched.page.evaluate(
            "Array.from(document.images).filter((img) => img.offsetParent).flatMap((img) => [img.src, img.currentSrc])"
        )
    )
    given = (url for status, url in watched.responses if status == 200)
    return [url for url in given if url not in plain and re.search(rf"/iiif/image/[23]/{name}{_TILE}", url)]


def painted(watched: Watched, place: str) -> int:
    """Return how many colours of 4096 the viewer in a place has drawn: its canvas alone, no control and no strip."""
    return int(watched.page.evaluate(f"(place) => {{ {_COLOURS} return colours(place); }}", place))


def assert_painted(watched: Watched, place: str, name: str, seconds: float = 20) -> None:
    """Wait until the viewer in a place has drawn a picture from tiles of `name`; fail where it does not in time."""
    seen = watched.page.evaluate(
        f"""async ([place, least, milliseconds]) => {{
            {_COLOURS}
            const end = performance.now() + milliseconds;
            while (colours(place) < least && performance.now() < end) await new Promise(requestAnimationFrame);
            return colours(place);
        }}""",
        [place, PAINTED, seconds * 1000],
    )
    assert seen >= PAINTED, f"{name}: {seen} colours in {place}; a picture has {PAINTED} at least"
    end = time.monotonic() + seconds  # a small picture that is there already may be drawn before the first tile comes
    while not tiles(watched, name) and time.monotonic() < end:
        watched.page.wait_for_timeout(50)
    assert tiles(watched, name), f"{name}: no tile was asked for"


def assert_clean_but_for_mirador(watched: Watched) -> None:
    """Fail on everything that `assert_clean` fails on, except what Mirador says of itself."""
    watched.console_errors = [error for error in watched.console_errors if not error.startswith(_REACT_IN_MIRADOR)]
    watched.assert_clean()


def read_json(url: str) -> Any:
    """Return the JSON that the running server has at an address."""
    with urllib.request.urlopen(url, timeout=20) as response:  # the running server of the test
        return json.load(response)
