"""Follows every link of everything that is published, from a few addresses on: each address is asked once, and only ours.

What a document claims of what it links to (`type`, `format`, width and height) is kept with the link, and compared with
what is answered in `tests/support/claims.py`. A PDF that is announced and not made yet (503 with Retry-After) is asked
again when all else has been.
"""

import http.client
import json
import re
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, urldefrag, urlencode, urljoin, urlsplit

from lxml import etree, html

CLIENTS = 4
MOST = 12_000
"""Addresses that are asked at most: more than these holdings have, so that a trap for crawlers is seen."""

MOST_PASSED_ON = 5
MAKING_SECONDS = 120
"""How long PDFs may take to be made."""

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_HREF = re.compile(r"""(?:href|src)=["']([^"']+)["']""")
_LINKED = re.compile(r'<([^>]*)>((?:\s*;\s*[a-z]+="[^"]*")*)')
_RELATION, _TYPE = re.compile(r'rel="([^"]*)"'), re.compile(r'type="([^"]*)"')
_MEMENTO = {"original", "timegate", "timemap", "memento", "self"}
_SEARCHES = {"SearchService2": "AnnotationPage", "SearchService1": "sc:AnnotationList"}
_COMPLETERS = {"AutoCompleteService2": "TermPage", "AutoCompleteService1": "search:TermList"}
_PROFILES = {
    "http://iiif.io/api/search/1/search": "SearchService1",
    "http://iiif.io/api/search/1/autocomplete": "AutoCompleteService1",
    "http://iiif.io/api/image/2/level2.json": "ImageService2",
}
"""What a service of version 2 is, which says it by its profile alone."""

WORD, BEGINNING = "lille", "co"
"""What is asked of every search service and of every autocomplete service."""


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a document, without its fragment, and what the document says of what is there."""

    address: str
    where: str
    type: str = ""
    format: str = ""
    size: tuple[int, int] | None = None

    @property
    def accept(self) -> str:
        """What to ask for: a format that names a profile may be one of several."""
        return self.format if "profile=" in self.format else ""


@dataclass(frozen=True)
class Answer:
    """What an address gave."""

    address: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's value; where it stands several times, all of them."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return self.header("content-type").partition(";")[0].strip()

    @property
    def is_json(self) -> bool:
        return self.media_type in ("application/json", "application/ld+json")

    @cached_property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Crawl:
    """A walk over one server: links and answers by address, and by the form that was asked for."""

    base: str
    links: dict[tuple[str, str], list[Link]] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    _own: threading.local = field(default_factory=threading.local)
    _connections: list[http.client.HTTPConnection] = field(default_factory=list)

    def run(self, paths: Iterable[str]) -> None:
        """Ask for everything that can be reached from some paths."""
        pending = self._note(Link(self.base + path, "(start)") for path in paths)
        with ExitStack() as stack:
            stack.callback(self._hang_up)
            clients = stack.enter_context(ThreadPoolExecutor(CLIENTS, thread_name_prefix="crawler"))
            while pending:
                assert len(self.links) <= MOST, f"more than {MOST} addresses, the last of them {pending[-5:]}"
                found: list[Link] = []
                for asked, answer, links in clients.map(self._visit, pending):
                    self.answers[asked] = answer
                    found += links
                pending = self._note(found)
            self._wait_for_pdfs()

    def documents(self, *types: str) -> list[Answer]:
        """Return the JSON documents of some types, by address."""
        found = {answer.address: answer for answer in self.answers.values() if answer.status == 200 and answer.is_json}
        return [found[address] for address in sorted(found) if own_type(found[address].document) in types]

    def arrive(self, asked: tuple[str, str]) -> Answer:
        """Return what an address gave in the end, behind its redirections."""
        answer = self.answers[asked]
        for _ in range(MOST_PASSED_ON):
            if answer.status not in {301, 302, 303, 307, 308}:
                break
            answer = self.answers[urljoin(answer.address, answer.header("location")), ""]
        return answer

    def _note(self, links: Iterable[Link]) -> list[tuple[str, str]]:
        """Keep links to us, and return which addresses are new."""
        new = []
        for link in links:
            if not link.address.startswith(f"{self.base}/") and link.address != self.base:
                continue
            asked = (link.address, link.accept)
            if asked not in self.links:
                self.links[asked] = []
                new.append(asked)
            self.links[asked].append(link)
        return new

    def _visit(self, asked: tuple[str, str]) -> tuple[tuple[str, str], Answer, list[Link]]:
        answer = self._ask(*asked)
        return asked, answer, list(links_of(answer, self.base))

    def _ask(self, address: str, accept: str) -> Answer:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            parts = urlsplit(self.base)
            connection = self._own.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
            self._connections.append(connection)
        path = address.removeprefix(self.base) or "/"
        connection.request(
            "GET", quote(path, safe="/%:?&=#+,;@!$'()*[]~"), headers={"Accept": accept} if accept else {}
        )
        response = connection.getresponse()
        return Answer(address, response.status, tuple(response.getheaders()), response.read())

    def _hang_up(self) -> None:
        while self._connections:
            self._connections.pop().close()

    def _wait_for_pdfs(self) -> None:
        """Ask again for what is being made, until it is there or the time is up."""
        end = time.monotonic() + MAKING_SECONDS
        waiting = {asked for asked, answer in self.answers.items() if answer.status == 503 and is_pdf(asked[0])}
        while waiting and time.monotonic() < end:
            for asked in sorted(waiting):
                self.answers[asked] = self._ask(*asked)
            waiting = {asked for asked in waiting if self.answers[asked].status == 503}
            time.sleep(0.1)


def is_pdf(address: str) -> bool:
    """Whether this is the address of a document's PDF."""
    return address.endswith("/document.pdf")


