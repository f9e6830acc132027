"""The house itself: lock files, the container image, what is committed, what the Makefile promises."""

import json
import re
import runpy
import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

from scripts import vendor
from server import __version__
from server.cli.serve import gunicorn_options
from server.settings import Settings, load_settings
from tests.support.scheduling import ALONE, FIRST
from tests.support.skips import REPOSITORY

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")
MAKEFILE = (REPOSITORY / "Makefile").read_text()


def pinned(lock: str) -> dict[str, str]:
    text = (REPOSITORY / lock).read_text()
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z,]+\])?==([^ ;\\\n]+)", text, flags=re.MULTILINE))


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True, timeout=60
    ).stdout.decode()
    return [path for each in listed.split("\0") if each and (path := REPOSITORY / each).is_file()]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_hashes_and_no_address(lock: str) -> None:
    text = (REPOSITORY / lock).read_text()
    assert not re.search(r"://|file:|--index|--extra-index|--find-links|--trusted", text)
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) >= 5
    assert [entry.split("\\")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_locks_agree() -> None:
    dev = pinned("requirements-dev.lock")
    for lock in ("requirements.lock", "requirements-build.lock"):
        assert pinned(lock).items() <= dev.items(), f"{lock} and requirements-dev.lock differ: run `make lock`"


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    for lock, wanted in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", [*project["dependencies"], *project["optional-dependencies"]["test"]]),
    ):
        names = {re.split(r"[\[<>=; ]", line)[0].lower() for line in wanted}
        assert names - pinned(lock).keys() == set(), f"not in {lock}: run `make lock`"


def test_the_two_toolkits_of_the_same_name_never_meet() -> None:
    assert "oaipmh" in pinned("requirements.lock")
    assert not any("pyoai" in pinned(lock) for lock in LOCKS)


def test_the_lock_of_npm_holds_hashes_and_no_address() -> None:
    packages = json.loads((REPOSITORY / "package-lock.json").read_text())["packages"]
    assert len(packages) > 5
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_nothing_committed_is_large() -> None:
    assert [str(path) for path in tracked() if path.stat().st_size > 1_000_000] == []


def test_nothing_committed_names_a_registry_or_a_workplace() -> None:
    # Put together here, so that this file does not find itself.
    words = "|".join(("pyp" + r"i\.org", "python" + "hosted", r"registry\.npm" + "js", r"deb\.deb" + "ian"))
    pattern = re.compile(rf"{words}|(?<![A-Za-z0-9_.])/(?:wo" + r"rk|fa" + r"rm)/")
    found = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(REPOSITORY)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def test_help_lists_every_target_that_a_person_calls() -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    for target in ("help", "demo", "test", "check", "bench", "serve", "docs", "lock", "clean"):
        assert re.search(rf"^  make {target} +\S", told, flags=re.MULTILINE)


def test_continuous_integration_runs_what_a_person_runs() -> None:
    script = REPOSITORY / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert commands == ['cd "$(dirname "$0")/.." && exec make test']


def test_an_old_python_is_refused_with_a_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit 0\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["make", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}", f"{tmp_path / 'venv'}/.created"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert "Vitrine needs Python 3.11 or newer" in done.stderr
    assert "Python 3.9.2" in done.stderr
    assert not (tmp_path / "venv").exists()


