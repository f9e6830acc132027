"""Documents packed as they are kept, before the publication lock is taken. Pure; worker processes import it.

A document is kept under the digest of its plain form. One that the item's publication names already, under the same kind,
is not packed again.
"""

import gzip
import hashlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType

import brotli

_LEVELS = {"text": (3, 2), "text2": (3, 2), "plain": (3, 2), "words": (3, 1)}
"""Levels of gzip and brotli for the text of views, by the beginning of the kind.

A document has thousands of these and hardly anybody asks for one of them: a third of the time for a tenth more bytes.
"""
_LEVELS_OF_OTHERS = (6, 5)

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
    """Return a document as it is kept; `kept` are the digests of those that are, by kind.

    The text of a view is kept compressed only: the words of a newspaper page are a third of a megabyte of JSON and a
    twentieth of that packed, and hardly anybody takes them unpacked.
    """
    digest = hashlib.sha256(body).hexdigest()
    if kept.get(kind) == digest:
        return Packed(digest)
    of, _, view = kind.partition("/")
    level, quality = _LEVELS.get(of, _LEVELS_OF_OTHERS)
    plain = b"" if of in _LEVELS and view else body
    return Packed(digest, plain, gzip.compress(body, level, mtime=0), brotli.compress(body, quality=quality))


def pack(documents: Mapping[str, bytes], kept: Mapping[str, str] = NOTHING) -> dict[str, Packed]:
    """Return documents as they are kept. Compressing lets other threads go on: a large manifest takes half a second."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
        packed = threads.map(lambda kind: pack_document(kind, documents[kind], kept), documents)
        return dict(zip(documents, packed, strict=True))
