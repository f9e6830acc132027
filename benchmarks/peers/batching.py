"""The peer for harvesting: BatchingServer of the oaipmh toolkit over the same database, on http.server in a process of its own.

It is used as its documentation shows: an object that answers a batch by cursor and batch size, here with one query by
offset, and oai_dc written by the toolkit from the fields of each record. Run as a module, it serves.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lxml import etree
from oaipmh import common, error, metadata, server  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import create_engine, text

from benchmarks.peers.peer import BUILD
from tests.support.processes import answers, free_port, running

_QUERY = text(
    "select name, datestamp, body from oai_record where repository = '' and prefix = 'oai_dc' order by sequence"
    " limit :size offset :cursor"
)
_FIELDS = ("title", "creator", "subject", "description", "publisher", "contributor", "date", "type", "format",
           "identifier", "source", "language", "relation", "coverage", "rights")  # fmt: skip


class Repository:
    """What BatchingServer asks of a repository."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)

    def identify(self) -> Any:
        """Return who it is."""
        return common.Identify(
            "Peer", "http://127.0.0.1/", "2.0", ["a@example.org"], datetime(2026, 1, 1), "no", "YYYY-MM-DDThh:mm:ssZ", []  # noqa: DTZ001  # as it wants it
        )  # fmt: skip

    def listRecords(self, metadataPrefix: str, cursor: int = 0, batch_size: int = 10, **_: Any) -> list[Any]:  # noqa: N802, N803  # its names
        """Return a batch."""
        if metadataPrefix != "oai_dc":
            raise error.CannotDisseminateFormatError
        with self._engine.connect() as connection:
            rows = connection.execute(_QUERY, {"size": batch_size, "cursor": cursor}).all()
        return [(common.Header(None, f"oai:peer:{name}", datetime.fromtimestamp(stamp), [], False), _fields(body), None)  # noqa: DTZ006
                for name, stamp, body in rows]  # fmt: skip


def _fields(body: bytes) -> Any:
    root = etree.fromstring(body)
    held: dict[str, list[str]] = {name: [] for name in _FIELDS}
    for found in root[0]:
        held[etree.QName(found).localname].append(found.text or "")
    return common.Metadata(None, held)


@contextmanager
def batching_server(url: str, size: int) -> Iterator[int]:
    """Run it while the block lasts; give its port."""
    port = free_port()
    BUILD.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.peers.batching", str(port), url, str(size)]
    with running(command, BUILD / "batching.log", answers(port)):
        yield port


def _serve(port: int, url: str, size: int) -> None:
    registry = metadata.MetadataRegistry()
    registry.registerWriter("oai_dc", server.oai_dc_writer)
    peer = server.BatchingServer(Repository(url), metadata_registry=registry, resumption_batch_size=size)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else headers and body, written apart, would wait for each other

        def do_GET(self) -> None:  # the library's name
            body: bytes = peer.handleRequest(dict(parse_qsl(urlsplit(self.path).query)))
            self.send_response(200)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            """Say nothing."""

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
