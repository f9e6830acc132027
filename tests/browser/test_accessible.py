"""Every kind of page by axe-core, and what it cannot see: narrow windows, large and spaced text, quiet, forced colours.

What is shown here is the evidence of `server/portal/rgaa.toml`; a person still has to look.
"""

import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import lxml.html
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.axe import LOOKS, SHAPES, faults_of, faults_of_new, wide_at_any_size, wide_with_large_text
from tests.browser.seen import Shown, list_documents
from tests.support.demo import Demo

PATHS = [
    "/", "/collections", "/collections/type-presse", "/collections/titres", "/places", "/places/lille-nord", "/time",
    "/time/1900-1909", "/institutions", "/about", "/help", "/help/iiif", "/help/harvest", "/legal", "/accessibility",
    "/nothing", "/collections/type-presse?page=x", "{title}", "{year}", "{item}", "{item}?q=lille",
    "{item}?q=lille&passage=2", "{item}?q=zzzz",
    "/mosaic{item}", "/embed{item}", "{letter}", "/search", "/search?q=lille", "/search?q=zzzz&title=carte", "/search?sort=x",
    "/collections/institution-mediatheque-roubaix", "/collections/institution-mediatheque-roubaix/offers",
    "/collections/institution-mediatheque-roubaix/offers?portal=europeana&state=pending", "/oai", "/oai?verb=ListRecords&metadataPrefix=oai_dc",
]  # fmt: skip
"""Below the language; Mirador is told to be less accessible and is not among them."""


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


@dataclass
class Visit:
    """What was found on the pages, by path: each is opened once, and looked at for everything."""

    axe: dict[str, list[str]] = field(default_factory=dict)
    wide: dict[str, list[str]] = field(default_factory=dict)
    wide_with_large_text: dict[str, list[str]] = field(default_factory=dict)
    nameless_tables: dict[str, int] = field(default_factory=dict)
    moving: dict[str, int] = field(default_factory=dict)
    modes: set[str] = field(default_factory=set)
    pages: int = 0


_NAMELESS = """() => [...document.querySelectorAll("table")].filter((each) => !each.caption?.innerText.trim()
    && !each.closest("[role=region][aria-label]")).length"""

_MOVING = """() => [...document.querySelectorAll("*")].filter((each) => {
    const style = getComputedStyle(each);
    return parseFloat(style.transitionDuration) > 0 || parseFloat(style.animationDuration) > 0;
}).length"""


@pytest.fixture(scope="module")
def visit(demo: Demo, context: BrowserContext, paths: list[str], axe: str) -> Visit:
    """All pages in both languages, with what was found on them."""
    page = context.new_page()
    found, examined = Visit(), set[str]()
    for path in paths:
        for language in ("fr", "en"):
            page.goto(f"{demo.url}/{language}{path}", wait_until="load")
            at = language + path
            found.pages += 1
            found.axe[at] = faults_of_new(page, axe, examined)
            found.modes.add(page.evaluate("document.compatMode"))
            found.nameless_tables[at] = page.evaluate(_NAMELESS)
            page.emulate_media(reduced_motion="reduce")
            found.moving[at] = page.evaluate(_MOVING)
            page.emulate_media(reduced_motion="no-preference")
            found.wide[at] = wide_at_any_size(page)
            found.wide_with_large_text[at] = wide_with_large_text(page)
    page.close()
    return found


def told(found: Mapping[str, object]) -> dict[str, object]:
    """Return the pages on which anything was found."""
    return {path: each for path, each in found.items() if each}


def test_axe_finds_nothing(visit: Visit, paths: list[str]) -> None:
    """All rules on every page in both languages, and every look of whatever has a style."""
    assert visit.pages == len(visit.axe) == 2 * len(paths)
    assert not told(visit.axe)


def test_no_page_is_wider_than_its_window(visit: Visit) -> None:
    """In windows from that of a telephone to that of a large screen, in either orientation."""
    assert visit.wide
    assert not told(visit.wide)


def test_text_may_be_doubled_and_spaced(visit: Visit) -> None:
    """WCAG 1.4.4 and 1.4.12: nothing is wider than the window."""
    assert visit.wide_with_large_text
    assert not told(visit.wide_with_large_text)


def test_every_table_says_what_it_is(visit: Visit) -> None:
    assert visit.nameless_tables
    assert not told(visit.nameless_tables)
    assert visit.modes == {"CSS1Compat"}


def test_nothing_moves_for_who_wants_quiet(visit: Visit) -> None:
    assert visit.moving
    assert not told(visit.moving)


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


def test_the_zoom_has_its_words(demo: Demo, documents: list[Shown]) -> None:
    """Each view has a description, a transcription or a text in the page, or the page says so and offers to ask."""
    for document in documents:
        with urllib.request.urlopen(f"{demo.url}/fr{urlsplit(document.permalink).path}", timeout=20) as answer:
            page = lxml.html.fromstring(answer.read())
        words = page.xpath("//*[@id='view-words']//section | //*[@id='view-text']//*[contains(@class, 'passage')]")
        asks = page.xpath("//*[@id='view-text']//a[starts-with(@href, 'mailto:')]")
        assert bool(words) != bool(asks), document.name


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
