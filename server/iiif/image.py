"""The Image API over HTTP, native ASGI: version 3.0 below `/iiif/image/3/`, 2.1 below `/iiif/image/2/` (§2–§7 of either).

The quick way answers what viewers ask for all day and is in memory: tiles and ready-made sizes as they are stored, and
info.json: one match, one look into the index, one positioned read, one check of the bytes. The long way answers
everything else: the same where a disk or S3 must be asked, conditional requests, redirects, errors, and images that are
rendered, in threads of their own. The grammar is read from `raw_path`: in `path` an encoded slash is already decoded.

Nothing that a client can type is a 500; what fails here is logged with the image's name. Must not import flask.
"""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import unquote

from server.errors import BadRequest, ImageError, NotStored, Overloaded, StorageError, Unknown
from server.iiif.http import (
    CHUNK,
    Receive,
    Response,
    Scope,
    Send,
    cache_within,
    choose_encoding,
    conditional,
    header,
    not_modified,
    raw_path,
    redirect,
    sentence,
    serve,
    wants_json_ld,
)
from server.iiif.pyramids import ImageLocation, Lookup, OpenPyramid, OpenPyramids
from server.iiif.renderers import Renderers
from server.iiif.served import Headers, Served
from server.iiif.versions import PREFIX, VERSIONS, ImageApi
from server.imaging.render import render, weigh
from server.imaging.request import Geometry, ImageRequest
from server.imaging.size import Limits, by_width, size_text, size_text_2
from server.model.addresses import Addresses
from server.model.levels import scaled
from server.settings import Settings
from server.storage import Storage

__all__ = ["ImageLocation", "ImageService"]

READ_THREADS, LOOKUP_THREADS = 8, 4
"""Threads that wait for disks or S3, and those that wait for the catalogue and open what it names, in each worker."""

MOST_SECONDS_READING = 20.0
"""How long a request waits for either of them; then it is asked to come back."""

MOST_SECONDS_KEPT = 5.0
MOST_SERVED = 1024
"""Images of which one worker keeps headers and info.json."""

_NAME = re.compile(r"[A-Za-z0-9._~*+@=$-]{1,200}")
_QUICK = re.compile(
    rb"/iiif/image/([23])/([A-Za-z0-9._~-]{1,200})/"
    rb"(?:(info\.json)|(?:full/([!,0-9a-z]{1,20})|([0-9]{1,9}),([0-9]{1,9}),([0-9]{1,9}),([0-9]{1,9})/"
    rb"([0-9]{1,9}),([0-9]{0,9}))/0/default\.jpg)"
)

_NEAR = {
    "": ((0, 0),),
    "width": ((0, 0), (1, 0), (-1, 0)),
    "height": ((0, 0), (0, 1), (0, -1)),
}
"""By how many pixels a ready-made size may differ where one side was computed from the other."""

_log = logging.getLogger("vitrine.image")


