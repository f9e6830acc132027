"""The Presentation API 3.0 over HTTP (§6): manifests, text pages and collections, as ready-made bytes.

Nothing is built here but small joints: a collection is its head and its members' entries, a part of a manifest (canvas,
range, annotation) is cut out of it, so that every address that we mint answers. Queries run in a few threads of our
own, so that slow pages elsewhere never hold a manifest back. Must not import flask.
"""

import asyncio
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from server.catalogue.published import (
    PublishedCollection,
    find_collection,
    find_document,
    find_image,
    list_collections,
    list_members,
)
from server.catalogue.session import Catalogue
from server.errors import Unknown
from server.iiif.build.bytes import to_bytes
from server.iiif.build.collection import KINDS, PRESENTATION, TOP, build_child, collection_head, join_collection
from server.iiif.http import (
    Receive,
    Response,
    Scope,
    Send,
    cache_for,
    choose_encoding,
    conditional,
    header,
    serve,
    weights,
)
from server.model.addresses import Addresses, image_name
from server.search.scope import has_text
from server.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

THREADS = 4
"""Threads for queries in each worker."""

MEMBERS = 1000
"""Most entries in one collection; a larger one is a collection of its parts, `name,1`, `name,2` …"""

_BASE = "/iiif/presentation/"
_NAME = r"(?P<name>[A-Za-z0-9._~*+@=$-]+)"
_MANIFEST = re.compile(rf"^(?:3/)?{_NAME}/manifest$")
_TEXT = re.compile(rf"^3/{_NAME}/f(?P<number>[1-9][0-9]{{0,5}})/text$")
_PART = re.compile(
    rf"^3/{_NAME}/(?P<path>canvas/f(?P<number>[1-9][0-9]{{0,5}})(?:/page(?:/image)?)?|range/r[0-9]{{1,6}}|places(?:/[0-9]{{1,4}})?)$"
)
_COLLECTION = re.compile(rf"^3/collection/{_NAME}(?:,(?P<part>[1-9][0-9]{{0,5}}))?$")

_LD_JSON = f'application/ld+json;profile="{PRESENTATION}"'


@dataclass(frozen=True, slots=True)
class Found:
    """Bytes to be sent, plain and in the encodings that are at hand; `digest` is of the plain form."""

    digest: str
    modified: datetime | None
    encodings: dict[str, bytes]


