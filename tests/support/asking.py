"""Asking an ASGI application in this process, strictly: every message is checked as a server would.

`tests/support/asgi.py` is the plain way; this one also keeps the pieces of the body and fails on a malformed exchange.
"""

import asyncio
import atexit
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as received: header names in lower case, each with all its values; `chunks` are the parts of the body."""

    status: int
    headers: dict[str, list[str]]
    chunks: tuple[bytes, ...]

    @property
    def body(self) -> bytes:
        """The body whole."""
        return b"".join(self.chunks)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")

    def header(self, name: str) -> str:
        """The one value of a header. Fails where it is absent or doubled."""
        (value,) = self.headers[name]
        return value


async def ask(
    application: Any,
    path: str | bytes,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    method: str = "GET",
    gone: asyncio.Event | None = None,
) -> Answer:
    """Send one request with the path exactly as written; `gone` is set when the client goes away."""
    raw = path.encode("latin-1") if isinstance(path, str) else path
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(raw.partition(b"?")[0]).decode("utf-8", "replace"),
        "raw_path": raw,
        "query_string": raw.partition(b"?")[2],
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), *((k.lower().encode(), v.encode()) for k, v in pairs)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    status, done = 0, False
    found: dict[str, list[str]] = {}
    chunks: list[bytes] = []

    messages = 0

    async def receive() -> dict[str, Any]:
        nonlocal messages
        messages += 1
        if messages > 1:
            await (gone or asyncio.Event()).wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, done
        assert not done
        if message["type"] == "http.response.start":
            assert not status
            status = message["status"]
            for name, value in message["headers"]:
                assert isinstance(name, bytes)
                assert isinstance(value, bytes)
                assert name == name.lower()
                found.setdefault(name.decode(), []).append(value.decode("latin-1"))
        else:
            assert status
            assert isinstance(message.get("body", b""), bytes)
            chunks.append(message.get("body", b""))
            done = not message.get("more_body", False)

    await application(scope, receive, send)
    assert done
    return Answer(status, found, tuple(chunks))


def ask_now(
    application: Any,
    path: str | bytes,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    method: str = "GET",
) -> Answer:
    """Send one request from where no event loop runs: on one loop for all, as a server has it."""
    return _runner.run(ask(application, path, headers, method))


_runner = asyncio.Runner()
atexit.register(_runner.close)
