"""The text of a view as an annotation page: one supplementing annotation per line, then the transcriptions.

Presentation API 3.0 §5.5 and §5.6; the extension text granularity says that an annotation is a line or a whole page.
Addresses of annotations are fragments of their page's, so each one answers. Pure.
"""

from collections.abc import Iterator
from typing import Any

from server.iiif.build.collection import PRESENTATION
from server.model.addresses import Addresses
from server.model.item import Item, PublishedView
from server.model.text import Box, Hyphen, Line, PageText

TEXT_GRANULARITY = "http://iiif.io/api/extension/text-granularity/context.json"


def has_text_page(view: PublishedView) -> bool:
    """Whether a view has an annotation page: it has text with boxes, or a transcription."""
    return view.has_text or any(text.value for text in view.notes.transcriptions)


def build_text_page(item: Item, view: PublishedView, text: PageText | None, addresses: Addresses) -> dict[str, Any]:
    """Return the annotation page of a view. Boxes are brought to the view's pixels and kept inside it."""
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


def _lines(text: PageText | None) -> Iterator[tuple[Line, str | None]]:
    if text is not None:
        for block in text.blocks:
            for line in block.lines:
                yield line, text.language


def _read(line: Line) -> str:
    # the halves of a broken word stay where they are printed; the hyphen shows that the word goes on
    words = [
        word.content + "-"
        if word.hyphen is Hyphen.FIRST and not word.content.endswith(("-", "¬", "\u00ad", "‐"))
        else word.content
        for word in line.words
    ]
    return " ".join(word for word in words if word)


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
    across = view.width / text.width if text is not None and text.width > 0 else 1.0
    down = view.height / text.height if text is not None and text.height > 0 else 1.0
    left, top = max(0, round(box.x * across)), max(0, round(box.y * down))
    right = min(view.width, round((box.x + box.width) * across))
    bottom = min(view.height, round((box.y + box.height) * down))
    if right <= left or bottom <= top:
        return ""  # a box without an inside says nothing: the whole canvas is the truth that is left
    return f"#xywh={left},{top},{right - left},{bottom - top}"
