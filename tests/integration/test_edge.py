"""`vitrine serve` behind `deploy/nginx.conf`: what is cached, and that what is withdrawn or replaced is gone in time.

The promise is that of `VITRINE_IMAGE_MAX_AGE`: what the server keeps and what `Cache-Control` lets nginx and then a
browser keep are no longer together. The tests ask without a pause while a command changes what is published, so that some caches are as
fresh as they can be, and go on until the promised time is over.
"""

import http.client
import io
import itertools
import json
import math
import os
import re
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from server.asgi import create_application
from server.catalogue.models import ViewRow
from server.catalogue.published import last_change
from server.imaging.pyramid import make_pyramid
from server.settings import load_settings
from server.storage.keys import index_key, pyramid_key
from server.workshop import Workshop
from tests.support.asking import Answer, ask_now
from tests.support.deliveries import Row, write_table
from tests.support.nginx import deployed, nginx_server
from tests.support.processes import bounded, end, free_ports, running
from tests.support.workshops import bring_online, make_workshop

MAX_AGE = 6
"""Seconds of the setting: the server keeps one and a half, nginx and browser are told one and count it as up to two."""
BROWSER = 1
"""Seconds of it for which a browser may show what nginx gave it."""
SIZE, NEW_SIZE = (1300, 1000), (900, 1400)
NEW_COLOUR = (20, 60, 200)
BOUND = 60

IMAGE = {
    "tile": "/iiif/image/3/{}/0,0,512,512/512,512/0/default.jpg",
    "tile of 2.1": "/iiif/image/2/{}/0,0,512,512/512,/0/default.jpg",
    "information": "/iiif/image/3/{}/info.json",
    "information of 2.1": "/iiif/image/2/{}/info.json",
    "thumbnail": "/iiif/image/3/{}/full/!400,400/0/default.jpg",
    "region": "/iiif/image/3/{}/137,141,311,207/150,/0/default.png",
}
MANIFEST = "/iiif/presentation/3/{}/manifest"

BY_NAME = ('proxy_cache_key "$asked $encoding";', 'proxy_cache_key "$host$asked $encoding";')
"""Here each name of the server has a cache of its own, so that one answer can be cached at many moments."""


