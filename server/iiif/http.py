"""What every ASGI surface of the IIIF family answers with: status, headers, bytes, and the rules around them.

CORS (`Access-Control-Allow-Origin: *`) and `Cross-Origin-Resource-Policy` stand exactly once on every response, errors,
304 and redirects too (Image API 3.0 §7.1, Presentation API 3.0 §6.3): `send_response` sets them and nobody else does.
Conditional requests follow RFC 9110 §13, choice of encoding §12.5.3. No flask here, no database, no pixels.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from server.errors import Busy, Overloaded, VitrineError, http_status

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CHUNK = 256 * 1024
"""Bytes given to the server at once: a slow client holds back the next ones."""

MOST_HELD = 128 * 2**20
"""Bytes of large bodies that one worker holds for clients that have not taken them yet; more are asked to come back."""

_METHODS = "GET, HEAD, OPTIONS"
SHARED = (
    ("access-control-allow-origin", "*"),
    (
        "access-control-expose-headers",
        (
            "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Last-Modified, Link, Location, "
            "Memento-Datetime, Retry-After"
        ),
    ),
    ("cross-origin-resource-policy", "cross-origin"),
    ("x-content-type-options", "nosniff"),
)
_SHARED_NAMES = frozenset(name for name, _ in SHARED)
_OF_THE_BODY = frozenset({"content-type", "content-length", "content-encoding"})

_PLAIN_WORD = re.compile(r"[a-z]+[ ,;:]")

_log = logging.getLogger("vitrine.iiif")


@dataclass(frozen=True, slots=True)
class Response:
    """A response whole. Header names in lower case; what all responses share is added when it is sent.

    `pieces` gives the body of a long file instead, piece by piece as the client takes them; then `size` is its length.
    `is_kept` says that the body stays in memory whether anybody takes it or not: it does not count as held for a client.
    `has_length` is false where a body was not made for HEAD, so that its length is not known.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    is_kept: bool = False
    has_length: bool = True
    pieces: Callable[[], AsyncIterator[bytes]] | None = None
    size: int = 0


