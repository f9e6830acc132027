"""Versions of manifests by Memento (RFC 7089)."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import brotli
import pytest

from server.catalogue.mementos import list_mementos
from server.errors import BadRequest
from server.iiif.http import http_date
from server.iiif.mementos import choose, read_accept_datetime
from tests.support.publications import MOMENT, make_newspaper, renamed
from tests.unit.iiif.test_presentation import ADDRESSES, BASE, MANIFEST, Published, published

__all__ = ["published"]  # the fixture

NAME = "v1hjkmn0"
VERSIONS, GATE = f"{MANIFEST}/versions", f"{MANIFEST}/timegate"


def put_three(published: Published) -> list[bytes]:
    """Publish a document, then twice with another title; return its manifests."""
    bodies = []
    for number, title in enumerate(("Un", "Deux", "Trois")):
        published.put(renamed(make_newspaper(), NAME, title), held=number > 0)
        published.ask_another_worker()
        bodies.append(published.get(MANIFEST).body)
    return bodies


def since(number: int) -> datetime:
    return MOMENT.replace(microsecond=0) + timedelta(seconds=number)


@pytest.mark.parametrize("version", [3, 2])
def test_each_version_opens_as_it_was(published: Published, version: int) -> None:
    put_three(published)
    titles = []
    for sequence in (1, 2, 3):
        got = published.get(ADDRESSES.memento(NAME, sequence, version))
        assert got.status == 200
        assert got.headers["memento-datetime"] == http_date(since(sequence))
        assert got.headers["cache-control"] == "public, max-age=59", "a withdrawal closes it, so it is not immutable"
        assert got.headers["link"] == (
            f'<{ADDRESSES.manifest(NAME, version)}>; rel="original", '
            f'<{ADDRESSES.timegate(NAME, version)}>; rel="timegate", '
            f'<{ADDRESSES.versions(NAME, version)}>; rel="timemap"; type="application/link-format"'
        )
        titles.append(got.json["label"]["fr"][0] if version == 3 else got.json["label"]["@value"])
    assert titles == ["Un", "Deux", "Trois"]


def test_versions_in_every_encoding_and_by_condition(published: Published) -> None:
    first, *_ = put_three(published)
    address = f"{VERSIONS}/1"
    plain = published.get(address)
    assert plain.body == first
    assert gzip.decompress(published.get(address, accept_encoding="gzip").body) == first
    small = published.get(address, accept_encoding="br")
    assert brotli.decompress(small.body) == first
    again = published.get(address, accept_encoding="br", if_none_match=small.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["memento-datetime"] == plain.headers["memento-datetime"]
    assert published.get(address, "HEAD").headers["content-length"] == str(len(first))
    preflight = published.get(address, "OPTIONS")
    assert "Accept-Datetime" in preflight.headers["access-control-allow-headers"]
    assert "Memento-Datetime" in plain.headers["access-control-expose-headers"]


def test_the_manifest_says_where_its_versions_are(published: Published) -> None:
    put_three(published)
    for address in (MANIFEST, MANIFEST.replace("/3/", "/")):
        assert published.get(address).headers["link"] == (
            f'<{BASE}{GATE}>; rel="timegate", <{BASE}{VERSIONS}>; rel="timemap"; type="application/link-format"'
        )
    assert "link" not in published.get("/iiif/presentation/3/collection/top").headers


def test_the_list_of_versions(published: Published) -> None:
    put_three(published)
    got = published.get(VERSIONS)
    assert got.headers["content-type"] == "application/link-format"
    first, second, third = (f"{BASE}{VERSIONS}/{sequence}" for sequence in (1, 2, 3))
    assert got.body.decode() == (
        f'<{BASE}{MANIFEST}>; rel="original",\n'
        f'<{BASE}{VERSIONS}>; rel="self"; type="application/link-format"; '
        f'from="{http_date(since(1))}"; until="{http_date(since(3))}",\n'
        f'<{BASE}{GATE}>; rel="timegate",\n'
        f'<{first}>; rel="first memento"; datetime="{http_date(since(1))}",\n'
        f'<{second}>; rel="memento"; datetime="{http_date(since(2))}",\n'
        f'<{third}>; rel="last memento"; datetime="{http_date(since(3))}"\n'
    )
    for accept in ("application/json", "text/html,*/*;q=0.8"):
        told = json.loads(published.get(VERSIONS, accept=accept).body)
        assert [each["uri"] for each in told["mementos"]["list"]] == [first, second, third]
        assert told["mementos"]["last"] == {"datetime": since(3).strftime("%Y-%m-%dT%H:%M:%SZ"), "uri": third}
    assert published.get(VERSIONS, if_none_match=got.headers["etag"]).status == 304


def test_one_version_is_first_and_last(published: Published) -> None:
    published.put(make_newspaper())
    assert 'rel="first last memento"' in published.get(VERSIONS).body.decode()


def test_the_time_gate_leads_to_what_was_there(published: Published) -> None:
    put_three(published)
    for moment, sequence in (
        (since(-1000), 1), (since(1), 1), (since(2), 2), (since(3), 3), (since(9999), 3), (None, 3),
    ):  # fmt: skip
        got = published.get(GATE, **({"accept_datetime": http_date(moment)} if moment else {}))
        assert (got.status, got.headers["location"]) == (302, f"{BASE}{VERSIONS}/{sequence}"), moment
        assert got.headers["vary"] == "accept-datetime"
        assert got.headers["cache-control"] == "no-cache"
        assert "memento-datetime" not in got.headers
        assert f'<{BASE}{MANIFEST}>; rel="original"' in got.headers["link"]
    assert published.get(GATE, "HEAD").status == 302


def test_between_two_versions_the_earlier_one_was_there(published: Published) -> None:
    put_three(published)
    with published.catalogue.snapshot() as connection:
        one, two, three = list_mementos(connection, NAME, 3)
    late = replace(three, since=three.since + timedelta(days=9))
    assert choose([one, two, late], late.since - timedelta(seconds=1)) == two
    twins = [one, replace(two, since=one.since)]
    assert choose(twins, one.since) == twins[1], "of two in one second the later one is what stayed"


@pytest.mark.parametrize(
    "text",
    ["2027-03-14", "Sun, 14 Mar 2027 09:26:53", "Sun, 34 Mar 2027 09:26:53 GMT", "Sun, 14 Mar 0000 09:26:53 GMT",
     "Sun, 14 Mai 2027 09:26:53 GMT", "1", "Sun, 14 Mar 2027 09:26:53 +0100"],
)  # fmt: skip
def test_a_date_that_is_none_is_refused(published: Published, text: str) -> None:
    published.put(make_newspaper())
    got = published.get(GATE, accept_datetime=text)
    assert got.status == 400
    assert b"write it like Sun, 14 Mar 2027 09:26:53 GMT" in got.body
    with pytest.raises(BadRequest):
        read_accept_datetime(text)


def test_a_good_date_is_read() -> None:
    assert read_accept_datetime("Sun, 14 Mar 2027 09:26:53 GMT") == datetime(2027, 3, 14, 9, 26, 53, tzinfo=UTC)
    assert read_accept_datetime("") is None


def test_what_is_no_version_is_not_found(published: Published) -> None:
    published.put(make_newspaper())
    for path in (f"{VERSIONS}/2", f"{VERSIONS}/0", f"{VERSIONS}/", f"{VERSIONS}/x", f"{MANIFEST}/other",
                 VERSIONS.replace(NAME, "v1nothing"), f"{VERSIONS.replace(NAME, 'v1nothing')}/1",
                 GATE.replace(NAME, "v1nothing"), VERSIONS.replace("/3/", "/")):  # fmt: skip
        assert published.get(path).status == 404, path


@pytest.mark.parametrize("version", [3, 2])
def test_a_withdrawal_closes_all_for_good(published: Published, version: int) -> None:
    put_three(published)
    published.withdraw(NAME)
    addresses = [ADDRESSES.memento(NAME, sequence, version) for sequence in (1, 2, 3)]
    for address in (*addresses, ADDRESSES.versions(NAME, version), ADDRESSES.timegate(NAME, version)):
        got = published.get(address)
        assert (got.status, got.body) == (410, f"{NAME} was withdrawn: demande.\n".encode())
        assert got.headers["cache-control"] == "no-cache"
    published.put(renamed(make_newspaper(), NAME, "Trois"), held=True)
    for sequence, address in enumerate(addresses, start=1):
        got = published.get(address)
        assert got.status == 410
        assert got.body.decode() == (
            f"Version {sequence} of the manifest of {NAME} is closed: the document was withdrawn: demande.\n"
        )
    assert published.get(ADDRESSES.memento(NAME, 5, version)).status == 200
    listed = published.get(ADDRESSES.versions(NAME, version)).body.decode()
    assert listed.count("memento") == 1, "the new history begins"


def test_a_view_that_is_not_public_any_more_closes_the_versions_that_show_it(published: Published) -> None:
    item = make_newspaper()
    fewer = replace(item, views=(item.views[0], *item.views[2:]))
    published.put(fewer)
    published.put(item, held=True)
    published.put(fewer, held=True)
    assert [published.get(f"{VERSIONS}/{sequence}").status for sequence in (1, 2, 3)] == [200, 410, 200]
    assert published.get(f"{VERSIONS}/2").body.decode() == (
        f"Version 2 of the manifest of {NAME} is closed: view f2, which it shows, was withdrawn.\n"
    )
    assert published.get(VERSIONS).body.decode().count("memento") == 2
