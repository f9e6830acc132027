"""The dispatcher: which surface answers, and that no client can hold a thread."""

import asyncio
import contextlib
import gc
import threading
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest
from a2wsgi import WSGIMiddleware
from flask import Flask, Response
from flask import request as asked

from server import asgi
from server.asgi import Dispatcher, create_application
from server.catalogue.session import Catalogue
from server.errors import CatalogueError, SettingsError
from server.search.library.find import Library
from server.settings import Settings, load_settings
from tests.support.asgi import Answered, request, scope_of
from tests.support.publications import Shelf, make_postcard
from tests.support.searching import BASE as LIBRARY_BASE
from tests.support.searching import make_item, open_library, set_page

BASE = "http://127.0.0.1:8000"


def surface(name: str) -> Callable[..., Any]:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": name.encode()})

    return answer


@pytest.fixture
def flask() -> Flask:
    app = Flask("pages")

    @app.route("/<path:path>", methods=["GET", "POST"])
    def echo(path: str) -> Response:
        return Response(f"{path}|{asked.query_string.decode()}|{asked.get_data(as_text=True)}")

    return app


def dispatcher(flask: Flask, close: Callable[[], None] = lambda: None) -> Dispatcher:
    prefixes = {
        "image": "/iiif/image/",
        "presentation": "/iiif/presentation/",
        "discovery": "/iiif/discovery/",
        "search": "/iiif/search/",
        "renderings": "/renderings/",
        "static": "/static/",
    }
    return Dispatcher(
        [(prefix, surface(name)) for name, prefix in prefixes.items()],
        WSGIMiddleware(cast("Any", flask.wsgi_app), workers=1),
        close,
    )


def ask(flask: Flask, target: str, **more: Any) -> Answered:
    async def run() -> Answered:
        return await request(dispatcher(flask), target, **more)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("target", "answers"),
    [
        ("/iiif/image/3/x.f1/info.json", b"image"),
        ("/iiif/presentation/3/x/manifest", b"presentation"),
        ("/iiif/discovery/1/all-changes", b"discovery"),
        ("/iiif/search/2/x?q=a", b"search"),
        ("/static/site.css", b"static"),
        ("/renderings/x/document.pdf", b"renderings"),
        ("/iiif/imagery", b"iiif/imagery||"),
        ("/fr/?a=b", b"fr/|a=b|"),
        ("/statical", b"statical||"),
        ("/ark:/99999/x", b"ark:/99999/x||"),
    ],
)
def test_the_path_says_which_surface_answers(flask: Flask, target: str, answers: bytes) -> None:
    assert ask(flask, target).body == answers


@pytest.mark.parametrize(
    ("accept", "answers"),
    [("text/html,application/xhtml+xml,application/xml;q=0.9", b"oai/gallica||"), ("*/*", b"harvest")],
)
def test_who_reads_a_repository_gets_a_page_and_who_harvests_it_does_not(
    flask: Flask, accept: str, answers: bytes
) -> None:
    application = Dispatcher(
        [("/oai/", surface("harvest"))], WSGIMiddleware(cast("Any", flask.wsgi_app), workers=1), lambda: None
    )
    asking = request(application, "/oai/gallica", headers={"accept": accept})
    assert asyncio.run(asking).body == answers


def test_a_query_in_any_bytes_reaches_the_pages_as_ascii(flask: Flask) -> None:
    assert ask(flask, "/x?q=é&r=%C3%A9").body == b"x|q=%C3%A9&r=%C3%A9|"


def test_a_body_is_handed_over_whole(flask: Flask) -> None:
    answered = ask(flask, "/oai", method="POST", body=b"verb=Identify", headers={"content-length": "13"})
    assert answered.body == b"oai||verb=Identify"


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_beyond_sense_is_413(flask: Flask, announced: bool) -> None:
    body = bytes(asgi.MAX_BODY + 1)
    headers = {"content-length": str(len(body))} if announced else {}
    answered = ask(flask, "/oai", method="POST", body=body, headers=headers)
    assert answered.status == 413
    assert answered.lines("access-control-allow-origin") == ["*"]


