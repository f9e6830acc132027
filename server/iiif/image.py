"""The Image API 3.0 over HTTP (§2–§7), native ASGI: `/iiif/image/3/…`.

A request for one of the tiles that info.json announces is answered with the stored JPEG stream: one look into the
index, one positioned read, on the event loop where the bytes are in memory, in a thread where a disk or S3 must be
asked. Everything else is rendered by libvips in a few threads of its own, the heaviest one at a time, so that tiles
never wait for them. The grammar is read from `raw_path`: in `path` an encoded slash is already decoded.

Nothing that a client can type is a 500; what fails here is logged with the image's name. Must not import flask.
"""

import asyncio
import gzip
import hashlib
import json
import logging
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import unquote

from server.errors import BadRequest, ImageError, NotStored, StorageError, Unknown
from server.iiif.build.info import CONTEXT, PROFILE_URI, build_info
from server.iiif.http import (
    SHARED,
    Receive,
    Response,
    Scope,
    Send,
    choose_encoding,
    conditional,
    header,
    holding,
    http_date,
    not_modified,
    redirect,
    sentence,
    serve,
    too_busy,
    weights,
)
from server.iiif.pyramids import ImageLocation, Lookup, OpenPyramid, OpenPyramids
from server.imaging.render import render, source_pixels
from server.imaging.request import Geometry, ImageRequest, Limits, size_text
from server.model.addresses import Addresses
from server.model.levels import listed_sizes
from server.settings import Settings
from server.storage import Storage

__all__ = ["ImageLocation", "ImageService"]

READ_THREADS = 8
"""Threads that wait for disks, S3 and the catalogue, in each worker."""

RENDER_THREADS = 2
"""Threads that render, in each worker; one of them takes no heavy request."""

HEAVY = 4 * 2**20
"""Pixels, decoded and made, above which a request is heavy."""

MOST_WAITING = 200
"""Requests that may wait for a rendering in one worker; more are asked to come back."""

MOST_SECONDS_KEPT = 5.0
_BASE = b"/iiif/image/3/"
_NAME = re.compile(r"[A-Za-z0-9._~*+@=$-]{1,200}")
_TILE = re.compile(
    rb"/iiif/image/3/([A-Za-z0-9._~-]{1,200})/(?:full|([0-9]{1,9}),([0-9]{1,9}),([0-9]{1,9}),([0-9]{1,9}))"
    rb"/([0-9]{1,9}),([0-9]{1,9})/0/default\.jpg"
)
_LD_JSON = f'application/ld+json;profile="{CONTEXT}"'
_CONTEXT_LINK = f'<{CONTEXT}>;rel="http://www.w3.org/ns/json-ld#context";type="application/ld+json"'
_PROFILE_LINK = f'<{PROFILE_URI}>;rel="profile"'
_SHARED_BYTES = tuple((name.encode(), value.encode()) for name, value in SHARED)

_log = logging.getLogger("vitrine.image")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Served:
    """What is the same for every response about one image: made once for each version of it."""

    location: ImageLocation
    limits: Limits
    etag: str
    info: bytes
    info_digest: str
    tile_headers: tuple[tuple[bytes, bytes], ...]


