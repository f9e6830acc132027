"""The reader in a real browser: facing pages, what a search marks, the address, the next view, and the page to embed."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.seen import Shown, assert_painted, list_documents
from tests.support.browser import Watched, watched_page
from tests.support.demo import Demo


@pytest.fixture(scope="module")
def documents(demo: Demo) -> list[Shown]:
    return list_documents(demo.url)


@pytest.fixture(scope="module")
def issue(documents: list[Shown]) -> str:
    return urlsplit(next(document for document in documents if document.canvases == 4).permalink).path


@pytest.fixture(scope="module")
def book(documents: list[Shown]) -> Shown:
    return next(document for document in documents if "fables" in document.title.lower())


def test_the_pages_of_a_book_are_shown_side_by_side(demo: Demo, browser_page: Watched, book: Shown) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{urlsplit(book.permalink).path}")
    page.wait_for_load_state("networkidle")
    page.locator("#strip a[data-view]").nth(3).click()
    expect(page).to_have_url(re.compile(r"/f\d+$"))  # the view that opened first has a facing one as well
    facing = page.locator("#reader[data-facing]")
    expect(facing).to_be_attached()
    side = facing.get_attribute("data-side")
    other = re.search(r"\.f(\d+)/info\.json$", facing.get_attribute("data-facing") or "")
    own = re.search(r"/f(\d+)$", page.url)
    assert own
    assert other
    assert (int(other[1]) > int(own[1])) == (side == "right")
    with page.expect_response(lambda response: f".f{other[1]}/" in response.url and response.ok):
        page.locator("#tools [data-do=spread]").click()
    expect(page.locator("#tools [data-do=spread]")).to_have_attribute("aria-pressed", "true")
    page.wait_for_load_state("networkidle")
    last = max(int(own[1]), int(other[1]))
    before = urlsplit(page.url).path  # what is fetched already is shown within the press
    page.locator("#view-nav a[rel=next]").click()
    page.wait_for_function("(before) => location.pathname !== before", arg=before)
    assert int(page.url.rpartition("/f")[2]) > last, "two pages are turned at once"
    page.wait_for_load_state("networkidle")
    browser_page.assert_clean()


def test_what_is_found_is_marked_with_and_without_scripts(demo: Demo, browser: Browser, issue: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demo.url}/fr{issue}/f1?q=lille")
    marks = page.locator("#stage .marks rect").count()
    assert marks > 0
    box = page.locator("#stage .marks rect").first.bounding_box()
    around = page.locator("#stage img").bounding_box()
    assert box
    assert around
    assert around["x"] <= box["x"] <= around["x"] + around["width"]
    assert around["y"] <= box["y"] <= around["y"] + around["height"]
    assert page.locator(".hits mark").first.inner_text().lower().startswith("lille")
    context.close()
    with watched_page(browser) as watched:
        watched.page.goto(f"{demo.url}/fr{issue}/f1?q=lille")
        expect(watched.page.locator("#stage .hit")).to_have_count(marks)
        watched.page.locator("#view-nav a[rel=next]").click()
        expect(watched.page).to_have_url(re.compile(r"/f2\?q=lille$"))
        watched.page.wait_for_load_state("networkidle")
        watched.assert_clean()


def test_nothing_found_says_what_to_try(demo: Demo, browser_page: Watched, issue: str) -> None:
    browser_page.page.goto(f"{demo.url}/en{issue}/f1?q=zzzzz")
    expect(browser_page.page.locator("#within [role=status]")).to_contain_text("Try a shorter word")
    assert browser_page.page.locator(".hits").count() == 0


def test_the_address_follows_the_detail(demo: Demo, browser_page: Watched, issue: str) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{issue}/f1")
    page.wait_for_load_state("networkidle")
    assert page.url.endswith("/f1"), "what nobody moved is not told"
    for _ in range(3):
        page.locator("#tools [data-do=in]").click()
    expect(page).to_have_url(re.compile(r"/f1#xywh=\d+,\d+,\d+,\d+$"))
    address = page.url
    entries = page.evaluate("history.length")
    page.locator("#tools [data-do=in]").click()
    page.wait_for_function("(before) => location.href !== before", arg=address)
    assert page.evaluate("history.length") == entries, "going back leads to the page before, not to a detail"
    page.locator("#tools [data-do=fit]").click()
    expect(page).to_have_url(re.compile(r"/f1$"))


def test_the_next_view_is_fetched_when_somebody_reads(demo: Demo, browser_page: Watched, issue: str) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{issue}/f1")
    page.wait_for_load_state("networkidle")
    assert not [url for _status, url in browser_page.responses if url.endswith("/f2")]
    with page.expect_response(lambda response: response.url.endswith("/f2")):
        page.locator("#stage").hover()
    page.wait_for_load_state("networkidle")
    page.locator("#view-nav a[rel=next]").click()
    expect(page).to_have_url(re.compile(r"/f2$"))
    page.wait_for_load_state("networkidle")
    assert len([url for _status, url in browser_page.responses if url.endswith("/f2")]) == 1
    browser_page.assert_clean()


def test_who_turns_pages_by_keys_has_the_next_one_fetched(demo: Demo, browser_page: Watched, issue: str) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{issue}/f1")
    page.wait_for_load_state("networkidle")
    with page.expect_response(re.compile(r"/f2$")):
        page.locator("#stage .openseadragon-canvas").focus()
    with page.expect_response(re.compile(r"/f3$")):
        page.keyboard.press("PageDown")
    page.wait_for_url("**/f2")
    browser_page.assert_clean()


def test_a_faint_image_is_made_stronger(demo: Demo, browser_page: Watched, issue: str) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{issue}/f1")
    ink = page.locator("#tools [data-do=ink]")
    expect(ink).to_have_attribute("aria-pressed", "false")
    ink.click()
    expect(ink).to_have_attribute("aria-pressed", "true")
    assert "contrast" in page.locator(".openseadragon-canvas > canvas").first.evaluate(
        "(each) => getComputedStyle(each).filter"
    )


def test_the_embedded_reader_is_painted(demo: Demo, browser_page: Watched, documents: list[Shown], issue: str) -> None:
    document = next(each for each in documents if urlsplit(each.permalink).path == issue)
    browser_page.page.goto(f"{demo.url}/en/embed{issue}/f1")
    assert_painted(browser_page, "#stage", document.name)
    browser_page.assert_clean()
