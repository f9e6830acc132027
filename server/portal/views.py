"""The pages for readers: home, collections, the self-hosted viewer, repositories; and what joins all pages.

Those of documents are in `item_views.py`. No view streams, none sets a cookie.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote, urlencode

from flask import Blueprint, Flask, Response, g, redirect, render_template, request
from flask_babel import Babel
from werkzeug.wrappers import Response as BaseResponse

from server.catalogue.offered import Taken
from server.catalogue.offers import Offers
from server.catalogue.published import find_collection, find_logo
from server.catalogue.session import Catalogue
from server.errors import BadRequest, Unknown
from server.iiif.build.collection import GROUPS, collection_name
from server.model.addresses import Addresses
from server.model.clock import local_day
from server.model.description import TYPOLOGY_LABELS
from server.model.spoken_dates import format_edtf
from server.oai.arguments import decode_arguments
from server.oai.formats.sets import set_spec
from server.portal import citations, lists, notice, pictures
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
from server.portal.item_views import Documents, add_documents
from server.portal.language import (
    LANGUAGES,
    NAMES,
    language_of,
    month_name,
    negotiate,
    of_path,
    pick,
    spaced,
    weekday_names,
)
from server.portal.logos import read_logo
from server.portal.places import find_path, for_viewer
from server.portal.region import draw_map
from server.portal.searching import Finding
from server.portal.searching import register as register_finding
from server.portal.site_views import Site, add_site
from server.portal.works import read_work
from server.settings import Settings

_HERE = Path(__file__).parent

_OFFERED = (Taken.CURRENT, Taken.EARLIER, Taken.PENDING)
_STATES = {
    "current": (Taken.CURRENT,),
    "earlier": (Taken.EARLIER,),
    "pending": (Taken.PENDING,),
    "unoffered": (Taken.UNOFFERED,),
}
"""How documents stand with a portal, as addresses say it."""


class Portal:
    """The pages of one installation."""

    finding: Finding
    """What leads to the documents."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.absolute = Addresses(settings.base, settings.naan, settings.repository_id)
        self.relative = Addresses("", settings.naan, settings.repository_id)
        self.home_reader = lists.HomeReader(self.relative)
        self.offers = Offers()
        self.documents = Documents(self)
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
            ways = self.browse.place_ways(connection)
        alternates = {each: f"/{each}/" for each in LANGUAGES}
        return self.page("home.html", alternates, home=home, places=places, ways=ways, map=draw_map(places), bars=bars)

    def collection(self, language: str, name: str) -> Response:
        """Show a page of a collection, or of a group of collections."""
        number, months = self.page_number(), tuple[Month, ...]()
        suffix = f"?page={number}" if number > 1 else ""
        alternates = {each: f"/{each}/collections/{name}{suffix}" for each in LANGUAGES}
        with self.catalogue.snapshot() as connection:
            if name in GROUPS:
                group = lists.read_group(connection, self.relative, name, number)
                return self.page("group.html", alternates, group=group)
            if name.startswith(collection_name("work", "")):
                work = read_work(connection, self.relative, name, number)
                return self.page("work.html", alternates, work=work)
            shown = lists.read_listing(connection, self.relative, name, number)
            if shown.collection.kind == "year":
                months = read_calendar(connection, name, name.rpartition("-")[2])
            groups = self.home_reader.read(connection).groups
            offers = []
            if shown.collection.kind == "institution" and number == 1:
                offers = self.offers.list_offers(connection, name, _own_set(name))
        return self.page("collection.html", alternates, listing=shown, months=months, groups=groups, offers=offers)

    def offered(self, language: str, name: str) -> Response:
        """Show of each document of an institution how it stands with other portals, or of those that stand so with one.

        Raises Unknown, BadRequest.
        """
        number, portal, state = self.page_number(), request.args.get("portal", ""), request.args.get("state", "")
        if state and (not portal or state not in _STATES):
            raise BadRequest(f"state must be one of {', '.join(_STATES)}, and needs a portal")
        chosen = None
        with self.catalogue.snapshot() as connection:
            if find_collection(connection, name).kind != "institution":
                raise Unknown(f"there is no such list of the collection {name[:80]}; institutions have one")
            if portal:
                chosen = self.offers.find_offer(connection, name, _own_set(name), portal)
                names = self.offers.list_names(connection, name, portal, _STATES.get(state, _OFFERED))
                shown = lists.read_some(connection, self.relative, name, names, number)
            else:
                shown = lists.read_listing(connection, self.relative, name, number)
            offers = self.offers.find_offers(connection, [card.name for card in shown.cards])
        asked = urlencode([(key, value) for key, value in (("portal", portal), ("state", state)) if value])
        here = f"collections/{name}/offers" + (f"?{asked}" if asked else "")
        suffix = ("&" if asked else "?") + f"page={number}" if number > 1 else ""
        alternates = {each: f"/{each}/{here}{suffix}" for each in LANGUAGES}
        return self.page(
            "offers.html",
            alternates,
            listing=shown,
            offers=offers,
            chosen=chosen,
            state=state,
            here=f"/{language}/{here}",
        )

    @property
    def policy(self) -> str:
        """The security policy of every page but the viewer's: nothing from elsewhere, nothing inline, in no frame."""
        return (
            f"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
            f"img-src 'self' data: blob: {self.settings.base}; connect-src 'self' {self.settings.base}; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )

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

    def _reader_path(self, states: list[ContentState]) -> str:
        """Return the path of our own page of the first document that the viewer shows; empty where it is not ours."""
        path = find_path(states[0], self.absolute) if states else None
        return f"/{g.language}{path}" if path else ""

    def _is_ours(self, state: ContentState) -> bool:
        return state.document.startswith(self.settings.base + "/")

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
        (f"/{language}/collections/<name>/offers", portal.offered),
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
    add_documents(blueprint, portal.documents)
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
        spaced=spaced,
        thumbnail=lambda view: pictures.thumbnail(view, portal.relative),
        describe=pictures.describe,
        build_notice=notice.build_notice,
        rights_uri=notice.rights_uri,
        date_line=notice.date_line,
        cite=lambda item, language, permalink: notice.cite(item, language, permalink, citations.today()),
        day_of=lambda moment, language: format_edtf(local_day(moment).isoformat(), language),
        makers_of=notice.authors,
        content_state=write_content_state,
        abstracts_of=notice.abstracts,
        reading=lambda view: pictures.reading_picture(view, portal.relative),
        pictures=lambda view: pictures.picture_set(view, portal.relative),
        downloads_of=lambda item, view: list_downloads(item, view, portal.relative),
        month_name=month_name,
        weekdays=weekday_names,
        conformity=portal.site.conformity,
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
        return portal.documents.former_address() if request.routing_exception is not None and is_read else None


def _own_set(collection: str) -> str:
    """Return the set that lists the documents of an institution, by the name of its collection."""
    return set_spec("institution", collection.partition("-")[2])


def _choose_language() -> None:
    g.language = of_path(request.path) or negotiate(request.accept_languages)
