"""The report in Chromium, as a partner institution opens it: from a file, by keyboard, in two languages."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from server.quality.checking import check
from server.quality.contract import Contract, read_contract
from server.quality.html import About, to_html
from server.quality.pictures import make_pictures
from server.quality.rates import show_rates
from server.quality.registry import rules
from tests.support.browser import watched_page
from tests.support.deliveries import Row, write_table
from tests.support.workshops import opened

VIEWS = 24


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on two documents, one view of which is broken."""
    folder = tmp_path_factory.mktemp("report")
    images = [[f"{name}_{number:04}.png" for number in range(1, VIEWS // 2 + 1)] for name in ("c1", "c2")]
    made = write_table(folder / "cartes", [Row("c1", images[0]), Row("c2", images[1])], size=(640, 480))
    (made / "c2_0003.png").write_bytes((made / "c2_0003.png").read_bytes()[:300])
    delivery = opened(made)
    checked = check(delivery, contract=_of_files_alone(folder))
    pictures = make_pictures(delivery, checked.findings, room=1_000_000, max_pixels=10**8)
    page = folder / "report.html"
    about = About(
        "cartes-12345678", "bm-lille", {"institution": ("Bibliothèque", "Library")}, changes={("c1", 2): "unasked"},
        before={("c1", 2): pictures["c1_0005.png"].closer},
    )  # fmt: skip
    page.write_text(to_html(checked, delivery, show_rates(checked), pictures, about), encoding="utf-8")
    return page


def _of_files_alone(folder: Path) -> Contract:
    """Return a contract that does not judge pictures: those of the test are all alike, and one is to be broken."""
    looks = [rule.definition.name for rule in rules() if rule.definition.family in ("picture", "image")]
    path = folder / "files.toml"
    head = 'name = "files"\nlabel.fr = "Fichiers"\nlabel.en = "Files"\n'
    path.write_text(head + "".join(f"\n[rules.{name}]\non = false\n" for name in looks))
    return read_contract(path)


@pytest.fixture(params=[390, 1360])
def page(request: pytest.FixtureRequest, browser: Browser, report: Path) -> Iterator[Page]:
    """The report, opened on a telephone and on a large screen; nothing may go wrong on it."""
    with watched_page(browser, width=request.param, height=844) as watched:
        watched.page.goto(report.as_uri())
        expect(watched.page.locator("html[data-ready]")).to_be_attached()
        yield watched.page
        assert not watched.console_errors, watched.console_errors
        assert {url.split(":")[0] for _, url in watched.responses} <= {"file", "data", "blob"}


def test_the_mosaic_shows_every_view_and_fits(page: Page) -> None:
    assert page.locator(".tile").count() == VIEWS
    expect(page.locator("#shown")).to_have_text(f"{VIEWS} vues affichées sur {VIEWS}")
    page.locator(".tile img").first.scroll_into_view_if_needed()
    # asked from outside: the policy of the page lets nothing be evaluated in it, so no wait_for_function
    end = time.monotonic() + 10
    while page.evaluate("document.querySelector('.tile img').naturalWidth") <= 100:
        assert time.monotonic() < end, "the first picture was never drawn"
        page.wait_for_timeout(50)
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window


def test_views_are_marked_by_keyboard_and_the_decision_is_saved(page: Page, report: Path) -> None:
    page.locator(".tile").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    expect(page.locator(".tile").nth(1)).to_contain_text("✓ bonne")
    page.keyboard.press("Enter")
    page.keyboard.press("n")
    expect(page.locator("#zoom-title")).to_have_text("c2 · f3")
    expect(page.locator("#zoom-findings")).to_contain_text("Une image ne se décode pas")
    page.keyboard.press("2")
    page.keyboard.press("c")
    expect(page.locator("textarea:focus")).to_be_attached()
    page.keyboard.type("Fichier tronqué, n")
    expect(page.locator("textarea:focus")).to_have_value("Fichier tronqué, n")
    page.keyboard.press("Escape")
    expect(page.locator(":focus").last).to_contain_text("✕ Cette image")
    page.locator("#conclude-open").click()
    page.locator("#save").click()
    expect(page.locator("#by-fault")).to_have_text("Écrivez votre nom.")
    page.locator("#by").fill("Mme Petit")
    page.get_by_label("Je refuse la livraison").check()
    page.locator("#save").click()
    expect(page.locator("#reason-fault")).to_have_text("Écrivez le motif.")
    page.locator("#reason").fill("Une vue à refaire.")
    with page.expect_download() as download:
        page.locator("#save").click()
    said = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert download.value.suggested_filename == "decisions.json"
    assert (said["schema"], said["by"], said["decision"]) == ("vitrine-decisions/1", "Mme Petit", "refused")
    assert said["delivery"]["digest"].startswith("sha256:")
    assert [(each["item"], each["view"], each["mark"], each["comment"]) for each in said["views"]] == [
        ("c1", 2, "fine", ""), ("c2", 3, "redo", "Fichier tronqué, n"),
    ]  # fmt: skip
    assert all(each["digest"].startswith("sha256:") for each in said["views"])


def test_the_picture_of_before_stands_beside_the_new_one(page: Page) -> None:
    page.locator(".tile").nth(1).click()
    earlier, now = page.locator("#earlier"), page.locator("#picture")
    expect(earlier).to_be_visible()
    expect(page.locator("#zoom-change")).to_have_text("changée sans demande")
    assert earlier.get_attribute("alt") == "Avant : c1 · f2"
    one, other = earlier.bounding_box(), now.bounding_box()
    assert one
    assert other
    assert abs(one["width"] - other["width"]) < 4, "both have the same room"
    assert one["x"] + one["width"] <= other["x"] + 1 or one["y"] + one["height"] <= other["y"] + 1
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.locator("#stage").hover()
    page.mouse.wheel(0, 120)
    end = time.monotonic() + 10
    while page.evaluate(
        "Math.abs(document.getElementById('stage').scrollTop - document.getElementById('earlier-stage').scrollTop) > 3"
    ):
        assert time.monotonic() < end, "the picture of before does not follow"
        page.wait_for_timeout(50)
    page.keyboard.press("b")
    expect(earlier).to_be_hidden()
    expect(page.get_by_role("button", name="Avant / maintenant")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("b")
    page.keyboard.press("ArrowRight")
    expect(earlier).to_be_hidden()
    expect(page.locator("#compare")).to_be_hidden()


def test_filters_and_language(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    expect(page.locator("#shown")).to_have_text(f"{VIEWS} of {VIEWS} views shown")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.get_by_label("Severity").select_option("error")
    expect(page.locator("#shown")).to_have_text(f"1 of {VIEWS} views shown")
    expect(page.locator(".tile:visible")).to_have_count(1)
    expect(page.locator(".tile:visible")).to_contain_text("✕ 1 error")
    page.locator(".tile:visible").click()
    expect(page.locator("#zoom-findings")).to_contain_text("ask the supplier for it again")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Français").click()
    page.locator(".tile:visible").click()
    expect(page.locator("#zoom-findings")).to_contain_text("redemandez-le au prestataire")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Clear the filters").click()
    page.get_by_label("Document").select_option("1")
    expect(page.locator("#shown")).to_have_text(f"{VIEWS // 2} of {VIEWS} views shown")
    expect(page.get_by_text("To be refused")).to_be_visible()
    expect(page.get_by_text("À refuser")).to_be_hidden()


def test_keys_may_be_switched_off(page: Page) -> None:
    page.locator("#help-open").click()
    page.get_by_label("Raccourcis à une touche").uncheck()
    page.keyboard.press("Escape")
    page.locator(".tile").first.focus()
    page.keyboard.press("2")
    expect(page.locator(".tile").first).not_to_contain_text("à refaire")


def test_without_scripts_the_findings_can_be_read(browser: Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(report.as_uri())
        expect(page.locator("noscript table")).to_contain_text("c2 f3")
        expect(page.get_by_text("À refuser")).to_be_visible()
    finally:
        context.close()