@dataclass(frozen=True)
class House:
    """An installation that is served, the nginx in front of it, and the documents that it has published."""

    workshop: Workshop
    environment: dict[str, str]
    vitrine: Path
    edge: int
    names: tuple[str, ...]

    def ask(self, path: str, **headers: str) -> Answer:
        """Ask nginx; scripts of other sites may read every answer, so CORS stands in it exactly once."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.edge, timeout=30)) as connection:
            connection.request("GET", path, headers=named)
            response = connection.getresponse()
            lines = {name.lower(): response.headers.get_all(name) or [] for name in response.headers}
            answer = Answer(response.status, lines, (response.read(),))
        assert answer.header("access-control-allow-origin") == "*"
        assert answer.header("cross-origin-resource-policy") == "cross-origin"
        return answer

    def ask_until_cached(self, path: str) -> Answer:
        """Ask for what is there until nginx answers by itself."""
        limit = time.monotonic() + BOUND
        while (answer := self.ask(path)).header("x-cache") != "HIT":
            assert answer.status == 200, answer.body
            assert time.monotonic() < limit, f"{path} is not cached"
        assert answer.status == 200
        return answer

    def sequence(self) -> int:
        """Return the number of the newest publication or withdrawal."""
        with self.workshop.catalogue.snapshot() as connection:
            return last_change(connection)[0]

    def change(self, paths: Iterable[str], *command: str) -> dict[str, Answer]:
        """Run a command that changes what is at the paths, and return what is there a browser's age before the promised time.

        Meanwhile they are asked for under one name of the server after another, of which nginx caches each by itself:
        some answers are cached just before the change, some while the server does not know of it yet.
        """
        before = {path: self.ask_until_cached(path) for path in paths}
        process = subprocess.Popen(
            bounded([self.vitrine, *command]), env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        old: set[tuple[str, str]] = set()
        names = (f"name-{number}.example.org" for number in itertools.count())
        slowest, changed, limit = 0.0, math.inf, time.monotonic() + BOUND
        sequence = self.sequence()
        try:
            # What was on its way when it changed was slow at most once: nginx counts from its arrival.
            while time.monotonic() <= changed + MAX_AGE - BROWSER + slowest:
                assert time.monotonic() < limit
                name = next(names)
                for path, was in before.items():
                    sent = time.monotonic()
                    answer = self.ask(path, Host=name)
                    if answer.status == 200 and answer.header("etag") == was.header("etag"):
                        old.add((path, name))
                        slowest = max(slowest, time.monotonic() - sent)
                    if changed == math.inf and self.sequence() != sequence:
                        changed = time.monotonic()
            said = process.communicate(timeout=BOUND)[0].decode()
        finally:
            end(process)
        assert process.returncode == 0, said
        found = {path: self.ask(path) for path in before}
        for path, name in old:
            answer = self.ask(path, Host=name)
            assert (answer.status, answer.body) == (found[path].status, found[path].body), (path, name)
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, vitrine: Path) -> Iterator[House]:
    """Three documents of two views each, served by two workers behind nginx."""
    folder = tmp_path_factory.mktemp("edge")
    port, edge = free_ports(2)
    base = f"http://127.0.0.1:{edge}"
    settings = load_settings(home_dir=folder / "home", base_url=base, workers=1)
    workshop = make_workshop(settings, folder / "registers")
    rows = [Row("c1", title="Le beffroi"), Row("c2", title="Le tramway"), Row("c3", title="La gare")]
    outcomes = bring_online(workshop, write_table(folder / "cartes", rows, size=SIZE))
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("VITRINE_")}
    environment = kept | {
        "VITRINE_LANGUAGE": "en",
        "VITRINE_HOME_DIR": str(settings.home_dir),
        "VITRINE_BASE_URL": base,
        "VITRINE_PORT": str(port),
        "VITRINE_WORKERS": "2",
        "VITRINE_IMAGE_MAX_AGE": str(MAX_AGE),
    }
    log = folder / "serve.log"
    with (
        running([vitrine, "serve"], log, lambda: b"Ctrl-C ends it." in log.read_bytes(), env=environment),
        nginx_server(deployed(edge, port, BY_NAME), edge),
    ):
        yield House(workshop, environment, vitrine, edge, tuple(outcome.name for outcome in outcomes))
    workshop.catalogue.close()


def of_image(image: str) -> dict[str, str]:
    return {kind: path.format(image) for kind, path in IMAGE.items()}


@pytest.mark.parametrize("kind", IMAGE)
def test_every_kind_of_answer_is_cached(house: House, kind: str) -> None:
    path = of_image(f"{house.names[0]}.f1")[kind]
    cached = house.ask_until_cached(path)
    [(browser, shared)] = re.findall(r"^public, max-age=(\d+), s-maxage=(\d+)$", cached.header("cache-control"))
    assert (int(browser), int(shared)) == (BROWSER, 1)
    copy = house.ask(path, If_None_Match=cached.header("etag"))
    assert copy.status == 304
    assert copy.body == b""


def test_information_names_the_document_with_its_label(house: House) -> None:
    name = house.names[0]
    info = json.loads(house.ask(f"/iiif/image/3/{name}.f1/info.json").body)
    label = {"none": ["Le beffroi"], "en": ["View of the Main Square"]}
    document = f"http://127.0.0.1:{house.edge}{MANIFEST.format(name)}"
    assert info["partOf"] == [{"id": document, "type": "Manifest", "label": label}]
    assert json.loads(house.ask(MANIFEST.format(name)).body)["label"] == label


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/iiif/image/3/nothing.f1/info.json", 404),
        ("/iiif/image/2/nothing.f1/0,0,512,512/512,/0/default.jpg", 404),
        ("/iiif/image/3/{}.f1/5000,0,10,10/max/0/default.jpg", 400),
        ("/iiif/image/3/{}.f1/full/0,/0/default.jpg", 400),
        ("/iiif/image/3/{}.f1/full/max/0", 400),
    ],
)
def test_errors_are_readable_everywhere_and_never_cached(house: House, path: str, status: int) -> None:
    for _ in range(3):
        answer = house.ask(path.format(house.names[0]))
        assert answer.status == status
        assert answer.header("x-cache") == "MISS"
        assert answer.header("cache-control") == "no-cache"


def test_a_document_that_is_withdrawn_is_gone_in_time(house: House) -> None:
    name = house.names[1]
    paths = [path for number in (1, 2) for path in of_image(f"{name}.f{number}").values()]
    answers = house.change([*paths, MANIFEST.format(name)], "withdraw", name, "--reason", "demande de l’ayant droit")
    assert {path: answer.status for path, answer in answers.items()} == dict.fromkeys(answers, 410)
    assert all(answer.header("cache-control") == "no-cache" for answer in answers.values())


def test_a_view_that_is_replaced_is_seen_anew_in_time(house: House, tmp_path: Path) -> None:
    name = house.names[2]
    paths, other = of_image(f"{name}.f1"), of_image(f"{name}.f2")
    before = {path: house.ask_until_cached(path) for path in [*paths.values(), *other.values()]}
    replace_view(house.workshop, name, tmp_path)
    answers = house.change(paths.values(), "publish", name)
    assert {path: answer.status for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    for path in paths.values():
        assert answers[path].header("etag") != before[path].header("etag"), path
        assert answers[path].header("last-modified") != before[path].header("last-modified"), path
        assert house.ask(path, If_None_Match=before[path].header("etag")).status == 200, "the old copy is not good"
        assert house.ask(path, If_None_Match=answers[path].header("etag")).status == 304
    for kind in ("information", "information of 2.1"):
        info = json.loads(answers[paths[kind]].body)
        assert (info["width"], info["height"]) == NEW_SIZE
    for kind in ("tile", "tile of 2.1", "thumbnail", "region"):
        picture = Image.open(io.BytesIO(answers[paths[kind]].body)).convert("RGB")
        seen = picture.getpixel((picture.width // 2, picture.height // 2))
        assert isinstance(seen, tuple)
        assert max(abs(a - b) for a, b in zip(seen, NEW_COLOUR, strict=True)) < 8, kind
    for path in other.values():
        assert house.ask(path).header("etag") == before[path].header("etag"), "the other view is what it was"


def replace_view(workshop: Workshop, name: str, folder: Path) -> None:
    """Put another picture in the place of an item's first view, as a new delivery would: its publication comes next."""
    master = folder / "new.png"
    Image.new("RGB", NEW_SIZE, NEW_COLOUR).save(master)
    digest = sha256(master.read_bytes()).hexdigest()
    tile_size, quality = workshop.settings.tile_size, workshop.settings.jpeg_quality
    made = make_pyramid(master, folder, tile_size=tile_size, quality=quality, max_pixels=10**7)
    keys = pyramid_key(name, 1, digest, made.recipe), index_key(name, 1, digest, made.recipe)
    for key, file in zip(keys, (made.tif, made.index), strict=True):
        workshop.storage.put_file(key, file)
    with workshop.catalogue.write() as session:
        view = session.get_one(ViewRow, (name, 1))
        view.width, view.height = NEW_SIZE
        view.master_digest, view.recipe = digest, made.recipe
        view.pyramid_key, view.index_key = keys


def test_what_is_kept_and_what_is_cached_stay_within_the_default(house: House) -> None:
    settings = house.workshop.settings
    assert settings.image_max_age == 60
    with closing(create_application(settings)) as application:
        answer = ask_now(application, of_image(f"{house.names[0]}.f1")["tile"])
        ages = re.findall(r"max-age=(\d+)|s-maxage=(\d+)", answer.header("cache-control"))
        kept = dict(application._surfaces)["/iiif/image/"]._pyramids._lifetime
        assert len(ages) == 2
        assert sum(int(one or other) + 1 for one, other in ages) + kept <= 60
