"""Install the two validators of the Image API, each in a virtual environment of its own, from a lock file of its own.

They are judges, not parts of this project: what they need never enters our own environment. `make test` runs this;
it does something only where a validator is missing, or its lock file or its Python has changed. `iiif-validator-ng`
needs Python 3.12: the one that VALIDATOR_PYTHON names, else the first that runs of those that this machine has. A
Python counts only when it was run: the shims of pyenv are there for versions that they then refuse.
"""

import functools
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
BUILD_LOCK = REPOSITORY / "requirements-build.lock"
NEWEST = (3, 14)
"""The newest Python for which the locked packages are there as wheels."""


@dataclass(frozen=True)
class Validator:
    """A validator: the name of its package, its lock file, the oldest Python that reads it."""

    name: str
    lock: str
    oldest: tuple[int, int]

    @property
    def home(self) -> Path:
        """Its virtual environment, inside the folder of ours."""
        return Path(sys.prefix) / "validators" / self.name

    @property
    def python(self) -> Path:
        """The interpreter that knows it."""
        return self.home / "bin" / "python"


CLASSIC = Validator("iiif-validator", "requirements-validator.lock", (3, 11))
NEW = Validator("iiif-validator-ng", "requirements-validator-ng.lock", (3, 12))


def find_python(oldest: tuple[int, int], named: str | None = None) -> str:
    """Return the path of a Python from `oldest` to NEWEST that runs, or nothing.

    `named` is the value of VALIDATOR_PYTHON. Raises ValueError where it is given and cannot be used.
    """
    named = os.environ.get("VALIDATOR_PYTHON", "") if named is None else named
    if named:
        if found := _run(named, oldest):
            return found
        span = f"{_dotted(oldest)} to {_dotted(NEWEST)}"
        raise ValueError(
            f"VALIDATOR_PYTHON={named} is no Python {span} that runs and has venv; name another, or leave it unset"
        )
    return _search(oldest)


@functools.cache
def _search(oldest: tuple[int, int]) -> str:
    return next((found for each in _candidates() if (found := _run(each, oldest))), "")


def _candidates() -> Iterator[str]:
    """Name what may be a Python, the likeliest first; each is asked for only when those before it did not do."""
    yield str(Path(sys.base_prefix) / "bin" / f"python{_dotted(sys.version_info[:2])}")
    names = [f"python3.{minor}" for minor in range(11, NEWEST[1] + 1)]
    yield from names
    yield "python3"
    root = _said(["pyenv", "root"])
    if root:
        for name in names:
            yield from map(str, sorted(Path(root).glob(f"versions/*/bin/{name}")))
    for name in names:
        found = _said(["uv", "python", "find", "--system", "--no-python-downloads", name.removeprefix("python")])
        if found:
            yield found


def _run(python: str, oldest: tuple[int, int]) -> str:
    """Run a Python; return where it is if it will do, else nothing."""
    question = f"import sys, venv; print(sys.executable if {oldest} <= sys.version_info[:2] <= {NEWEST} else '')"
    return _said([python, "-c", question])


def _said(command: list[str]) -> str:
    """Return what a program says on one line; nothing where it is missing, fails or does not end."""
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def is_installed(validator: Validator) -> bool:
    """Say whether a validator is there as its lock file has it, and its Python still is."""
    mark = validator.home / ".complete"
    return validator.python.exists() and mark.is_file() and mark.read_text() == _digest(validator)


def _digest(validator: Validator) -> str:
    digest = hashlib.sha256(BUILD_LOCK.read_bytes())
    digest.update((REPOSITORY / validator.lock).read_bytes())
    return digest.hexdigest()


def install(validator: Validator, python: str) -> None:
    """Make the environment anew and fill it, by our own pip. Raises CalledProcessError when that fails."""
    shutil.rmtree(validator.home, ignore_errors=True)
    subprocess.run([python, "-m", "venv", "--without-pip", validator.home], check=True)
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    pip += ["--python", validator.python]
    locked = ["install", "--quiet", "--require-hashes", "--no-build-isolation", "-r"]
    # What comes as source is built with what is installed first, with hashes like the rest.
    for lock in (BUILD_LOCK, REPOSITORY / validator.lock):
        subprocess.run([*pip, *locked, lock], check=True)
    mark_as_complete(validator)


def mark_as_complete(validator: Validator) -> None:
    """Note that the environment holds what its lock says now."""
    (validator.home / ".complete").write_text(_digest(validator))


def main() -> int:
    """Install what is missing."""
    try:
        for validator in (CLASSIC, NEW):
            if is_installed(validator):
                continue
            python = find_python(validator.oldest, None if validator is NEW else "")
            if not python:
                print(
                    f"{validator.name} needs Python {_dotted(validator.oldest)} to {_dotted(NEWEST)}, and none was found: "
                    "its tests will not be run (name one: make test VALIDATOR_PYTHON=…)."
                )
                continue
            print(f"Installing {validator.name} for {python}", flush=True)
            install(validator, python)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(
            f"installing the validators ended with status {error.returncode}; is the package registry reachable?",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


if __name__ == "__main__":
    sys.exit(main())
