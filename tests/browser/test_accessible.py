"""Every kind of page by axe-core, and what it cannot see: narrow windows, large and spaced text, quiet, forced colours.

What is shown here is the evidence of `server/portal/rgaa.toml`; a person still has to look.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.seen import Shown, list_documents
from tests.support.demo import Demo

PATHS = [
    "/", "/collections", "/collections/type-presse", "/collections/titres", "/places", "/places/lille-nord", "/time",
    "/time/1900-1909", "/institutions", "/about", "/help", "/help/iiif", "/help/harvest", "/legal", "/accessibility",
    "/nothing", "/collections/type-presse?page=x", "{title}", "{year}", "{item}", "{item}?q=lille", "{item}?q=zzzz",
    "/mosaic{item}", "/embed{item}", "{letter}", "/search", "/search?q=lille", "/search?q=zzzz&title=carte", "/search?sort=x",
    "/oai", "/oai?verb=ListRecords&metadataPrefix=oai_dc",
]  # fmt: skip
"""Below the language; Mirador is told to be less accessible and is not among them."""

LOOKS: list[tuple[Literal["light", "dark"], str]] = [("light", ""), ("dark", ""), ("light", "more"), ("dark", "more")]
"""The colours of the device, and the contrast that a reader chose on the page."""

ALL_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
COLOUR_RULES = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


SHAPES = """() => [...new Set([...document.querySelectorAll("body, body *")].map((each) => {
    const chain = [];
    for (let at = each; at; at = at.parentElement) {
        const told = [...at.attributes].filter(({ name }) => name !== "lang" && name !== "href").map(({ name, value }) =>
            ["class", "id", "style", "type", "rel", "role"].includes(name) || /^(aria-c|aria-pr|data-)/.test(name)
                ? `${name}=${value}` : name);
        chain.push(`${at.tagName} ${told.sort().join(" ")}`);
    }
    return chain.join(" < ");
}))]"""
"""Every element by itself and those around it, as the rules of style see them: no word of the text is told."""


@pytest.fixture(scope="module")
def documents(demo: Demo) -> list[Shown]:
    return list_documents(demo.url)


@pytest.fixture(scope="module")
def paths(demo: Demo, documents: list[Shown], browser: Browser) -> list[str]:
    """The paths of all kinds of pages, below the language."""
    issue = next(document for document in documents if document.canvases == 4)
    letter = next(document for document in documents if "Delattre" in document.title)
    page = browser.new_page()
    page.goto(f"{demo.url}/fr/collections/titres")
    title = urlsplit(page.locator(".shelves a").first.get_attribute("href") or "").path.removeprefix("/fr")
    page.goto(f"{demo.url}/fr{title}")
    year = urlsplit(page.locator(".years a").first.get_attribute("href") or "").path.removeprefix("/fr")
    page.close()
    names = {
        "title": title,
        "year": year,
        "item": f"{urlsplit(issue.permalink).path}/f1",
        "letter": f"{urlsplit(letter.permalink).path}/f1",
    }
    return [path.format(**names) for path in PATHS]


@pytest.fixture(scope="module")
def axe(repository: Path) -> str:
    return (repository / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Windows in which the pages may be examined: their security policy forbids what axe-core does."""
    opened = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    yield opened
    opened.close()


def faults_of(page: Page, axe: str, looks: Sequence[tuple[Literal["light", "dark"], str]] = LOOKS) -> list[str]:
    """Return what axe-core finds in the open page in every look, a line for each element.

    The looks differ in colours alone, so all rules are for the first and those about colours for the others.
    """
    page.evaluate(axe)
    found: list[str] = []
    for (scheme, contrast), only in zip(looks, [ALL_RULES, *[COLOUR_RULES] * (len(looks) - 1)], strict=True):
        page.emulate_media(color_scheme=scheme)
        told: dict[str, Any] = page.evaluate(
            """([contrast, runOnly]) => {
                if (contrast) document.documentElement.dataset.contrast = contrast;
                else delete document.documentElement.dataset.contrast;
                return axe.run(document, { runOnly, resultTypes: ["violations"], preload: false })
                    .then(({ violations }) => ({ violations }));
            }""",
            [contrast, only],
        )
        found += [
            f"{scheme} {contrast} {each['id']}: {node['target']} {node.get('failureSummary', '')}"
            for each in told["violations"]
            for node in each["nodes"]
        ]
    return found


def test_axe_finds_nothing(demo: Demo, context: BrowserContext, paths: list[str], axe: str) -> None:
    """All rules on every page in both languages, and every look of whatever has a style.

    A style knows elements and attributes, and no words: a page of which every element was examined in all looks on
    another page (mostly the same in French) has nothing more to show in them.
    """
    page = context.new_page()
    found, examined = {}, set[str]()
    for path in paths:
        for language in ("fr", "en"):
            page.goto(f"{demo.url}/{language}{path}", wait_until="load")
            shapes = set(page.evaluate(SHAPES))
            if there := faults_of(page, axe, LOOKS if shapes - examined else LOOKS[:1]):
                found[language + path] = there
            examined |= shapes
    page.close()
    assert not found, found


