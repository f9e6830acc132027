"""An installation with registers and nothing else, for what a person types."""

from pathlib import Path

import pytest

from tests.support.deliveries import write_registers
from tests.support.typed import Typed


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Typed:
    return _typed(monkeypatch, tmp_path, database_url)


@pytest.fixture
def typed_on_bare_ground(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bare_database_url: str) -> Typed:
    """The same before the first `init`: a database without tables."""
    return _typed(monkeypatch, tmp_path, bare_database_url)


def _typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Typed:
    data, manifests = write_registers(tmp_path / "registers")
    for name, value in {
        "HOME_DIR": tmp_path / "home", "DATABASE_URL": database_url, "DATA_DIR": data, "MANIFESTS_DIR": manifests,
        "WORKERS": 1, "SECRET_KEY": "a key for the tests",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"VITRINE_{name}", str(value))
    return Typed()
