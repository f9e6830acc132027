"""The pages of the OAI-PMH repositories for people who read: what a harvester would get, told in words.

A page is made from the very response that a harvester gets to the same request, asked of the same `OaiServer`: what it
shows is what is served, errors too. Reading is no harvest: it is not noted in the log. Pure but for `Reading.ask`; no flask.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from lxml import etree
from lxml.etree import QName, _Element

from server.catalogue.repositories import load_harvester
from server.catalogue.session import Catalogue
from server.model.addresses import Addresses
from server.model.clock import Clock
from server.model.harvester import Harvester
from server.model.languages import bcp47
from server.oai.errors import BAD_VERB
from server.oai.formats.xml import clean
from server.oai.known import MOMENT_SECONDS, REPOSITORIES_SECONDS, Repositories
from server.oai.readers import RESPONSE
from server.oai.repository import Moments, Repository, response_moment
from server.oai.server import Answer, OaiServer
from server.settings import Settings

PAGE_SIZE = 25
"""Records on a page: a reader looks, and takes nothing away."""

MOST_SETS = 12
"""Sets on the front page; the others are a page of their own."""

MOST_NODES = 1500
"""Elements of one record that are shown; a METS file of a register has tens of thousands."""

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_MODS = "{http://www.loc.gov/mods/v3}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TITLES = (f"{_DC}title", f"{_TERMS}title", f"{_MODS}title")
_PLACES = (".//{*}datafield[@tag='200']/{*}subfield[@code='a']", ".//{*}datafield[@tag='245']/{*}subfield[@code='a']")
_STARTS = ("http://", "https://")

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Node:
    """An element of a record: its name with the prefix, its text with the language of that, what it holds.

    `address` is where a text or a reference leads; `facts` are the other attributes.
    """

    name: str
    text: str = ""
    language: str = ""
    address: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    nodes: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """A record: `title` is empty for a deleted one; `address` leads to the document where the record says where that is."""

    identifier: str
    datestamp: str
    specs: tuple[str, ...]
    is_deleted: bool
    title: str = ""
    language: str = ""
    address: str = ""
    nodes: tuple[Node, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class ShownSet:
    """A set with its words by language; `summary` is empty where there is none."""

    spec: str
    label: dict[str, str]
    summary: dict[str, str]


@dataclass(frozen=True, slots=True)
class ShownFormat:
    """A metadata format, its schema and its namespace."""

    prefix: str
    schema: str
    namespace: str


@dataclass(frozen=True, slots=True)
class ShownFault:
    """An error of the protocol: its code, and the sentence that a harvester is told, in French too where there is one."""

    code: str
    message: str
    french: str = ""


@dataclass(frozen=True, slots=True)
class HarvestPage:
    """What a page of a repository shows. `verb` is empty where the request names none that there is.

    `asked` is the request as it was sent, `token` what the next page is asked with, `prefix` the format of the records that
    are listed. `harvester` is None for the repository of everything public, `others` are the names of the other ones.
    """

    repository: str
    base_url: str
    others: tuple[str, ...]
    harvester: Harvester | None
    verb: str
    asked: tuple[tuple[str, str], ...]
    date: str
    prefix: str = ""
    facts: dict[str, str] | None = None
    formats: tuple[ShownFormat, ...] = ()
    sets: tuple[ShownSet, ...] = ()
    has_more_sets: bool = False
    records: tuple[ShownRecord, ...] = ()
    faults: tuple[ShownFault, ...] = ()
    token: str = ""
    size: int = 0
    cursor: int = 0

    def query(self, verb: str, **arguments: str) -> str:
        """Return the query of a request; `from_` is from."""
        return urlencode({"verb": verb, **{name.rstrip("_"): value for name, value in arguments.items() if value}})

    @property
    def identifier(self) -> str:
        """The identifier that the request names; empty where it names none."""
        return next((value for name, value in self.asked if name == "identifier"), "")

    @property
    def own_query(self) -> str:
        """The query of this page's own request."""
        return urlencode(self.asked, errors="surrogateescape")

    @property
    def xml(self) -> str:
        """Where the same response is XML whatever a browser prefers, without the host."""
        rest = f"/{self.repository}" if self.repository else ""
        return f"/oai{rest}/{RESPONSE}?{self.own_query}"


