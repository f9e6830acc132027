"""From the vocabulary's values to JSON columns and back; the one place where stored JSON is understood."""

import zlib

from pydantic import TypeAdapter

from server.model.description import Description
from server.model.item import Item
from server.model.structure import Range
from server.model.text import PageText
from server.model.view import ViewNotes

DESCRIPTION: TypeAdapter[Description] = TypeAdapter(Description)
STRUCTURE: TypeAdapter[tuple[Range, ...]] = TypeAdapter(tuple[Range, ...])
NOTES: TypeAdapter[ViewNotes] = TypeAdapter(ViewNotes)
ITEM: TypeAdapter[Item] = TypeAdapter(Item)
_PAGE_TEXT: TypeAdapter[PageText] = TypeAdapter(PageText)

# `DESCRIPTION.dump_python(value, mode="json")` gives what a JSON column takes, `.validate_python(column)` the value.


def pack_text(text: PageText) -> bytes:
    """Return a view's text as compressed JSON, the same bytes for the same text."""
    return zlib.compress(_PAGE_TEXT.dump_json(text), 9)


def unpack_text(layout: bytes) -> PageText:
    """Return the text that `pack_text` packed."""
    return _PAGE_TEXT.validate_json(zlib.decompress(layout))
