"""The one table of storage keys. A person finds a file by them without the software.

`docs/reference/storage-keys.md` shows the same table; a test holds both equal. Digests are SHA-256 in lower-case
hexadecimal, of which the first sixteen digits are in the key: what changes has another key, so nothing stored is ever
overwritten by something different. No I/O here.
"""

import re

from server.errors import StorageError
from server.told import told

DIGEST_DIGITS = 16
KEY_PATTERNS: dict[str, str] = {
    "pyramid": "pyramids/{name}/f{number}-{digest}-{recipe}.tif",
    "index": "pyramids/{name}/f{number}-{digest}-{recipe}.idx",
    "master": "masters/{name}/f{number}-{digest}.{suffix}",
    "source": "sources/{name}/{digest}.{suffix}",
    "rendering": "renderings/{name}/{digest}-{recipe}.pdf",
}

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"[a-z0-9]{1,8}(?:\.[a-z0-9]{1,8})?")
_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


def pyramid_key(name: str, number: int, master_sha256: str, recipe: str) -> str:
    """Key of a view's pyramid (TIFF): the item's ARK name, the view's number, its master's digest, the recipe."""
    return _key("pyramid", name, number=number, sha256=master_sha256, recipe=_part("recipe", recipe))


def index_key(name: str, number: int, master_sha256: str, recipe: str) -> str:
    """Key of the tile index that belongs to the pyramid of the same name."""
    return _key("index", name, number=number, sha256=master_sha256, recipe=_part("recipe", recipe))


def master_key(name: str, number: int, sha256: str, suffix: str) -> str:
    """Key of a view's master as delivered; `suffix` as in `.tif` or `tif`."""
    return _key("master", name, number=number, sha256=sha256, suffix=_suffix(suffix))


def source_key(name: str, sha256: str, suffix: str) -> str:
    """Key of an item's source record as delivered (METS, table row, notice)."""
    return _key("source", name, sha256=sha256, suffix=_suffix(suffix))


def rendering_key(name: str, sha256: str, recipe: str) -> str:
    """Key of an item's PDF: the digest of all that it is made from, and the recipe."""
    return _key("rendering", name, sha256=sha256, recipe=_part("recipe", recipe))


def _key(kind: str, name: str, *, sha256: str, number: int = 0, recipe: str = "", suffix: str = "") -> str:
    if not _DIGEST.fullmatch(sha256):
        raise StorageError(
            told("{sha256!r} is not a SHA-256 digest: 64 lower-case hexadecimal digits are needed", sha256=sha256)
        )
    if number < 0:
        raise StorageError(
            told("view number {number} cannot be in a storage key: views are counted from 1", number=number)
        )
    return KEY_PATTERNS[kind].format(
        name=_part("name", name), number=f"{number:04d}", digest=sha256[:DIGEST_DIGITS], recipe=recipe, suffix=suffix
    )


def _part(what: str, value: str) -> str:
    if not _PART.fullmatch(value):
        raise StorageError(told("{what} {value!r} cannot be part of a storage key", what=what, value=value[:80]))
    return value


def _suffix(suffix: str) -> str:
    plain = suffix.lower().removeprefix(".")
    if not _SUFFIX.fullmatch(plain):
        raise StorageError(told("suffix {suffix!r} cannot be part of a storage key", suffix=suffix[:80]))
    return plain
