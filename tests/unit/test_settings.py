"""The settings: read from the environment, checked once, wrong values named."""

import stat
from pathlib import Path

import pytest

from server.errors import SettingsError
from server.settings import Settings, load_settings


def test_one_machine_needs_no_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert settings.base == "http://127.0.0.1:8000"
    assert settings.database == f"sqlite:///{tmp_path}/data/var/catalogue.sqlite"
    assert settings.storage == f"{tmp_path}/data/var/storage"
    assert settings.processes >= 1


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_PORT", "8123")
    monkeypatch.setenv("VITRINE_NAAN", "12148")
    monkeypatch.setenv("VITRINE_WORKERS", "3")
    settings = load_settings()
    assert (settings.port, settings.naan, settings.processes) == (8123, "12148", 3)
    assert settings.base == "http://127.0.0.1:8123"


def test_variables_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_OF_SOMETHING_ELSE", "1")
    assert load_settings().port == 8000


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("VITRINE_PORT", "0"),
        ("VITRINE_PORT", "65536"),
        ("VITRINE_PORT", "http"),
        ("VITRINE_BASE_URL", "collections.example.org"),
        ("VITRINE_BASE_URL", "ftp://collections.example.org"),
        ("VITRINE_BASE_URL", "https://collections.example.org/?a=b"),
        ("VITRINE_BASE_URL", "https://collections.example.org/#top"),
        ("VITRINE_NAAN", "naan"),
        ("VITRINE_NAAN", "1234"),
        ("VITRINE_ARK_SHOULDER", "aeiou"),
        ("VITRINE_JPEG_QUALITY", "90"),
        ("VITRINE_TILE_SIZE", "500"),
        ("VITRINE_WORKERS", "-1"),
        ("VITRINE_OAI_PAGE_SIZE", "0"),
        ("VITRINE_SWEEP_SECONDS", "often"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert variable in str(caught.value)
    assert repr(value) in str(caught.value)


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_PORT", "none")
    monkeypatch.setenv("VITRINE_NAAN", "none")
    with pytest.raises(SettingsError, match=r"VITRINE_PORT.*VITRINE_NAAN"):
        load_settings()


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://collections.example.org", "https://collections.example.org"),
        ("https://collections.example.org/", "https://collections.example.org"),
        ("http://example.org:8080/", "http://example.org:8080"),
    ],
)
def test_a_base_has_no_final_slash(given: str, base: str) -> None:
    assert load_settings(base_url=given).base == base


def test_settings_do_not_change(settings: Settings) -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = load_settings(home_dir=tmp_path / "home").signing_keys
    path = tmp_path / "home" / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(first[0]) >= 48
    assert load_settings(home_dir=tmp_path / "home").signing_keys == first
    assert [each.name for each in path.parent.iterdir()] == ["secret_key"]


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    one, two = (load_settings(home_dir=tmp_path / name).signing_keys for name in ("one", "two"))
    assert one != two


def test_given_keys_are_used_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_SECRET_KEY", "new, old ,")
    assert load_settings().signing_keys == ("new", "old")


def test_machines_that_share_a_database_must_share_the_key(tmp_path: Path) -> None:
    settings = load_settings(home_dir=tmp_path / "home", database_url="postgresql+psycopg://vitrine@db/vitrine")
    with pytest.raises(SettingsError, match="VITRINE_SECRET_KEY is missing"):
        _ = settings.signing_keys
    assert not (tmp_path / "home").exists()


def test_a_key_that_cannot_be_kept_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match="VITRINE_HOME_DIR"):
        _ = load_settings(home_dir=tmp_path / "file" / "home").signing_keys
