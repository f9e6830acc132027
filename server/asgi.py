"""What gunicorn runs: an ASGI dispatcher. Ready-made bytes are answered on the event loop, the rest is handed to Flask.

    /iiif/image/…         ImageService          tiles, regions, info.json
    /iiif/discovery/…     DiscoveryService      what was published, changed and withdrawn
    /iiif/presentation/…  PresentationService   manifests and collections, as they were rendered
    /renderings/…         RenderingService      PDF, text and ALTO to take away
    /iiif/search/…        SearchService         hits in the text of documents and collections
    /oai, /oai/…          OaiService            what harvesters take: each repository; for who reads with a browser, Flask
    /static/…             StaticFiles           styles, scripts, fonts
    everything else       Flask, in a bounded pool of threads

Made after the fork, once in each worker: connections and the object store do not survive one. A request's body is read
whole before a thread is taken and a page is handed over whole, so no slow or vanished client ever holds a thread.
"""

import gc
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from threading import Thread
from typing import Any, cast
from urllib.parse import quote_from_bytes

from a2wsgi import WSGIMiddleware

from server.app import create_app
from server.catalogue.published import find_image
from server.catalogue.session import Catalogue
from server.health import check_addresses
from server.iiif.discovery import DiscoveryService
from server.iiif.http import Gone, Message, Receive, Scope, Send, read_body, send_response, sentence
from server.iiif.image import ImageService
from server.iiif.presentation import PresentationService
from server.iiif.pyramids import ImageLocation, Lookup, PartOf
from server.iiif.renderings import PREFIX as RENDERINGS
from server.iiif.renderings import RenderingService
from server.iiif.search import SearchService
from server.log import configure_logging, new_request
from server.model.addresses import Addresses
from server.oai.readers import is_for_reader
from server.oai.views import PREFIX as OAI
from server.oai.views import OaiService
from server.protocol import Ready
from server.settings import Settings, load_settings
from server.static_files import PREFIX as STATIC
from server.static_files import StaticFiles
from server.storage import open_storage

PAGE_THREADS = 8
"""Threads for Flask in each worker."""

MAX_BODY = 64 * 1024
"""Bytes of a request's body."""

BODY_SECONDS = 10

_ASCII = "".join(map(chr, range(33, 127)))
_log = logging.getLogger("vitrine.asgi")


class Dispatcher:
    """The ASGI application: one question about the path, then the surface that answers."""

    def __init__(
        self,
        surfaces: Sequence[tuple[str, Any]],
        pages: Any,
        close: Callable[[], None],
        ready: Ready | None = None,
        warm: Callable[[], None] | None = None,
    ) -> None:
        """`surfaces` are ASGI applications by what their paths begin with; `pages` has the rest.

        What begins with `/oai/` is asked for at `/oai` too. `ready` answers at once what needs no waiting, before any
        surface is asked. `warm` is begun beside the first requests: nothing waits for its end.
        """
        self._warm = warm
        self.ready = ready
        self._surfaces = tuple(surfaces)
        self._roots = {OAI: OAI.rstrip("/")}
        self._pages = pages
        self.close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the start and end of the worker."""
        if scope["type"] == "http":
            path = scope["path"]
            for prefix, surface in self._surfaces:
                if path.startswith(prefix) or path == self._roots.get(prefix):
                    if prefix == OAI and is_for_reader(scope):
                        break
                    await surface(scope, receive, send)
                    return
            await self._answer_page(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _answer_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        new_request()
        try:
            body = await read_body(scope, receive, MAX_BODY, BODY_SECONDS)
        except TimeoutError:
            await send_response(
                send, sentence(HTTPStatus.REQUEST_TIMEOUT, "the body of this request did not arrive in time")
            )
            return
        except Gone:
            return
        if body is None:
            text = f"the body of a request may hold {MAX_BODY} bytes at most"
            await send_response(send, sentence(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text))
            return
        # Flask's adapter takes ASCII only, as a well-formed request target is.
        query = quote_from_bytes(scope["query_string"], safe=_ASCII).encode("ascii")
        await self._pages({**scope, "query_string": query}, _replay(body), send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                if self._warm is not None:
                    Thread(target=self._warm, name="warm", daemon=True).start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def create_application(settings: Settings | None = None) -> Dispatcher:
    """Open catalogue and storage and join the surfaces. Raises SettingsError where the addresses have changed."""
    settings = settings or load_settings()
    configure_logging()
    catalogue = Catalogue(settings.database)
    check_addresses(settings, catalogue)
    storage = open_storage(settings)
    static = StaticFiles()
    flask = create_app(settings, catalogue, storage, static.url)
    pages = WSGIMiddleware(cast("Any", flask.wsgi_app), workers=PAGE_THREADS)
    threads: ThreadPoolExecutor = pages.executor

    addresses = Addresses(settings.base, settings.naan, settings.repository_id)
    image = ImageService(settings, storage, _look_up(catalogue, addresses))
    presentation = PresentationService(settings, catalogue)
    discovery = DiscoveryService(settings, catalogue)
    search = SearchService(settings, catalogue)
    renderings = RenderingService(settings, catalogue, storage)
    oai = OaiService(settings, catalogue)

    def warm() -> None:
        try:
            flask.extensions["vitrine-finding"].warm()
        except Exception:  # noqa: BLE001  # whatever is wrong, the server serves
            # whoever searches first reads it then, and is told what is wrong
            _log.warning("the documents that can be searched could not be read at the start", exc_info=True)
            return
        gc.freeze()  # what is remembered stays: collections need not look at it again

    def close() -> None:
        for surface in (image, presentation, discovery, search, renderings, oai):
            surface.close()
        threads.shutdown(wait=False, cancel_futures=True)
        catalogue.close()

    surfaces = (
        ("/iiif/image/", image),
        ("/iiif/presentation/", presentation),
        ("/iiif/discovery/", discovery),
        ("/iiif/search/", search),
        (RENDERINGS, renderings),
        (OAI, oai),
        (STATIC, static),
    )
    return Dispatcher(surfaces, pages, close, image.ready, warm)


def _look_up(catalogue: Catalogue, addresses: Addresses) -> Lookup:
    def find(image: str) -> ImageLocation:
        with catalogue.snapshot() as connection:
            found = find_image(connection, image)
        return ImageLocation(
            found.image, found.pyramid_key, found.index_key, found.width, found.height, found.version, found.modified,
            found.rights, (PartOf(addresses.manifest(found.name), found.label),),
        )  # fmt: skip

    return find


def _replay(body: bytes) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive
