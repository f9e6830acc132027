"""OAI-PMH over HTTP (OAI-PMH 2.0 §3.1): GET, HEAD and form-encoded POST on `/oai` and `/oai/{harvester}`.

Protocol errors are HTTP 200, a body beyond sense too. What HTTP itself refuses has its own status: a repository that does
not exist 404, more requests than the worker can take 503 with `Retry-After` (§3.1.2.2). Pages are made whole in a few
threads and sent from the event loop, so a slow or vanished harvester holds none; they are gzipped when that is asked for.
GetRecord carries validators: a harvester that asks again for a record that has not changed gets 304. Who reads with a
browser gets a page instead (`server/oai/readers.py`); `/oai/response.xml` and `/oai/{harvester}/response.xml` are XML for
them too. Must not import flask.
"""

import asyncio
import gzip
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from server.catalogue.session import Catalogue
from server.errors import CatalogueError, Unknown
from server.iiif.http import (
    Receive,
    Response,
    Scope,
    Send,
    choose_encoding,
    conditional,
    header,
    method_not_allowed,
    read_body,
    sentence,
    serve,
    too_busy,
)
from server.log import new_request
from server.model.addresses import Addresses
from server.model.clock import Clock
from server.oai.arguments import decode_arguments
from server.oai.errors import BAD_ARGUMENT, BAD_VERB, OaiError
from server.oai.harvest_log import HarvestLog
from server.oai.inventory import FILE, write_inventory
from server.oai.known import MOMENT_SECONDS, REPOSITORIES_SECONDS, Repositories
from server.oai.readers import RESPONSE
from server.oai.repository import Moments, Repository, response_moment
from server.oai.responses import Responses
from server.oai.sentences import fault
from server.oai.server import Answer, OaiServer
from server.settings import Settings

PREFIX = "/oai/"

MAX_BODY = 64 * 1024
"""Bytes of a POST; the longest sensible request has a few hundred."""

MOST_SKIPPED = 16 * 2**20
"""Bytes of a POST that are read and thrown away, so that its sender gets the answer; beyond them it may find it cut off."""

BODY_SECONDS = 10

THREADS = 3
"""Threads that make pages in each worker."""

MOST_WAITING = 60
"""Requests that may wait for a thread in each worker; beyond that harvesters are asked to come back."""

_LEAST = 500
_NEAR = frozenset({"127.0.0.1", "::1", ""})
_FORM = "application/x-www-form-urlencoded"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_XML = "text/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as it came: which repository, the arguments in their order, and what makes it unreadable."""

    repository: str
    pairs: list[tuple[str, str]]
    refused: OaiError | None = None


class OaiService:
    """The ASGI application at `/oai` and below it; `seconds` is how long a moment is good, 0 in tests that set the clock."""

    def __init__(
        self, settings: Settings, catalogue: Catalogue, clock: Clock | None = None, seconds: float = MOMENT_SECONDS
    ) -> None:
        self._settings, self._catalogue = settings, catalogue
        self._addresses = Addresses(settings.base, settings.naan, settings.repository_id)
        self._moments = Moments(catalogue, clock or catalogue.clock, seconds)
        self._repositories = Repositories(settings, REPOSITORIES_SECONDS if seconds else 0.0)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="oai")
        self.log = HarvestLog(settings, catalogue)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        new_request()

        async def answer() -> Response:
            name, is_inventory = _route(scope["path"])
            if self._waiting >= MOST_WAITING:
                return too_busy("too many harvests at this moment; please try again in a few seconds")
            self._waiting += 1
            try:
                if is_inventory:
                    return await self._inventory(scope, name)
                asked = await _read(scope, receive, name)
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, scope, asked)
            except TimeoutError:
                return sentence(HTTPStatus.REQUEST_TIMEOUT, "the body of this request did not arrive in time")
            except CatalogueError as error:
                return too_busy(
                    f"the catalogue does not answer at this moment ({type(error).__name__}); please try again"
                )
            finally:
                self._waiting -= 1

        await serve(scope, send, answer, ("POST",))

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.log.close()

    async def _inventory(self, scope: Scope, name: str) -> Response:
        if scope["method"] == "POST":
            return method_not_allowed("POST")
        await asyncio.get_running_loop().run_in_executor(self._threads, self._must_exist, name)
        headers = (
            ("content-type", "application/gzip"),
            ("content-disposition", f'attachment; filename="{name or "oai"}-{FILE}"'),
            ("cache-control", "no-store"),
        )
        pieces = partial(write_inventory, self._catalogue, self._addresses, name, self._threads)
        return Response(HTTPStatus.OK, headers, pieces=pieces, has_length=False)

    def _must_exist(self, name: str) -> None:
        with self._catalogue.snapshot() as connection:
            self._repositories.find(connection, name)

    def _answer(self, scope: Scope, asked: _Asked) -> Response:
        now, publishing = self._moments.take()
        with self._catalogue.snapshot() as connection:
            told, harvesters = self._repositories.find(connection, asked.repository)
            date = response_moment(connection, None if publishing else now)
            opened = Repository(self._settings, connection, told, now, harvesters)
            if asked.refused is not None:
                return _respond(scope, Answer(Responses(opened, date, {}).errors([asked.refused])))
            answer = OaiServer(opened, date).handleRequest(asked.pairs)
        if scope["method"] != "HEAD":
            self.log.note(asked.repository, answer, header(scope, "user-agent"), _address(scope))
        return _respond(scope, answer)


