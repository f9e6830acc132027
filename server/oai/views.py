"""OAI-PMH over HTTP (OAI-PMH 2.0 §3.1): GET, HEAD and form-encoded POST on `/oai`; protocol errors are HTTP 200.

Responses are whole, gzipped when that is asked for. GetRecord carries validators: a harvester that asks again for a
record that has not changed gets 304. Which repository answers is the blueprint's, so `/oai/{harvester}` is one more.
"""

import gzip
import hashlib
from urllib.parse import parse_qsl

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from server.catalogue.session import Catalogue
from server.model.clock import Clock
from server.oai.errors import BAD_ARGUMENT, BAD_VERB, OaiError
from server.oai.repository import Repository, publishing_since, response_moment
from server.oai.responses import Responses
from server.oai.server import Answer, OaiServer
from server.settings import Settings

MAX_BODY = 64 * 1024
"""Bytes of a POST; the longest sensible request has a few hundred."""

_MAX_FIELDS = 100
_LEAST = 500
_FORM = "application/x-www-form-urlencoded"


def register(app: Flask, settings: Settings, catalogue: Catalogue, clock: Clock | None = None) -> None:
    """Add the OAI-PMH surface to the application."""
    app.register_blueprint(create_blueprint(settings, catalogue, clock))


def create_blueprint(
    settings: Settings, catalogue: Catalogue, clock: Clock | None = None, repository: str = ""
) -> Blueprint:
    """Return the surface of one repository; the empty name is the one of everything public, at `/oai`."""
    clock = clock or catalogue.clock
    blueprint = Blueprint(f"oai-{repository}" if repository else "oai", __name__)

    @blueprint.route(f"/oai/{repository}" if repository else "/oai", methods=["GET", "POST"])
    def answer() -> Response:
        asked = publishing_since(catalogue, clock)
        with catalogue.snapshot() as connection:
            date = response_moment(connection, asked)
            opened = Repository(settings, connection, repository, clock())
            refusal = _refusal()
            if refusal is not None:
                status, fault = refusal
                return _respond(Answer(Responses(opened, date, {}).errors([fault])), status)
            return _respond(OaiServer(opened, date).handleRequest(_arguments()))

    return blueprint


def _refusal() -> tuple[int, OaiError] | None:
    """What makes a request unreadable, with its HTTP status: a body beyond sense, a body that is no form."""
    if request.method != "POST":
        return None
    if (request.content_length or 0) > MAX_BODY:
        return 413, OaiError(BAD_ARGUMENT, f"the request is longer than {MAX_BODY} bytes")
    if request.content_length and request.mimetype != _FORM:
        return 200, OaiError(BAD_VERB, f"a POST carries its arguments as {_FORM}")
    return None


def _arguments() -> list[tuple[str, str]]:
    """The arguments in their order, those of the address before those of the body; repeated ones stay repeated."""
    pairs = _decode(request.query_string)
    if request.method == "POST":
        request.max_content_length = MAX_BODY
        try:
            pairs += _decode(request.get_data(cache=False))
        except RequestEntityTooLarge:
            pairs.append(("", "a body without an end"))
    return pairs


def _decode(encoded: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        return [("", f"more than {_MAX_FIELDS} arguments")]


def _respond(answer: Answer, status: int = 200) -> Response:
    response = Response(answer.body, status=status, content_type="text/xml; charset=utf-8")
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "no-cache" if answer.record_modified else "no-store"
    if answer.record_modified:
        response.set_etag(hashlib.sha256(_lasting(answer.body)).hexdigest()[:24], weak=True)
        response.last_modified = answer.record_modified
    if len(answer.body) >= _LEAST and request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(answer.body, 5, mtime=0))
        response.content_encoding = "gzip"
    if answer.record_modified:
        response.make_conditional(request)
    return response


def _lasting(body: bytes) -> bytes:
    """The part of a response that moves only when the record does: responseDate stands before it."""
    return body.partition(b"</responseDate>")[2]
