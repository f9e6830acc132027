"""The Image API 3.0 over HTTP: what info.json announces is served, tiles as they are stored, errors as sentences."""

import asyncio
import gzip
import io
import json
import logging
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from server.errors import Unknown, Withdrawn
from server.iiif import http, renderers
from server.iiif import image as surface
from server.iiif.image import ImageLocation, ImageService
from server.iiif.pyramids import PartOf
from server.imaging.index import TileIndex
from server.imaging.pyramid import make_pyramid
from server.imaging.render import NotWanted, render
from server.imaging.tiles import PyramidReader
from server.imaging.vips import pyvips
from server.settings import load_settings
from server.storage import Storage
from server.storage.keys import index_key, pyramid_key
from server.storage.local import LocalStorage
from server.storage.s3 import S3Storage
from tests.support.asking import Answer, ask, ask_now
from tests.support.pictures import picture

SHA = "0123456789abcdef" * 4
BASE = "https://example.org"
WIDTH, HEIGHT = 700, 500
SHARED = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}


@dataclass
class House:
    """A store with one colour image and one gray one, and the service over it."""

    storage: Storage
    service: ImageService
    locations: dict[str, ImageLocation]
    withdrawn: set[str] = field(default_factory=set)
    lookups: list[str] = field(default_factory=list)

    def find(self, image: str) -> ImageLocation:
        self.lookups.append(image)
        if image in self.withdrawn:
            raise Withdrawn(f"image {image} was withdrawn")
        if image not in self.locations:
            raise Unknown(f"there is no image {image}")
        return self.locations[image]

    def ask(self, path: str, headers: Any = (), method: str = "GET") -> Answer:
        answer = ask_now(self.service, f"/iiif/image/3/{path}", headers, method)
        for name, value in SHARED.items():
            assert answer.header(name) == value
        return answer


