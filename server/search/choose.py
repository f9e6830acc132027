"""Which index a connection leads to."""

from sqlalchemy import Connection

from server.search.index import Index
from server.search.postgresql import PostgresIndex
from server.search.sqlite import SqliteIndex


def index_of(connection: Connection) -> Index:
    """Return the index of the database that a connection leads to."""
    return SqliteIndex() if connection.dialect.name == "sqlite" else PostgresIndex()
