"""An OAI-PMH repository in a test: requests in, parsed responses out, every one checked against the schema."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from server.catalogue.session import Catalogue
from server.oai.harvest_log import HarvestLog
from server.oai.views import OaiService
from server.settings import Settings, load_settings
from tests.support.asgi import Client
from tests.support.published_records import Records

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"


@dataclass
class Said:
    """A response: `errors` are codes in their order, `echo` what `<request>` repeats."""

    root: Any
    status: int
    headers: Any
    body: bytes

    @property
    def errors(self) -> list[str]:
        return [fault.get("code") for fault in self.root.iter(f"{OAI}error")]

    @property
    def messages(self) -> list[str]:
        return [fault.text for fault in self.root.iter(f"{OAI}error")]

    @property
    def echo(self) -> dict[str, str]:
        return dict(self.root.find(f"{OAI}request").attrib)

    @property
    def date(self) -> str:
        return str(self.root.findtext(f"{OAI}responseDate"))

    @property
    def identifiers(self) -> list[str]:
        return [found.findtext(f"{OAI}identifier") for found in self.root.iter(f"{OAI}header")]

    @property
    def resumption(self) -> Any:
        return self.root.find(f".//{OAI}resumptionToken")

    @property
    def token(self) -> str:
        return (self.resumption.text or "") if self.resumption is not None else ""

    def texts(self, name: str) -> list[str]:
        return [found.text for found in self.root.iter(f"{OAI}{name}")]


@dataclass
class Harvested:
    """A repository with its catalogue, asked through HTTP by the application's own client."""

    catalogue: Catalogue
    records: Records
    settings: Settings
    schema: etree.XMLSchema | None = None
    moment: Any = field(default=None)
    path: str = "/oai"

    def __post_init__(self) -> None:
        self.service = OaiService(self.settings, self.catalogue, self.clock, seconds=0.0)
        # a thread would go on after the test, and its catalogue is gone by then
        self.service.log = HarvestLog(self.settings, self.catalogue, by_itself=False)
        self.client = Client(self.service)

    def clock(self) -> Any:
        """The moment that was set, else that of the last publication."""
        return self.moment or self.records.now

    def ask(self, verb: str | None = None, method: str = "GET", **arguments: str) -> Said:
        """Ask with named arguments; `from_` is from."""
        pairs = [("verb", verb)] if verb is not None else []
        return self.ask_pairs([*pairs, *((name.rstrip("_"), value) for name, value in arguments.items())], method)

    def ask_pairs(self, pairs: Sequence[tuple[str, str]], method: str = "GET") -> Said:
        """Ask with arguments in their order, repeated ones too."""
        encoded = urlencode(pairs, errors="surrogatepass")
        if method == "POST":
            form = "application/x-www-form-urlencoded"
            return self.read(self.client.post(self.path, data=encoded, content_type=form))
        return self.read(self.client.get(f"{self.path}?{encoded}"))

    def read(self, response: Any) -> Said:
        """Parse a response; it must be XML in UTF-8, and valid where the schema is at hand."""
        assert response.content_type == "text/xml; charset=utf-8", response.get_data()[:300]
        body = response.get_data()
        if response.content_encoding == "gzip":
            body = gzip.decompress(body)
        root = etree.fromstring(body)
        if self.schema is not None:
            self.schema.assertValid(root)
        return Said(root, response.status_code, response.headers, body)

    def walk(self, verb: str, **arguments: str) -> list[Said]:
        """Ask for a list and follow its tokens to the end."""
        pages = [self.ask(verb, **arguments)]
        while pages[-1].token:
            pages.append(self.ask(verb, resumptionToken=pages[-1].token))
        return pages


def make_settings(url: str, **chosen: Any) -> Settings:
    """Return the settings of a repository with pages of five records."""
    facts = {"oai_page_size": 5, "base_url": "http://127.0.0.1:8000", "secret_key": "k" * 40, **chosen}
    return load_settings(database_url=url, **facts)
