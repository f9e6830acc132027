"""The sweep: publishes what has become due, and makes the PDFs that are announced, beside it in a thread that steps back.

What is wanted is read from the catalogue, so a lost message loses nothing.
"""

import logging
import os
import signal
import threading
from contextlib import suppress

from server.errors import VitrineError
from server.publish.apply import apply_days
from server.publish.filing import file_published
from server.publish.leftovers import delete_replaced
from server.publish.making import PdfMaker
from server.publish.run import Outcome, list_items, publish_item, republish_item
from server.publish.wholes import refresh_wholes
from server.settings import Settings
from server.workshop import Workshop, open_workshop

_LESS_URGENT = 10
"""Niceness of the thread that makes PDFs."""

_log = logging.getLogger("vitrine.sweep")


def sweep(workshop: Workshop) -> list[Outcome]:
    """Publish every item that somebody wanted published and that may be public now. One that fails stops no other.

    What an earlier version published is filed where readers find it. Partnerships that began or ended are followed, and
    records of wholes brought to what their parts are.
    """
    with workshop.catalogue.read() as session:
        names = list_items(session, wanted=True)
    outcomes = []
    for name in names:
        try:
            # One that is live already lost a view, and was interrupted before it was rendered without it.
            outcome = republish_item(workshop, name)
            outcomes.append(publish_item(workshop, name) if outcome.state == "not public" else outcome)
        except VitrineError as error:
            _log.warning("%s: %s", name, error)
    try:
        file_published(workshop)
        for repository in apply_days(workshop):
            _log.info("%s: partnerships began or ended, its rule was applied anew", repository)
        refresh_wholes(workshop)
        if deleted := delete_replaced(workshop):
            _log.info("%s files that updates replaced were deleted", deleted)
    except VitrineError as error:  # a rebase is on its way, or a file is being changed: the next sweep does it
        _log.warning("repositories of harvesters: %s", error)
    return outcomes


def run_sweeps(settings: Settings) -> None:
    """Sweep every `sweep_seconds` until the process is told to end, or its parent is gone."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    parent = os.getppid()
    workshop = open_workshop(settings)
    making = threading.Thread(target=_make_pdfs, args=(workshop, ended), name="renderings")
    making.start()
    while not ended.is_set() and os.getppid() == parent:
        try:
            for outcome in sweep(workshop):
                if outcome.state != "waiting":
                    _log.info("%s: %s %s", outcome.name, outcome.state, outcome.problem)
        except Exception:  # noqa: BLE001  # the next sweep tries again: nothing is lost by one that failed
            _log.exception("a sweep failed; the next one is in %s s", settings.sweep_seconds)
        ended.wait(settings.sweep_seconds)
    ended.set()
    making.join()


def _make_pdfs(workshop: Workshop, ended: threading.Event) -> None:
    """Make PDFs until the process ends. A long one holds no publication back; it is given up between two pages."""
    with suppress(OSError):  # Linux counts niceness by thread: tiles and publications go first
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LESS_URGENT)
    maker = PdfMaker(workshop, ended.is_set)
    while not ended.is_set():
        try:
            if made := maker.make_all():
                _log.info("%s PDFs made", made)
        except Exception:  # noqa: BLE001  # as above
            _log.exception("making PDFs failed; the next try is in %s s", workshop.settings.sweep_seconds)
        ended.wait(workshop.settings.sweep_seconds)
