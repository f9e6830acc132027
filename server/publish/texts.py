"""The text of an item as documents: annotation pages for viewers, plain text for readers. Pure: no database, no clock.

Kinds: `text/f12` (lines) and `words/f12` for Presentation API 3.0, `text2/f12` for 2.1, `plain/f12` for a view and
`plain` for the whole.
"""

from collections.abc import Callable

from server.iiif.build.annotations import build_text_list, build_text_page, build_word_page
from server.iiif.build.bytes import to_bytes
from server.iiif.build.metadata import credit_line
from server.model.addresses import Addresses
from server.model.item import Item, PublishedView
from server.model.text import PageText

VIEW_KINDS = ("text", "words", "text2", "plain")
"""What stands before `/f12` in the kinds of the documents of one view."""


def build_texts(
    item: Item,
    text_of: Callable[[int], PageText | None],
    addresses: Addresses,
    take: Callable[[PublishedView, PageText | None], None],
) -> dict[str, bytes]:
    """Return the documents that hold the text of an item, by kind; `text_of` gives the text of a view, one at a time.

    `take` is told each public view with its text, in order: a text is read once for all that is made of it.
    """
    documents: dict[str, bytes] = {}
    read: list[tuple[PublishedView, str]] = []
    for view in item.public_views:
        text = text_of(view.number) if view.has_text else None
        take(view, text)
        transcribed = [text.value for text in view.notes.transcriptions if text.value]
        if text is None and not transcribed:
            continue
        documents[f"text/f{view.number}"] = to_bytes(build_text_page(item, view, text, addresses))
        documents[f"text2/f{view.number}"] = to_bytes(build_text_list(item, view, text, addresses))
        if text is not None:
            documents[f"words/f{view.number}"] = to_bytes(build_word_page(item, view, text, addresses))
        plain = "\n\n".join(part for part in (text.plain() if text is not None else "", *transcribed) if part)
        if item.description.rights.allow_taking:
            documents[f"plain/f{view.number}"] = _encoded(plain)
            read.append((view, plain))
    if read:
        parts = [_head(item, addresses), *(f"[{_caption(view)}]\n\n{plain}" for view, plain in read)]
        documents["plain"] = _encoded("\n\n\n".join(parts))
    return documents


def _head(item: Item, addresses: Addresses) -> str:
    """Return what says where a text comes from once it is on somebody's disk."""
    rights = item.description.rights
    lines = [item.description.title.value, *credit_line(item).values(), addresses.ark(item.name)]
    lines.append(" / ".join(dict.fromkeys(rights.label.values())))
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _caption(view: PublishedView) -> str:
    label = view.notes.label.strip()
    return f"f{view.number} · {label}" if label else f"f{view.number}"


def _encoded(text: str) -> bytes:
    return (text.strip() + "\n").encode("utf-8", "replace")
