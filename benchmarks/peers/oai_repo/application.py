"""oai-repo in Flask over our database, as its documentation shows: a DataInterface, and a view that hands requests to it.

It runs in an environment of its own, so nothing of ours is imported. It is given what it can use: a page is read by
one query, and the size of the list, which it wants to know for every page, is counted once.
"""

import os
import sqlite3
from datetime import UTC, datetime
from typing import Any

import psycopg
from flask import Flask, Response, request
from lxml import etree

import oai_repo  # type: ignore[import-not-found]  # it is installed in the environment of this program only

DATABASE, LIMIT = os.environ["PEER_DATABASE"], int(os.environ["PEER_LIMIT"])
LIST = "from oai_record where repository = '' and prefix = 'oai_dc'"


def connect() -> Any:
    """Return a connection to SQLite (a path) or to PostgreSQL (`host=… `)."""
    if "host=" in DATABASE:
        return psycopg.connect(DATABASE, autocommit=True)
    return sqlite3.connect(DATABASE, check_same_thread=False)


class Data(oai_repo.DataInterface):  # type: ignore[misc]  # it is not to be seen by mypy
    """What oai-repo asks of a repository."""

    limit = LIMIT

    def __init__(self) -> None:
        self.connection = connect()
        self.held: dict[str, tuple[int, bytes]] = {}
        [self.size] = self.connection.execute(f"select count(*) {LIST}").fetchone()

    def get_identify(self) -> Any:
        """Return who it is."""
        told = oai_repo.Identify()
        told.repository_name, told.base_url = "Peer", "http://127.0.0.1/"
        told.admin_email, told.earliest_datestamp = ["a@example.org"], "2026-01-01T00:00:00Z"
        told.deleted_record, told.granularity = "no", "YYYY-MM-DDThh:mm:ssZ"
        return told

    def get_metadata_formats(self, identifier: str | None = None) -> list[Any]:
        """Return the one format."""
        schema = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
        return [oai_repo.MetadataFormat("oai_dc", schema, "http://www.openarchives.org/OAI/2.0/oai_dc/")]

    def list_set_specs(self, identifier: str | None = None, cursor: int = 0) -> tuple[Any, ...]:
        """Return that there are no sets."""
        return None, None, None

    def list_identifiers(self, metadataprefix: str, *filters: Any, **named: Any) -> tuple[Any, ...]:
        """Return a page of names, by offset: it knows no other place. What it asks for next is read with them."""
        cursor = named.get("cursor", filters[-1] if filters else 0)
        rows = self.connection.execute(
            f"select name, datestamp, body {LIST} order by sequence limit {LIMIT} offset {int(cursor)}"
        ).fetchall()
        self.held = {name: (stamp, body) for name, stamp, body in rows}
        return list(self.held), self.size, None

    def get_records_header(self, identifiers: list[str]) -> list[Any]:
        """Return the headers of a page."""
        stamps = [(name, datetime.fromtimestamp(self.held[name][0], UTC)) for name in identifiers]
        return [oai_repo.RecordHeader(name, stamp, []) for name, stamp in stamps]

    def get_records_metadata(self, identifiers: list[str], metadataprefix: str) -> list[Any]:
        """Return the metadata of a page."""
        return [etree.fromstring(bytes(self.held[name][1]))[0] for name in identifiers]

    def get_records_abouts(self, identifiers: list[str]) -> list[list[Any]]:
        """Return nothing about each."""
        return [[] for _ in identifiers]


app = Flask(__name__)
repository = oai_repo.OAIRepository(Data())


@app.route("/")
def answer() -> Response:
    """Answer a request."""
    return Response(bytes(repository.process(request.args.to_dict())), mimetype="text/xml")