class ImageService:
    """The ASGI application below `/iiif/image/3/`. Make it in the process that uses it."""

    def __init__(self, settings: Settings, storage: Storage, lookup: Lookup) -> None:
        self._settings = settings
        self._addresses = Addresses(settings.base, settings.naan)
        self._readers = ThreadPoolExecutor(READ_THREADS, thread_name_prefix="image-read")
        self._renderers = ThreadPoolExecutor(RENDER_THREADS, thread_name_prefix="image-render")
        self._slots = asyncio.Semaphore(RENDER_THREADS)
        self._heavy_slots = asyncio.Semaphore(max(1, RENDER_THREADS - 1))
        self._waiting = 0
        # What we keep and what caches keep together stay within the promised age.
        kept = min(MOST_SECONDS_KEPT, settings.image_max_age / 4)
        self._cache_control = f"public, max-age={int(settings.image_max_age - kept)}"
        self._pyramids = OpenPyramids(storage, lookup, self._readers, kept)
        self._served: dict[str, _Served] = {}

    def close(self) -> None:
        """End the threads; those at work finish first."""
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._renderers.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = _raw_path(scope)
        if scope["method"] == "GET" and (match := _TILE.fullmatch(path)) is not None:
            opened = self._pyramids.ready(match[1].decode("ascii"))
            if opened is not None and await self._send_tile(scope, send, opened, match):
                return
        await serve(scope, send, lambda: self._answer(scope, receive, path))

    # the short way: tiles as they are stored

    async def _send_tile(self, scope: Scope, send: Send, opened: OpenPyramid, match: re.Match[bytes]) -> bool:
        """Send a stored tile whose bytes are in memory; False where it is none, or needs a thread, or a 304."""
        index, location = opened.reader.index, opened.location
        if opened.file is None or any(name.startswith(b"if-") for name, _ in scope["headers"]):
            return False
        if match[2] is None:
            x, y, w, h = 0, 0, location.width, location.height
        else:
            x, y = int(match[2]), int(match[3])
            w, h = min(int(match[4]), location.width - x), min(int(match[5]), location.height - y)
        if w < 1 or h < 1:
            return False
        width, height = int(match[6]), int(match[7])
        served = self._about(opened)
        place = index.find(x, y, w, h, width, height)
        if place is None or not served.limits.allow(width, height):
            return False
        offset, length, needs_head = index.locate(*place)
        try:
            body = opened.file.read_now(offset, length, index.head if needs_head else b"")
        except ImageError:
            return False  # the long way says it
        if body is None:
            return False
        whole = (w, h) == (location.width, location.height)
        region = "full" if whole else f"{x},{y},{w},{h}"
        size = size_text((w, h), (width, height), served.limits)
        link = self._link(location, f"{region}/{size}/0/default.jpg")
        headers = [
            *served.tile_headers,
            (b"link", link.encode("ascii")),
            (b"content-length", str(len(body)).encode("ascii")),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})
        return True

    # the long way

    async def _answer(self, scope: Scope, receive: Receive, path: bytes) -> Response:
        """Answer anything below the base. Raises RequestError."""
        segments = path.removeprefix(_BASE).split(b"/")
        if not path.startswith(_BASE):
            raise Unknown("this server offers the Image API 3.0 below /iiif/image/3/; there is nothing at this address")
        image = _image_name(segments[0])
        if len(segments) == 5:
            request = _parse([part.decode("latin-1") for part in segments[1:]])
            return await self._guarded(image, lambda: self._answer_image(scope, receive, image, request))
        if len(segments) == 1 or segments[1:] == [b""]:
            return await self._guarded(image, lambda: self._answer_base(image))
        if segments[1:] == [b"info.json"]:
            return await self._guarded(image, lambda: self._answer_info(scope, image))
        raise BadRequest(
            "An image address is {image}/info.json or {image}/{region}/{size}/{rotation}/{quality}.{format}, "
            "for example …/full/max/0/default.jpg."
        )

    async def _guarded(self, image: str, answer: Callable[[], Awaitable[Response]]) -> Response:
        """Log what fails on our side with the image's name, and tell the client no more than that."""
        try:
            return await answer()
        except NotStored as error:
            self._pyramids.forget(image)
            _log.error("image %s: is published but not stored: %s", image, error)  # no traceback needed
        except (ImageError, StorageError) as error:
            self._pyramids.forget(image)
            _log.error("image %s: %s", image, error)  # no traceback needed
        return sentence(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            f"The image {image} cannot be read; this has been noted in the server's log.",
        )

    async def _answer_base(self, image: str) -> Response:
        await self._pyramids.get(image)
        return redirect(f"{self._addresses.image(image)}/info.json", headers=(("cache-control", self._cache_control),))

    async def _answer_info(self, scope: Scope, image: str) -> Response:
        served = self._about(await self._pyramids.get(image))
        asked = weights(header(scope, "accept"))
        linked = asked.get("application/ld+json", 0.0)
        plain = asked.get("application/json", 0.0)
        as_linked = linked > 0 and linked >= plain
        encoding = choose_encoding(header(scope, "accept-encoding"), ("gzip",))
        body = served.info
        headers = [
            ("content-type", _LD_JSON if as_linked else "application/json"),
            ("cache-control", self._cache_control),
            ("vary", "Accept, Accept-Encoding"),
            ("link", _PROFILE_LINK if as_linked else f"{_PROFILE_LINK}, {_CONTEXT_LINK}"),
        ]
        if encoding == "gzip":
            body = gzip.compress(body, 6, mtime=0)
            headers.append(("content-encoding", "gzip"))
        variant = f"{'-ld' if as_linked else ''}{'-gzip' if encoding == 'gzip' else ''}"
        etag = f'"{served.info_digest}{variant}"'
        return conditional(scope, etag, served.location.last_modified, headers, body)

    async def _answer_image(self, scope: Scope, receive: Receive, image: str, request: ImageRequest) -> Response:
        opened = await self._pyramids.get(image)
        served, index = self._about(opened), opened.reader.index
        geometry = request.resolve(opened.location.width, opened.location.height, served.limits, gray=index.bands == 1)
        geometry, place = _as_tile(geometry, opened, served.limits)
        headers = [
            ("content-type", geometry.media_type),
            ("cache-control", self._cache_control),
            ("link", self._link(opened.location, geometry.canonical)),
        ]
        if not_modified(scope, served.etag, opened.location.last_modified):
            return conditional(scope, served.etag, opened.location.last_modified, headers, b"")
        if place is not None:
            body = await self._in_thread(self._readers, lambda: opened.reader.tile(*place))
        else:
            rendered = await self._rendered(receive, opened, geometry)
            if rendered is None:
                return too_busy("too many images are being made at this moment; please try again in a few seconds")
            body = rendered
        return conditional(scope, served.etag, opened.location.last_modified, headers, body)

    async def _rendered(self, receive: Receive, opened: OpenPyramid, geometry: Geometry) -> bytes | None:
        """Render in a thread, a heavy request only beside light ones.

        None where too many wait already, where the worker holds as much for slow clients as it may, or where the client went away while it waited: viewers drop what they no
        longer need, and nobody should wait for that.
        """
        if self._waiting >= MOST_WAITING or holding.is_full:
            return None
        weight = source_pixels(opened.reader, geometry) + geometry.width * geometry.height
        slots = (self._heavy_slots, self._slots) if weight > HEAVY else (self._slots,)
        self._waiting += 1
        try:
            async with AsyncExitStack() as held:
                for slot in slots:
                    if not await _acquired(slot, receive):
                        return None
                    held.callback(slot.release)
                return await self._in_thread(self._renderers, lambda: render(opened.reader, geometry))
        finally:
            self._waiting -= 1

    @staticmethod
    async def _in_thread(threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    def _about(self, opened: OpenPyramid) -> _Served:
        """Return what all responses about an image share, made anew when its record has changed."""
        location = opened.location
        served = self._served.get(location.image)
        if served is None or served.location != location:
            served = self._make_served(opened)
            while len(self._served) >= 1024:
                del self._served[next(iter(self._served))]
            self._served[location.image] = served
        return served

    def _make_served(self, opened: OpenPyramid) -> _Served:
        location, settings = opened.location, self._settings
        tile_size = opened.reader.index.tile_size
        info = build_info(
            self._addresses.image(location.image),
            location.width,
            location.height,
            tile_size=tile_size,
            max_width=settings.max_width,
            max_height=settings.max_height,
            max_area=settings.max_area,
            rights_uri=location.rights_uri,
            part_of=location.part_of,
        )
        body = json.dumps(info, ensure_ascii=False, indent=1).encode("utf-8")
        etag = f'"{hashlib.sha256(location.version.encode()).hexdigest()[:16]}"'
        listed = frozenset(listed_sizes(location.width, location.height, tile_size))
        headers = (
            (b"content-type", b"image/jpeg"),
            (b"cache-control", self._cache_control.encode("ascii")),
            (b"etag", etag.encode("ascii")),
            (b"last-modified", http_date(location.last_modified).encode("ascii")),
            *_SHARED_BYTES,
        )
        limits = Limits(settings.max_width, settings.max_height, settings.max_area, listed)
        return _Served(location, limits, etag, body, hashlib.sha256(body).hexdigest()[:16], headers)

    def _link(self, location: ImageLocation, canonical: str) -> str:
        return f'<{self._addresses.image(location.image)}/{canonical}>;rel="canonical", {_PROFILE_LINK}'


def _as_tile(geometry: Geometry, opened: OpenPyramid, limits: Limits) -> tuple[Geometry, tuple[int, int, int] | None]:
    """Return the tile that is what is asked for, if there is one.

    Where one side was computed from the other (`w,`) the tile may differ by a pixel: it is rounded up, as `sizes` are.
    """
    if not geometry.is_upright or geometry.quality != "default" or geometry.format != "jpg":
        return geometry, None
    index = opened.reader.index
    slack = (int(geometry.computed == "width"), int(geometry.computed == "height"))
    place = index.find(geometry.x, geometry.y, geometry.w, geometry.h, geometry.width, geometry.height, slack)
    if place is None:
        return geometry, None
    width, height = -(-geometry.w >> place[0]), -(-geometry.h >> place[0])
    if (width, height) != (geometry.width, geometry.height):
        text = size_text((geometry.w, geometry.h), (width, height), limits)
        geometry = replace(geometry, width=width, height=height, size_text=text)
    return geometry, place


async def _acquired(slot: asyncio.Semaphore, receive: Receive) -> bool:
    """Wait for a place; False, with none taken, where the client goes away first."""
    if not slot.locked():
        return await slot.acquire()
    turn, gone = asyncio.ensure_future(slot.acquire()), asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({turn, gone}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        if turn.done() and not turn.cancelled():
            slot.release()
        raise
    finally:
        gone.cancel()
        if not turn.done():
            turn.cancel()
    return turn.done() and not turn.cancelled()


async def _gone(receive: Receive) -> None:
    """Return when the client has gone. A request has one message; what a server says after it is the end."""
    for _ in range(2):
        if (await receive())["type"] == "http.disconnect":
            return
    await asyncio.Event().wait()


def _parse(parts: list[str]) -> ImageRequest:
    region, size, rotation, last = parts
    quality, dot, form = unquote(last).rpartition(".")
    if not dot:
        raise BadRequest("The last part of an image address is {quality}.{format}, for example default.jpg.")
    return ImageRequest.parse(region, size, rotation, quality, form)


def _image_name(segment: bytes) -> str:
    name = unquote(segment.decode("latin-1"), errors="replace")
    if not _NAME.fullmatch(name):
        raise Unknown("There is no image of this name; the addresses of images stand in their manifests.")
    return name


def _raw_path(scope: Scope) -> bytes:
    raw: bytes | None = scope.get("raw_path")
    if not raw:
        return str(scope["path"]).encode("utf-8")
    return raw.partition(b"?")[0]
