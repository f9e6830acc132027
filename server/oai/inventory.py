"""`/oai/{harvester}/inventory.tsv.gz`: every record of a repository on a line, for harvesters that compare what they hold.

Columns: identifier, format, datestamp, status (`live` or `deleted`), SHA-256 of the `<metadata>` element and what follows it
as they are sent, empty for deleted ones. It is made and sent a thousand lines at a time, as the client takes them; each
thousand is read from a snapshot of its own, so a slow client holds no transaction open. A line is true for the moment
when it is sent. Must not import flask.
"""

import asyncio
import hashlib
import zlib
from collections.abc import AsyncIterator
from concurrent.futures import Executor

from server.catalogue.published import moment
from server.catalogue.records import list_inventory
from server.catalogue.session import Catalogue
from server.model.addresses import Addresses
from server.oai.formats.header import utc_datestamp

FILE = "inventory.tsv.gz"
LINES = 500
HEAD = b"identifier\tformat\tdatestamp\tstatus\tsha256\n"


async def write_inventory(
    catalogue: Catalogue, addresses: Addresses, repository: str, threads: Executor
) -> AsyncIterator[bytes]:
    """Yield the file piece by piece."""
    loop = asyncio.get_running_loop()
    packing = zlib.compressobj(6, zlib.DEFLATED, 31)  # 31: gzip
    yield packing.compress(HEAD)
    place: tuple[str, str] | None = ("", "")
    while place is not None:
        lines, place = await loop.run_in_executor(threads, _read, catalogue, addresses, repository, place)
        piece = packing.compress(lines)
        if piece:
            yield piece
    yield packing.flush()


def _read(
    catalogue: Catalogue, addresses: Addresses, repository: str, place: tuple[str, str]
) -> tuple[bytes, tuple[str, str] | None]:
    """Return the lines that follow a place, and where they end; None where nothing follows."""
    with catalogue.snapshot() as connection:
        rows = list_inventory(connection, repository, *place, LINES)
    lines = []
    for name, prefix, stamp, deleted, body in rows:
        status, digest = ("deleted", "") if deleted else ("live", hashlib.sha256(body).hexdigest())
        dated = utc_datestamp(moment(stamp))
        lines.append(f"{addresses.oai_identifier(name)}\t{prefix}\t{dated}\t{status}\t{digest}\n")
    following = (rows[-1][1], rows[-1][0]) if len(rows) == LINES else None
    return "".join(lines).encode(), following
