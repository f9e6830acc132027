"""OAI-PMH 2.0 §2.5 to §2.7, §3.4, §3.5 and §4: lists, tokens, tombstones, sets, and where the peers fail."""

import gzip
import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import delete, event

from server.catalogue.publication_models import OaiSetRow
from server.catalogue.records import Listed, list_records
from server.catalogue.session import Catalogue
from server.oai import inventory
from server.oai.formats.about import write_about
from server.oai.formats.render import FORMATS
from server.oai.resumption import read_token, write_token
from tests.support.oai import OAI, Harvested, make_settings
from tests.support.published_records import MOMENT, SETS, Records
from tests.support.skips import SHARED

SAFE = re.compile(r"^[A-Za-z0-9_-]+$")


def dated(seconds: int) -> str:
    return f"{MOMENT + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def traced(catalogue: Catalogue, seen: list[str]) -> Iterator[None]:
    """Note each statement that SQLite is given, by whomever."""

    def trace(connection: Any, *_: object) -> None:
        connection.set_trace_callback(seen.append)

    event.listen(catalogue.engine, "checkout", trace)
    try:
        yield
    finally:
        event.remove(catalogue.engine, "checkout", trace)


def names(pages: list[str]) -> list[str]:
    return [identifier.rpartition(":")[2] for identifier in pages]


