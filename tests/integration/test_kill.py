"""Killed at any point and run again: the same catalogue and the same storage as a run that nobody disturbed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = 4
RUNS = [*(("sqlite_url", part) for part in range(1, PARTS + 1)), ("postgres_url", 1)]
"""Every point on SQLite; every fourth on PostgreSQL, where the files are the same and only the commits are others."""


@pytest.mark.parametrize(("database", "part"), RUNS)
@pytest.mark.timeout(600)
def test_a_kill_at_every_write_rename_and_commit(
    request: pytest.FixtureRequest, database: str, part: int, tmp_path: Path, repository: Path
) -> None:
    database_url: str = request.getfixturevalue(database)
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.kill_points", database_url, tmp_path, str(part), str(PARTS)],
        cwd=repository, capture_output=True, text=True, timeout=580, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    told = re.search(r"killed at (\d+) of (\d+) points, 0 differences", run.stdout)
    assert told, run.stdout
    # Four views, two deliveries, a dozen transactions and more: far fewer points would mean that the instruments are deaf.
    assert int(told[2]) > 120
    assert int(told[1]) >= int(told[2]) // PARTS