def links_of(answer: Answer, base: str) -> Iterator[Link]:
    """Yield the links of an answer: of redirections, JSON, XML and HTML."""
    if location := answer.header("location"):
        yield Link(urljoin(answer.address, location), answer.address)
    if answer.status != 200:
        return
    yield from _links_of_link_format(answer.header("link"), answer.address)
    if answer.media_type == "application/link-format":
        yield from _links_of_link_format(answer.body.decode(), answer.address)
    if answer.is_json:
        yield from _links_of_json(answer, base)
    elif answer.media_type in ("text/xml", "application/xml"):
        yield from _links_of_xml(answer, base)
    elif answer.media_type == "text/html":
        yield from _links_of_html(answer)


def own_type(document: Any) -> str:
    """Return what a document says that it is, or a link that its target is."""
    if not isinstance(document, dict):
        return ""
    kind = document.get("type") or document.get("@type") or _PROFILES.get(str(document.get("profile")))
    if kind is None and document.get("@context") == "http://iiif.io/api/image/2/context.json":
        kind = "ImageService2"
    return str(kind or "")


def _links_of_json(answer: Answer, base: str) -> Iterator[Link]:
    pending: list[Any] = [answer.document]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if isinstance(address := node.get("id") or node.get("@id"), str):
                yield _link(address, node, answer.address)
            pending += [value for key, value in node.items() if key not in {"id", "@id", "@context", "profile"}]
        elif isinstance(node, list):
            pending += node
        elif isinstance(node, str):
            if node.startswith(f"{base}/"):
                yield Link(urldefrag(node).url, answer.address)
            elif "<" in node:
                yield from (Link(urldefrag(found).url, answer.address) for found in _HREF.findall(node))


def _link(address: str, node: dict[str, Any], where: str) -> Link:
    if "/api/" in where:
        return Link(urldefrag(address).url, where)  # of our own search: its type is that of a library's documents
    kind = own_type(node)
    bare, fragment = urldefrag(address)
    if kind in _SEARCHES or kind in _COMPLETERS:
        asked = bare if "?" in bare else f"{bare}?{urlencode({'q': WORD if kind in _SEARCHES else BEGINNING})}"
        return Link(asked, where, (_SEARCHES | _COMPLETERS)[kind])
    if fragment:
        return Link(bare, where)
    size = (node["width"], node["height"]) if kind in ("Image", "dctypes:Image") and "width" in node else None
    return Link(bare, where, kind, str(node.get("format", "")), size)


def _links_of_link_format(text: str, where: str) -> Iterator[Link]:
    """Yield what a Link header or a TimeMap names of Memento: a `type` that is given is a claim about the format."""
    for address, parameters in _LINKED.findall(text):
        relations = _RELATION.search(parameters)
        if relations and _MEMENTO.intersection(relations[1].split()):
            claimed = _TYPE.search(parameters)
            yield Link(urljoin(where, address), where, format=claimed[1] if claimed else "")


def _links_of_xml(answer: Answer, base: str) -> Iterator[Link]:
    tree = etree.fromstring(answer.body)
    for element in tree.iter(etree.Element):
        for said in (element.text, *element.attrib.values()):
            if said and said.strip().startswith(f"{base}/"):
                yield Link(urldefrag(said.strip()).url, answer.address)
    here = urldefrag(answer.address).url.partition("?")[0]
    for token in tree.iter(f"{_OAI}resumptionToken"):
        if token.text:
            verb = tree.findtext(f"{_OAI}request") and tree.find(f"{_OAI}request").get("verb")  # type: ignore[union-attr]
            yield Link(f"{here}?{urlencode({'verb': verb or '', 'resumptionToken': token.text})}", answer.address)
    for prefix in tree.iter(f"{_OAI}metadataPrefix"):
        yield Link(f"{here}?{urlencode({'verb': 'ListRecords', 'metadataPrefix': prefix.text or ''})}", answer.address)


def _links_of_html(answer: Answer) -> Iterator[Link]:
    page = html.document_fromstring(answer.body)
    is_question = "?" in answer.address
    for element, attribute, address, _ in page.iterlinks():
        if is_question and "nofollow" in str(element.get("rel", "")).split():
            continue  # values of facets upon values of facets: each is met once, from a page that asks nothing
        if attribute in ("href", "src"):
            claimed = str(element.get("type", "")) if element.tag == "link" else ""
            yield Link(urldefrag(urljoin(answer.address, address.strip())).url, answer.address, format=claimed)
