"""One repository for one request: what the six verbs answer, read from one snapshot of the catalogue.

**Lists and changes.** A list is bounded at its first page by what that page's snapshot sees. Records move to a later
place in the publication sequence when they change, so each record that stays unchanged is delivered exactly once,
whatever happens meanwhile; one that changes leaves the list, and the next harvest, from this one's first
`responseDate`, takes it (OAI-PMH 2.0 §3.5.1 leaves both ways open; this one cannot run for ever). `completeListSize` is
counted once, at the first page. A page from which every record has moved away still shows one, which the harvester has
or will get anyway: the schema allows no empty list, and an error would end the harvest.

**Dates.** `responseDate` never passes a publication that is not committed yet: see `response_moment`.

**Former identifiers.** GetRecord under an identifier that an item had elsewhere answers idDoesNotExist, and its message
names the present identifier: a record must carry the identifier that was asked for, so serving it would be wrong.
"""

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from oaipmh import common  # type: ignore[import-untyped]  # it ships no types

from server.catalogue import records
from server.catalogue.published import last_change
from server.catalogue.records import FoundRecord, Listed, PublishedSet, Record
from server.catalogue.repositories import PublishedRepository
from server.catalogue.session import Catalogue
from server.model.addresses import Addresses
from server.model.clock import Clock
from server.oai.arguments import Request
from server.oai.errors import OaiError, Refused
from server.oai.formats.render import FORMATS, WRITERS, MetadataFormat
from server.oai.resumption import Position, read_token, write_token
from server.oai.sentences import fault
from server.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

GRANULARITY = "YYYY-MM-DDThh:mm:ssZ"

