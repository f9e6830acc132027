"""From the arguments of a request to the bytes of its response: the toolkit's ServerBase, made strict.

Arguments come as pairs, so that a repeated one is seen; dates are strict; every protocol error is told with the others
and echoes the request (OAI-PMH 2.0 §3.6). Bytes go out whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from oaipmh import common  # type: ignore[import-untyped]  # it ships no types
from oaipmh.server import ServerBase  # type: ignore[import-untyped]  # it ships no types

from server.oai.arguments import Request, parse_request
from server.oai.errors import OaiError, oai_errors
from server.oai.repository import Repository, Taken
from server.oai.responses import Responses


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: XML as bytes; `record_modified` is the record's datestamp where it is one record.

    `request` is what was asked, None where it broke the protocol; `taken` is the page where it is one of records.
    """

    body: bytes
    record_modified: datetime | None = None
    request: Request | None = None
    taken: Taken | None = None
    errors: tuple[OaiError, ...] = ()


class OaiServer(ServerBase):  # type: ignore[misc]  # the toolkit has no types
    """Answers one request for a repository; `date` is the responseDate."""

    def __init__(self, repository: Repository, date: datetime) -> None:
        # the toolkit's own tree server is made per process; ours holds what belongs to one request
        self._repository, self._date = repository, date
        self._tree_server = Responses(repository, date, {})

    def handleRequest(self, request_kw: Sequence[tuple[str, str]]) -> Answer:  # noqa: N802  # the toolkit's name
        """Answer the arguments of a request, in the order in which they came."""
        request = None
        try:
            request = parse_request(request_kw)
            self._tree_server = Responses(self._repository, self._date, request.echo)
            body = self.handleVerb(request.verb, {"request": request})
            return Answer(body, self._tree_server.record_modified, request, self._repository.taken)
        except Exception as failure:
            errors = oai_errors(failure)
            if not errors:
                raise
            return Answer(self._tree_server.errors(errors), None, request, self._repository.taken, errors)

    def handleVerb(self, verb: str, kw: dict[str, Any]) -> bytes:  # noqa: N802  # the toolkit's name
        """Return the response to a verb."""
        answered: bytes = common.getMethodForVerb(self._tree_server, verb)(**kw)
        return answered
