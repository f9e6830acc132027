"""Noting harvests without slowing them: a page costs an entry in a list; a thread writes them down together.

A worker that is killed loses the entries of its last seconds, and nothing else: the log is a help for librarians, no part
of what harvesters rely on. Where the catalogue cannot be written, entries wait, up to a number; then the oldest go.
"""

import hashlib
import ipaddress
import logging
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from server.catalogue.harvests import LIST_RECORDS, Harvest, forget_old, keep_harvests
from server.catalogue.session import Catalogue
from server.model.clock import Clock, exact_now
from server.oai.server import Answer
from server.settings import Settings

FLUSH_SECONDS = 2.0
MOST_NOTED = 20_000
"""Entries that wait to be written, at most."""

_FORGET_EVERY = timedelta(hours=1)
_LISTS = (LIST_RECORDS, "ListIdentifiers")

_log = logging.getLogger("vitrine.oai")


class HarvestLog:
    """The log of one worker; without its thread (`by_itself`) it is written when it is told to."""

    def __init__(
        self, settings: Settings, catalogue: Catalogue, clock: Clock = exact_now, *, by_itself: bool = True
    ) -> None:
        self._settings, self._catalogue, self._clock = settings, catalogue, clock
        self._noted: deque[Harvest] = deque(maxlen=MOST_NOTED)
        self._forgotten: datetime | None = None
        self._wake = threading.Event()
        self._is_open, self._by_itself = True, by_itself
        self._thread: threading.Thread | None = None

    def note(self, repository: str, answer: Answer, agent: str, address: str) -> None:
        """Note an answer that was given; `agent` and `address` say who asked."""
        network = network_of(address) if self._settings.harvest_address_days else ""
        entry = entry_of(repository, answer, agent, network, self._clock())
        self._noted.append(entry)
        if self._by_itself and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="harvest-log", daemon=True)
            self._thread.start()

    def flush(self) -> None:
        """Write down what was noted, in one transaction."""
        taken = []
        while self._noted:
            taken.append(self._noted.popleft())
        now = self._clock()
        due = self._forgotten is None or now - self._forgotten >= _FORGET_EVERY
        if not taken and not due:
            return
        try:
            with self._catalogue.write() as session:
                keep_harvests(session, joined(taken))
                if due:
                    forget_old(session, now, self._settings.harvest_address_days, self._settings.harvest_log_days)
        except Exception:
            self._noted.extendleft(reversed(taken[-MOST_NOTED:]))
            raise
        self._forgotten = now if due else self._forgotten

    def close(self) -> None:
        """Write the rest and end."""
        self._is_open = False
        self._wake.set()
        if self._thread is not None:
            self._thread.join(5)
        elif self._noted:
            self.flush()

    def _run(self) -> None:
        while True:
            self._wake.wait(FLUSH_SECONDS)
            try:
                self.flush()
            except Exception as error:  # noqa: BLE001  # whatever it is, harvests go on and it is tried again
                _log.warning("the log of harvests cannot be written now (%s); it is tried again", type(error).__name__)
            if not self._is_open:
                return


def entry_of(repository: str, answer: Answer, agent: str, network: str, now: datetime) -> Harvest:
    """Return what an answer adds to the log.

    A page of records belongs to its harvest. Everything else is counted by day, harvester and verb, so that it cannot
    flood the log.
    """
    agent = "".join(letter if letter.isprintable() else " " for letter in agent)[:200]
    taken, request = answer.taken, answer.request
    if taken is not None and taken.position.harvest and request is not None:
        place = taken.position
        since = request.echo.get("from", "")
        # the page before this one has come for certain, for this one was asked with its token
        reached = place.upto if taken.is_last else int(place.after)
        return Harvest(
            place.harvest, repository, place.verb, place.prefix, place.spec, since, agent, network, now, now, 1,
            taken.records, 0, place.size, place.first, place.upto, reached, taken.is_last,
        )  # fmt: skip
    verb = request.verb if request is not None else ""
    prefix, spec = (request.prefix[:40], request.spec[:200]) if request is not None and verb in _LISTS else ("", "")
    nothing_new = {fault.code for fault in answer.errors} == {"noRecordsMatch"}
    named = "\0".join((f"{now:%Y-%m-%d}", repository, verb, prefix, spec, agent, network))
    errors = 0 if nothing_new else int(bool(answer.errors))
    return Harvest(
        hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:24], repository, verb, prefix, spec, "", agent, network,
        now, now, 1, int(answer.record_modified is not None), errors, 0, 0, 0, 0, nothing_new,
    )  # fmt: skip


def joined(entries: Iterable[Harvest]) -> list[Harvest]:
    """Return one entry for each harvest, in the order of their numbers, so that two workers never wait for each other."""
    found: dict[str, Harvest] = {}
    for entry in entries:
        held = found.get(entry.number)
        if held is None:
            found[entry.number] = entry
        else:
            found[entry.number] = replace(
                held,
                ended=max(held.ended, entry.ended),
                since=held.since or entry.since,
                pages=held.pages + entry.pages,
                records=held.records + entry.records,
                errors=held.errors + entry.errors,
                reached=max(held.reached, entry.reached),
                is_whole=held.is_whole or entry.is_whole,
            )
    return [found[number] for number in sorted(found)]


def network_of(address: str) -> str:
    """Return the network that an address is of: /24 of IPv4, /48 of IPv6; empty where it is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))