@cache
def pyramid_of(width: int, height: int, bands: int) -> tuple[str, bytes, bytes]:
    """Return recipe, TIFF and index of a picture."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        Image.fromarray(picture(width, height, bands)).save(folder / "a.png")
        made = make_pyramid(folder / "a.png", folder, tile_size=128, quality=85, max_pixels=2 * 10**6)
        return made.recipe, made.tif.read_bytes(), made.index.read_bytes()


def furnish(storage: Storage, folder: Path, **options: Any) -> House:
    locations = {}
    for number, (width, height, bands) in enumerate(
        [(WIDTH, HEIGHT, 3), (300, 200, 1), (60, 40, 3), (1600, 1129, 1)], start=1
    ):
        recipe, tif_bytes, index_bytes = pyramid_of(width, height, bands)
        tif, idx = pyramid_key("v1b", number, SHA, recipe), index_key("v1b", number, SHA, recipe)
        storage.put(tif, tif_bytes)
        storage.put(idx, index_bytes)
        locations[f"v1b.f{number}"] = ImageLocation(
            f"v1b.f{number}",
            tif,
            idx,
            width,
            height,
            f"{SHA}-{number}",
            datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "http://creativecommons.org/publicdomain/mark/1.0/",
            (PartOf(f"{BASE}/iiif/presentation/3/v1b/manifest", {"fr": ["Le beffroi"]}),),
        )
    chosen = load_settings(**({"home_dir": folder, "base_url": BASE, "max_width": 600, "max_height": 600} | options))
    house = House(storage, None, locations)  # type: ignore[arg-type]  # made in the next line, over its own lookup
    house.service = ImageService(chosen, storage, house.find)
    return house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("house")
    return furnish(LocalStorage(folder / "store"), folder)


@pytest.fixture
def own_house(tmp_path: Path) -> House:
    return furnish(LocalStorage(tmp_path / "store"), tmp_path)


@pytest.fixture
def far_house(tmp_path: Path, s3_server: Any) -> House:
    storage = S3Storage(
        f"s3://{s3_server.bucket}/{tmp_path.name.replace('[', '-')}",
        endpoint=s3_server.endpoint,
        access_key_id=s3_server.access_key,
        secret_access_key=s3_server.secret_key,
    )
    return furnish(storage, tmp_path)


def shown(answer: Answer) -> Image.Image:
    assert answer.status == 200, answer.text
    assert answer.header("content-length") == str(len(answer.body))
    image = Image.open(io.BytesIO(answer.body))
    image.load()
    return image


def info_of(house: House, image: str) -> dict[str, Any]:
    info: dict[str, Any] = json.loads(house.ask(f"{image}/info.json").body)
    return info


def grid_of(info: dict[str, Any]) -> list[tuple[str, tuple[int, int]]]:
    """Return the path and size of every tile as viewers compute them from info.json."""
    found = []
    (tiles,) = info["tiles"]
    for factor in tiles["scaleFactors"]:
        span = tiles["width"] * factor
        for y in range(0, info["height"], span):
            for x in range(0, info["width"], span):
                w, h = min(span, info["width"] - x), min(span, info["height"] - y)
                size = (-(-w // factor), -(-h // factor))
                found.append((f"{x},{y},{w},{h}/{size[0]},{size[1]}/0/default.jpg", size))
    return found


# info.json


def test_info_tells_size_grid_and_limits(house: House) -> None:
    info = info_of(house, "v1b.f1")
    assert info["id"] == f"{BASE}/iiif/image/3/v1b.f1"
    assert (info["width"], info["height"], info["maxWidth"]) == (WIDTH, HEIGHT, 600)
    assert info["tiles"] == [{"width": 128, "height": 128, "scaleFactors": [1, 2, 4, 8]}]
    assert info["rights"] == "http://creativecommons.org/publicdomain/mark/1.0/"
    document = f"{BASE}/iiif/presentation/3/v1b/manifest"
    assert info["partOf"] == [{"id": document, "type": "Manifest", "label": {"fr": ["Le beffroi"]}}]


@pytest.mark.parametrize(
    ("accept", "linked"),
    [
        ("", True), ("*/*", False), ("application/json", False), ("text/html,*/*;q=0.8", False),
        ("application/ld+json", True), ('application/ld+json;profile="http://iiif.io/api/image/3/context.json"', True),
        ("application/json, application/ld+json", True), ("application/ld+json;q=0.1, application/json", False),
        ("application/ld+json;q=0", False),
    ],
)  # fmt: skip
def test_json_ld_is_sent_to_those_who_ask_for_it(house: House, accept: str, linked: bool) -> None:
    answer = house.ask("v1b.f1/info.json", {"Accept": accept} if accept else {})
    kind = 'application/ld+json;profile="http://iiif.io/api/image/3/context.json"'
    assert answer.header("content-type") == (kind if linked else "application/json")
    assert answer.header("vary") == "Accept, Accept-Encoding"
    assert '<http://iiif.io/api/image/3/level2.json>;rel="profile"' in answer.header("link")
    assert ("json-ld#context" in answer.header("link")) is not linked


def test_info_is_compressed_for_those_who_take_it(house: House) -> None:
    plain, packed = house.ask("v1b.f1/info.json"), house.ask("v1b.f1/info.json", {"Accept-Encoding": "gzip, br"})
    assert packed.header("content-encoding") == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.header("etag") != plain.header("etag")


def test_base_address_leads_to_info(house: House) -> None:
    for path in ("v1b.f1", "v1b.f1/"):
        answer = house.ask(path)
        assert answer.status == 303
        assert answer.header("location") == f"{BASE}/iiif/image/3/v1b.f1/info.json"


# what info.json lists is served


@pytest.mark.parametrize("image", ["v1b.f1", "v1b.f2", "v1b.f3"])
def test_every_tile_and_size_is_served_as_announced(house: House, image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    info = info_of(house, image)
    monkeypatch.setattr(surface, "render", None)
    covered = np.zeros((info["height"], info["width"]), int)
    for path, size in grid_of(info):
        assert shown(house.ask(f"{image}/{path}")).size == size
        region = [int(number) for number in path.split("/")[0].split(",")]
        if region[2:] == list(size):
            covered[region[1] : region[1] + region[3], region[0] : region[0] + region[2]] += 1
    assert (covered == 1).all()
    monkeypatch.undo()
    for listed in info["sizes"]:
        path = f"{image}/full/{listed['width']},{listed['height']}/0/default.jpg"
        assert shown(house.ask(path)).size == (listed["width"], listed["height"])


def test_every_format_and_quality_is_served(house: House) -> None:
    info = info_of(house, "v1b.f1")
    for form in [*info["preferredFormats"], "png", *info["extraFormats"]]:
        for quality in ["default", *info["extraQualities"]]:
            answer = house.ask(f"v1b.f1/square/40,40/0/{quality}.{form}")
            assert shown(answer).size == (40, 40)
            assert answer.header("content-type").startswith("image/")


def test_tiles_equal_the_stored_level(house: House) -> None:
    for (x, y, w, h), (width, height), factor in [
        ((0, 0, 128, 128), (128, 128), 1), ((640, 384, 60, 116), (60, 116), 1), ((512, 256, 188, 244), (94, 122), 2),
    ]:  # fmt: skip
        tile = np.asarray(shown(house.ask(f"v1b.f1/{x},{y},{w},{h}/{width},{height}/0/default.jpg"))).astype(int)
        part = picture(WIDTH, HEIGHT)[y : y + h, x : x + w].astype(int)
        wanted = part.reshape(height, factor, width, factor, 3).mean(axis=(1, 3))
        assert np.abs(tile - wanted).mean() < 4


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("0,0,128,128/max/0/default.jpg", "0,0,128,128/max/0/default.jpg"),
        ("0,0,128,128/128,128/0/default.jpg", "0,0,128,128/max/0/default.jpg"),
        ("0%2C0%2C128%2C128/128%2c/0/color.jpg", "0,0,128,128/max/0/default.jpg"),
        ("0,0,256,256/128,/0/default.jpg", "0,0,256,256/128,128/0/default.jpg"),
        ("512,256,256,256/94,122/0/default.jpg", "512,256,188,244/94,122/0/default.jpg"),
        ("full/88,63/0/default.jpg", "full/88,63/0/default.jpg"),
        ("full/88,/0/default.jpg", "full/88,63/0/default.jpg"),
        ("640,384,60,116/61,117/0/default.jpg", "640,384,60,116/max/0/default.jpg"),
        ("0,0,128,128/128,128/360/default.jpg", "0,0,128,128/max/0/default.jpg"),
    ],
)
def test_stored_tiles_are_found_however_they_are_asked_for(
    house: House, monkeypatch: pytest.MonkeyPatch, path: str, canonical: str
) -> None:
    monkeypatch.setattr(surface, "render", None)
    answer = house.ask(f"v1b.f1/{path}")
    assert answer.status == 200
    assert f'<{BASE}/iiif/image/3/v1b.f1/{canonical}>;rel="canonical"' in answer.header("link")
    assert 'level2.json>;rel="profile"' in answer.header("link")
    assert answer.header("content-type") == "image/jpeg"


def test_everything_else_is_rendered(house: House) -> None:
    answer = house.ask("v1b.f1/pct:10,10,50,50/!100,100/90/gray.png")
    image = shown(answer)
    assert (image.mode, image.size) == ("L", (71, 100))
    assert f'<{BASE}/iiif/image/3/v1b.f1/70,50,350,250/100,71/90/gray.png>;rel="canonical"' in answer.header("link")
    assert answer.header("content-type") == "image/png"
    assert shown(house.ask("v1b.f1/full/max/0/default.jpg")).size == (600, 429)
    assert house.ask("v1b.f1/full/700,500/0/default.jpg").status == 400, "the limits hold for stored sizes too"


@pytest.mark.parametrize("size", ["!200,200", "200,", "200,143", "!400,400", "400,", ",286"])
def test_ready_made_sizes_are_read_and_not_made(house: House, monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    monkeypatch.setattr(surface, "render", None)
    for version in (3, 2):
        path = f"/iiif/image/{version}/v1b.f1/full/{size}/0/default.jpg"
        first, again = ask_now(house.service, path), ask_now(house.service, path)
        assert shown(first).size == ((200, 143) if "200" in size else (400, 286))
        assert first.headers == again.headers
        canonical = {3: "{},{}", 2: "{},"}[version].format(*shown(first).size)
        assert f'/{version}/v1b.f1/full/{canonical}/0/default.jpg>;rel="canonical"' in first.header("link")


# version 2.1


def test_version_2_has_its_own_base_info_and_canonical_forms(house: House) -> None:
    base = "/iiif/image/2/v1b.f1"
    leads = ask_now(house.service, base)
    assert (leads.status, leads.header("location")) == (303, f"{BASE}{base}/info.json")
    info = ask_now(house.service, f"{base}/info.json")
    assert info.header("content-type") == "application/json"
    document = json.loads(info.body)
    assert document["@id"] == BASE + base
    assert document["profile"][0] == "http://iiif.io/api/image/2/level2.json"
    for path, canonical in [
        ("full/full/0/default.jpg", None), ("0,0,128,128/128,/0/default.jpg", "0,0,128,128/full/0/default.jpg"),
        ("0,0,256,256/128,/0/default.jpg", "0,0,256,256/128,/0/default.jpg"),
        ("512,256,188,244/94,/0/default.jpg", "512,256,188,244/94,/0/default.jpg"),
        ("640,384,60,116/60,/0/default.jpg", "640,384,60,116/full/0/default.jpg"),
    ]:  # fmt: skip
        for _ in range(2):
            answer = ask_now(house.service, f"{base}/{path}")
            assert answer.status == (200 if canonical else 400)
            if canonical:
                link = f'<{BASE}{base}/{canonical}>;rel="canonical", <http://iiif.io/api/image/2/level2.json>;rel="profile"'
                assert answer.header("link") == link
    assert ask_now(house.service, f"{base}/full/^max/0/default.jpg").status == 400


def addresses_of(house: House, image: str, version: int) -> list[str]:
    """Return addresses of all that is stored, and some of what lies a pixel beside it, as either version writes them."""
    location = house.locations[image]
    found = []
    for path, (width, height) in grid_of(info_of(house, image)):
        region = path.split("/")[0]
        sizes = [f"{width},", f",{height}", f"{width},{height}", f"{width + 1},{height}", f"{width},{height - 1}"]
        found += [f"{region}/{size}/0/default.jpg" for size in sizes]
    for side in (location.width, 400, 399, 200, 199, 150, 88, 87):
        found += [
            f"full/{size}/0/default.jpg" for size in (f"{side},", f",{side}", f"!{side},{side}", f"{side},{side}")
        ]
        found.append(f"0,0,{location.width},{location.height}/{side},/0/default.jpg")
    return [*found, "full/max/0/default.jpg", f"full/{'full' if version == 2 else '^max'}/0/default.jpg", "info.json"]


@pytest.mark.parametrize("version", [3, 2])
@pytest.mark.parametrize("image", ["v1b.f1", "v1b.f2", "v1b.f3", "v1b.f4"])
def test_the_quick_way_and_the_long_one_answer_the_same(house: House, image: str, version: int) -> None:
    for path in addresses_of(house, image, version):
        address = f"/iiif/image/{version}/{image}/{path}"
        ask_now(house.service, address)  # what is ready-made is remembered
        quick = ask_now(house.service, address)
        long = ask_now(house.service, address, {"If-None-Match": '"another"'})
        assert (quick.status, quick.headers) == (long.status, long.headers), address
        assert quick.body == long.body, address
        if quick.status == 200 and "canonical" in quick.header("link"):
            canonical = quick.header("link").partition("<")[2].partition(">")[0].removeprefix(BASE)
            assert ask_now(house.service, canonical).body == quick.body, address


# validators, methods, caches


@pytest.mark.parametrize("path", ["info.json", "0,0,128,128/128,128/0/default.jpg", "full/50,/0/default.jpg"])
def test_a_good_copy_is_not_sent_again(house: House, path: str) -> None:
    first = house.ask(f"v1b.f1/{path}")
    etag = first.header("etag")
    told = first.header("last-modified")
    assert path == "info.json" or told == "Fri, 02 Jan 2026 03:04:05 GMT"
    assert first.header("cache-control") == "public, max-age=26, s-maxage=26"
    for headers in ({"If-None-Match": etag}, {"If-None-Match": f'"x", W/{etag}'}, {"If-None-Match": "*"},
                    {"If-Modified-Since": told}):  # fmt: skip
        again = house.ask(f"v1b.f1/{path}", headers)
        assert (again.status, again.body) == (304, b"")
        assert again.header("etag") == etag
        assert again.header("cache-control") == "public, max-age=26, s-maxage=26"
    for headers in ({"If-None-Match": '"other"'}, {"If-Modified-Since": "Fri, 02 Jan 2026 03:04:04 GMT"},
                    {"If-Modified-Since": "nonsense"}):  # fmt: skip
        assert house.ask(f"v1b.f1/{path}", headers).body == first.body


@pytest.mark.parametrize("path", ["info.json", "0,0,128,128/128,128/0/default.jpg", "full/200,/0/default.jpg", ""])
def test_head_has_the_headers_of_get_and_no_body(house: House, path: str) -> None:
    get, head = house.ask(f"v1b.f1/{path}"), house.ask(f"v1b.f1/{path}", method="HEAD")
    assert head.body == b""
    assert (head.status, head.headers) == (get.status, get.headers)


def test_head_makes_nothing_to_be_thrown_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    get = house.ask("v1b.f1/full/50,/0/default.jpg")
    monkeypatch.setattr(surface, "render", None)
    head = house.ask("v1b.f1/full/50,/0/default.jpg", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    del get.headers["content-length"]
    assert head.headers == get.headers
    assert house.ask("v1b.f1/full/5000,/0/default.jpg", method="HEAD").status == 400


def test_options_and_other_methods(house: House) -> None:
    answer = house.ask("v1b.f1/info.json", method="OPTIONS")
    assert (answer.status, answer.body) == (204, b"")
    assert "GET" in answer.header("access-control-allow-methods")
    refused = house.ask("v1b.f1/info.json", method="POST")
    assert refused.status == 405
    assert "GET" in refused.header("allow")


# errors


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nobody/info.json", 404), ("nobody", 404), ("nobody/full/max/0/default.jpg", 404), ("", 404), ("/info.json", 404),
        ("a%2Fb/info.json", 404), ("%FF/info.json", 404), ("..%2f..%2fetc/info.json", 404),
        ("v1b.f1/info.xml", 400), ("v1b.f1/full/max/0", 400), ("v1b.f1/full/max/0/default.jpg/x", 404), ("v1b.f1/x/info.json", 404),
        ("v1b.f1/full/max/0/default", 400), ("v1b.f1/full/max/0/", 400), ("v1b.f1////", 400),
        ("v1b.f1/700,0,10,10/max/0/default.jpg", 400), ("v1b.f1/0,0,0,10/max/0/default.jpg", 400),
        ("v1b.f1/full/0,/0/default.jpg", 400), ("v1b.f1/0,0,10,10/12,10/0/default.jpg", 400),
        ("v1b.f1/full/^601,/0/default.jpg", 400), ("v1b.f1/full/max/361/default.jpg", 400),
        ("v1b.f1/full/max/0/default.pdf", 400), ("v1b.f1/full/max/0/%FF%00.jpg", 400), ("v1b.f1/800,0,128,128/128,128/0/default.jpg", 400),
        ("v1b.f1/0,0,128,128/256,256/0/default.jpg", 400),
    ],
)  # fmt: skip
def test_errors_are_sentences(house: House, path: str, status: int) -> None:
    house.ask("v1b.f1/info.json")
    answer = house.ask(path)
    assert answer.status == status
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert re.fullmatch(r"[A-Z“].*\.\n", answer.text)


def test_other_versions_are_not_here(house: House) -> None:
    assert ask_now(house.service, "/iiif/image/4/v1b.f1/info.json").status == 404


typed = st.one_of(
    st.text(max_size=12), st.sampled_from(["full", "max", "0", "default.jpg", "^max", "v1b.f1", "info.json"]),
    st.text("0123456789,.^!pct:%", max_size=14),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(typed, max_size=6))
def test_nothing_that_can_be_typed_is_a_500(house: House, parts: list[str]) -> None:
    path = "/".join(["v1b.f1", *parts]).encode("utf-8")
    answer = ask_now(house.service, b"/iiif/image/3/" + path.partition(b"?")[0])
    assert answer.status in {200, 303, 400, 404}


def test_withdrawal_is_seen_within_seconds(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    own_house.service._pyramids._clock = lambda: now[0]
    tile = "v1b.f1/0,0,128,128/128,128/0/default.jpg"
    assert own_house.ask(tile).status == 200
    own_house.withdrawn.add("v1b.f1")
    now[0] += 2.9
    assert own_house.ask(tile).status == 200
    assert own_house.lookups == ["v1b.f1"]
    now[0] += 2.2
    for path in (tile, "v1b.f1/info.json", "v1b.f1", "v1b.f1/full/50,/0/default.jpg"):
        assert own_house.ask(path).status == 410
    own_house.withdrawn.clear()
    assert own_house.ask(tile).status == 200


def test_kept_and_cached_seconds_stay_within_the_setting(tmp_path: Path) -> None:
    for age in (0, 1, 3, 8, 60, 3600):
        house = furnish(LocalStorage(tmp_path / str(age)), tmp_path, image_max_age=age)
        told = house.ask("v1b.f1/info.json").header("cache-control")
        [(browser, shared)] = re.findall(r"^public, max-age=(\d+), s-maxage=(\d+)$", told)
        whole = sum(int(seconds) + 1 for seconds in (browser, shared) if seconds != "0")
        assert whole + house.service._pyramids._lifetime <= age


def test_new_version_is_served_with_a_new_etag(own_house: House) -> None:
    own_house.service._pyramids._lifetime = 0
    tile = "v1b.f1/0,0,128,128/128,128/0/default.jpg"
    before = own_house.ask(tile)
    own_house.locations["v1b.f1"] = replace(own_house.locations["v1b.f2"], image="v1b.f1")
    after = own_house.ask(tile)
    assert after.header("etag") != before.header("etag")
    assert shown(after).mode == "L"
    assert info_of(own_house, "v1b.f1")["width"] == 300


def test_lost_or_damaged_pyramids_are_logged_with_their_name(
    own_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    location = own_house.locations["v1b.f1"]
    own_house.service._pyramids._lifetime = 0
    own_house.storage.delete(location.tif_key)
    spoils: list[Callable[[], None]] = [
        lambda: None,
        lambda: own_house.storage.put(location.tif_key, b"short"),
        lambda: own_house.storage.put(location.index_key, b"nonsense"),
        lambda: own_house.storage.delete(location.index_key),
    ]
    for spoil in spoils:
        spoil()
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            answer = own_house.ask("v1b.f1/0,0,128,128/128,128/0/default.jpg")
        assert answer.status == 500
        assert "v1b.f1" in answer.text
        assert "pyramids/" not in answer.text
        assert "image v1b.f1" in caplog.text


@pytest.mark.parametrize(
    "path", ["0,0,128,128/128,128/0/default.jpg", "full/!200,200/0/default.jpg", "full/300,/0/default.png"]
)
def test_flipped_bytes_on_disk_are_never_shown(own_house: House, caplog: pytest.LogCaptureFixture, path: str) -> None:
    assert own_house.ask(f"v1b.f1/{path}").status == 200
    file = own_house.storage.local_path(own_house.locations["v1b.f1"].tif_key)
    assert file is not None
    whole = bytearray(file.read_bytes())
    for at in range(0, len(whole), 64):
        whole[at] ^= 0xFF
    file.write_bytes(whole)
    with caplog.at_level(logging.ERROR):
        answer = own_house.ask(f"v1b.f1/{path}")
    assert answer.status == 500
    assert "image v1b.f1" in caplog.text
    assert "damaged" in caplog.text
    assert own_house.ask("v1b.f2/0,0,128,128/128,128/0/default.jpg").status == 200


def test_what_is_in_use_is_looked_for_before_its_time_is_over(own_house: House) -> None:
    now = [100.0]
    own_house.service._pyramids._clock = lambda: now[0]
    tile = "/iiif/image/3/v1b.f1/0,0,128,128/128,128/0/default.jpg"

    async def story() -> None:
        await ask(own_house.service, tile)
        now[0] += 4.0
        await ask(own_house.service, tile)
        (opening,) = own_house.service._pyramids._opening.values()
        await opening
        now[0] += 2.5
        await ask(own_house.service, tile)
        assert own_house.lookups == ["v1b.f1"] * 2, "good again, past the time of the first look, without a third"

    asyncio.run(story())


def test_a_look_that_fails_leaves_what_is_good_for_its_time(own_house: House) -> None:
    now = [100.0]
    own_house.service._pyramids._clock = lambda: now[0]
    tile = "/iiif/image/3/v1b.f1/0,0,128,128/128,128/0/default.jpg"

    async def story() -> None:
        assert (await ask(own_house.service, tile)).status == 200
        known = own_house.locations.pop("v1b.f1")
        own_house.locations["v1b.f1"] = None  # type: ignore[assignment]  # as a catalogue that cannot be read
        now[0] += 4.0
        for _ in range(2):
            assert (await ask(own_house.service, tile)).status == 200
            (opening,) = own_house.service._pyramids._opening.values()
            with pytest.raises(AttributeError):
                await opening
        now[0] += 2.0
        own_house.locations["v1b.f1"] = known
        assert (await ask(own_house.service, tile)).status == 200

    asyncio.run(story())


def test_one_opening_serves_all_who_wait(own_house: House) -> None:
    async def many() -> list[Answer]:
        path = "/iiif/image/3/v1b.f1/0,0,128,128/128,128/0/default.jpg"
        return await asyncio.gather(*(ask(own_house.service, path) for _ in range(20)))

    assert {answer.status for answer in asyncio.run(many())} == {200}
    assert own_house.lookups == ["v1b.f1"]


def test_number_of_open_pyramids_is_bounded(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    monkeypatch.setattr("server.iiif.pyramids.MOST_OPEN", 2)
    close = os.close
    own_house.ask("v1b.f3/info.json")

    def noted(handle: int) -> None:
        closed.append(handle)
        close(handle)

    monkeypatch.setattr("server.iiif.pyramids.os.close", noted)
    own_house.lookups.clear()
    for image in ("v1b.f1", "v1b.f2", "v1b.f3", "v1b.f1"):
        assert own_house.ask(f"{image}/full/max/0/default.jpg").status == 200
    assert len(own_house.service._pyramids._open) == 2
    assert len(closed) == 3  # f3, which was open before, then f1, then f2
    assert own_house.lookups == ["v1b.f1", "v1b.f2", "v1b.f3", "v1b.f1"]


# how bytes are read, and what waits for what


def nowait_says(error: OSError | int) -> Callable[..., int]:
    def preadv(handle: int, buffers: list[memoryview], offset: int, flags: int) -> int:
        if isinstance(error, OSError):
            raise error
        return error

    return preadv


@pytest.mark.parametrize(
    ("behaviour", "asks_again"),
    [
        (BlockingIOError(11, "again"), True), (OSError(95, "not supported"), False), (OSError(38, "no such call"), False),
        (5, True),
    ],
)  # fmt: skip
def test_what_is_not_in_memory_is_read_in_a_thread(
    own_house: House, monkeypatch: pytest.MonkeyPatch, behaviour: OSError | int, asks_again: bool
) -> None:
    tile = "v1b.f1/0,0,128,128/128,128/0/default.jpg"
    expected = own_house.ask(tile).body
    calls = []
    fake = nowait_says(behaviour)

    def noted(*arguments: Any) -> int:
        calls.append(arguments)
        return fake(*arguments)

    monkeypatch.setattr("os.preadv", noted)
    assert own_house.ask(tile).body == expected
    assert own_house.ask(tile).body == expected
    # Each request asks on its quick way and once more on its long one, before it goes to a thread.
    assert len(calls) == (4 if asks_again else 1)


def test_heavy_requests_do_not_hold_back_tiles_or_light_ones(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    release, real = threading.Event(), render

    def slow(reader: PyramidReader, geometry: Any, is_wanted: Any) -> bytes:
        if geometry.width > 500:
            assert release.wait(30)
        return real(reader, geometry, is_wanted=is_wanted)

    monkeypatch.setattr(surface, "render", slow)
    monkeypatch.setattr(renderers, "HEAVY", 300_000)

    async def story() -> None:
        base = "/iiif/image/3/v1b.f1/"
        heavy = [asyncio.create_task(ask(own_house.service, f"{base}full/{w},/0/default.jpg")) for w in range(590, 600)]
        light = await ask(own_house.service, f"{base}full/50,/0/default.jpg")
        tile = await ask(own_house.service, f"{base}0,0,128,128/128,128/0/default.jpg")
        assert (light.status, tile.status) == (200, 200)
        assert not any(task.done() for task in heavy)
        release.set()
        assert {(await task).status for task in heavy} == {200}

    asyncio.run(asyncio.wait_for(story(), 60))


@pytest.mark.parametrize("path", ["10,20,300,200/150,/0/default.jpg", "0,0,128,128/128,128/0/default.jpg"])
def test_what_is_withdrawn_while_it_is_made_or_read_is_gone(
    own_house: House, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Caches would keep it from now on, not from when the request came."""
    now = [1000.0]
    own_house.service._pyramids._clock = lambda: now[0]
    real_render, real_stream = render, PyramidReader.stream

    def withdraw() -> None:
        own_house.withdrawn.add("v1b.f1")
        now[0] += surface.MOST_SECONDS_KEPT + 1

    def slow_render(reader: PyramidReader, geometry: Any, is_wanted: Any) -> bytes:
        withdraw()
        return real_render(reader, geometry, is_wanted=is_wanted)

    def slow_stream(reader: PyramidReader, number: int) -> bytes:
        withdraw()
        return real_stream(reader, number)

    monkeypatch.setattr(surface, "render", slow_render)
    monkeypatch.setattr(PyramidReader, "stream", slow_stream)
    monkeypatch.setattr("os.preadv", nowait_says(BlockingIOError(11, "again")))
    assert own_house.ask(f"v1b.f1/{path}").status == 410


