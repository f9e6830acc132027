"""The threads that render images, and who may have one when: so that tiles never wait for regions.

A few threads in each worker, of lower priority than the event loop that sends the tiles; heavy requests beside light
ones, never in all of them; a bound on how many wait; and whoever goes away is neither waited for nor worked for any
longer. Must not import flask.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from typing import Any

from server.errors import Overloaded
from server.iiif.http import Receive, holding

RENDER_THREADS = 2
"""Threads that render, in each worker; one of them takes no heavy request."""

HEAVY = 4 * 2**20
"""Pixels, decoded and made, above which a request is heavy."""

MOST_WAITING = 200
"""Requests that may wait for a rendering in one worker; more are asked to come back."""

_LESS_URGENT = 10
"""Niceness of a rendering thread: where cores are short, the event loop goes first."""

MOST_SECONDS = 20.0
"""How long a request may wait for a thread and for its work together; then it is asked to come back."""

_LATE = "this image takes too long while so many others are made; please try again in a few seconds"
_UNWANTED = "nobody waits for this image any more"

Work = Callable[[Callable[[], bool]], bytes]
"""Make an image; it asks now and then whether somebody still wants it, and may end in any error once nobody does."""


class Renderers:
    """The rendering threads of one worker. Make it in the process that uses it; use it on the event loop only."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RENDER_THREADS, thread_name_prefix="image-render", initializer=_step_back)
        self._slots = asyncio.Semaphore(RENDER_THREADS)
        self._heavy_slots = asyncio.Semaphore(max(1, RENDER_THREADS - 1))
        self.waiting = 0
        """Requests that wait for a thread or have one."""

    def close(self) -> None:
        """End the threads; those at work finish first."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(self, receive: Receive, weight: int, work: Work) -> bytes:
        """Do the work in a thread, when its turn has come. `weight` is in pixels.

        Raises Overloaded where too many wait already, where the worker holds as much for slow clients as it may, where
        it took too long, or where the client went away: viewers drop what they no longer need, and nobody should wait
        for that.
        """
        if self.waiting >= MOST_WAITING or holding.is_full:
            raise Overloaded("too many images are being made at this moment; please try again in a few seconds")
        slots = (self._heavy_slots, self._slots) if weight > HEAVY else (self._slots,)
        self.waiting += 1
        end = asyncio.get_running_loop().time() + MOST_SECONDS
        gone = asyncio.ensure_future(_gone(receive))
        try:
            async with AsyncExitStack() as held:
                for slot in slots:
                    await _acquire(slot, gone, end)
                    held.callback(slot.release)
                return await self._work(work, gone, end)
        finally:
            self.waiting -= 1
            gone.cancel()

    async def _work(self, work: Work, gone: "asyncio.Future[None]", end: float) -> bytes:
        unwanted = threading.Event()
        making = asyncio.get_running_loop().run_in_executor(self._threads, work, lambda: not unwanted.is_set())
        try:
            await _either(making, gone, end)
            if making.done():
                return await making
        finally:
            # The place is given back when the thread is free, not before, whatever became of the request.
            unwanted.set()
            if not making.done():
                with suppress(Exception):
                    await asyncio.shield(making)
        raise Overloaded(_UNWANTED if gone.done() else _LATE)


async def _acquire(slot: asyncio.Semaphore, gone: "asyncio.Future[None]", end: float) -> None:
    """Wait for a place. Raises Overloaded, with none taken, where the client goes away or the time is over first."""
    if not slot.locked():
        await slot.acquire()
        return
    turn = asyncio.ensure_future(slot.acquire())
    try:
        await _either(turn, gone, end)
    except asyncio.CancelledError:
        if turn.done() and not turn.cancelled():
            slot.release()
        raise
    finally:
        if not turn.done():
            turn.cancel()
    if turn.cancelled() or not turn.done():
        raise Overloaded(_UNWANTED if gone.done() else _LATE)


async def _either(one: "asyncio.Future[Any]", other: "asyncio.Future[Any]", end: float) -> None:
    """Wait until one of them is done, or it is `end` on the loop's clock."""
    left = max(0.0, end - asyncio.get_running_loop().time())
    await asyncio.wait((one, other), timeout=left, return_when=asyncio.FIRST_COMPLETED)


async def _gone(receive: Receive) -> None:
    """Return when the client has gone. A request has one message; what a server says after it is the end."""
    for _ in range(2):
        if (await receive())["type"] == "http.disconnect":
            return
    await asyncio.Event().wait()


def _step_back() -> None:
    """Lower the priority of this thread alone (Linux counts niceness by thread), where the system lets us."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LESS_URGENT)
