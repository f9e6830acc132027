"""How a command starts: quickly, as a person waits for it. What takes long to load is loaded by the work that needs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli import VERBS

COMMANDS = tuple(f"server.cli.{verb.replace('-', '_')}" for verb in VERBS)
WORKERS = ("server.ingest.workers", "server.quality.examine")


@pytest.mark.parametrize(
    ("modules", "slow"),
    [
        # each takes from a twentieth of a second to one second, and most commands need none of them
        (COMMANDS, {"alembic", "iiif_prezi3", "pymarc", "jpylyzer", "obstore"}),
        # a worker makes views and looks at them; each core has one
        (WORKERS, {"sqlalchemy", "rich", "click", "flask", "lxml.html", "iiif_prezi3"}),
    ],
    ids=["commands", "workers"],
)
def test_nothing_is_loaded_that_may_not_be_needed(repository: Path, modules: tuple[str, ...], slow: set[str]) -> None:
    told = subprocess.run(
        [sys.executable, "-c", f"import json, sys, {', '.join(modules)}; print(json.dumps(list(sys.modules)))"],
        cwd=repository, capture_output=True, check=True, timeout=120,
    ).stdout  # fmt: skip
    loaded = set(json.loads(told))
    assert loaded.issuperset(modules)
    assert not loaded & slow