@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
@pytest.mark.parametrize("count", [1, 4, 5, 6, 9, 10, 11, 15])
def test_3_5_tokens_and_their_absence(harvested: Harvested, verb: str, count: int) -> None:
    """invenio-oaiserver shows a phantom token at exact multiples; Kitodo a wrong cursor or no empty last token."""
    expected = harvested.records.add(count)
    pages = harvested.walk(verb, metadataPrefix="oai_dc")
    assert names([identifier for page in pages for identifier in page.identifiers]) == expected
    assert len(pages) == -(-count // 5)
    if len(pages) == 1:
        assert pages[0].resumption is None
        return
    for number, page in enumerate(pages):
        assert page.resumption is not None
        assert page.resumption.get("cursor") == str(5 * number)
        assert page.resumption.get("completeListSize") == str(count)
        assert bool(page.token) == (number < len(pages) - 1)
        assert set(page.resumption.attrib) <= {
            "cursor",
            "completeListSize",
            "expirationDate",
        }  # oai-repo: expiration_date
        if page.token:
            assert SAFE.match(page.token)
            assert page.resumption.get("expirationDate") > page.date
        else:
            assert page.resumption.get("expirationDate") is None


@pytest.mark.parametrize("database", ["sqlite_url", "postgres_url"])
@pytest.mark.parametrize("spec", ["", "type:cartes-postales"])
def test_3_5_a_page_ends_where_it_has_bytes_enough(request: pytest.FixtureRequest, database: str, spec: str) -> None:
    """METS of a register may have megabytes: a page has as many records as fit, and one that is larger comes alone."""
    url = request.getfixturevalue(database)
    catalogue = Catalogue(url)
    held = Records(catalogue).prepare()
    expected = held.add(2) + held.add(1, title="G" * 9_000) + held.add(1, title="H" * 9_000) + held.add(9)
    held.change(expected[-1], deleted=True)
    schema = request.getfixturevalue("oai_schema") if SHARED.is_dir() else None
    asked = Harvested(catalogue, held, make_settings(url, oai_page_size=7, oai_page_bytes=8_000), schema)
    pages = asked.walk("ListRecords", metadataPrefix="oai_dc", **({"set": spec} if spec else {}))
    shown = [names(page.identifiers) for page in pages]
    assert shown == [expected[:2], [expected[2]], [expected[3]], expected[4:9], expected[9:]]
    sizes = [len(page) for page in shown]
    assert [page.resumption.get("cursor") for page in pages] == [str(sum(sizes[:at])) for at in range(len(sizes))]
    assert {page.resumption.get("completeListSize") for page in pages} == {str(len(expected))}
    assert [bool(page.token) for page in pages] == [True] * (len(pages) - 1) + [False]
    headers = asked.walk("ListIdentifiers", metadataPrefix="oai_dc")
    assert [names(page.identifiers) for page in headers] == [expected[:7], expected[7:]]
    with catalogue.snapshot() as connection:
        rows = list_records(connection, Listed("", "oai_dc", spec), 0, 2**62, 8, size=8_000)
        assert [row.sequence for row in rows] == [1, 2, 3], "no more is read than tells that the list goes on"
    asked.service.close()
    catalogue.close()


def test_3_5_the_last_token_may_be_used_again(harvested: Harvested) -> None:
    harvested.records.add(12)
    first = harvested.ask("ListRecords", metadataPrefix="oai_dc")
    again = [harvested.ask("ListRecords", resumptionToken=first.token) for _ in range(3)]
    assert len({page.body for page in again}) == 1


def test_3_5_tokens_survive_a_restart_and_a_new_key(harvested: Harvested) -> None:
    harvested.records.add(7)
    token = harvested.ask("ListRecords", metadataPrefix="oai_dc").token
    url = harvested.settings.database
    rotated = replace(harvested, settings=make_settings(url, secret_key="n" * 40 + "," + "k" * 40))
    assert len(rotated.ask("ListRecords", resumptionToken=token).identifiers) == 2
    retired = replace(harvested, settings=make_settings(url, secret_key="n" * 40))
    assert retired.ask("ListRecords", resumptionToken=token).errors == ["badResumptionToken"]


def test_3_5_a_token_expires_when_it_says(harvested: Harvested) -> None:
    harvested.records.add(7)
    harvested.moment = datetime(2026, 4, 1, tzinfo=UTC)
    first = harvested.ask("ListRecords", metadataPrefix="oai_dc")
    assert first.resumption.get("expirationDate") == "2026-04-08T00:00:00Z"
    harvested.moment = datetime(2026, 4, 7, 23, 59, 59, tzinfo=UTC)
    assert harvested.ask("ListRecords", resumptionToken=first.token).errors == []
    harvested.moment = datetime(2026, 4, 8, tzinfo=UTC)
    said = harvested.ask("ListRecords", resumptionToken=first.token)
    assert said.errors == ["badResumptionToken"]
    assert said.echo == {"verb": "ListRecords", "resumptionToken": first.token}


def test_3_5_a_token_is_bound_to_its_verb_and_repository(harvested: Harvested) -> None:
    harvested.records.add(7)
    token = harvested.ask("ListRecords", metadataPrefix="oai_dc").token
    assert harvested.ask("ListIdentifiers", resumptionToken=token).errors == ["badResumptionToken"]
    assert harvested.ask("ListSets", resumptionToken=token).errors == ["badResumptionToken"]
    keys = harvested.settings.signing_keys
    position = read_token(token, "ListRecords", "", keys, harvested.clock())
    elsewhere = write_token(replace(position, repository="gallica"), keys)
    assert harvested.ask("ListRecords", resumptionToken=elsewhere).errors == ["badResumptionToken"]


def test_3_5_a_changed_token_is_refused_whatever_was_changed(harvested: Harvested) -> None:
    harvested.records.add(7)
    token = harvested.ask("ListRecords", metadataPrefix="oai_dc").token
    letters = "AZaz09-_"
    for place in range(0, len(token), 3):
        for letter in letters:
            changed = token[:place] + letter + token[place + 1 :]
            if changed != token:
                assert harvested.ask("ListRecords", resumptionToken=changed).errors == ["badResumptionToken"]
    for wrong in (token[:-1], token + "A", token + "=", "x", "é", "a b", "\x03", "A" * 1900, "0"):
        assert harvested.ask("ListRecords", resumptionToken=wrong).errors == ["badResumptionToken"]


def test_3_5_every_unchanged_record_is_delivered_whatever_changes(harvested: Harvested) -> None:
    """DSpace pages by offset and loses records; oai-repo breaks off when a list shrinks."""
    expected = harvested.records.add(17)
    pages = [harvested.ask("ListRecords", metadataPrefix="oai_dc")]
    changed = [expected[1], expected[6], expected[11], expected[16]]
    for name in changed:
        harvested.records.change(name, deleted=name == expected[6])
        harvested.records.add(1)
        pages.append(harvested.ask("ListRecords", resumptionToken=pages[-1].token))
        if not pages[-1].token:
            break
    seen = names([identifier for page in pages for identifier in page.identifiers])
    assert len(seen) == len(set(seen))
    assert set(expected) - set(changed) <= set(seen) <= set(expected)
    following = harvested.walk("ListRecords", metadataPrefix="oai_dc", from_=pages[0].date)
    later = names([identifier for page in following for identifier in page.identifiers])
    assert set(expected) <= {*seen, *later}
    assert set(changed[: len(pages) - 1]) <= set(later)


def test_3_5_a_page_that_every_record_left_does_not_end_the_harvest_with_an_error(harvested: Harvested) -> None:
    expected = harvested.records.add(8)
    first = harvested.ask("ListRecords", metadataPrefix="oai_dc")
    for name in expected[5:]:
        harvested.records.change(name)
    last = harvested.ask("ListRecords", resumptionToken=first.token)
    assert (last.errors, last.token) == ([], "")
    assert last.resumption.get("completeListSize") == "8"
    for name in expected[:5]:
        harvested.records.change(name)
    assert harvested.ask("ListRecords", resumptionToken=first.token).errors == []


def test_3_5_records_of_one_second_are_all_delivered(harvested: Harvested) -> None:
    harvested.records.step = 0
    expected = harvested.records.add(23)
    pages = harvested.walk("ListRecords", metadataPrefix="oai_dc", from_=dated(0), until=dated(0))
    assert names([identifier for page in pages for identifier in page.identifiers]) == expected


@pytest.mark.parametrize(
    ("since", "until", "wanted"),
    [
        (None, None, range(12)),
        (dated(3), None, range(2, 12)),
        (None, dated(3), range(3)),
        (dated(3), dated(3), range(2, 3)),
        (dated(2), dated(11), range(1, 11)),
        ("2026-03-02", "2026-03-02", range(12)),
        (None, "2026-03-02", range(12)),
        ("2026-03-02", None, range(12)),
        (dated(12), None, range(11, 12)),
        (dated(13), None, range(0)),
        (None, dated(0), range(0)),
        ("2026-03-03", None, range(0)),
        (None, "2026-03-01", range(0)),
        ("1900-01-01", "1900-01-02", range(0)),
    ],
)
def test_2_7_1_from_and_until_are_inclusive(
    harvested: Harvested, since: str | None, until: str | None, wanted: range
) -> None:
    """oai-repo reads an `until` day as 00:00."""
    expected = harvested.records.add(12)
    arguments = {"metadataPrefix": "oai_dc"} | ({"from": since} if since else {}) | ({"until": until} if until else {})
    pages = harvested.walk("ListIdentifiers", **arguments)
    if not wanted:
        assert pages[0].errors == ["noRecordsMatch"]
        assert pages[0].echo == {"verb": "ListIdentifiers", **arguments}
    assert names([identifier for page in pages for identifier in page.identifiers]) == [expected[n] for n in wanted]


def test_2_6_sets_hold_what_their_children_hold(harvested: Harvested) -> None:
    cards = harvested.records.add(7)
    press = harvested.records.add(6, ("type", "type:presse"))
    for spec, wanted in (("type:cartes-postales", cards), ("type:presse", press), ("type", cards + press)):
        pages = harvested.walk("ListRecords", metadataPrefix="oai_dc", set=spec)
        assert names([identifier for page in pages for identifier in page.identifiers]) == wanted
        assert {page.resumption.get("completeListSize") for page in pages} == {str(len(wanted))}
    said = harvested.ask("ListIdentifiers", metadataPrefix="oai_dc", set="type:presse")
    assert set(said.texts("setSpec")) == {"type:presse"}
    both = harvested.ask("ListRecords", metadataPrefix="oai_dc", set="type:presse", from_=dated(9), until=dated(10))
    assert names(both.identifiers) == press[1:3]


@pytest.mark.parametrize("spec", ["type:inconnu", "inconnu", "type:cartes", "TYPE"])
def test_4_5_an_unknown_set_matches_no_record(harvested: Harvested, spec: str) -> None:
    harvested.records.add(1)
    assert harvested.ask("ListRecords", metadataPrefix="oai_dc", set=spec).errors == ["noRecordsMatch"]


def test_4_6_list_sets(harvested: Harvested) -> None:
    harvested.records.add(1)
    said = harvested.ask("ListSets")
    assert said.texts("setSpec") == list(SETS)
    assert said.resumption is None
    titles = [
        (title.get("{http://www.w3.org/XML/1998/namespace}lang"), title.text) for title in said.root.iter("{*}title")
    ]
    assert ("fr", "Type:Cartes-Postales") in titles
    assert ("en", "type:cartes-postales") in titles


def test_4_6_list_sets_in_pages(harvested: Harvested) -> None:
    small = replace(harvested, settings=make_settings(harvested.settings.database, oai_page_size=3))
    pages = small.walk("ListSets")
    assert [spec for page in pages for spec in page.texts("setSpec")] == list(SETS)
    assert [page.resumption.get("cursor") for page in pages] == ["0", "3"]
    assert [page.resumption.get("completeListSize") for page in pages] == ["4", "4"]


def test_2_5_1_tombstones_keep_identifier_sets_and_format_for_ever(harvested: Harvested) -> None:
    gone, kept = harvested.records.add(2)
    harvested.records.change(gone, deleted=True)
    for verb in ("ListRecords", "ListIdentifiers"):
        for spec in ({}, {"set": "type:cartes-postales"}, {"set": "institution"}):
            said = harvested.ask(verb, metadataPrefix="oai_dc", **spec)
            assert names(said.identifiers) == [kept, gone]
            status = [header.get("status") for header in said.root.iter(f"{OAI}header")]
            assert status == [None, "deleted"]
    said = harvested.ask("GetRecord", identifier=harvested.records.identifier(gone), metadataPrefix="oai_dc")
    header = next(said.root.iter(f"{OAI}header"))
    assert header.get("status") == "deleted"
    assert said.texts("setSpec") == ["institution:bm-lille", "type:cartes-postales"]
    assert not list(said.root.iter(f"{OAI}metadata"))
    formats = harvested.ask("ListMetadataFormats", identifier=harvested.records.identifier(gone))
    assert formats.texts("metadataPrefix") == ["oai_dc"]


def test_2_5_records_say_under_which_licence_their_metadata_are(harvested: Harvested) -> None:
    rights = "https://creativecommons.org/publicdomain/zero/1.0/"
    [without] = harvested.records.add(1)
    harvested.records.about = write_about(rights)
    told, gone = harvested.records.add(2)
    harvested.records.change(gone, deleted=True)
    page = harvested.ask("ListRecords", metadataPrefix="oai_dc")
    assert names(page.identifiers) == [without, told, gone]
    said = [[found.get("ref") for found in each.iter("{*}rightsReference")] for each in page.root.iter(f"{OAI}record")]
    assert said == [[], [rights], []], "no licence is guessed, and a deleted record has nothing to license"
    one = harvested.ask("GetRecord", identifier=harvested.records.identifier(told), metadataPrefix="oai_dc")
    assert [etree.QName(each).localname for each in one.root[-1][0]] == ["header", "metadata", "about"]
    if harvested.schema is not None:
        broken = etree.fromstring(one.body.replace(b"rightsReference", b"licence"))
        assert not harvested.schema.validate(broken), "what stands in about is judged, too"


def test_4_1_get_record(harvested: Harvested) -> None:
    [name] = harvested.records.add(1)
    said = harvested.ask("GetRecord", identifier=harvested.records.identifier(name), metadataPrefix="oai_dc")
    assert names(said.identifiers) == [name]
    assert said.texts("datestamp") == [dated(1)]
    assert said.root.find(".//{*}dc") is not None


def test_4_1_get_record_has_validators(harvested: Harvested) -> None:
    [name] = harvested.records.add(1)
    address = f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={harvested.records.identifier(name)}"
    first = harvested.client.get(address)
    assert first.headers["Last-Modified"] == "Mon, 02 Mar 2026 08:00:01 GMT"
    harvested.moment = MOMENT + timedelta(days=1)
    again = harvested.client.get(address, headers={"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"})
    assert (again.status_code, again.get_data()) == (304, b"")
    harvested.records.change(name)
    assert harvested.client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_4_1_unknown_records_and_formats(harvested: Harvested) -> None:
    [name] = harvested.records.add(1)
    known = harvested.records.identifier(name)
    for identifier in (
        "oai:vitrine.example.org:v1nothing",
        "oai:elsewhere.example.org:" + name,
        name,
        "oai:",
        known + "/",
    ):
        assert harvested.ask("GetRecord", identifier=identifier, metadataPrefix="oai_dc").errors == ["idDoesNotExist"]
        assert harvested.ask("ListMetadataFormats", identifier=identifier).errors == ["idDoesNotExist"]
    for prefix in ("mods", "marc21"):  # one that is offered and that this item has not, one that is not offered
        assert harvested.ask("GetRecord", identifier=known, metadataPrefix=prefix).errors == ["cannotDisseminateFormat"]
    for verb in ("ListRecords", "ListIdentifiers"):
        assert harvested.ask(verb, metadataPrefix="marc21").errors == ["cannotDisseminateFormat"]
        assert harvested.ask(verb, metadataPrefix="mods").errors == ["noRecordsMatch"]


def test_4_4_a_record_in_no_format_that_is_offered_has_none(harvested: Harvested) -> None:
    [name] = harvested.records.add(1, prefix="marc21")
    said = harvested.ask("ListMetadataFormats", identifier=harvested.records.identifier(name))
    assert said.errors == ["noMetadataFormats"]
    assert said.echo == {"verb": "ListMetadataFormats", "identifier": harvested.records.identifier(name)}


def test_4_6_a_repository_without_sets_says_so(harvested: Harvested) -> None:
    with harvested.catalogue.write() as session:
        session.execute(delete(OaiSetRow))
    assert harvested.ask("ListSets").errors == ["noSetHierarchy"]


def test_2_7_1_moments_are_universal_wherever_the_machine_stands(
    harvested: Harvested, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DOAJ, OJS and VuFind told local time as UTC."""
    names_ = harvested.records.add(2)
    told = []
    for zone in ("UTC", "Pacific/Auckland", "America/Los_Angeles"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        try:
            said = harvested.ask("ListRecords", metadataPrefix="oai_dc", from_=dated(2), until=dated(2))
            told.append((names(said.identifiers), said.texts("datestamp"), said.date))
            assert harvested.ask("Identify").texts("earliestDatestamp") == [dated(1)]
        finally:
            monkeypatch.undo()
            time.tzset()
    assert told == [([names_[1]], [dated(2)], dated(2))] * 3


@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
def test_3_5_a_page_takes_the_same_few_queries_whatever_is_on_it(harvested: Harvested, verb: str) -> None:
    """oai-repo makes a call for each record."""
    harvested.records.add(60)
    asked: dict[int, int] = {}
    for size in (1, 5, 50):
        own = replace(harvested, settings=make_settings(harvested.settings.database, oai_page_size=size))
        token = own.ask(verb, metadataPrefix="oai_dc").token
        seen: list[str] = []
        with traced(harvested.catalogue, seen):
            assert len(own.ask(verb, resumptionToken=token).identifiers) == min(size, 60 - size)
        asked[size] = len([statement for statement in seen if statement.lstrip().lower().startswith("select")])
    assert asked[1] == asked[5] == asked[50] <= 6, asked


def test_4_1_a_former_identifier_names_the_present_one(harvested: Harvested) -> None:
    [name] = harvested.records.add(1)
    harvested.records.alias("oai", "oai:old.example.org:123", name)
    said = harvested.ask("GetRecord", identifier="oai:old.example.org:123", metadataPrefix="oai_dc")
    assert said.errors == ["idDoesNotExist"]
    assert harvested.records.identifier(name) in said.messages[0]


def test_4_2_identify(harvested: Harvested) -> None:
    harvested.records.add(3)
    harvested.records.change("v1000000")
    said = harvested.ask("Identify")
    assert {
        name: said.texts(name) for name in ("repositoryName", "protocolVersion", "deletedRecord", "granularity")
    } == {
        "repositoryName": ["Vitrine"],
        "protocolVersion": ["2.0"],
        "deletedRecord": ["persistent"],
        "granularity": ["YYYY-MM-DDThh:mm:ssZ"],
    }
    assert said.texts("earliestDatestamp") == [dated(1)]  # DOAJ, OJS, VuFind: an epoch, or now
    assert said.texts("compression") == ["gzip"]
    assert said.texts("adminEmail") == ["admin@example.org"]
    assert said.root.findtext(".//{*}repositoryIdentifier") == "vitrine.example.org"


def test_guidelines_descriptions_of_identify(harvested: Harvested) -> None:
    harvested.records.add(1)
    harvested.records.elsewhere("gallica").add(1)
    rights = "https://creativecommons.org/publicdomain/zero/1.0/"
    own = replace(harvested, settings=make_settings(harvested.settings.database, metadata_rights=rights))
    said = own.ask("Identify")
    assert [found.get("ref") for found in said.root.iter("{*}rightsReference")] == [rights]
    assert said.root.findtext(".//{*}collectionIcon/{*}link") == "http://127.0.0.1:8000/"
    assert [found.text for found in said.root.findall(".//{*}friends/{*}baseURL")] == [
        "http://127.0.0.1:8000/oai/gallica"
    ]
    assert harvested.ask("Identify").root.find(".//{*}rightsManifest") is None  # a right is never guessed


def test_each_harvester_has_a_repository_of_its_own(harvested: Harvested) -> None:
    everywhere = harvested.records.add(2)
    [only] = harvested.records.elsewhere("gallica").add(1)
    gallica = replace(harvested, path="/oai/gallica")
    assert names(gallica.ask("ListRecords", metadataPrefix="oai_dc").identifiers) == [only]
    assert names(harvested.ask("ListRecords", metadataPrefix="oai_dc").identifiers) == everywhere
    said = gallica.ask("Identify")
    assert said.texts("baseURL") == said.texts("request") == ["http://127.0.0.1:8000/oai/gallica"]
    assert said.texts("repositoryName") == ["Vitrine — Pour gallica"]
    assert said.texts("adminEmail") == ["gallica@example.org"]
    assert [found.text for found in said.root.findall(".//{*}friends/{*}baseURL")] == ["http://127.0.0.1:8000/oai"]
    unknown = gallica.ask("GetRecord", identifier=harvested.records.identifier(everywhere[0]), metadataPrefix="oai_dc")
    assert unknown.errors == ["idDoesNotExist"]


def test_an_empty_repository_answers_every_verb(harvested: Harvested) -> None:
    identify = harvested.ask("Identify")
    assert identify.texts("earliestDatestamp") == ["2026-01-01T00:00:00Z"]
    assert harvested.ask("ListMetadataFormats").texts("metadataPrefix") == list(FORMATS)
    for verb in ("ListRecords", "ListIdentifiers"):
        assert harvested.ask(verb, metadataPrefix="oai_dc").errors == ["noRecordsMatch"]


def test_3_2_response_date_never_passes_an_uncommitted_publication(harvested: Harvested) -> None:
    harvested.records.add(2)
    harvested.moment = MOMENT + timedelta(hours=1)
    assert harvested.ask("Identify").date == dated(3600)
    with harvested.catalogue.publication_lock():
        assert harvested.ask("ListRecords", metadataPrefix="oai_dc").date == dated(2)
    assert harvested.ask("Identify").date == dated(3600)


def test_a_record_committed_late_is_not_missed(harvested: Harvested) -> None:
    """A publisher chose its datestamp, a harvest went by, then the publisher committed: the next harvest has it."""
    harvested.records.add(2)
    harvested.moment = MOMENT + timedelta(minutes=10)
    with harvested.catalogue.publication_lock():
        harvested.records.now = MOMENT + timedelta(minutes=5)  # what the publisher chose
        first = harvested.ask("ListRecords", metadataPrefix="oai_dc")
        [late] = harvested.records.add(1)
    following = harvested.ask("ListRecords", metadataPrefix="oai_dc", from_=first.date)
    assert late in names(following.identifiers)


def test_a_control_character_in_a_title_breaks_no_page(harvested: Harvested) -> None:
    """Dataverse: U+0003 in a title truncated the page."""
    harvested.records.add(1, title="Une\x03carte\ud800 ]]> & <b>\ufffe\x00 fin")
    said = harvested.ask("ListRecords", metadataPrefix="oai_dc")
    [title] = [found.text for found in said.root.iter("{*}title")]
    assert title.startswith("Une carte ]]> & <b> fin")


def test_lists_are_never_cached(harvested: Harvested) -> None:
    harvested.records.add(1)
    assert harvested.ask("ListRecords", metadataPrefix="oai_dc").headers["Cache-Control"] == "no-store"


def test_the_inventory_has_every_record_with_the_digest_of_what_is_sent(
    harvested: Harvested, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "LINES", 3)
    expected = harvested.records.add(9)
    harvested.records.change(expected[0], deleted=True)
    harvested.records.elsewhere("gallica").add(1)
    got = harvested.client.get("/oai/inventory.tsv.gz")
    assert (got.status_code, got.content_type) == (200, "application/gzip")
    head, *lines = [line.split("\t") for line in gzip.decompress(got.data).decode().splitlines()]
    assert head == ["identifier", "format", "datestamp", "status", "sha256"]
    assert [line[0] for line in lines] == [harvested.records.identifier(name) for name in expected]
    assert lines[0][1:] == ["oai_dc", dated(10), "deleted", ""]
    said = harvested.ask("GetRecord", identifier=lines[1][0], metadataPrefix="oai_dc")
    sent = b"<metadata>" + said.body.partition(b"<metadata>")[2].partition(b"</record>")[0]
    assert lines[1][1:] == ["oai_dc", dated(2), "live", hashlib.sha256(sent).hexdigest()]
    assert len(gzip.decompress(harvested.client.get("/oai/gallica/inventory.tsv.gz").data).splitlines()) == 2
    assert harvested.client.get("/oai/nobody/inventory.tsv.gz").status_code == 404
    assert harvested.client.head("/oai/inventory.tsv.gz").data == b""
    assert harvested.client.send("POST", "/oai/inventory.tsv.gz").status_code == 405
