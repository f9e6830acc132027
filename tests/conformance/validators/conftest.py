"""The reference picture, published and served by the real server; and the validators, asked about it once each."""

import http.client
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from scripts.validators import CLASSIC, Validator, find_python, is_installed
from server.settings import load_settings
from tests.conformance.validators.catalogue import VERSIONS, Announced, read_info
from tests.conformance.validators.reference import draw_reference
from tests.support import skips
from tests.support.deliveries import Row, write_table
from tests.support.processes import bounded, free_port, running
from tests.support.workshops import bring_online, make_workshop

ASK = Path(__file__).with_name("ask.py")
OFFICIAL = "image-validator/67352ccc-d1b0-11e1-89ae-279075081939.png"
SECONDS = 240
"""How long one validator may take over one version; it takes a few seconds."""


@dataclass(frozen=True)
class Verdict:
    """What came of one test of a validator."""

    level: int
    asks: list[str]
    wrong: list[str]
    seconds: float


@dataclass(frozen=True)
class Service:
    """The running server, and the document in it: its first view is our drawing, its second the official picture."""

    base: str
    document: str

    def at(self, version: str) -> str:
        """Return where the service of a version begins, before the identifier."""
        return f"{self.base}/iiif/image/{version[0]}"

    def ask(self, path: str) -> tuple[int, bytes]:
        """Return status and body of what is at a path."""
        with closing(http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=60)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()

    def get(self, path: str) -> bytes:
        """Return the body of what is at a path, and must be there."""
        status, body = self.ask(path)
        assert status == 200, f"{path}: {status} {body[:200]!r}"
        return body

    def info(self, version: str) -> dict[str, Any]:
        """Return the info.json of our drawing."""
        told: dict[str, Any] = json.loads(self.get(f"/iiif/image/{version[0]}/{self.document}.f1/info.json"))
        return told

    def announced(self, version: str) -> Announced:
        """Return what the info.json of our drawing announces."""
        return read_info(version, self.info(version))


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, vitrine: Path) -> Iterator[Service]:
    """A server that has published the picture."""
    folder, port = tmp_path_factory.mktemp("validators"), free_port()
    delivery, official = folder / "delivery", skips.SHARED / "samples" / OFFICIAL
    images = ["drawn.png", *(["official.png"] if official.is_file() else [])]
    write_table(delivery, [Row("reference", images, "La mire des validateurs")])
    draw_reference(delivery / "drawn.png")
    if official.is_file():
        shutil.copyfile(official, delivery / "official.png")
    base = f"http://127.0.0.1:{port}"
    workshop = make_workshop(load_settings(home_dir=folder / "home", workers=1, base_url=base), folder / "registers")
    try:
        [outcome] = bring_online(workshop, delivery)
    finally:
        workshop.catalogue.close()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")}
    environment |= {"VITRINE_HOME_DIR": str(folder / "home"), "VITRINE_PORT": str(port), "VITRINE_WORKERS": "2"}
    log = folder / "serve.log"

    def ready() -> bool:
        return b"Ctrl-C ends it." in log.read_bytes()

    with running([vitrine, "serve", "--no-sweep"], log, ready, env=environment):
        yield Service(base, outcome.name)


Asking = Callable[[Validator, str], dict[str, Verdict]]


@pytest.fixture(scope="session")
def verdicts(service: Service) -> Asking:
    """Ask a validator all that it has for a version, and return what it said, by the name of its test; once each."""

    @cache
    def ask(validator: Validator, version: str) -> dict[str, Verdict]:
        must_be_installed(validator)
        which = "classic" if validator is CLASSIC else "ng"
        command: list[str | Path] = [validator.python, ASK, which, service.at(version), f"{service.document}.f1"]
        done = subprocess.run(
            bounded([*command, VERSIONS[version]]),
            env={"PATH": os.environ["PATH"], "NO_PROXY": "*"},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return {each.pop("name"): Verdict(**each) for each in json.loads(done.stdout)}

    return ask


def must_be_installed(validator: Validator) -> None:
    """Skip the test where no Python reads the validator; fail it where only the installation is missing."""
    if is_installed(validator):
        return
    if not find_python(validator.oldest):
        skips.skip(skips.NO_VALIDATOR_PYTHON)
    pytest.fail(f"{validator.name} is not installed, or its lock file has changed: run `make validators`")
