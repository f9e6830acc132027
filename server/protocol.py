"""gunicorn's HTTP/1.1, but what the application has ready is written at once, without a task, a scope or a message.

An application may have a method `ready(path, headers)`, which must not wait and returns the headers and the body of a 200,
or None where it must be asked in the usual way. Tiles and info.json are such answers, and what gunicorn does for each ASGI
request costs several times what they cost. Must not import anything of ours.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol

Headers = tuple[tuple[bytes, bytes], ...]
Ready = Callable[[bytes, Iterable[tuple[bytes, bytes]]], tuple[Headers, bytes] | None]
"""Answers a GET without a body: from the path as it was sent, without its query, and the headers in lower case."""


class Protocol(ASGIProtocol):  # type: ignore[misc]  # gunicorn has no types
    """One connection."""

    def __init__(self, worker: Any) -> None:
        super().__init__(worker)
        is_watched = self.log.access_log_enabled or self._pre_request or self._post_request
        self._ready: Ready | None = None if is_watched or self._uses_uwsgi else getattr(worker.asgi, "ready", None)

    def end_if_idle(self) -> None:
        """Close the connection unless a request is being answered: of one whose head is still on its way nobody has heard."""
        if self._awaiting_request and not self._finishing_calls and not self._http1_buffered():
            self._keepalive_timeout()

    async def _serve_http_request(self, request: Any, sockname: Any, peername: Any) -> bool:
        if self._ready is not None and _is_plain(request) and not self._flow_control.write_paused and not self._closed:
            found = None
            with contextlib.suppress(Exception):  # the usual way meets it again, logs it and answers with a 500
                found = self._ready(request.raw_path, request.headers_bytes)
            if found is not None:
                return await self._write_ready(request, *found)
        keeps: bool = await super()._serve_http_request(request, sockname, peername)
        return keeps

    async def _write_ready(self, request: Any, headers: Headers, body: bytes) -> bool:
        """Write a response and return whether the connection is kept."""
        closes: bool = self._will_close(request, False)
        lines = [b"%b: %b\r\n" % header for header in headers]
        if closes:
            lines.append(b"connection: close\r\n")
        self._safe_write(b"".join((b"HTTP/1.1 200 OK\r\n", _date.line(), *lines, b"\r\n", body)))
        if self._flow_control.write_paused:
            await self._flow_control.drain()
        elif self._callback_parser.remaining():
            await asyncio.sleep(0)  # who sends many requests ahead must not keep the others waiting
        return not closes


def _is_plain(request: Any) -> bool:
    return (
        request.method == "GET"
        and request.version == (1, 1)
        and not request.content_length
        and not request.chunked
        and not request.query
    )


class _Date:
    """The Server and Date headers, made once a second."""

    def __init__(self) -> None:
        self._made, self._line = 0, b""

    def line(self) -> bytes:
        """Return both lines as they go out."""
        now = int(time.time())
        if now != self._made:
            self._made, self._line = (
                now,
                f"server: gunicorn/asgi\r\ndate: {formatdate(now, usegmt=True)}\r\n".encode("ascii"),
            )
        return self._line


_date = _Date()
