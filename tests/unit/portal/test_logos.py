from pathlib import Path

import pytest

from server.errors import Unknown
from server.portal.logos import read_logo


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "logos").mkdir(parents=True)
    (folder / "logos" / "a.svg").write_text("<svg/>")
    (folder / "logos" / "big.png").write_bytes(bytes(1_000_001))
    (folder / "institutions.toml").write_text("")
    (tmp_path / "secret.svg").write_text("<svg/>")
    (folder / "logos" / "link.svg").symlink_to(tmp_path / "secret.svg")
    return folder


def test_a_logo_is_served_with_its_type(data: Path) -> None:
    assert read_logo(data, "logos/a.svg", ".svg") == (b"<svg/>", "image/svg+xml")


@pytest.mark.parametrize(
    ("file", "asked"),
    [
        ("", ".svg"),
        ("logos/none.svg", ".svg"),
        ("logos/a.svg", ".png"),
        ("institutions.toml", ".toml"),
        ("../secret.svg", ".svg"),
        ("logos/link.svg", ".svg"),
        ("logos/\0.svg", ".svg"),
        ("logos/big.png", ".png"),
        ("https://x.test/l.svg", ".svg"),
    ],
)
def test_nothing_else_is_served(data: Path, file: str, asked: str) -> None:
    with pytest.raises(Unknown):
        read_logo(data, file, asked)
