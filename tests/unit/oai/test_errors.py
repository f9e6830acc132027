import pytest
from oaipmh import error  # type: ignore[import-untyped]  # it ships no types

from server.errors import BadRequest, StorageError, Unknown, Withdrawn
from server.oai.errors import OaiError, Refused, oai_errors


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (BadRequest("a"), "badArgument"),
        (Unknown("a"), "idDoesNotExist"),
        (Withdrawn("a"), "idDoesNotExist"),
        (error.NoRecordsMatchError("a"), "noRecordsMatch"),
        (error.BadResumptionTokenError("a"), "badResumptionToken"),
    ],
)
def test_the_table(failure: Exception, code: str) -> None:
    assert oai_errors(failure) == (OaiError(code, "a"),)


def test_several_stay_several() -> None:
    both = (OaiError("badArgument", "a"), OaiError("badArgument", "b"))
    assert oai_errors(Refused(both)) == both


def test_a_failure_of_ours_is_no_protocol_error() -> None:
    assert oai_errors(StorageError("the disk is gone")) == ()
    assert oai_errors(ValueError("a bug")) == ()
