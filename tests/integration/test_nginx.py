"""`deploy/nginx.conf` in a real nginx: what it caches, what it passes on, what it cuts off."""

import gzip
import http.client
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO

import pytest

from tests.support.nginx import Nginx, deployed
from tests.support.skips import REPOSITORY

HEADER_SECONDS = 10
MOST_CLIENTS = 4
"""In place of 512."""
CORS = (("Access-Control-Allow-Origin", "*"), ("Cross-Origin-Resource-Policy", "cross-origin"))


HTTP_2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client says first that knows that the server speaks HTTP/2 (RFC 9113 §3.3 and §3.4)."""
DATA, HEADERS, SETTINGS = 0, 1, 4
END_STREAM, ACK, END_HEADERS = 1, 1, 4
GET_OVER_HTTP, STATUS_200 = b"\x82\x86", 0x88
"""`:method: GET` with `:scheme: http`, and `:status: 200`, by their numbers in HPACK's static table (RFC 7541 A)."""


@dataclass
class Origin:
    """A server behind nginx that says what a test wants and remembers what it was asked."""

    port: int
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    status: int = 200
    max_age: int = 60
    shared_age: int | None = None
    goes_on: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def origin() -> Iterator[Origin]:
    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            encoding = self.headers.get("Accept-Encoding", "")
            state.asked.append((self.path, self.headers["Host"], encoding))
            body = gzip.compress(b"bytes") if encoding == "gzip" else b"bytes"
            if self.path == "/slow":
                state.goes_on.wait(20)
            if self.path in ("/slow", "/broken"):
                self.close_connection = True
                return
            self.send_response(state.status)
            for name, value in CORS:
                self.send_header(name, value)
            if state.status == 503:
                self.send_header("Retry-After", "30")
            shared = "" if state.shared_age is None else f", s-maxage={state.shared_age}"
            self.send_header("Cache-Control", f"public, max-age={state.max_age}{shared}")
            self.send_header("Vary", "Accept-Encoding")
            self.send_header("Content-Length", str(len(body)))
            if encoding == "gzip":
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            left = int(self.headers["Content-Length"])
            while left:
                left -= len(self.rfile.read(min(left, 2**20)))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    state = Origin(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield state
    state.goes_on.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def edge(origin: Origin, nginx: Callable[[str, int], Nginx], free_port: int) -> Nginx:
    text = deployed(
        free_port,
        origin.port,
        ("proxy_read_timeout 60s;", "proxy_read_timeout 1s;"),
        ("limit_conn clients 512;", f"limit_conn clients {MOST_CLIENTS};"),
    )
    return nginx(text, free_port)


def get(edge: Nginx, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", int(edge.url.rsplit(":", 1)[1]), timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=named)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def test_what_may_be_cached_is_asked_for_once(edge: Nginx, origin: Origin) -> None:
    answers = [get(edge, "/iiif/image/3/a.f1/info.json") for _ in range(3)]
    assert [headers["X-Cache"] for _, headers, _ in answers] == ["MISS", "HIT", "HIT"]
    assert len(origin.asked) == 1


def test_a_query_or_another_name_is_the_same_image(edge: Nginx, origin: Origin) -> None:
    path = "/iiif/image/3/a.f1/full/max/0/default.jpg"
    asked = [get(edge, path), get(edge, f"{path}?1"), get(edge, f"{path}?2=%3F"), get(edge, path, Host="b.example.org")]
    assert [headers["X-Cache"] for _, headers, _ in asked] == ["MISS", "HIT", "HIT", "HIT"]
    queried = [get(edge, f"/iiif/search/2/a?q={word}") for word in ("pont", "canal", "pont")]
    assert [headers["X-Cache"] for _, headers, _ in queried] == ["MISS", "MISS", "HIT"]
    assert len(origin.asked) == 3


def test_what_may_not_be_cached_is_asked_for_each_time(edge: Nginx, origin: Origin) -> None:
    origin.max_age = 0
    for _ in range(3):
        get(edge, "/fr/")
    assert len(origin.asked) == 3


def test_a_withdrawal_is_seen_when_the_cached_answer_is_old(edge: Nginx, origin: Origin) -> None:
    origin.max_age = 1
    assert get(edge, "/ark:/99999/v1x")[0] == 200
    origin.status = 410
    assert get(edge, "/ark:/99999/v1x")[0] == 200
    limit = time.monotonic() + 10
    while get(edge, "/ark:/99999/v1x")[0] != 410:
        assert time.monotonic() < limit, "the edge still shows what was withdrawn"


def test_the_edge_keeps_for_its_part_of_the_time_and_tells_browsers_theirs(edge: Nginx, origin: Origin) -> None:
    origin.max_age, origin.shared_age = 600, 1
    _, headers, _ = get(edge, "/iiif/image/3/a.f1/info.json")
    assert headers["Cache-Control"] == "public, max-age=600, s-maxage=1"
    origin.status = 410
    limit = time.monotonic() + 10
    while get(edge, "/iiif/image/3/a.f1/info.json")[0] != 410:
        assert time.monotonic() < limit, "the edge goes by the age of browsers"
    origin.status, origin.max_age, origin.shared_age = 200, 0, 60
    answers = [get(edge, "/iiif/image/3/a.f2/info.json") for _ in range(2)]
    assert [headers["X-Cache"] for _, headers, _ in answers] == ["MISS", "HIT"]
    assert "Age" not in answers[1][1], "where nginx tells how old a copy is, browsers could have the whole time"


def test_each_encoding_is_cached_by_itself_and_however_it_is_spelt(edge: Nginx, origin: Origin) -> None:
    spelt = ("gzip", "gzip, deflate", "deflate, gzip;q=1.0")
    for accepted in spelt:
        _, headers, body = get(edge, "/static/style.css", Accept_Encoding=accepted)
        assert headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(body) == b"bytes"
    for accepted in ("identity", "gzip;q=0"):
        assert get(edge, "/static/style.css", Accept_Encoding=accepted)[2] == b"bytes"
    assert {encoding for _, _, encoding in origin.asked} == {"gzip", ""}


def test_brotli_is_preferred(edge: Nginx, origin: Origin) -> None:
    get(edge, "/a", Accept_Encoding="gzip, deflate, br, zstd")
    assert origin.asked[0][2] == "br"


@pytest.mark.parametrize(
    "path",
    [
        "/ark:/99999/v1b7xk2/f12",
        "/iiif/image/3/a%2Fb/full/max/0/default.jpg",
        "/iiif/image/3/a.f1/pct:10,10,50,50/!200,200/0/default.jpg",
        "/iiif//image",
        "/oai?verb=GetRecord&identifier=oai%3Aexample.org%3Av1",
    ],
)
def test_the_address_is_passed_on_as_it_was_written(edge: Nginx, origin: Origin, path: str) -> None:
    get(edge, path, Host="collections.example.org")
    assert origin.asked[0][:2] == (path, "collections.example.org")


def test_a_body_is_limited(edge: Nginx, origin: Origin) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(edge.url.rsplit(":", 1)[1]), timeout=10)
    connection.request("POST", "/", body=b"x" * 70_000)
    assert connection.getresponse().status == 413
    connection.close()
    assert origin.asked == []


def test_a_body_for_the_protocol_is_answered_by_the_protocol(edge: Nginx, origin: Origin) -> None:
    for size, status in ((10 * 2**20, 200), (17 * 2**20, 413)):
        connection = http.client.HTTPConnection("127.0.0.1", int(edge.url.rsplit(":", 1)[1]), timeout=10)
        connection.request("POST", "/oai", body=b"x" * size)
        assert connection.getresponse().status == status
        connection.close()
    assert [path for path, _, _ in origin.asked] == ["/oai"]


def test_a_half_sent_request_is_cut_off(edge: Nginx) -> None:
    configured = re.search(r"client_header_timeout (\d+)s;", (REPOSITORY / "deploy" / "nginx.conf").read_text())
    assert configured
    assert int(configured[1]) == HEADER_SECONDS
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", int(edge.url.rsplit(":", 1)[1])), HEADER_SECONDS + 10) as half:
        half.sendall(b"GET / HTTP/1.1\r\nHost: example.org\r\nX-Slow")
        with pytest.raises(ConnectionResetError):
            half.recv(100)
    assert time.monotonic() - started < HEADER_SECONDS + 5


def ask_for_lines(edge: Nginx, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, list[str]]]:
    connection = http.client.HTTPConnection("127.0.0.1", int(edge.url.rsplit(":", 1)[1]), timeout=10)
    try:
        connection.request(method, path, body=body or None)
        response = connection.getresponse()
        response.read()
        return response.status, {name: response.headers.get_all(name) or [] for name in response.headers}
    finally:
        connection.close()