def copies() -> list[tuple[list[str], bool]]:
    found = []
    for line in (REPOSITORY / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY "):
            words = line.split()[1:]
            found.append(([word for word in words if not word.startswith("--")][:-1], "--from=" in line))
    return found


def test_the_image_copies_what_exists_and_what_is_sent() -> None:
    rules = [
        line for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")
    ]
    assert rules[0] == "*"
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    sources = {source for words, other_stage in copies() if not other_stage for source in words}
    assert len(sources) >= 8
    for source in sources:
        assert (REPOSITORY / source).exists(), f"the Dockerfile copies {source}, which is not there"
    assert sources == sent, "the .dockerignore lets through what the Dockerfile copies, and nothing else"


def test_the_image_runs_as_nobody_special_and_says_how_it_is() -> None:
    text = (REPOSITORY / "Dockerfile").read_text()
    last = text[text.rindex("\nFROM ") :]
    assert re.search(r"^USER vitrine$", last, flags=re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert text.count("--require-hashes") == 2
    for stage in re.findall(r"--from=(\w+)", text):
        assert f" AS {stage}\n" in text


def test_the_wheel_holds_all_that_the_server_reads(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
        timeout=120,
    )
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    package = REPOSITORY / "server"
    ignored = ("*.pyc", "*/vendor/.complete")
    wanted = {
        f"server/{path.relative_to(package)}"
        for path in package.rglob("*")
        if path.is_file() and not any(fnmatch(str(path), rule) for rule in ignored)
    }
    assert wanted - inside == set()
    assert {f"server/portal/static/vendor/{name}" for name in vendor.wanted()} <= inside


def test_what_pages_need_is_placed_with_its_licence() -> None:
    names = vendor.wanted()
    assert {
        "mirador/mirador.min.js",
        "openseadragon/openseadragon.min.js",
        "fonts/inter-latin-400-normal.woff2",
    } <= set(names)
    for name in names:
        assert (vendor.VENDOR / name).stat().st_size > 0
    for folder in {Path(name).parts[0] for name in names}:
        assert any(Path(name).parts[0] == folder and "LICENSE" in name for name in names)


def test_nothing_that_only_the_tests_need_is_placed() -> None:
    package = json.loads((REPOSITORY / "package.json").read_text())
    sources = {str(source.relative_to(vendor.MODULES)) for source in vendor.wanted().values()}
    assert not {
        source for source in sources if not source.startswith(tuple(f"{name}/" for name in package["dependencies"]))
    }
    assert package["dependencies"].keys() & package["devDependencies"].keys() == set()
    assert all((vendor.MODULES / name).is_dir() for name in package["devDependencies"])
    assert "npm ci --omit=dev" in (REPOSITORY / "Dockerfile").read_text()


def test_mirador_has_french_words_for_everything() -> None:
    locales = vendor.MODULES / "mirador" / "src" / "locales"
    english, french = (
        json.loads((locales / language / "translation.json").read_text())["translation"] for language in ("en", "fr")
    )
    script = (REPOSITORY / "server" / "portal" / "static" / "viewer.js").read_text()
    ours = re.search(r"const french = \{\n(.*?)\n  \};", script, flags=re.DOTALL)
    assert ours is not None
    assert set(re.findall(r"^ +(\w+):", ours[1], flags=re.MULTILINE)) == english.keys() - french.keys()


def test_what_comes_first_is_there() -> None:
    assert [path for path in (*FIRST, *ALONE) if not (REPOSITORY / path).is_file()] == []


def test_the_changelog_tells_of_this_version() -> None:
    assert f"## {__version__}" in (REPOSITORY / "CHANGELOG.md").read_text()


def test_no_target_is_promised_without_being_phony() -> None:
    phony = set(re.findall(r"^\.PHONY:(.*)$", MAKEFILE, flags=re.MULTILINE)[0].split())
    assert set(re.findall(r"^([a-z]+):", MAKEFILE, flags=re.MULTILINE)) <= phony


def test_gunicorn_started_by_hand_runs_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VITRINE_HOME_DIR", str(tmp_path))
    monkeypatch.setenv("VITRINE_PORT", "8123")
    said = runpy.run_path(str(REPOSITORY / "gunicorn.conf.py"))
    options = gunicorn_options(load_settings())
    assert options["bind"] == "127.0.0.1:8123"
    assert {key: said.get(key) for key in options} == options
    assert said["wsgi_app"] == "server.asgi:create_application()"


@pytest.mark.parametrize("path", sorted((REPOSITORY / "deploy").iterdir()), ids=lambda path: path.name)
def test_settings_that_deployments_name_exist(path: Path) -> None:
    fields = {f"VITRINE_{field.upper()}" for field in Settings.model_fields}
    assert set(re.findall(r"VITRINE_[A-Z0-9_]+", path.read_text())) <= fields


def test_every_room_has_its_place_in_the_layers() -> None:
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["id"] == "layers")
    placed = {module.strip(" ()").split(".")[0] for layer in layers for module in layer.split("|")}
    rooms = {
        path.stem
        for path in (REPOSITORY / "server").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").is_file()) and path.stem != "__init__"
    }
    assert rooms == placed
