"""What visitors saw of manifests, and whether it still opens: a model of Memento that knows only what was answered.

`Visitor` looks at the manifests of some documents whenever something may have happened to them, and remembers each one as
it was answered. It is told of withdrawals, and knows the rest from what it sees: a document that comes back without a view
closes what showed that view. Nothing here reads how the server keeps versions.
"""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

from server.catalogue.session import Catalogue
from server.iiif.http import http_date
from server.iiif.presentation import PresentationService
from server.model.addresses import Addresses
from server.settings import Settings
from tests.support.asgi import Answered, request

_CANVAS = re.compile(r"/canvas/f([0-9]+)\"")
_MEMENTO = re.compile(r'<([^>]+)>; rel="(?:first )?(?:last )?memento"')
VERSIONS = (3, 2)


@dataclass(slots=True)
class Seen:
    """A manifest as it was answered at some moments, the views that it shows, and the address it was found to keep."""

    moments: list[datetime]
    body: bytes
    views: frozenset[int]
    address: str = ""
    is_open: bool = True


@dataclass
class Visitor:
    """Sees the manifests of some documents over time; asks a service that has kept no answer each time."""

    settings: Settings
    catalogue: Catalogue
    names: tuple[str, ...]
    seen: dict[tuple[str, int], list[Seen]] = field(default_factory=dict)
    service: PresentationService | None = None

    def look(self, base: str, moment: datetime) -> None:
        """Look at every manifest under a base URL, remember it, and fail where what was seen before does not open."""
        addresses = Addresses(base, self.settings.naan, self.settings.repository_id)
        settings = self.settings.model_copy(update={"base_url": base})
        self.service = PresentationService(settings, self.catalogue)
        for name in self.names:
            for version in VERSIONS:
                self._note(name, version, self._ask(addresses, addresses.manifest(name, version)), moment)
                self._must_open(addresses, name, version)
        self.service.close()

    def hear_withdrawn(self, name: str, view: int | None = None) -> None:
        """A document, or one of its views, was withdrawn: what showed it must not open any more."""
        for version in VERSIONS:
            for each in self.seen.get((name, version), []):
                each.is_open = each.is_open and view is not None and view not in each.views

    def _note(self, name: str, version: int, answered: Answered, moment: datetime) -> None:
        seen = self.seen.setdefault((name, version), [])
        if answered.status != 200:
            assert answered.status == (410 if seen else 404), (name, answered)
            assert not any(each.is_open for each in seen), f"{name} is gone and was not withdrawn"
            return
        views = frozenset(int(number) for number in _CANVAS.findall(answered.body.decode()))
        assert views
        for each in seen:
            each.is_open = each.is_open and each.views <= views
        last = seen[-1] if seen else None
        if last is not None and last.is_open:
            if last.body == answered.body:
                last.moments.append(moment)
                return
            if last.moments[-1] == moment:  # of one second only the last word can be asked for
                last.moments = [each for each in last.moments if each != moment]
                if not last.moments:
                    seen.pop()
        seen.append(Seen([moment], answered.body, views))

    def _must_open(self, addresses: Addresses, name: str, version: int) -> None:
        seen = self.seen[name, version]
        gate, listed = addresses.timegate(name, version), self._ask(addresses, addresses.versions(name, version))
        is_live = any(each.is_open for each in seen)
        assert listed.status == (200 if is_live else 410 if seen else 404), (name, listed)
        kept = set(_MEMENTO.findall(listed.body.decode())) if is_live else set()
        for address in kept:
            opened = self._ask(addresses, address)
            assert opened.status == 200, (address, opened)
            shown = frozenset(int(number) for number in _CANVAS.findall(opened.body.decode()))
            assert shown <= seen[-1].views, f"{address} shows what is not shown any more"
        for each in seen:
            for moment in sorted(set(each.moments)):
                led = self._ask(addresses, gate, accept_datetime=http_date(moment))
                assert led.status == (302 if is_live else 410), (gate, moment, led)
                assert not is_live or led.header("location") in kept, led
                if each.is_open:
                    opened = self._ask(addresses, led.header("location"))
                    assert opened.body == each.body, f"{name} is not as it was seen at {moment}"
                    assert parsedate_to_datetime(opened.header("memento-datetime")) <= moment
                    each.address = led.header("location").removeprefix(addresses.base)
            if each.address and not each.is_open:
                closed = self._ask(addresses, addresses.base + each.address)
                assert closed.status == 410, (each.address, closed)

    def _ask(self, addresses: Addresses, address: str, **headers: str) -> Answered:
        assert self.service is not None
        assert address.startswith(addresses.base), address
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return asyncio.run(request(self.service, address.removeprefix(addresses.base), headers=named))