class PresentationService:
    """The ASGI application below `/iiif/presentation/`."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self._settings, self._catalogue = settings, catalogue
        self._addresses = Addresses(settings.base, settings.naan, settings.repository_id)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="presentation")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def answer() -> Response:
            find = self._route(scope)
            found = await asyncio.get_running_loop().run_in_executor(self._threads, self._look_up, find)
            return self._respond(scope, found)

        await serve(scope, send, answer)

    def _route(self, scope: Scope) -> Callable[["Connection"], Found]:
        """Return what answers a path, as it was sent: names hold nothing that needs percent-encoding. Raises Unknown."""
        raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")
        path = raw.partition(b"?")[0].decode("latin-1").removeprefix(_BASE).replace("%2C", ",")
        if path.startswith("2/"):
            raise Unknown(
                "Presentation API 2.1 is not offered yet; the manifest of version 3 is at the same address with /3/"
            )
        if match := _COLLECTION.match(path):
            name, part = match["name"], int(match["part"] or 0)
            if name == TOP and not part:
                return self._top
            return lambda connection: self._collection(connection, name, part)
        if match := _MANIFEST.match(path):
            name = match["name"]
            return lambda connection: self._document(connection, name, "manifest/3", None)
        if match := _TEXT.match(path):
            name, number = match["name"], int(match["number"])
            return lambda connection: self._document(connection, name, f"text/f{number}", number)
        if match := _PART.match(path):
            name, within, number = match["name"], match["path"], int(match["number"] or 0)
            return lambda connection: self._part(connection, name, within, number)
        raise Unknown(f"there is nothing at {_BASE}{path[:200]}; a manifest is at {_BASE}3/NAME/manifest")

    def _look_up(self, find: Callable[["Connection"], Found]) -> Found:
        with self._catalogue.snapshot() as connection:
            return find(connection)

    def _document(self, connection: "Connection", name: str, kind: str, number: int | None) -> Found:
        try:
            document = find_document(connection, name, kind)
        except Unknown:
            if number is not None:
                find_image(connection, image_name(name, number))  # raises Withdrawn where the view was withdrawn
            raise
        encodings = {"identity": document.plain, "gzip": document.gzip, "br": document.brotli}
        return Found(document.digest, document.modified, encodings)

    def _part(self, connection: "Connection", name: str, path: str, number: int) -> Found:
        """Cut a part out of a manifest, with the context that it needs to stand alone."""
        document = find_document(connection, name, "manifest/3")
        manifest = json.loads(document.plain)
        part = _find(manifest, self._addresses.part(name, path))
        if part is None:
            if number:
                find_image(connection, image_name(name, number))
            raise Unknown(f"{name} has no {path}")
        whole = {
            "@context": manifest["@context"],
            **part,
            "partOf": [{"id": manifest["id"], "type": "Manifest", "label": manifest["label"]}],
        }
        return _made(to_bytes(whole), document.modified)

    def _top(self, connection: "Connection") -> Found:
        collections = sorted(list_collections(connection), key=lambda found: (KINDS.index(found.kind), found.name))
        name = self._settings.repository_name
        searched = has_text(connection, TOP)
        head = collection_head(TOP, {"fr": name, "en": name}, self._addresses, part_of=None, is_searchable=searched)
        children = [to_bytes(build_child(found.name, found.label, self._addresses)) for found in collections]
        modified = max((found.modified for found in collections), default=None)
        return _made(join_collection(head, children), modified)

    def _collection(self, connection: "Connection", name: str, part: int) -> Found:
        found = find_collection(connection, name)
        parts = -(-found.members // MEMBERS)
        if part > parts or (part and parts == 1):
            raise Unknown(f"collection {name} has no part {part}")
        if part or parts <= 1:
            label = _part_label(found, part) if part else found.label
            address = f"{name},{part}" if part else name
            above = name if part else TOP
            summary, searched = found.summary if not part else None, not part and has_text(connection, name)
            head = collection_head(address, label, self._addresses, summary, above, is_searchable=searched)
            entries = list_members(connection, name, max(part - 1, 0) * MEMBERS, MEMBERS)
        else:
            searched = has_text(connection, name)
            head = collection_head(name, found.label, self._addresses, found.summary, is_searchable=searched)
            entries = [
                to_bytes(build_child(f"{name},{number}", _part_label(found, number), self._addresses))
                for number in range(1, parts + 1)
            ]
        return _made(join_collection(head, entries), found.modified)

    def _respond(self, scope: Scope, found: Found) -> Response:
        offered = [encoding for encoding in ("br", "gzip") if encoding in found.encodings]
        encoding = choose_encoding(header(scope, "accept-encoding"), offered)
        headers = [
            ("content-type", _media_type(header(scope, "accept"))),
            ("vary", "Accept, Accept-Encoding"),
            ("cache-control", cache_for(self._settings.image_max_age)),
        ]
        suffix = ""
        if encoding != "identity":
            headers.append(("content-encoding", encoding))
            suffix = f"-{encoding}"
        etag = f'"{found.digest[:32]}{suffix}"'
        return conditional(scope, etag, found.modified, headers, found.encodings[encoding])


def _media_type(accept: str) -> str:
    """Return the content type (Presentation API 3.0 §6.3): JSON-LD unless the client would rather have plain JSON.

    A client that takes anything, as browsers and their scripts do, gets JSON, which a browser shows.
    """
    asked = weights(accept)
    linked, plain = asked.get("application/ld+json", 0.0), asked.get("application/json", 0.0)
    return _LD_JSON if not asked or (linked > 0.0 and linked >= plain) else "application/json"


def _made(body: bytes, modified: datetime | None) -> Found:
    return Found(
        hashlib.sha256(body).hexdigest(), modified, {"identity": body, "gzip": gzip.compress(body, 5, mtime=0)}
    )


def _part_label(found: PublishedCollection, part: int) -> dict[str, str]:
    first, last = (part - 1) * MEMBERS + 1, min(part * MEMBERS, found.members)
    return {language: f"{label} ({first}–{last})" for language, label in found.label.items()}


def _find(tree: Any, address: str) -> dict[str, Any] | None:
    """Return the object of a tree that is described under an address: the one that says most of it.

    A reference (`start`, a canvas in a range) has the same id, but only id and type.
    """
    best: dict[str, Any] | None = None
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if node.get("id") == address and (best is None or len(node) > len(best)):
                best = node
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    return best
