"""Text: every ALTO can be read, is of its page, and keeps its boxes inside it."""

from collections.abc import Iterable

from server.delivery.values import Finding, Severity
from server.model.languages import iso639_2b
from server.quality.examine import Examined
from server.quality.registry import Limit, Rule, rule

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


@rule(
    "alto-missing", "text", Severity.WARNING, of_views=True,
    fr="Une vue n’a pas de texte alors que les autres du document en ont un.",
    en="A view has no text while the others of its document have one.",
)  # fmt: skip
def alto_missing(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Where most views of a document have a text, all have."""
    for item in examined.delivery.items:
        without = [view for view in item.views if not view.text]
        if len(without) * 2 < len(item.views):
            for view in without:
                yield this.finding(
                    f"view f{view.number}: {view.master} has no ALTO, most views of {item.identifier} have; ask the supplier for it",
                    view.master, item.identifier, view.number,
                )  # fmt: skip


@rule(
    "alto-confidence", "text", Severity.WARNING, of_views=True,
    fr="La reconnaissance du texte d’une vue est peu sûre.", en="The text of a view was recognised with little confidence.",
    limits=(
        Limit("least", 0.6, "confiance moyenne des mots (WC, de 0 à 1) en dessous de laquelle un texte est peu sûr",
              "mean confidence of words (WC, 0 to 1) below which a text is unsure", most=1),
        Limit("words", 20, "mots en dessous desquels une moyenne ne dit rien", "words below which a mean says nothing"),
    ),
)  # fmt: skip
def alto_confidence(examined: Examined, this: Rule) -> Iterable[Finding]:
    """The words of a page are recognised well enough to be searched, as far as the recognition says itself."""
    for path, seen in examined.texts.items():
        if seen.confidence is None or seen.words < this.number("words") or seen.confidence >= this.number("least"):
            continue
        for item, view in examined.shown.get(path, ()):
            message = (
                f"view f{view}: the words of {path} have a mean confidence of {seen.confidence:.2f}, {this.number('least'):g} were agreed; "
                "look whether the page is legible, else ask for the text again"
            )
            yield this.finding(message, path, item, view)


@rule(
    "alto-language", "text", Severity.WARNING, of_views=True,
    fr="La langue d’un ALTO n’est pas celle de son document.", en="The language of an ALTO is not that of its document.",
)  # fmt: skip
def alto_language(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Text is recognised as the language that the document is in, where both are said."""
    languages = {item.identifier: item.description.languages for item in examined.delivery.items}
    for path, seen in examined.texts.items():
        said = iso639_2b(seen.language) if seen.language else ""
        for item, view in examined.shown.get(path, ()):
            known = languages.get(item, ())
            if said and known and said not in known:
                message = (
                    f"view f{view}: {path} is recognised as {said}, the document is in {', '.join(known)}; correct the description, "
                    "or ask for the text again"
                )
                yield this.finding(message, path, item, view)
