"""`docs/howto/first-delivery.md`, done as it is written: its files are laid out, its commands are run."""

import os
import re
import shlex
import shutil
import subprocess
import urllib.request
from pathlib import Path

from PIL import Image

from tests.support.processes import answers, running
from tests.support.skips import REPOSITORY

PAGE = (REPOSITORY / "docs" / "howto" / "first-delivery.md").read_text()
VERBS = ("init", "check", "accept", "ingest", "publish", "status", "serve")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("vitrine ")]
    return [shlex.split(line) for line in lines]


def lay_out(folder: Path) -> None:
    """Lay out the registers and the delivery as the page says."""
    institution, context = blocks("toml")
    (table,) = blocks("text")
    shutil.copytree(REPOSITORY / "data", folder / "data", ignore=shutil.ignore_patterns("*.py", "var", "texts"))
    shutil.copytree(REPOSITORY / "manifests", folder / "manifests")
    register = folder / "data" / "institutions.toml"
    register.write_text(f"{register.read_text()}\n{institution}")
    images = folder / "my-delivery" / "images"
    images.mkdir(parents=True)
    (folder / "my-delivery" / "delivery.toml").write_text(context)
    (folder / "my-delivery" / "items.csv").write_text(table)
    for number in (1, 2):
        Image.effect_noise((1400, 900), 40 * number).save(images / f"CP-0001_{number}.tif", dpi=(400, 400))


def test_the_page_goes_the_whole_way() -> None:
    assert tuple(command[1] for command in commands()) == VERBS


def test_a_person_who_follows_the_page_sees_their_document(tmp_path: Path, vitrine: Path, free_port: int) -> None:
    lay_out(tmp_path)
    environment = os.environ | {"VITRINE_HOME_DIR": str(tmp_path / "home"), "VITRINE_PORT": str(free_port)}
    said = {}
    for _, verb, *arguments in commands()[:-1]:
        done = subprocess.run(
            [vitrine, verb, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"vitrine {verb}: {done.stdout}{done.stderr}"
        said[verb] = done.stdout
    assert "1 document ingested (2 views)" in said["ingest"]
    assert "1 published" in said["publish"]
    with (
        running([vitrine, "serve"], tmp_path / "serve.log", answers(free_port), env=environment, cwd=tmp_path),
        urllib.request.urlopen(f"http://127.0.0.1:{free_port}/fr/", timeout=30) as response,
    ):
        assert "La Grand’Place" in (page := response.read().decode()) or "La Grand&#39;Place" in page
