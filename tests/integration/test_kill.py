"""Killed at any point and run again: the same catalogue and the same storage as a run that nobody disturbed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = 3


@pytest.mark.parametrize("part", range(1, PARTS + 1))
@pytest.mark.timeout(600)
def test_a_kill_at_every_write_rename_and_commit(
    database_url: str, tmp_path: Path, part: int, repository: Path
) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.kill_points", database_url, tmp_path, str(part), str(PARTS)],
        cwd=repository, capture_output=True, text=True, timeout=580, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    told = re.search(r"killed at (\d+) of (\d+) points, 0 differences", run.stdout)
    assert told, run.stdout
    # Three documents, four views, two deliveries, a dozen transactions and more: far fewer points would mean that the instruments are deaf.
    assert int(told[2]) > 120
    assert int(told[1]) >= int(told[2]) // PARTS
