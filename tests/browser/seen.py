"""What the browser tests share: the published documents by their manifests, and whether something was really painted."""

import io
import json
import urllib.request
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator

from tests.support.browser import Watched

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
    for collection in _read(f"{url}/iiif/presentation/3/collection/top")["items"]:
        for member in _read(collection["id"])["items"]:
            if member["type"] == "Manifest" and member["id"] not in found:
                manifest = _read(member["id"])
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
    """Return the images of a document that were asked for and answered with 200."""
    return [
        url
        for status, url in watched.responses
        if status == 200 and f"/iiif/image/3/{name}.f" in url and url.endswith(".jpg")
    ]


def assert_clean_but_for_mirador(watched: Watched) -> None:
    """Fail on everything that `assert_clean` fails on, except what Mirador says of itself."""
    watched.console_errors = [error for error in watched.console_errors if not error.startswith(_REACT_IN_MIRADOR)]
    watched.assert_clean()


def _read(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=20) as response:  # the running server of the test
        return json.load(response)
