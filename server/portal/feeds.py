"""What search engines and feed readers fetch: site maps, Atom feeds of new documents, OpenSearch, robots.txt. Pure.

Sitemaps 0.9, Atom (RFC 4287), OpenSearch 1.1, Robots Exclusion Protocol (RFC 9309).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from server.catalogue.found import Changed
from server.catalogue.published import Published
from server.model.addresses import Addresses
from server.model.thumbnail import thumbnail_address
from server.portal.finding import search_page
from server.portal.language import LANGUAGES, pick
from server.portal.notice import authors, date_line

MOST_ADDRESSES = 50_000
"""Addresses in one site map: the most that the protocol allows."""

NEWEST = 40
"""Documents in a feed."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def write_sitemap_index(base: str, parts: Iterable[tuple[str, datetime | None]]) -> str:
    """Return the index of site maps from their paths and when anything in them last changed."""
    entries = "".join(
        f"<sitemap><loc>{escape(base + path)}</loc>{_modified(modified)}</sitemap>\n" for path, modified in parts
    )
    return f'{_HEAD}<sitemapindex xmlns="{_SITEMAP}">\n{entries}</sitemapindex>\n'


def write_sitemap(addresses: Iterable[tuple[str, datetime | None]]) -> str:
    """Return a site map."""
    entries = "".join(
        f"<url><loc>{escape(address)}</loc>{_modified(modified)}</url>\n" for address, modified in addresses
    )
    return f'{_HEAD}<urlset xmlns="{_SITEMAP}">\n{entries}</urlset>\n'


def list_pages(
    addresses: Addresses, collections: Sequence[Changed], modified: datetime | None
) -> list[tuple[str, datetime | None]]:
    """Return the pages that are no documents: the home pages, the ways in and the collections, in both languages."""
    pages: list[tuple[str, datetime | None]] = [
        (f"{addresses.base}/{language}/{path}", modified)
        for path in ("", "collections", "places", "time", "institutions")
        for language in LANGUAGES
    ]
    pages += [
        (f"{addresses.base}/{language}/collections/{each.name}", each.modified)
        for each in collections
        for language in LANGUAGES
    ]
    return pages[:MOST_ADDRESSES]


def write_robots(base: str) -> str:
    """Return robots.txt: documents are for everybody; the endless questions of search pages are not to be crawled."""
    refused = [*(f"{search_page(language)}?" for language in LANGUAGES), "/api/", "/iiif/search/", "/oai"]
    return (
        "User-agent: *\n"
        + "".join(f"Disallow: {path}\n" for path in refused)
        + f"Allow: /\n\nSitemap: {base}/sitemap.xml\n"
    )


def write_opensearch(name: str, language: str, addresses: Addresses, words: str, icon: str) -> str:
    """Return the description by which a browser adds our search to its own; `words` say what is searched.

    `icon` is the path of an SVG. A browser comes again to the description's own address for a newer one.
    """
    page = f"{addresses.base}{search_page(language)}?q={{searchTerms}}"
    answer = f"{addresses.base}/api/1/search?q={{searchTerms}}&page={{startPage?}}&f.in={{vitrine:in?}}"
    return (
        f'{_HEAD}<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/"'
        f" xmlns:vitrine={quoteattr(addresses.base + '/api/1/search')}>\n"
        f"<ShortName>{escape(name[:16])}</ShortName>\n<LongName>{escape(name[:48])}</LongName>\n"
        f"<Description>{escape(words[:1024])}</Description>\n<Language>{language}</Language>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n<OutputEncoding>UTF-8</OutputEncoding>\n"
        f'<Image width="16" height="16" type="image/svg+xml">{escape(addresses.base + icon)}</Image>\n'
        f'<Url type="text/html" method="get" template={quoteattr(page + "&page={startPage?}")}/>\n'
        f'<Url type="application/json" method="get" template={quoteattr(answer)}/>\n'
        f'<Url type="application/opensearchdescription+xml" rel="self" template={quoteattr(f"{addresses.base}/{language}/opensearch.xml")}/>\n'
        "</OpenSearchDescription>\n"
    )


def write_atom(
    title: str, page: str, address: str, language: str, documents: Sequence[Published], addresses: Addresses,
    modified: datetime,
) -> str:  # fmt: skip
    """Return a feed of documents, the newest first; `page` is the page that shows the same to a reader."""
    entries = "".join(_entry(each, language, addresses) for each in documents)
    return (
        f'{_HEAD}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">\n'
        f"<id>{escape(address)}</id>\n<title>{escape(clean(title))}</title>\n<updated>{_when(modified)}</updated>\n"
        f'<link rel="self" type="application/atom+xml" href={quoteattr(address)}/>\n'
        f'<link rel="alternate" type="text/html" href={quoteattr(page)}/>\n{entries}</feed>\n'
    )


def _entry(published: Published, language: str, addresses: Addresses) -> str:
    item = published.item
    described, link = item.description, addresses.ark(item.name)
    holder = pick(item.institution.label, language)
    makers = authors(described) or [holder]
    summary = " · ".join(part for part in (date_line(described, language), holder) if part)
    return (
        f"<entry>\n<id>{escape(link)}</id>\n<title>{escape(clean(described.title.value))}</title>\n"
        f"<published>{_when(published.first_published)}</published>\n<updated>{_when(published.modified)}</updated>\n"
        + "".join(f"<author><name>{escape(clean(name))}</name></author>\n" for name in makers)
        + f'<link rel="alternate" type="text/html" href={quoteattr(link)}/>\n'
        f'<link rel="enclosure" type="image/jpeg" href={quoteattr(thumbnail_address(item.face, addresses))}/>\n'
        f"<category term={quoteattr(described.typology.value)}/>\n"
        f"<summary>{escape(clean(summary))}</summary>\n</entry>\n"
    )


def _modified(moment: datetime | None) -> str:
    return f"<lastmod>{_when(moment)}</lastmod>" if moment is not None else ""


def _when(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def clean(text: str) -> str:
    """Return a text without what XML 1.0 cannot hold."""
    return "".join(
        sign
        for sign in text
        if sign in "\t\n\r" or (sign >= " " and not "\ud800" <= sign <= "\udfff" and sign not in "\ufffe\uffff")
    )