class Holding:
    """How many bytes of bodies this worker holds until slow clients have taken them. Used on the event loop only."""

    def __init__(self) -> None:
        self.size = 0

    @property
    def is_full(self) -> bool:
        """Whether nothing large should be made now."""
        return self.size >= MOST_HELD

    def takes(self, size: int) -> bool:
        """Whether there is room for one more body. One alone always has room."""
        return self.size == 0 or self.size + size <= MOST_HELD

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Count a body while the block lasts."""
        self.size += size
        try:
            yield
        finally:
            self.size -= size


holding = Holding()
"""What this worker holds."""


async def serve(
    scope: Scope, send: Send, answer: Callable[[], Awaitable[Response]], also: tuple[str, ...] = ()
) -> None:
    """Answer one request: GET, HEAD and what is in `also` by `answer`, OPTIONS here, 405 for the rest, errors by the one table."""
    method = scope["method"]
    if method == "OPTIONS":
        response = preflight(also)
    elif method in ("GET", "HEAD", *also):
        try:
            response = await answer()
        except Gone:
            return
        except VitrineError as error:
            response = error_response(error)
        except Exception:  # noqa: BLE001  # whatever fails, the client gets a response with CORS
            _log.exception("%s %s failed", method, scope.get("path"))
            response = sentence(HTTPStatus.INTERNAL_SERVER_ERROR, "this server failed; the failure is in its log")
    else:
        response = method_not_allowed(method, also)
    await send_response(send, response, method)


async def send_response(send: Send, response: Response, method: str = "GET") -> None:
    """Send a response with the headers that all share; HEAD gets the length and no body.

    A large body is held until the client has taken it; where too much is held already the answer is 503 instead.
    """
    large = method != "HEAD" and not response.is_kept and len(response.body) > CHUNK
    if large and not holding.takes(len(response.body)):
        response, large = too_busy("too much is on its way to other readers; please try again in a few seconds"), False
    with holding.hold(len(response.body) if large else 0):
        await _send(send, response, method)


async def _send(send: Send, response: Response, method: str) -> None:
    headers = [(name, value) for name, value in response.headers if name not in _SHARED_NAMES]
    if response.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        headers = [(name, value) for name, value in headers if name != "content-length"]
        if response.has_length:
            headers.append(("content-length", str(response.size if response.pieces else len(response.body))))
    await send(
        {
            "type": "http.response.start",
            "status": int(response.status),
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (*headers, *SHARED)],
        }
    )
    if response.pieces is not None and method != "HEAD":
        async for piece in response.pieces():
            await _send_body(send, piece, more=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    await _send_body(send, b"" if method == "HEAD" else response.body, more=False)


async def _send_body(send: Send, body: bytes, *, more: bool) -> None:
    for start in range(0, len(body) - CHUNK, CHUNK):
        await send({"type": "http.response.body", "body": body[start : start + CHUNK], "more_body": True})
    tail = (max(len(body) - 1, 0) // CHUNK) * CHUNK
    await send({"type": "http.response.body", "body": body[tail:], "more_body": more})


def conditional(
    scope: Scope, etag: str, modified: datetime | None, headers: Sequence[tuple[str, str]], body: bytes
) -> Response:
    """Return 200 with the body, or 304 where the client has it already. `etag` is quoted; `headers` lack validators."""
    validated = [*headers, ("etag", etag)]
    if modified is not None:
        validated.append(("last-modified", http_date(modified)))
    if not_modified(scope, etag, modified):
        return Response(
            HTTPStatus.NOT_MODIFIED, tuple((name, value) for name, value in validated if name not in _OF_THE_BODY)
        )
    return Response(HTTPStatus.OK, tuple(validated), body)


def not_modified(scope: Scope, etag: str, modified: datetime | None = None) -> bool:
    """Whether the client's copy is good (RFC 9110 §13.2.2: If-None-Match counts before If-Modified-Since)."""
    asked = header(scope, "if-none-match")
    if asked:
        known = [tag.strip().removeprefix("W/") for tag in asked.split(",")]
        return "*" in known or etag.removeprefix("W/") in known
    since = header(scope, "if-modified-since")
    if not since or modified is None:
        return False
    moment = read_http_date(since)
    return moment is not None and modified.replace(microsecond=0) <= moment


def error_response(error: VitrineError) -> Response:
    """Return the response to an error: its status by `server.errors.HTTP_STATUS`, its message as a sentence."""
    extra = (("retry-after", "5"),) if isinstance(error, (Busy, Overloaded)) else ()
    return sentence(http_status(error), str(error), extra)


