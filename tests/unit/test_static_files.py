import asyncio
import gzip
import re
from pathlib import Path
from typing import Any

import brotli
import pytest

from server.static_files import FOLDER, StaticFiles
from tests.support.asgi import request

SCRIPT = "console.log('une ligne assez longue pour être compressée');\n" * 40


@pytest.fixture
def files(tmp_path: Path) -> StaticFiles:
    (tmp_path / "vendor" / "fonts").mkdir(parents=True)
    (tmp_path / "vendor" / "fonts" / "a.woff2").write_bytes(b"wOF2" + bytes(900))
    (tmp_path / "site.css").write_text(
        '@font-face { src: url("vendor/fonts/a.woff2"); }\nb { background: url("none.png"); }'
    )
    (tmp_path / "page.js").write_text(SCRIPT)
    (tmp_path / ".hidden").write_text("x")
    (tmp_path.parent / "secret.txt").write_text("x")
    return StaticFiles(tmp_path)


def ask(files: StaticFiles, target: str, **headers: str) -> Any:
    return asyncio.run(request(files, target, headers=headers))


def test_an_address_with_the_digest_is_for_good(files: StaticFiles) -> None:
    address = files.url("page.js")
    assert address.startswith("/static/page.js?v=")
    found = ask(files, address)
    assert (found.status, found.body.decode()) == (200, SCRIPT)
    assert found.header("cache-control") == "public, max-age=31536000, immutable"
    assert found.header("content-type") == "text/javascript; charset=utf-8"
    for other in ("/static/page.js", "/static/page.js?v=0"):
        assert "immutable" not in ask(files, other).header("cache-control")


def test_a_style_names_its_fonts_by_their_digest(files: StaticFiles) -> None:
    style = ask(files, "/static/site.css").body.decode()
    assert f'url("{files.url("vendor/fonts/a.woff2")}")' in style
    assert 'url("none.png")' in style, "what is not there stays as it is written"


def test_texts_are_compressed_and_fonts_are_not(files: StaticFiles) -> None:
    for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        packed = ask(files, "/static/page.js", **{"accept-encoding": f"{encoding}, identity;q=0.5"})
        assert packed.header("content-encoding") == encoding
        assert unpack(packed.body).decode() == SCRIPT
        assert packed.header("vary") == "Accept-Encoding"
    both = ask(files, "/static/page.js", **{"accept-encoding": "br, gzip"})
    assert both.header("content-encoding") == "br"
    font = ask(files, "/static/vendor/fonts/a.woff2", **{"accept-encoding": "gzip"})
    assert font.header("content-encoding") == ""
    assert font.header("content-type") == "font/woff2"


def test_a_copy_that_is_good_is_304(files: StaticFiles) -> None:
    for encoding in ("br", "gzip", "identity"):
        first = ask(files, "/static/page.js", **{"accept-encoding": encoding})
        again = ask(files, "/static/page.js", **{"accept-encoding": encoding, "if-none-match": first.header("etag")})
        assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "target",
    [
        "/static/none.js",
        "/static/",
        "/static/.hidden",
        "/static/../secret.txt",
        "/static/%2e%2e/secret.txt",
        "/static//etc/passwd",
        "/static/vendor",
    ],
)
def test_only_files_of_the_folder_are_served(files: StaticFiles, target: str) -> None:
    found = ask(files, target)
    assert found.status == 404
    assert found.header("access-control-allow-origin") == "*"


def test_a_file_that_was_not_installed_is_named(files: StaticFiles) -> None:
    assert files.url("vendor/none.js") == "/static/vendor/none.js"
    assert files.missing(("page.js", "vendor/none.js")) == ("vendor/none.js",)


def test_every_face_that_our_styles_name_is_installed() -> None:
    ours = StaticFiles(FOLDER)
    faces = [name for name in ours.names() if name.startswith("vendor/fonts/") and name.endswith(".woff2")]
    if not faces:
        pytest.fail("the fonts are not installed; run `make install`")
    style = asyncio.run(request(ours, "/static/fonts.css", headers={})).body.decode()
    assert style.count("url(") == style.count("?v="), "a face is named that scripts/vendor.py does not place"


def test_no_letter_is_in_two_files_of_a_face() -> None:
    """A browser that waits for the one would fetch the other for it."""
    style = (FOLDER / "fonts.css").read_text(encoding="utf-8")
    letters: dict[tuple[str, ...], set[int]] = {}
    for face in re.findall(r"@font-face \{(.*?)\}", style, re.DOTALL):
        said = dict(line.strip().rstrip(";").split(": ", 1) for line in face.strip().splitlines())
        if "unicode-range" not in said:
            continue
        known = letters.setdefault((said["font-family"], said["font-style"], said["font-weight"]), set())
        for part in said["unicode-range"].split(", "):
            first, _dash, last = part.removeprefix("U+").partition("-")
            reach = set(range(int(first, 16), int(last or first, 16) + 1))
            assert not known & reach, (said["src"], part)
            known |= reach
    assert len(letters) == 3
    assert all(ord(letter) in known for known in letters.values() for letter in "éœŒÿ’–ő")


def test_nothing_is_compressed_while_requests_wait(files: StaticFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> bytes:
        raise AssertionError("compressed on the event loop")

    monkeypatch.setattr(gzip, "compress", refuse)
    packed = asyncio.run(request(files, "/static/page.js", headers={"Accept-Encoding": "gzip"}))
    assert packed.header("content-encoding") == "gzip"
    assert gzip.decompress(packed.body).decode() == SCRIPT


def test_what_was_compressed_is_not_compressed_again(
    files: StaticFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers are forked from a process that has done it: each of them would take a second for it."""

    def refuse(*_: object, **__: object) -> bytes:
        raise AssertionError("compressed again")

    monkeypatch.setattr(brotli, "compress", refuse)
    again = StaticFiles(tmp_path)
    assert again.url("page.js") == files.url("page.js")
    packed = asyncio.run(request(again, "/static/page.js", headers={"Accept-Encoding": "br"}))
    assert brotli.decompress(packed.body).decode() == SCRIPT
    (tmp_path / "page.js").write_text(f"{SCRIPT}changed();")
    with pytest.raises(AssertionError, match="compressed again"):
        StaticFiles(tmp_path)
