"""How a command starts: quickly, as a person waits for it. What takes long to load is loaded by the work that needs it."""

import json
import subprocess
import sys
from pathlib import Path

from server.cli import VERBS

SLOW = ("alembic", "iiif_prezi3", "pymarc", "jpylyzer", "obstore")
"""Each takes from a twentieth of a second to one second, and most commands need none of them."""


def test_no_command_loads_what_it_may_not_need(repository: Path) -> None:
    modules = [f"server.cli.{verb.replace('-', '_')}" for verb in VERBS]
    told = subprocess.run(
        [sys.executable, "-c", f"import json, sys, {', '.join(modules)}; print(json.dumps(list(sys.modules)))"],
        cwd=repository, capture_output=True, check=True, timeout=120,
    ).stdout  # fmt: skip
    loaded = set(json.loads(told))
    assert loaded.issuperset(modules)
    assert not loaded.intersection(SLOW)
