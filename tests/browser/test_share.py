"""The share control in a real browser: its links open exactly what was on the screen (Content State API 1.0)."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from server.portal.content_state import ContentState, read_content_state
from tests.browser.seen import Shown, assert_clean_but_for_mirador, assert_painted, list_documents
from tests.support.browser import Watched, watched_page
from tests.support.demo import Demo

WIDTHS = [360, 1440]


@pytest.fixture(scope="module")
def documents(demo: Demo) -> list[Shown]:
    return list_documents(demo.url)


@pytest.fixture
def plan(documents: list[Shown]) -> Shown:
    return next(document for document in documents if document.title.startswith("Plan "))


@pytest.fixture(params=WIDTHS)
def sized(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Watched]:
    """A watched page of a telephone, then of a large screen, which may write to the clipboard."""
    with watched_page(browser, width=request.param, height=840) as watched:
        watched.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield watched


def start(demo: Demo, page: Page, document: Shown, number: int = 1, language: str = "fr") -> Locator:
    """Open a view and its share control."""
    page.goto(f"{demo.url}/{language}{urlsplit(document.permalink).path}/f{number}")
    expect(page.locator("#stage canvas").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    share = page.locator("#share")
    share.locator("summary").click()
    expect(share.locator("#share-panel")).to_be_visible()
    return share


def region_of(address: str) -> list[float]:
    found = re.search(r"#xywh=(\d+,\d+,\d+,\d+)$", address)
    assert found, address
    return [float(part) for part in found[1].split(",")]


def test_a_detail_is_shared_and_opens_as_it_was(demo: Demo, sized: Watched, plan: Shown, browser: Browser) -> None:
    page = sized.page
    share = start(demo, page, plan)
    expect(share.locator('[data-row="detail"]')).to_be_hidden()
    expect(share.locator("#share-hint")).to_be_visible()
    for _ in range(5):
        page.locator("#tools [data-do=in]").click()
    expect(share.locator('[data-row="detail"]')).to_be_visible()
    page.wait_for_load_state("networkidle")
    share.locator("[data-copy=share-detail]").click()
    expect(page.locator("#share-said")).to_have_text("Copié")
    link = page.evaluate("navigator.clipboard.readText()")
    region = region_of(link)
    assert link.startswith(f"{plan.permalink}/f1#xywh=")
    state = share.locator("#share-state").input_value()
    wide, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window
    sized.assert_clean()
    for address in (link, state):
        for width in WIDTHS:
            with watched_page(browser, width=width, height=840) as other:
                other.page.goto(address)
                frame = other.page.locator(".detail")
                expect(frame).to_be_visible()
                assert_painted(other, "#stage", f"{plan.name}.f1")
                around, stage = frame.bounding_box(), other.page.locator("#stage").bounding_box()
                assert around
                assert stage
                assert abs(around["width"] / around["height"] - region[2] / region[3]) < 0.05
                fills = max(around["width"] / stage["width"], around["height"] / stage["height"])
                assert 0.98 < fills < 1.02, "the detail fills the stage"
                assert other.page.locator("#share-detail").input_value().endswith(link.partition("/ark:/")[2])
                other.page.wait_for_load_state("networkidle")
                other.assert_clean()


def test_the_links_follow_the_view(demo: Demo, browser_page: Watched, documents: list[Shown]) -> None:
    document = next(each for each in documents if each.canvases == 4)  # an issue: its views are all public
    page = browser_page.page
    share = start(demo, page, document)
    page.locator("#view-nav a[rel=next]").click()
    expect(page).to_have_url(re.compile(r"/f2$"))
    expect(share.locator("#share-view")).to_have_value(f"{document.permalink}/f2")
    expect(share.locator("#share-panel")).to_be_visible()
    value = share.locator("#share-state").input_value().partition("iiif-content=")[2]
    canvas = f"{document.manifest.removesuffix('/manifest')}/canvas/f2"
    assert read_content_state(value) == ContentState(document.manifest, canvas)
    page.wait_for_load_state("networkidle")
    browser_page.assert_clean()


def test_what_script_and_server_write_is_the_same(demo: Demo, browser: Browser, plan: Shown) -> None:
    with watched_page(browser) as watched:
        live = start(demo, watched.page, plan).locator("#share-state").input_value()
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{demo.url}/fr{urlsplit(plan.permalink).path}/f1")
        page.locator("#share summary").click()
        expect(page.locator("#share-panel")).to_be_visible()
        expect(page.locator("#share [data-copy=share-view]")).to_be_hidden()
        assert page.locator("#share-state").input_value() == live
    finally:
        context.close()


def test_the_control_is_used_by_keyboard(demo: Demo, browser_page: Watched, plan: Shown) -> None:
    page = browser_page.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{demo.url}/en{urlsplit(plan.permalink).path}/f1")
    page.wait_for_load_state("networkidle")
    page.locator("#share summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#share-panel")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "share-view"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Copy: This view"
    page.keyboard.press("Enter")
    expect(page.locator("#share-said")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{plan.permalink}/f1"
    page.keyboard.press("Escape")
    expect(page.locator("#share-panel")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    browser_page.assert_clean()


def test_a_telephone_sends_the_detail_by_its_own_means(demo: Demo, browser_page: Watched, plan: Shown) -> None:
    page = browser_page.page
    page.add_init_script("navigator.share = async (sent) => { window.sent = sent; };")
    share = start(demo, page, plan)
    share.get_by_role("button", name="Envoyer par une application").click()
    assert page.evaluate("window.sent") == {"title": page.title(), "url": f"{plan.permalink}/f1"}
    for _ in range(5):
        page.locator("#tools [data-do=in]").click()
    expect(share.locator('[data-row="detail"]')).to_be_visible()
    page.wait_for_load_state("networkidle")
    share.get_by_role("button", name="Envoyer par une application").click()
    assert page.evaluate("window.sent.url") == share.locator("#share-detail").input_value()
    browser_page.assert_clean()


def test_the_citation_is_copied(demo: Demo, browser_page: Watched, plan: Shown) -> None:
    page = browser_page.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{demo.url}/fr{urlsplit(plan.permalink).path}")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Copier la citation").click()
    expect(page.locator("#share-said")).to_have_text("Copié")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#cited").inner_text()
    assert copied.endswith(plan.permalink)
    browser_page.assert_clean()


@pytest.mark.parametrize(
    ("language", "here", "shown"),
    [
        ("fr", "2031-02-28T23:30:00-05:00", "consulté le 28 février 2031"),
        ("fr", "2031-03-01T08:00:00-05:00", "consulté le 1er mars 2031"),
        ("en", "2031-03-01T08:00:00-05:00", "viewed 1 March 2031"),
    ],
)
def test_the_citation_has_the_day_of_its_reader(
    demo: Demo, browser: Browser, plan: Shown, language: str, here: str, shown: str
) -> None:
    with watched_page(browser, zone="America/Toronto") as watched:
        page = watched.page
        page.clock.set_fixed_time(datetime.fromisoformat(here))
        page.goto(f"{demo.url}/{language}{urlsplit(plan.permalink).path}")
        expect(page.locator("#cited")).to_contain_text(f"[{shown}]")
        assert page.locator("#cited-day").get_attribute("data-day") == here[:10]
        page.clock.set_fixed_time(datetime.fromisoformat("2031-12-24T09:00:00-05:00"))
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.locator("[data-copy=cited]").click()
        expect(page.locator("#share-said")).not_to_be_empty()
        assert "24 " in page.evaluate("navigator.clipboard.readText()"), "on the day on which it is taken"
        watched.assert_clean()


def test_what_is_dragged_is_the_content_state(demo: Demo, browser_page: Watched, plan: Shown) -> None:
    start(demo, browser_page.page, plan)
    dragged: dict[str, Any] = browser_page.page.evaluate(
        """() => {
            const data = new DataTransfer();
            const link = document.getElementById("share-drag");
            link.dispatchEvent(new DragEvent("dragstart", { bubbles: true, dataTransfer: data }));
            return { text: data.getData("text/plain"), href: link.href };
        }"""
    )
    base = plan.manifest.removesuffix("/manifest")
    assert read_content_state(json.dumps(json.loads(dragged["text"]))) == ContentState(
        plan.manifest, f"{base}/canvas/f1"
    )
    assert "/fr/viewer?manifest=" in dragged["href"]


def test_a_shared_view_opens_in_mirador(demo: Demo, browser_page: Watched, documents: list[Shown]) -> None:
    document = next(each for each in documents if each.canvases == 4)
    share = start(demo, browser_page.page, document, number=2, language="en")
    share.locator("#share-open").click()
    expect(browser_page.page.locator(".mirador-window")).to_contain_text(f"2 of {document.canvases}")
    assert_painted(browser_page, ".mirador-window", f"{document.name}.f2")
    browser_page.page.wait_for_load_state("networkidle")
    assert_clean_but_for_mirador(browser_page)


def test_two_documents_open_side_by_side_in_mirador(demo: Demo, browser_page: Watched, documents: list[Shown]) -> None:
    targets = json.dumps([{"id": each.manifest, "type": "Manifest"} for each in documents[:2]])
    browser_page.page.goto(f"{demo.url}/fr/viewer")
    address = browser_page.page.evaluate(
        """(state) => {
            const encoded = btoa(encodeURIComponent(state)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
            return `${location.origin}/fr/viewer?iiif-content=${encoded}`;
        }""",
        targets,
    )
    browser_page.page.wait_for_load_state("networkidle")
    browser_page.page.goto(address)
    expect(browser_page.page.locator(".mirador-window")).to_have_count(2)
    browser_page.page.wait_for_load_state("networkidle")
    assert_clean_but_for_mirador(browser_page)


@pytest.mark.parametrize("region", ["999999,0,10,10", "0,0,0,0", "1,2,3", "x", "%E0%A4%A"])
def test_a_region_that_is_none_shows_the_whole_view(
    demo: Demo, browser_page: Watched, plan: Shown, region: str
) -> None:
    browser_page.page.goto(f"{demo.url}/fr{urlsplit(plan.permalink).path}/f1#xywh={region}")
    assert_painted(browser_page, "#stage", f"{plan.name}.f1")
    browser_page.page.wait_for_load_state("networkidle")
    expect(browser_page.page.locator(".detail")).to_have_count(0)
    browser_page.assert_clean()
