r"""From what a supplier's file says to a file of the delivery, and never to anything else.

Takes relative paths, `file://` addresses, percent-encoding, backslashes, and absolute paths of the supplier's own
machines (`C:\scan\x.tif`, `//NAS/scan/x.tif`), which are found by their longest tail that fits exactly one file.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from server.delivery.folder import MAX_DEPTH, Folder, fold_path
from server.errors import UnsafePath
from server.told import told

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"^[A-Za-z]:[\\/]")
_REMOTE = re.compile(r"^(?:https?|ftp|s3|urn|doi|hdl|ark):", re.IGNORECASE)


class How(StrEnum):
    """How a reference was resolved."""

    EXACT = "exact"
    INEXACT = "inexact"
    MISSING = "missing"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A reference resolved: `path` is inside the delivery; where nothing is there, the path that was asked for."""

    path: str
    how: How

    @property
    def found(self) -> bool:
        """Whether a file of the delivery was found."""
        return self.how in (How.EXACT, How.INEXACT)


def resolve(
    folder: Folder, reference: str, *, source: str, line: int | None = None, beside: tuple[str, ...] = ()
) -> Resolved:
    """Resolve a reference that the file `source` makes; folders named in `beside` are tried under that file's own.

    Raises UnsafePath, naming file and line, for a reference that would leave the delivery.
    """
    where = told("{path}, line {line}", path=source, line=line) if line else source
    said = reference.strip()
    if _CONTROL.search(said) or _CONTROL.search(unquote(said)) or len(said) > 4096:
        raise UnsafePath(
            told(
                "{where}: the path {said!r} holds control characters or is too long; correct it",
                where=where,
                said=said[:80],
            )
        )
    if not said:
        return Resolved("", How.MISSING)
    if _REMOTE.match(said):
        return Resolved(said, How.REMOTE)
    plain, absolute = _strip_scheme(said)
    here = source.rpartition("/")[0]
    bases = [here, *(f"{here}/{name}" if here else name for name in beside), folder.payload.rstrip("/")]
    asked = ""
    # the path as written comes first: a name may hold a percent sign or, on Unix, nearly anything
    for spelling in dict.fromkeys((plain, plain.replace("\\", "/"), unquote(plain).replace("\\", "/"))):
        if absolute or _is_absolute(spelling):
            found = _by_tail(folder, spelling, where)
            if found:
                return Resolved(found, How.INEXACT)
            asked = asked or spelling.replace("\\", "/").rpartition("/")[2]
            continue
        for base in dict.fromkeys(bases):
            candidate = _normal(f"{base}/{spelling}" if base else spelling, where, said)
            if candidate in folder.files:
                return Resolved(candidate, How.EXACT)
            asked = asked or candidate
        for base in dict.fromkeys(bases):
            same = folder.by_folded_path.get(
                fold_path(_normal(f"{base}/{spelling}" if base else spelling, where, said)), ()
            )
            if len(same) == 1:
                return Resolved(same[0], How.INEXACT)
    return Resolved(asked, How.MISSING)


def _strip_scheme(said: str) -> tuple[str, bool]:
    if not said.lower().startswith("file:"):
        return said, False
    rest = said[5:]
    if rest.startswith("//"):
        # `file://./x` and `file://x/y` are written for relative paths, whatever RFC 8089 says of hosts
        rest = rest[2:]
        rest = rest.removeprefix("localhost") if rest.startswith("localhost/") else rest
    if _DRIVE.match(rest.lstrip("/")):
        return rest.lstrip("/"), True
    return rest, rest.startswith(("/", "\\"))


def _is_absolute(spelling: str) -> bool:
    return spelling.startswith(("/", "\\")) or bool(_DRIVE.match(spelling))


def _normal(spelling: str, where: str, said: str) -> str:
    parts: list[str] = []
    for part in spelling.replace("\\", "/").split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if not parts:
                raise UnsafePath(
                    told(
                        "{where}: the path {said!r} leaves the delivery; name a file inside it",
                        where=where,
                        said=said[:200],
                    )
                )
            parts.pop()
            continue
        parts.append(part)
    return "/".join(parts)


def _by_tail(folder: Folder, spelling: str, where: str) -> str:
    parts = [part for part in _DRIVE.sub("/", spelling).replace("\\", "/").split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UnsafePath(
            told(
                "{where}: the path {spelling!r} climbs with `..`; name a file inside the delivery",
                where=where,
                spelling=spelling[:200],
            )
        )
    if not parts:
        return ""
    for length in range(min(len(parts), MAX_DEPTH + 1), 0, -1):
        tail = fold_path("/".join(parts[-length:]))
        if tail in folder.by_tail:
            # several files end like this: which one is meant nobody can say
            return folder.by_tail[tail] or ""
    return ""
