"""The text of a view as annotations: a page of its lines and transcriptions, a page of its words, and a list for 2.1.

Presentation API 3.0 §5.5 and §5.6; the extension text granularity (iiif.io/api/extension/text-granularity) says of each
annotation whether it is a word, a line or a whole page. Words are a page of their own, after that of the lines: a viewer
that shows lines need not take thousands of words. Presentation API 2.1 §4.3: the list holds lines and transcriptions.
Its motivation is `sc:supplementing`, as those who publish both versions write it: `sc:painting` is what is looked at, and
text overlays take any `cnt:ContentAsText`. Addresses of annotations are fragments of their page's, so each one answers.
Pure.
"""

from collections.abc import Iterator
from typing import Any

from server.iiif.build.collection import PRESENTATION
from server.model.addresses import Addresses
from server.model.item import Item, PublishedView
from server.model.text import Box, Hyphen, Line, PageText, Word

TEXT_GRANULARITY = "http://iiif.io/api/extension/text-granularity/context.json"
PRESENTATION_2 = "http://iiif.io/api/presentation/2/context.json"


def has_text_page(view: PublishedView) -> bool:
    """Whether a view has an annotation page: it has text with boxes, or a transcription."""
    return view.has_text or any(text.value for text in view.notes.transcriptions)


def build_text_page(item: Item, view: PublishedView, text: PageText | None, addresses: Addresses) -> dict[str, Any]:
    """Return the page of a view's lines and transcriptions. Boxes are brought to its pixels and kept inside it."""
    address = addresses.text(item.name, view.number)
    canvas = addresses.canvas(item.name, view.number)
    annotations: list[dict[str, Any]] = []
    for line, language in _lines(text):
        words = _read(line)
        if words:
            annotations.append(
                _annotation(
                    f"{address}#line-{len(annotations) + 1}",
                    "line",
                    words,
                    language,
                    canvas + _target(line.box, text, view),
                )
            )
    for number, transcription in enumerate((t for t in view.notes.transcriptions if t.value), start=1):
        annotations.append(
            _annotation(
                f"{address}#transcription-{number}", "page", transcription.value, transcription.language, canvas
            )
        )
    return {
        "@context": [TEXT_GRANULARITY, PRESENTATION],
        "id": address,
        "type": "AnnotationPage",
        "items": annotations,
    }


def build_word_page(item: Item, view: PublishedView, text: PageText, addresses: Addresses) -> dict[str, Any]:
    """Return the page of a view's words, as printed. A word whose box lies outside the view has its line's."""
    address = addresses.words(item.name, view.number)
    canvas = addresses.canvas(item.name, view.number)
    annotations: list[dict[str, Any]] = []
    for line, language in _lines(text):
        around = _target(line.box, text, view)
        for word in line.words:
            if shown := _printed(word):
                target = _target(word.box, text, view) or around
                annotations.append(
                    _annotation(f"{address}#word-{len(annotations) + 1}", "word", shown, language, canvas + target)
                )
    return {
        "@context": [TEXT_GRANULARITY, PRESENTATION],
        "id": address,
        "type": "AnnotationPage",
        "items": annotations,
    }


def build_text_list(item: Item, view: PublishedView, text: PageText | None, addresses: Addresses) -> dict[str, Any]:
    """Return what `build_text_page` says as an annotation list of Presentation API 2.1, on the canvas of that version."""
    page = build_text_page(item, view, text, addresses)
    address = addresses.text(item.name, view.number, version=2)
    old, new = (addresses.canvas(item.name, view.number, version) for version in (3, 2))
    return {
        "@context": PRESENTATION_2,
        "@id": address,
        "@type": "sc:AnnotationList",
        "resources": [
            {
                "@id": address + annotation["id"].removeprefix(page["id"]),
                "@type": "oa:Annotation",
                "motivation": "sc:supplementing",
                "resource": _resource(annotation["body"]),
                "on": new + annotation["target"].removeprefix(old),
            }
            for annotation in page["items"]
        ],
    }


def _resource(body: dict[str, Any]) -> dict[str, Any]:
    resource = {"@type": "cnt:ContentAsText", "format": body["format"], "chars": body["value"]}
    return {**resource, "language": body["language"]} if "language" in body else resource


def _lines(text: PageText | None) -> Iterator[tuple[Line, str | None]]:
    if text is not None:
        for block in text.blocks:
            for line in block.lines:
                yield line, text.language


def _read(line: Line) -> str:
    return " ".join(shown for word in line.words if (shown := _printed(word)))


def _printed(word: Word) -> str:
    # the halves of a broken word stay where they are printed; the hyphen shows that the word goes on
    if word.hyphen is Hyphen.FIRST and not word.content.endswith(("-", "¬", "\u00ad", "‐")):
        return word.content + "-"
    return word.content


def _annotation(address: str, granularity: str, value: str, language: str | None, target: str) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "TextualBody", "value": value, "format": "text/plain"}
    if language:
        body["language"] = language
    return {
        "id": address,
        "type": "Annotation",
        "motivation": "supplementing",
        "textGranularity": granularity,
        "body": body,
        "target": target,
    }


def _target(box: Box, text: PageText | None, view: PublishedView) -> str:
    inside = text.fit(box, (view.width, view.height)) if text is not None else None
    # a box without an inside says nothing: the whole canvas is the truth that is left
    return f"#xywh={inside.xywh}" if inside is not None else ""
