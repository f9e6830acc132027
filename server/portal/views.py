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
from server.oai.arguments import decode_arguments
from server.portal import notice, pages
from server.portal.browse_views import Browse, add_browsing
from server.portal.browsing import Month, read_calendar
from server.portal.content_state import (
    ContentState,
    read_content_state,
    read_content_states,
    write_content_state,
)
from server.portal.downloads import list_downloads
from server.portal.errors import register_errors
from server.portal.harvest_pages import Reading
from server.portal.harvest_words import words_of_element, words_of_error, words_of_format
from server.portal.language import LANGUAGES, NAMES, language_of, month_name, negotiate, of_path, pick
from server.portal.logos import read_logo
from server.portal.places import find_path, for_viewer
from server.portal.region import draw_map
from server.portal.searching import Finding
from server.portal.searching import register as register_finding
from server.portal.site_views import Site, add_site
from server.portal.within import Within, find_within
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
        self.browse = Browse(self)
        self.site = Site(self)
        self.reading = Reading(settings, catalogue)

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
            places, bars = self.browse.places_reader(connection), self.browse.timeline_reader(connection)
        alternates = {each: f"/{each}/" for each in LANGUAGES}
        return self.page("home.html", alternates, home=home, places=places, map=draw_map(places), bars=bars)

    def collection(self, language: str, name: str) -> Response:
        """Show a page of a collection, or of a group of collections."""
        number, read = self.page_number(), pages.read_group if name in GROUPS else pages.read_listing
        with self.catalogue.snapshot() as connection:
            shown = read(connection, self.relative, name, number)
            months: tuple[Month, ...] = ()
            if isinstance(shown, pages.Listing) and shown.collection.kind == "year":
                months = read_calendar(connection, name, name.rpartition("-")[2])
        suffix = f"?page={number}" if number > 1 else ""
        alternates = {each: f"/{each}/collections/{name}{suffix}" for each in LANGUAGES}
        if isinstance(shown, pages.Group):
            return self.page("group.html", alternates, group=shown)
        return self.page("collection.html", alternates, listing=shown, months=months)

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
                within = self._find_within(connection, page)
            except Unknown:
                former = _find_former(connection, "ark", f"ark:/{naan}/{name}")
                if former is None:
                    raise
                return redirect(self._permalink(former, qualifier), 301)
        canonical = self._path(name, number)
        prefix = f"/{language}" if language else ""
        if request.path != prefix + canonical:
            query = f"?{request.query_string.decode('ascii', 'replace')}" if within else ""
            return redirect(prefix + canonical + query, 301)
        response = self.page(
            "item.html",
            {each: f"/{each}{canonical}" for each in LANGUAGES},
            page=page,
            number=number,
            within=within,
            permalink=self.absolute.view(name, number) if number else self.absolute.ark(name),
        )
        if within is None:
            response.last_modified = page.modified
        self.finding.add_links(response, page.item, self.finding.list_files(name))
        if language is None:
            response.vary.add("Accept-Language")
            response.headers["Content-Location"] = f"/{g.language}{canonical}"
        return response

    def embed(self, rest: str, language: str) -> BaseResponse:
        """Show a view alone, to stand in the page of another site: the only page besides the viewer that may be framed."""
        naan, _slash, whole = rest.partition("/")
        name, _slash, qualifier = whole.partition("/")
        if naan != self.settings.naan:
            raise Unknown("only a document of this site can be embedded; take the address that its page gives")
        with self.catalogue.snapshot() as connection:
            shown = pages.read_item(connection, self.relative, name, _view_number(name, qualifier), language)
        path = f"/embed{self.relative.view(name, shown.view.number)}"
        alternates = {each: f"/{each}{path}" for each in LANGUAGES}
        response = self.page(
            "embed.html", alternates, page=shown, permalink=self.absolute.view(name, shown.view.number)
        )
        response.headers["Content-Security-Policy"] = self.policy.replace("frame-ancestors 'none'", "frame-ancestors *")
        return response

    def mosaic(self, rest: str, language: str) -> Response:
        """Show all views of a document side by side."""
        naan, _slash, name = rest.partition("/")
        if naan != self.settings.naan:
            raise Unknown("there is no mosaic of this document; it is not of this site")
        with self.catalogue.snapshot() as connection:
            shown = pages.read_mosaic(connection, name, self.page_number())
        suffix = f"?page={shown.page}" if shown.page > 1 else ""
        alternates = {each: f"/{each}/mosaic{self.relative.ark(name)}{suffix}" for each in LANGUAGES}
        return self.page(
            "mosaic.html", alternates, item=shown.item, views=shown.views, count=shown.count, number=shown.page,
            pages=shown.pages, name_view=lambda view: pages.name_view(shown.item, view, language),
        )  # fmt: skip

    @property
    def policy(self) -> str:
        """The security policy of every page but the viewer's: nothing from elsewhere, nothing inline, in no frame."""
        return (
            f"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
            f"img-src 'self' data: blob: {self.settings.base}; connect-src 'self' {self.settings.base}; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )

    def _find_within(self, connection: "Connection", page: pages.ItemPage) -> Within | None:
        asked = request.args.get("q", "").strip()
        start = request.args.get("start", "0")
        if not asked:
            return None
        if not start.isascii() or not start.isdigit() or len(start) > 6:
            raise BadRequest("start must be a number, counted from 0")
        return find_within(connection, page.item.name, asked, page.view.number, int(start))

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
        response = self.page(
            "viewer.html", alternates, states=states, windows=list(map(asdict, states)),
            collection=self.absolute.collection(), reader_path=self._reader_path(states),
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

    def repository(self, name: str = "", language: str | None = None) -> Response:
        """Show what a repository answers to a harvester; whoever comes without a question sees its front page."""
        page = self.reading.ask(name, decode_arguments(request.query_string))
        rest = f"/{name}" if name else ""
        suffix = f"?{page.own_query}" if request.query_string else ""
        response = self.page("repository.html", {each: f"/{each}/oai{rest}{suffix}" for each in LANGUAGES}, page=page)
        response.headers["Cache-Control"] = "no-store"
        if language is None:
            response.vary.update(("Accept", "Accept-Language"))
            response.headers["Content-Location"] = f"/{g.language}/oai{rest}{suffix}"
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

    def _reader_path(self, states: list[ContentState]) -> str:
        """Return the path of our own page of the first document that the viewer shows; empty where it is not ours."""
        path = find_path(states[0], self.absolute) if states else None
        return f"/{g.language}{path}" if path else ""

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

    def page_number(self) -> int:
        """Return the page of a list that is asked for, counted from 1. Raises BadRequest."""
        page = request.args.get("page", "1")
        if not page.isascii() or not page.isdigit() or len(page) > 6:
            raise BadRequest("page must be a number, counted from 1")
        return int(page)

    def page(self, template: str, alternates: dict[str, str], **values: object) -> Response:
        """Return a page; `alternates` are its paths by language."""
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
        ("/oai", portal.repository),
        ("/oai/", portal.repository),
        ("/oai/<name>", portal.repository),
        (f"/{language}/oai", portal.repository),
        (f"/{language}/oai/<name>", portal.repository),
        ("/viewer", portal.viewer),
        (f"/{language}/viewer", portal.viewer),
    ):
        blueprint.add_url_rule(rule, f"{view.__name__}:{rule}", view, methods=["GET"])
    blueprint.add_url_rule(f"/{language}/embed/ark:/<path:rest>", "embed", portal.embed, methods=["GET"])
    blueprint.add_url_rule(f"/{language}/mosaic/ark:/<path:rest>", "mosaic", portal.mosaic, methods=["GET"])
    add_browsing(blueprint, portal.browse)
    add_site(blueprint, portal.site)
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

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", portal.policy)
        return response

    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        static=static_url,
        addresses=portal.relative,
        absolute=portal.absolute,
        repository_name=settings.repository_name,
        contact=settings.admin_email,
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
        pictures=lambda view: pages.picture_set(view, portal.relative),
        downloads_of=lambda item, view: list_downloads(item, view, portal.relative),
        month_name=month_name,
        is_searchable=lambda: any(rule.rule.endswith("/search") for rule in app.url_map.iter_rules()),
        typologies=TYPOLOGY_LABELS,
        words_of_element=words_of_element,
        words_of_error=words_of_error,
        words_of_format=words_of_format,
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
