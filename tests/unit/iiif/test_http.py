import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import BadRequest, Busy, NotImplementedHere, Unknown, VitrineError, Withdrawn
from server.iiif import http
from server.iiif.http import (
    CHUNK,
    Message,
    Response,
    Scope,
    as_sentence,
    cache_within,
    choose_encoding,
    conditional,
    holding,
    http_date,
    not_modified,
    read_http_date,
    redirect,
    send_response,
    serve,
    weights,
)

MOMENT = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)


def ask(method: str = "GET", **headers: str) -> Scope:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": "/", "headers": sent}


class Sent(list[Message]):
    async def __call__(self, message: Message) -> None:
        self.append(message)

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name.decode(), value.decode()) for name, value in self[0]["headers"]]

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self[1:])


def answered(answer: Callable[[], Response], method: str = "GET") -> Sent:
    sent = Sent()

    async def respond() -> Response:
        return answer()

    asyncio.run(serve(ask(method), sent, respond))
    return sent


def raising(error: Exception) -> Callable[[], Response]:
    def answer() -> Response:
        raise error

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Response(200, (("access-control-allow-origin", "https://x.example.org"),), b"x"),
        lambda: redirect("https://x.example.org/"),
        lambda: Response(304),
        raising(Unknown("there is no image v1.f1")),
        raising(RuntimeError("a bug")),
    ],
    ids=["of-its-own", "redirect", "not-modified", "unknown", "failure"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
def test_cors_stands_exactly_once_on_every_response(answer: Callable[[], Response], method: str) -> None:
    names = [name for name, _ in answered(answer, method).headers]
    assert names.count("access-control-allow-origin") == 1
    assert names.count("cross-origin-resource-policy") == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadRequest("the region is empty"), 400),
        (Unknown("there is no image v1.f1"), 404),
        (Withdrawn("v1.f1 was withdrawn"), 410),
        (NotImplementedHere("not offered"), 501),
        (Busy("somebody else is at it"), 503),
        (VitrineError("odd"), 500),
    ],
)
def test_errors_are_sentences(error: VitrineError, status: int) -> None:
    sent = answered(raising(error))
    assert sent[0]["status"] == status
    assert sent.body.decode() == as_sentence(str(error)) + "\n"
    assert dict(sent.headers)["cache-control"] == "no-cache"
    assert ("retry-after" in dict(sent.headers)) == (status == 503)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("the region is empty", "The region is empty."),
        ("v1kmq8mr1x was withdrawn: by mistake", "v1kmq8mr1x was withdrawn: by mistake."),
        ("v1.f1 was withdrawn", "v1.f1 was withdrawn."),
        ("iiif-content is too long", "iiif-content is too long."),
        ("Is it so?", "Is it so?"),
        ("odd", "odd."),
        ("", "."),
    ],
)
def test_a_name_at_the_start_of_a_sentence_keeps_its_case(text: str, sentence: str) -> None:
    assert as_sentence(text) == sentence


def test_a_bug_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    sent = answered(raising(RuntimeError("secret detail")))
    assert sent[0]["status"] == 500
    assert b"secret" not in sent.body
    assert "secret detail" in caplog.text


def test_head_has_the_length_and_no_body() -> None:
    sent = answered(lambda: Response(200, (("content-type", "text/plain"),), b"abc"), "HEAD")
    assert dict(sent.headers)["content-length"] == "3"
    assert sent.body == b""


def test_what_is_not_offered_and_what_a_script_may_send() -> None:
    refused = answered(lambda: Response(200), "PUT")
    assert (refused[0]["status"], dict(refused.headers)["allow"]) == (405, "GET, HEAD, OPTIONS")
    preflight = answered(lambda: Response(200), "OPTIONS")
    assert preflight[0]["status"] == 204
    assert "Accept" in dict(preflight.headers)["access-control-allow-headers"]
    assert "content-length" not in dict(preflight.headers)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])
def test_a_large_body_goes_in_pieces(size: int) -> None:
    sent = Sent()
    body = bytes(number % 251 for number in range(size))
    asyncio.run(send_response(sent, Response(200, (), body)))
    assert sent.body == body
    assert [message["more_body"] for message in sent[1:]] == [True] * (len(sent) - 2) + [False]
    assert max(len(message["body"]) for message in sent[1:]) <= CHUNK