def _address(scope: Scope) -> str:
    """Return the address that a request came from; behind our own nginx on this machine, the one that it tells."""
    client: tuple[str, int] | None = scope.get("client")
    direct = client[0] if client else ""
    told = header(scope, "x-forwarded-for").rpartition(",")[2].strip()
    return told if told and direct in _NEAR else direct


def _route(path: str) -> tuple[str, bool]:
    """Return the name of the repository that a path is of, empty for all, and whether its inventory is asked for."""
    rest = path.removeprefix(PREFIX[:-1]).removeprefix("/")
    name, slash, file = rest.rpartition("/")
    if file not in (FILE, RESPONSE):
        name, slash, file = rest, "", ""
    if (name or slash) and not _NAME.fullmatch(name):
        raise Unknown(f"there is nothing at {path[:200]!r}; repositories are at /oai and /oai/name-of-a-harvester")
    return name, file == FILE


async def _read(scope: Scope, receive: Receive, name: str) -> _Asked:
    """Return what is asked: arguments of the address before those of the body; repeated ones stay repeated."""
    pairs = decode_arguments(scope["query_string"])
    if scope["method"] != "POST":
        return _Asked(name, pairs)
    body = await read_body(scope, receive, MAX_BODY, BODY_SECONDS, MOST_SKIPPED)
    if body is None:
        return _Asked(name, pairs, fault(BAD_ARGUMENT, "body too long", longest=MAX_BODY))
    if body and header(scope, "content-type").partition(";")[0].strip().lower() != _FORM:
        return _Asked(name, pairs, fault(BAD_VERB, "no form", form=_FORM))
    return _Asked(name, pairs + decode_arguments(body))


def _respond(scope: Scope, answer: Answer, status: int = HTTPStatus.OK) -> Response:
    headers = [("content-type", _XML), ("vary", "Accept, Accept-Encoding")]
    body = answer.body
    etag = f'W/"{hashlib.sha256(_lasting(body)).hexdigest()[:24]}"' if answer.record_modified else ""
    if len(body) >= _LEAST and choose_encoding(header(scope, "accept-encoding"), ("gzip",)) == "gzip":
        # the fastest: a harvester waits for its page, and records are alike enough to pack well anyway
        headers.append(("content-encoding", "gzip"))
        body = gzip.compress(body, 1, mtime=0)
    if etag:
        return conditional(scope, etag, answer.record_modified, [*headers, ("cache-control", "no-cache")], body)
    return Response(status, (*headers, ("cache-control", "no-store")), body)


def _lasting(body: bytes) -> bytes:
    """The part of a response that moves only when the record does: responseDate stands before it."""
    return body.partition(b"</responseDate>")[2]
