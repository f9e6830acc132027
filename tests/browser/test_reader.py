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


_COUNTED = re.compile(r"^Passage (\d+) sur (\d+)$")


def test_the_passages_are_read_one_after_another(demo: Demo, browser_page: Watched, issue: str) -> None:
    """By the keyboard, without loading the page again: the focus stays, one sentence says passage and view."""
    page = browser_page.page
    page.goto(f"{demo.url}/fr{issue}/f1?q=lille")
    page.wait_for_load_state("networkidle")
    page.evaluate("window.isTheSame = true")
    label, said, onward = page.locator("#passage-label"), page.locator("#reader-said"), page.locator("[data-step='1']")
    total, here = map(int, re.findall(r"\d+", label.inner_text()))
    assert 1 < here < total
    expect(page.locator("#passages [data-step='-1']")).to_have_attribute("aria-disabled", "true")
    onward.focus()
    entries = page.evaluate("history.length")
    for number in range(1, here + 1):
        page.keyboard.press("Enter")
        expect(label).to_have_text(f"Passage {number} sur {total}")
        expect(page).to_have_url(re.compile(rf"/f1\?q=lille&passage={number}#xywh="))
        expect(page.locator("#stage .detail")).to_have_count(1)
        expect(said).to_have_text(f"Passage {number} sur {total}, page 1, 1 sur 4")
        expect(onward).to_be_focused()
        if number == here - 1:
            asked = [url for _status, url in browser_page.responses if "passage=" in url]
            assert not asked, "what is known is not asked for"
    assert page.evaluate("history.length") == entries, "going back leads to the view before, not over each passage"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/f2\?q=lille&passage=1#xywh="))
    expect(label).to_have_text(f"Passage {here + 1} sur {total}")
    expect(said).to_have_text(re.compile(rf"^Passage {here + 1} sur {total}, page 2, 2 sur 4$"))
    expect(onward).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(label).to_have_text(f"Passage {here} sur {total}")
    expect(page).to_have_url(re.compile(rf"/f1\?q=lille&passage={here}#xywh="))
    page.go_back()
    expect(label).to_have_text(f"Passage {here + 1} sur {total}")
    assert page.evaluate("window.isTheSame")
    page.wait_for_load_state("networkidle")
    browser_page.assert_clean()


def test_the_view_of_the_next_passage_is_fetched_before_it_is_asked_for(
    demo: Demo, browser_page: Watched, issue: str
) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{issue}/f1?q=lille")
    page.wait_for_load_state("networkidle")
    last = page.locator("#strip a[aria-current] .tally").inner_text()
    with page.expect_response(re.compile(r"/f2\?q=lille&passage=1$")):
        page.locator(".hits a").nth(int(last) - 1).click()
    expect(page.locator("#passage-label")).to_have_text(re.compile(rf"^Passage {last} "))
    page.wait_for_load_state("networkidle")
    page.locator("[data-step='1']").click()
    expect(page).to_have_url(re.compile(r"/f2\?q=lille&passage=1#xywh="))
    page.wait_for_load_state("networkidle")
    assert len([url for _status, url in browser_page.responses if "/f2?q=lille&passage=1" in url]) == 1
    browser_page.assert_clean()


def test_the_last_passage_keeps_the_focus_and_leads_no_further(demo: Demo, browser_page: Watched, issue: str) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{issue}/f4?q=lille")
    page.wait_for_load_state("networkidle")
    onward = page.locator("[data-step='1']")
    onward.focus()
    for _press in range(40):
        if onward.get_attribute("aria-disabled"):
            break
        page.keyboard.press("Enter")
    expect(page.locator(".hits a[aria-current]")).to_have_count(1)
    within_list = """(link) => { const [one, all] = [link, link.closest(".hits")].map((each) => each.getBoundingClientRect());
        return one.top >= all.top - 1 && one.bottom <= all.bottom + 1; }"""
    assert page.locator(".hits a[aria-current]").evaluate(within_list), "the list shows what the picture shows"
    number, total = _COUNTED.fullmatch(page.locator("#passage-label").inner_text()).groups()  # type: ignore[union-attr]
    assert number == total
    expect(onward).to_be_focused()
    address = page.url
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("[data-step='-1']")).to_be_focused()
    assert page.url == address