def test_what_has_a_style_of_its_own_is_told_apart(demo: Demo, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{demo.url}/fr/about", wait_until="load")
    shapes = set(page.evaluate(SHAPES))
    page.evaluate("() => document.querySelector('main p').insertAdjacentHTML('beforeend', '<b>Autre</b> texte')")
    inside = set(page.evaluate(SHAPES)) - shapes
    page.evaluate("() => document.querySelector('main').classList.add('other')")
    around = set(page.evaluate(SHAPES)) - shapes
    page.goto(f"{demo.url}/en/about", wait_until="load")
    translated = set(page.evaluate(SHAPES))
    page.close()
    assert len(inside) == 1
    assert len(around) > 10
    assert translated == shapes


def test_axe_sees_a_faint_colour_in_each_look(demo: Demo, context: BrowserContext, axe: str) -> None:
    """A colour that can be read in none is found in all, a nameless control once."""
    page = context.new_page()
    page.goto(f"{demo.url}/fr/about", wait_until="load")
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend",
            "<button></button><p style='color: #777; background: #888'>Trop pâle</p>")"""
    )
    found = [line.split(":")[0] for line in faults_of(page, axe)]
    page.close()
    assert sorted(found) == sorted(
        ["light  button-name", *(f"{scheme} {contrast} color-contrast" for scheme, contrast in LOOKS)]
    )


def test_the_opened_controls_are_as_sound(demo: Demo, context: BrowserContext, paths: list[str], axe: str) -> None:
    page = context.new_page()
    page.goto(demo.url + "/fr" + next(path for path in paths if path.endswith("/f1") and path.startswith("/ark")))
    page.locator("#share summary").click()
    page.locator("#display summary").click()  # last, as a press elsewhere closes its panel
    expect(page.locator("#share-panel")).to_be_visible()
    expect(page.locator("#display input").first).to_be_visible()
    assert faults_of(page, axe) == []
    page.close()


def wide(page: Page) -> list[str]:
    """Return what makes a page wider than its window; empty where nothing does."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("main *, header *, footer *")]
            .filter((each) => each.getBoundingClientRect().right > innerWidth + 1).slice(0, 5)
            .map((each) => `${each.tagName}.${each.className}`)
            .concat(`${document.documentElement.scrollWidth} > ${innerWidth}`)"""
    )
    return found


@pytest.mark.parametrize(("width", "height"), [(320, 640), (640, 320), (360, 740), (768, 1024), (1920, 1080)])
def test_no_page_is_wider_than_its_window(
    demo: Demo, browser: Browser, paths: list[str], width: int, height: int
) -> None:
    """320 pixels are a window of 1280 at 400 % (WCAG 1.4.10); the other sizes are telephone, tablet and large screen."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    found = {}
    for path in paths:
        page.goto(f"{demo.url}/en{path}", wait_until="load")
        if there := wide(page):
            found[path] = there
    context.close()
    assert not found, found


def test_text_may_be_doubled_and_spaced(demo: Demo, browser: Browser, paths: list[str]) -> None:
    """WCAG 1.4.4 and 1.4.12: nothing is wider than the window, and no text is cut off."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page = context.new_page()
    found = {}
    for path in paths:
        page.goto(f"{demo.url}/fr{path}", wait_until="load")
        page.add_style_tag(content="html { font-size: 200% !important }")
        doubled = wide(page)
        page.add_style_tag(
            content="html { font-size: 100% !important } * { line-height: 1.5 !important; letter-spacing: .12em !important;"
            " word-spacing: .16em !important } p { margin-bottom: 2em !important }"
        )
        if there := doubled + wide(page):
            found[path] = there
    context.close()
    assert not found, found


def test_every_table_says_what_it_is(demo: Demo, browser: Browser, paths: list[str]) -> None:
    page = browser.new_page()
    for path in paths:
        page.goto(f"{demo.url}/fr{path}", wait_until="load")
        nameless = page.evaluate(
            """() => [...document.querySelectorAll("table")].filter((each) => !each.caption?.innerText.trim()
                && !each.closest("[role=region][aria-label]")).length"""
        )
        assert nameless == 0, path
        assert page.evaluate("document.compatMode") == "CSS1Compat"
    page.close()


def test_the_zoom_has_its_words(demo: Demo, browser: Browser, documents: list[Shown]) -> None:
    """Each view has a description, a transcription or a text in the page, or the page says so and offers to ask."""
    page = browser.new_page()
    offered = 0
    for document in documents:
        page.goto(f"{demo.url}/fr{urlsplit(document.permalink).path}", wait_until="load")
        words = page.locator("#view-words section, #view-text .passage").count()
        asks = page.locator("#view-text a[href^='mailto:']").count()
        assert bool(words) != bool(asks), document.name
        offered += asks
    page.close()


def test_nothing_moves_for_who_wants_quiet(demo: Demo, browser: Browser, paths: list[str]) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    for path in paths:
        page.goto(f"{demo.url}/fr{path}", wait_until="load")
        moving = page.evaluate(
            """() => [...document.querySelectorAll("*")].filter((each) => {
                const style = getComputedStyle(each);
                return parseFloat(style.transitionDuration) > 0 || parseFloat(style.animationDuration) > 0;
            }).length"""
        )
        assert moving == 0, path
    context.close()


def test_controls_are_seen_in_forced_colours(demo: Demo, browser: Browser, documents: list[Shown]) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(documents[0].permalink)
    border = page.locator("#tools [data-do=in]").evaluate("(each) => getComputedStyle(each).borderTopStyle")
    assert border == "solid"
    page.goto(f"{demo.url}/fr/time")
    bar, ground = page.evaluate(
        """() => [getComputedStyle(document.querySelector(".bar")).fill, getComputedStyle(document.body).backgroundColor]"""
    )
    assert bar != ground
    context.close()


def test_a_reader_chooses_background_and_contrast(demo: Demo, browser: Browser) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(f"{demo.url}/fr/")
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.locator("#display summary").click()
    page.get_by_label("Sombre").check()
    page.get_by_label("Renforcé").check()
    assert page.evaluate(ground) != before
    page.goto(f"{demo.url}/fr/about")
    assert page.evaluate("({...document.documentElement.dataset})") == {"theme": "dark", "contrast": "more"}
    assert not context.cookies()
    context.close()
