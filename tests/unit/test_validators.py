"""How the validators of the Image API are installed: beside us, from locks with hashes, for a Python that runs."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from scripts import validators
from tests.support.skips import REPOSITORY

EACH = pytest.mark.parametrize("validator", [validators.CLASSIC, validators.NEW], ids=lambda each: each.name)


@EACH
def test_a_lock_holds_hashes_and_no_address(validator: validators.Validator) -> None:
    text = (REPOSITORY / validator.lock).read_text()
    assert not re.search(r"://|file:|--index|--extra-index|--find-links|--trusted", text)
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert f"{validator.name}==" in text
    assert [entry.split("\\")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_nothing_of_the_validators_is_in_our_environment() -> None:
    assert find_spec("iiif_validator") is None


def test_only_the_whole_tests_wait_for_the_validators() -> None:
    for target, waits in (("test", True), ("check", False), ("demo", False), ("serve", False)):
        planned = subprocess.run(
            ["make", "--dry-run", target], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60
        ).stdout
        assert ("scripts.validators" in planned) is waits, target


@EACH
def test_a_lock_that_changed_or_a_python_that_went_is_noticed(
    validator: validators.Validator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    build, own = tmp_path / "build.lock", tmp_path / validator.lock
    for lock in (build, own):
        lock.write_text("as it was")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(validators, "REPOSITORY", tmp_path)
    monkeypatch.setattr(validators, "BUILD_LOCK", build)
    assert not validators.is_installed(validator)
    validator.python.parent.mkdir(parents=True)
    validator.python.symlink_to(sys.executable)
    assert not validators.is_installed(validator), "it was begun and not finished"
    validators.mark_as_complete(validator)
    assert validators.is_installed(validator)
    for lock in (build, own):
        lock.write_text("otherwise")
        assert not validators.is_installed(validator)
        lock.write_text("as it was")
    assert validators.is_installed(validator)
    validator.python.unlink()
    validator.python.symlink_to(tmp_path / "gone")
    assert not validators.is_installed(validator)


def write_program(path: Path, said: str, status: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {said}\nexit {status}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that is all of PATH; no Python but those in it, and no choice of a person."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "nowhere"))
    monkeypatch.delenv("VALIDATOR_PYTHON", raising=False)
    return folder


def search() -> str:
    return validators._search.__wrapped__((3, 12))


def test_without_a_python_there_is_none(path_alone: Path) -> None:
    write_program(path_alone / "python3.12", "no such version", 127)
    write_program(path_alone / "pyenv", "no root", 1)
    assert search() == ""


def test_a_shim_that_refuses_is_passed_over(path_alone: Path) -> None:
    write_program(path_alone / "python3.12", "no such version", 127)
    write_program(path_alone / "python3.13", "/opt/python3.13")
    assert search() == "/opt/python3.13"


def test_pyenv_knows_more_than_its_shims(path_alone: Path, tmp_path: Path) -> None:
    write_program(path_alone / "python3.12", "no such version", 127)
    write_program(path_alone / "pyenv", str(tmp_path / "pyenv"))
    known = write_program(tmp_path / "pyenv" / "versions" / "3.12.1" / "bin" / "python3.12", "/pyenv/python3.12")
    assert known.is_file()
    assert search() == "/pyenv/python3.12"


def test_uv_is_asked_last(path_alone: Path, tmp_path: Path) -> None:
    known = write_program(tmp_path / "uv" / "python3.12", "/uv/python3.12")
    write_program(path_alone / "uv", str(known))
    assert search() == "/uv/python3.12"


def test_a_real_python_is_run_and_its_version_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VALIDATOR_PYTHON", raising=False)
    assert validators.find_python((3, 11), sys.executable) == sys.executable
    with pytest.raises(ValueError, match=r"is no Python 3\.99 to 3\.14"):
        validators.find_python((3, 99), sys.executable)


@pytest.mark.parametrize("target", ["nowhere", "refuses"])
def test_a_named_python_that_will_not_do_is_refused_with_a_sentence(
    target: str, path_alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = path_alone / target
    if target == "refuses":
        write_program(named, "no such version", 127)
    write_program(path_alone / "python3.12", "/opt/python3.12")
    monkeypatch.setenv("VALIDATOR_PYTHON", str(named))
    with pytest.raises(ValueError, match=f"VALIDATOR_PYTHON={named} is no Python 3.12 to 3.14 that runs"):
        validators.find_python(validators.NEW.oldest)
