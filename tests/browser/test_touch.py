"""The reader under fingers (Chromium's touch emulation): pinch, double tap, swipe; and what a single pointer can do."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.seen import Shown, list_documents
from tests.support.demo import Demo

REGION = re.compile(r"#xywh=(\d+),(\d+),(\d+),(\d+)$")


@pytest.fixture(scope="module")
def documents(demo: Demo) -> list[Shown]:
    return list_documents(demo.url)


@pytest.fixture
def issue(documents: list[Shown]) -> Shown:
    return next(document for document in documents if document.canvases == 4)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page of a telephone, touched with fingers."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True, has_touch=True
    )
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def fingers(phone: Page) -> CDPSession:
    return phone.context.new_cdp_session(phone)


def open_at(page: Page, demo: Demo, document: Shown, number: int = 1) -> tuple[float, float]:
    """Open a view; return the middle of the stage, in pixels of the window."""
    page.goto(f"{demo.url}/fr{urlsplit(document.permalink).path}/f{number}")
    expect(page.locator("#stage canvas").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.locator("#stage").scroll_into_view_if_needed()
    return middle(page)


def middle(page: Page) -> tuple[float, float]:
    """Return the middle of what is seen of the stage."""
    box = page.locator("#stage").bounding_box()
    assert box is not None
    top, bottom = max(0.0, box["y"]), min(844.0, box["y"] + box["height"])
    return box["x"] + box["width"] / 2, (top + bottom) / 2


def move(fingers: CDPSession, *paths: list[tuple[float, float]]) -> None:
    """Put a finger down at the beginning of each path, move all along them at once, take them away."""
    for number, points in enumerate(zip(*paths, strict=True)):
        kind = "touchMove" if number else "touchStart"
        touched = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def line(begin: tuple[float, float], end: tuple[float, float], steps: int = 8) -> list[tuple[float, float]]:
    return [
        (begin[0] + (end[0] - begin[0]) * step / steps, begin[1] + (end[1] - begin[1]) * step / steps)
        for step in range(steps + 1)
    ]


def zoom_in(page: Page) -> None:
    for _ in range(3):
        page.locator("#tools [data-do=in]").tap()
    expect(page).to_have_url(REGION)
    page.wait_for_function(
        """() => {
            const before = window.lastRegion;
            window.lastRegion = location.hash;
            return before === location.hash;
        }""",
        polling=400,
    )


def region(page: Page) -> list[int]:
    found = REGION.search(page.url)
    assert found, page.url
    return [int(part) for part in found.groups()]


def test_two_fingers_make_the_view_larger_and_smaller(
    demo: Demo, phone: Page, fingers: CDPSession, issue: Shown
) -> None:
    x, y = open_at(phone, demo, issue)
    move(fingers, line((x - 30, y), (x - 130, y)), line((x + 30, y), (x + 130, y)))
    expect(phone).to_have_url(REGION)
    expect(phone).to_have_url(re.compile(r"/f1#"))
    move(fingers, line((x - 140, y), (x - 20, y)), line((x + 140, y), (x + 20, y)))
    expect(phone).to_have_url(re.compile(r"/f1$"))


def test_two_taps_make_the_view_larger(demo: Demo, phone: Page, issue: Shown) -> None:
    x, y = open_at(phone, demo, issue)
    phone.touchscreen.tap(x, y)
    phone.touchscreen.tap(x, y)
    expect(phone).to_have_url(REGION)


def test_one_finger_moves_a_larger_view_and_turns_no_page(
    demo: Demo, phone: Page, fingers: CDPSession, issue: Shown
) -> None:
    open_at(phone, demo, issue)
    zoom_in(phone)
    x, y = middle(phone)
    before = region(phone)
    move(
        fingers, line((x + 30, y), (x - 30, y)) + [(x - 30, y)] * 20
    )  # it comes to rest: a flick goes on, and past the edge
    phone.wait_for_function("(left) => Number(location.hash.match(/\\d+/)[0]) > left", arg=before[0])
    grown = [abs(now - then) for now, then in zip(region(phone)[2:], before[2:], strict=True)]
    assert max(grown) <= 1, "the view follows the finger, and is as large as before, but for the rounding of its place"
    expect(phone).to_have_url(re.compile(r"/f1#"))


def test_a_swipe_turns_the_page_of_a_view_that_is_seen_whole(
    demo: Demo, phone: Page, fingers: CDPSession, issue: Shown
) -> None:
    x, y = open_at(phone, demo, issue)
    phone.evaluate("window.sameDocument = true")
    with phone.expect_response(re.compile(r"\.f2/\d+,.*default\.jpg$")):  # a tile: the next view is open
        move(fingers, line((x + 120, y), (x - 120, y)))
    expect(phone).to_have_url(re.compile(r"/f2$"))
    expect(phone.locator("#view-label")).to_contain_text("2 sur 4")
    move(fingers, line((x - 120, y), (x + 120, y)))
    expect(phone).to_have_url(re.compile(r"/f1$"))
    move(fingers, line((x - 10, y), (x + 10, y)))
    move(fingers, line((x - 60, y - 90), (x + 60, y + 90)))
    expect(phone).to_have_url(re.compile(r"/f1$"))
    assert phone.evaluate("window.sameDocument") is True


def test_a_finger_that_goes_up_moves_the_page(demo: Demo, phone: Page, fingers: CDPSession, issue: Shown) -> None:
    """The stage fills most of a telephone: who reads on must come past it."""
    x, y = open_at(phone, demo, issue)
    canvas = phone.locator("#stage .openseadragon-canvas")
    expect(canvas).to_have_css("touch-action", "pan-y")
    before = phone.evaluate("scrollY")
    move(fingers, line((x, y + 120), (x, y - 120)))
    phone.wait_for_function("(before) => scrollY > before + 50", arg=before)
    expect(phone).to_have_url(re.compile(r"/f1$"))
    zoom_in(phone)
    expect(canvas).to_have_css("touch-action", "none")


def test_one_pointer_does_without_gestures(demo: Demo, phone: Page, issue: Shown) -> None:
    """WCAG 2.5.1, RGAA 13.10: everything that two fingers or a path do has a button."""
    open_at(phone, demo, issue)
    zoom_in(phone)
    large = region(phone)
    phone.locator("#tools [data-do=out]").tap()
    phone.wait_for_function("(before) => location.href !== before", arg=phone.url)
    assert region(phone)[2] > large[2]
    phone.locator("#tools [data-do=fit]").tap()
    expect(phone).to_have_url(re.compile(r"/f1$"))
    phone.locator("#view-nav a[rel=next]").tap()
    expect(phone).to_have_url(re.compile(r"/f2$"))


def test_a_press_that_slides_away_does_nothing(demo: Demo, browser: Browser, issue: Shown) -> None:
    """WCAG 2.5.2, RGAA 13.11: controls act when the pointer is let go of them."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    open_at(page, demo, issue)
    button = page.locator("#tools [data-do=ink]")
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    expect(button).to_have_attribute("aria-pressed", "false")
    page.mouse.move(200, 100)
    page.mouse.up()
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    link = page.locator("#view-nav a[rel=next]").bounding_box()
    assert link is not None
    page.mouse.move(link["x"] + 20, link["y"] + 20)
    page.mouse.down()
    page.mouse.move(200, 100)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"/f1$"))
    page.close()