def test_a_body_that_never_comes_is_408_and_takes_no_thread(flask: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "BODY_SECONDS", 0.01)
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    async def run() -> bytes:
        application = dispatcher(flask)
        slow = [application(scope_of("/oai", "POST"), never, send) for _ in range(20)]
        *_, page = await asyncio.gather(*slow, request(application, "/fr/"))
        assert isinstance(page, Answered)
        return page.body

    assert asyncio.run(run()) == b"fr/||"
    statuses = [message["status"] for message in sent if message["type"] == "http.response.start"]
    assert statuses == [408] * 20


def test_a_client_that_went_away_is_let_go(flask: Flask) -> None:
    sent: list[Any] = []

    async def gone() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def run() -> None:
        await dispatcher(flask)(scope_of("/oai", "POST"), gone, send)

    asyncio.run(run())
    assert sent == []


def test_a_worker_starts_and_ends(flask: Flask) -> None:
    closed: list[bool] = []
    sent: list[str] = []
    messages = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Any:
        return {"type": next(messages)}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def run() -> None:
        await dispatcher(flask, lambda: closed.append(True))({"type": "lifespan"}, receive, send)

    asyncio.run(run())
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert closed == [True]


def test_what_is_read_ahead_holds_no_start_up(flask: Flask) -> None:
    begun, may_end = Event(), Event()
    order: list[str] = []

    def warm() -> None:
        begun.set()
        may_end.wait(20)
        order.append("warm")

    messages = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Any:
        return {"type": next(messages)}

    async def send(message: Any) -> None:
        order.append(message["type"])

    pages = WSGIMiddleware(cast("Any", flask.wsgi_app))
    asyncio.run(Dispatcher((), pages, lambda: None, None, warm)({"type": "lifespan"}, receive, send))
    assert begun.wait(20)
    may_end.set()
    assert order == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_the_first_search_of_a_worker_finds_its_documents_read(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = open_library(sqlite_url)
    held.put(make_item("v1echo", 1), {1: set_page("un")})
    read: list[list[str]] = []
    done = Event()
    warm = Library.warm

    def watch(library: Library, connection: Any) -> None:
        warm(library, connection)
        read.append([each.name for each in library.mirror.documents.values()])
        done.set()

    monkeypatch.setattr(Library, "warm", watch)
    settings = load_settings(base_url=LIBRARY_BASE, database_url=sqlite_url, home_dir=tmp_path)
    application = create_application(settings)
    _live(application, ["lifespan.startup"])
    assert done.wait(20)
    assert read == [["v1echo"]]
    _live(application, ["lifespan.shutdown"])
    gc.unfreeze()
    held.service.close()
    held.catalogue.close()


def _live(application: Dispatcher, events: list[str]) -> None:
    """Let an application live through some events of its worker."""
    left = iter(events)

    async def receive() -> Any:
        told = next(left, None)
        return {"type": told} if told else await asyncio.Event().wait()

    async def run() -> None:
        sent = asyncio.Event()

        async def send(_message: Any) -> None:
            sent.set()

        living = asyncio.ensure_future(application({"type": "lifespan"}, receive, send))
        await sent.wait()
        living.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await living

    asyncio.run(run())


def test_a_web_socket_is_closed(flask: Flask) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def run() -> None:
        await dispatcher(flask)({"type": "websocket", "path": "/"}, None, send)  # type: ignore[arg-type]

    asyncio.run(run())
    assert sent == ["websocket.close"]


@pytest.fixture
def prepared(settings: Settings) -> Settings:
    """Settings of an installation that has published under them."""
    settings.home_dir.mkdir()
    catalogue = Catalogue(settings.database)
    shelf = Shelf(catalogue)
    shelf.prepare(BASE)
    shelf.put(make_postcard())
    catalogue.close()
    return settings


def test_the_whole_server_answers(prepared: Settings) -> None:
    async def run() -> list[Answered]:
        application = create_application(prepared)
        targets = ("/fr/", "/static/site.css", "/iiif/presentation/3/collection/top", "/iiif/image/3/none/info.json")
        answers = [await request(application, target) for target in (*targets, "/healthz", "/oai?verb=Identify", "/x")]
        application.close()
        return answers

    answers = asyncio.run(run())
    assert [answered.status for answered in answers] == [200, 200, 200, 404, 200, 200, 404]
    for answered in answers:
        assert answered.lines("access-control-allow-origin") == ["*"]
        assert answered.lines("cross-origin-resource-policy") == ["cross-origin"]


def test_at_its_end_every_thread_of_a_surface_goes(prepared: Settings) -> None:
    async def run() -> tuple[Dispatcher, list[threading.Thread]]:
        before = set(threading.enumerate())
        application = create_application(prepared)
        document = "/iiif/presentation/3/v1bcdfg0"
        for target in (f"{document}/manifest", f"{document}/canvas/f1", "/iiif/discovery/1/all-changes"):
            await request(application, target)
        begun = [thread for thread in threading.enumerate() if thread not in before]
        application.close()
        return application, begun

    application, begun = asyncio.run(run())  # held: the threads of what nobody holds go by themselves
    names = {thread.name.partition("_")[0] for thread in begun}
    assert {"presentation", "parts", "discovery"} <= names
    for thread in begun:
        if thread.name.startswith(("presentation", "parts", "discovery")):
            thread.join(5)
            assert not thread.is_alive(), thread.name
    assert application is not None


NUL = (
    "/%00", "/logos/%00.svg", "/logos/x%00.svg", "/fr/collections/%00", "/fr/collections/x?page=%00", "/ark:/99999/%00",
    "/ark:/%00/x", "/fr/ark:/99999/v1bcdfg0/%00", "/nothing?x=%00", "/viewer?iiif-content=%00",
    "/iiif/image/3/%00/info.json", "/iiif/image/3/a%00/full/max/0/default.jpg",
    "/iiif/image/3/x/%00/max/0/default.jpg", "/iiif/image/3/x/full/max/0/default.%00", "/iiif/presentation/3/%00/manifest",
    "/iiif/presentation/3/collection/%00", "/iiif/presentation/3/v1bcdfg0/canvas/%00", "/static/%00",
    "/oai?verb=%00", "/oai?verb=Identify&%00=x", "/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=%00",
    "/oai?verb=GetRecord&metadataPrefix=%00&identifier=oai:x:y", "/oai?verb=ListMetadataFormats&identifier=oai:x:%00",
    "/oai?verb=ListRecords&metadataPrefix=oai_dc&set=%00", "/oai?verb=ListRecords&metadataPrefix=oai_dc&from=%00",
    "/oai?verb=ListRecords&resumptionToken=%00", "/%00?verb=Identify",
)  # fmt: skip


def test_a_nul_is_refused_everywhere(settings: Settings, database_url: str) -> None:
    settings.home_dir.mkdir()
    catalogue = Catalogue(database_url)
    shelf = Shelf(catalogue)
    shelf.prepare(BASE)
    shelf.put(make_postcard())
    catalogue.close()

    async def run() -> dict[str, Answered]:
        changed = {"database_url": database_url, "secret_key": ("a long random text, the same everywhere",)}
        application = create_application(settings.model_copy(update=changed))
        answers = {target: await request(application, target) for target in NUL}
        named = "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai%3Avitrine.example.org%3A%00"
        sent = {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(named))}
        answers["POST"] = await request(application, "/oai", method="POST", body=named.encode(), headers=sent)
        application.close()
        return answers

    for target, answered in asyncio.run(run()).items():
        if target.startswith("/oai") or target == "POST":
            assert (target, answered.status) == (target, 200)
            assert b"<error code=" in answered.body
        else:
            assert (target, answered.status in (400, 404)) == (target, True)
        assert answered.lines("access-control-allow-origin") == ["*"]


@pytest.mark.parametrize(
    ("changed", "remedy"),
    [
        ({"base_url": "https://new.test"}, "vitrine rebase https://new.test"),
        ({"repository_id": "other.test"}, "set VITRINE_REPOSITORY_ID=vitrine.example.org"),
        ({"naan": "12345"}, "set VITRINE_NAAN=99999"),
    ],
)
def test_it_does_not_start_under_other_addresses(prepared: Settings, changed: dict[str, str], remedy: str) -> None:
    values = {"base_url": BASE, "home_dir": prepared.home_dir, **changed}
    with pytest.raises(SettingsError) as refused:
        create_application(load_settings(**values))
    assert remedy in str(refused.value)


def test_it_does_not_start_without_a_catalogue(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError):
        create_application(load_settings(home_dir=tmp_path, base_url=BASE))