class ImageService:
    """The ASGI application below `/iiif/image/`. Make it in the process that uses it."""

    def __init__(self, settings: Settings, storage: Storage, lookup: Lookup) -> None:
        self._settings = settings
        self._addresses = Addresses(settings.base, settings.naan)
        self._readers = ThreadPoolExecutor(READ_THREADS, thread_name_prefix="image-read")
        self._lookups = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="image-lookup")
        self._renderers = Renderers()
        # What we keep and what caches keep together stay within the promised age.
        kept = min(MOST_SECONDS_KEPT, settings.image_max_age / 4)
        self._cache_control = cache_within(settings.image_max_age - kept)
        self._pyramids = OpenPyramids(storage, lookup, self._lookups, kept)
        self._served: OrderedDict[tuple[int, str], Served] = OrderedDict()

    def close(self) -> None:
        """End the threads; those at work finish first."""
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._lookups.shutdown(wait=False, cancel_futures=True)
        self._renderers.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = raw_path(scope)
        ready = self.ready(path, scope["headers"]) if scope["method"] == "GET" else None
        if ready is not None:
            headers, body = ready
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})
            return
        await serve(scope, send, lambda: self._answer(scope, receive, path))

    def ready(self, path: bytes, headers: Iterable[tuple[bytes, bytes]]) -> tuple[Headers, bytes] | None:
        """Answer a GET in the quick way: the headers and the body of a 200, or None where the long way must be taken."""
        match = _QUICK.fullmatch(path)
        if match is None:
            return None
        opened = self._pyramids.ready(match[2].decode("ascii"))
        if opened is None:
            return None
        served = self._about(VERSIONS[match[1]], opened)
        return _ready_info(headers, served) if match[3] else _ready_image(headers, served, opened, match)

    async def _answer(self, scope: Scope, receive: Receive, path: bytes) -> Response:
        """Answer anything below the prefix. Raises RequestError."""
        api = VERSIONS.get(path[len(PREFIX) : len(PREFIX) + 1])
        if api is None or not path.startswith(PREFIX) or path[len(PREFIX) + 1 : len(PREFIX) + 2] != b"/":
            offered = " and ".join(f"{api.title} below /iiif/image/{api.number}/" for api in VERSIONS.values())
            raise Unknown(f"this server offers the Image API {offered}; there is nothing at this address")
        segments = path[len(PREFIX) + 2 :].split(b"/")
        image = _image_name(segments[0])
        if len(segments) == 5:
            request = _parse(api, [part.decode("latin-1") for part in segments[1:]])
            return await self._guarded(image, lambda: self._answer_image(scope, receive, api, image, request))
        if len(segments) == 1 or segments[1:] == [b""]:
            return await self._guarded(image, lambda: self._answer_base(api, image))
        if segments[1:] == [b"info.json"]:
            return await self._guarded(image, lambda: self._answer_info(scope, api, image))
        if len(segments) > 5 or segments[-1] == b"info.json":  # a name with a slash in it, as far as anyone can tell
            raise Unknown("there is no image of this name: names hold no slash, and four parts follow a name")
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

    async def _open(self, image: str) -> OpenPyramid:
        """Return an open pyramid. Raises what `OpenPyramids.get` raises, Overloaded where it takes too long."""
        return await _in_time(self._pyramids.get(image))

    async def _answer_base(self, api: ImageApi, image: str) -> Response:
        await self._open(image)
        headers = (("cache-control", self._cache_control),)
        return redirect(f"{self._addresses.image(image, api.number)}/info.json", headers=headers)

    async def _answer_info(self, scope: Scope, api: ImageApi, image: str) -> Response:
        served = self._about(api, await self._open(image))
        linked = wants_json_ld(header(scope, "accept"), unasked=api.is_linked_unasked)
        packed = choose_encoding(header(scope, "accept-encoding"), ("gzip",)) == "gzip"
        form = served.info_form(linked=linked, packed=packed)
        return conditional(scope, form.etag, served.info_modified, form.headers, form.body)

    async def _answer_image(
        self, scope: Scope, receive: Receive, api: ImageApi, image: str, request: ImageRequest
    ) -> Response:
        opened = await self._open(image)
        served, index = self._about(api, opened), opened.reader.index
        geometry = request.resolve(opened.location.width, opened.location.height, served.limits, gray=index.bands == 1)
        geometry, number = _as_stored(geometry, opened, served.limits)
        if number is not None and (match := _QUICK.fullmatch(raw_path(scope))) is not None and match[4]:
            served.remember(match[4], number, geometry.canonical)
        headers = [
            ("content-type", geometry.media_type),
            ("cache-control", self._cache_control),
            ("link", served.link(geometry.canonical)),
        ]
        modified = opened.location.last_modified
        if not_modified(scope, served.etag, modified):
            return conditional(scope, served.etag, modified, headers, b"")
        body = opened.read_now(number) if number is not None else None
        if body is None:
            if number is None and scope["method"] == "HEAD":
                # Nothing is made to be thrown away: the length stays unsaid (RFC 9110 §9.3.2, §8.6).
                return replace(conditional(scope, served.etag, modified, headers, b""), has_length=False)
            body = (
                await self._read(opened, number) if number is not None else await self._made(receive, opened, geometry)
            )
            # That took its time: what was withdrawn or replaced meanwhile is not sent, to be kept by caches from now on.
            if (await self._open(image)).location.version != opened.location.version:
                return await self._answer_image(scope, receive, api, image, request)
        return conditional(scope, served.etag, modified, headers, body)

    async def _read(self, opened: OpenPyramid, number: int) -> bytes:
        """Return what is stored, from a disk or from S3."""
        return await _in_time(asyncio.get_running_loop().run_in_executor(self._readers, opened.reader.stream, number))

    async def _made(self, receive: Receive, opened: OpenPyramid, geometry: Geometry) -> bytes:
        """Return what must be rendered."""
        return await self._renderers.run(
            receive,
            weigh(opened.reader, geometry),
            lambda is_wanted: render(opened.reader, geometry, is_wanted=is_wanted),
        )

    def _about(self, api: ImageApi, opened: OpenPyramid) -> Served:
        """Return what all responses about an image share, made anew when its record has changed."""
        location, key = opened.location, (api.number, opened.location.image)
        served = self._served.get(key)
        if served is None or (served.location is not location and served.location != location):
            base = self._addresses.image(location.image, api.number)
            served = Served.build(api, location, opened.reader.index, base, self._settings, self._cache_control)
            self._served.pop(key, None)
            while len(self._served) >= MOST_SERVED:
                self._served.popitem(last=False)
            self._served[key] = served
        elif len(self._served) == MOST_SERVED:
            self._served.move_to_end(key)
        return served


_Found = TypeVar("_Found")


async def _in_time(waiting: Awaitable[_Found]) -> _Found:
    """Wait for a disk, a store or the catalogue. Raises Overloaded where none of them answers in time."""
    try:
        async with asyncio.timeout(MOST_SECONDS_READING):
            return await waiting
    except TimeoutError:
        raise Overloaded(
            "this image's files or its record are slow to come; please try again in a few seconds"
        ) from None


# the quick way: None wherever something must be thought about, which the long way does


