"""Text: every ALTO can be read, is of its page, and keeps its boxes inside it."""

from collections.abc import Iterable

from server.delivery.values import Finding, Severity
from server.quality.examine import Examined
from server.quality.registry import Rule, rule

_RATIO_TOLERANCE = 0.02


@rule(
    "alto-unreadable",
    "text",
    Severity.ERROR,
    fr="Un fichier ALTO ne peut pas être lu.",
    en="An ALTO file cannot be read.",
)
def alto_unreadable(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Every ALTO is well-formed and has a page."""
    for path, seen in examined.texts.items():
        if seen.fault:
            for item, view in examined.shown.get(path, ()):
                yield this.finding(f"view f{view}: {seen.fault}", path, item, view)


@rule(
    "alto-boxes-outside", "text", Severity.WARNING,
    fr="Des mots de l’ALTO sont hors de la page.", en="Words of the ALTO lie outside the page.",
)  # fmt: skip
def alto_boxes_outside(examined: Examined, this: Rule) -> Iterable[Finding]:
    """No word passes the edge of the page by more than two units."""
    for path, seen in examined.texts.items():
        if seen.outside:
            for item, view in examined.shown.get(path, ()):
                message = f"view f{view}: {seen.outside} of {seen.words} words of {path} lie outside its page; look whether it is the text of this image"
                yield this.finding(message, path, item, view)


@rule(
    "alto-page-size", "text", Severity.WARNING,
    fr="La page de l’ALTO n’a pas les proportions de l’image.", en="The page of the ALTO has not the proportions of the image.",
)  # fmt: skip
def alto_page_size(examined: Examined, this: Rule) -> Iterable[Finding]:
    """The page of an ALTO has the shape of its image, to two per cent."""
    for path, seen in examined.texts.items():
        image = examined.images.get(seen.image)
        if seen.fault or not image or not image.facts or not seen.width or not seen.height:
            continue
        ratio = (seen.width / seen.height) / (image.facts.width / image.facts.height)
        if abs(ratio - 1) > _RATIO_TOLERANCE:
            for item, view in examined.shown.get(path, ()):
                message = (
                    f"view f{view}: {path} is for a page of {seen.width:g} × {seen.height:g} {seen.unit}, the image has "
                    f"{image.facts.width} × {image.facts.height} pixels; look whether it is the text of this image"
                )
                yield this.finding(message, path, item, view)


@rule(
    "alto-several-pages", "text", Severity.WARNING,
    fr="Un fichier ALTO décrit plusieurs pages ; seule la première est reprise.",
    en="An ALTO file describes several pages; only the first is taken.",
)  # fmt: skip
def alto_several_pages(examined: Examined, this: Rule) -> Iterable[Finding]:
    """An ALTO file is of one page."""
    for path, seen in examined.texts.items():
        if seen.pages > 1:
            for item, view in examined.shown.get(path, ()):
                yield this.finding(
                    f"view f{view}: {path} has {seen.pages} pages; ask for one file a page", path, item, view
                )


@rule(
    "alto-empty", "text", Severity.INFO,
    fr="Un fichier ALTO ne contient aucun mot.", en="An ALTO file holds no word.",
)  # fmt: skip
def alto_empty(examined: Examined, this: Rule) -> Iterable[Finding]:
    """An ALTO file without words is told of: a blank page, or a failure of the recognition."""
    for path, seen in examined.texts.items():
        if not seen.fault and not seen.words:
            for item, view in examined.shown.get(path, ()):
                yield this.finding(
                    f"view f{view}: {path} holds no word; look whether the page is blank", path, item, view
                )
