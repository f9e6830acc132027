"""Addresses by which documents are found: the search page and its JSON, citations, site maps, feeds.

    /fr/recherche, /en/search             the search page
    /api/1/search                         the same as JSON
    /citations/{name}.txt, .bib, .ris     a citation to take away
    /unapi                                what Zotero wants to know where a corporate body made a document
    /{language}/nouveautes.atom           new documents; /{language}/collections/{name}/nouveautes.atom those of a collection
    /{language}/opensearch.xml, /robots.txt, /sitemap.xml and its parts

The library's memory is made once in each process, and is brought up to date by each search (`server.search.library.mirror`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, current_app, g, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from server.catalogue.found import (
    count_documents,
    find_changed,
    list_changed,
    list_changed_collections,
    list_files,
    list_newest_members,
)
from server.catalogue.published import find_collection, find_publication, last_change, list_newest
from server.catalogue.session import Catalogue
from server.errors import BadRequest, Unknown
from server.iiif.build.collection import TOP
from server.model.addresses import Addresses
from server.model.item import Item
from server.portal import feeds, metadata, unapi
from server.portal.answer import write_answer
from server.portal.browsing import keep_types
from server.portal.citations import FORMATS, today, write_citation
from server.portal.error_words import in_french
from server.portal.finding import (
    PATHS,
    SearchPage,
    ask_nothing,
    field_labels,
    limits_of,
    order_labels,
    read_search,
    search_named,
    search_page,
    search_path,
)
from server.portal.language import LANGUAGES, _, negotiate, pick
from server.portal.lists import Shelf
from server.search.library.asked import understand
from server.search.library.entry import WHOLE, YEAR
from server.search.library.find import PAGE_SIZE, Library
from server.settings import Settings

MOST_API_SIZE = 100

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Finding:
    """What leads to the documents of one installation."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.settings, self.catalogue = settings, catalogue
        self.library = Library()
        self.absolute = Addresses(settings.base, settings.naan, settings.repository_id)
        self.relative = Addresses("", settings.naan, settings.repository_id)
        self._types = keep_types(self.relative)

    def warm(self) -> None:
        """Read what the first search of this process would wait for. Raises VitrineError where the database is away."""
        with self.catalogue.snapshot() as connection:
            self.library.warm(connection)

    def search(self, language: str, word: str) -> BaseResponse:
        """Show the search page; a question that is not clear, and a page beyond the last one, have a page too.

        Under the word of the other language it leads to its own.
        """
        if word != PATHS[language]:
            query = request.query_string.decode("ascii", "replace")
            return redirect(search_page(language) + (f"?{query}" if query else ""), 301)
        try:
            asked = understand(_parameters())
        except BadRequest as problem:
            return self._page(language, SearchPage(ask_nothing(), None), 400, str(problem))
        try:
            with self.catalogue.snapshot() as connection:
                page = read_search(connection, self.library, self.relative, asked, language)
                shelves = () if page.results else self._types(connection)
        except Unknown as problem:
            rest = asked.without(WHOLE).without(YEAR)
            return self._page(language, SearchPage(rest, None), 404, str(problem))
        return self._page(language, page, 404 if page.is_beyond else 200, shelves=shelves)

    def answer(self) -> Response:
        """Answer the JSON search. Raises BadRequest."""
        try:
            asked, size = understand(_parameters()), _size()
        except BadRequest as problem:
            return _refuse(400, str(problem))
        try:
            with self.catalogue.snapshot() as connection:
                found, names = search_named(connection, self.library, asked, size)
        except Unknown as problem:
            return _refuse(404, str(problem))
        if asked.page > found.pages:
            return _refuse(404, f"there are {found.pages} pages of {size}; ask for one of them")
        return jsonify(write_answer(found, self.absolute, names))

    def citation(self, file: str) -> Response:
        """Give a citation to take away. Raises Unknown, Withdrawn."""
        name, _dot, form = file.rpartition(".")
        if form not in FORMATS or not name:
            raise Unknown(f"there is no citation {file[:60]}; write {{name}}.txt, .bib or .ris")
        with self.catalogue.snapshot() as connection:
            item = find_publication(connection, name).item
        language = request.args.get("lang", "")
        if language not in LANGUAGES:
            language = negotiate(request.accept_languages)
        response = Response(write_citation(item, form, language, self.absolute, today()), content_type=FORMATS[form])
        response.headers["Content-Disposition"] = f'attachment; filename="{item.name}.{form}"'
        response.headers["Content-Language"] = language
        response.vary.add("Accept-Language")
        return response

    def unapi(self) -> Response:
        """Tell Zotero of a document in its own RDF, or in which formats there is any. Raises Unknown, Withdrawn."""
        name, form = request.args.get("id", ""), request.args.get("format", "")
        if not name:
            return _xml(unapi.write_formats(), unapi.FORMATS_TYPE)
        with self.catalogue.snapshot() as connection:
            item = find_publication(connection, name).item
        if not form:
            response = _xml(unapi.write_formats(name), unapi.FORMATS_TYPE)
            response.status_code = 300
            return response
        if form != unapi.FORMAT:
            sentence = f"there is no format {form[:40]!r} of this document; ask for {unapi.FORMAT}\n"
            return Response(sentence, 406, content_type="text/plain; charset=utf-8")
        language = negotiate(request.accept_languages)
        response = _xml(unapi.write_rdf(item, self.absolute, language), unapi.RDF_TYPE)
        response.vary.add("Accept-Language")
        return response

    def robots(self) -> Response:
        """Tell crawlers what is for them."""
        return Response(feeds.write_robots(self.settings.base), content_type="text/plain; charset=utf-8")

    def sitemap_index(self) -> Response:
        """List the site maps."""
        with self.catalogue.snapshot() as connection:
            documents = count_documents(connection)
            parts: list[tuple[str, datetime | None]] = [("/sitemap-pages.xml", last_change(connection)[1])]
            for page in range(1, -(-documents // feeds.MOST_ADDRESSES) + 1):
                parts.append((f"/sitemap-{page}.xml", find_changed(connection, page, feeds.MOST_ADDRESSES)))
        return _xml(feeds.write_sitemap_index(self.settings.base, parts))

    def sitemap(self, part: str) -> Response:
        """List pages, or fifty thousand documents, each by its permalink. Raises Unknown."""
        with self.catalogue.snapshot() as connection:
            if part == "pages":
                collections = list_changed_collections(connection)
                listed = feeds.list_pages(self.absolute, collections, last_change(connection)[1])
            else:
                if not part.isascii() or not part.isdigit() or len(part) > 6 or part[0] == "0":
                    raise Unknown("there is no such site map; /sitemap.xml lists all of them")
                if (int(part) - 1) * feeds.MOST_ADDRESSES >= max(count_documents(connection), 1):
                    raise Unknown(f"there is no site map {part}; /sitemap.xml lists all of them")
                changed = list_changed(connection, int(part), feeds.MOST_ADDRESSES)
                listed = [(self.absolute.ark(each.name), each.modified) for each in changed]
        return _xml(feeds.write_sitemap(listed))

    def opensearch(self, language: str) -> Response:
        """Describe the search to a browser."""
        words = _("Chercher dans les documents et leur texte")
        icon = str(current_app.jinja_env.globals["static"]("favicon.svg"))  # type: ignore[operator]  # the pages' own function
        text = feeds.write_opensearch(self.settings.repository_name, language, self.absolute, words, icon)
        return _xml(text, "application/opensearchdescription+xml")

    def feed(self, language: str, name: str = TOP) -> Response:
        """Tell what is new: of everything, of an institution, a campaign or another collection. Raises Unknown."""
        with self.catalogue.snapshot() as connection:
            _sequence, modified = last_change(connection)
            if name == TOP:
                title, path = _("Nouveautés"), f"/{language}/"
                documents = list_newest(connection, feeds.NEWEST)
            else:
                collection = find_collection(connection, name)
                title, path = pick(collection.label, language), f"/{language}/collections/{name}"
                modified = collection.modified
                documents = list_newest_members(connection, name, feeds.NEWEST)
        title = f"{title} — {self.settings.repository_name}"
        base = self.settings.base
        text = feeds.write_atom(
            title, base + path, base + request.path, language, documents, self.absolute, modified or _NEVER
        )
        response = _xml(text, "application/atom+xml")
        response.headers["Content-Language"] = language
        return response

    def add_links(self, response: Response, item: Item, files: Sequence[tuple[str, str]]) -> None:
        """Add the typed links of a document to its page."""
        response.headers.add("Link", metadata.write_links(metadata.signposts(item, self.absolute, files)))

    def list_files(self, name: str) -> list[tuple[str, str]]:
        """Return the files of a document that can be taken away now."""
        with self.catalogue.snapshot() as connection:
            return list_files(connection, name)

    def _page(
        self, language: str, page: SearchPage, status: int, problem: str = "", shelves: Sequence[Shelf] = ()
    ) -> Response:
        alternates = {each: search_path(each, page.asked) for each in LANGUAGES}
        text = render_template(
            "search.html", alternates=alternates, language=language, page=page, problem=problem, shelves=shelves,
            is_unknown=bool(problem) and status == 404, problem_words=problem[:1].upper() + problem[1:] if language == "en" else in_french(problem),
        )  # fmt: skip
        response = Response(text, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Language"] = language
        return response


def register(app: Flask, blueprint: Blueprint, settings: Settings, catalogue: Catalogue) -> Finding:
    """Add what leads to documents to the pages."""
    finding = app.extensions["vitrine-finding"] = Finding(settings, catalogue)
    language = "<any(fr, en):language>"
    for rule, view in (
        (f"/{language}/<any({', '.join(PATHS.values())}):word>", finding.search),
        ("/api/1/search", finding.answer),
        ("/citations/<file>", finding.citation),
        ("/unapi", finding.unapi),
        ("/robots.txt", finding.robots),
        ("/sitemap.xml", finding.sitemap_index),
        ("/sitemap-<part>.xml", finding.sitemap),
        (f"/{language}/opensearch.xml", finding.opensearch),
        (f"/{language}/nouveautes.atom", finding.feed),
        (f"/{language}/collections/<name>/nouveautes.atom", finding.feed),
    ):
        blueprint.add_url_rule(rule, f"{view.__name__}:{rule.replace('.', ':')}", view, methods=["GET"])
    app.jinja_env.globals.update(
        field_labels=field_labels,
        limits_of=limits_of,
        order_labels=order_labels,
        search_page=search_page,
        search_path=search_path,
        schema_of=lambda item: metadata.write_schema(item, finding.absolute, g.language),
        embedded_of=lambda item: metadata.list_embedded(item, finding.absolute, g.language),
        summarise=metadata.summarise,
        wants_unapi=unapi.is_wanted,
    )
    return finding


def _refuse(status: int, message: str) -> Response:
    response = jsonify(status=status, message=message)
    response.status_code = status
    return response


def _parameters() -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.args.lists() for value in values]


def _size() -> int:
    value = request.args.get("size", "")
    if not value:
        return PAGE_SIZE
    if not value.isascii() or not value.isdigit() or len(value) > 4 or not 1 <= int(value) <= MOST_API_SIZE:
        raise BadRequest(
            f"size={value[:20]!r} is no number from 1 to {MOST_API_SIZE}; ask for fewer documents on a page"
        )
    return int(value)


def _xml(text: str, media_type: str = "application/xml") -> Response:
    return Response(text, content_type=f"{media_type}; charset=utf-8")
