"""Content Search 2.0 and 1.0 over HTTP, each with its autocomplete, for documents and collections.

    /iiif/search/2/{name}?q=…                 a document
    /iiif/search/2/collection/{name}?q=…      a collection; `top` is everything
    …/autocomplete?q=…                        words that begin so
    /iiif/search/1/presentation-2/…           the same as /iiif/search/1/…, on the canvases of Presentation API 2.1

Queries run in a few threads of their own, so that slow ones hold nothing else back; where too many wait, more are asked
to come back. Must not import flask.
"""

import asyncio
import gzip
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from server.catalogue.session import Catalogue
from server.errors import BadRequest, Overloaded, Unknown
from server.iiif.build.bytes import to_bytes
from server.iiif.build.search import SEARCH_2, build_page_1, build_page_2, build_terms_1, build_terms_2
from server.iiif.http import (
    Receive,
    Response,
    Scope,
    Send,
    cache_within,
    choose_encoding,
    header,
    raw_path,
    serve,
    wants_json_ld,
)
from server.model.addresses import Addresses
from server.model.hits import Place
from server.search.complete import complete, is_counted
from server.search.find import search
from server.search.query import Query, parse_query
from server.search.scope import collection_scope, document_scope
from server.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

THREADS = 4
"""Threads for searches in each worker."""

MOST_WAITING = 64
"""Searches that wait for a thread; more are answered with 503."""

PREFIX = "/iiif/search/"
_PATH = re.compile(
    r"^(?P<version>2|1(?P<second>/presentation-2)?)/(?:(?P<collection>collection)/)?(?P<name>[A-Za-z0-9._~*+@=$-]+)(?P<terms>/autocomplete)?$"
)
_FROM = re.compile(r"^([0-9]{1,18})\.([0-9]{1,9})$")
_FILTERS = ("motivation", "date", "user")
_MOTIVATIONS = {"2": {"supplementing"}, "1": {"painting", "sc:painting", "supplementing"}}
"""What our annotations are, by version: 1.0 knew no other word for a text than painting (§3.3)."""

_LD_JSON = f'application/ld+json;profile="{SEARCH_2}"'
_SMALL = 1000
"""Bytes below which nothing is packed."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request, understood. `counted` are the parameters that make the answer what it is, `ignored` those that do not."""

    version: str
    presentation: int
    name: str
    is_collection: bool
    is_terms: bool
    counted: Mapping[str, str]
    ignored: tuple[str, ...]
    query: Query
    text: str
    place: Place
    least: int
    is_met: bool
    """Whether annotations of ours are of a motivation that was asked for."""

    @property
    def scope(self) -> str:
        """The scope as addresses have it."""
        second = "presentation-2/" if self.presentation == 2 else ""
        return f"{second}collection/{self.name}" if self.is_collection else second + self.name


