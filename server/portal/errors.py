"""Pages for what cannot be shown: a sentence and ways on for a reader, a line of text or JSON for a program.

The status comes from the one table in `server/errors.py`. Nothing internal is ever shown: a failure has a number, and
the log has the rest under that number.
"""

import logging

from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as BaseResponse

from server.errors import (
    Busy,
    CatalogueError,
    NotStored,
    StorageError,
    StorageFull,
    Unknown,
    VitrineError,
    Withdrawn,
    http_status,
)
from server.iiif.http import as_sentence
from server.log import REQUEST
from server.portal.error_words import in_french
from server.portal.language import _

_BUSY_SECONDS, _AWAY_SECONDS = 5, 30
"""When to come back where there is too much to do, and where the database or the store is away."""

_log = logging.getLogger("vitrine.portal")


def register_errors(app: Flask) -> None:
    """Answer every error of the application, and what the table of addresses itself sends elsewhere."""
    app.before_request(_refuse_nul)
    app.before_request(_lead_to_slash)
    app.register_error_handler(VitrineError, _ours)
    app.register_error_handler(HTTPException, _of_the_web)
    app.register_error_handler(Exception, _failure)


def error_response(status: int, detail: str = "", reason: str = "") -> Response:
    """Return the error in the form that the client reads; `detail` is the English sentence of an error of ours."""
    is_away = status == 503 and not detail
    explanation = _away_words() if is_away else _explanation(status)
    sentence = as_sentence(detail) if detail else explanation
    kind = _kind()
    if kind == "application/json":
        response = jsonify(status=status, message=sentence)
    elif kind == "text/plain":
        response = Response(sentence + "\n", content_type="text/plain; charset=utf-8")
    else:
        page = render_template(
            "error.html",
            status=status,
            title=_("Ce site ne peut pas répondre en ce moment") if is_away else _title(status),
            sentence=explanation,
            detail=_in_words(detail) if not reason else "",
            reason=reason,
            number=REQUEST.get(),
            language=g.language,
        )
        response = Response(page, content_type="text/html; charset=utf-8")
    response.status_code = status
    if status == 503:
        response.headers["Retry-After"] = str(_AWAY_SECONDS if not detail else _BUSY_SECONDS)
    response.vary.update(("Accept", "Accept-Language"))
    response.headers["Cache-Control"] = "no-cache"
    return response


def _in_words(detail: str) -> str:
    """Return what is wrong in the language of the page, where it can be said in it."""
    if not detail:
        return ""
    return as_sentence(detail) if g.language == "en" else in_french(detail)


def _kind() -> str:
    """A browser names HTML; what takes anything is a program and gets a line of text."""
    named = [kind for kind, quality in request.accept_mimetypes if quality > 0]
    return next((kind for kind in named if kind in {"text/html", "application/json"}), "text/plain")


def _refuse_nul() -> None:
    """No name holds NUL, and PostgreSQL takes no text that does: nothing is asked of the catalogue."""
    if "\0" in request.path:
        raise Unknown("there is nothing at this address: it holds a NUL")


def _lead_to_slash() -> BaseResponse | None:
    """Send `/fr` to `/fr/`. Flask hands this to no error handler, and takes the host from a header anybody may write."""
    found = request.routing_exception
    if not isinstance(found, RequestRedirect):
        return None
    query = request.query_string.decode("ascii", "replace")
    return redirect(f"{request.path}/" + (f"?{query}" if query else ""), found.code)


def _ours(error: VitrineError) -> Response:
    if isinstance(error, (CatalogueError, StorageError)) and not isinstance(error, (Busy, NotStored, StorageFull)):
        return _away(error)
    status = http_status(error)
    if status >= 500:
        if status == 500:
            return _failure(error)
        _log.warning("%s: %s", request.endpoint, error)
    return error_response(status, str(error), error.reason if isinstance(error, Withdrawn) else "")


def _of_the_web(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return current_app.make_response(error.get_response())
    response = error_response(error.code)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _away(error: Exception) -> Response:
    """The database or the store does not answer: its sentence is for the log, since it says where they are."""
    _log.error("%s %s: %s", request.method, request.endpoint, error)
    return error_response(503)


def _failure(error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.endpoint, exc_info=error)
    if current_app.testing:
        raise error
    return error_response(500)


def _title(status: int) -> str:
    return {
        400: _("Cette demande n’est pas claire"),
        404: _("Cette page n’existe pas"),
        405: _("Cette demande n’est pas possible ici"),
        410: _("Ce document n’est plus en ligne"),
        500: _("Une erreur est survenue"),
        501: _("Ce service n’est pas offert"),
        503: _("Le service est momentanément occupé"),
    }.get(status, _("Cette demande n’a pas abouti"))


def _away_words() -> str:
    return _(
        "Ce qui garde les documents ne répond pas. Rien n’est perdu, et l’incident est noté : réessayez dans une minute. "
        "Les adresses des documents restent les mêmes."
    )


def _explanation(status: int) -> str:
    if status == 400 and request.args.get("iiif-content"):
        return _(
            "Ce lien devait ouvrir un document ou un détail, mais ce qu’il demande (iiif-content) est incomplet ou abîmé. "
            "Copiez-le de nouveau en entier, ou cherchez le document depuis l’accueil."
        )
    return {
        400: _("L’adresse contient une demande que ce site ne comprend pas."),
        404: _("Rien ne se trouve à cette adresse."),
        405: _("Cette adresse ne répond pas à ce genre de demande."),
        410: _("Il a été publié ici, puis retiré."),
        500: _("Nous en sommes désolés. L’incident est enregistré ; réessayez dans un moment."),
        503: _("Réessayez dans un moment."),
    }.get(status, _("La demande ne peut pas être comprise."))
