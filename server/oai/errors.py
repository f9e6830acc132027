"""The one table from errors to OAI-PMH codes (OAI-PMH 2.0 §3.6), and the error that carries several of them.

Errors of the toolkit name their own code; ours are mapped here. Whatever is in neither is a failure of this server and
stays one: it is not hidden in a protocol error.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from oaipmh import error  # type: ignore[import-untyped]  # it ships no types

from server.errors import BadRequest, Unknown, VitrineError, Withdrawn

BAD_VERB = "badVerb"
BAD_ARGUMENT = "badArgument"
NO_ECHO = frozenset({BAD_VERB, BAD_ARGUMENT})
"""Codes under which `<request>` shows no argument (§3.2): what was sent cannot be told apart."""

OAI_CODES: dict[type[VitrineError], str] = {
    BadRequest: BAD_ARGUMENT,
    Unknown: "idDoesNotExist",
    Withdrawn: "idDoesNotExist",
}


@dataclass(frozen=True, slots=True)
class OaiError:
    """A code of the protocol and a sentence for the person who reads the harvester's log; `french` is for a reader's page."""

    code: str
    message: str
    french: str = ""


class Refused(error.ErrorBase):  # type: ignore[misc]  # the toolkit has no types
    """A request that breaks the protocol, in one way or in several at once."""

    def __init__(self, errors: Sequence[OaiError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(fault.message for fault in self.errors))

    def oainame(self) -> str:
        """Return the code of the first error: the toolkit knows one only."""
        return self.errors[0].code


class BadToken(Refused, error.BadResumptionTokenError):  # type: ignore[misc]  # as above
    """A resumption token that is not good: the toolkit's error, in our words."""


def oai_errors(failure: Exception) -> tuple[OaiError, ...]:
    """Return the protocol errors that an exception stands for; none where it is no protocol error."""
    if isinstance(failure, Refused):
        return failure.errors
    if isinstance(failure, error.ErrorBase):
        return (OaiError(failure.oainame(), str(failure)),)
    for kind in type(failure).__mro__:
        if kind in OAI_CODES:
            return (OaiError(OAI_CODES[kind], str(failure)),)
    return ()