FOUNDED = datetime(2026, 1, 1, tzinfo=UTC)
"""Earliest datestamp of a catalogue in which nothing ever happened: no record of this software can be older."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page stands in its list. `token` is None on a list's last page; a list of one page shows no token at all."""

    token: str | None
    cursor: int
    size: int
    expires: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether this page is the whole list."""
        return self.token is None and self.cursor == 0


@dataclass(frozen=True, slots=True)
class Taken:
    """A page of records that a harvester took: `position` is where it began, `reached` the place up to which it went.

    `is_last` says that the list ends here.
    """

    position: Position
    reached: int
    records: int
    is_last: bool


class Moments:
    """The present moment and whether somebody publishes, asked of the catalogue once in `seconds` by each worker.

    A `responseDate` that is a moment older than the snapshot is always right: whoever comes back from it on gets what
    changed since, and some of it again.
    """

    def __init__(self, catalogue: Catalogue, clock: Clock, seconds: float) -> None:
        self._catalogue, self._clock, self._seconds = catalogue, clock, seconds
        self._kept: tuple[float, datetime, bool] | None = None

    def take(self) -> tuple[datetime, bool]:
        """Return the moment and whether a publisher was between its datestamp and its commit then.

        To be asked before the snapshot is opened. The clock is read first: a publisher with an earlier datestamp then
        holds the lock, or has committed.
        """
        begun = time.monotonic()
        kept = self._kept
        if kept is None or begun - kept[0] >= self._seconds:
            now = self._clock()
            kept = self._kept = (begun, now, self._catalogue.is_publishing())
        return kept[1], kept[2]


def response_moment(connection: "Connection", asked: datetime | None) -> datetime:
    """Return the `responseDate`: now, or while somebody publishes the last committed datestamp that is seen here.

    Datestamps never fall, so whatever is not committed yet is not earlier than that, and a harvester that comes back
    from this moment on misses nothing.
    """
    if asked is not None:
        return asked
    _, moment = last_change(connection)
    return moment or records.find_earliest(connection) or FOUNDED


def _fitting(rows: list[Record], limit: int, size: int) -> list[Record]:
    """Return the rows that a page shows: so many, of so many bytes together, but always one."""
    shown = rows[:limit]
    left = size - sum([len(header) + len(body) for _, header, body in shown])
    while left < 0 and len(shown) > 1:
        last = shown.pop()
        left += len(last.header) + len(last.body)
    return shown


def everything(settings: Settings) -> PublishedRepository:
    """Return the repository of everything public, whose name is empty."""
    return PublishedRepository("", {"fr": settings.repository_name}, settings.admin_email, tuple(FORMATS))


class Repository(common.ResumptionOAIPMH):  # type: ignore[misc]  # the toolkit has no types
    """The answers of one repository to one request."""

    def __init__(
        self,
        settings: Settings,
        connection: "Connection",
        told: PublishedRepository,
        now: datetime,
        harvesters: Iterable[str] = (),
    ) -> None:
        """`told` is what is known of it; `harvesters` names the repositories of this installation that have a name."""
        self._settings, self._connection, self._told, self._now = settings, connection, told, now
        self._name, self._harvesters = told.name, tuple(harvesters)
        self.taken: Taken | None = None
        self.addresses = Addresses(settings.base, settings.naan, settings.repository_id)

    @property
    def base_url(self) -> str:
        """The base URL, from the settings, never from the request."""
        return self.addresses.oai(self._name)

    @property
    def friends(self) -> list[str]:
        """The base URLs of the other repositories of this installation."""
        return [self.addresses.oai(name) for name in ("", *self._harvesters) if name != self._name]

    @property
    def settings(self) -> Settings:
        """The settings of the installation."""
        return self._settings

    @property
    def repository_id(self) -> str:
        """The namespace of identifiers."""
        return self._settings.repository_id

    def handleVerb(self, verb: str, kw: dict[str, Any]) -> Any:  # noqa: N802  # the toolkit's name
        """Answer a verb; `kw` holds the parsed request."""
        request: Request = kw["request"]
        answers = {
            "Identify": self._identify,
            "ListMetadataFormats": self._list_metadata_formats,
            "ListSets": self._list_sets,
            "ListIdentifiers": self._list_records,
            "ListRecords": self._list_records,
            "GetRecord": self._get_record,
        }
        return answers[verb](request)

    def _identify(self, request: Request) -> common.Identify:
        return common.Identify(
            repositoryName=self._repository_name(),
            baseURL=self.base_url,
            protocolVersion="2.0",
            adminEmails=[self._told.contact or self._settings.admin_email],
            earliestDatestamp=(records.find_earliest(self._connection) or FOUNDED).replace(tzinfo=None),
            deletedRecord="persistent",
            granularity=GRANULARITY,
            compression=["gzip"],
            toolkit_description=False,
        )

    def _repository_name(self) -> str:
        own = self._settings.repository_name
        label = self._told.label.get("fr") or next(iter(self._told.label.values()), self._name)
        return f"{own} — {label}" if self._name else own

    def _list_metadata_formats(self, request: Request) -> list[MetadataFormat]:
        if not request.identifier:
            return [WRITERS[prefix] for prefix in self._told.formats]
        prefixes = records.list_prefixes(self._connection, self._name, self._item_name(request.identifier))
        if not prefixes:
            raise Refused([self._unknown(request.identifier)])
        held = [WRITERS[prefix] for prefix in prefixes if prefix in self._told.formats]
        if not held:  # it has tombstones alone, in formats that are offered no more
            offered = ", ".join(self._told.formats)
            raise Refused([fault("noMetadataFormats", "no formats", identifier=request.identifier, offered=offered)])
        return held

    def _get_record(self, request: Request) -> FoundRecord:
        name = self._item_name(request.identifier)
        held = records.list_prefixes(self._connection, self._name, name) if name else []
        faults = [] if held else [self._unknown(request.identifier)]
        if request.prefix not in self._told.formats:
            faults.append(self._no_format(request.prefix))
        elif held and request.prefix not in held:
            faults.append(
                fault("cannotDisseminateFormat", "not in format", identifier=request.identifier, prefix=request.prefix)
            )
        if faults:
            raise Refused(faults)
        found = records.find_record(self._connection, self._name, request.prefix, name)
        assert found is not None
        return found

    def _list_sets(self, request: Request) -> tuple[list[PublishedSet], Page]:
        limit = self._settings.oai_page_size
        if request.token:
            position = self._read(request)
        else:
            size = records.count_sets(self._connection, self._name)
            if not size:
                raise Refused([fault("noSetHierarchy", "no set")])
            position = Position(request.verb, self._name, "", "", 0, 0, "", size, 0, 0)
        rows = records.list_sets(self._connection, self._name, str(position.after), limit + 1)
        shown = rows[:limit]
        return shown, self._page(position, len(shown), shown[-1].spec if len(rows) > limit else None)

    def _list_records(self, request: Request) -> tuple[list[Record], Page]:
        position = self._read(request) if request.token else self._begin(request)
        limit, size = self._settings.oai_page_size, self._settings.oai_page_bytes
        listed = Listed(position.repository, position.prefix, position.spec)
        bodies = request.verb == "ListRecords"
        rows = records.list_records(
            self._connection, listed, int(position.after), position.upto, limit + 1, size=size, bodies=bodies
        )
        if not rows and request.token:
            nearest = records.find_nearest(self._connection, listed, position.upto, bodies=bodies)
            rows = [] if nearest is None else [nearest]
        if not rows:
            raise Refused([fault("noRecordsMatch", "no record")])
        shown = _fitting(rows, limit, size)
        goes_on = len(shown) < len(rows)
        if not request.token:
            counted = records.count_records(self._connection, listed, position.first, position.upto) if goes_on else 0
            position = replace(position, size=counted or len(rows))
        page = self._page(position, len(shown), shown[-1].sequence if goes_on else None)
        self.taken = Taken(
            position, position.upto if page.token is None else shown[-1].sequence, len(shown), page.token is None
        )
        return shown, page

    def _begin(self, request: Request) -> Position:
        if request.prefix not in self._told.formats:
            raise Refused([self._no_format(request.prefix)])
        listed = Listed(self._name, request.prefix, request.spec)
        bounds = records.list_bounds(self._connection, listed, request.since, request.until)
        if bounds is None:
            raise Refused([fault("noRecordsMatch", "no record")])
        first, upto = bounds
        harvest = secrets.token_urlsafe(9)
        return Position(request.verb, self._name, request.prefix, request.spec, first, upto, first, 0, 0, 0, harvest)

    def _page(self, position: Position, shown: int, last: int | str | None) -> Page:
        """Return where a page of so many rows stands: the list goes on after `last`, or ends where that is None."""
        if last is None:
            return Page(None, position.cursor, position.size)
        following = replace(
            position,
            after=last,
            cursor=position.cursor + shown,
            expires=int(self._now.timestamp()) + self._settings.token_lifetime,
        )
        token = write_token(following, self._settings.signing_keys)
        return Page(token, position.cursor, position.size, following.expiration)

    def _read(self, request: Request) -> Position:
        return read_token(request.token, request.verb, self._name, self._settings.signing_keys, self._now)

    def _item_name(self, identifier: str) -> str:
        """Return the name in an identifier of ours, empty where it is none."""
        start = self.addresses.oai_identifier("")
        return identifier.removeprefix(start) if identifier.startswith(start) else ""

    def _unknown(self, identifier: str) -> OaiError:
        successor = records.find_successor(self._connection, identifier)
        if successor is not None:
            present = self.addresses.oai_identifier(successor)
            return fault("idDoesNotExist", "former", identifier=identifier, present=present)
        return fault("idDoesNotExist", "no identifier", identifier=identifier)

    def _no_format(self, prefix: str) -> OaiError:
        offered = ", ".join(self._told.formats)
        return fault("cannotDisseminateFormat", "no format", prefix=prefix, offered=offered)
