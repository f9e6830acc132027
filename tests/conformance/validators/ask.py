"""Ask a validator of the Image API what it thinks of a server: a program of its own, run by the validator's Python.

    python ask.py classic|ng BASE IDENTIFIER VERSION

BASE is the service's address without the identifier, VERSION is 2.0 or 3.0, as both validators name them. Every test
that the validator has for the version is run, the optional ones too, one after the other; what came of each goes to the
standard output as JSON. Must not import anything of this project: it is not there.
"""

import contextlib
import functools
import importlib
import io
import json
import random
import socket
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SECONDS = 60
"""How long a validator waits for an answer where it says nothing itself."""

SEEDS = {"rot_region_non90": "rot_region_non90 8"}
"""What the draws of a test begin with, where that is not its name.

rot_region_non90 of iiif-validator-ng compares a part of the turned region, for most draws one of its corners, with black.
Their colour is the server's choice (Image API 3.0 §4.3). With this draw both parts lie inside.
"""

Asked = tuple[str, int, list[str], Callable[[], list[str]]]
"""A test: its name, the level that it belongs to (3: none), the features it is about, and how to run it.

Running it gives what it found wrong, a line each.
"""


def classic(base: str, identifier: str, version: str) -> Iterator[Asked]:
    """Give the tests of iiif-validator. It knows no features; the caller does."""
    # Two of its tests import `magic`, which needs a library of the system, and fail before they use it.
    sys.modules["magic"] = types.ModuleType("magic")
    validator: Any = importlib.import_module("iiif_validator.validator")
    parts = urlsplit(base)

    def run(name: str) -> list[str]:
        suite = validator.TestSuite(validator.ValidationInfo())
        result = validator.ImageAPI(
            identifier, parts.netloc, parts.path.strip("/"), parts.scheme, "", version, debug=False
        )
        try:
            suite.run_test(name, result)
        except Exception as error:  # noqa: BLE001  # whatever the validator dies of is what it says
            return [f"{_place(error)} after {result.last_url}"]
        if result.exception is None:
            return []
        return [f"{result.exception} at {result.last_url}"]

    suite = validator.TestSuite(validator.ValidationInfo())
    for name, told in sorted(suite.list_tests(version).items()):
        yield name, told["level"], [], functools.partial(run, name)


def ng(base: str, identifier: str, version: str) -> Iterator[Asked]:
    """Give the tests of iiif-validator-ng."""
    tests: Any = importlib.import_module("iiif_validator.tests.test")
    spoken = tests.IIIFVersion(version)
    server = tests.TargetServer(base, identifier, spoken)

    def run(test: Any) -> list[str]:
        try:
            given = test.run(server)
        except Exception as error:  # noqa: BLE001  # as above
            return [_place(error)]
        results = given if isinstance(given, list) else [given]
        return [
            f"{each.details}: expected {each.expected}, received {each.received} at {each.url}"
            for each in results
            if not each.success
        ]

    for test in sorted(tests.get_tests(spoken), key=lambda test: test.__module__):
        level = test.compliance_level
        if isinstance(level, dict):
            level = level[spoken]
        asks = [test.extra_name] if isinstance(test.extra_name, str) else list(test.extra_name or [])
        yield test.__module__.rpartition(".")[2], int(level), asks, functools.partial(run, test)


def _place(error: Exception) -> str:
    """Say where the validator died of what."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "iiif_validator" in frame.filename]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "outside the validator"
    return f"{type(error).__name__}: {error} in {where}"


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse every connection that leaves this machine."""
    if event == "socket.connect" and arguments[1][0] != "127.0.0.1":
        raise PermissionError(f"a validator wanted to connect to {arguments[1]}")


def main(which: str, base: str, identifier: str, version: str) -> None:
    """Run the tests and write what came of them."""
    sys.addaudithook(_stay_here)
    socket.setdefaulttimeout(SECONDS)
    verdicts = []
    with contextlib.redirect_stdout(io.StringIO()):  # one of them prints as it goes
        for name, level, asks, run in {"classic": classic, "ng": ng}[which](base, identifier, version):
            random.seed(SEEDS.get(name, name))  # they ask for random places and sizes: the same in every run
            begun = time.monotonic()
            wrong = run()
            seconds = round(time.monotonic() - begun, 3)
            verdicts.append({"name": name, "level": level, "asks": asks, "wrong": wrong, "seconds": seconds})
    sys.stdout.write(json.dumps(verdicts))


if __name__ == "__main__":
    main(*sys.argv[1:])