def test_what_is_replaced_while_it_is_made_is_made_anew(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    own_house.service._pyramids._clock = lambda: now[0]
    made = []

    def slow(reader: PyramidReader, geometry: Any, is_wanted: Any) -> bytes:
        made.append(geometry)
        if len(made) == 1:
            old = own_house.locations["v1b.f1"]
            own_house.locations["v1b.f1"] = replace(old, version="another")
            now[0] += surface.MOST_SECONDS_KEPT + 1
        return render(reader, geometry, is_wanted=is_wanted)

    monkeypatch.setattr(surface, "render", slow)
    path = "v1b.f1/10,20,300,200/150,/0/default.jpg"
    answer = own_house.ask(path)
    assert answer.status == 200
    assert len(made) == 2
    assert answer.header("etag") == own_house.ask(path).header("etag")


@pytest.mark.parametrize("what", ["record", "bytes"])
def test_who_waits_too_long_for_a_record_or_a_disk_is_asked_to_come_back(
    own_house: House, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    release = threading.Event()
    find, stream = own_house.service._pyramids._lookup, PyramidReader.stream
    path = "v1b.f1/0,0,128,128/128,128/0/default.jpg"
    if what == "record":

        def slow_find(image: str) -> ImageLocation:
            assert release.wait(30)
            return find(image)

        own_house.service._pyramids._lookup = slow_find
    else:
        assert own_house.ask(path).status == 200

        def slow_stream(reader: PyramidReader, number: int) -> bytes:
            assert release.wait(30)
            return stream(reader, number)

        monkeypatch.setattr(PyramidReader, "stream", slow_stream)
        monkeypatch.setattr("os.preadv", nowait_says(BlockingIOError(11, "again")))
    monkeypatch.setattr(surface, "MOST_SECONDS_READING", 0.1)
    try:
        answer = own_house.ask(path)
    finally:
        release.set()
    assert (answer.status, answer.header("retry-after")) == (503, "5")
    monkeypatch.setattr(surface, "MOST_SECONDS_READING", 30)
    assert own_house.ask(path).status == 200


def test_too_many_open_files_are_a_moment_of_too_much_work(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr("server.iiif.pyramids.os.open", refused)
        assert own_house.ask("v1b.f2/info.json").status == 503
    assert own_house.ask("v1b.f2/info.json").status == 200


def test_info_json_is_as_young_as_the_settings_that_it_tells(own_house: House, tmp_path: Path) -> None:
    told = own_house.ask("v1b.f1/info.json").header("last-modified")
    picture_told = own_house.ask("v1b.f1/full/max/0/default.jpg").header("last-modified")
    assert picture_told == "Fri, 02 Jan 2026 03:04:05 GMT"
    since = {"If-Modified-Since": picture_told}
    assert own_house.ask("v1b.f1/info.json", since).status == 200, "its limits may be others since the image came"
    assert own_house.ask("v1b.f1/info.json", {"If-Modified-Since": told}).status == 304


def test_nothing_is_rendered_for_those_who_have_gone(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    release, made = threading.Event(), []

    def slow(reader: PyramidReader, geometry: Any, is_wanted: Any) -> bytes:
        made.append(geometry.width)
        assert release.wait(30)
        return render(reader, geometry, is_wanted=is_wanted)

    monkeypatch.setattr(surface, "render", slow)

    async def story() -> None:
        base, gone = "/iiif/image/3/v1b.f1/full/", asyncio.Event()
        busy = [asyncio.create_task(ask(own_house.service, f"{base}{w},/0/default.jpg")) for w in (50, 51)]
        while len(made) < 2:  # noqa: ASYNC110  # a thread fills it
            await asyncio.sleep(0)
        leaving = [
            asyncio.create_task(ask(own_house.service, f"{base}{w},/0/default.jpg", gone=gone)) for w in (52, 53)
        ]
        staying = asyncio.create_task(ask(own_house.service, f"{base}54,/0/default.jpg"))
        while own_house.service._renderers.waiting < 5:  # noqa: ASYNC110  # a plain number
            await asyncio.sleep(0)
        gone.set()
        assert {(await task).status for task in leaving} == {503}
        release.set()
        assert {(await task).status for task in [*busy, staying]} == {200}
        assert sorted(made) == [50, 51, 54]
        assert own_house.service._renderers.waiting == 0
        assert own_house.service._renderers._slots._value == renderers.RENDER_THREADS

    asyncio.run(asyncio.wait_for(story(), 60))


def test_work_is_given_up_when_its_client_has_gone(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), []

    def endless(reader: PyramidReader, geometry: Any, is_wanted: Callable[[], bool]) -> bytes:
        begun.set()
        while is_wanted():
            pass
        ended.append(geometry.width)
        raise NotWanted("nobody waits")

    monkeypatch.setattr(surface, "render", endless)

    async def story() -> None:
        gone = asyncio.Event()
        leaving = asyncio.create_task(ask(own_house.service, "/iiif/image/3/v1b.f1/full/50,/0/default.jpg", gone=gone))
        while not begun.is_set():  # noqa: ASYNC110  # a thread sets it
            await asyncio.sleep(0)
        gone.set()
        assert (await leaving).status == 503
        assert ended == [50]
        assert own_house.service._renderers._slots._value == renderers.RENDER_THREADS

    asyncio.run(asyncio.wait_for(story(), 60))


def test_what_takes_too_long_is_given_up_and_asked_to_come_back(
    own_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []

    def endless(reader: PyramidReader, geometry: Any, is_wanted: Callable[[], bool]) -> bytes:
        while is_wanted():
            pass
        ended.append(geometry.width)
        raise NotWanted("nobody waits")

    monkeypatch.setattr(surface, "render", endless)
    monkeypatch.setattr(renderers, "MOST_SECONDS", 0.1)

    async def story() -> None:
        base = "/iiif/image/3/v1b.f1/full/"
        answers = await asyncio.gather(*(ask(own_house.service, f"{base}{w},/0/default.jpg") for w in range(50, 60)))
        assert {answer.status for answer in answers} == {503}
        assert {answer.header("retry-after") for answer in answers} == {"5"}
        assert "takes too long" in answers[0].text
        assert 0 < len(ended) < len(answers), "those that waited were not begun"
        assert own_house.service._renderers._slots._value == renderers.RENDER_THREADS

    asyncio.run(asyncio.wait_for(story(), 60))


def test_rendering_threads_step_back_behind_the_event_loop(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    niceness = []

    def noted(reader: PyramidReader, geometry: Any, is_wanted: Any) -> bytes:
        niceness.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return render(reader, geometry)

    monkeypatch.setattr(surface, "render", noted)
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert own_house.ask("v1b.f1/full/50,/0/default.jpg").status == 200
    assert niceness[0] > before == os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_too_many_waiting_are_asked_to_come_back(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderers, "MOST_WAITING", 0)
    answer = own_house.ask("v1b.f1/full/50,/0/default.jpg")
    assert answer.status == 503
    assert answer.header("retry-after") == "5"
    assert own_house.ask("v1b.f1/0,0,128,128/128,128/0/default.jpg").status == 200


def test_nothing_is_rendered_while_slow_clients_hold_all_that_may_be_held(own_house: House) -> None:
    with http.holding.hold(http.MOST_HELD):
        answer = own_house.ask("v1b.f1/full/51,/0/default.jpg")
        assert (answer.status, answer.header("retry-after")) == (503, "5")
        assert own_house.ask("v1b.f1/0,0,128,128/128,128/0/default.jpg").status == 200, "a tile is always to be had"
        assert own_house.ask("v1b.f1/info.json").status == 200
    assert own_house.ask("v1b.f1/full/51,/0/default.jpg").status == 200


def test_large_bodies_are_sent_in_pieces(own_house: House) -> None:
    answer = own_house.ask("v1b.f1/full/600,/0/default.tif")
    assert shown(answer).size == (600, 429)
    assert max(len(chunk) for chunk in answer.chunks) <= 256 * 1024
    assert len(answer.chunks) > 1


@pytest.mark.parametrize("path", ["full/400,286/0/default.jpg", "0,0,128,128/128,128/0/default.jpg"])
def test_large_stored_bodies_are_counted_and_sent_in_pieces_too(
    own_house: House, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    whole = own_house.ask(f"v1b.f1/{path}")
    for module in (surface, http):
        monkeypatch.setattr(module, "CHUNK", len(whole.body) // 3)
    for _ in range(2):  # the second time it is remembered
        answer = own_house.ask(f"v1b.f1/{path}")
        assert answer.body == whole.body
        assert len(answer.chunks) > 2
    with http.holding.hold(http.MOST_HELD):
        assert own_house.ask(f"v1b.f1/{path}").status == 503


def test_the_same_from_s3(far_house: House, house: House) -> None:
    for path in (
        "info.json",
        "0,0,128,128/128,128/0/default.jpg",
        "640,384,60,116/60,116/0/default.jpg",
        "full/88,63/0/default.jpg",
        "100,50,301,200/150,/90/gray.png",
    ):
        assert far_house.ask(f"v1b.f1/{path}").body == house.ask(f"v1b.f1/{path}").body
    assert far_house.ask("nobody/info.json").status == 404


def serve_one(
    folder: Path, width: int, height: int, tile_size: int, **options: Any
) -> tuple[ImageService, PyramidReader]:
    """Return a service over one image, v1b.f9, and what reads its pyramid."""
    storage = LocalStorage(folder / "store")
    master = folder / "large.tif"
    pyvips.Image.xyz(width, height)[0].cast("uchar").tiffsave(str(master))
    made = make_pyramid(master, folder, tile_size=tile_size, quality=85, max_pixels=10**8)
    tif, index = made.tif.read_bytes(), made.index.read_bytes()
    storage.put("large.tif", tif)
    storage.put("large.idx", index)
    location = ImageLocation("v1b.f9", "large.tif", "large.idx", width, height, SHA, datetime(2026, 1, 2, tzinfo=UTC))
    chosen = load_settings(home_dir=folder, base_url=BASE, **options)
    reader = PyramidReader("v1b.f9", TileIndex.load(index), lambda offset, length: tif[offset : offset + length])
    return ImageService(chosen, storage, lambda image: location), reader


@pytest.mark.parametrize("version", [3, 2])
def test_the_thumbnail_of_a_thin_image_is_had_by_its_size(tmp_path: Path, version: int) -> None:
    """Within a square nothing would be left of it across: 400, as §4.2 of either version says."""
    service, reader = serve_one(tmp_path, 1, 3000, 128)
    number = reader.index.ready_made(1, 200)
    assert number is not None
    for size in ("1,200", ",200") if version == 2 else ("1,200",):
        answer = ask_now(service, f"/iiif/image/{version}/v1b.f9/full/{size}/0/default.jpg")
        assert (answer.status, answer.body) == (200, reader.stream(number))
    assert ask_now(service, f"/iiif/image/{version}/v1b.f9/full/!200,200/0/default.jpg").status == 400
    service.close()


@pytest.mark.parametrize("version", [3, 2])
def test_every_announced_format_and_quality_is_served_at_max(tmp_path: Path, version: int) -> None:
    """Of an image that is larger than every limit. HEAD says all but the length, and makes nothing."""
    service, _ = serve_one(tmp_path, 5000, 4000, 512, max_width=4500, max_height=4500, max_area=12_000_000)
    base = f"/iiif/image/{version}/v1b.f9"
    info = json.loads(ask_now(service, f"{base}/info.json").body)
    told = info if version == 3 else info["profile"][1]
    formats = ["jpg", "png", *(told["extraFormats"] if version == 3 else told["formats"])]
    qualities = ["default", *(told["extraQualities"] if version == 3 else [*told["qualities"], "bitonal"])]
    assert (len(formats), len(qualities)) == (6, 3)
    for quality, form, turn, size in product(qualities, formats, ("0", "90", "45"), ("max", "!5000,5000")):
        path = f"{base}/full/{size}/{turn}/{quality}.{form}"
        answer = ask_now(service, path, method="HEAD")
        assert answer.status == 200, path
        (canonical,) = re.findall(rf'<{BASE}([^>]*)>;rel="canonical"', answer.header("link"))
        again = ask_now(service, canonical, method="HEAD")
        assert (again.status, again.header("link")) == (200, answer.header("link")), path
    refused = ask_now(service, f"{base}/full/4000,3000/0/default.avif", method="GET")
    assert refused.status == 400
    assert b"avif is made of at most 2097152 pixels" in refused.body
    service.close()


@pytest.mark.parametrize(
    ("width", "height", "options"),
    [(1237, 811, {}), (5, 7001, {"max_width": 1200, "max_height": 1300}), (1025, 3, {}), (513, 1025, {})],
)
def test_tiles_and_sizes_are_had_by_their_width_in_2_1(
    tmp_path: Path, width: int, height: int, options: dict[str, int]
) -> None:
    """As appendix A has viewers ask: what is stored is sent, and its canonical address leads to the same bytes."""
    service, reader = serve_one(tmp_path, width, height, 128, **options)
    base = "/iiif/image/2/v1b.f9"
    info = json.loads(ask_now(service, f"{base}/info.json").body)
    stored: dict[str, set[bytes]] = {}
    for k, level in enumerate(reader.index.levels):
        for row, column in product(range(level.rows), range(level.columns)):
            x, y, step = (column * 128) << k, (row * 128) << k, 128 << k
            w, h = min(step, width - x), min(step, height - y)
            if (w, h) != (width, height):
                tile_width = min(128, level.width - column * 128)
                body = reader.tile(k, column, row)
                stored.setdefault(f"{x},{y},{w},{h}/{tile_width},", set()).add(body)
    for size in info["sizes"]:
        number = reader.index.ready_made(size["width"], size["height"])
        if number is not None:
            stored.setdefault(f"full/{size['width']},", set()).add(reader.stream(number))
            stored.setdefault(f"0,0,{width},{height}/{size['width']},", set()).add(reader.stream(number))
    assert len(stored) > 4
    for asked, bodies in stored.items():
        for _ in range(2):  # the long way and the quick one
            answer = ask_now(service, f"{base}/{asked}/0/default.jpg")
            assert answer.status == 200, asked
            assert answer.body in bodies, asked
            (canonical,) = re.findall(rf'<{BASE}([^>]*)>;rel="canonical"', answer.header("link"))
            assert canonical.split("/")[-3] in ("full", asked.split("/")[1])
            again = ask_now(service, canonical)
            assert (again.body, again.header("link")) == (answer.body, answer.header("link"))
    service.close()
