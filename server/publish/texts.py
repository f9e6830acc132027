"""The text of an item as documents: annotation pages for viewers, plain text for readers. Pure: no database, no clock.

Kinds: `text/f12` (lines) and `words/f12` for Presentation API 3.0, `text2/f12` for 2.1, `plain/f12` for a view and
`plain` for the whole.
"""

from collections.abc import Sequence

from server.iiif.build.annotations import write_text_pages, write_word_page
from server.iiif.build.metadata import credit_line
from server.model.addresses import Addresses
from server.model.item import Item, PublishedView
from server.model.text import PageText

VIEW_KINDS = ("text", "words", "text2", "plain")
"""What stands before `/f12` in the kinds of the documents of one view."""


def write_view(
    item: Item, view: PublishedView, text: PageText | None, addresses: Addresses
) -> tuple[dict[str, bytes], str | None]:
    """Return the documents that hold the text of a view, by kind, and what readers may take of it; none without text."""
    transcribed = [text.value for text in view.notes.transcriptions if text.value]
    if text is None and not transcribed:
        return {}, None
    lines, listed = write_text_pages(item, view, text, addresses)
    documents = {f"text/f{view.number}": lines, f"text2/f{view.number}": listed}
    if text is not None:
        documents[f"words/f{view.number}"] = write_word_page(item, view, text, addresses)
    if not item.description.rights.allow_taking:
        return documents, None
    plain = "\n\n".join(part for part in (text.plain() if text is not None else "", *transcribed) if part)
    documents[f"plain/f{view.number}"] = _encoded(plain)
    return documents, plain


def write_whole(item: Item, read: Sequence[tuple[PublishedView, str]], addresses: Addresses) -> bytes:
    """Return the text of an item for readers, from that of its views."""
    parts = [_head(item, addresses), *(f"[{_caption(view)}]\n\n{plain}" for view, plain in read)]
    return _encoded("\n\n\n".join(parts))


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
