"""What readers take away of a document over HTTP: `/renderings/{name}/document.pdf`, `text.txt`, `f12.txt`, `f12.alto.xml`, `source.xml`.

Texts are ready-made rows, PDF and ALTO lie in the storage. A file is sent piece by piece as the client takes it, never
whole in memory, and in parts where one is asked for (RFC 9110 §14), so that an interrupted download goes on. A PDF that is
announced and not made yet is a 503 that says when to come back: it is there for sure, a little later. Must not import
flask.
"""

import asyncio
import logging
import re
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from server.catalogue.published import find_document, find_image
from server.catalogue.renderings import find_file, find_title
from server.catalogue.session import Catalogue
from server.errors import StorageError, Unknown
from server.iiif.http import (
    Receive,
    Response,
    Scope,
    Send,
    cache_within,
    choose_encoding,
    conditional,
    header,
    holding,
    http_date,
    not_modified,
    raw_path,
    sentence,
    serve,
    too_busy,
)
from server.iiif.ranges import NotSatisfiable, Part, asked_part, wants_part
from server.model.addresses import Addresses, image_name
from server.settings import Settings
from server.storage import Storage

if TYPE_CHECKING:
    from sqlalchemy import Connection

PREFIX = "/renderings/"
THREADS = 4
"""Threads for queries and reads in each worker."""

PIECE = 2**20
"""Bytes of a stored file that are read at once, and held for one client."""

_PATH = re.compile(
    r"^(?P<name>[A-Za-z0-9._~*+@=$-]+)/(?P<file>document\.pdf|text\.txt|source\.(?:xml|mrc|csv|pdf)|f(?P<number>[1-9][0-9]{0,5})\.(?:txt|alto\.xml))$"
)
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]+')
_IN_ASCII = str.maketrans({"’": "'", "‘": "'", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "–": "-", "—": "-"})
_LONGEST_NAME = 100
_AS_DELIVERED = "source."
_NOTHING_RUNS = ("content-security-policy", "default-src 'none'; sandbox")
"""XML that others wrote may name a style sheet or hold a script: where a browser shows it nevertheless, nothing of it runs."""
_TEXT_TYPE = "text/plain; charset=utf-8"

_T = TypeVar("_T")

_log = logging.getLogger("vitrine.renderings")


@dataclass(frozen=True, slots=True)
class Taken:
    """What is found under an address: texts by encoding, or a key of the storage with a size; None: not made yet."""

    title: str
    etag: str
    modified: datetime
    media_type: str
    texts: dict[str, bytes] | None = None
    key: str = ""
    size: int | None = None


