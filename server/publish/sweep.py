"""The sweep: publishes what has become due. What is wanted is read from the catalogue, so a lost message loses nothing."""

import logging
import os
import signal
import threading

from server.errors import VitrineError
from server.publish.run import Outcome, list_items, publish_item, republish_item
from server.settings import Settings
from server.workshop import Workshop, open_workshop

_log = logging.getLogger("vitrine.sweep")


def sweep(workshop: Workshop) -> list[Outcome]:
    """Publish every item that somebody wanted published and that may be public now. One that fails stops no other."""
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
    return outcomes


def run_sweeps(settings: Settings) -> None:
    """Sweep every `sweep_seconds` until the process is told to end, or its parent is gone."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    parent = os.getppid()
    workshop = open_workshop(settings)
    while not ended.is_set() and os.getppid() == parent:
        try:
            for outcome in sweep(workshop):
                if outcome.state != "waiting":
                    _log.info("%s: %s %s", outcome.name, outcome.state, outcome.problem)
        except Exception:  # noqa: BLE001  # the next sweep tries again: nothing is lost by one that failed
            _log.exception("a sweep failed; the next one is in %s s", settings.sweep_seconds)
        ended.wait(settings.sweep_seconds)
