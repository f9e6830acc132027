"""OAI-PMH 2.0 §3.1 to §3.3 and §3.6: requests, echo, errors. Each response is valid against OAI-PMH.xsd."""

import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from server.oai import views
from tests.support.oai import Harvested


def test_the_schema_is_one_that_can_fail(oai_schema: etree.XMLSchema) -> None:
    assert not oai_schema.validate(etree.fromstring('<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"/>'))


def test_3_2_the_schema_location_is_that_of_the_protocol(harvested: Harvested) -> None:
    """The toolkit names an address where there is no schema."""
    said = harvested.ask("Identify")
    told = said.root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation")
    assert told == "http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"


def test_3_6_a_missing_verb(harvested: Harvested) -> None:
    said = harvested.ask()
    assert (said.errors, said.echo, said.status) == (["badVerb"], {}, 200)


@pytest.mark.parametrize("verb", ["identify", "GetMetadata", "", "Identify ", "Nöne\x03<&>"])
def test_3_6_an_illegal_verb(harvested: Harvested, verb: str) -> None:
    said = harvested.ask(verb)
    assert (said.errors, said.echo, said.status) == (["badVerb"], {}, 200)


def test_3_6_a_repeated_verb(harvested: Harvested) -> None:
    assert harvested.ask_pairs([("verb", "Identify"), ("verb", "Identify")]).errors == ["badVerb"]


@pytest.mark.parametrize(
    "pairs",
    [
        [("verb", "Identify"), ("set", "type")],
        [("verb", "GetRecord"), ("metadataPrefix", "oai_dc")],
        [("verb", "GetRecord"), ("identifier", "oai:x:y")],
        [("verb", "ListRecords")],
        [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("metadataPrefix", "oai_dc")],
        [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("resumptionToken", "x")],
        [("verb", "ListRecords"), ("metadataPrefix", "oai dc")],
        [("verb", "ListRecords"), ("metadataPrefix", "")],
        [("verb", "ListRecords"), ("metadataPrefix", "oai_dc\n")],
        [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("set", "type\n")],
        [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("set", "type:")],
        [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("set", "a set")],
        [("verb", "ListRecords"), ("resumptionToken", "")],
        [("verb", "ListMetadataFormats"), ("identifier", "")],
        [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("Until", "2026-01-01")],
        [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("until_", "2026-01-01")],
        [("verb", "ListRecords"), ("metadataPrefix", "oai_dc"), ("from_", "2026-01-01")],
        [("verb", "ListSets"), ("set", "type")],
        [("verb", "GetRecord"), ("metadataPrefix", "oai_dc"), ("identifier", "oai:x:" + "y" * 5000)],
    ],
)
def test_3_6_bad_arguments_are_refused_without_an_echo(harvested: Harvested, pairs: list[tuple[str, str]]) -> None:
    said = harvested.ask_pairs(pairs)
    assert set(said.errors) == {"badArgument"}
    assert said.echo == {}
    assert said.status == 200


def test_3_6_several_errors_are_told_together(harvested: Harvested) -> None:
    said = harvested.ask("ListRecords", from_="yesterday", colour="red")
    assert said.errors == ["badArgument"] * 3
    assert [
        any(word in message for message in said.messages) for word in ("metadataPrefix", "yesterday", "colour")
    ] == [True] * 3
    both = harvested.ask("GetRecord", identifier="oai:x:y", metadataPrefix="marc21")
    assert both.errors == ["idDoesNotExist", "cannotDisseminateFormat"]


@pytest.mark.parametrize(
    "date",
    [
        "2020-1-1", "2020-01-1", "20200101", "2020", "2020-01", "2020-02-30", "2020-01-01T00:00Z", "2020-01-01T00:00:00",
        "2020-01-01T00:00:00.0Z", "2020-01-01T00:00:00+01:00", "2020-01-01 00:00:00Z", "2020-01-01T24:00:00Z", "",
        "٢٠٢٠-٠١-٠١", "2020-01-01\n", "0000-01-01", "10000-01-01",
    ],
)  # fmt: skip
@pytest.mark.parametrize("argument", ["from", "until"])
def test_2_7_1_dates_have_a_strict_form(harvested: Harvested, date: str, argument: str) -> None:
    harvested.records.add(1)
    said = harvested.ask_pairs([("verb", "ListIdentifiers"), ("metadataPrefix", "oai_dc"), (argument, date)])
    assert said.errors == ["badArgument"]


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-03-03", "2026-03-02"),
        ("2026-03-02T08:00:02Z", "2026-03-02T08:00:01Z"),
        ("2026-03-01", "2026-03-02T08:00:01Z"),
        ("2026-03-01T00:00:00Z", "2026-03-02"),
    ],
)
def test_2_7_1_turned_or_mixed_dates_are_bad_arguments(harvested: Harvested, since: str, until: str) -> None:
    harvested.records.add(1)
    assert harvested.ask("ListRecords", metadataPrefix="oai_dc", from_=since, until=until).errors == ["badArgument"]


