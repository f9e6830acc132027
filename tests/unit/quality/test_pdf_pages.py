"""Pages of a PDF are looked at one by one, as large as they are ingested: each fault is told of its page, and of no other."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from server.delivery.opening import open_delivery
from server.delivery.values import Context
from server.imaging.appearance import Appearance
from server.quality.checking import check
from server.quality.contract import read_contract
from server.quality.examine import examine
from tests.support.booklets import SIZE, bind
from tests.support.views.capture import Take, capture
from tests.support.views.sheets import draw_sheet, style_of

STYLE = style_of("print", 2, "first")
CONTEXT = Context(rights="public-domain", typology="livres-imprimes", language="fre")
PAGES = 6
FAULTY = 4

TAKES: dict[str, tuple[str, Callable[[], Image.Image]]] = {
    "askew": ("picture-skew", lambda: _scan(FAULTY, Take(seed=FAULTY, angle=2.5))),
    "blurred": ("picture-focus", lambda: _scan(FAULTY, Take(seed=FAULTY, blur=3))),
    "dark border": ("picture-border", lambda: _scan(FAULTY, Take(seed=FAULTY, border=0.08))),
    "scanned again": ("picture-duplicate", lambda: _scan(FAULTY - 1, Take(seed=77))),
    "blank": ("picture-blank", lambda: Image.fromarray(capture(STYLE, draw_sheet(STYLE, FAULTY, is_blank=True)))),
    "too dark": ("picture-outlier", lambda: _scan(FAULTY, Take(seed=FAULTY, gain=(0.5, 0.5, 0.5)))),
}


def _scan(number: int, take: Take) -> Image.Image:
    return Image.fromarray(capture(STYLE, draw_sheet(STYLE, number), take))


@pytest.fixture(scope="module")
def sound() -> list[Image.Image]:
    return [_scan(number, Take(seed=number)) for number in range(1, PAGES + 1)]


def bound(folder: Path, pages: list[Image.Image], dpi: int = 150) -> Path:
    path = folder / "livre_001.pdf"
    pages[0].save(path, save_all=True, append_images=pages[1:], resolution=dpi, quality=92)
    return folder


def test_pages_that_are_sound_have_no_fault(tmp_path: Path, sound: list[Image.Image]) -> None:
    report = check(open_delivery(bound(tmp_path, sound), CONTEXT))
    assert [found.rule for found in report.findings if found.view or found.rule.startswith(("name-", "image-"))] == []
    assert len(set(report.pictures.values())) == PAGES


@pytest.mark.parametrize("name", TAKES)
def test_the_page_with_a_fault_is_told(tmp_path: Path, sound: list[Image.Image], name: str) -> None:
    rule, take = TAKES[name]
    pages = [*sound[: FAULTY - 1], take(), *sound[FAULTY:]]
    report = check(open_delivery(bound(tmp_path, pages), CONTEXT), processes=2)
    found = [each for each in report.findings if each.rule == rule]
    assert {(each.view, each.path) for each in found} == {(FAULTY, "livre_001.pdf")}
    assert {each.view for each in report.findings if each.view} == {FAULTY}


def test_the_resolution_of_a_scanned_page_is_held_against_the_contract(
    tmp_path: Path, sound: list[Image.Image]
) -> None:
    folder = bound(tmp_path, sound[:2], dpi=150)
    (tmp_path / "dpi.toml").write_text(
        'name = "dpi"\nlabel.fr = "a"\nlabel.en = "b"\n[rules.image-resolution]\ndpi = 300\n'
    )
    contract = read_contract(tmp_path / "dpi.toml")
    (tmp_path / "dpi.toml").unlink()
    found = [each for each in check(open_delivery(folder, CONTEXT), contract=contract).findings if each.view]
    assert [(each.rule, each.view) for each in found] == [("image-resolution", 1), ("image-resolution", 2)]
    assert "has 150 dpi; ask for 300" in found[0].message


def test_a_page_without_a_text_layer_is_told_where_the_others_have_one(tmp_path: Path) -> None:
    bind(tmp_path)
    delivery = open_delivery(tmp_path, CONTEXT)
    seen = examine(delivery, max_pixels=10**9)
    words = {path: text.words for path, text in seen.texts.items()}
    assert words["document.pdf#page=1"] > 5
    assert words["document.pdf#page=3"] == 0
    assert all(not text.outside for text in seen.texts.values())
    report = check(delivery)
    assert [(each.rule, each.view) for each in report.findings if each.rule.startswith("alto-")] == [("alto-empty", 3)]


def test_a_page_looks_as_its_scan_does(tmp_path: Path, sound: list[Image.Image]) -> None:
    seen = examine(open_delivery(bound(tmp_path, sound[:1]), CONTEXT), max_pixels=10**9)
    looks = seen.images["livre_001.pdf#page=1"].appearance
    assert isinstance(looks, Appearance)
    # a PDF says how large a page is in points, rounded
    assert abs(looks.width - sound[0].width) <= 1
    assert abs(looks.height - sound[0].height) <= 1
    assert abs(looks.mean - float(np.asarray(sound[0].convert("L")).mean())) < 20
    assert sound[0].size != SIZE
