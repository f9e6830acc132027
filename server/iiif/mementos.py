"""The versions of a manifest over HTTP: Memento (RFC 7089), with 302 from a TimeGate of its own (§4.2.1).

    …/manifest/versions              the list, a TimeMap (§5)
    …/manifest/versions/{sequence}   a version, byte for byte as it was published
    …/manifest/timegate              leads to the one that was there at `Accept-Datetime`

A version stays as it is until a withdrawal closes it, which must be seen within a minute: caches keep it no longer than
the manifest itself. Must not import flask.
"""

import asyncio
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from server.catalogue.mementos import Memento, find_memento, list_mementos
from server.catalogue.session import Catalogue
from server.errors import BadRequest, Unknown
from server.iiif.http import Response, Scope, cache_for, conditional, header, http_date, redirect, weights
from server.iiif.presentation_versions import PresentationApi
from server.model.addresses import Addresses
from server.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

LINK_FORMAT = "application/link-format"

_PATH = re.compile(
    r"^(?P<name>[A-Za-z0-9._~*+@=$-]+)/manifest/(?:(?P<versions>versions)(?:/(?P<sequence>[1-9][0-9]{0,17}))?|timegate)$"
)
_DATE = re.compile(r"^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for of a manifest's versions: one by its `sequence`, the list, or the way to one (neither)."""

    name: str
    sequence: int | None
    is_list: bool


class Mementos:
    """Answers what lies below a manifest's address; queries run in the threads that are given."""

    def __init__(self, settings: Settings, catalogue: Catalogue, threads: ThreadPoolExecutor) -> None:
        self._catalogue, self._threads = catalogue, threads
        self._addresses = Addresses(settings.base, settings.naan, settings.repository_id)
        self._cache_control = cache_for(settings.image_max_age)

    @staticmethod
    def understand(path: str) -> Asked | None:
        """Return what a path below a version of the API asks for; None where it is no business of ours."""
        match = _PATH.match(path)
        if match is None:
            return None
        sequence = match["sequence"]
        return Asked(match["name"], int(sequence) if sequence else None, bool(match["versions"]) and not sequence)

    async def answer(self, scope: Scope, api: PresentationApi, asked: Asked, encoding: str) -> Response:
        """Answer a request. Raises Unknown, Withdrawn, BadRequest."""
        look_up: Callable[[Connection], Response]
        if asked.sequence is not None:
            sequence = asked.sequence
            look_up = lambda connection: self._memento(connection, scope, api, asked.name, sequence, encoding)  # noqa: E731
        elif asked.is_list:
            look_up = lambda connection: self._list(connection, scope, api, asked.name)  # noqa: E731
        else:
            moment = read_accept_datetime(header(scope, "accept-datetime"))
            look_up = lambda connection: self._lead(connection, api, asked.name, moment)  # noqa: E731
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, look_up)

    def _run(self, look_up: "Callable[[Connection], Response]") -> Response:
        with self._catalogue.snapshot() as connection:
            return look_up(connection)

    def _memento(
        self, connection: "Connection", scope: Scope, api: PresentationApi, name: str, sequence: int, encoding: str
    ) -> Response:
        found = find_memento(connection, name, api.number, sequence, encoding)
        headers = [
            ("content-type", api.media_type(header(scope, "accept"))),
            ("vary", "Accept, Accept-Encoding"),
            ("cache-control", self._cache_control),
            ("memento-datetime", http_date(found.modified)),
            ("link", self._links(name, api.number)),
        ]
        suffix = ""
        if encoding != "identity":
            headers.append(("content-encoding", encoding))
            suffix = f"-{encoding}"
        return conditional(scope, f'"{found.digest[:32]}{suffix}"', found.modified, headers, found.body)

    def _list(self, connection: "Connection", scope: Scope, api: PresentationApi, name: str) -> Response:
        mementos = list_mementos(connection, name, api.number)
        is_json = _wants_json(header(scope, "accept"))
        write = write_json_time_map if is_json else write_time_map
        body = write(mementos, self._addresses, name, api.number)
        newest = mementos[-1].sequence if mementos else 0
        headers = [
            ("content-type", "application/json" if is_json else LINK_FORMAT),
            ("vary", "Accept"),
            ("cache-control", self._cache_control),
        ]
        etag = f'"{newest}-{len(mementos)}{"-json" if is_json else ""}"'
        return conditional(scope, etag, None, headers, body)

    def _lead(self, connection: "Connection", api: PresentationApi, name: str, moment: datetime | None) -> Response:
        mementos = list_mementos(connection, name, api.number)
        if not mementos:
            raise Unknown(f"no version of the manifest of {name} can be seen at the moment; ask again in a minute")
        chosen = choose(mementos, moment)
        return redirect(
            self._addresses.memento(name, chosen.sequence, api.number),
            HTTPStatus.FOUND,
            (("vary", "accept-datetime"), ("cache-control", "no-cache"), ("link", self._links(name, api.number))),
        )

    def _links(self, name: str, version: int) -> str:
        original = f'<{self._addresses.manifest(name, version)}>; rel="original"'
        return f"{original}, {links_to_versions(self._addresses, name, version)}"