class RenderingService:
    """The ASGI application below `/renderings/`."""

    def __init__(self, settings: Settings, catalogue: Catalogue, storage: Storage) -> None:
        self._settings, self._catalogue, self._storage = settings, catalogue, storage
        self._addresses = Addresses(settings.base, settings.naan, settings.repository_id)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="renderings")

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def answer() -> Response:
            name, file, number = _route(scope)
            taken = await _in(self._threads, lambda: self._look_up(name, file, number))
            headers: tuple[tuple[str, str], ...] = (
                ("content-type", taken.media_type),
                ("content-disposition", _disposition(taken.title, name, file)),
                ("cache-control", cache_within(self._settings.image_max_age)),
                # Signposting: a file leads back to the page of its document
                ("link", f'<{self._addresses.ark(name)}>;rel="collection";type="text/html"'),
            )
            if file.startswith(_AS_DELIVERED) or file.endswith(".xml"):
                headers = (*headers, _NOTHING_RUNS)
            if taken.texts is not None:
                return _send_text(scope, taken, taken.texts, headers)
            if taken.size is None:
                return _not_made_yet(name, self._settings.sweep_seconds)
            return await self._send_file(scope, receive, taken, taken.size, headers)

        await serve(scope, send, answer)

    def _look_up(self, name: str, file: str, number: int) -> Taken:
        with self._catalogue.snapshot() as connection:
            try:
                return _find_text(connection, name, number) if file.endswith(".txt") else _find(connection, name, file)
            except Unknown:
                if number:
                    find_image(connection, image_name(name, number))  # raises Withdrawn where the view was withdrawn
                raise

    async def _send_file(
        self, scope: Scope, receive: Receive, taken: Taken, size: int, headers: tuple[tuple[str, str], ...]
    ) -> Response:
        found = _part_of(scope, taken, size, headers)
        if isinstance(found, Response):
            return found
        if scope["method"] != "HEAD" and not holding.takes(PIECE):
            return too_busy("too much is on its way to other readers; please try again in a few seconds")
        whole = found or Part(0, size - 1, size)
        pieces, first = self._pieces(receive, taken.key, whole), b""
        try:
            # Before anything is promised: what the catalogue tells of may have vanished from the storage.
            if scope["method"] == "HEAD":
                await _in(self._threads, lambda: self._storage.size(taken.key))
            else:
                first = await anext(pieces, b"")
        except StorageError as error:
            return self._unreadable(scope, error)
        status, ranged = (
            (HTTPStatus.PARTIAL_CONTENT, (("content-range", found.content_range),)) if found else (HTTPStatus.OK, ())
        )
        return Response(
            status,
            (*headers, *_validators(taken), *ranged),
            pieces=lambda: _joined(first, pieces, scope["path"]),
            size=whole.length,
        )

    def _unreadable(self, scope: Scope, error: StorageError) -> Response:
        """Return the answer for a file that is told to be there and cannot be read; the log says which.

        A PDF that is lost is made again by one of the next looks; a store that does not answer does so later.
        """
        _log.error("%s cannot be read: %s", scope["path"], error)  # no traceback needed
        return sentence(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Ce fichier ne peut être lu pour le moment : revenez un peu plus tard. / This file cannot be read at this moment: "
            "please come back a little later.",
            (("retry-after", str(max(1, self._settings.sweep_seconds))),),
        )

    async def _pieces(self, receive: Receive, key: str, part: Part) -> AsyncGenerator[bytes, None]:
        """Read a file as the client takes it; end where the client has gone."""
        gone = asyncio.ensure_future(_gone(receive))
        try:
            with holding.hold(PIECE):
                for start in range(part.first, part.last + 1, PIECE):
                    length = min(PIECE, part.last + 1 - start)
                    piece = await _in(self._threads, lambda at=start, size=length: self._storage.read(key, at, size))  # type: ignore[misc]  # a lambda's defaults have no types
                    if gone.done():
                        return
                    yield piece
        finally:
            gone.cancel()


def _route(scope: Scope) -> tuple[str, str, int]:
    path = raw_path(scope).decode("latin-1").removeprefix(PREFIX)
    match = _PATH.match(path)
    if match is None:
        raise Unknown(
            f"there is nothing at {PREFIX}{path[:200]}; of a document there are document.pdf, text.txt and its source "
            "record (source.xml, source.mrc, source.csv), of a view f1.txt and f1.alto.xml"
        )
    return match["name"], match["file"], int(match["number"] or 0)


def _find_text(connection: "Connection", name: str, number: int) -> Taken:
    document = find_document(connection, name, f"plain/f{number}" if number else "plain")
    texts = {"identity": document.plain, "gzip": document.gzip, "br": document.brotli}
    return Taken(find_title(connection, name), document.digest[:32], document.modified, _TEXT_TYPE, texts)


def _find(connection: "Connection", name: str, file: str) -> Taken:
    found = find_file(connection, name, file)
    # the key holds the digest of the file or of what it is made from; the size tells a file that was made anew
    etag = f"{found.key.rpartition('/')[2].partition('.')[0]}-{found.size}"
    return Taken(
        find_title(connection, name), etag, found.modified, found.media_type, key=found.key, size=found.size
    )  # fmt: skip