def test_3_2_the_echo_holds_every_argument_as_it_was_sent(harvested: Harvested) -> None:
    harvested.records.add(1)
    arguments = {"metadataPrefix": "oai_dc", "from": "2026-03-01", "until": "2026-03-31", "set": "type:cartes-postales"}
    said = harvested.ask_pairs([("verb", "ListRecords"), *arguments.items()])
    assert said.errors == []
    assert said.echo == {"verb": "ListRecords", **arguments}
    missing = harvested.ask("GetRecord", identifier="oai:vitrine.example.org:<é>&\"'", metadataPrefix="oai_dc")
    assert missing.errors == ["idDoesNotExist"]
    assert missing.echo["identifier"] == "oai:vitrine.example.org:<é>&\"'"


@pytest.mark.parametrize("identifier", ["[", "oai:x:%zz", "a#b#c", "oai:x:y\x03", "1:2", ":x", ":", "-a:b"])
def test_3_6_an_identifier_that_is_no_uri_is_a_bad_argument(harvested: Harvested, identifier: str) -> None:
    said = harvested.ask("GetRecord", identifier=identifier, metadataPrefix="oai_dc")
    assert (said.errors, said.echo) == (["badArgument"], {})


def test_3_2_the_base_url_never_comes_from_the_request(harvested: Harvested) -> None:
    response = harvested.client.get("/oai?verb=Identify", headers={"Host": "evil.example.com"})
    said = harvested.read(response)
    assert said.texts("baseURL") == said.texts("request") == ["http://127.0.0.1:8000/oai"]


def test_3_1_post_is_get(harvested: Harvested) -> None:
    harvested.records.add(7)
    assert harvested.ask("ListSets", "POST").body == harvested.ask("ListSets", "GET").body
    first = harvested.ask("ListRecords", "POST", metadataPrefix="oai_dc")
    other = harvested.ask("ListRecords", "GET", metadataPrefix="oai_dc")
    assert first.body.replace(first.token.encode(), other.token.encode()) == other.body
    assert len(harvested.ask("ListRecords", "POST", resumptionToken=first.token).identifiers) == 2


def test_3_1_an_argument_in_address_and_body_is_repeated(harvested: Harvested) -> None:
    response = harvested.client.post(
        "/oai?verb=Identify", data="verb=Identify", content_type="application/x-www-form-urlencoded"
    )
    assert harvested.read(response).errors == ["badVerb"]


def test_3_1_bodies_that_make_no_sense(harvested: Harvested) -> None:
    form = "application/x-www-form-urlencoded"
    for size in (70_000, 10 * 2**20, 20 * 2**20):
        absurd = harvested.client.post("/oai", data="verb=Identify&" + "x" * size, content_type=form)
        assert absurd.status_code == 200
        assert harvested.read(absurd).errors == ["badArgument"]
        assert harvested.read(absurd).messages == ["the request is longer than 65536 bytes"]
    json = harvested.client.post("/oai", data='{"verb":"Identify"}', content_type="application/json")
    assert (json.status_code, harvested.read(json).errors) == (200, ["badVerb"])
    flood = harvested.client.post("/oai", data="a=1&" * 5000, content_type=form)
    assert harvested.read(flood).errors == ["badVerb"]
    bytes_only = harvested.client.post("/oai", data=b"\xff\xfe\x00verb=Identify", content_type=form)
    assert harvested.read(bytes_only).errors == ["badVerb"]


def test_3_1_head_answers_like_get_without_a_body(harvested: Harvested) -> None:
    head = harvested.client.head("/oai?verb=Identify")
    assert (head.status_code, head.get_data()) == (200, b"")
    assert head.content_type == "text/xml; charset=utf-8"


def test_3_1_3_gzip_when_it_is_asked_for(harvested: Harvested) -> None:
    harvested.records.add(5)
    address = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    plain = harvested.client.get(address)
    assert not plain.headers.get("Content-Encoding")
    packed = harvested.client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.content_encoding == "gzip"
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert harvested.client.get(address, headers={"Accept-Encoding": "gzip;q=0"}).content_encoding is None
    assert plain.headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("date", ["Mon, 99999999999999999999 Nov 1995 19:12:08 GMT", "yesterday", ""])
def test_3_1_3_a_date_that_cannot_be_read_counts_as_absent(harvested: Harvested, date: str) -> None:
    [name] = harvested.records.add(1)
    address = f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={harvested.records.identifier(name)}"
    assert harvested.client.get(address, headers={"If-Modified-Since": date}).status_code == 200
    late = {"If-Modified-Since": "Mon, 02 Mar 2099 08:00:00 GMT"}
    assert harvested.client.get(address, headers=late).status_code == 304


