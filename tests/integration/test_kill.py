"""Killed at any point and run again: the same catalogue and the same storage as a run that nobody disturbed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = 4
"""Every fourth point on PostgreSQL, where the files are the same as on SQLite and only the commits are others."""


def run(repository: Path, *command: str | Path) -> str:
    """Run a program that kills and compares; return what it said."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=repository, capture_output=True, text=True, timeout=580, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(600)
def test_walked_on_from_what_every_write_rename_and_commit_leaves(
    sqlite_url: str, tmp_path: Path, repository: Path
) -> None:
    said = run(repository, "tests.support.kill_path", sqlite_url, tmp_path)
    told = re.search(r"walked on from (\d+) of (\d+) points, which leave (\d+) states, 0 differences", said)
    assert told, said
    # Four views, two deliveries, a dozen transactions and more: far fewer points would mean that the instruments are deaf.
    assert int(told[1]) == int(told[2]) > 120
    assert int(told[3]) > 60  # half of the points, where something was written since the one before
    killed = re.search(r"killed at (\d+) of (\d+) points, 0 differences", said)
    assert killed, said
    assert killed[2] == told[2]
    assert int(killed[1]) > 4


@pytest.mark.timeout(600)
def test_a_kill_at_points_on_postgresql(postgres_url: str, tmp_path: Path, repository: Path) -> None:
    said = run(repository, "tests.support.kill_path", postgres_url, tmp_path, "1", str(PARTS))
    told = re.search(r"killed at (\d+) of (\d+) points, 0 differences", said)
    assert told, said
    assert int(told[2]) > 120
    assert int(told[1]) >= int(told[2]) // PARTS


@pytest.mark.timeout(600)
def test_walked_on_from_what_the_further_steps_leave(tmp_path: Path, repository: Path) -> None:
    """At the points of a check, an update, a delivery of parts and an export."""
    said = run(repository, "tests.support.kill_steps", tmp_path)
    told = re.search(r"walked on from (\d+) of (\d+) points, which leave (\d+) states, 0 differences", said)
    assert told, said
    # two deliveries, an export of two documents: far fewer points would mean that the instruments are deaf
    assert int(told[1]) == int(told[2]) > 80
    assert int(told[3]) > 40
    killed = re.search(r"killed at (\d+) of (\d+) points, 0 differences", said)
    assert killed, said
    assert int(killed[1]) > 4
