"""The pages of a document: at its permalink with the reader, alone for another site's page, all its views.

A permalink (ARK, draft-kunze-ark §3) negotiates the language and serves the page itself; `/fr/ark:/…` and `/en/ark:/…`
say it. Former ARKs and former addresses lead to the permalink with 301.
"""

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from server.catalogue.published import find_alias, find_publication
from server.errors import BadRequest, Unknown
from server.model.ark import split_ark
from server.model.item import Item
from server.portal import notice, pages, pictures
from server.portal.language import LANGUAGES
from server.portal.within import Within, find_within
from server.portal.works import find_beside

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from server.portal.views import Portal


class Documents:
    """The pages of documents."""

    def __init__(self, portal: "Portal") -> None:
        self._portal = portal

    def ark(self, rest: str, language: str | None = None) -> BaseResponse:
        """Show an item or a view of it at its permalink; send former and unusual forms to the permalink."""
        parts = split_ark(f"ark:/{rest}")
        if parts is None:
            raise Unknown("this is not an ARK; it is written ark:/NAAN/name")
        naan, whole = parts
        name, _slash, qualifier = whole.partition("/")
        with self._portal.catalogue.snapshot() as connection:
            if naan != self._portal.settings.naan:
                return redirect(self._permalink(find_alias(connection, "ark", f"ark:/{naan}/{whole}"), ""), 301)
            try:
                number = _view_number(name, qualifier)
                if request.args.keys() & {"info", "?"}:
                    return self._kernel(find_publication(connection, name).item)
                page = pages.read_item(connection, self._portal.relative, name, number, g.language)
                sought = request.args.get("goto", "").strip()[:100]
                if sought and (found := page.find_called(sought)):
                    return self._turn_to(name, found.number, language)
                within = self._find_within(connection, page)
                beside = find_beside(connection, page.item)
                offers = self._portal.offers.find_offers(connection, (name,)).get(name, [])
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
        response = self._portal.page(
            "item.html",
            {each: f"/{each}{canonical}" for each in LANGUAGES},
            page=page,
            number=number,
            within=within,
            beside=beside,
            offers=offers,
            sought=sought,
            permalink=self._portal.absolute.view(name, number) if number else self._portal.absolute.ark(name),
        )
        # No Last-Modified: the page also says what day it is, where it is offered, what lies beside it. Its ETag knows all.
        if sought:
            response.status_code = 404
        self._portal.finding.add_links(response, page.item, self._portal.finding.list_files(name))
        if language is None:
            response.vary.add("Accept-Language")
            response.headers["Content-Location"] = f"/{g.language}{canonical}"
        return response

    def embed(self, rest: str, language: str) -> BaseResponse:
        """Show a view alone, to stand in the page of another site: the only page besides the viewer that may be framed."""
        naan, _slash, whole = rest.partition("/")
        name, _slash, qualifier = whole.partition("/")
        if naan != self._portal.settings.naan:
            raise Unknown("only a document of this site can be embedded; take the address that its page gives")
        with self._portal.catalogue.snapshot() as connection:
            shown = pages.read_item(connection, self._portal.relative, name, _view_number(name, qualifier), language)
        path = f"/embed{self._portal.relative.view(name, shown.view.number)}"
        alternates = {each: f"/{each}{path}" for each in LANGUAGES}
        response = self._portal.page(
            "embed.html", alternates, page=shown, permalink=self._portal.absolute.view(name, shown.view.number)
        )
        response.headers["Content-Security-Policy"] = self._portal.policy.replace(
            "frame-ancestors 'none'", "frame-ancestors *"
        )
        return response

    def mosaic(self, rest: str, language: str) -> Response:
        """Show all views of a document side by side."""
        naan, _slash, name = rest.partition("/")
        if naan != self._portal.settings.naan:
            raise Unknown("there is no mosaic of this document; it is not of this site")
        with self._portal.catalogue.snapshot() as connection:
            shown = pages.read_mosaic(connection, name, self._portal.page_number())
        suffix = f"?page={shown.page}" if shown.page > 1 else ""
        alternates = {each: f"/{each}/mosaic{self._portal.relative.ark(name)}{suffix}" for each in LANGUAGES}
        return self._portal.page(
            "mosaic.html", alternates, item=shown.item, views=shown.views, count=shown.count, number=shown.page,
            pages=shown.pages, name_view=lambda view: pictures.name_view(shown.item, view, language),
        )  # fmt: skip

    def former_address(self) -> BaseResponse | None:
        """Send a former address of an item to its permalink; None where nothing was ever at this address."""
        path = request.full_path.rstrip("?")
        host = urlsplit(request.url).netloc
        candidates = [f"{scheme}://{host}{path}" for scheme in ("https", "http")]
        candidates += [self._portal.settings.base + path, path]
        if request.query_string:
            candidates.append(request.path)
        with self._portal.catalogue.snapshot() as connection:
            former = next((name for each in candidates if (name := _find_former(connection, "url", each))), None)
        return redirect(self._permalink(former, ""), 301) if former else None

    def _find_within(self, connection: "Connection", page: pages.ItemPage) -> Within | None:
        asked = request.args.get("q", "").strip()
        if not asked:
            return None
        start, passage = _count("start", 0), _count("passage", 1)
        facing = page.facing.number if page.facing else None
        return find_within(connection, page.item.name, asked, page.view.number, start, passage, facing)

    def _turn_to(self, name: str, number: int, language: str | None) -> BaseResponse:
        asked = request.args.get("q", "").strip()
        path = (f"/{language}" if language else "") + self._path(name, number)
        return redirect(path + (f"?{urlencode({'q': asked})}" if asked else ""), 302)

    def _kernel(self, item: Item) -> Response:
        described = item.description
        lines = {
            "who": "; ".join(notice.authors(described)) or "(:unkn)",
            "what": described.title.value,
            "when": notice.date_line(described, "en") or "(:unkn)",
            "where": self._portal.absolute.ark(item.name),
            "how": described.typology.value,
            "rights": described.rights.uri or described.rights.label["en"],
        }
        text = "erc:\n" + "".join(f"{key}: {' '.join(value.split())}\n" for key, value in lines.items())
        return Response(text, content_type="text/plain; charset=utf-8")

    def _permalink(self, name: str, qualifier: str) -> str:
        return self._portal.absolute.ark(name) + (f"/{qualifier}" if qualifier else "")

    def _path(self, name: str, number: int | None) -> str:
        return self._portal.relative.view(name, number) if number else self._portal.relative.ark(name)