def must_be_readable_everywhere(lines: dict[str, list[str]]) -> None:
    for name, value in CORS:
        assert lines[name] == [value]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/", b"x" * 70_000, 413),
        ("GET", "/" + "x" * 20_000, b"", 414),
        ("GET", "/broken", b"", 502),
        ("GET", "/slow", b"", 504),
    ],
    ids=["413", "414", "502", "504"],
)
def test_errors_of_nginx_can_be_read_by_scripts_of_other_sites(
    edge: Nginx, method: str, path: str, body: bytes, status: int
) -> None:
    answered, lines = ask_for_lines(edge, method, path, body)
    assert answered == status
    must_be_readable_everywhere(lines)
    assert lines["Cache-Control"] == ["no-store"]
    assert lines.get("Retry-After", []) == (["5"] if status >= 500 else [])


@pytest.mark.parametrize("status", [200, 410, 503])
def test_what_the_server_says_is_not_said_twice(edge: Nginx, origin: Origin, status: int) -> None:
    origin.status = status
    for state in ("MISS", "HIT"):
        answered, lines = ask_for_lines(edge, "GET", "/iiif/image/3/a.f1/info.json")
        assert answered == status
        must_be_readable_everywhere(lines)
        assert lines["X-Cache"] == [state]
        assert lines["Cache-Control"] == ["public, max-age=60"]
        assert lines.get("Retry-After", []) == (["30"] if status == 503 else [])


