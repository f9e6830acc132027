import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import cast

import pytest

from server.worker import Listener, Loads, Loop

WAITING = 6

ENDED_WHILE_IT_LOADS = """
import asyncio, os, sys
from server.worker import Worker

worker = object.__new__(Worker)
worker.alive = True
worker._quick_shutdown = False
worker._setup_event_loop()
worker.init_signals()
os.kill(os.getpid(), int(sys.argv[1]))  # as while the application is loaded: the loop does not run yet
print(worker.alive)
worker.alive = True

async def be_ended():
    os.kill(os.getpid(), int(sys.argv[1]))
    while worker.alive:
        await asyncio.sleep(0.01)

worker.loop.run_until_complete(be_ended())
print(worker.alive, worker._quick_shutdown)
"""


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=WAITING) as sock:
        yield sock


@pytest.fixture
def clients(listening: socket.socket) -> Iterator[list[socket.socket]]:
    """Clients that are connected and wait to be taken."""
    found = [socket.create_connection(listening.getsockname()) for _ in range(WAITING)]
    yield found
    for client in found:
        client.close()


class Greeter(asyncio.Protocol):
    """Says hello; `met` gets what `seen` tells at that moment, and `told` is set."""

    def __init__(self, met: list[int], seen: Callable[[], int], told: asyncio.Event) -> None:
        self.met, self.seen, self.told = met, seen, told

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.met.append(self.seen())
        written = cast("asyncio.WriteTransport", transport)
        written.write(b"hello")
        written.close()
        self.told.set()


class Alone:
    """A worker that never has more than others, or always; `told` is what it told them."""

    def __init__(self, *, is_large: bool = False) -> None:
        self.larger, self.told = is_large, list[int]()

    def tell(self, beginning: int) -> None:
        self.told.append(beginning)

    def is_large(self, beginning: int) -> bool:
        return self.larger


def greeted(client: socket.socket) -> bool:
    client.settimeout(10)
    return client.recv(5) == b"hello"


def others_take(listening: socket.socket) -> int:
    """Take one connection as another worker would; return how many that were."""
    with listening.dup() as other:
        try:
            other.accept()[0].close()
        except BlockingIOError:
            return 0
        return 1


async def serve(loop: Loop, listening: socket.socket, met: list[int], until: Callable[[], bool]) -> Listener:
    told = asyncio.Event()
    server = await loop.create_server(lambda: Greeter(met, lambda: others_take(listening), told), sock=listening)
    while not until():
        await told.wait()
        told.clear()
    return server


def run(loop: Loop, listening: socket.socket, met: list[int], until: Callable[[], bool]) -> None:
    try:
        server = loop.run_until_complete(asyncio.wait_for(serve(loop, listening, met, until), 20))
        assert server.is_serving()
        server.close()
        assert not server.is_serving()
        loop.run_until_complete(server.wait_closed())
    finally:
        loop.close()


@pytest.mark.usefixtures("clients")
def test_connections_that_wait_together_are_taken_one_at_a_time(listening: socket.socket) -> None:
    met: list[int] = []
    run(Loop(Alone()), listening, met, lambda: bool(met))
    assert met[0] == 1, "when the first one was served, others could still be taken by somebody else"


def test_a_connection_is_left_to_a_worker_with_fewer_and_taken_when_that_one_does_not(
    listening: socket.socket, clients: list[socket.socket]
) -> None:
    share = Alone(is_large=True)
    met: list[int] = []
    run(Loop(share), listening, met, lambda: len(met) + sum(met) >= WAITING)
    assert max(share.told) >= 1, "what was just taken is told at once"
    assert sum(met) >= 1, "somebody else had the time to take one"
    assert greeted(clients[0])


@pytest.mark.parametrize(
    ("number", "is_quick"), [(signal.SIGTERM, False), (signal.SIGINT, True), (signal.SIGQUIT, True)]
)
def test_a_worker_hears_that_it_is_to_end_at_any_time(number: signal.Signals, is_quick: bool) -> None:
    run = subprocess.run(
        [sys.executable, "-c", ENDED_WHILE_IT_LOADS, str(number.value)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert run.stdout.split() == ["False", "False", str(is_quick)], run.stderr


def test_loads_know_who_has_fewer_and_forget_who_is_gone() -> None:
    loads = Loads()
    assert not loads.is_busier(0)
    loads.say(1, 3)
    assert not loads.is_busier(3)
    assert loads.is_busier(4)
    loads.say(2, 0)
    assert loads.is_busier(3)
    loads.leave(2)
    assert not loads.is_busier(3)


def test_a_worker_that_cannot_take_any_connection_tries_again(
    listening: socket.socket, clients: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[int] = []
    refused: list[int] = []

    class Exhausted(socket.socket):
        """A socket whose process has no file handles left at first."""

        def accept(self) -> tuple[socket.socket, object]:
            if not refused:
                refused.append(1)
                raise OSError(24, "Too many open files")
            return super().accept()

    monkeypatch.setattr("server.worker._PAUSE_SECONDS", 0.01)
    with Exhausted(fileno=listening.dup().detach()) as sock:
        run(Loop(Alone()), sock, met, lambda: bool(met))
    assert refused
    assert greeted(clients[0])
