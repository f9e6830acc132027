"""The Presentation API over HTTP (3.0 §6, 2.1 §7): manifests, text pages and collections, as ready-made bytes.

    /iiif/presentation/3/{name}/manifest   and everything below `3` in version 3.0
    /iiif/presentation/2/{name}/manifest   and everything below `2` in version 2.1
    /iiif/presentation/{name}/manifest     one of the two, by the profile that Accept names
    /iiif/presentation/collection/{name}   the same for collections

Below a manifest's address are its versions (`server.iiif.mementos`).

Nothing is built here but small joints: a collection is its head and its members' entries, a part of a manifest (canvas,
range, annotation, sequence) is cut out of it, so that every address that we mint answers. Queries run in a few threads
of our own and parts in another one (`server.iiif.parts`), so that slow answers elsewhere never hold a manifest back; what
was just answered is kept for a moment. Must not import flask.
"""

import asyncio
import gzip
import hashlib
import re
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from server.catalogue.published import find_encoded, find_image
from server.catalogue.session import Catalogue
from server.errors import Unknown
from server.iiif.build.bytes import to_bytes
from server.iiif.build.manifest2 import SEQUENCE
from server.iiif.collections import read_collection
from server.iiif.http import (
    Receive,
    Response,
    Scope,
    Send,
    cache_within,
    choose_encoding,
    conditional,
    header,
    raw_path,
    serve,
)
from server.iiif.mementos import Mementos, links_to_versions
from server.iiif.parts import Parts
from server.iiif.presentation_versions import VERSIONS, PresentationApi, choose_version
from server.iiif.recent import MOST_SECONDS_KEPT, Recent
from server.model.addresses import Addresses, image_name
from server.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

THREADS = 4
"""Threads for queries in each worker."""

_BASE = "/iiif/presentation/"
_VERSION = re.compile(r"^([23])/")
_NAME = r"(?P<name>[A-Za-z0-9._~*+@=$-]+)"
_MANIFEST = re.compile(rf"^{_NAME}/manifest$")
_PAGE = re.compile(rf"^{_NAME}/f(?P<number>[1-9][0-9]{{0,5}})/(?P<page>[a-z]{{1,20}})$")
_CANVAS = r"canvas/f(?P<number>[1-9][0-9]{0,5})(?:-(?:before|after)-[1-9][0-9]?)?(?:/page(?:/image)?)?"
_PART = re.compile(rf"^{_NAME}/(?P<path>{_CANVAS}|range/r[0-9]{{1,6}}|places(?:/[0-9]{{1,4}})?|{SEQUENCE})$")
_COLLECTION = re.compile(rf"^collection/{_NAME}(?:,(?P<part>[1-9][0-9]{{0,5}}))?$")


@dataclass(frozen=True, slots=True)
class Found:
    """Bytes to be sent in one encoding; `digest` is of the plain form."""

    digest: str
    modified: datetime | None
    encoding: str
    body: bytes
    link: str = ""


@dataclass(frozen=True, slots=True)
class _Question:
    """What a request asks for, but for its conditions: `stored` and `made` are the encodings that it would take.

    A stored document is there in Brotli and gzip; what is joined on request is packed with gzip alone.
    """

    api: PresentationApi
    path: str
    stored: str
    made: str


_Find = Callable[["Connection", _Question], Found]
_Run = Callable[[Callable[[], Found]], Awaitable[Found]]


