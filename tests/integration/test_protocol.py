"""What is ready is written at once by `server/protocol.py`: to a client it must look like every other response."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import free_port, running

READY, USUAL, LARGE, BROKEN = "/ready", "/usual", "/large", "/broken"
LARGE_BYTES, LARGE_COUNT = 200_000, 200
APPLICATION = f"""
HEADERS = ((b"content-type", b"text/plain"), (b"x-kind", b"ready"))


class Application:
    def ready(self, path, headers):
        if path == b"{LARGE}":
            return ((b"content-length", b"{LARGE_BYTES}"),), b"x" * {LARGE_BYTES}
        if path == b"{BROKEN}":
            raise ValueError("broken")
        if path == b"{READY}" and all(name != b"x-think" for name, _ in headers):
            return (*HEADERS, (b"content-length", b"5")), b"ready"
        return None

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            if scope["path"] == "{BROKEN}":
                raise ValueError("broken")
            body = b""
            while True:
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body"):
                    break
            said = b"usual " + scope["method"].encode() + b" " + body
            length = (b"content-length", str(len(said)).encode())
            await send({{"type": "http.response.start", "status": 200, "headers": [*HEADERS[:1], length]}})
            await send({{"type": "http.response.body", "body": said}})


def create_application():
    return Application()
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A gunicorn with our worker and an application of a few lines."""
    folder = tmp_path_factory.mktemp("protocol")
    (folder / "tiny.py").write_text(APPLICATION, encoding="utf-8")
    (folder / "options.py").write_text("", encoding="utf-8")  # rather than the options of the product
    chosen = free_port()
    command: list[str | Path] = [
        sys.executable, "-m", "gunicorn", "tiny:create_application()", "--bind", f"127.0.0.1:{chosen}", "--workers", "1",
        "--worker-class", "server.worker.Worker", "--no-control-socket", "--chdir", folder, "--keep-alive", "30",
        "--asgi-lifespan", "off", "--config", folder / "options.py",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    log = folder / "log"
    with running(command, log, lambda: b"Listening at" in log.read_bytes(), env=environment):
        yield chosen


class Talk:
    """A connection over which bytes are sent as they are written here."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.reader = self.socket.makefile("rb")

    def send(self, *requests: str) -> None:
        self.socket.sendall("".join(requests).encode("latin-1"))

    def answer(self, *, has_body: bool = True) -> tuple[bytes, dict[str, str], bytes]:
        """Return the status line, the headers and the body of the next response."""
        status = self.reader.readline().rstrip()
        headers = {}
        while line := self.reader.readline().decode("latin-1").rstrip():
            name, _, value = line.partition(": ")
            assert name.lower() not in headers, f"{name} twice"
            headers[name.lower()] = value
        return status, headers, self.reader.read(int(headers["content-length"])) if has_body else b""

    def is_closed(self) -> bool:
        return self.reader.read(1) == b""


@pytest.fixture
def talk(port: int) -> Iterator[Talk]:
    opened = Talk(port)
    yield opened
    opened.reader.close()
    opened.socket.close()


def request(path: str = READY, method: str = "GET", body: str = "", *lines: str, version: str = "1.1") -> str:
    length = (f"Content-Length: {len(body)}",) if body else ()
    return "\r\n".join((f"{method} {path} HTTP/{version}", "Host: vitrine.test", *length, *lines, "", body))


def test_a_ready_answer_has_what_gunicorn_adds_to_others(talk: Talk) -> None:
    talk.send(request())
    status, headers, body = talk.answer()
    talk.send(request(USUAL))
    usual_status, usual, usual_body = talk.answer()
    assert (status, body, headers.pop("x-kind")) == (b"HTTP/1.1 200 OK", b"ready", "ready")
    assert (usual_status, usual_body) == (status, b"usual GET ")
    assert set(headers) == set(usual)
    assert headers["server"] == usual["server"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (request(body="hello"), b"usual GET hello"),
        (request(method="POST", body="hello"), b"usual POST hello"),
        (request(READY + "?q=1"), b"usual GET "),
        (request(READY, "GET", "", "X-Think: yes"), b"usual GET "),
        (request(READY, "GET", "", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n", b"usual GET hello"),
    ],
    ids=["body", "post", "query", "declined", "chunked"],
)
def test_what_is_no_plain_get_goes_the_usual_way_and_the_connection_lives(talk: Talk, asked: str, said: bytes) -> None:
    talk.send(asked)
    assert talk.answer()[2] == said
    talk.send(request())
    assert talk.answer()[2] == b"ready"


def test_head_has_no_body(talk: Talk) -> None:
    talk.send(request(method="HEAD"), request())
    assert talk.answer(has_body=False)[0] == b"HTTP/1.1 200 OK"
    assert talk.answer()[2] == b"ready"


def test_many_requests_sent_ahead_are_answered_in_their_order(talk: Talk) -> None:
    talk.send(*(request(READY if number % 3 else USUAL) for number in range(300)))
    bodies = [talk.answer()[2] for _ in range(300)]
    assert bodies == [b"ready" if number % 3 else b"usual GET " for number in range(300)]


def test_a_connection_is_closed_where_the_client_asks_for_it(talk: Talk) -> None:
    talk.send(request(READY, "GET", "", "Connection: close"))
    _, headers, body = talk.answer()
    assert (headers["connection"], body) == ("close", b"ready")
    assert talk.is_closed()


def test_an_old_client_is_answered_and_let_go(talk: Talk) -> None:
    talk.send(request(version="1.0"))
    assert talk.answer()[2] == b"usual GET "
    assert talk.is_closed()


def test_a_client_that_does_not_read_is_waited_for_and_loses_nothing(talk: Talk, port: int) -> None:
    talk.send(*(request(LARGE) for _ in range(LARGE_COUNT)))  # 40 MB of answers, far more than the buffers on the way
    other = Talk(port)
    for _ in range(50):
        other.send(request())
        assert other.answer()[2] == b"ready"
    other.socket.close()
    assert all(len(talk.answer()[2]) == LARGE_BYTES for _ in range(LARGE_COUNT))


def test_a_request_that_is_not_understood_is_refused(talk: Talk) -> None:
    talk.send(request(), "GET \x01 HTTP/1.1\r\nHost: vitrine.test\r\n\r\n")
    assert talk.answer()[2] == b"ready"
    assert talk.answer()[0].startswith(b"HTTP/1.1 400")
    assert talk.is_closed()


def test_what_fails_is_a_500_and_no_silence(talk: Talk) -> None:
    talk.send(request(BROKEN))
    assert talk.answer()[0] == b"HTTP/1.1 500 Internal Server Error"
