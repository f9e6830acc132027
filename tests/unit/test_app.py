"""What every response of Flask shares, whoever made it."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from server import app as app_module
from server.app import StreamedResponse, create_app
from server.catalogue.session import Catalogue
from server.errors import StorageError
from server.settings import load_settings
from server.storage.local import LocalStorage
from tests.support.publications import Shelf, make_postcard

BASE = "http://vitrine.test"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    catalogue = Catalogue(f"sqlite:///{tmp_path_factory.mktemp('app') / 'catalogue.sqlite'}")
    shelf = Shelf(catalogue)
    shelf.prepare(BASE)
    shelf.put(make_postcard(), aliases={"ark": "ark:/12345/old"})
    yield catalogue
    catalogue.close()


@pytest.fixture
def flask(catalogue: Catalogue, tmp_path: Path) -> Flask:
    app = create_app(load_settings(base_url=BASE, home_dir=tmp_path), catalogue, LocalStorage(tmp_path / "storage"))
    app.testing = True
    return app


@pytest.fixture
def client(flask: Flask) -> FlaskClient:
    return flask.test_client()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 302), ("/fr/", 200), ("/ark:/99999/v1bcdfg0", 200), ("/ark:/12345/old", 301), ("/nothing", 404),
        ("/fr/collections/x?page=x", 400), ("/healthz", 200),
        ("/readyz", 200), ("/viewer", 200), ("/viewer?iiif-content=x", 400),
    ],
)  # fmt: skip
def test_cors_and_security_headers_stand_once_on_every_response(client: FlaskClient, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    for name, value in (
        ("Access-Control-Allow-Origin", "*"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ):
        assert response.headers.getlist(name) == [value]
    (policy,) = response.headers.getlist("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("host", ["vitrine.test", "evil.test", "[", "a b"])
@pytest.mark.parametrize(
    ("path", "location"), [("/fr", "/fr/"), ("/en", "/en/"), ("/fr?a=b&c=%C3%A9", "/fr/?a=b&c=%C3%A9")]
)
def test_a_home_page_without_its_slash_leads_to_it_on_this_host(
    client: FlaskClient, method: str, host: str, path: str, location: str
) -> None:
    response = client.open(path, method=method, headers={"Host": host})
    assert (response.status_code, response.headers["Location"]) == (308, location)
    assert response.headers.getlist("Access-Control-Allow-Origin") == ["*"]
    assert "evil" not in response.text


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE"])
def test_other_methods_have_cors_too(client: FlaskClient, method: str) -> None:
    response = client.open("/fr/", method=method)
    assert response.status_code == (200 if method == "OPTIONS" else 405)
    assert response.headers.getlist("Access-Control-Allow-Origin") == ["*"]
    if method == "OPTIONS":
        assert "GET" in response.headers["Access-Control-Allow-Methods"]
    else:
        assert "GET" in response.headers["Allow"]


def test_a_page_that_did_not_change_is_304(client: FlaskClient) -> None:
    first = client.get("/fr/")
    tag = first.headers["ETag"]
    again = client.get("/fr/", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert again.headers.getlist("Access-Control-Allow-Origin") == ["*"]
    compressed = client.get("/fr/", headers={"If-None-Match": tag, "Accept-Encoding": "gzip"})
    assert compressed.status_code == 304
    assert client.get("/fr/", headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get("/en/").headers["ETag"] != tag


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 20 Nov 1995 19:12:08 +99999999999999999999", "Mon, 20 Nov 99999999999 19:12:08 GMT",
        "Mon, 99999999999999999999 Nov 1995 19:12:08 GMT", "yesterday", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "path",
    [
        "/fr/", "/ark:/99999/v1bcdfg0", "/sitemap.xml", "/nothing",
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_read_counts_as_absent(client: FlaskClient, path: str, date: str) -> None:
    usual = client.get(path)
    answered = client.get(path, headers={"If-Modified-Since": date})
    assert (answered.status_code, answered.content_length) == (usual.status_code, usual.content_length)
    assert answered.headers.getlist("Access-Control-Allow-Origin") == ["*"]


@pytest.mark.parametrize("path", ["/fr/", "/ark:/99999/v1bcdfg0", "/sitemap.xml"])
def test_a_page_claims_no_date_so_that_none_hides_what_it_shows(client: FlaskClient, path: str) -> None:
    late = {"If-Modified-Since": "Mon, 02 Mar 2099 08:00:00 GMT"}
    answered = client.get(path, headers=late)
    assert (answered.status_code, answered.data) == (200, client.get(path).data)
    assert "Last-Modified" not in answered.headers


@pytest.mark.parametrize("weight", ["nan", "inf", "-1", "1e400", "much"])
def test_a_weight_that_is_none_breaks_nothing(client: FlaskClient, weight: str) -> None:
    named = dict.fromkeys(("Accept", "Accept-Language"), f"x;q={weight}") | {"Accept-Encoding": f"gzip;q={weight}"}
    for path in ("/", "/fr/", "/nothing"):
        assert client.get(path, headers=named).status_code == client.get(path).status_code


def test_pages_are_compressed_for_those_who_take_it(client: FlaskClient) -> None:
    plain = client.get("/fr/")
    packed = client.get("/fr/", headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.content_length == len(packed.data)
    assert "Accept-Encoding" in plain.headers["Vary"]
    refused = client.get("/fr/", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_head_says_what_get_would(client: FlaskClient) -> None:
    head, get = client.head("/fr/"), client.get("/fr/")
    assert head.data == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    assert head.headers["ETag"] == get.headers["ETag"]


def test_a_view_that_streams_is_a_fault(flask: Flask) -> None:
    flask.add_url_rule("/stream", "stream", lambda: Response(part for part in ("a", "b")))
    with pytest.raises(StreamedResponse, match="stream returned a stream"):
        flask.test_client().get("/stream")


def test_health_says_that_the_process_is_up(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "up"})
    assert response.headers["Cache-Control"] == "no-store"


def test_readiness_names_what_failed(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/readyz").json == {"status": "ready", "faults": {}}

    def refuse(_storage: LocalStorage) -> None:
        raise StorageError("the store is full")

    monkeypatch.setattr(LocalStorage, "check", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json == {"status": "not ready", "faults": {"storage": "the store is full"}}


def test_a_database_that_is_gone_is_named(tmp_path: Path) -> None:
    catalogue = Catalogue(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    app = create_app(load_settings(base_url=BASE, home_dir=tmp_path), catalogue, LocalStorage(tmp_path / "storage"))
    response = app.test_client().get("/readyz")
    catalogue.close()
    assert response.status_code == 503
    assert response.json is not None
    assert list(response.json["faults"]) == ["database"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,*/*;q=0.8", "text/html"),
        ("application/json", "application/json"),
        ("*/*", "text/plain"),
        ("image/png", "text/plain"),
    ],
)
def test_a_failure_is_an_apology_without_a_trace(
    flask: Flask, caplog: pytest.LogCaptureFixture, accept: str, kind: str
) -> None:
    flask.testing = False

    def fail() -> str:
        raise RuntimeError("the secret cause")

    flask.add_url_rule("/fail", "fail", fail)
    response = flask.test_client().get("/fail", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (500, kind)
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert response.headers.getlist("Access-Control-Allow-Origin") == ["*"]
    assert "the secret cause" in caplog.text


def test_errors_speak_the_language_of_programs_too(client: FlaskClient) -> None:
    found = client.get("/ark:/99999/none", headers={"Accept": "application/json"})
    assert found.status_code == 404
    assert found.json == {"status": 404, "message": "There is no published item none."}


def test_an_identifier_in_a_sentence_keeps_its_case(client: FlaskClient) -> None:
    message = client.get("/ark:/99999/v1bcdfg0/x", headers={"Accept": "application/json"}).json
    assert message is not None
    assert message["message"].startswith("v1bcdfg0 has no ")


def test_only_texts_are_compressed() -> None:
    assert not any("image/jpeg".startswith(kind) for kind in app_module._COMPRESSED)
