"""Which rules find a broken server out: `python -m tests.conformance.image.trials` tells it, rule by rule.

What each rule asks the real server is recorded. A rule that would get the same answers from a broken server cannot fail
there, and is not run: of the many variants of info.json only those rules see anything that ask for info.json.
"""

import asyncio
import inspect
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.conformance.image.breaking import Asked, Broken, Make, Sent
from tests.conformance.image.serving import Headers, Remembered, Server, furnish
from tests.conformance.image.table import VERSIONS, conformance_tests, read_table
from tests.conformance.image.variants import VARIANTS
from tests.support.asking import Answer

Request = tuple[str, str, tuple[tuple[str, str], ...]]
"""Path behind the prefix, method, headers."""


@dataclass(frozen=True)
class Recording(Server):
    """A server of which every answer is kept. For one that never changes."""

    answers: dict[Request, Answer] = field(default_factory=dict)
    asked: set[Request] = field(default_factory=set)

    def ask(self, path: str, method: str = "GET", headers: Headers = ()) -> Answer:
        """Send one request, or answer from memory."""
        request = (path, method, tuple(headers.items() if isinstance(headers, Mapping) else headers))
        self.asked.add(request)
        if request not in self.answers:
            self.answers[request] = super().ask(path, method, headers)
        return self.answers[request]


@dataclass(frozen=True)
class Trials:
    """One version of the real server, what its rules ask it, and what they say of broken ones.

    `red_already` are the rules that the real server breaks: that they are red on a variant says nothing.
    """

    server: Recording
    asked: Mapping[str, frozenset[Request]]
    red_already: frozenset[str] = frozenset()
    found: dict[str, dict[str, str]] = field(default_factory=dict)

    def caught(self, name: str) -> dict[str, str]:
        """Return the rules that go red on a variant, and what they say of it."""
        if name not in self.found:
            self.found[name] = self.judge(VARIANTS[self.server.version][name])
        return self.found[name]

    def judge(self, make: Make, *, everything: bool = False) -> dict[str, str]:
        """Return the rules that go red on a broken server; `everything` runs also those that cannot."""
        broken = make(self.server.application)
        changed = {request for request in self.server.answers if self._is_changed(broken, request)}
        server = replace(self.server, application=broken, answers={}, asked=set())
        return {
            rule.__name__: said
            for rule in rules(server.version)
            if rule.__name__ not in self.red_already
            and (everything or changed & self.asked[rule.__name__])
            and (said := fault_seen(rule, server))
        }

    def red(self) -> dict[str, dict[str, str]]:
        """Return every rule that goes red on some variant: what it says, by the variant.

        A variant on which more than a quarter of all rules are red shows nothing of any one of them, and does not count.
        """
        by_rule: dict[str, dict[str, str]] = {}
        for name in VARIANTS[self.server.version]:
            caught = self.caught(name)
            if len(caught) * 4 <= len(self.asked):
                for rule, said in caught.items():
                    by_rule.setdefault(rule, {})[name] = said
        return by_rule

    def _is_changed(self, broken: Broken, request: Request) -> bool:
        path, method, headers = request
        pairs = (("host", "127.0.0.1"), *((name.lower(), value) for name, value in headers))
        asked = Asked(self.server.prefix + path, pairs, method)
        if broken.ask(asked) != asked:
            return True
        answer = self.server.answers[request]
        lines = tuple((name, value) for name, values in answer.headers.items() for value in values)
        sent = Sent(answer.status, lines, answer.body)
        return broken.send(asked, sent) != sent


@cache
def rules(version: str) -> tuple[Callable[[Server], None], ...]:
    """Return the tests of a version that ask the server and nothing else."""
    return tuple(test for test in proofs(version) if list(inspect.signature(test).parameters) == ["server"])


def proofs(version: str) -> tuple[Callable[..., Any], ...]:
    """Return the tests that prove rows of a version."""
    return tuple(test for test in conformance_tests() if version in test.proves)  # type: ignore[attr-defined]  # our mark


def fault_seen(rule: Callable[[Server], None], server: Server) -> str:
    """Return what a rule says against a server; empty where it says nothing."""
    try:
        rule(server)
    except Exception as error:  # noqa: BLE001  # to pytest, too, every exception is a failure
        return f"{type(error).__name__}: {error}"
    return ""


def begin(server: Server) -> Trials:
    """Record what the rules ask the real server. Those that are red there fail as tests of their own."""
    recording = Recording(server.application, server.version, server.origin, server.run)
    asked, red = {}, set()
    for rule in rules(server.version):
        recording.asked.clear()
        if fault_seen(rule, recording):
            red.add(rule.__name__)
        asked[rule.__name__] = frozenset(recording.asked)
    return Trials(recording, asked, frozenset(red))


def exempt(version: str) -> dict[str, str]:
    """Return the tests that no broken server can show red, and why: the table says it."""
    return {rule.test: rule.no_variant for rule in read_table(version).rules if rule.no_variant}


def never_red(trials: Trials) -> list[str]:
    """Return the tests of a version that are red on no server, and for which the table gives no reason."""
    version = trials.server.version
    known = {*trials.red(), *trials.red_already, *exempt(version)}
    return sorted({test.__name__ for test in proofs(version)} - known)


@contextmanager
def real_servers(folder: Path) -> Iterator[dict[str, Server]]:
    """Our own service over the known pictures, its answers kept; both versions on one event loop, as in a worker."""
    service = furnish(folder)
    with asyncio.Runner() as runner:
        remembered = Remembered(service)
        # Runner.run sets a handler of signals for each request, which takes longer than to answer from memory.
        run = runner.get_loop().run_until_complete
        yield {version: Server(remembered, version, run=run) for version in VERSIONS}
        service.close()


def report() -> str:
    """Return which variants each rule was red on, and which rules were red on none."""
    lines = []
    with tempfile.TemporaryDirectory() as folder, real_servers(Path(folder)) as servers:
        for version, server in servers.items():
            trials = begin(server)
            red = trials.red()
            missing = never_red(trials)
            lines.append(f"{version}: {len(red)} rule tests red on some of {len(VARIANTS[version])} broken servers")
            for rule, said in sorted(red.items()):
                lines.append(f"  {rule}: {len(said)}")
                lines += [f"    {name}: {' '.join(text.split())[:100]}" for name, text in said.items()]
            lines += [f"  {rule}: exempt: {reason}" for rule, reason in exempt(version).items()]
            lines.append(f"{version}: red on none: {', '.join(missing) or 'no rule test'}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(report())  # noqa: T201  # a program
