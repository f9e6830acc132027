"""Our own pages in a real browser: painted, whole at every width, usable by keyboard and without scripts."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.seen import PAINTED, Shown, assert_painted, colours, list_documents, painted, tiles
from tests.support.browser import Watched, watched_page
from tests.support.demo import Demo

WIDTHS = [360, 1440]
STAGE = "#stage"


@pytest.fixture(scope="module")
def documents(demo: Demo) -> list[Shown]:
    found = list_documents(demo.url)
    assert len(found) >= 8
    return found


@pytest.fixture(params=WIDTHS)
def sized(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Watched]:
    """A watched page of a telephone, then of a large screen."""
    with watched_page(browser, width=request.param, height=840) as page:
        yield page


def assert_fits(watched: Watched) -> None:
    """Fail where the page is wider than the window: a reader would have to scroll sideways."""
    wide, window = watched.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window


def see_everything(watched: Watched) -> None:
    """Scroll through the page, so that every lazy image is asked for, and wait for all of them."""
    watched.page.evaluate(
        """async () => {
            for (const image of document.images) {
                if (image.closest("[hidden]")) continue;
                image.scrollIntoView();
                await image.decode();
            }
        }"""
    )


def test_the_home_page_shows_its_pictures(demo: Demo, sized: Watched, documents: list[Shown]) -> None:
    sized.page.goto(f"{demo.url}/")
    assert urlsplit(sized.page.url).path == "/fr/"
    see_everything(sized)
    shown = sized.page.locator("ul.wall img").count()
    assert shown == (min(len(documents), 12) - 1) // 4 * 4, "as many as fill rows of four, without the large one"
    assert colours(sized.page.locator(".hero-piece img")) > PAINTED
    assert_fits(sized)
    assert sized.page.evaluate("document.fonts.check('16px \"EB Garamond\"')")
    sized.assert_clean()
    assert not sized.page.context.cookies()


def test_a_collection_leads_to_its_documents(demo: Demo, sized: Watched) -> None:
    sized.page.goto(f"{demo.url}/en/")
    see_everything(sized)  # a page that is left while it loads gives its pictures up, as it ought to
    sized.page.locator(".shelves a").first.click()
    expect(sized.page.locator("h1")).to_be_visible()
    see_everything(sized)
    assert_fits(sized)
    sized.page.wait_for_load_state("networkidle")
    sized.page.locator(".card a").first.click()
    expect(sized.page.locator("#stage canvas").first).to_be_visible()
    sized.page.wait_for_load_state("networkidle")
    sized.assert_clean()


def test_every_document_is_painted_at_its_permalink(demo: Demo, browser: Browser, documents: list[Shown]) -> None:
    for number, document in enumerate(documents):
        with watched_page(browser, width=WIDTHS[number % 2], height=840) as watched:
            watched.page.goto(document.permalink)
            expect(watched.page.locator("h1")).to_have_text(document.title)
            assert_painted(watched, STAGE, document.name)
            watched.page.wait_for_load_state("networkidle")
            assert watched.page.locator("#strip li").count() == (document.canvases if document.canvases > 1 else 0)
            assert_fits(watched)
            watched.assert_clean()


def test_a_stage_without_tiles_does_not_pass_for_painted(browser_page: Watched, documents: list[Shown]) -> None:
    document = documents[0]
    browser_page.page.route("**/info.json", lambda route: route.abort())
    browser_page.page.goto(document.permalink)
    browser_page.page.wait_for_load_state("networkidle")
    expect(browser_page.page.locator("#plain")).to_be_visible()
    assert not tiles(browser_page, document.name)
    assert painted(browser_page, STAGE) < PAINTED
    with pytest.raises(AssertionError, match="colours"):
        assert_painted(browser_page, STAGE, document.name, seconds=0.5)


def several(documents: list[Shown]) -> Shown:
    """Return an issue of a newspaper: unlike those of the book, all its views are public, from the first on."""
    return next(document for document in documents if document.canvases == 4)


def addresses_of_the_view(page: Page) -> dict[str, str]:
    """Return what the page and its head say of the addresses of the view, by selector."""
    selectors = [
        ".languages a[hreflang=fr]",
        ".languages a[hreflang=en]",
        "link[rel=canonical]",
        "link[rel=prev]",
        "link[rel=next]",
        "link[rel=alternate][hreflang=en]",
    ]
    return {each: page.locator(each).get_attribute("href") or "" for each in selectors}


def test_views_follow_one_another_without_loading_the_page_again(
    demo: Demo, browser_page: Watched, documents: list[Shown]
) -> None:
    document = several(documents)
    page = browser_page.page
    page.goto(f"{demo.url}/fr{urlsplit(document.permalink).path}/f1")
    page.evaluate("window.sameDocument = true")
    label = page.locator("#view-label")
    before = label.inner_text()
    page.locator("#view-nav a[rel=next]").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/f2$"))
    expect(label).not_to_have_text(before)
    expect(page.locator("#strip a[aria-current]")).to_have_attribute("href", re.compile(r"/f2$"))
    assert page.evaluate("document.activeElement.rel") == "next", "the focus stays where the reader was"
    page.keyboard.press("PageDown")
    expect(page).to_have_url(re.compile(r"/f3$"))
    path = urlsplit(document.permalink).path
    assert addresses_of_the_view(page) == {
        ".languages a[hreflang=fr]": f"/fr{path}/f3",
        ".languages a[hreflang=en]": f"/en{path}/f3",
        "link[rel=canonical]": f"{document.permalink}/f3",
        "link[rel=prev]": f"/fr{path}/f2",
        "link[rel=next]": f"/fr{path}/f4",
        "link[rel=alternate][hreflang=en]": f"{demo.url}/en{path}/f3",
    }
    assert page.locator("link[rel=canonical]").count() == 1
    page.go_back()
    expect(page).to_have_url(re.compile(r"/f2$"))
    expect(page.locator("#whole-image")).to_have_attribute("href", re.compile(rf"{document.name}\.f2/"))
    page.locator("#strip a").last.click()
    expect(page.locator("#view-nav a[rel=next]")).to_have_count(0)
    assert_painted(browser_page, STAGE, f"{document.name}.f{document.canvases}")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.sameDocument") is True
    browser_page.assert_clean()


def test_the_link_past_the_navigation_asks_for_nothing(browser_page: Watched, documents: list[Shown]) -> None:
    page = browser_page.page
    page.goto(several(documents).permalink)
    page.wait_for_load_state("networkidle")
    page.evaluate("window.sameDocument = true")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"#content$"))
    page.go_back()
    expect(page).not_to_have_url(re.compile(r"#content$"))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.sameDocument") is True
    assert not [url for url in asked if "/ark:/" in url], asked
    browser_page.assert_clean()


def test_the_picture_fills_the_full_screen(browser_page: Watched, documents: list[Shown]) -> None:
    page = browser_page.page
    page.goto(several(documents).permalink)
    page.locator("#tools [data-do=full]").click()
    page.wait_for_function("document.fullscreenElement !== null")
    screen, stage, bar = page.evaluate(
        "[window.innerHeight, ...['#stage', '#view-nav'].map((part) => document.querySelector(part).offsetHeight)]"
    )
    assert abs(screen - stage - bar) <= 1
    assert bar < 100


def test_a_screen_reader_hears_of_a_picture_that_takes_keys(
    demo: Demo, browser_page: Watched, documents: list[Shown]
) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/en{urlsplit(several(documents).permalink).path}/f1")
    picture = page.get_by_role("application")
    expect(picture).to_have_attribute("aria-roledescription", "image to explore")
    expect(picture).to_have_attribute("aria-label", re.compile(r"\w"))
    expect(picture).to_have_attribute("tabindex", "0")


def test_the_reader_zooms_by_button_and_by_keyboard(demo: Demo, browser_page: Watched, documents: list[Shown]) -> None:
    page = browser_page.page
    page.goto(max(documents, key=lambda document: "plan" in document.title.lower()).permalink)
    page.wait_for_load_state("networkidle")
    asked = len(browser_page.responses)
    for _ in range(4):
        page.locator("#tools [data-do=in]").click()
    page.wait_for_load_state("networkidle")
    deeper = len(browser_page.responses)
    assert deeper > asked, "a closer look asks for finer tiles"
    page.locator("#stage .openseadragon-canvas").focus()
    for _ in range(6):
        page.keyboard.press("Shift+ArrowUp")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('#stage')"), "the zoom does not hold the keyboard"
    browser_page.assert_clean()


def test_a_document_can_be_read_without_scripts(demo: Demo, browser: Browser, documents: list[Shown]) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 800, "height": 900})
    try:
        page = context.new_page()
        page.goto(f"{demo.url}/en{urlsplit(several(documents).permalink).path}/f1")
        page.wait_for_load_state("networkidle")
        assert colours(page.locator("#stage img")) > PAINTED
        assert page.locator("#tools").is_hidden()
        page.locator("#view-nav a[rel=next]").click()
        page.wait_for_url("**/f2", wait_until="networkidle")
        assert colours(page.locator("#stage img")) > PAINTED
    finally:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_by_day_and_by_night(demo: Demo, browser: Browser, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    try:
        page = context.new_page()
        page.goto(f"{demo.url}/fr/")
        found = page.evaluate(
            """() => ["body", ".card-note", ".figures", ".hero h1 em", ".foot-note"].map((selector) => {
                const element = document.querySelector(selector);
                let ground = element;
                while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
                return [selector, getComputedStyle(element).color, getComputedStyle(ground).backgroundColor];
            })"""
        )
        for selector, ink, paper in found:
            assert _contrast(ink, paper) >= 4.5, f"{selector}: {ink} on {paper} (WCAG 2.1, 1.4.3)"
    finally:
        context.close()


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance of `rgb(r, g, b)`."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
