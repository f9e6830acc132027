"""Real harvesters on `vitrine serve`, on both databases: sickle, the toolkit's client, Perl's HTTP::OAI, Catmandu."""

import http.client
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from oaipmh.client import Client  # type: ignore[import-untyped]  # it ships no types
from oaipmh.metadata import MetadataRegistry, oai_dc_reader  # type: ignore[import-untyped]  # it ships no types
from sickle import Sickle  # type: ignore[import-untyped]  # it ships no types
from sickle.oaiexceptions import NoRecordsMatch  # type: ignore[import-untyped]  # it ships no types

from server.catalogue.records import Listed, select_page
from server.catalogue.session import Catalogue
from tests.support.foreign_harvesters import HARVESTERS, Took
from tests.support.oai import Harvested, make_settings
from tests.support.processes import running
from tests.support.published_records import MOMENT, SETS, Records
from tests.support.skips import ALLOWED, NO_CATMANDU, NO_HTTP_OAI, skip


@pytest.fixture
def harvested(database_url: str) -> Iterator[Harvested]:
    catalogue = Catalogue(database_url)
    yield Harvested(catalogue, Records(catalogue).prepare(), make_settings(database_url))
    catalogue.close()


@pytest.fixture
def address(harvested: Harvested, vitrine: Path, tmp_path: Path, free_port: int) -> Iterator[str]:
    """The base URL of `vitrine serve` on this catalogue, with pages of three records; it ends with the test."""
    home = tmp_path / "home"
    home.mkdir()
    ours = {
        "VITRINE_HOME_DIR": home,
        "VITRINE_DATABASE_URL": harvested.settings.database,
        "VITRINE_BASE_URL": harvested.settings.base,
        "VITRINE_SECRET_KEY": "k" * 40,
        "VITRINE_OAI_PAGE_SIZE": 3,
        "VITRINE_WORKERS": 2,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")}
    log = tmp_path / "serve.log"
    command: list[str | Path] = [vitrine, "serve", "--no-sweep", "--port", str(free_port)]

    def ready() -> bool:
        return b"Ctrl-C ends it." in log.read_bytes()

    with running(command, log, ready, env=kept | {name: str(value) for name, value in ours.items()}):
        yield f"http://127.0.0.1:{free_port}/oai"
    assert "Traceback" not in log.read_text(), log.read_text()


def test_sickle_takes_everything(harvested: Harvested, address: str) -> None:
    expected = harvested.records.add(23)
    harvested.records.change(expected[3], deleted=True)
    for method in ("GET", "POST"):
        _sickle_takes(expected, harvested, Sickle(address, http_method=method))


def _sickle_takes(expected: list[str], harvested: Harvested, harvester: Any) -> None:
    first = harvester.ListRecords(metadataPrefix="oai_dc")
    headers = first.oai_response.http_response.headers
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert len(first.oai_response.xml.findall(".//{*}record")) == 3, "a page as the server was told"
    taken = list(first)
    assert [record.header.identifier.rpartition(":")[2] for record in taken] == [
        *expected[:3], *expected[4:], expected[3],
    ]  # fmt: skip
    assert [record.deleted for record in taken] == [False] * 22 + [True]
    assert taken[0].metadata["identifier"][0] == f"http://127.0.0.1:8000/ark:/99999/{expected[0]}"
    assert taken[0].metadata["title"] == [f"Carte {expected[0]}"]
    headers = list(harvester.ListIdentifiers(metadataPrefix="oai_dc", set="type:cartes-postales"))
    assert len(headers) == 23
    assert [found.setSpec for found in harvester.ListSets()] == [
        "institution", "institution:bm-lille", "type", "type:cartes-postales",
    ]  # fmt: skip
    assert len(list(harvester.ListRecords(metadataPrefix="oai_dc", ignore_deleted=True))) == 22


def test_sickle_comes_back_for_what_changed(harvested: Harvested, address: str) -> None:
    # The server's clock is the real one: what it has was published before now.
    harvested.records.now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    names = harvested.records.add(12)
    harvester = Sickle(address)
    first = harvester.ListRecords(metadataPrefix="oai_dc")
    date = first.oai_response.xml.find("{*}responseDate").text
    assert len(list(first)) == 12
    with pytest.raises(NoRecordsMatch):
        harvester.ListRecords(metadataPrefix="oai_dc", **{"from": date})
    harvested.records.now = datetime.fromisoformat(date)
    harvested.records.change(names[4])
    harvested.records.change(names[5], deleted=True)
    [later] = harvested.records.add(1)
    following = list(harvester.ListRecords(metadataPrefix="oai_dc", **{"from": date}))
    assert [record.header.identifier.rpartition(":")[2] for record in following] == [names[4], names[5], later]


def test_the_toolkits_client_takes_everything(harvested: Harvested, address: str) -> None:
    expected = harvested.records.add(13)
    harvested.records.change(expected[0], deleted=True)
    registry = MetadataRegistry()
    registry.registerReader("oai_dc", oai_dc_reader)
    for method in ("GET", "POST"):
        _the_client_takes(expected, harvested, Client(address, registry, force_http_get=method == "GET"))


def _the_client_takes(expected: list[str], harvested: Harvested, harvester: Any) -> None:
    harvester.updateGranularity()
    assert harvester.identify().deletedRecord() == "persistent"
    records = list(harvester.listRecords(metadataPrefix="oai_dc"))
    assert [header.identifier().rpartition(":")[2] for header, _, _ in records] == [*expected[1:], expected[0]]
    assert records[-1][0].isDeleted()
    assert records[0][1].getField("source") == ["Bibliothèque municipale de Lille, CP 1204"]
    assert len(list(harvester.listIdentifiers(metadataPrefix="oai_dc", until=datetime(2026, 3, 2, 8, 0, 3)))) == 2  # noqa: DTZ001
    assert len(list(harvester.listSets())) == 4
    one = harvester.getRecord(metadataPrefix="oai_dc", identifier=harvested.records.identifier(expected[2]))
    assert one[0].datestamp() == datetime(2026, 3, 2, 8, 0, 3)  # noqa: DTZ001  # the toolkit's moments have no zone


NEEDED = {"HTTP::OAI": NO_HTTP_OAI, "oai_pmh": NO_HTTP_OAI, "catmandu": NO_CATMANDU}
TOGETHER = [("sickle", "oaipmh"), ("HTTP::OAI", "oai_pmh"), ("catmandu",)]
"""Harvesters that need the same: they are there, or missing, together."""


def test_every_harvester_is_tried() -> None:
    assert {name for names in TOGETHER for name in names} == set(HARVESTERS)
    assert all(len({NEEDED.get(name) for name in names}) == 1 for names in TOGETHER)


@pytest.mark.parametrize("names", TOGETHER, ids="+".join)
def test_each_harvester_ends_with_what_there_is_in_each_repository(
    harvested: Harvested, address: str, names: tuple[str, ...]
) -> None:
    """All of it, a set, between dates, then only what changed, deletions too; of everything and of one harvester's own."""
    needed = NEEDED.get(names[0])
    if needed is not None and ALLOWED[needed]():
        skip(needed)

    def take(base: str, asked: dict[str, str]) -> list[Took]:
        """Return what each of them took, which is the same."""
        first, *others = ((name, HARVESTERS[name](base, asked)) for name in names)
        for name, taken in others:
            assert taken == first[1], f"{name} took other records than {first[0]}"
        return first[1]

    # The server's clock is the real one: what it has was published before now.
    harvested.records.now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    everything = harvested.records
    own = everything.elsewhere("gallica")
    for base, records, word in ((address, everything, "Carte"), (f"{address}/gallica", own, "Plan")):
        records.sequence, records.now, records.sets = everything.sequence, everything.now, dict(everything.sets)
        added = records.add(8, title=word)
        records.change(added[1], deleted=True)
        records.add(2, sets=(*SETS, "gallica"), title=word)
        identified = {each: records.identifier(each) for each in records.sets if each >= added[0]}
        mirror = {each.identifier: each for each in take(base, {})}
        kept = {Took(identified[each], title=f"{word} {each}") for each in identified if each != added[1]}
        assert set(mirror.values()) == kept | {Took(identified[added[1]], is_deleted=True)}
        last = sorted(identified)[-2:]
        assert [each.identifier for each in take(base, {"set": "gallica"})] == [identified[each] for each in last]

        before = (records.now - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        within = take(base, {"from": before, "until": before, "set": "gallica"})
        assert [each.identifier for each in within] == [identified[last[0]]]
        assert take(base, {"from": (records.now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}) == []

        records.now += timedelta(minutes=10)
        since = records.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        records.change(added[2], title="Corrigée")
        records.change(added[3], deleted=True)
        [new] = records.add(1, title=word)
        changed = take(base, {"from": since})
        assert [each.identifier for each in changed] == [records.identifier(each) for each in (added[2], added[3], new)]
        assert [each.is_deleted for each in changed] == [False, True, False]
        mirror |= {each.identifier: each for each in changed}
        assert mirror == {each.identifier: each for each in take(base, {})}, "the mirror is what a full harvest gives"


def test_a_body_of_ten_megabytes_is_a_protocol_error(address: str) -> None:
    for announced in (True, False):
        _ten_megabytes_are_refused(address, announced)


def _ten_megabytes_are_refused(address: str, announced: bool) -> None:
    whole = b"verb=Identify&" + b"x" * (10 * 2**20)
    body = whole if announced else iter([whole[:100_000], whole[100_000:]])
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/oai", body=body, headers=form, encode_chunked=not announced)
    refused = connection.getresponse()
    assert refused.status == 200
    assert b'<error code="badArgument">the request is longer than 65536 bytes</error>' in refused.read()
    held = connection.sock
    connection.request("POST", "/oai", body="verb=Identify", headers=form)
    assert b"<Identify>" in connection.getresponse().read()
    assert connection.sock is held, "the same connection serves on"
    connection.close()


def test_changes_during_a_harvest_lose_nothing_that_stays(harvested: Harvested) -> None:
    expected = harvested.records.add(31)
    pages = [harvested.ask("ListRecords", metadataPrefix="oai_dc")]
    moved = []
    while pages[-1].token:
        moved.append(expected[7 * len(pages) % 31])
        harvested.records.change(moved[-1], deleted=len(pages) % 2 == 0)
        harvested.records.add(2)
        pages.append(harvested.ask("ListRecords", resumptionToken=pages[-1].token))
    seen = [identifier.rpartition(":")[2] for page in pages for identifier in page.identifiers]
    assert len(set(seen)) == len(seen)
    assert set(expected) - set(moved) <= set(seen)
    again = harvested.walk("ListRecords", metadataPrefix="oai_dc", from_=pages[0].date)
    assert set(moved) <= {identifier.rpartition(":")[2] for page in again for identifier in page.identifiers}


def test_the_response_date_waits_for_publishers(harvested: Harvested) -> None:
    harvested.records.add(3)
    harvested.moment = MOMENT + timedelta(seconds=6)
    with harvested.catalogue.publication_lock():
        assert harvested.ask("Identify").date == "2026-03-02T08:00:03Z"
    assert harvested.ask("Identify").date == "2026-03-02T08:00:06Z"


@pytest.mark.parametrize("spec", ["", "type:cartes-postales"])
@pytest.mark.parametrize("bodies", [True, False])
def test_a_page_is_a_walk_of_an_index_wherever_it_stands(harvested: Harvested, spec: str, bodies: bool) -> None:
    harvested.records.add(400)
    dialect = harvested.catalogue.engine.dialect
    query = select_page(dialect, Listed("", "oai_dc", spec), 300, 400, 6, size=10_000, bodies=bodies)
    sqlite_only = harvested.catalogue.is_sqlite
    text = str(query.compile(harvested.catalogue.engine, compile_kwargs={"literal_binds": True}))
    assert "OFFSET" not in text.replace("OFFSET 0", "")
    with harvested.catalogue.engine.connect() as connection:
        if not sqlite_only:
            # small tables are read whole by preference: what counts is that the index serves when they are large
            connection.exec_driver_sql("analyze oai_record")
            connection.exec_driver_sql("analyze oai_record_set")
            connection.exec_driver_sql("set enable_seqscan = off")
            connection.exec_driver_sql("set enable_bitmapscan = off")
        explain = "explain query plan " if sqlite_only else "explain "
        plan = "\n".join(" ".join(str(cell) for cell in row) for row in connection.exec_driver_sql(explain + text))
    assert ("ix_oai_record_set_list" if spec else "ix_oai_record_list") in plan
    assert "SCAN oai" not in plan
    assert "Seq Scan" not in plan
    if not spec:
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan
