"""The main tasks by keyboard alone: past the navigation, to a document, through the zoom and out of it, a search in it."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.seen import Shown, list_documents
from tests.support.browser import Watched
from tests.support.demo import Demo

_FOCUSED = "document.activeElement"


@pytest.fixture(scope="module")
def issue(demo: Demo) -> Shown:
    return next(document for document in list_documents(demo.url) if document.canvases == 4)


def walk_to(page: Page, selector: str, most: int = 80) -> None:
    """Press the tabulator until an element has the focus; each stop on the way must show that it has it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        outline, is_there = page.evaluate(
            f"""(selector) => {{
                const style = getComputedStyle({_FOCUSED});
                return [style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, {_FOCUSED}.matches(selector)];
            }}""",
            selector,
        )
        assert outline, page.evaluate(f"{_FOCUSED}.outerHTML.slice(0, 200)")
        if is_there:
            return
    pytest.fail(f"{selector} is not reached in {most} stops")


def test_the_first_stop_leads_past_the_navigation(demo: Demo, browser_page: Watched) -> None:
    page = browser_page.page
    for path in ("/fr/", "/en/places", "/fr/help/iiif", "/fr/nothing"):
        page.goto(f"{demo.url}{path}")
        page.keyboard.press("Tab")
        assert page.evaluate(f"{_FOCUSED}.getAttribute('href')") == "#content"
        page.keyboard.press("Enter")
        assert page.evaluate(f"{_FOCUSED}.id") == "content"


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_header_is_walked_as_it_is_seen(demo: Demo, browser: Browser, width: int) -> None:
    """RGAA 12.8: row by row, from left to right, in every window."""
    page = browser.new_page(viewport={"width": width, "height": 740})
    page.goto(f"{demo.url}/fr/places")
    page.keyboard.press("Tab")
    corners: list[tuple[int, int]] = []
    while True:
        page.keyboard.press("Tab")
        corner = page.evaluate(
            f"""() => {{
                if (!{_FOCUSED}.closest(".top")) return null;
                const {{ left, top, height }} = {_FOCUSED}.getBoundingClientRect();
                return [Math.round((top + height / 2) / 30), Math.round(left)];
            }}"""
        )
        if corner is None:
            break
        corners.append(tuple(corner))
    assert len(corners) >= 5, corners
    assert corners == sorted(corners), corners
    page.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_telephone_every_way_is_in_the_header(demo: Demo, browser: Browser, scripts: bool) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740}, java_script_enabled=scripts)
    for language, opener in (("fr", "Parcourir"), ("en", "Browse")):
        page.goto(f"{demo.url}/{language}/about")
        menu = page.locator("header .ways")
        assert page.locator(".top").evaluate("header => header.offsetHeight") < 64, "the header is one row"
        assert menu.locator("a:visible").count() == 0
        walk_to(page, "header .ways summary")
        assert menu.locator("summary").inner_text() == opener
        page.keyboard.press("Enter")
        expect(menu.locator("a:visible")).to_have_count(4)
        walk_to(page, f"header .ways details a[href='/{language}/time']", most=3)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(rf"/{language}/time$"))
        expect(menu.locator("a:visible")).to_have_count(0)
    page.close()


def test_what_lies_over_the_page_goes_away(demo: Demo, browser: Browser) -> None:
    """By the Escape key, which gives the focus back, and when the focus goes on."""
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{demo.url}/fr/about")
    for panel in (".ways-menu", "#display"):
        walk_to(page, f"{panel} summary")
        page.keyboard.press("Enter")
        expect(page.locator(f"{panel}[open]")).to_have_count(1)
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        expect(page.locator(f"{panel}[open]")).to_have_count(0)
        assert page.evaluate(f"{_FOCUSED}.matches('{panel} summary')")
        page.keyboard.press("Enter")
        walk_to(page, "main a", most=12)
        expect(page.locator(f"{panel}[open]")).to_have_count(0)
        page.goto(f"{demo.url}/fr/about")
    page.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_page_of_a_book_is_turned_to_by_its_number(demo: Demo, browser: Browser, scripts: bool) -> None:
    page = browser.new_page(java_script_enabled=scripts)
    book = next(document for document in list_documents(demo.url) if document.canvases > 20)
    page.goto(f"{demo.url}/fr{urlsplit(book.permalink).path}")
    walk_to(page, "#goto")
    page.keyboard.type("page 8")
    page.keyboard.press("Enter")
    expect(page.locator("#view-label")).to_contain_text("page 8")
    walk_to(page, "#goto")
    page.keyboard.type("999")
    page.keyboard.press("Enter")
    expect(page.locator("#turn-to-said")).to_contain_text("« 999 »")
    expect(page.locator("#view-label")).to_contain_text("page 8")
    page.close()


def test_a_document_is_found_by_its_place(demo: Demo, browser_page: Watched) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr/")
    walk_to(page, ".ways a[href='/fr/places']")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/fr/places$"))
    walk_to(page, "main .tiles a[href='/fr/places/lille-nord']")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/places/lille-nord$"))
    walk_to(page, ".card a")
    page.keyboard.press("Enter")
    expect(page.locator("#stage canvas").first).to_be_visible()


def test_an_issue_is_found_in_its_calendar(demo: Demo, browser_page: Watched) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr/collections/titres")
    for selector in (".shelves a", ".years a", ".month td a"):
        walk_to(page, selector)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("1909")
    expect(page.locator("#reader")).to_be_visible()


def test_through_the_zoom_and_out_of_it(demo: Demo, browser_page: Watched, issue: Shown) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{urlsplit(issue.permalink).path}/f1")
    page.wait_for_load_state("networkidle")
    walk_to(page, ".openseadragon-canvas")
    for _ in range(3):
        page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"/f1#xywh=\d+,\d+,\d+,\d+$"))
    before = page.url
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("(before) => location.href !== before", arg=before)
    page.keyboard.press("0")
    expect(page).to_have_url(re.compile(r"/f1$"))
    walk_to(page, "#tools [data-do=in]")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"#xywh="))
    walk_to(page, "#tools [data-do=turn]")
    page.keyboard.press("Space")
    walk_to(page, "#view-nav a[rel=next]")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/f2$"))
    assert page.evaluate(f"{_FOCUSED}.rel") == "next", "the focus stays where the reader was"
    browser_page.assert_clean()


def test_letters_do_nothing_outside_the_zoom(demo: Demo, browser_page: Watched, issue: Shown) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{urlsplit(issue.permalink).path}/f1")
    page.wait_for_load_state("networkidle")
    for key in ("+", "0", "r", "f", "PageDown"):
        page.keyboard.press(key)
    assert page.url.endswith("/f1")


def test_words_are_found_and_shown(demo: Demo, browser_page: Watched, issue: Shown) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{urlsplit(issue.permalink).path}/f1")
    page.wait_for_load_state("networkidle")
    # on the way the next view is fetched, which a search would break off
    with page.expect_request_finished(lambda request: request.url.endswith(".f2/info.json")):
        walk_to(page, "#q")
    page.keyboard.type("lille")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=lille$"))
    expect(page.locator("#within [role=status]")).to_contain_text("passage")
    expect(page.locator("#stage .hit").first).to_be_attached()
    walk_to(page, ".hits a")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=lille&passage=\d+#xywh="))
    expect(page.locator("#stage .detail")).to_be_attached()
    browser_page.assert_clean()


def test_the_display_is_changed_and_left(demo: Demo, browser_page: Watched) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr/")
    walk_to(page, "#display summary")
    page.keyboard.press("Enter")
    walk_to(page, "#display input[name=theme]")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.keyboard.press("Escape")
    assert page.evaluate("document.getElementById('display').open") is False
    assert page.evaluate(f"{_FOCUSED}.tagName") == "SUMMARY"
