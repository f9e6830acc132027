"""Documents packed as they are kept, before the publication lock is taken. Pure; worker processes import it.

A document is kept under the digest of its plain form. One that the item's publication names already, under the same kind,
is not packed again.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import brotli

_GZIP, _BROTLI = 6, 5
_GZIP_OF_VIEW, _BROTLI_OF_VIEW, _BROTLI_OF_WORDS = 3, 2, 1
"""A document has thousands of these and hardly anybody asks for one of them: a third of the time for a tenth more bytes."""

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Packed:
    """A document as it is kept. Without bytes it is one that is kept already."""

    digest: str
    plain: bytes = b""
    gzip: bytes = b""
    brotli: bytes = b""

    @property
    def is_kept(self) -> bool:
        """Whether it need not be written."""
        return not self.gzip


def pack_document(kind: str, body: bytes, kept: Mapping[str, str] = NOTHING) -> Packed:
    """Return a document of the whole item as it is kept, plain and compressed; `kept` are the digests of those that are, by kind."""
    digest = hashlib.sha256(body).hexdigest()
    if kept.get(kind) == digest:
        return Packed(digest)
    return Packed(digest, body, gzip.compress(body, _GZIP, mtime=0), brotli.compress(body, quality=_BROTLI))


def pack_page(kind: str, body: bytes, kept: Mapping[str, str] = NOTHING) -> Packed:
    """Return a document of one view as it is kept: compressed only.

    The words of a newspaper page are a third of a megabyte of JSON and a twentieth of that packed.
    """
    digest = hashlib.sha256(body).hexdigest()
    if kept.get(kind) == digest:
        return Packed(digest)
    quality = _BROTLI_OF_WORDS if kind.startswith("words/") else _BROTLI_OF_VIEW
    return Packed(digest, b"", gzip.compress(body, _GZIP_OF_VIEW, mtime=0), brotli.compress(body, quality=quality))
