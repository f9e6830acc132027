"""The files that pages are made of (styles, scripts, fonts, viewers), served by the ASGI layer from memory.

An address with the digest of the content (`?v=…`) never changes its meaning and is `immutable`; without it a cache asks
again. Texts are compressed once, at the start: by `vitrine serve` itself, for all the workers that it forks. Only files
found at the start are served, so no path can leave the folder. No flask.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qs

import brotli

from server.errors import Unknown
from server.iiif.http import Receive, Response, Scope, Send, choose_encoding, conditional, header, serve

PREFIX = "/static/"
FOLDER = Path(__file__).parent / "portal" / "static"

_IMMUTABLE = "public, max-age=31536000, immutable"
_ASK_AGAIN = "public, max-age=300"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_COMPRESSED = frozenset({".css", ".js", ".svg", ".txt", ".json"})
_LEAST = 512  # bytes: compressing less gains nothing
_LARGE = 1_000_000
_REFERENCE = re.compile(rb'url\("([^":?#]+)"\)')


@dataclass(frozen=True)
class StaticFile:
    """A file as served; `digest` names its content."""

    suffix: str
    body: bytes
    packed: Mapping[str, bytes] = field(default_factory=dict)
    """The compressed forms by encoding; none where it would gain nothing."""

    @cached_property
    def digest(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256."""
        return hashlib.sha256(self.body).hexdigest()[:16]

    @property
    def media_type(self) -> str:
        """Media type by the suffix of the name."""
        return _TYPES.get(self.suffix) or mimetypes.types_map.get(self.suffix, "application/octet-stream")


class StaticFiles:
    """The files of a folder, read once, as an ASGI application below `/static/`."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): StaticFile(path.suffix, path.read_bytes())
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        }
        for name, file in list(self._files.items()):
            if file.suffix == ".css":
                self._files[name] = StaticFile(".css", _REFERENCE.sub(self._with_version(name), file.body))
        # Before the first request: on the event loop a large script would hold back everybody.
        self._files = {name: replace(file, packed=_compress(file)) for name, file in self._files.items()}

    def url(self, name: str) -> str:
        """Return the address of a file, with its version. A file that was not installed gets one without."""
        file = self._files.get(name)
        return f"{PREFIX}{name}?v={file.digest}" if file else f"{PREFIX}{name}"

    def names(self) -> tuple[str, ...]:
        """Return the names of all files."""
        return tuple(self._files)

    def missing(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of `names` that are not there."""
        return tuple(name for name in names if name not in self._files)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def answer() -> Response:
            return self._answer(scope)

        await serve(scope, send, answer)

    def _answer(self, scope: Scope) -> Response:
        name = scope["path"].removeprefix(PREFIX)
        file = self._files.get(name)
        if file is None:
            raise Unknown("there is no such file")
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        headers = [
            ("content-type", file.media_type),
            ("cache-control", _IMMUTABLE if asked == file.digest else _ASK_AGAIN),
        ]
        body = file.body
        if file.packed:
            headers.append(("vary", "Accept-Encoding"))
            encoding = choose_encoding(header(scope, "accept-encoding"), tuple(file.packed))
            if encoding in file.packed:
                headers.append(("content-encoding", encoding))
                body = file.packed[encoding]
        encoded = dict(headers).get("content-encoding", "")
        etag = f'"{file.digest}-{encoded}"' if encoded else f'"{file.digest}"'
        return replace(conditional(scope, etag, None, headers, body), is_kept=True)

    def _with_version(self, name: str) -> Callable[[re.Match[bytes]], bytes]:
        folder = Path(name).parent

        def replace(match: re.Match[bytes]) -> bytes:
            target = (folder / match[1].decode()).as_posix()
            return b'url("' + self.url(target).encode() + b'")' if target in self._files else match[0]

        return replace


_packed: dict[str, Mapping[str, bytes]] = {}
"""The compressed forms by the digest of what was compressed: a process, and those that it forks, pack each content once."""


def _compress(file: StaticFile) -> Mapping[str, bytes]:
    if file.suffix not in _COMPRESSED or len(file.body) < _LEAST:
        return {}
    if file.digest not in _packed:
        # what everybody reads with is packed as tightly as half a second allows; Mirador would take ten
        quality = 10 if len(file.body) < _LARGE else 5
        _packed[file.digest] = {
            "br": brotli.compress(file.body, quality=quality),
            "gzip": gzip.compress(file.body, 6, mtime=0),
        }
    return _packed[file.digest]