def add_documents(blueprint: Blueprint, documents: Documents) -> None:
    """Give the pages their addresses."""
    language = "<any(fr, en):language>"
    for rule, view in (
        ("/ark:/<path:rest>", documents.ark),
        ("/ark:<path:rest>", documents.ark),
        (f"/{language}/ark:/<path:rest>", documents.ark),
        (f"/{language}/ark:<path:rest>", documents.ark),
        (f"/{language}/embed/ark:/<path:rest>", documents.embed),
        (f"/{language}/mosaic/ark:/<path:rest>", documents.mosaic),
    ):
        blueprint.add_url_rule(rule, f"{view.__name__}:{rule}", view, methods=["GET"])


def _find_former(connection: "Connection", kind: str, value: str) -> str | None:
    try:
        return find_alias(connection, kind, value)
    except Unknown:
        return None


def _count(name: str, first: int) -> int:
    value = request.args.get(name, "0")
    if not value.isascii() or not value.isdigit() or len(value) > 6:
        raise BadRequest(f"{name} must be a number, counted from {first}")
    return int(value)


def _view_number(name: str, qualifier: str) -> int | None:
    if not qualifier:
        return None
    digits = qualifier.removeprefix("f")
    if digits == qualifier or not digits.isascii() or not digits.isdigit() or len(digits) > 6 or digits[0] == "0":
        raise Unknown(f"{name} has no part {qualifier}; a view is f and its number, as in f12")
    return int(digits)