def test_the_contrast_of_the_view_is_strengthened_and_given_back(demo: Demo, browser: Browser, issue: Shown) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    open_at(page, demo, issue)
    drawn = page.locator("#stage .openseadragon-canvas > canvas").first
    assert drawn.evaluate("(each) => getComputedStyle(each).filter") == "none"
    page.get_by_role("button", name="Renforcer le contraste de l’image").click()
    assert "contrast" in drawn.evaluate("(each) => getComputedStyle(each).filter")
    page.get_by_role("button", name="Renforcer le contraste de l’image").click()
    assert drawn.evaluate("(each) => getComputedStyle(each).filter") == "none"
    page.close()


PATHS = ["/", "/collections", "/collections/titres", "/places", "/time", "/institutions", "/recherche?q=lille", "/about", "/accessibility", "/nothing", "{item}"]  # fmt: skip


def test_what_a_finger_presses_is_44_pixels_high(demo: Demo, phone: Page, issue: Shown) -> None:
    """Controls and links that stand by themselves; those within a sentence have its line, as WCAG 2.5.5 lets them."""
    small: dict[str, list[str]] = {}
    for path in PATHS:
        phone.goto(f"{demo.url}/fr{path.format(item=urlsplit(issue.permalink).path + '/f1')}", wait_until="load")
        found = phone.evaluate(
            """() => [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), label:has(input[type=radio])")]
                .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest("svg, .unseen, .skip"))
                .filter((each) => !(each.matches("input[type=radio]") && each.closest("label")))
                .filter((each) => !each.closest("p:not([class]), p.citation, p.quiet, p.holder, .prose, dd, .words, table, h1, h2, h3, .address, .find-hit"))
                .map((each) => [each, each.getBoundingClientRect()])
                .filter(([, box]) => box.width && box.height && box.height < 43.5)
                .map(([each, box]) => `${each.tagName} ${each.className} ${each.textContent.trim().slice(0, 30)} ${Math.round(box.height)}`)"""
        )
        if found:
            small[path] = found
    assert not small, small