class PresentationService:
    """The ASGI application below `/iiif/presentation/`."""

    def __init__(self, settings: Settings, catalogue: Catalogue, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._catalogue = settings, catalogue
        self._addresses = Addresses(settings.base, settings.naan, settings.repository_id)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="presentation")
        self._parts = Parts()
        self._mementos = Mementos(settings, catalogue, self._threads)
        kept = min(MOST_SECONDS_KEPT, settings.image_max_age / 4)
        self._recent: Recent[_Question, Found] = Recent(kept, clock=clock)
        # what is kept here and what caches may keep are together no older than was promised
        self._cache_control = cache_within(settings.image_max_age - kept)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def answer() -> Response:
            question, is_neutral = _understand(scope)
            if asked_of := self._mementos.understand(question.path):
                return await self._mementos.answer(scope, question.api, asked_of, question.stored)
            found = self._recent.get(question)
            if found is None:
                (find, run), asked = self._route(question.path), self._recent.now()
                found = await run(lambda: self._look_up(find, question))
                self._recent.keep(question, found, len(found.body), asked)
            return self._respond(scope, question, found, is_neutral=is_neutral)

        await serve(scope, send, answer)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._parts.close()

    async def _run(self, look_up: Callable[[], Found]) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._threads, look_up)

    def _route(self, path: str) -> tuple[_Find, _Run]:
        """Return what answers a path below a version, and what runs it. Raises Unknown.

        Names hold nothing that needs percent-encoding.
        """
        if match := _COLLECTION.match(path):
            name, part = match["name"], int(match["part"] or 0)
            return lambda connection, question: self._collection(connection, question, name, part), self._run
        if match := _MANIFEST.match(path):
            name = match["name"]
            return lambda connection, question: self._manifest(connection, question, name), self._run
        if match := _PAGE.match(path):
            name, number, page = match["name"], int(match["number"]), match["page"]
            return lambda connection, question: _page(connection, question, name, number, page), self._run
        if match := _PART.match(path):
            name, within, number = match["name"], match["path"], int(match["number"] or 0)
            return lambda connection, question: self._part(connection, question, name, within, number), self._parts.run
        raise Unknown(f"there is nothing at {_BASE}{path[:200]}; a manifest is at {_BASE}3/NAME/manifest")

    def _look_up(self, find: _Find, question: _Question) -> Found:
        with self._catalogue.snapshot() as connection:
            return find(connection, question)

    def _manifest(self, connection: "Connection", question: _Question, name: str) -> Found:
        found = _document(connection, question, name, question.api.manifest)
        return replace(found, link=links_to_versions(self._addresses, name, question.api.number))

    def _part(self, connection: "Connection", question: _Question, name: str, path: str, number: int) -> Found:
        """Cut a part out of a manifest, with the context that it needs to stand alone."""
        key = question.api.key
        opened = self._parts.open(connection, name, question.api.manifest, key)
        if number:  # a view that was withdrawn a moment ago still stands in the manifest
            find_image(connection, image_name(name, number))
        manifest = opened.whole
        part = opened.parts.get(self._addresses.part(name, path, question.api.number))
        if part is None:
            raise Unknown(f"{name} has no {path}")
        whole = {"@context": manifest["@context"], **part}
        if key != "id":
            whole["within"] = manifest["@id"]
        elif part["type"] != "AnnotationPage":  # whose readers know of no other whole than an annotation collection
            whole["partOf"] = [{"id": manifest["id"], "type": "Manifest", "label": manifest["label"]}]
        return _made(to_bytes(whole), opened.modified, question.made)

    def _collection(self, connection: "Connection", question: _Question, name: str, part: int) -> Found:
        repository = self._settings.repository_name
        body, modified = read_collection(connection, self._addresses, name, part, question.api.number, repository)
        return _made(body, modified, question.made)

    def _respond(self, scope: Scope, question: _Question, found: Found, *, is_neutral: bool) -> Response:
        headers = [
            ("content-type", question.api.media_type(header(scope, "accept"))),
            ("vary", "Accept, Accept-Encoding"),
            ("cache-control", self._cache_control),
        ]
        if found.link:
            headers.append(("link", found.link))
        if is_neutral:
            headers.append(("content-location", f"{_BASE}{question.api.number}/{question.path}"))
        suffix = ""
        if found.encoding != "identity":
            headers.append(("content-encoding", found.encoding))
            suffix = f"-{found.encoding}"
        return conditional(scope, f'"{found.digest[:32]}{suffix}"', found.modified, headers, found.body)


def _understand(scope: Scope) -> tuple[_Question, bool]:
    """Return what a request asks for, and whether its address leaves the version open."""
    path = raw_path(scope).decode("latin-1").removeprefix(_BASE).replace("%2C", ",")
    accept_encoding = header(scope, "accept-encoding")
    stored, made = choose_encoding(accept_encoding, ("br", "gzip")), choose_encoding(accept_encoding, ("gzip",))
    if match := _VERSION.match(path):
        return _Question(VERSIONS[match[1]], path[len(match[0]) :], stored, made), False
    if not (_MANIFEST.match(path) or _COLLECTION.match(path)):
        raise Unknown(f"there is nothing at {_BASE}{path[:200]}; a manifest is at {_BASE}3/NAME/manifest")
    return _Question(choose_version(header(scope, "accept")), path, stored, made), True


def _document(connection: "Connection", question: _Question, name: str, kind: str) -> Found:
    document = find_encoded(connection, name, kind, question.stored)
    return Found(document.digest, document.modified, question.stored, document.body)


def _page(connection: "Connection", question: _Question, name: str, number: int, page: str) -> Found:
    """Return what stands beside a view: its text as annotations."""
    if page not in question.api.pages:
        raise Unknown(
            f"there is nothing at {_BASE}{question.api.number}/{question.path}; the text of a view is at …/text"
        )
    try:
        return _document(connection, question, name, f"{question.api.pages[page]}/f{number}")
    except Unknown:
        find_image(connection, image_name(name, number))  # raises Withdrawn where the view was withdrawn
        raise


def _made(body: bytes, modified: datetime | None, encoding: str) -> Found:
    sent = gzip.compress(body, 5, mtime=0) if encoding == "gzip" else body
    return Found(hashlib.sha256(body).hexdigest(), modified, encoding, sent)
