"""Mistakes of those who type or set up: a sentence that names the thing, and never "a fault of Vitrine"."""

import os
from pathlib import Path

import pytest

from tests.support.typed import Typed


def sentence(typed: Typed, *words: str | Path) -> str:
    result = typed(*words)
    assert result.exit_code == 1, result.output
    assert "a fault of Vitrine" not in result.output
    return " ".join(result.output.split())


@pytest.mark.parametrize("verb", ["init", "status", "sweep"])
def test_a_database_that_does_not_run(typed: Typed, monkeypatch: pytest.MonkeyPatch, free_port: int, verb: str) -> None:
    monkeypatch.setenv(
        "VITRINE_DATABASE_URL", f"postgresql+psycopg://vitrine:geheim@127.0.0.1:{free_port}/v?application_name=geheim"
    )
    told = sentence(typed, verb)
    assert "VITRINE_DATABASE_URL" in told
    assert f"127.0.0.1:{free_port}" in told
    assert "geheim" not in told


@pytest.mark.parametrize("verb", ["init", "status"])
def test_a_database_file_that_is_none(typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, verb: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no database " * 100)
    monkeypatch.setenv("VITRINE_DATABASE_URL", f"sqlite:///{path}")
    told = sentence(typed, verb)
    assert "file is not a database" in told
    assert "VITRINE_DATABASE_URL" in told


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:geheim@host:port/v", "geheim", "oracle://u:geheim@host/v", "sqlite://", "sqlite:////proc/x/y"],
)
def test_an_address_that_is_none_is_not_shown(typed: Typed, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("VITRINE_DATABASE_URL", url)
    told = sentence(typed, "init")
    assert "VITRINE_DATABASE_URL" in told
    assert "geheim" not in told


@pytest.mark.parametrize("database", ["", "sqlite:///{home}/catalogue.sqlite"])
def test_a_home_that_lies_below_a_file(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: str
) -> None:
    (tmp_path / "file").write_text("x")
    home = tmp_path / "file" / "home"
    monkeypatch.setenv("VITRINE_HOME_DIR", str(home))
    monkeypatch.setenv("VITRINE_DATABASE_URL", database.format(home=home))
    for verb in ("init", "status"):
        assert "VITRINE_HOME_DIR" in sentence(typed, verb)


def test_a_register_that_is_a_folder(typed: Typed, tmp_path: Path) -> None:
    path = tmp_path / "registers" / "data" / "suppliers.toml"
    path.unlink()
    path.mkdir()
    assert f"{path} cannot be read: Is a directory" in sentence(typed, "init")


@pytest.mark.parametrize("words", [["accept", "?", "--by", "A", "--for", "b"], ["publish", "?"], ["check", "?"]])
def test_words_that_are_no_text_are_refused(typed: Typed, words: list[str]) -> None:
    result = typed(*[os.fsdecode(b"caf\xe9") if word == "?" else word for word in words])
    assert result.exit_code == 2
    assert "holds bytes that are not UTF-8" in result.output


def test_a_name_longer_than_any_file_is_a_delivery_nobody_knows(typed: Typed) -> None:
    typed.well("init")
    told = sentence(typed, "accept", "x" * 300, "--by", "A", "--for", "bm-lille")
    assert f"no delivery {'x' * 300} is known" in told
