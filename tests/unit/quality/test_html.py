"""The report as one file: it stands alone, shows nothing that a supplier wrote as markup, and keeps within its room."""

import base64
import csv
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from server.delivery.values import Finding, Severity
from server.imaging.preview import make_preview
from server.imaging.source import probe
from server.quality.checking import check
from server.quality.html import About, to_html, words
from server.quality.pictures import make_pictures, share_out
from server.quality.rates import show_rates
from server.quality.supplier_table import HEADERS, to_csv
from server.told import NOTHING
from tests.support.deliveries import Row, write_table
from tests.support.workshops import opened

HOSTILE = "</script><script>alert(1)</script><!--"


def make_page(folder: Path, room: int = 2_000_000) -> str:
    delivery = opened(folder)
    report = check(delivery)
    pictures = make_pictures(delivery, report.findings, room=room, max_pixels=10**8)
    about = About("cartes-12345678", "bm-lille", {"institution": ("Bibliothèque", "Library")})
    return to_html(report, delivery, show_rates(report), pictures, about)


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = write_table(tmp_path / "cartes", [Row("c1", title=HOSTILE), Row("c2")])
    (made / "c2_0002.png").write_bytes((made / "c2_0002.png").read_bytes()[:200])
    return made


def test_the_page_asks_nobody_and_runs_only_its_own_script(folder: Path) -> None:
    page = make_page(folder)
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?!#)""", page)
    assert "url(" not in page
    assert not re.search(r"\son\w+=|\sstyle=", page)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    for kind, tag in (("script", r"<script>(.*?)</script>"), ("style", r"<style>(.*?)</style>")):
        [body] = re.findall(tag, page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{kind}-src &#39;sha256-{digest}&#39;" in policy[1]
    assert "default-src &#39;none&#39;" in policy[1]


def test_what_a_supplier_wrote_is_text(folder: Path) -> None:
    page = make_page(folder)
    assert "alert(1)</script>" not in page.replace("\\u003c", "")
    assert page.count("<script>") == 1
    assert data_of(page)["documents"][0] == {"identifier": "c1", "title": HOSTILE}


def test_every_view_is_there_with_its_findings_and_its_digest(folder: Path) -> None:
    data = data_of(make_page(folder))
    assert [(view["document"], view["number"], view["thumbnail"]) for view in data["views"]] == [
        (0, 1, True), (0, 2, True), (1, 1, True), (1, 2, False),
    ]  # fmt: skip
    broken = data["views"][3]
    assert "image-incomplete" in [data["findings"][each]["rule"] for each in broken["findings"]]
    assert broken["digest"] == hashlib.sha256((folder / "c2_0002.png").read_bytes()).hexdigest()
    said = data["findings"][broken["findings"][0]]["message"]
    assert said["fr"] != said["en"]
    assert said["fr"].startswith("vue f2")
    assert data["passed"] is False
    assert data["rules"]["image-incomplete"]["fr"].startswith("Une image")


def test_the_page_says_by_which_rates(folder: Path) -> None:
    delivery = opened(folder)
    report = check(delivery)
    told = {rate.name: (rate.found, rate.of, rate.is_beyond) for rate in show_rates(report)}
    assert told["views-blocked"] == (1, 4, True)
    assert told["errors-elsewhere"] == (0, 1, False)
    assert told["documents"][:2] == (1, 2)
    page = make_page(folder)
    assert "1 / 4" in page
    assert "25\u00a0%" in page
    assert "À refuser" in page
    assert "To be refused" in page


def test_pictures_keep_within_their_room(tmp_path: Path) -> None:
    masters = [f"{number}.tif" for number in range(500)]
    findings = [
        Finding("focus", Severity.ERROR, NOTHING, "7.tif", "a", 8),
        Finding("skew", Severity.INFO, NOTHING, "9.tif", "a", 10),
    ]
    shared = share_out(masters, findings, 4_000_000)
    assert sum(thumbnail + closer for thumbnail, closer in shared.values()) * 4 / 3 <= 4_000_000
    assert shared["7.tif"][1] > shared["9.tif"][1] > shared["1.tif"][1]
    assert share_out([], findings, 1000) == {}
    noise = tmp_path / "noise.png"
    Image.effect_noise((900, 1400), 90).save(noise)
    made = make_preview(noise, 10**8, 9_000, 60_000, probe(noise))
    assert len(made.closer) <= 60_000
    assert (made.width, made.height) == (900, 1400)
    assert max(Image.open(io.BytesIO(made.thumbnail)).size) <= 220
    assert make_preview(noise, 10**8, 9_000, 10, probe(noise)).closer == b""


def test_words_are_complete_in_both_languages() -> None:
    french, english = words()["fr"], words()["en"]
    assert french.keys() == english.keys()
    for part in ("families", "changes"):
        assert french[part].keys() == english[part].keys()
    page = (Path(__file__).parents[3] / "server/quality/page").glob("*.js")
    used = {word for script in page for word in re.findall(r"words\.(\w+)", script.read_text())} - {
        "families",
        "changes",
    }
    assert used <= french.keys() | {"length"}


def test_the_table_for_the_supplier_opens_in_a_spreadsheet(folder: Path) -> None:
    delivery = opened(folder)
    report = check(delivery)
    body = to_csv(report, delivery)
    assert body.startswith("\ufeff")
    header, *rows = csv.reader(io.StringIO(body[1:], newline=""), delimiter=";")
    assert tuple(header) == HEADERS["fr"]
    [row] = [row for row in rows if row[6] == "image-incomplete"]
    assert row[:3] == ["c2", "f2", "c2_0002.png"]
    assert row[4:6] == ["erreur", "intégrité"]
    assert row[8].endswith("redemandez-le au prestataire")
    header, *english = csv.reader(io.StringIO(to_csv(report, delivery, "en")[1:], newline=""), delimiter=";")
    assert tuple(header) == HEADERS["en"]
    [told] = [row for row in english if row[6] == "image-incomplete"]
    assert told[4:8] == ["error", "integrity", "image-incomplete", "An image does not decode to its last row."]
    assert told[8].endswith("ask the supplier for it again")
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
