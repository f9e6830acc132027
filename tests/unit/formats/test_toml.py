"""TOML kept by people: what is wrong is told with its line, and a key's line is found again."""

from pathlib import Path

import pytest

from server.errors import FormatError
from server.formats.toml import line_of, nearest, read_toml

TEXT = """name = "a"
label.fr = "é"

[rules.one]
on = true
"two three" = 3
[[partner]]
since = 2020
[rules]
four.five = 1
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("name",), 1), (("label",), 2), (("label", "fr"), 2), (("label", "en"), 1), (("rules", "one"), 4), (("rules", "one", "on"), 5),
        (("rules", "one", "off"), 4), (("rules", "one", "two three"), 6), (("partner", "since"), 8), (("rules", "four", "five"), 10),
        (("nowhere",), 1),
    ],
)  # fmt: skip
def test_the_line_of_a_key_is_found(key: tuple[str, ...], line: int) -> None:
    assert line_of(TEXT, key) == line


def test_a_file_is_read_with_its_text(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(TEXT)
    text, data = read_toml(tmp_path / "a.toml")
    assert text == TEXT
    assert data["rules"]["one"]["on"] is True


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"a = 1\nb = \n", ", line 2: "), (b"a = 1\na = 2\n", ", line 2: "), (b"a = 1\nb = '\xff'\n", ", line 2: this is not UTF-8"),
        (b"a = " + b"[" * 3000, ": "), (b"[t\n", ", line 1: "),
    ],
)  # fmt: skip
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, body: bytes, told: str) -> None:
    (tmp_path / "a.toml").write_bytes(body)
    with pytest.raises(FormatError) as error:
        read_toml(tmp_path / "a.toml")
    assert str(error.value).startswith(f"{tmp_path / 'a.toml'}{told}")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"a.toml: cannot be read: No such file"):
        read_toml(tmp_path / "a.toml")


def test_a_remedy_is_the_nearest_word_or_all_of_them() -> None:
    assert nearest("suplier", ["supplier", "name"]) == "did you mean supplier?"
    assert nearest("x", ["b", "a"]) == "there are a, b"
    assert nearest("x", []) == "there are none"
