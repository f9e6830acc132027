"""The IIIF Change Discovery API 1.0 over HTTP (§4.1): the collection of all changes, and its pages.

Activities are ready-made bytes; a page is a fixed slice of them by number. A page that another one follows never changes
again, byte for byte, so it may be kept for long. The last one and the collection are asked for anew each time, by `ETag`:
a consumer that remembers its own clock (§3.5.1) would miss for ever what a kept copy did not tell it. Must not import flask.
"""

import asyncio
import gzip
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from server.catalogue.activities import count_activities, list_activities
from server.catalogue.session import Catalogue
from server.errors import Unknown
from server.iiif.build.bytes import to_bytes
from server.iiif.build.discovery import DISCOVERY, build_changes, join_page
from server.iiif.http import (
    Receive,
    Response,
    Scope,
    Send,
    cache_for,
    choose_encoding,
    conditional,
    header,
    raw_path,
    serve,
    wants_json_ld,
)
from server.model.addresses import Addresses
from server.settings import Settings

PAGE_SIZE = 100
"""Activities in a page. Never to be changed: pages that were full would not be what they were (decision 15)."""

FULL_PAGE_SECONDS = 30 * 86_400
"""How long a page may be kept that another one follows."""

ASK_AGAIN = "no-cache"
"""What is told to caches of what may change at any moment."""

THREADS = 2
"""Threads for queries in each worker."""

_BASE = "/iiif/discovery/"
_PAGE = re.compile(r"^1/page/(0|[1-9][0-9]{0,14})$")
_LD_JSON = f'application/ld+json;profile="{DISCOVERY}"'


@dataclass(frozen=True, slots=True)
class _Found:
    body: bytes
    modified: datetime
    cache_control: str


class DiscoveryService:
    """The ASGI application below `/iiif/discovery/`; `page_size` is another one only in tests."""

    def __init__(self, settings: Settings, catalogue: Catalogue, page_size: int = PAGE_SIZE) -> None:
        self._catalogue, self._page_size = catalogue, page_size
        self._addresses = Addresses(settings.base, settings.naan, settings.repository_id)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="discovery")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def answer() -> Response:
            number = _route(scope)
            found = await asyncio.get_running_loop().run_in_executor(self._threads, self._look_up, number)
            return _respond(scope, found)

        await serve(scope, send, answer)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _look_up(self, number: int | None) -> _Found:
        """Return a page, the collection of all where `number` is None. Raises Unknown."""
        with self._catalogue.snapshot() as connection:
            total, modified = count_activities(connection)
            if modified is None:
                raise Unknown("nothing has been published here yet, so there is no change to tell of")
            if number is None:
                body = to_bytes(build_changes(total, self._page_size, self._addresses))
                return _Found(body, modified, ASK_AGAIN)
            page = list_activities(connection, number * self._page_size, self._page_size)
        if page is None:
            raise Unknown(f"there is no page {number}; the last one is {(total - 1) // self._page_size}")
        is_full = total > (number + 1) * self._page_size
        body = join_page(number, total, self._page_size, page.bodies, self._addresses)
        return _Found(body, page.modified, cache_for(FULL_PAGE_SECONDS) if is_full else ASK_AGAIN)


def _route(scope: Scope) -> int | None:
    path = raw_path(scope).decode("latin-1").removeprefix(_BASE)
    if path == "1/all-changes":
        return None
    if match := _PAGE.match(path):
        return int(match[1])
    raise Unknown(f"there is nothing at {_BASE}{path[:200]}; all changes are at {_BASE}1/all-changes")


def _respond(scope: Scope, found: _Found) -> Response:
    encoding = choose_encoding(header(scope, "accept-encoding"), ("gzip",))
    headers = [
        ("content-type", _media_type(header(scope, "accept"))),
        ("vary", "Accept, Accept-Encoding"),
        ("cache-control", found.cache_control),
    ]
    etag, body = hashlib.sha256(found.body).hexdigest()[:32], found.body
    if encoding != "identity":
        headers.append(("content-encoding", encoding))
        etag, body = f"{etag}-{encoding}", gzip.compress(body, 5, mtime=0)
    return conditional(scope, f'"{etag}"', found.modified, headers, body)


def _media_type(accept: str) -> str:
    """Return the content type (§4.1): JSON-LD to those who do not say, plain JSON where it is liked better."""
    return _LD_JSON if wants_json_ld(accept, unasked=True) else "application/json"
