"""The worker that gunicorn runs: its own ASGI worker on uvloop, but one that leaves connections to others who have fewer.

All workers listen on one socket. uvloop takes every connection that waits there at once, so what a viewer or nginx opens
together went to one worker, while the other cores had nothing to do. Here a connection is taken at a time, and whoever
has more than another waits for a moment to see whether that one takes it. What is spoken over it is in
`server/protocol.py`. Must not import anything else of ours.
"""

import asyncio
import logging
import mmap
import signal
import socket
import ssl
from collections.abc import Callable
from typing import Any, Protocol
from weakref import WeakSet

import uvloop
from gunicorn.workers.gasgi import ASGIWorker

from server.protocol import Protocol as Http

WAIT_SECONDS = 0.001
"""How long a worker with more connections than another leaves a new one to that."""

_PAUSE_SECONDS = 0.5
"""How long no connection is taken after the system refused one: it has no file handles left, say."""

_SLOTS = 1024
_ABSENT = -1

_log = logging.getLogger("vitrine.serve")


class Loads:
    """How many connections each worker has, in memory that this process shares with those that it forks."""

    def __init__(self) -> None:
        self._slots = memoryview(mmap.mmap(-1, _SLOTS * 4)).cast("i")
        for slot in range(_SLOTS):
            self._slots[slot] = _ABSENT
        self._used = memoryview(mmap.mmap(-1, 4)).cast("i")

    def say(self, worker: int, count: int) -> None:
        """Tell the others how many connections the worker of this number has."""
        slot = worker % _SLOTS
        self._slots[slot] = count
        if slot >= self._used[0]:
            self._used[0] = slot + 1

    def leave(self, worker: int) -> None:
        """Say that the worker of this number is no more."""
        self._slots[worker % _SLOTS] = _ABSENT

    def is_busier(self, count: int) -> bool:
        """Tell whether some worker has fewer connections than `count`."""
        return any(0 <= other < count for other in self._slots[: self._used[0]])


loads = Loads()
"""Made where the arbiter loads this module, before it forks."""


class Listener:
    """A socket that is listened on, together with others; `share` knows who has how many connections."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        context: ssl.SSLContext | None,
        share: "Share",
    ) -> None:
        self._loop, self._socket, self._factory, self._context = loop, sock, protocol_factory, context
        self._share = share
        self._beginning: set[asyncio.Task[Any]] = set()
        self._resuming: asyncio.TimerHandle | None = None
        self._is_open = True
        sock.setblocking(False)
        loop.add_reader(sock.fileno(), self._ready)

    def close(self) -> None:
        """Take no more connections; those that are open stay so."""
        if self._is_open:
            self._is_open = False
            if self._resuming is not None:
                self._resuming.cancel()
            self._loop.remove_reader(self._socket.fileno())

    def is_serving(self) -> bool:
        """Whether connections are taken."""
        return self._is_open

    async def wait_closed(self) -> None:
        """Return when every connection that was taken has begun."""
        if self._beginning:
            await asyncio.wait(list(self._beginning))

    def _ready(self) -> None:
        """Take a connection, or leave it to a worker that has fewer: for a moment, should that one be held up."""
        self._share.tell(len(self._beginning))
        if self._share.is_large(len(self._beginning)):
            self._rest(WAIT_SECONDS)
        else:
            self._take()

    def _take(self) -> None:
        try:
            connection, _ = self._socket.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another worker was quicker, or the client went away
        except OSError as error:
            _log.error("no connection can be taken for a moment: %s", error)  # no traceback needed
            if self._resuming is None:
                self._rest(_PAUSE_SECONDS)
            return
        task = self._loop.create_task(self._begin(connection))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)
        self._share.tell(len(self._beginning))

    def _rest(self, seconds: float) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._resuming = self._loop.call_later(seconds, self._resume)

    def _resume(self) -> None:
        self._resuming = None
        self._loop.add_reader(self._socket.fileno(), self._ready)
        self._take()

    async def _begin(self, connection: socket.socket) -> None:
        try:
            connection.setblocking(False)
            await self._loop.connect_accepted_socket(self._factory, connection, ssl=self._context)
        except OSError:
            connection.close()  # the client went away, or could not agree on TLS


class Share(Protocol):
    """What a worker has of all connections. `beginning` are those that it has taken and that are not counted yet."""

    def tell(self, beginning: int) -> None:
        """Tell the others how many there are here."""

    def is_large(self, beginning: int) -> bool:
        """Return whether another worker has fewer."""


class Loop(uvloop.Loop):
    """uvloop, whose servers leave connections to other workers. `protocols` is what speaks over each connection."""

    def __init__(self, share: Share, protocols: Callable[[], asyncio.BaseProtocol] | None = None) -> None:
        super().__init__()
        self._share, self._protocols = share, protocols

    async def create_server(  # type: ignore[override]  # the only form that gunicorn uses
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        *,
        sock: socket.socket,
        ssl: ssl.SSLContext | None = None,
        **_: Any,
    ) -> Listener:
        """Listen on a socket that is bound already."""
        return Listener(self, sock, self._protocols or protocol_factory, ssl, self._share)


class Worker(ASGIWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's ASGI worker on that loop; it is the share of its own connections."""

    def _setup_event_loop(self) -> None:
        self._connections: WeakSet[Http] = WeakSet()
        self.loop = Loop(self, self._connect)
        asyncio.set_event_loop(self.loop)

    def init_signals(self) -> None:
        """Listen to signals, from now on: uvloop does while it runs, and one that came before would be lost."""
        super().init_signals()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, self._end)  # uvloop is told beside it, by the descriptor that wakes it

    def _end(self, *_: object) -> None:
        self.alive = False

    def _connect(self) -> Http:
        connection = Http(self)
        self._connections.add(connection)
        return connection

    async def _shutdown(self) -> None:
        """End: answer what was asked, and wait for nobody who asks nothing, as viewers and nginx keep connections open."""
        for server in self.servers:
            server.close()
        for connection in list(self._connections):
            connection.end_if_idle()
        await super()._shutdown()

    def notify(self) -> None:
        """Tell the arbiter, and the other workers, how this one is: called about every second."""
        super().notify()
        self.tell(0)

    def tell(self, beginning: int) -> None:
        """Tell the other workers how many connections this one has."""
        loads.say(self.age, self.nr_conns + beginning)

    def is_large(self, beginning: int) -> bool:
        """Return whether another worker has fewer connections."""
        return loads.is_busier(self.nr_conns + beginning)