def test_a_link_to_a_passage_of_another_page_is_known_by_its_place(
    demo: Demo, browser_page: Watched, issue: str
) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{issue}/f2?q=lille")
    second = page.locator(".hits a[href*='/f2?']").nth(1)
    address = (second.get_attribute("href") or "").replace("&passage=2", "")
    page.goto("about:blank")
    page.goto(demo.url + address)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#passage-label")).to_have_text(_COUNTED)
    expect(page.locator(".hits a[aria-current]")).to_have_attribute("href", second.get_attribute("href") or "")
    page.locator("#view-nav a[rel=next]").click()
    expect(page.locator("#passage-label")).to_have_text(re.compile("passages, dont"))
    expect(page.locator("#reader-said")).to_have_text(re.compile(r"^page 3, 3 sur 4, \d+ passages, dont \d+ ici$"))


@pytest.mark.parametrize(("width", "height"), [(320, 640), (768, 1024), (1280, 800), (1920, 1080)])
def test_the_way_to_passages_covers_nothing_and_moves_nothing(
    demo: Demo, browser: Browser, issue: str, width: int, height: int
) -> None:
    with watched_page(browser, width, height) as watched:
        page = watched.page
        page.add_init_script(
            "window.shifted = 0; new PerformanceObserver((list) => { for (const each of list.getEntries())"
            " window.shifted += each.value; }).observe({ type: 'layout-shift', buffered: true });"
        )
        page.goto(f"{demo.url}/fr{issue}/f1?q=lille")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.shifted") <= 0.002
        onward = page.locator("[data-step='1']")
        onward.scroll_into_view_if_needed()
        before = page.locator("#passages").bounding_box()
        for _step in range(7):
            onward.click()
        expect(page).to_have_url(re.compile(r"/f2\?q=lille&passage=\d#xywh="))
        page.wait_for_load_state("networkidle")
        assert page.locator("#passages").bounding_box() == before, "what is pressed stays under the hand"
        boxes = {
            each: page.locator(each).bounding_box() for each in ("#stage", "#passages", "#view-label", "#share summary")
        }
        way = boxes.pop("#passages")
        assert way
        for box in boxes.values():
            assert box
            is_apart = (
                way["y"] >= box["y"] + box["height"]
                or box["y"] >= way["y"] + way["height"]
                or way["x"] >= box["x"] + box["width"]
                or box["x"] >= way["x"] + way["width"]
            )
            assert is_apart, (way, box)
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_list_of_passages_leads_within_the_view_and_back(demo: Demo, browser_page: Watched, issue: str) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{issue}?q=lille")
    page.wait_for_load_state("networkidle")
    page.locator("[data-step='1']").click()
    expect(page).to_have_url(re.compile(r"/f1\?q=lille&passage=1#xywh="))
    third = page.locator(".hits a").nth(2)
    third.click()
    expect(page).to_have_url(re.compile(r"/f1\?q=lille&passage=3#xywh="))
    expect(page.locator("#passage-label")).to_have_text(re.compile(r"^Passage 3 sur "))
    expect(third).to_have_attribute("aria-current", "true")
    expect(third).to_be_focused()
    page.go_back()
    expect(page.locator("#passage-label")).to_have_text(re.compile(r"^Passage 1 sur "))
    expect(third).not_to_have_attribute("aria-current", "true")
    page.wait_for_load_state("networkidle")
    assert not [url for _status, url in browser_page.responses if "passage=" in url]
    browser_page.assert_clean()


def test_letters_lead_to_passages_while_the_picture_has_the_focus(
    demo: Demo, browser_page: Watched, issue: str
) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{issue}/f1?q=lille")
    page.wait_for_load_state("networkidle")
    label, canvas = page.locator("#passage-label"), page.locator("#stage .openseadragon-canvas")
    page.keyboard.press("n")
    expect(label).to_have_text(re.compile("passages, dont"))
    canvas.focus()
    for key, number in (("n", 1), ("n", 2), ("p", 1), ("p", 1), ("Control+p", 1)):
        page.keyboard.press(key)
        expect(label).to_have_text(re.compile(rf"^Passage {number} sur "))
    expect(canvas).to_be_focused()


