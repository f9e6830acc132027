"""The rule for skips: by name only, and only while its reason is true. Any other skip or xfail fails the run.

A pytest plugin. The terminal summary says what was not run and why, so that a green run never hides a gap.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from scripts import validators
from tests.support.foreign_harvesters import has_catmandu, has_http_oai

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared"

NO_SHARED = "no ../shared beside the checkout"
NO_CHROMIUM = "no Chromium, and not root to install it"
NO_VALIDATOR_PYTHON = "no Python >= 3.12 that runs, for iiif-validator-ng"

NO_HTTP_OAI = "no Perl HTTP::OAI (Debian: libhttp-oai-perl)"
NO_CATMANDU = "no Catmandu with OAI (Debian: libcatmandu-oai-perl)"


def chromium_path() -> str | None:
    """Return where Debian's Chromium is, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


ALLOWED: dict[str, Callable[[], bool]] = {
    NO_SHARED: lambda: not SHARED.is_dir(),
    NO_CHROMIUM: lambda: chromium_path() is None and os.geteuid() != 0,
    NO_VALIDATOR_PYTHON: lambda: not validators.find_python(validators.NEW.oldest),
    NO_HTTP_OAI: lambda: not has_http_oai(),
    NO_CATMANDU: lambda: not has_catmandu(),
}
"""Every allowed reason, and the question whether it is true here."""


def skip(reason: str) -> NoReturn:
    """Skip the test for an allowed reason. Raises ValueError for any other."""
    if reason not in ALLOWED:
        raise ValueError(f"{reason!r} is no allowed reason to skip; allowed are: {', '.join(sorted(ALLOWED))}")
    pytest.skip(reason)


class SkipPolicy:
    """Collects every skip and xfail of a run; those that are not allowed make the run fail."""

    def __init__(self) -> None:
        self.not_run: Counter[str] = Counter()
        self.refused: list[str] = []

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if hasattr(report, "wasxfail"):
            self.refused.append(f"{report.nodeid}: xfail ({report.wasxfail or 'no reason'})")
            return
        if not report.skipped:
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        if reason in ALLOWED and ALLOWED[reason]():
            self.not_run[reason] += 1
        else:
            self.refused.append(f"{report.nodeid}: {reason}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at each phase of each test."""
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Look at modules that skip themselves whole."""
        self._note(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that would have passed with a skip that nobody allowed."""
        if self.refused and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was not run, and which skips the rule refuses."""
        for line in self.refused:
            terminalreporter.write_line(f"NOT ALLOWED to skip: {line}", red=True)
        if not self.not_run:
            terminalreporter.write_line("Not run: nothing; every test that was collected ran.")
        for reason, count in sorted(self.not_run.items()):
            terminalreporter.write_line(f"Not run: {count} test{'s' if count > 1 else ''}: {reason}")


def pytest_configure(config: pytest.Config) -> None:
    """Register the policy where reports arrive: the process that the person started, not the workers of xdist."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipPolicy(), "skip-policy")
