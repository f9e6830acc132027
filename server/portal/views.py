"""The pages for readers: home, collections, items at their permalinks, the self-hosted viewer.

A permalink (ARK, draft-kunze-ark §3) negotiates the language and serves the page itself; `/fr/ark:/…` and `/en/ark:/…`
say it. Former ARKs and former addresses lead to the permalink with 301. No view streams, none sets a cookie.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from flask import Blueprint, Flask, Response, g, redirect, render_template, request
from flask_babel import Babel
from werkzeug.wrappers import Response as BaseResponse

from server.catalogue.published import find_alias, find_logo, find_publication
from server.catalogue.session import Catalogue
from server.errors import BadRequest, Unknown
from server.iiif.build.collection import GROUPS, collection_name
from server.model.addresses import Addresses
from server.model.ark import split_ark
from server.model.description import TYPOLOGY_LABELS
from server.model.item import Item
from server.portal import notice, pages
from server.portal.content_state import (
    ContentState,
    read_content_state,
    read_content_states,
    write_content_state,
)
from server.portal.errors import register_errors
from server.portal.language import LANGUAGES, NAMES, language_of, negotiate, of_path, pick
from server.portal.logos import read_logo
from server.portal.places import find_path, for_viewer
from server.portal.searching import Finding
from server.portal.searching import register as register_finding
from server.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

_HERE = Path(__file__).parent


class Portal:
    """The pages of one installation."""

    finding: Finding
    """What leads to the documents."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.absolute = Addresses(settings.base, settings.naan, settings.repository_id)
        self.relative = Addresses("", settings.naan, settings.repository_id)
        self.home_reader = pages.HomeReader(self.relative)

    def start(self) -> BaseResponse:
        """Send a reader to the home page in their language."""
        response = redirect(f"/{g.language}/")
        response.vary.add("Accept-Language")
        response.headers["Cache-Control"] = "no-cache"
        return response

    def home(self, language: str) -> Response:
        """Show the home page."""
        with self.catalogue.snapshot() as connection:
            home = self.home_reader.read(connection)
        return self._page("home.html", {each: f"/{each}/" for each in LANGUAGES}, home=home)

    def collection(self, language: str, name: str) -> Response:
        """Show a page of a collection, or of a group of collections."""
        page = request.args.get("page", "1")
        if not page.isascii() or not page.isdigit() or len(page) > 6:
            raise BadRequest("page must be a number, counted from 1")
        number, read = int(page), pages.read_group if name in GROUPS else pages.read_listing
        with self.catalogue.snapshot() as connection:
            shown = read(connection, self.relative, name, number)
        suffix = f"?page={number}" if number > 1 else ""
        alternates = {each: f"/{each}/collections/{name}{suffix}" for each in LANGUAGES}
        if isinstance(shown, pages.Group):
            return self._page("group.html", alternates, group=shown)
        return self._page("collection.html", alternates, listing=shown)

    def ark(self, rest: str, language: str | None = None) -> BaseResponse:
        """Show an item or a view of it at its permalink; send former and unusual forms to the permalink."""
        parts = split_ark(f"ark:/{rest}")
        if parts is None:
            raise Unknown("this is not an ARK; it is written ark:/NAAN/name")
        naan, whole = parts
        name, _slash, qualifier = whole.partition("/")
        with self.catalogue.snapshot() as connection:
            if naan != self.settings.naan:
                return redirect(self._permalink(find_alias(connection, "ark", f"ark:/{naan}/{whole}"), ""), 301)
            try:
                number = _view_number(name, qualifier)
                if request.args.keys() & {"info", "?"}:
                    return self._kernel(find_publication(connection, name).item)
                page = pages.read_item(connection, self.relative, name, number, g.language)
            except Unknown:
                former = _find_former(connection, "ark", f"ark:/{naan}/{name}")
                if former is None:
                    raise
                return redirect(self._permalink(former, qualifier), 301)
        canonical = self._path(name, number)
        prefix = f"/{language}" if language else ""
        if request.path != prefix + canonical:
            return redirect(prefix + canonical, 301)
        response = self._page(
            "item.html",
            {each: f"/{each}{canonical}" for each in LANGUAGES},
            page=page,
            number=number,
            permalink=self.absolute.view(name, number) if number else self.absolute.ark(name),
        )
        response.last_modified = page.modified
        self.finding.add_links(response, page.item, self.finding.list_files(name))
        if language is None:
            response.vary.add("Accept-Language")
            response.headers["Content-Location"] = f"/{g.language}{canonical}"
        return response

    def show_content_state(self) -> BaseResponse | None:
        """Send who asks a page of ours for `iiif-content` to the page that shows it; what is not ours to the viewer."""
        asked = request.args.get("iiif-content", "").strip()
        if not asked or request.url_rule is None or request.url_rule.rule.endswith("/viewer"):
            return None
        path = find_path(read_content_state(asked), self.absolute)
        response = redirect(f"/{g.language}" + (path or f"/viewer?iiif-content={quote(asked, safe='')}"))
        response.vary.add("Accept-Language")
        response.headers["Cache-Control"] = "no-cache"
        return response

    def viewer(self, language: str | None = None) -> Response:
        """Show Mirador: what `iiif-content` (or `manifest`) asks for, else our own collection to choose from."""
        asked = (request.args.get("iiif-content") or request.args.get("manifest", "")).strip()
        states = [for_viewer(state, self.absolute) for state in read_content_states(asked)] if asked else []
        alternates = {
            each: f"/{each}{request.full_path.removeprefix(f'/{language}').rstrip('?')}" for each in LANGUAGES
        }
        response = self._page(
            "viewer.html", alternates, states=states, windows=list(map(asdict, states)),
            collection=self.absolute.collection(),
        )  # fmt: skip
        if language is None:
            response.vary.add("Accept-Language")
        elsewhere = "" if all(map(self._is_ours, states)) else " https: http:"
        response.headers["Content-Security-Policy"] = (
            # Mirador's styles are written by emotion while it runs; a foreign document brings its own images.
            f"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
            f"img-src 'self' data: blob: {self.settings.base}{elsewhere}; "
            f"connect-src 'self' {self.settings.base}{elsewhere}; media-src 'self'{elsewhere}; "
            "worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors *"
        )
        return response

    def logo(self, file: str) -> Response:
        """Serve an institution's logo."""
        institution, dot, suffix = file.rpartition(".")
        with self.catalogue.snapshot() as connection:
            registered = find_logo(connection, institution)
        body, media_type = read_logo(self.settings.data_dir, registered, dot + suffix)
        response = Response(body, content_type=media_type)
        response.headers["Cache-Control"] = "public, max-age=3600"
        # An SVG opened by itself is a page: it may draw, and do nothing else.
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        return response

    def former_address(self) -> BaseResponse | None:
        """Send a former address of an item to its permalink; None where nothing was ever at this address."""
        path = request.full_path.rstrip("?")
        host = urlsplit(request.url).netloc
        candidates = [f"{scheme}://{host}{path}" for scheme in ("https", "http")]
        candidates += [self.settings.base + path, path]
        if request.query_string:
            candidates.append(request.path)
        with self.catalogue.snapshot() as connection:
            former = next((name for each in candidates if (name := _find_former(connection, "url", each))), None)
        return redirect(self._permalink(former, ""), 301) if former else None

    def _permalink(self, name: str, qualifier: str) -> str:
        return self.absolute.ark(name) + (f"/{qualifier}" if qualifier else "")

    def _path(self, name: str, number: int | None) -> str:
        return self.relative.view(name, number) if number else self.relative.ark(name)

    def _is_ours(self, state: ContentState) -> bool:
        return state.document.startswith(self.settings.base + "/")

    def _kernel(self, item: Item) -> Response:
        described = item.description
        lines = {
            "who": "; ".join(notice.authors(described)) or "(:unkn)",
            "what": described.title.value,
            "when": notice.date_line(described, "en") or "(:unkn)",
            "where": self.absolute.ark(item.name),
            "how": described.typology.value,
            "rights": described.rights.uri or described.rights.label["en"],
        }
        text = "erc:\n" + "".join(f"{key}: {' '.join(value.split())}\n" for key, value in lines.items())
        return Response(text, content_type="text/plain; charset=utf-8")

    def _page(self, template: str, alternates: dict[str, str], **values: object) -> Response:
        response = Response(
            render_template(template, alternates=alternates, language=g.language, **values),
            content_type="text/html; charset=utf-8",
        )
        response.headers["Content-Language"] = g.language
        return response