@pytest.mark.parametrize("weight", ["nan", "inf", "-1", "1e400", "much"])
def test_3_1_3_a_weight_that_is_none_breaks_nothing(harvested: Harvested, weight: str) -> None:
    named = {"Accept": f"text/html;q={weight}", "Accept-Encoding": f"gzip;q={weight}"}
    answered = harvested.client.get("/oai?verb=Identify", headers=named)
    assert (answered.status_code, answered.content_encoding) == (200, None)
    assert harvested.read(answered).errors == []


def test_3_1_2_2_too_many_at_once_are_asked_to_come_back(harvested: Harvested, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_WAITING", 0)
    answered = harvested.client.get("/oai?verb=Identify")
    assert (answered.status_code, answered.headers["Retry-After"]) == (503, "5")


def test_the_xml_that_a_page_leads_to_is_what_a_harvester_gets(harvested: Harvested) -> None:
    harvested.records.add(7)
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    for query in ("verb=Identify", "verb=ListSets", "verb=Foo", "verb=ListIdentifiers&metadataPrefix=oai_dc"):
        plain = harvested.read(harvested.client.get(f"/oai?{query}"))
        told = harvested.read(harvested.client.get(f"/oai/response.xml?{query}", headers=browser))
        assert (told.errors, told.identifiers, told.echo) == (plain.errors, plain.identifiers, plain.echo)
        assert told.root.findtext("{*}request") == "http://127.0.0.1:8000/oai", "the base URL is the repository's"
    assert harvested.client.get("/oai/nobody/response.xml?verb=Identify").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/oai/nobody",
        "/oai/NO",
        "/oai/a/b",
        "/oai//response.xml",
        "/oai/xresponse.xml",
        "/oai/%00",
        "/oai/" + "x" * 5000,
    ],
)
def test_an_unknown_repository_is_not_found(harvested: Harvested, path: str) -> None:
    answered = harvested.client.get(f"{path}?verb=Identify")
    assert (answered.status_code, answered.content_type) == (404, "text/plain; charset=utf-8")
    assert b"/oai" in answered.data


def test_3_1_other_methods_are_not_offered(harvested: Harvested) -> None:
    answered = harvested.client.send("DELETE", "/oai?verb=Identify")
    assert (answered.status_code, answered.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert harvested.client.send("OPTIONS", "/oai").headers["Allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize("encoded", ["%FF", "caf%E9", "%ED%A0%80"])
def test_3_1_1_3_bytes_that_are_no_utf_8_are_bad_arguments(harvested: Harvested, encoded: str) -> None:
    harvested.records.add(1)
    for query in (
        f"verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:x:{encoded}",
        f"verb=ListIdentifiers&metadataPrefix=oai_dc&set={encoded}",
    ):
        assert harvested.read(harvested.client.get(f"/oai?{query}")).errors == ["badArgument"]


@given(pairs=st.lists(st.tuples(st.sampled_from(["verb", "identifier", "set", "from", "x", ""]) | st.text(max_size=5),
                                st.sampled_from(["GetRecord", "ListRecords", "oai_dc"]) | st.text(max_size=20)), max_size=5))  # fmt: skip
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_the_answer_is_a_valid_response(harvested: Harvested, pairs: list[tuple[str, str]]) -> None:
    said = harvested.ask_pairs(pairs)
    assert said.status == 200
    assert said.errors or said.root[-1].tag.endswith(tuple(dict(pairs)["verb"]))


NEARLY = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "\n", " ", "\t", ":", "1"]),
    st.sampled_from(["oai_dc", "type", "type:cartes-postales", "2026-03-02", "2026-03-02T08:00:00Z", "oai:x:y", "1:2", ":x"]),
    st.sampled_from(["", "\n", "\r\n", " ", "\u2028", "\x85", "\0", ":"]),
)  # fmt: skip


@given(
    verb=st.sampled_from(["GetRecord", "ListRecords", "ListIdentifiers", "ListMetadataFormats", "ListSets"]),
    sent=st.dictionaries(
        st.sampled_from(["metadataPrefix", "set", "from", "until", "identifier", "resumptionToken"]), NEARLY
    ),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_nearly_right_gets_a_valid_response(harvested: Harvested, verb: str, sent: dict[str, str]) -> None:
    said = harvested.ask_pairs([("verb", verb), *sent.items()])
    assert said.status == 200
    assert said.echo in ({}, {"verb": verb, **sent})


@given(identifier=st.text(min_size=1, max_size=30))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_identifier_is_asked_for(harvested: Harvested, identifier: str) -> None:
    said = harvested.ask("GetRecord", identifier=identifier, metadataPrefix="oai_dc")
    assert said.errors in (["idDoesNotExist"], ["badArgument"])  # the latter where it could be no URI
