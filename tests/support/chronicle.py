"""Histories of publications for Change Discovery: a catalogue in which items come, change and go, and its pages.

`Chronicle` writes as publish does: render, one transaction under one stamp, told as it happens. `Consumer` follows the
pages as the specification says (Change Discovery 1.0 §3.5), and knows nothing of the catalogue.
"""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, text

from server.catalogue.base import Base
from server.catalogue.models import InstallationRow
from server.catalogue.publication_models import PublicationRow
from server.catalogue.session import Catalogue
from server.iiif.build.collection import memberships
from server.iiif.discovery import DiscoveryService
from server.model.addresses import Addresses
from server.model.item import Item
from server.publish.activities import announce_move, announce_publication, announce_withdrawal
from server.publish.packing import pack
from server.publish.pages import make_pages
from server.publish.render import render
from server.publish.stamp import next_stamp
from server.publish.transaction import LIVE, make_live, make_withdrawn
from server.settings import load_settings
from tests.support.asgi import Answered, request
from tests.support.publications import MOMENT, Shelf

HERE, ELSEWHERE = "http://127.0.0.1:8000", "https://ailleurs.example.org"


@dataclass
class Chronicle:
    """An installation whose base URL may change; `page_size` is small, so that pages fill up."""

    catalogue: Catalogue
    page_size: int = 3
    base: str = HERE
    now: datetime = MOMENT
    live: dict[str, Item] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    services: dict[tuple[str, int], DiscoveryService] = field(default_factory=dict)

    def begin(self) -> None:
        """Empty every table, and fix the addresses as the first publication does."""
        with self.catalogue.write() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(delete(table))
            for index in ("search_index", "find_index"):  # no tables of models
                session.execute(text(f"delete from {index}"))
            fixed = {"base_url": HERE, "repository_id": "vitrine.example.org", "naan": "99999"}
            session.add_all(InstallationRow(key=key, value=value) for key, value in fixed.items())

    @property
    def addresses(self) -> Addresses:
        """The addresses under which is published now."""
        return Addresses(self.base, "99999", "vitrine.example.org")

    def put(self, item: Item) -> None:
        """Publish an item, new or changed."""
        rendering = render(item, make_pages(item, lambda _number: None, self.addresses), (), self.addresses)
        packed = pack(rendering.documents)
        with self.catalogue.write() as session:
            if item.name not in self.held:
                Shelf(self.catalogue)._hold(session, item)
            stamp = next_stamp(session, self.now)
            with announce_publication(session, rendering, self.addresses, stamp):
                make_live(session, rendering, packed, stamp, self.addresses.oai_identifier(item.name))
        self.held.add(item.name)
        self.live[item.name] = item

    def withdraw(self, name: str) -> None:
        """Withdraw an item, if it is live."""
        with self.catalogue.write() as session:
            row = session.get(PublicationRow, name)
            if row is None or row.state != LIVE:
                return
            stamp = next_stamp(session, self.now)
            with announce_withdrawal(session, name, self.addresses, stamp):
                make_withdrawn(session, row, stamp, self.addresses.oai_identifier(name), "demande")
        self.live.pop(name)

    def move(self, base: str, but: str = "") -> None:
        """Publish everything under another base URL; the item named `but` is withdrawn in the middle of it."""
        self.base = base
        for number, item in enumerate(list(self.live.values())):
            if number == 1:
                self.withdraw(but)
            if item.name in self.live:
                self.put(item)
        with self.catalogue.write() as session:
            announce_move(session, self.addresses, next_stamp(session, self.now))

    def wait(self, seconds: int) -> None:
        """Let time pass; without it several publications have the same moment."""
        self.now += timedelta(seconds=seconds)

    def published(self) -> set[str]:
        """What is published, found in the catalogue and not in what was told: both versions of each document."""
        with self.catalogue.read() as session:
            names = session.scalars(select(PublicationRow.name).where(PublicationRow.state == LIVE)).all()
        assert set(names) == set(self.live)
        collections = {f"institution-{item.institution.name}" for item in self.live.values()} | {
            f"type-{item.description.typology.value}" for item in self.live.values()
        }
        collections |= {f"campagne-{item.campaign.name}" for item in self.live.values() if item.campaign}
        found = {self.addresses.manifest(name, version) for name in names for version in (3, 2)}
        found |= {self.addresses.collection(name, version) for name in collections for version in (3, 2)}
        found |= {self.addresses.collection(name, version) for name in self._wholes() for version in (3, 2)}
        if self.held:  # the root answers from the first publication on, whatever is below it
            found |= {self.addresses.collection("top", version) for version in (3, 2)}
        return found

    def _wholes(self) -> set[str]:
        """Return titles, their years, works, and the groups of both, as the item of each would have them listed."""
        found: set[str] = set()
        for item in self.live.values():
            for membership in memberships(item):
                if membership.kind in ("title", "year"):
                    found |= {membership.name, "titres"}
                elif membership.kind == "work":
                    found |= {membership.name, "ouvrages"}
        return found

    def ask(self, address: str, method: str = "GET", **headers: str) -> Answered:
        """Ask for an address of Change Discovery."""
        service = self.services.get((self.base, self.page_size))
        if service is None:
            url = self.catalogue.url.render_as_string(False)
            settings = load_settings(base_url=self.base, database_url=url, secret_key="k" * 32)
            service = DiscoveryService(settings, self.catalogue, self.page_size)
            self.services[self.base, self.page_size] = service
        path = address.removeprefix(self.base)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return asyncio.run(request(service, path, method=method, headers=named))

    def read(self, address: str) -> Any:
        """Return what is at an address."""
        answered = self.ask(address)
        assert answered.status == 200, (address, answered.body)
        return json.loads(answered.body)

    def pages(self) -> dict[str, bytes]:
        """Return every page but the last by its address, as bytes."""
        last = self.read(self.addresses.changes())["last"]["id"]
        found = {}
        page = self.read(last)
        while "prev" in page:
            address = page["prev"]["id"]
            found[address] = self.ask(address).body
            page = json.loads(found[address])
        return found


@dataclass
class Consumer:
    """Follows the changes; `known` are the addresses of documents that it holds to be published."""

    known: set[str] = field(default_factory=set)
    last_crawl: str = ""

    def crawl(self, chronicle: Chronicle) -> None:
        """Walk back from the last page to what was known at the last visit (§3.5.1, §3.5.2)."""
        last_crawl, newest = self.last_crawl, ""
        processed: set[str] = set()
        address = chronicle.read(chronicle.addresses.changes())["last"]["id"]
        while address:
            page = chronicle.read(address)
            for activity in reversed(page["orderedItems"]):
                newest = newest or activity["endTime"]
                if activity["endTime"] < last_crawl:
                    address = ""
                    break
                about = activity["object"]["id"]
                if about in processed:
                    continue
                processed.add(about)
                if activity["type"] == "Delete":
                    self.known.discard(about)
                else:
                    self.known.add(about)
            else:
                address = page.get("prev", {}).get("id", "")
        # the newest moment that was told, not the consumer's own clock, which may be ahead of a commit
        self.last_crawl = newest
