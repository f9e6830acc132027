"""How a server is broken on purpose: by an application around the real one.

It asks the real one for something else than was asked for, or sends something else than it got. It knows of the API only
what it needs to break it: how an image's address is made.
"""

import io
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image

Application = Callable[[Any, Any, Any], Awaitable[None]]
Info = dict[str, Any]
IMAGE = re.compile(r"(/iiif/image/[23]/[^/]+)/([^/]+)/([^/]+)/([^/]+)/([a-z]+)\.([a-z]+)")
BASE = re.compile(r"/iiif/image/[23]/[^/]+")


@dataclass(frozen=True)
class Sent:
    """A response on its way: header names in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def with_header(self, name: str, *values: str) -> "Sent":
        """Return it with these lines of a header instead of those it has."""
        kept = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=(*kept, *((name, value) for value in values)))

    def with_body(self, body: bytes) -> "Sent":
        """Return it with another body of the right length."""
        return replace(self, body=body).with_header("content-length", str(len(body)))

    @property
    def media_type(self) -> str:
        """What the body is said to be."""
        return dict(self.headers).get("content-type", "")


@dataclass(frozen=True)
class Asked:
    """A request: its path as text, and its headers."""

    path: str
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "GET"


@dataclass(frozen=True)
class Broken:
    """An application around another that asks it for something else, or sends something else."""

    application: Application
    ask: Callable[[Asked], Asked] = field(default=lambda asked: asked)
    send: Callable[[Asked, Sent], Sent] = field(default=lambda asked, sent: sent)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, wrongly."""
        headers = tuple((name.decode(), value.decode("latin-1")) for name, value in scope["headers"])
        asked = Asked(scope["raw_path"].decode("latin-1"), headers, scope["method"])
        other = self.ask(asked)
        changed = scope | {
            "raw_path": other.path.encode("latin-1"),
            "method": other.method,
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in other.headers],
        }
        messages: list[Any] = []

        async def keep(message: Any) -> None:
            messages.append(message)

        await self.application(changed, receive, keep)
        start, *bodies = messages
        pairs = tuple((name.decode(), value.decode("latin-1")) for name, value in start["headers"])
        found = self.send(asked, Sent(start["status"], pairs, b"".join(body.get("body", b"") for body in bodies)))
        lines = [(name.encode(), value.encode("latin-1")) for name, value in found.headers]
        await send({"type": "http.response.start", "status": found.status, "headers": lines})
        await send({"type": "http.response.body", "body": found.body, "more_body": False})


def parameters(change: Callable[[list[str]], list[str]]) -> Callable[[Asked], Asked]:
    """Return what changes region, size, rotation, quality and format of an image request, and leaves others alone."""

    def ask(asked: Asked) -> Asked:
        match = IMAGE.fullmatch(asked.path)
        if match is None:
            return asked
        base, *parts = match.groups()
        region, size, rotation, quality, form = change(parts)
        return replace(asked, path=f"{base}/{region}/{size}/{rotation}/{quality}.{form}")

    return ask


def numbers(text: str, count: int) -> list[int] | None:
    """Read whole numbers that stand between commas; None where they are none, or not so many."""
    parts = text.split(",")
    return [int(part) for part in parts] if len(parts) == count and all(part.isdecimal() for part in parts) else None


def infos(change: Callable[[Info], None]) -> Callable[[Asked, Sent], Sent]:
    """Return what changes info.json."""

    def send(asked: Asked, sent: Sent) -> Sent:
        if sent.status != 200 or not asked.path.endswith("/info.json") or "content-encoding" in dict(sent.headers):
            return sent
        if asked.method == "HEAD":
            return sent.with_header("content-length")
        info = json.loads(sent.body)
        change(info)
        body = json.dumps(info)  # compared as text: the order of the properties counts
        return sent if body == json.dumps(json.loads(sent.body)) else sent.with_body(body.encode())

    return send


def pictures(change: Callable[[Asked, Image.Image], Image.Image]) -> Callable[[Asked, Sent], Sent]:
    """Return what changes the pixels of images."""

    def send(asked: Asked, sent: Sent) -> Sent:
        if sent.status != 200 or not sent.media_type.startswith("image/") or not sent.body:
            return sent
        image = Image.open(io.BytesIO(sent.body))
        changed = change(asked, image)
        if changed is image:
            return sent
        changed.info.clear()  # what the file said of its compression would be believed of pixels of another kind
        file = io.BytesIO()
        changed.save(file, image.format or "PNG")
        return sent.with_body(file.getvalue())

    return send


Make = Callable[[Application], Broken]
"""What makes a broken server of the real one."""


def asking(ask: Callable[[Asked], Asked]) -> Make:
    """Return what makes a server that asks the real one for something else."""
    return lambda real: Broken(real, ask=ask)


def sending(send: Callable[[Asked, Sent], Sent]) -> Make:
    """Return what makes a server that sends something else than the real one."""
    return lambda real: Broken(real, send=send)