def _ready_info(asked: Iterable[tuple[bytes, bytes]], served: Served) -> tuple[Headers, bytes] | None:
    """Return info.json as it goes to those who ask for nothing in particular."""
    linked, packed = served.api.is_linked_unasked, False
    for name, value in asked:
        if name == b"accept":
            if not value or b"json" in value.lower():
                return None
            linked = False
        elif name == b"accept-encoding":
            if b"=" in value or b"*" in value:
                return None
            packed = packed or b"gzip" in value.lower()
        elif name.startswith(b"if-"):
            return None
    form = served.info_form(linked=linked, packed=packed)
    return form.ready, form.body


def _ready_image(
    asked: Iterable[tuple[bytes, bytes]], served: Served, opened: OpenPyramid, match: re.Match[bytes]
) -> tuple[Headers, bytes] | None:
    """Return a tile or a ready-made size whose bytes are in memory and few: large bodies are counted and sent in pieces."""
    for name, _ in asked:
        if name.startswith(b"if-"):
            return None
    found = served.whole.get(match[4]) if match[4] else _ready_tile(served, opened, match)
    if found is None:
        return None
    number, canonical = found
    if opened.reader.index.place(number)[1] > CHUNK:
        return None
    try:
        body = opened.read_now(number)
    except ImageError:
        return None  # the long way says it
    if body is None:
        return None
    before, behind = served.link_parts
    headers = (
        *served.jpeg_headers,
        (b"link", b"%b%b%b" % (before, canonical.encode("ascii"), behind)),
        (b"content-length", b"%d" % len(body)),
    )
    return headers, body


def _ready_tile(served: Served, opened: OpenPyramid, match: re.Match[bytes]) -> tuple[int, str] | None:
    """Return the number of the tile that shows a region and its canonical path, if one does."""
    location, index = opened.location, opened.reader.index
    x, y, w, h, width = map(int, match.group(5, 6, 7, 8, 9))
    if x + w > location.width:
        w = location.width - x
    if y + h > location.height:
        h = location.height - y
    if w < 1 or h < 1 or (w == location.width and h == location.height):
        return None
    ready = served.limits.ready_of(x, y, w, h) if served.api.number == 2 else frozenset()
    if match[10]:
        place = index.find(x, y, w, h, width, int(match[10]))
    elif served.api.number == 2:
        place = index.find(x, y, w, h, *by_width(w, h, width, ready, 1))
    elif height := scaled(h, width, w):
        place = index.find(x, y, w, h, width, height, (0, 1))
    else:
        return None  # it would have no pixel, which the long way says
    if place is None:
        return None
    width, height = -(-w >> place[0]), -(-h >> place[0])
    if not served.limits.allow(width, height):
        return None
    size = (
        size_text_2((w, h), (width, height), ready)
        if served.api.number == 2
        else size_text((w, h), (width, height), served.limits)
    )
    return index.number(*place), f"{x},{y},{w},{h}/{size}/0/default.jpg"


# the long way


def _as_stored(geometry: Geometry, opened: OpenPyramid, limits: Limits) -> tuple[Geometry, int | None]:
    """Return the number of the tile or ready-made picture that is what is asked for, if there is one.

    Where one side was computed from the other (`w,`) the stored one may differ by a pixel in 3.0: it is rounded up, as
    `sizes` are. In 2.1 the geometry is already that of what is stored.
    """
    if not geometry.is_upright or geometry.quality != "default" or geometry.format != "jpg":
        return geometry, None
    index = opened.reader.index
    asked = (geometry.width, geometry.height)
    if (geometry.w, geometry.h) == (index.width, index.height):
        for near in _NEAR[geometry.computed]:
            size = (asked[0] + near[0], asked[1] + near[1])
            number = index.ready_made(*size)
            if number is not None:
                return _resized(geometry, size, limits), number
    slack = (int(geometry.computed == "width"), int(geometry.computed == "height"))
    place = index.find(geometry.x, geometry.y, geometry.w, geometry.h, *asked, slack)
    if place is None:
        return geometry, None
    size = -(-geometry.w >> place[0]), -(-geometry.h >> place[0])
    return _resized(geometry, size, limits), index.number(*place)


def _resized(geometry: Geometry, size: tuple[int, int], limits: Limits) -> Geometry:
    """Return the geometry of what is stored, whose canonical form is the same however it was asked for."""
    if size == (geometry.width, geometry.height):
        return geometry
    text = size_text((geometry.w, geometry.h), size, limits)
    return replace(geometry, width=size[0], height=size[1], size_text=text)


def _parse(api: ImageApi, parts: list[str]) -> ImageRequest:
    region, size, rotation, last = parts
    quality, dot, form = re.sub("%2[Ee]", ".", last).rpartition(".")
    if not dot:
        raise BadRequest("The last part of an image address is {quality}.{format}, for example default.jpg.")
    return api.parse(region, size, rotation, quality, form)


def _image_name(segment: bytes) -> str:
    name = unquote(segment.decode("latin-1"), errors="replace")
    if not _NAME.fullmatch(name):
        raise Unknown("There is no image of this name; the addresses of images stand in their manifests.")
    return name