def links_to_versions(addresses: Addresses, name: str, version: int) -> str:
    """Return the Link header of a manifest: where its versions are (§2.2.2, §2.2.3)."""
    return (
        f'<{addresses.timegate(name, version)}>; rel="timegate", '
        f'<{addresses.versions(name, version)}>; rel="timemap"; type="{LINK_FORMAT}"'
    )


def read_accept_datetime(text: str) -> datetime | None:
    """Return the moment that `Accept-Datetime` names (§2.1.1); None where it is absent. Raises BadRequest."""
    if not text:
        return None
    if _DATE.match(text):
        try:
            return datetime.strptime(text[5:], "%d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
        except ValueError:
            pass
    raise BadRequest(f"Accept-Datetime {text[:60]!r} is no date of HTTP; write it like Sun, 14 Mar 2027 09:26:53 GMT")


def choose(mementos: list[Memento], moment: datetime | None) -> Memento:
    """Return the version that was there at a moment: the last one since before it, else the first; now for None."""
    if moment is None:
        return mementos[-1]
    return next((each for each in reversed(mementos) if each.since <= moment), mementos[0])


def write_time_map(mementos: list[Memento], addresses: Addresses, name: str, version: int) -> bytes:
    """Return the list of versions in the link format (§5)."""
    own = f'<{addresses.versions(name, version)}>; rel="self"; type="{LINK_FORMAT}"'
    if mementos:
        own += f'; from="{http_date(mementos[0].since)}"; until="{http_date(mementos[-1].since)}"'
    lines = [
        f'<{addresses.manifest(name, version)}>; rel="original"',
        own,
        f'<{addresses.timegate(name, version)}>; rel="timegate"',
    ]
    for place, memento in enumerate(mementos):
        first = "first " if place == 0 else ""
        last = "last " if place == len(mementos) - 1 else ""
        address = addresses.memento(name, memento.sequence, version)
        lines.append(f'<{address}>; rel="{first}{last}memento"; datetime="{http_date(memento.since)}"')
    return (",\n".join(lines) + "\n").encode()


def write_json_time_map(mementos: list[Memento], addresses: Addresses, name: str, version: int) -> bytes:
    """Return the same in the JSON that Memento aggregators use, with dates that people read."""
    listed = [
        {
            "datetime": memento.since.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "uri": addresses.memento(name, memento.sequence, version),
        }
        for memento in mementos
    ]
    ends = {"first": listed[0], "last": listed[-1]} if listed else {}
    told = {
        "original_uri": addresses.manifest(name, version),
        "timegate_uri": addresses.timegate(name, version),
        "timemap_uri": {"link_format": addresses.versions(name, version)},
        "mementos": {**ends, "list": listed},
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def _wants_json(accept: str) -> bool:
    """Whether JSON is asked for; a browser, which would not show the link format, gets it too."""
    asked = weights(accept)
    wish = max(asked.get("application/json", 0.0), asked.get("text/html", 0.0))
    return wish > asked.get(LINK_FORMAT, 0.0)
