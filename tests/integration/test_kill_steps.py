"""Killed at any point of a check, an update, a delivery of parts and an export, and run again: the same in the end."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = 3
"""One of so many points: neighbours are a file and its rename. `python -m tests.support.kill_steps FOLDER` takes them all."""


@pytest.mark.timeout(600)
def test_a_kill_at_the_points_of_the_further_steps(tmp_path: Path, repository: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.kill_steps", tmp_path, "1", str(PARTS)],
        cwd=repository, capture_output=True, text=True, timeout=580, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    told = re.search(r"killed at (\d+) of (\d+) points, 0 differences", run.stdout)
    assert told, run.stdout
    # two deliveries, an export of two documents: far fewer points would mean that the instruments are deaf
    assert int(told[2]) > 80
    assert int(told[1]) >= int(told[2]) // PARTS