class Reading:
    """Asks the repositories of one installation for pages."""

    def __init__(self, settings: Settings, catalogue: Catalogue, clock: Clock | None = None) -> None:
        # the front page of many sets and a list of a hundred titles would be long to read
        self._settings = settings.model_copy(update={"oai_page_size": PAGE_SIZE})
        self._catalogue = catalogue
        self._addresses = Addresses(settings.base, settings.naan, settings.repository_id)
        self._moments = Moments(catalogue, clock or catalogue.clock, MOMENT_SECONDS)
        self._repositories = Repositories(settings, REPOSITORIES_SECONDS)

    def ask(self, name: str, pairs: Pairs) -> HarvestPage:
        """Return the page of a request. Raises Unknown for a repository that there is not."""
        asked = tuple(pairs) or (("verb", "Identify"),)
        now, publishing = self._moments.take()
        with self._catalogue.snapshot() as connection:
            told, names = self._repositories.find(connection, name)
            harvester = load_harvester(connection, name) if name else None
            date = response_moment(connection, None if publishing else now)

            def answer(request: Pairs) -> Answer:
                opened = Repository(self._settings, connection, told, now, names)
                return OaiServer(opened, date).handleRequest(request)

            answered = answer(asked)
            others = tuple(each for each in ("", *names) if each != name)
            page = _read(HarvestPage(name, self._addresses.oai(name), others, harvester, "", asked, ""), answered)
            if page.verb == "Identify":
                page = replace(page, formats=_formats(_parse(answer((("verb", "ListMetadataFormats"),)))))
                sets = _parse(answer((("verb", "ListSets"),)))
                found = _sets(sets)
                page = replace(page, sets=found[:MOST_SETS], has_more_sets=len(found) > MOST_SETS)
            elif page.verb == "GetRecord" and page.records:
                same = (("verb", "ListMetadataFormats"), ("identifier", page.records[0].identifier))
                page = replace(page, formats=_formats(_parse(answer(same))))
        return page


def _parse(answered: Answer) -> _Element:
    return etree.fromstring(answered.body)


def _read(page: HarvestPage, answered: Answer) -> HarvestPage:
    """Return a page with what a response says."""
    root = _parse(answered)
    faults = tuple(
        ShownFault(fault.get("code", ""), fault.text or "", clean(told.french))
        for fault, told in zip(root.iter(f"{_OAI}error"), answered.errors, strict=True)
    )
    verb = answered.request.verb if answered.request else ""
    if not verb and not any(fault.code == BAD_VERB for fault in faults):
        verb = next((value for name, value in page.asked if name == "verb"), "")
    prefix = answered.request.prefix if answered.request else ""
    if answered.taken is not None:
        prefix = answered.taken.position.prefix
    resumption = root.find(f".//{_OAI}resumptionToken")
    is_whole = verb == "GetRecord"
    read = replace(
        page,
        verb=verb,
        date=root.findtext(f"{_OAI}responseDate") or "",
        prefix=prefix,
        facts=_facts(root),
        formats=_formats(root),
        sets=_sets(root),
        records=tuple(_records(root, is_whole=is_whole)),
        faults=faults,
    )
    if resumption is None:
        return replace(read, size=len(read.records))
    return replace(
        read,
        token=resumption.text or "",
        size=int(resumption.get("completeListSize", "0")),
        cursor=int(resumption.get("cursor", "0")),
    )


def _facts(root: _Element) -> dict[str, str] | None:
    identify = root.find(f"{_OAI}Identify")
    if identify is None:
        return None
    facts = {QName(each).localname: each.text or "" for each in identify if each.text}
    rights = identify.find(".//{*}rightsReference")
    return {**facts, "rights": rights.get("ref", "") if rights is not None else ""}