def test_what_slow_clients_hold_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_HELD", 3 * CHUNK)
    body = bytes(CHUNK + 1)

    async def run() -> None:
        goes_on = asyncio.Event()
        statuses: list[int] = []

        async def slow(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            else:
                await goes_on.wait()

        slow_ones = [asyncio.ensure_future(send_response(slow, Response(200, (), body))) for _ in range(4)]
        await asyncio.sleep(0)
        assert statuses == [200, 200, 503, 503]
        assert holding.size == 2 * len(body)
        for response, method, status in (
            (Response(200, (), body), "GET", 503),
            (Response(200, (), body), "HEAD", 200),
            (Response(200, (), body, is_kept=True), "GET", 200),
            (Response(200, (), bytes(CHUNK)), "GET", 200),
        ):
            sent = Sent()
            await send_response(sent, response, method)
            assert sent[0]["status"] == status
            assert ("retry-after" in dict(sent.headers)) == (status == 503)
            assert dict(sent.headers)["access-control-allow-origin"] == "*"
        slow_ones[0].cancel()
        goes_on.set()
        await asyncio.gather(*slow_ones, return_exceptions=True)
        assert holding.size == 0
        sent = Sent()
        await send_response(sent, Response(200, (), bytes(9 * CHUNK)))
        assert sent[0]["status"] == 200, "one alone always has room"
        assert holding.size == 0

    asyncio.run(run())


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({}, False),
        ({"if_none_match": '"abc"'}, True),
        ({"if_none_match": 'W/"abc"'}, True),
        ({"if_none_match": '"x", "abc"'}, True),
        ({"if_none_match": "*"}, True),
        ({"if_none_match": '"x"'}, False),
        ({"if_none_match": '"x"', "if_modified_since": format_datetime(MOMENT, usegmt=True)}, False),
        ({"if_modified_since": format_datetime(MOMENT, usegmt=True)}, True),
        ({"if_modified_since": "Mon, 02 Mar 2026 07:59:59 GMT"}, False),
        ({"if_modified_since": "yesterday"}, False),
        ({"if_modified_since": ""}, False),
    ],
)
def test_conditional_requests(headers: dict[str, str], same: bool) -> None:
    scope = ask(**headers)
    assert not_modified(scope, '"abc"', MOMENT) == same
    facts = [("content-type", "application/json"), ("content-encoding", "br"), ("vary", "Accept")]
    response = conditional(scope, '"abc"', MOMENT, facts, b"body")
    assert response.status == (304 if same else 200)
    assert dict(response.headers)["etag"] == '"abc"'
    assert dict(response.headers)["last-modified"] == "Mon, 02 Mar 2026 08:00:00 GMT"
    assert ("content-type" in dict(response.headers)) != same
    assert (response.body == b"") == same


@pytest.mark.parametrize(
    ("asked", "encoding"),
    [
        ("", "identity"), ("gzip", "gzip"), ("gzip, deflate, br", "br"), ("br;q=0.5, gzip;q=0.9", "gzip"), ("*", "br"),
        ("br;q=0, *", "gzip"), ("gzip;q=0", "identity"), ("identity, gzip;q=0.1", "identity"), ("GZIP", "gzip"),
        ("gzip;q=much", "identity"), (",,;", "identity"), ("gzip;q=nan", "identity"), ("br;q=nan, gzip", "gzip"),
        ("gzip;q=inf, br;q=0.1", "br"), ("gzip;q=-1", "identity"), ("*;q=nan", "identity"), ("gzip;q=1e9", "identity"),
    ],
)  # fmt: skip
def test_choice_of_encoding(asked: str, encoding: str) -> None:
    assert choose_encoding(asked) == encoding


NAMES = st.sampled_from(["gzip", "br", "*", "identity", "deflate", "text/html", ""])
QUALITIES = st.one_of(
    st.floats().map(str), st.sampled_from(["nan", "-nan", "inf", "-inf", "1_0", "1e400", "٠", "0x1", ""]), st.text()
)
FIELDS = st.lists(st.tuples(NAMES, QUALITIES).map(lambda part: f"{part[0]};q={part[1]}")).map(", ".join)


@given(st.one_of(st.text(), FIELDS))
def test_no_header_breaks_the_choice(text: str) -> None:
    assert choose_encoding(text) in ("br", "gzip", "identity")
    assert choose_encoding(text, ("gzip",)) in ("gzip", "identity")
    assert choose_encoding(text, ()) == "identity"
    assert all(0.0 <= weight <= 1.0 for weight in weights(text).values())


DATES = (
    "Mon, 20 Nov 1995 19:12:08 +99999999999999999999", "Mon, 20 Nov 99999999999 19:12:08 GMT",
    "Mon, 20 Nov 1995 19:12:08 -9999", "Mon, 20 Nov 0000 19:12:08 GMT", "Mon, 99999999999999999999 Nov 1995 19:12:08 GMT",
    "Mon, 20 Nov 1995 99999999999999999999:12:08 GMT", "Mon, 20 Nov 1995", "Mon,", ",", "\0", "1 2 3 4 5 6",
)  # fmt: skip


@pytest.mark.parametrize("date", DATES)
def test_a_date_that_cannot_be_read_counts_as_absent(date: str) -> None:
    assert not not_modified(ask(if_modified_since=date), '"abc"', MOMENT)


@given(
    st.one_of(
        st.text(),
        st.builds(
            "Mon, {} Nov {} {}:12:08 {}".format,
            st.integers(), st.integers(), st.integers(), st.one_of(st.integers().map("{:+}".format), st.text()),
        ),
    )
)  # fmt: skip
def test_no_date_breaks_the_comparison(text: str) -> None:
    moment = read_http_date(text)
    assert moment is None or isinstance(moment >= MOMENT, bool)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(9000, 1, 1)))  # noqa: DTZ001
def test_a_date_is_read_as_it_is_written(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    assert read_http_date(http_date(moment)) == moment


@given(st.floats(0, 10**6))
def test_what_caches_keep_one_after_the_other_is_within_the_time(seconds: float) -> None:
    told = re.fullmatch(r"public, max-age=([0-9]+), s-maxage=([0-9]+)", cache_within(seconds))
    assert told
    # a cache that counts whole seconds keeps what it may keep for a second nearly two
    assert sum(int(age) + 1 for age in told.groups() if age != "0") <= seconds
    assert sum(int(age) for age in told.groups()) >= seconds - 4