def register(app: Flask, settings: Settings, catalogue: Catalogue, static_url: Callable[[str], str]) -> None:
    """Add the pages, their languages and their errors to the application."""
    portal = Portal(settings, catalogue)
    blueprint = Blueprint("portal", __name__, template_folder=str(_HERE / "templates"))
    language = "<any(fr, en):language>"
    for rule, view in (
        ("/", portal.start),
        (f"/{language}/", portal.home),
        (f"/{language}/collections/<name>", portal.collection),
        ("/ark:/<path:rest>", portal.ark),
        ("/ark:<path:rest>", portal.ark),
        (f"/{language}/ark:/<path:rest>", portal.ark),
        (f"/{language}/ark:<path:rest>", portal.ark),
        ("/logos/<file>", portal.logo),
        ("/viewer", portal.viewer),
        (f"/{language}/viewer", portal.viewer),
    ):
        blueprint.add_url_rule(rule, f"{view.__name__}:{rule}", view, methods=["GET"])
    portal.finding = register_finding(app, blueprint, settings, catalogue)
    blueprint.before_request(portal.show_content_state)
    app.register_blueprint(blueprint)
    Babel(
        app,
        default_translation_directories=str(_HERE / "translations"),
        default_timezone="Europe/Paris",
        locale_selector=lambda: g.language,
    )
    app.before_request(_choose_language)
    register_errors(app)
    _former_addresses(app, portal)
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"img-src 'self' data: blob: {settings.base}; connect-src 'self' {settings.base}; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        static=static_url,
        addresses=portal.relative,
        absolute=portal.absolute,
        repository_name=settings.repository_name,
        language_names=NAMES,
        pick=pick,
        language_of=language_of,
        thumbnail=lambda view: pages.thumbnail(view, portal.relative),
        describe=pages.describe,
        build_notice=notice.build_notice,
        rights_uri=notice.rights_uri,
        date_line=notice.date_line,
        cite=notice.cite,
        makers_of=notice.authors,
        content_state=write_content_state,
        abstracts_of=notice.abstracts,
        reading=lambda view: pages.reading_picture(view, portal.relative),
        typologies=TYPOLOGY_LABELS,
        collection_name=collection_name,
    )


def _former_addresses(app: Flask, portal: Portal) -> None:
    @app.before_request
    def former_address() -> BaseResponse | None:
        is_read = request.method in {"GET", "HEAD"}
        return portal.former_address() if request.routing_exception is not None and is_read else None


def _find_former(connection: "Connection", kind: str, value: str) -> str | None:
    try:
        return find_alias(connection, kind, value)
    except Unknown:
        return None


def _choose_language() -> None:
    g.language = of_path(request.path) or negotiate(request.accept_languages)


def _view_number(name: str, qualifier: str) -> int | None:
    if not qualifier:
        return None
    digits = qualifier.removeprefix("f")
    if digits == qualifier or not digits.isascii() or not digits.isdigit() or len(digits) > 6 or digits[0] == "0":
        raise Unknown(f"{name} has no part {qualifier}; a view is f and its number, as in f12")
    return int(digits)
