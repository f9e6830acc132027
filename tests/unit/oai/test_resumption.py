from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oaipmh.error import BadResumptionTokenError  # type: ignore[import-untyped]  # it ships no types

from server.oai.resumption import Position, read_token, write_token

KEYS = ("newest key", "older key")
NOW = datetime(2026, 3, 2, tzinfo=UTC)
POSITION = Position("ListRecords", "", "oai_dc", "type:presse", 0, 900, 100, 900, 100, int(NOW.timestamp()) + 60)


def test_a_token_gives_its_position_back() -> None:
    assert read_token(write_token(POSITION, KEYS), "ListRecords", "", KEYS, NOW) == POSITION


def test_the_newest_key_signs_and_every_key_is_taken() -> None:
    assert write_token(POSITION, KEYS) == write_token(POSITION, KEYS[:1])
    assert read_token(write_token(POSITION, KEYS[1:]), "ListRecords", "", KEYS, NOW) == POSITION
    with pytest.raises(BadResumptionTokenError, match="not one that this repository gave"):
        read_token(write_token(POSITION, KEYS[1:]), "ListRecords", "", KEYS[:1], NOW)


def test_a_token_needs_no_escaping() -> None:
    assert write_token(POSITION, KEYS).replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    ("verb", "repository", "later", "problem"),
    [
        ("ListIdentifiers", "", 0, "belongs to ListRecords"),
        ("ListRecords", "gallica", 0, "another repository"),
        ("ListRecords", "", 60, "expired at 2026-03-02T00:01:00Z"),
    ],
)
def test_what_a_token_is_bound_to(verb: str, repository: str, later: int, problem: str) -> None:
    now = datetime.fromtimestamp(NOW.timestamp() + later, UTC)
    with pytest.raises(BadResumptionTokenError, match=problem):
        read_token(write_token(POSITION, KEYS), verb, repository, KEYS, now)


@given(st.text() | st.text(alphabet="ABCabc012-_="))
def test_nothing_else_is_a_token(text: str) -> None:
    with pytest.raises(BadResumptionTokenError):
        read_token(text, "ListRecords", "", KEYS, NOW)
