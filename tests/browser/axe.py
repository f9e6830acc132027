"""What is looked for on every kind of page: the rules of axe-core in every look, and what makes a page too wide."""

from collections.abc import Sequence
from typing import Any, Literal

from playwright.sync_api import Page

Look = tuple[Literal["light", "dark"], str]

LOOKS: list[Look] = [("light", ""), ("dark", ""), ("light", "more"), ("dark", "more")]
"""The colours of the device, and the contrast that a reader chose on the page."""

SIZES = [(320, 640), (640, 320), (360, 740), (768, 1024), (1920, 1080)]
"""320 pixels are a window of 1280 at 400 % (WCAG 1.4.10); the other sizes are telephone, tablet and large screen."""

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


def faults_of(page: Page, axe: str, looks: Sequence[Look] = LOOKS) -> list[str]:
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
    page.evaluate("() => { delete document.documentElement.dataset.contrast; }")
    page.emulate_media(color_scheme="light")
    return found


def faults_of_new(page: Page, axe: str, examined: set[str]) -> list[str]:
    """Return what axe-core finds by all rules, and in every look where anything has a style that was not examined yet.

    A style knows elements and attributes, and no words: a page of which every element was examined in all looks on
    another page (mostly the same in French) has nothing more to show in them.
    """
    shapes = set(page.evaluate(SHAPES))
    found = faults_of(page, axe, LOOKS if shapes - examined else LOOKS[:1])
    examined |= shapes
    return found


def wide(page: Page) -> list[str]:
    """Return what makes a page wider than its window; empty where nothing does."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("main *, header *, footer *")]
            .filter((each) => each.getBoundingClientRect().right > innerWidth + 1).slice(0, 5)
            .map((each) => `${each.tagName}.${each.className}`)
            .concat(`${document.documentElement.scrollWidth} > ${innerWidth}`)"""
    )
    return found


def wide_at_any_size(page: Page) -> list[str]:
    """Return what makes a page wider than a window of each size, and leave it in the one that it was in."""
    before = page.viewport_size
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found += wide(page)
    if before is not None:
        page.set_viewport_size(before)
    return found


def wide_with_large_text(page: Page) -> list[str]:
    """Return what makes a page wider than its window with doubled text, and with spaced text (WCAG 1.4.4, 1.4.12)."""
    page.add_style_tag(content="html { font-size: 200% !important }")
    doubled = wide(page)
    page.add_style_tag(
        content="html { font-size: 100% !important } * { line-height: 1.5 !important; letter-spacing: .12em !important;"
        " word-spacing: .16em !important } p { margin-bottom: 2em !important }"
    )
    return doubled + wide(page)
