"""The search page in a real browser: whole at every width, usable by keyboard, complete without scripts."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.seen import Shown, list_documents
from tests.support.browser import watched_page
from tests.support.demo import Demo

PLACES = {"fr": "recherche", "en": "search"}


@pytest.fixture(scope="module")
def documents(demo: Demo) -> list[Shown]:
    return list_documents(demo.url)


@pytest.mark.parametrize("width", [320, 768, 1440])
@pytest.mark.parametrize(
    "query", ["", "?q=lille", "?q=introuvablement", "?f.type=presse&from=1800&title=nord", "?f.x=1"]
)
def test_it_fits_every_width_and_asks_nobody_else(demo: Demo, browser: Browser, width: int, query: str) -> None:
    for language, place in PLACES.items():
        with watched_page(browser, width=width, height=840) as watched:
            watched.page.goto(f"{demo.url}/{language}/{place}{query}")
            wide, window = watched.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
            assert wide <= window
            small = watched.page.evaluate(
                "[...document.querySelectorAll('main a, main button, main summary')].filter((each) => "
                "each.checkVisibility() && each.getBoundingClientRect().height < 20).length"
            )
            assert small == 0, "links that a finger would miss"
            if "f.x" not in query:
                watched.assert_clean()
            assert not watched.page.context.cookies()


def test_the_keyboard_alone_asks_narrows_and_opens(demo: Demo, browser: Browser, documents: list[Shown]) -> None:
    with watched_page(browser, width=1280, height=840) as watched:
        page = watched.page
        page.goto(f"{demo.url}/fr/recherche")
        expect(page.locator("#find-count")).to_contain_text(str(len(documents)))
        reach(page, "#q")
        page.keyboard.type("de")
        page.keyboard.press("Enter")
        page.wait_for_url("**/recherche?q=de*")
        assert parse_qs(urlsplit(page.url).query)["q"] == ["de"]
        first = page.locator(".find-facet li a").first
        counted = int(first.locator(".find-number").inner_text())
        reach(page, ".find-facet li a")
        page.keyboard.press("Enter")
        page.wait_for_url("**f.type=*")
        assert page.locator(".find-result").count() == min(counted, 20)
        reach(page, ".find-result h3 a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/fr/ark:/**")
        watched.assert_clean()


def test_a_place_in_the_text_opens_its_view(demo: Demo, browser: Browser) -> None:
    with watched_page(browser, width=1280, height=840) as watched:
        page = watched.page
        page.goto(f"{demo.url}/fr/recherche?text=de")
        link = page.locator(".find-hit a").first
        address = link.get_attribute("href")
        assert address is not None
        assert "/f" in address
        link.click()
        page.wait_for_url(f"**{address.partition('#')[0]}*")
        expect(page.locator("#stage .detail")).to_be_visible()
        page.wait_for_load_state("networkidle")
        stage, detail = page.locator("#stage").bounding_box(), page.locator("#stage .detail").bounding_box()
        assert stage
        assert detail
        assert 8 < detail["height"] < stage["height"] / 8, "it is read among the words around it"
        middle = detail["x"] + detail["width"] / 2, detail["y"] + detail["height"] / 2
        assert stage["x"] < middle[0] < stage["x"] + stage["width"]
        assert stage["y"] < middle[1] < stage["y"] + stage["height"]
        expect(page.locator("#stage .hit").first).to_be_visible()
        watched.assert_clean()


@pytest.mark.parametrize("scripts", [True, False])
def test_what_a_page_lists_can_be_searched(demo: Demo, browser: Browser, scripts: bool) -> None:
    """A newspaper, a year of it, a place, a stretch of years: the search finds what the page lists, and nothing else."""
    page = browser.new_page(java_script_enabled=scripts)
    page.goto(f"{demo.url}/fr/collections/titres")
    title = page.locator("main .shelves a").first.get_attribute("href")
    page.goto(f"{demo.url}{title}")
    year = page.locator(".years a").first.get_attribute("href")
    for path, words in ((title, "Chercher dans ce titre"), (year, "Chercher dans cette année")):
        page.goto(f"{demo.url}{path}")
        issues = page.locator(".card").count()
        page.get_by_role("searchbox", name=words).fill("lille")
        page.get_by_role("search", name=words).get_by_role("button").click()
        expect(page.locator(".find-result")).to_have_count(issues)
        expect(page.locator(".find-result", has_text="Le Courrier de la Deûle")).to_have_count(issues)
        expect(page.locator(".find-choices li")).to_have_count(2 if path == title else 3)
    for path in ("/fr/places/lille-nord", "/fr/time/1900-1909"):
        page.goto(f"{demo.url}{path}")
        listed = page.locator(".card").count()
        page.get_by_role("link", name="Chercher et trier parmi ces documents").click()
        expect(page.locator(".find-result")).to_have_count(listed)
    page.close()


def test_it_is_complete_without_scripts(demo: Demo, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demo.url}/en/search?q=de")
    expect(page.locator(".find-result").first).to_be_visible()
    page.locator(".find-facet summary").nth(3).click()
    page.locator(".find-orders a").first.click()
    assert "sort=" in page.url
    expect(page.locator(".find-result").first).to_be_visible()
    context.close()


def reach(page: Page, selector: str) -> None:
    """Press Tab until something that a selector names has the focus, and can be seen to have it."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            shown = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert shown != "none"
            return
    pytest.fail(f"the keyboard does not reach {selector}")
