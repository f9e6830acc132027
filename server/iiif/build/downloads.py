"""What can be taken away of an item, as manifest and canvases announce it (Presentation API 3.0 §3.3, `rendering` and `seeAlso`).

Nothing is announced where the rights let a document be looked at and not taken. Pure.
"""

from typing import Any

from server.iiif.build.annotations import has_text_page
from server.iiif.build.words import LanguageMap, both
from server.model import source
from server.model.addresses import Addresses
from server.model.item import Item, PublishedView
from server.model.source import suffix_of

PDF, TEXT = "document.pdf", "text.txt"
ALTO_PROFILE = "http://www.loc.gov/standards/alto/"
"""By what overlays of text know ALTO; the version is in the file itself."""

_PDF_OF_TEXT: LanguageMap = both("PDF avec texte à chercher et à copier", "PDF with text to search and copy")
_PDF_OF_PICTURES: LanguageMap = both("PDF", "PDF")
_WHOLE_TEXT: LanguageMap = both("Texte du document", "Text of the document")
_VIEW_TEXT: LanguageMap = both("Texte de la vue", "Text of this view")
_ALTO: LanguageMap = both("Texte et positions des mots (ALTO)", "Text and positions of its words (ALTO)")

_SOURCE_LABELS: dict[str, LanguageMap] = {
    source.METS: both("Notice d’origine (METS)", "Source record (METS)"),
    source.EAD: both("Notice d’origine (EAD)", "Source record (EAD)"),
    source.MARC: both("Notice d’origine (MARC, ISO 2709)", "Source record (MARC, ISO 2709)"),
    source.MARC_XML: both("Notice d’origine (MARC en XML)", "Source record (MARC in XML)"),
    source.CSV: both("Notice d’origine (ligne de tableau, CSV)", "Source record (row of a table, CSV)"),
    source.PDF: both("PDF tel qu’il a été livré", "PDF as it was delivered"),
}
_SOURCE_XML: LanguageMap = both("Notice d’origine (XML)", "Source record (XML)")
_SOURCE_PROFILES = {source.METS: "http://www.loc.gov/METS/"}


def text_file(number: int) -> str:
    """Return the name of the file that holds the plain text of a view."""
    return f"f{number}.txt"


def alto_file(number: int) -> str:
    """Return the name of the ALTO of a view."""
    return f"f{number}.alto.xml"


def source_file(media_type: str) -> str:
    """Return the name of the file that holds the source record of a document."""
    return f"source.{suffix_of(media_type).rpartition('.')[2]}"


def source_record(item: Item, addresses: Addresses) -> list[dict[str, Any]]:
    """Return the description as it was delivered, for the `seeAlso` of a manifest; nothing where readers may not have it."""
    if not item.source:
        return []
    entry: dict[str, Any] = {
        "id": addresses.rendering(item.name, source_file(item.source)),
        "type": "Dataset",
        "label": _SOURCE_LABELS.get(item.source, _SOURCE_XML),
        "format": item.source,
    }
    return [entry | ({"profile": _SOURCE_PROFILES[item.source]} if item.source in _SOURCE_PROFILES else {})]


def document_downloads(item: Item, addresses: Addresses) -> dict[str, list[dict[str, Any]]]:
    """Return the `rendering` of a manifest: its PDF, and its text where a view has some."""
    if not item.description.rights.allow_taking:
        return {}
    has_text = any(has_text_page(view) for view in item.public_views)
    pdf = _entry(addresses.rendering(item.name, PDF), _PDF_OF_TEXT if has_text else _PDF_OF_PICTURES, "application/pdf")
    text = _entry(addresses.rendering(item.name, TEXT), _WHOLE_TEXT, "text/plain")
    return {"rendering": [pdf, text] if has_text else [pdf]}


def view_downloads(item: Item, view: PublishedView, addresses: Addresses) -> dict[str, list[dict[str, Any]]]:
    """Return the `rendering` and `seeAlso` of a canvas: its plain text, and its ALTO where it can be given."""
    if not item.description.rights.allow_taking or not has_text_page(view):
        return {}
    address = addresses.rendering(item.name, text_file(view.number))
    found = {"rendering": [_entry(address, _VIEW_TEXT, "text/plain")]}
    if view.has_alto:
        alto = {
            "id": addresses.rendering(item.name, alto_file(view.number)),
            "type": "Dataset",
            "label": _ALTO,
            "format": "application/xml",
            "profile": ALTO_PROFILE,
        }
        found["seeAlso"] = [alto]
    return found


def _entry(address: str, label: LanguageMap, form: str) -> dict[str, Any]:
    return {"id": address, "type": "Text", "label": label, "format": form}
