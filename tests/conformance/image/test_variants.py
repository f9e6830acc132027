"""The suite goes red on every server that is broken on purpose, and every rule of it on one at least."""

import pytest

from tests.conformance.image.breaking import Broken
from tests.conformance.image.serving import SQUARES, Server
from tests.conformance.image.table import VERSIONS
from tests.conformance.image.trials import Trials, begin, exempt, never_red, rules
from tests.conformance.image.variants import HARMLESS, VARIANTS

CASES = [(version, name) for version in VERSIONS for name in VARIANTS[version]]
ALLOWED = [(version, name) for version in VERSIONS for name in HARMLESS[version]]


@pytest.fixture(scope="module")
def trials(servers: dict[str, Server]) -> dict[str, Trials]:
    """What the rules ask, and what they have said of broken servers so far."""
    return {version: begin(server) for version, server in servers.items()}


@pytest.mark.parametrize(("version", "name"), CASES)
def test_broken_server_is_found_out(trials: dict[str, Trials], version: str, name: str) -> None:
    assert trials[version].caught(name), f"{version}: nobody noticed: {name}"


@pytest.mark.parametrize("version", VERSIONS)
def test_every_rule_is_red_on_some_broken_server(trials: dict[str, Trials], version: str) -> None:
    assert never_red(trials[version]) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_no_rule_is_exempt_without_need(trials: dict[str, Trials], version: str) -> None:
    assert not {rule.__name__ for rule in rules(version)} & set(exempt(version))
    assert not set(trials[version].red()) & set(exempt(version))


@pytest.mark.parametrize(("version", "name"), ALLOWED)
def test_what_is_allowed_is_not_objected_to(trials: dict[str, Trials], version: str, name: str) -> None:
    make, tried = HARMLESS[version][name], trials[version]
    server = Server(make(tried.server.application), version, run=tried.server.run)
    assert server.info(SQUARES) != tried.server.info(SQUARES)
    assert tried.judge(make) == {}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["mirror ignored", "no CORS on errors", "sizes without width"])
def test_rules_that_are_not_run_would_have_been_green(trials: dict[str, Trials], version: str, name: str) -> None:
    tried = trials[version]
    assert set(tried.judge(VARIANTS[version][name], everything=True)) == set(tried.caught(name))


@pytest.mark.parametrize("version", VERSIONS)
def test_server_that_is_not_broken_stays_as_it_is(trials: dict[str, Trials], version: str) -> None:
    assert trials[version].judge(Broken, everything=True) == {}
    assert len(rules(version)) > 100
