"""The suite judges repositories that are broken on purpose: the faults of the peers, each found out by a test of it."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from lxml import etree

from server.catalogue import records
from server.catalogue.session import Catalogue
from server.oai import arguments, repository, responses, resumption, server, views
from tests.conformance.oai import test_lists as lists
from tests.conformance.oai import test_requests as requests
from tests.support.oai import Harvested

Fault = tuple[Any, str, Any]

_page, _write, _list = repository.Repository._page, responses._write_resumption, records.list_records
_parse, _errors, _respond = arguments.parse_request, responses.Responses.errors, views._respond


def _phantom(self: Any, position: Any, shown: int, last: Any) -> Any:
    is_full = shown == self._settings.oai_page_size
    return _page(self, position, shown, position.upto if is_full and last is None else last)


def _wrong_cursor(self: Any, position: Any, shown: int, last: Any) -> Any:
    page = _page(self, position, shown, last)
    return replace(page, cursor=page.cursor + shown - 1)


def _no_empty_token(page: Any) -> bytes:
    return b"" if page.token is None else _write(page)


def _other_attribute(page: Any) -> bytes:
    return _write(page).replace(b"expirationDate", b"expiration_date")


def _without_deleted(*given: Any, **named: Any) -> Any:
    return [row for row in _list(*given, **named) if b'status="deleted"' not in row.header]


def _by_offset(connection: Any, listed: Any, after: int, upto: int, limit: int, **named: Any) -> Any:
    return _list(connection, listed, 0, 2**62, after + limit, **named)[after:]


def _uncleaned(*given: Any, **named: Any) -> Any:
    return [row._replace(body=row.body.replace(b"Une", b"Une\x03")) for row in _list(*given, **named)]


def _unescaped(*given: Any, **named: Any) -> Any:
    return [row._replace(body=row.body.replace(b"&amp;", b"&")) for row in _list(*given, **named)]


def _unsigned(token: str, keys: Any) -> bytes | None:
    raw = base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
    return bytes(raw[resumption._SIGNATURE :])


def _unbound(token: str, verb: str, name: str, keys: Any, now: datetime) -> Any:
    payload = resumption._verified(token, keys)
    return resumption.Position(*json.loads(payload or b"[]"))


def _silent(self: Any, faults: Any) -> bytes:
    self._echo = {}
    return _errors(self, faults)


def _unprocessable(scope: Any, answer: Any, status: int = 200) -> Any:
    return _respond(scope, answer, 422 if answer.errors else status)


def _last_of_each(pairs: Any) -> Any:
    return _parse(list(dict(pairs).items()))


def _never_publishing(self: Catalogue) -> bool:
    return False


def _epoch(connection: Any) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC)


BROKEN: dict[str, tuple[Fault, Callable[[Harvested], None]]] = {
    "phantom token": (
        (repository.Repository, "_page", _phantom),
        lambda at: lists.test_3_5_tokens_and_their_absence(at, "ListRecords", 10),
    ),
    "missing empty token": (
        (responses, "_write_resumption", _no_empty_token),
        lambda at: lists.test_3_5_tokens_and_their_absence(at, "ListRecords", 9),
    ),
    "expiration_date": (
        (responses, "_write_resumption", _other_attribute),
        lambda at: lists.test_3_5_tokens_and_their_absence(at, "ListRecords", 9),
    ),
    "wrong cursor": (
        (repository.Repository, "_page", _wrong_cursor),
        lambda at: lists.test_3_5_tokens_and_their_absence(at, "ListIdentifiers", 11),
    ),
    "lost deletion": (
        (records, "list_records", _without_deleted),
        lists.test_2_5_1_tombstones_keep_identifier_sets_and_format_for_ever,
    ),
    "offset paging": (
        (records, "list_records", _by_offset),
        lists.test_3_5_every_unchanged_record_is_delivered_whatever_changes,
    ),
    "until day read as midnight": (
        (arguments, "timedelta", lambda **_: timedelta(0)),
        lambda at: lists.test_2_7_1_from_and_until_are_inclusive(at, "2026-03-02", "2026-03-02", range(12)),
    ),
    "tampered token accepted": (
        (resumption, "_verified", _unsigned),
        lists.test_3_5_a_changed_token_is_refused_whatever_was_changed,
    ),
    "token of another verb accepted": (
        (repository, "read_token", _unbound),
        lists.test_3_5_a_token_is_bound_to_its_verb_and_repository,
    ),
    "datestamps that pass uncommitted ones": (
        (Catalogue, "is_publishing", _never_publishing),
        lists.test_3_2_response_date_never_passes_an_uncommitted_publication,
    ),
    "late record missed": (
        (Catalogue, "is_publishing", _never_publishing),
        lists.test_a_record_committed_late_is_not_missed,
    ),
    "missing echo": (
        (responses.Responses, "errors", _silent),
        lambda at: lists.test_2_7_1_from_and_until_are_inclusive(at, None, lists.dated(0), range(0)),
    ),
    "control characters": (
        (records, "list_records", _uncleaned),
        lists.test_a_control_character_in_a_title_breaks_no_page,
    ),
    "unescaped ampersand": (
        (records, "list_records", _unescaped),
        lists.test_a_control_character_in_a_title_breaks_no_page,
    ),
    "protocol errors as HTTP 422": ((views, "_respond", _unprocessable), requests.test_3_6_a_missing_verb),
    "repeated arguments accepted": ((server, "parse_request", _last_of_each), requests.test_3_6_a_repeated_verb),
    "an epoch as earliest datestamp": ((records, "find_earliest", _epoch), lists.test_4_2_identify),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_repository_is_found_out(harvested: Harvested, name: str) -> None:
    (where, what, broken), judge = BROKEN[name]
    with patch.object(where, what, broken), pytest.raises((AssertionError, etree.LxmlError)):
        judge(harvested)


@pytest.mark.parametrize("name", BROKEN)
def test_the_same_judge_finds_no_fault_in_ours(harvested: Harvested, name: str) -> None:
    BROKEN[name][1](harvested)
