"""Asking an ASGI application without a server."""

import asyncio
import atexit
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes


@dataclass
class Answered:
    """A response as it was sent: every header line, and the body in one piece."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return a header, its lines joined; empty where it is absent."""
        return ", ".join(self.lines(name))

    def lines(self, name: str) -> list[str]:
        """Return every line of a header."""
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True, slots=True)
class Got:
    """A response as a client's library shows it."""

    status_code: int
    headers: dict[str, str]
    data: bytes

    def get_data(self) -> bytes:
        """Return the body."""
        return self.data

    @property
    def content_type(self) -> str:
        """Return the header."""
        return self.headers.get("Content-Type", "")

    @property
    def content_encoding(self) -> str | None:
        """Return the header, None where it is absent."""
        return self.headers.get("Content-Encoding")


class Client:
    """Asks an ASGI application from where no event loop runs."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self.application = application

    def get(self, target: str, headers: Mapping[str, str] | None = None) -> Got:
        """Ask by GET."""
        return self.send("GET", target, headers)

    def head(self, target: str, headers: Mapping[str, str] | None = None) -> Got:
        """Ask by HEAD."""
        return self.send("HEAD", target, headers)

    def post(self, target: str, *, data: str | bytes, content_type: str = "") -> Got:
        """Ask by POST."""
        return self.send(
            "POST", target, {"Content-Type": content_type}, data if isinstance(data, bytes) else data.encode()
        )

    def send(self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Got:
        """Send one request on the loop that all share."""
        sent = {**(headers or {}), **({"Content-Length": str(len(body))} if body else {})}
        answered = _runner.run(request(self.application, target, method=method, headers=sent, body=body))
        named = {"-".join(part.capitalize() for part in name.split("-")): value for name, value in answered.headers}
        return Got(answered.status, named | ({"ETag": named["Etag"]} if "Etag" in named else {}), answered.body)


_runner = asyncio.Runner()
atexit.register(_runner.close)


def scope_of(target: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the ASGI scope of a request, as gunicorn makes it."""
    path, _, query = target.encode().partition(b"?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 40000),
    }


async def request(
    application: Callable[..., Awaitable[None]],
    target: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answered:
    """Ask an application and return what it answered."""
    answered = Answered()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered.status = message["status"]
            answered.headers = [(name.decode().lower(), value.decode("latin-1")) for name, value in message["headers"]]
        else:
            answered.body += message.get("body", b"")

    await application(scope_of(target, method, headers), receive, send)
    return answered