class SearchService:
    """The ASGI application below `/iiif/search/`."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self._settings, self._catalogue = settings, catalogue
        self._addresses = Addresses(settings.base, settings.naan, settings.repository_id)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="search")
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def answer() -> Response:
            asked = _understand(scope)
            if self._running >= THREADS + MOST_WAITING:
                raise Overloaded("too many searches are waiting; please try again in a few seconds")
            self._running += 1
            try:
                body = await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, asked)
            finally:
                self._running -= 1
            return self._respond(scope, asked, body)

        await serve(scope, send, answer)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _answer(self, asked: _Asked) -> bytes:
        with self._catalogue.snapshot() as connection:
            return to_bytes(self._complete(connection, asked) if asked.is_terms else self._search(connection, asked))

    def _search(self, connection: "Connection", asked: _Asked) -> dict[str, Any]:
        find = collection_scope if asked.is_collection else document_scope
        scope = find(connection, asked.name)
        results = search(connection, scope if asked.is_met else None, asked.query, asked.place)
        build: Callable[..., dict[str, Any]] = build_page_2
        if asked.version == "1":
            build = partial(build_page_1, presentation=asked.presentation)
        address = self._addresses.search(asked.scope, int(asked.version))
        return build(
            results, address, asked.counted, asked.ignored, self._addresses, names_manifests=asked.is_collection
        )

    def _complete(self, connection: "Connection", asked: _Asked) -> dict[str, Any]:
        collection = asked.name if asked.is_collection else ""
        find = collection_scope if asked.is_collection else document_scope
        scope = find(connection, asked.name)
        counts = is_counted(connection, scope, collection)
        terms = (
            complete(connection, scope, collection, asked.text, asked.least if counts else 1) if asked.is_met else []
        )
        ignored = asked.ignored if counts or asked.least == 1 else (*asked.ignored, "min")
        build: Callable[..., dict[str, Any]] = build_terms_2 if asked.version == "2" else build_terms_1
        version = int(asked.version)
        return build(
            terms,
            self._addresses.autocomplete(asked.scope, version),
            self._addresses.search(asked.scope, version),
            asked.counted,
            ignored,
        )

    def _respond(self, scope: Scope, asked: _Asked, body: bytes) -> Response:
        headers = [
            ("content-type", _media_type(asked.version, header(scope, "accept"))),
            ("cache-control", cache_within(self._settings.image_max_age)),
            ("vary", "Accept, Accept-Encoding"),
        ]
        if len(body) > _SMALL and choose_encoding(header(scope, "accept-encoding"), ("gzip",)) == "gzip":
            headers.append(("content-encoding", "gzip"))
            body = gzip.compress(body, 5, mtime=0)
        return Response(HTTPStatus.OK, tuple(headers), body)


def _understand(scope: Scope) -> _Asked:
    """Return what is asked for. Raises Unknown for a path that leads nowhere, BadRequest for a query that is none."""
    path = raw_path(scope).decode("latin-1").removeprefix(PREFIX)
    match = _PATH.match(path)
    if match is None:
        raise Unknown(f"there is nothing at {PREFIX}{path[:200]}; a search is at {PREFIX}2/NAME?q=WORDS")
    given = _parameters(scope.get("query_string", b""))
    text = given.get("q", "")
    if not text.strip():
        raise BadRequest("q is missing; say what to look for, for example ?q=beffroi")
    version, is_terms = match["version"][0], match["terms"] is not None
    counted = {"q": text}
    wanted = set(given.get("motivation", "").split())
    if wanted:
        counted["motivation"] = given["motivation"]
    least = 1
    if is_terms and given.get("min"):
        least, counted["min"] = _whole("min", given["min"]), given["min"]
    return _Asked(
        version=version,
        presentation=2 if match["second"] else 3,
        name=match["name"],
        is_collection=match["collection"] is not None,
        is_terms=is_terms,
        counted=counted,
        ignored=tuple(name for name in _FILTERS if name != "motivation" and given.get(name)),
        query=Query(()) if is_terms else parse_query(text),
        text=text,
        place=Place() if is_terms else _place(given),
        least=least,
        is_met=not wanted or bool(wanted & _MOTIVATIONS[version]),
    )


def _parameters(query: bytes) -> dict[str, str]:
    """Return the parameters of a request, the first of each; what is no UTF-8 is taken as a character of its own."""
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=50, errors="replace")
    except ValueError:
        raise BadRequest(
            "this request has more than 50 parameters; a search takes q, motivation, start, from"
        ) from None
    given: dict[str, str] = {}
    for name, value in pairs:
        given.setdefault(name, value)
    return given


def _place(given: Mapping[str, str]) -> Place:
    start = _whole("start", given["start"]) if given.get("start") else 0
    if not given.get("from"):
        return Place(start)
    match = _FROM.match(given["from"])
    if match is None:
        raise BadRequest(f"from={given['from'][:40]!r} is no place; take it from `next` or `prev` of another page")
    return Place(start, int(match[1]), int(match[2]))


def _whole(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise BadRequest(f"{name}={value[:40]!r} is not a whole number; leave it out or give one")
    return int(value)


def _media_type(version: str, accept: str) -> str:
    """Return the content type: JSON-LD for who prefers it, as the Presentation API has it; 1.0 has no profile."""
    if not wants_json_ld(accept, unasked=version == "2"):
        return "application/json"
    return _LD_JSON if version == "2" else "application/ld+json"