def sentence(status: HTTPStatus, text: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Return a plain-text response of one sentence; caches keep no error without asking again."""
    body = as_sentence(text).encode("utf-8", "replace") + b"\n"
    kept = (("cache-control", "no-cache"),) if status >= HTTPStatus.BAD_REQUEST else ()
    return Response(status, (("content-type", "text/plain; charset=utf-8"), *kept, *headers), body)


def too_busy(text: str) -> Response:
    """Return 503 with the moment to come back."""
    return sentence(HTTPStatus.SERVICE_UNAVAILABLE, text, (("retry-after", "5"),))


def as_sentence(text: str) -> str:
    """Return the message of an error as a sentence. What begins it keeps its case where it may be a name."""
    shown = text[:1].upper() + text[1:] if _PLAIN_WORD.match(text) else text
    return shown if shown.endswith((".", "!", "?")) else shown + "."


def redirect(
    location: str, status: HTTPStatus = HTTPStatus.SEE_OTHER, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """Return a redirect to an absolute address."""
    return Response(status, (("location", location), *headers))


def preflight(also: tuple[str, ...] = ()) -> Response:
    """Return the answer to OPTIONS: what a script of another site may send (Fetch standard, CORS preflight)."""
    methods = ", ".join((_METHODS, *also))
    return Response(
        HTTPStatus.NO_CONTENT,
        (
            ("allow", methods),
            ("access-control-allow-methods", methods),
            (
                "access-control-allow-headers",
                "Accept, Accept-Datetime, Authorization, Content-Type, If-Modified-Since, If-None-Match, If-Range, Range",
            ),
            ("access-control-max-age", "86400"),
        ),
    )


def method_not_allowed(method: str, also: tuple[str, ...] = ()) -> Response:
    """Return 405 with the methods that are allowed."""
    told = " or ".join(("GET", *also, "HEAD")) if also else "GET or HEAD"
    return sentence(
        HTTPStatus.METHOD_NOT_ALLOWED,
        f"{method} is not offered here; use {told}",
        (("allow", ", ".join((_METHODS, *also))),),
    )


class Gone(Exception):
    """The client went away before it had sent its request."""


async def read_body(scope: Scope, receive: Receive, most: int, seconds: float, skipped: int = 0) -> bytes | None:
    """Return the body of a request, or None where it is larger than `most`. Raises Gone, and TimeoutError when it is slow.

    A larger one is read to its end and thrown away, up to `skipped` bytes: a client that sends everything before it
    reads would lose an answer that closes the connection in the middle.
    """
    announced, longest = header(scope, "content-length"), max(most, skipped)
    if announced.isdigit() and int(announced) > longest:
        return None
    async with asyncio.timeout(seconds):
        body, size = bytearray(), 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            piece = message.get("body", b"")
            size += len(piece)
            if size <= most:
                body += piece
            elif size > longest:
                return None
            if not message.get("more_body", False):
                return bytes(body) if size <= most else None


def cache_for(seconds: float) -> str:
    """Return the Cache-Control of what each cache may keep so long: a second less, because caches count whole seconds."""
    return f"public, max-age={max(0, int(seconds) - 1)}"


def cache_within(seconds: float) -> str:
    """Return the Cache-Control of what no reader may see so long after it changed.

    Where a shared cache tells no `Age`, as nginx does not, a browser behind it keeps anew what was kept there: each has
    half, a second less because caches count whole seconds (RFC 9111 §5.2.2.10).
    """
    each = max(0, int(seconds / 2) - 1)
    return f"public, max-age={each}, s-maxage={each}"


def raw_path(scope: Scope) -> bytes:
    """Return the path as the client wrote it, its percent-encoding kept: in `path` an encoded slash is decoded already."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")
    return raw.partition(b"?")[0]


def header(scope: Scope, name: str) -> str:
    """Return a request header, its lines joined by commas; empty where it is absent."""
    wanted = name.encode("latin-1")
    return ", ".join(value.decode("latin-1") for key, value in scope["headers"] if key.lower() == wanted)


def choose_encoding(accept_encoding: str, offered: Sequence[str] = ("br", "gzip")) -> str:
    """Return the best encoding that the client takes: one of `offered` in our order of preference, else `identity`."""
    asked = weights(accept_encoding)
    usable = [(asked.get(name, asked.get("*", 0.0)), name) for name in offered]
    best = max((weight for weight, _ in usable), default=0.0)
    if best <= 0.0 or best < asked.get("identity", 0.0):
        return "identity"
    return next((name for weight, name in usable if weight == best), "identity")


def weights(field: str) -> dict[str, float]:
    """Return what a header such as Accept names, in lower case, with its greatest weight (RFC 9110 §12.4.2)."""
    found: dict[str, float] = {}
    for part in field.lower().split(","):
        name, _, parameters = part.partition(";")
        weight = 1.0
        for parameter in parameters.split(";"):
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                try:
                    weight = float(value)
                except ValueError:
                    weight = 0.0
                if not 0.0 <= weight <= 1.0:  # nan is a number to Python too
                    weight = 0.0
        if name.strip():
            found[name.strip()] = max(weight, found.get(name.strip(), 0.0))
    return found


def wants_json_ld(accept: str, *, unasked: bool) -> bool:
    """Whether JSON-LD is asked for and plain JSON is not wanted more; `unasked` is for those who do not say."""
    asked = weights(accept)
    if not asked:
        return unasked
    linked = asked.get("application/ld+json", 0.0)
    return linked > 0.0 and linked >= asked.get("application/json", 0.0)


def read_http_date(text: str) -> datetime | None:
    """Return the moment that a header names; None for a date that cannot be read, which counts as absent (§13.1.3)."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def http_date(moment: datetime) -> str:
    """Return a moment in the form of HTTP dates."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