def _send_text(
    scope: Scope, taken: Taken, texts: dict[str, bytes], headers: tuple[tuple[str, str], ...]
) -> Response:  # fmt: skip
    """Send a text, packed where the client likes it and asks for no part: a part is of the plain form."""
    encoding = "identity" if wants_part(scope) else choose_encoding(header(scope, "accept-encoding"))
    body = texts[encoding]
    varied = (*headers, ("vary", "Accept-Encoding"))
    if encoding != "identity":
        etag = f'"{taken.etag}-{encoding}"'
        return conditional(scope, etag, taken.modified, (*varied, ("content-encoding", encoding)), body)
    found = _part_of(scope, taken, len(body), varied)
    if isinstance(found, Response):
        return found
    if found is None:
        return Response(HTTPStatus.OK, (*varied, *_validators(taken)), body)
    ranged = (*varied, *_validators(taken), ("content-range", found.content_range))
    return Response(HTTPStatus.PARTIAL_CONTENT, ranged, body[found.first : found.last + 1])


def _part_of(scope: Scope, taken: Taken, size: int, headers: tuple[tuple[str, str], ...]) -> Response | Part | None:
    """Return the part that is asked for, None for the whole, or what else the answer is: 304, 416."""
    etag = f'"{taken.etag}"'
    if not_modified(scope, etag, taken.modified):
        kept = tuple((name, value) for name, value in headers if name in ("cache-control", "vary"))
        return Response(HTTPStatus.NOT_MODIFIED, (*kept, *_validators(taken)))
    try:
        return asked_part(scope, size, etag, taken.modified)
    except NotSatisfiable:
        return sentence(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            f"the range begins behind the end: there are {size} bytes",
            (("content-range", f"bytes */{size}"), ("accept-ranges", "bytes")),
        )


def _validators(taken: Taken) -> tuple[tuple[str, str], ...]:
    return ("etag", f'"{taken.etag}"'), ("last-modified", http_date(taken.modified)), ("accept-ranges", "bytes")


def _not_made_yet(name: str, seconds: int) -> Response:
    return sentence(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"Le PDF de {name} est en préparation : revenez dans quelques minutes. / The PDF of {name} is being made: please come "
        "back in a few minutes.",
        (("retry-after", str(max(1, seconds))),),
    )


def _disposition(title: str, name: str, file: str) -> str:
    """Return Content-Disposition (RFC 6266): shown in the browser, and kept under the document's title.

    ALTO and the source record are for machines and are kept at once. The plain name is for those who know no other (RFC 8187 §4).
    """
    view, _, suffix = file.partition(".")
    shown = " ".join(_NOT_IN_NAMES.sub(" ", title).split())[:_LONGEST_NAME].strip(". ") or name
    if view not in ("document", "text"):
        shown += f" - {view}"
    whole = f"{shown} ({name}).{suffix}"
    folded = unicodedata.normalize("NFKD", whole.translate(_IN_ASCII))
    ascii_only = " ".join(folded.encode("ascii", "ignore").decode().split())
    kind = "attachment" if suffix == "alto.xml" or view == "source" else "inline"
    return f"{kind}; filename=\"{ascii_only}\"; filename*=UTF-8''{quote(whole, safe='')}"


async def _in(threads: Executor, work: Callable[[], _T]) -> _T:
    return await asyncio.get_running_loop().run_in_executor(threads, work)


async def _joined(first: bytes, rest: AsyncGenerator[bytes, None], path: str) -> AsyncIterator[bytes]:
    """Give the piece that was read already, then the others. Where one fails nothing is left but to end the connection."""
    async with aclosing(rest):
        yield first
        try:
            async for piece in rest:
                yield piece
        except StorageError as error:
            _log.error("%s ends before its end: %s", path, error)  # no traceback needed
            raise


async def _gone(receive: Receive) -> None:
    """Return when the client has gone. A request has one message; what a server says after it is the end."""
    for _ in range(2):
        if (await receive())["type"] == "http.disconnect":
            return
    await asyncio.Event().wait()
