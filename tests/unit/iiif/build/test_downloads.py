from dataclasses import replace

from server.iiif.build.downloads import document_downloads, view_downloads
from server.iiif.build.manifest import build_manifest
from server.iiif.build.validate import validate_manifest
from server.model.addresses import Addresses
from server.model.item import Item
from server.model.rights import Rights, RightsStatus
from tests.support.publications import make_newspaper, make_postcard

ADDRESSES = Addresses("https://vitrine.example.org", "99999", "vitrine.example.org")
ROOT = "https://vitrine.example.org/renderings"


def test_a_document_with_text_has_a_pdf_to_search_and_its_text() -> None:
    [pdf, text] = document_downloads(make_newspaper(), ADDRESSES)["rendering"]
    assert pdf == {
        "id": f"{ROOT}/v1hjkmn0/document.pdf",
        "type": "Text",
        "label": {"fr": ["PDF avec texte à chercher et à copier"], "en": ["PDF with text to search and copy"]},
        "format": "application/pdf",
    }
    assert (text["id"], text["format"]) == (f"{ROOT}/v1hjkmn0/text.txt", "text/plain")
    assert set(text["label"]) == {"fr", "en"}


def test_a_document_without_text_has_a_pdf_that_promises_none() -> None:
    item = make_postcard()
    silent = replace(item, views=item.views[:1])
    [pdf] = document_downloads(silent, ADDRESSES)["rendering"]
    assert pdf["label"] == {"fr": ["PDF"], "en": ["PDF"]}


def test_a_view_has_its_text_and_its_alto_where_it_can_be_given() -> None:
    item = make_newspaper()
    view = replace(item.views[0], has_alto=True)
    found = view_downloads(item, view, ADDRESSES)
    assert [each["id"] for each in found["rendering"]] == [f"{ROOT}/v1hjkmn0/f1.txt"]
    [alto] = found["seeAlso"]
    assert (alto["id"], alto["format"], alto["profile"]) == (
        f"{ROOT}/v1hjkmn0/f1.alto.xml", "application/xml", "http://www.loc.gov/standards/alto/",
    )  # fmt: skip
    assert "seeAlso" not in view_downloads(item, item.views[0], ADDRESSES)
    assert view_downloads(item, item.views[1], ADDRESSES) == {}


def rights(item: Item, status: RightsStatus) -> Item:
    return replace(item, description=replace(item.description, rights=Rights(status, "accord", "M. Lefebvre")))


def test_what_may_be_taken_follows_the_rights_and_the_manifest_says_it() -> None:
    for status in RightsStatus:
        manifest = build_manifest(rights(make_newspaper(), status), ADDRESSES)
        validate_manifest(manifest)
        kept_back = status in {
            RightsStatus.IN_COPYRIGHT, RightsStatus.ORPHAN, RightsStatus.UNDETERMINED, RightsStatus.RESTRICTED,
        }  # fmt: skip
        assert ("rendering" not in manifest) is kept_back
        assert ("rendering" not in manifest["items"][0]) is kept_back
        assert [page["id"].rpartition("/")[2] for page in manifest["items"][0]["annotations"]] == ["text", "words"]