def test_one_client_does_not_take_every_connection(edge: Nginx) -> None:
    port = int(edge.url.rsplit(":", 1)[1])
    with ExitStack() as stack:
        for _ in range(MOST_CLIENTS):
            held = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            held.sendall(b"POST /oai HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
            assert held.recv(12) == b"HTTP/1.1 100", "it waits for the body"
        answered, lines = ask_for_lines(edge, "GET", "/fr/")
    assert answered == 429
    assert lines["Retry-After"] == ["5"]
    must_be_readable_everywhere(lines)


def test_one_connection_of_http_2_carries_several_requests(edge: Nginx, origin: Origin) -> None:
    paths = {1: b"/iiif/image/3/a.f1/0,0,512,512/512,512/0/default.jpg", 3: b"/iiif/image/3/a.f1/info.json", 5: b"/fr/"}
    port = int(edge.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), 10) as connection, connection.makefile("rb") as answers:
        connection.sendall(HTTP_2 + frame(SETTINGS, 0, 0))
        for stream, path in paths.items():
            asked = GET_OVER_HTTP + b"\x04%c%b\x01\x0bexample.org" % (len(path), path)
            connection.sendall(frame(HEADERS, END_HEADERS | END_STREAM, stream, asked))
        statuses, bodies, unfinished = {}, dict.fromkeys(paths, b""), set(paths)
        while unfinished:
            kind, flags, stream, payload = next_frame(answers)
            if kind == HEADERS:
                statuses[stream] = (
                    payload[0] if payload[0] & 0xE0 != 0x20 else payload[1]
                )  # a size of the table goes first
            elif kind == DATA:
                bodies[stream] += payload
            elif kind == SETTINGS and not flags & ACK:
                connection.sendall(frame(SETTINGS, ACK, 0))
            if kind in (HEADERS, DATA) and flags & END_STREAM:
                unfinished.remove(stream)
    assert statuses == dict.fromkeys(paths, STATUS_200)
    assert bodies == dict.fromkeys(paths, b"bytes")
    assert {(path.encode(), host) for path, host, _ in origin.asked} == {
        (path, "example.org") for path in paths.values()
    }


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Return a frame of HTTP/2 (RFC 9113 §4.1)."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def next_frame(connection: BinaryIO) -> tuple[int, int, int, bytes]:
    """Read a frame: its type, flags, stream and payload."""
    head = connection.read(9)
    assert len(head) == 9, "the connection ended"
    kind, flags, stream = struct.unpack(">BBI", head[3:])
    return kind, flags, stream, connection.read(int.from_bytes(head[:3], "big"))
