"""The Flask application: the only place where the surfaces that Flask serves are joined.

It answers pages and small texts, whole; ready-made bytes are answered by `server/asgi.py` in front of it. What every
response shares (CORS, security headers, validators, compression) is set here once. No cookie is ever set.
"""

import gzip
from collections.abc import Callable
from hashlib import sha256

from flask import Blueprint, Flask, Response, jsonify, request

from server.catalogue.session import Catalogue
from server.health import find_faults
from server.iiif.http import read_http_date
from server.portal import views as portal
from server.settings import Settings
from server.storage import Storage

_COMPRESSED = ("text/", "application/json", "application/ld+json", "image/svg+xml")
_LEAST = 500  # bytes: compressing less gains nothing
_METHODS = "GET, HEAD, OPTIONS, POST"


class StreamedResponse(RuntimeError):
    """A view returned a stream: it would hold a thread for as long as its client likes."""


def create_app(
    settings: Settings,
    catalogue: Catalogue,
    storage: Storage,
    static_url: Callable[[str], str] = "/static/{}".format,
) -> Flask:
    """Join the surfaces. `static_url` gives the address of a file of the pages."""
    app = Flask("server", static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False
    app.before_request(_forget_unreadable_date)
    app.register_blueprint(_health(catalogue, storage))
    portal.register(app, settings, catalogue, static_url)
    app.after_request(_finish)
    return app


def _health(catalogue: Catalogue, storage: Storage) -> Blueprint:
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def alive() -> Response:
        return _uncached(jsonify(status="up"))

    @blueprint.get("/readyz")
    def ready() -> Response:
        faults = find_faults(catalogue, storage)
        response = jsonify(status="not ready" if faults else "ready", faults=faults)
        response.status_code = 503 if faults else 200
        return _uncached(response)

    return blueprint


def _forget_unreadable_date() -> None:
    """A date that cannot be read counts as absent (RFC 9110 §13.1.3); werkzeug fails on one beyond its numbers."""
    since = request.environ.get("HTTP_IF_MODIFIED_SINCE")
    if since is not None and read_http_date(since) is None:
        del request.environ["HTTP_IF_MODIFIED_SINCE"]


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _finish(response: Response) -> Response:
    if response.is_streamed or response.direct_passthrough:
        raise StreamedResponse(f"{request.endpoint} returned a stream; a view returns whole bytes")
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Link, Location, Retry-After"
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = _METHODS
        headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-Modified-Since, If-None-Match"
        headers["Access-Control-Max-Age"] = "86400"
    body = response.get_data()
    if not body or response.content_encoding:
        return response
    if response.status_code == 200 and not headers.get("ETag") and headers.get("Cache-Control") != "no-store":
        # Weak: the compressed form has the same validator.
        response.set_etag(sha256(body).hexdigest()[:24], weak=True)
        headers.setdefault("Cache-Control", "no-cache")
    if (response.mimetype or "").startswith(_COMPRESSED):
        response.vary.add("Accept-Encoding")
        if len(body) >= _LEAST and request.accept_encodings["gzip"] > 0:
            response.set_data(gzip.compress(body, 5, mtime=0))
            response.content_encoding = "gzip"
    response.make_conditional(request)
    return response
