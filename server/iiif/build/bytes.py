"""JSON as bytes, the same bytes for the same document: UTF-8, compact, keys in the order in which they were built.

Publication compares digests of these bytes to see whether anything changed, so nothing here may depend on time or on
the order of a set.
"""

import json
from json.encoder import encode_basestring
from typing import Any


def to_bytes(document: Any) -> bytes:
    """Return compact JSON in UTF-8. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD."""
    return encode(json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def quote(text: str) -> str:
    """Return a string as `to_bytes` writes it, for documents of thousands of alike parts that are put together as text."""
    return encode_basestring(text)


def encode(text: str) -> bytes:
    """Return JSON in UTF-8. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text).encode()
