"""The log of harvests: what is noted, what is written, what is forgotten, what is missing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from server.catalogue.harvests import delivered_ranges, list_harvests, list_undelivered
from server.catalogue.session import Catalogue
from server.oai.harvest_log import MOST_NOTED, HarvestLog, network_of
from tests.support.oai import Harvested, make_settings
from tests.support.published_records import MOMENT, Records


@pytest.fixture
def harvested(database_url: str) -> Iterator[Harvested]:
    catalogue = Catalogue(database_url)
    yield Harvested(catalogue, Records(catalogue).prepare(), make_settings(database_url))
    catalogue.close()


def log_of(harvested: Harvested, now: datetime = MOMENT) -> HarvestLog:
    """Give the service a log whose clock stands still, written only when it is told to."""
    harvested.service.log.close()
    log = HarvestLog(harvested.settings, harvested.catalogue, lambda: now, by_itself=False)
    harvested.service.log = log
    return log


def ask(harvested: Harvested, query: str, agent: str = "Gallica/1") -> None:
    harvested.client.get(f"{harvested.path}?{query}", headers={"User-Agent": agent, "X-Forwarded-For": "192.0.2.77"})


def test_a_harvest_is_one_line_however_many_pages(harvested: Harvested) -> None:
    log = log_of(harvested)
    harvested.records.add(12)
    harvested.walk("ListRecords", metadataPrefix="oai_dc", from_="2026-03-01")
    log.flush()
    with harvested.catalogue.snapshot() as connection:
        [found] = list_harvests(connection, None, 10)
    assert (found.verb, found.prefix, found.since) == ("ListRecords", "oai_dc", "2026-03-01")
    assert (found.pages, found.records, found.size, found.errors, found.is_whole) == (3, 12, 12, 0, True)
    assert found.network == "127.0.0.0/24"


def test_a_harvest_that_breaks_off_brought_the_pages_that_were_asked_on_from(harvested: Harvested) -> None:
    log = log_of(harvested)
    names = harvested.records.add(12)
    first = harvested.ask("ListRecords", metadataPrefix="oai_dc")
    harvested.ask("ListRecords", resumptionToken=first.token)
    log.flush()
    with harvested.catalogue.snapshot() as connection:
        [found] = list_harvests(connection, "", 10)
        missing = [each.name for each in list_undelivered(connection, "", ["oai_dc"])]
    assert (found.pages, found.is_whole, found.reached) == (2, False, 5)
    assert missing == names[5:]


def test_what_changed_since_is_to_be_delivered_again(harvested: Harvested) -> None:
    log = log_of(harvested)
    names = harvested.records.add(7)
    harvested.walk("ListRecords", metadataPrefix="oai_dc")
    harvested.records.change(names[2])
    harvested.records.change(names[3], deleted=True)
    log.flush()

    def missing(agent: str = "") -> list[tuple[str, bool]]:
        with harvested.catalogue.snapshot() as connection:
            return [(each.name, each.deleted) for each in list_undelivered(connection, "", ["oai_dc"], agent)]

    assert missing() == [(names[2], False), (names[3], True)]
    assert len(missing("somebody else")) == 7
    harvested.walk("ListRecords", metadataPrefix="oai_dc", from_="2026-03-02T08:00:08Z")
    log.flush()
    assert missing() == []
    with harvested.catalogue.snapshot() as connection:
        assert delivered_ranges(connection, "", "oai_dc") == [(0, 9)]


def test_headers_and_sets_alone_deliver_nothing(harvested: Harvested) -> None:
    log = log_of(harvested)
    harvested.records.add(3)
    harvested.walk("ListIdentifiers", metadataPrefix="oai_dc")
    harvested.walk("ListRecords", metadataPrefix="oai_dc", set="type")
    log.flush()
    with harvested.catalogue.snapshot() as connection:
        assert len(list_harvests(connection, None, 10)) == 2
        assert len(list(list_undelivered(connection, "", ["oai_dc"]))) == 3


def test_harvests_of_one_second_are_listed_newest_first(harvested: Harvested) -> None:
    harvested.records.add(1)
    moments = {f"{number}": MOMENT + timedelta(microseconds=number) for number in (30, 10, 50, 20, 40)}
    for agent, moment in moments.items():
        log = log_of(harvested, moment)
        ask(harvested, "verb=ListRecords&metadataPrefix=oai_dc", agent)
        log.flush()
    with harvested.catalogue.snapshot() as connection:
        found = list_harvests(connection, None, 10)
    assert [each.agent for each in found] == ["50", "40", "30", "20", "10"]
    assert [each.ended for each in found] == sorted(moments.values(), reverse=True)


def test_the_clock_of_the_log_is_exact(harvested: Harvested) -> None:
    log = HarvestLog(harvested.settings, harvested.catalogue, by_itself=False)
    assert {log._clock().microsecond for _ in range(5)} != {0}


def test_other_requests_and_mistakes_are_counted_by_day(harvested: Harvested) -> None:
    log = log_of(harvested)
    for number in range(50):
        ask(harvested, f"verb=Nonsense{number}")
        ask(harvested, "verb=Identify")
        ask(harvested, "verb=ListRecords&metadataPrefix=oai_dc", "Other\x7f/2")
    log.flush()
    with harvested.catalogue.snapshot() as connection:
        found = {each.verb: each for each in list_harvests(connection, None, 10)}
    assert {verb: (each.pages, each.errors, each.is_whole) for verb, each in found.items()} == {
        "": (50, 50, False), "Identify": (50, 0, False), "ListRecords": (50, 0, True),
    }  # fmt: skip
    assert found["Identify"].network == "192.0.2.0/24"  # told by the nginx on this machine
    assert found["ListRecords"].agent == "Other /2"


def test_addresses_are_forgotten_then_harvests(harvested: Harvested) -> None:
    log = log_of(harvested)
    ask(harvested, "verb=Identify")
    log.flush()
    for days, expected in ((31, [""]), (401, [])):
        log_of(harvested, MOMENT + timedelta(days=days)).flush()
        with harvested.catalogue.snapshot() as connection:
            assert [each.network for each in list_harvests(connection, None, 10)] == expected


def test_no_address_is_kept_where_none_shall_be(harvested: Harvested) -> None:
    own = replace(harvested, settings=make_settings(harvested.settings.database, harvest_address_days=0))
    log = log_of(own)
    ask(own, "verb=Identify")
    assert [entry.network for entry in log._noted] == [""]


def test_what_cannot_be_written_waits_within_bounds(harvested: Harvested, monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of(harvested)
    ask(harvested, "verb=Identify")
    for _ in range(MOST_NOTED + 5):
        log._noted.append(log._noted[0])
    assert len(log._noted) == MOST_NOTED
    monkeypatch.setattr("server.oai.harvest_log.keep_harvests", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        log.flush()
    assert len(log._noted) == MOST_NOTED
    monkeypatch.undo()
    log.flush()
    with harvested.catalogue.snapshot() as connection:
        [found] = list_harvests(connection, None, 10)
    assert found.pages == MOST_NOTED


def test_the_thread_writes_by_itself_and_the_rest_at_the_end(harvested: Harvested) -> None:
    harvested.service.log = HarvestLog(harvested.settings, harvested.catalogue)
    ask(harvested, "verb=Identify")
    assert harvested.service.log._thread is not None
    harvested.service.log.close()
    with harvested.catalogue.snapshot() as connection:
        assert [each.verb for each in list_harvests(connection, None, 10)] == ["Identify"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"), ("::ffff:192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("unix", ""), ("", ""),
    ],
)  # fmt: skip
def test_addresses_are_cut_short(address: str, network: str) -> None:
    assert network_of(address) == network
