"""The pages of an item's text and what is searched of it, made a portion of views at a time, on all cores if there is much.

A portion is read with the view before it and the view behind it, for words are broken over the foot of a page; else it
depends on nothing, so that worker processes can make it. They are given bytes and give bytes back. What is imported here
is imported by each of them: no database, no web.
"""

import gc
import logging
import multiprocessing
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace

from server.catalogue.values import unpack_text
from server.iiif.build.collection import memberships
from server.memory import without_collecting
from server.model.addresses import Addresses
from server.model.item import Item, PublishedView
from server.model.text import PageText
from server.processes import Processes
from server.publish.packing import NOTHING, Packed, pack_document
from server.publish.texts import VIEW_KINDS, write_view, write_whole
from server.search.reading import Reading
from server.search.terms import IndexedView, index_view

PORTION = 25
"""Views that are made together."""

LEAST = 100
"""Views with text for which worker processes are begun: they take a third of a second to begin."""

_log = logging.getLogger("vitrine.publish")


@dataclass(frozen=True, slots=True)
class Pages:
    """The text of an item: the documents of its views by kind, all of it for readers, and what is searched."""

    documents: Mapping[str, Packed]
    whole: bytes
    views: tuple[IndexedView, ...]


@dataclass(frozen=True, slots=True)
class _Portion:
    """Public views that follow one another, `own` of them from the place `first` on; the others only stand beside."""

    item: Item
    addresses: Addresses
    collections: tuple[str, ...]
    kept: dict[str, str]
    views: tuple[PublishedView, ...]
    first: int
    own: int


@dataclass(frozen=True, slots=True)
class _Made:
    documents: dict[str, Packed]
    plain: list[tuple[PublishedView, str]]
    views: list[IndexedView]


def make_pages(
    item: Item, text_of: Callable[[int], PageText | None], addresses: Addresses, kept: Mapping[str, str] = NOTHING
) -> Pages:
    """Make the pages of an item here and now; `text_of` gives the text of a view by its number, one at a time.

    `kept` are the digests of documents that are kept already, by kind.
    """
    with without_collecting():
        portions = _divide(item, addresses, kept)
        return _gather(item, addresses, (_make(portion, _texts(portion, text_of)) for portion in portions))


def make_packed_pages(
    item: Item,
    read: Callable[[Collection[int]], Mapping[int, bytes]],
    addresses: Addresses,
    kept: Mapping[str, str],
    processes: int,
) -> Pages:
    """Make the pages of an item from its packed texts, which `read` gives by the numbers of views, a portion at a time.

    Where there are many and `processes` may be more than one, in worker processes that end with this call.
    """

    def reading() -> Iterator[tuple[_Portion, Mapping[int, bytes]]]:
        for portion in _divide(item, addresses, kept):
            yield portion, read([view.number for view in portion.views if view.has_text])

    many = sum(view.has_text for view in item.public_views) >= LEAST
    with without_collecting():
        # a process that multiprocessing itself began as a daemon (the sweep of `vitrine serve`) may begin none
        if many and processes > 1 and not multiprocessing.current_process().daemon:
            try:
                with Processes(processes, gc.disable) as workers:  # what a worker makes has no cycles
                    return _gather(item, addresses, _in_turn(workers, reading(), 2 * processes))
            except (BrokenProcessPool, OSError) as error:
                # OSError where no process may be begun. Whatever else it was comes again where it is made by one alone.
                _log.warning(
                    "%s: the processes that make its text ended (%s); it is made by one alone", item.name, error
                )
        return _gather(item, addresses, (_make_packed(*one) for one in reading()))


def _in_turn(
    workers: Processes, reading: Iterable[tuple[_Portion, Mapping[int, bytes]]], ahead: int
) -> Iterator[_Made]:
    """Yield what workers make, in order; no more portions are read ahead than keep all of them busy."""
    waiting: deque[Future[_Made]] = deque()
    for portion in reading:
        waiting.append(workers.submit(_make_packed, *portion))
        if len(waiting) > ahead:
            yield workers.result(waiting.popleft())
    while waiting:
        yield workers.result(waiting.popleft())


def _divide(item: Item, addresses: Addresses, kept: Mapping[str, str]) -> Iterator[_Portion]:
    views = item.public_views
    collections = tuple(each.name for each in memberships(item))
    alone = replace(item, views=(), structure=())  # a worker needs what is said of the whole, not a thousand views
    for start in range(0, len(views), PORTION):
        begin, own = max(0, start - 1), min(PORTION, len(views) - start)
        part = views[begin : start + own + 1]
        kinds = (f"{kind}/f{view.number}" for view in views[start : start + own] for kind in VIEW_KINDS)
        held = {kind: kept[kind] for kind in kinds if kind in kept}
        yield _Portion(alone, addresses, collections, held, part, start - begin, own)


def _texts(portion: _Portion, text_of: Callable[[int], PageText | None]) -> list[PageText | None]:
    return [text_of(view.number) if view.has_text else None for view in portion.views]


def _make_packed(portion: _Portion, layouts: Mapping[int, bytes]) -> _Made:
    texts = (layouts.get(view.number) for view in portion.views)
    return _make(portion, [unpack_text(layout) if layout is not None else None for layout in texts])


def _make(portion: _Portion, texts: Sequence[PageText | None]) -> _Made:
    made = _Made({}, [], [])
    reading = Reading()
    own = range(portion.first, portion.first + portion.own)
    for place, (view, text) in enumerate(zip(portion.views, texts, strict=True)):
        reading.take(view, text)
        if place not in own:
            continue
        documents, plain = write_view(portion.item, view, text, portion.addresses)
        for kind, body in documents.items():
            made.documents[kind] = pack_document(kind, body, portion.kept)
        if plain is not None:
            made.plain.append((view, plain))
    numbers = {portion.views[place].number for place in own}
    made.views.extend(index_view(view, portion.collections) for view in reading.finish() if view.number in numbers)
    return made


def _gather(item: Item, addresses: Addresses, portions: Iterable[_Made]) -> Pages:
    documents: dict[str, Packed] = {}
    plain: list[tuple[PublishedView, str]] = []
    views: list[IndexedView] = []
    for made in portions:
        documents |= made.documents
        plain += made.plain
        views += made.views
    return Pages(documents, write_whole(item, plain, addresses) if plain else b"", tuple(views))