def _formats(root: _Element) -> tuple[ShownFormat, ...]:
    return tuple(
        ShownFormat(
            each.findtext(f"{_OAI}metadataPrefix") or "",
            each.findtext(f"{_OAI}schema") or "",
            each.findtext(f"{_OAI}metadataNamespace") or "",
        )
        for each in root.iter(f"{_OAI}metadataFormat")
    )


def _sets(root: _Element) -> tuple[ShownSet, ...]:
    found = []
    for each in root.iter(f"{_OAI}set"):
        name = {"fr": each.findtext(f"{_OAI}setName") or ""}
        found.append(
            ShownSet(
                each.findtext(f"{_OAI}setSpec") or "",
                name | _words(each, f"{_DC}title"),
                _words(each, f"{_DC}description"),
            )
        )
    return tuple(found)


def _words(within: _Element, name: str) -> dict[str, str]:
    return {each.get(_LANG, "fr"): each.text or "" for each in within.iter(name)}


def _records(root: _Element, *, is_whole: bool) -> Iterator[ShownRecord]:
    for header in root.iter(f"{_OAI}header"):
        record = ShownRecord(
            header.findtext(f"{_OAI}identifier") or "",
            header.findtext(f"{_OAI}datestamp") or "",
            tuple(spec.text or "" for spec in header.findall(f"{_OAI}setSpec")),
            header.get("status") == "deleted",
        )
        following = header.getnext()
        payload = following[0] if following is not None and len(following) else None
        if payload is None:
            yield record
            continue
        title = _title(payload)
        left = [MOST_NODES]
        beside = [part for each in header.itersiblings(f"{_OAI}about") for part in _nodes(each, [MOST_NODES])]
        yield replace(
            record,
            title=" ".join((title.text or "").split()) if title is not None else "",
            language=bcp47(title.get(_LANG, "")) if title is not None else "",
            address=_document(payload),
            nodes=(*_nodes(payload, left), *beside) if is_whole else (),
            is_cut=is_whole and left[0] <= 0,
        )


def _title(payload: _Element) -> _Element | None:
    for name in _TITLES:
        found = next(payload.iter(name), None)
        if found is not None:
            return found
    return next((found for place in _PLACES if (found := payload.find(place)) is not None), None)


def _document(payload: _Element) -> str:
    """Return the address of the document: the first identifier that is one, or what EDM says it is shown at."""
    said = [
        each.text or ""
        for name in (f"{_DC}identifier", f"{_TERMS}identifier", f"{_MODS}url")
        for each in payload.iter(name)
    ]
    said += [value for each in payload.iter("{*}isShownAt") for value in each.attrib.values()]
    return next((each for each in said if each.startswith(_STARTS)), "")


def _nodes(parent: _Element, left: list[int]) -> Iterator[Node]:
    """Yield what an element holds, as long as `left` lasts: the elements that may still be shown."""
    for each in parent.iterchildren(tag=etree.Element):
        if left[0] <= 0:
            return
        left[0] -= 1
        text = " ".join((each.text or "").split())
        facts = {
            _name(each, str(key)): str(value)
            for key, value in each.attrib.items()
            if key != _LANG and not str(key).startswith(_XSI)
        }
        references = [value for value in facts.values() if value.startswith(_STARTS)]
        address = text if text.startswith(_STARTS) and " " not in text else ""
        if not text and len(references) == 1:
            facts = {key: value for key, value in facts.items() if value != references[0]}
            text = address = references[0]
        yield Node(
            _name(each, str(each.tag)),
            text,
            bcp47(each.get(_LANG, "")) if each.get(_LANG) else "",
            address,
            tuple(facts.items()),
            tuple(_nodes(each, left)),
        )


def _name(within: _Element, name: str) -> str:
    """Return a name as the record writes it: with its prefix."""
    if not name.startswith("{"):
        return name
    namespace, _, local = name[1:].partition("}")
    prefix = next((key for key, value in within.nsmap.items() if value == namespace), None)
    return f"{prefix}:{local}" if prefix else local
