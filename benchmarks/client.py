"""A small HTTP/1.1 client over one kept connection, that sends a target exactly as it is written.

A browser's library would clean addresses up; what must be asked here may be dirty.
"""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its status, its header lines with names in lower case, its body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header, its lines joined; empty where it is absent."""
        return ", ".join(value for key, value in self.headers if key == name)


class Client:
    """One connection to 127.0.0.1, opened again when the server closes it. Use it as an asynchronous context.

    A connection that breaks is an error, also one that was kept: servers say `Connection: close` when they mean to.
    """

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._port, self._host = port, host
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def get(self, target: str | bytes, *, method: str = "GET", headers: tuple[str, ...] = ()) -> Answer:
        """Send one request. Raises OSError or asyncio.IncompleteReadError where the connection breaks."""
        raw = target.encode("latin-1") if isinstance(target, str) else target
        lines = "".join(f"{line}\r\n" for line in headers).encode("latin-1")
        request = (
            method.encode() + b" " + raw + b" HTTP/1.1\r\nHost: " + self._host.encode() + b"\r\n" + lines + b"\r\n"
        )
        try:
            return await self._exchange(request, method)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            raise

    async def _exchange(self, request: bytes, method: str) -> Answer:
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        reader = self._reader
        self._writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ", 2)[1])
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
        answer = Answer(status, headers, b"")
        body = b"" if method == "HEAD" or status in (204, 304) else await self._body(reader, answer)
        if answer.header("connection").lower() == "close":
            self.close()
        return Answer(status, headers, body)

    async def _body(self, reader: asyncio.StreamReader, answer: Answer) -> bytes:
        if "chunked" in answer.header("transfer-encoding").lower():
            parts = []
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                parts.append(await reader.readexactly(size))
                await reader.readexactly(2)
            while (await reader.readuntil(b"\r\n")) != b"\r\n":
                pass
            return b"".join(parts)
        length = answer.header("content-length")
        if length:
            return await reader.readexactly(int(length))
        body = await reader.read()
        self.close()
        return body
