"""Text: every ALTO can be read, is of its page, and keeps its boxes inside it."""

from collections.abc import Iterable

from server.delivery.values import DeliveredItem, DeliveredView, Finding, Severity
from server.model.languages import iso639_2b
from server.quality.examine import Examined
from server.quality.registry import Limit, Rule, rule
from server.told import told

_RATIO_TOLERANCE = 0.02
_LEAST_INK = 0.001
"""Share of ink below which a page without words is blank."""


@rule(
    "alto-unreadable",
    "text",
    Severity.ERROR,
    fr="Un fichier ALTO ne peut pas être lu.",
    en="An ALTO file cannot be read.",
)
def alto_unreadable(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Every ALTO is well-formed and has a page; every text layer of a PDF can be read."""
    for path, seen in examined.texts.items():
        if seen.fault:
            for item, view in examined.shown.get(path, ()):
                message = told("view f{view}: {fault}", view=view, fault=seen.fault)
                yield this.finding(message, seen.path.partition("#page=")[0], item, view)


@rule(
    "alto-boxes-outside", "text", Severity.WARNING,
    fr="Des mots de l’ALTO sont hors de la page.", en="Words of the ALTO lie outside the page.",
)  # fmt: skip
def alto_boxes_outside(examined: Examined, this: Rule) -> Iterable[Finding]:
    """No word passes the edge of the page by more than two units."""
    for path, seen in examined.texts.items():
        if seen.outside:
            for item, view in examined.shown.get(path, ()):
                message = told(
                    "view f{view}: {outside} of {words} words of {path} lie outside its page; look whether it "
                    "is the text of this image",
                    view=view,
                    outside=seen.outside,
                    words=seen.words,
                    path=path,
                )
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
                message = told(
                    "view f{view}: {path} is for a page of {width:g} × {height:g} {unit}, the image has "
                    "{across} × {down} pixels; look whether it is the text of this image",
                    view=view,
                    path=path,
                    width=seen.width,
                    height=seen.height,
                    unit=seen.unit,
                    across=image.facts.width,
                    down=image.facts.height,
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
                    told(
                        "view f{view}: {path} has {pages} pages; ask for one file a page",
                        view=view,
                        path=path,
                        pages=seen.pages,
                    ),
                    path,
                    item,
                    view,
                )


@rule(
    "alto-empty", "text", Severity.INFO,
    fr="Un texte (fichier ALTO, couche d’une page de PDF) ne contient aucun mot.",
    en="A text (an ALTO file, the layer of a PDF's page) holds no word.",
)  # fmt: skip
def alto_empty(examined: Examined, this: Rule) -> Iterable[Finding]:
    """A text without words is told of: a blank page, or a failure of the recognition."""
    for path, seen in examined.texts.items():
        if not seen.fault and not seen.words and not seen.is_layer:
            for item, view in examined.shown.get(path, ()):
                yield this.finding(
                    told("view f{view}: {path} holds no word; look whether the page is blank", view=view, path=path),
                    path,
                    item,
                    view,
                )
    for document in examined.delivery.items:
        for page in _without_words(examined, document):
            if _is_blank(examined, page):
                message = told(
                    "view f{view}: {path} holds no word; look whether the page is blank",
                    view=page.number,
                    path=page.source,
                )
                yield this.finding(message, page.master, document.identifier, page.number)


@rule(
    "alto-missing", "text", Severity.WARNING, of_views=True,
    fr="Une vue n’a pas de texte (ALTO, couche de texte d’un PDF) alors que les autres du document en ont un.",
    en="A view has no text (ALTO, text layer of a PDF) while the others of its document have one.",
)  # fmt: skip
def alto_missing(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Where most views of a document have a text, all have; a blank page of a PDF needs none."""
    for item in examined.delivery.items:
        without = [view for view in item.views if not view.text and view.page is None]
        if without and len(without) * 2 < len(item.views):
            for view in without:
                yield this.finding(
                    told(
                        "view f{number}: {master} has no ALTO, most views of {identifier} have; ask the supplier for it",
                        number=view.number,
                        master=view.master,
                        identifier=item.identifier,
                    ),
                    view.master,
                    item.identifier,
                    view.number,
                )
        for view in _without_words(examined, item):
            if not _is_blank(examined, view):
                yield this.finding(
                    told(
                        "view f{number}: {page} has no text layer, most pages of {identifier} have; ask the supplier for it",
                        number=view.number,
                        page=view.source,
                        identifier=item.identifier,
                    ),
                    view.master,
                    item.identifier,
                    view.number,
                )


def _without_words(examined: Examined, item: DeliveredItem) -> list[DeliveredView]:
    """Return the pages of PDFs that have no text layer, where most pages of the document have one."""
    layers = [
        (view, seen) for view in item.views if (seen := examined.texts.get(view.source)) is not None and seen.is_layer
    ]
    without = [view for view, seen in layers if not seen.fault and not seen.words]
    return without if len(without) * 2 < len(layers) else []


def _is_blank(examined: Examined, view: DeliveredView) -> bool:
    seen = examined.images.get(view.source)
    looks = seen.appearance if seen else None
    return looks is not None and looks.ink < _LEAST_INK and not looks.is_tonal


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
            message = told(
                "view f{view}: the words of {path} have a mean confidence of {confidence:.2f}, {least:g} "
                "were agreed; look whether the page is legible, else ask for the text again",
                view=view,
                path=path,
                confidence=seen.confidence,
                least=this.number("least"),
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
                message = told(
                    "view f{view}: {path} is recognised as {said}, the document is in {names}; correct the "
                    "description, or ask for the text again",
                    view=view,
                    path=path,
                    said=said,
                    names=", ".join(known),
                )
                yield this.finding(message, path, item, view)