def test_the_strip_shows_the_open_view_and_where_words_are_found(
    demo: Demo, browser_page: Watched, book: Shown
) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{urlsplit(book.permalink).path}/f30?q=le")
    current = page.locator("#strip a[aria-current]")
    expect(current).to_be_visible()
    page.locator("#stage canvas").first.wait_for()
    strip, shown = page.locator("#strip").bounding_box(), current.bounding_box()
    assert strip
    assert shown
    assert abs(shown["x"] + shown["width"] / 2 - strip["x"] - strip["width"] / 2) < shown["width"]
    expect(current.locator(".tally")).to_have_text(re.compile(r"^\d+$"))
    page.set_viewport_size({"width": 740, "height": 360})
    boxes = [page.locator(each).bounding_box() for each in ("#tools", "#stage")]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"] + boxes[1]["height"], (
        "low windows have room for the tools"
    )


def test_what_is_found_is_marked_on_both_of_two_open_pages(demo: Demo, browser_page: Watched, book: Shown) -> None:
    page = browser_page.page
    page.goto(f"{demo.url}/fr{urlsplit(book.permalink).path}/f15?q=le")
    page.wait_for_load_state("networkidle")
    reader = page.locator("#reader")
    here, beside = (len((reader.get_attribute(f"data-{name}") or "").split(";")) for name in ("boxes", "beside"))
    expect(page.locator("#stage .hit")).to_have_count(here)
    page.locator("#tools [data-do=spread]").click()
    expect(page.locator("#stage .hit")).to_have_count(here + beside)
    page.locator("#tools [data-do=spread]").click()
    expect(page.locator("#stage .hit")).to_have_count(here)
    browser_page.assert_clean()


@pytest.mark.parametrize(
    ("language", "names"), [("fr", r"(pages|vues) (\S+) et (\S+)"), ("en", r"(pages|views) (\S+) and (\S+)")]
)
def test_two_pages_are_named_together(
    demo: Demo, browser_page: Watched, book: Shown, language: str, names: str
) -> None:
    page = browser_page.page
    path = urlsplit(book.permalink).path
    page.goto(f"{demo.url}/{language}{path}/f15")
    page.wait_for_load_state("networkidle")
    canvas, label = page.locator("#stage .openseadragon-canvas"), page.locator("#view-label")
    alone, alternative = label.inner_text(), canvas.get_attribute("aria-label")
    share = page.locator("#share-view").input_value()
    page.locator("#tools [data-do=spread]").click()
    expect(label).to_have_text(re.compile(rf"{names}.* 52"), use_inner_text=True)
    expect(canvas).to_have_attribute("aria-label", re.compile(names))
    expect(page.locator("#reader-said")).to_have_text(re.compile(names))
    assert page.locator("#share-view").input_value() == share, "the link is that of the page that the address names"
    page.locator("#view-nav a[rel=next]").click()
    expect(page).to_have_url(re.compile(r"/f1[67]$"))
    expect(label).to_have_text(re.compile(names), use_inner_text=True)
    page.locator("#tools [data-do=spread]").click()
    expect(label).not_to_have_text(re.compile(names), use_inner_text=True)
    page.go_back()
    expect(page).to_have_url(re.compile(r"/f15$"))
    expect(label).to_have_text(alone, use_inner_text=True)
    expect(canvas).to_have_attribute("aria-label", alternative or "")
    browser_page.assert_clean()


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


def test_an_image_that_cannot_be_opened_leaves_the_picture_and_a_word(
    demo: Demo, browser_page: Watched, issue: str
) -> None:
    page = browser_page.page
    page.route("**/info.json", lambda route: route.fulfill(status=503, body=""))
    page.goto(f"{demo.url}/fr{issue}/f1")
    said = "Cette image ne peut pas être agrandie pour l’instant."
    expect(page.locator(".openseadragon-message")).to_have_text(said)
    expect(page.locator("#reader-said")).to_have_text(said)
    expect(page.locator("#plain img")).to_be_visible()
    expect(page.locator("#tools")).to_be_hidden()
    page.unroute("**/info.json")
    page.locator("#view-nav a[rel=next]").click()
    expect(page.locator(".openseadragon-message")).to_have_count(0)
    expect(page.locator("#tools")).to_be_visible()


def test_the_embedded_reader_is_painted(demo: Demo, browser_page: Watched, documents: list[Shown], issue: str) -> None:
    document = next(each for each in documents if urlsplit(each.permalink).path == issue)
    browser_page.page.goto(f"{demo.url}/en/embed{issue}/f1")
    assert_painted(browser_page, "#stage", document.name)
    browser_page.assert_clean()
