"""What the running server of the sample holdings publishes, from end to end: every link leads to what it claims.

Every document that is met is also read by two programs of others: iiif-prezi3 (Python) and @iiif/parser (JavaScript).
"""

import io
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from iiif_prezi3 import Annotation, AnnotationPage, Canvas, Collection, Manifest, Range  # type: ignore[import-untyped]  # it ships no types
from PIL import Image

from tests.support.claims import find_faults
from tests.support.crawling import Crawl, is_pdf
from tests.support.demo import Demo
from tests.support.elsewhere import site
from tests.support.skips import REPOSITORY

STARTS = (
    "/",
    "/iiif/presentation/3/collection/top",
    "/iiif/presentation/2/collection/top",
    "/iiif/presentation/collection/top",
    "/iiif/discovery/1/all-changes",
    "/oai?verb=ListMetadataFormats",
    "/oai?verb=ListSets",
)

MODELS = {
    "Annotation": Annotation, "AnnotationPage": AnnotationPage, "Canvas": Canvas, "Collection": Collection,
    "Manifest": Manifest, "Range": Range,
}  # fmt: skip
READER = REPOSITORY / "tests" / "support" / "read_iiif.mjs"

KINDS = (
    "AnnotationPage", "Annotation", "Canvas", "Collection", "FeatureCollection", "ImageService2", "ImageService3", "Manifest",
    "OrderedCollection", "OrderedCollectionPage", "Range", "TermPage", "oa:Annotation", "sc:AnnotationList", "sc:Canvas",
    "sc:Collection", "sc:Manifest", "sc:Range", "sc:Sequence", "search:TermList",
)  # fmt: skip

_VERSIONED = re.compile(r"/iiif/presentation/[23]/[^/]+/manifest$")
_MEMENTO = re.compile(r'<([^>]+)>; rel="(?:first )?(?:last )?memento"')


@pytest.fixture(scope="module")
def crawl(demo: Demo) -> Crawl:
    found = Crawl(demo.url)
    found.run(STARTS)
    return found


def test_every_link_leads_to_what_it_claims(crawl: Crawl) -> None:
    faults = find_faults(crawl)
    assert not faults, f"{len(faults)} of {len(crawl.links)} addresses:\n" + "\n".join(faults)


def test_nothing_that_we_publish_is_passed_by(crawl: Crawl) -> None:
    """A crawler that finds nothing finds no fault either."""
    assert {kind: len(crawl.documents(kind)) for kind in KINDS if not crawl.documents(kind)} == {}
    manifests = len(crawl.documents("Manifest"))
    assert manifests >= 10
    assert manifests == len(crawl.documents("sc:Manifest"))
    _must_have_versions(crawl)
    pdfs = {
        link["id"]
        for each in crawl.documents("Manifest")
        for link in each.document.get("rendering", [])
        if is_pdf(link["id"])
    }
    assert pdfs == {address for address, _ in crawl.answers if is_pdf(address)}
    assert len(pdfs) >= 5
    types = Counter(answer.media_type for answer in crawl.answers.values())
    for media_type in ("image/jpeg", "image/svg+xml", "text/html", "text/plain", "text/xml", "application/xml"):
        assert types[media_type] >= 5, types
    found = [len(page.document["items"]) for page in crawl.documents("AnnotationPage") if "/search/" in page.address]
    assert sum(found) > len(found) > 0


def _must_have_versions(crawl: Crawl) -> None:
    """Fail unless each manifest has a list of versions, and the lists name exactly the versions that were met.

    A version is of the type of a manifest too: it is one where its address ends otherwise.
    """
    manifests = {each.address for each in crawl.documents("Manifest", "sc:Manifest") if _VERSIONED.search(each.address)}
    lists = [each for each in crawl.answers.values() if each.media_type == "application/link-format"]
    assert sorted(each.address for each in lists) == sorted(f"{address}/versions" for address in manifests)
    named = [address for each in lists for address in _MEMENTO.findall(each.body.decode())]
    mementos = [each for each in crawl.answers.values() if each.header("memento-datetime")]
    assert sorted(each.address for each in mementos) == sorted(named)
    assert {each.status for each in mementos} == {200}
    # the sample holdings are published once: each manifest has one version, which is what the manifest is
    assert len(named) == len(manifests)
    for address in manifests:
        [version] = [each for each in named if each.startswith(f"{address}/")]
        assert crawl.answers[version, ""].body == crawl.answers[address, ""].body


def test_iiif_prezi3_loads_all_that_is_published_in_version_3(crawl: Crawl) -> None:
    for kind, model in MODELS.items():
        for answer in crawl.documents(kind):
            if "/search/" not in answer.address:  # of a context of its own
                assert model.model_validate_json(answer.body).id == answer.document["id"]


def test_iiif_parser_reads_and_writes_all_that_is_published(crawl: Crawl, node: Path) -> None:
    answers = crawl.documents("Manifest", "Collection", "sc:Manifest", "sc:Collection")
    documents = [answer.document for answer in answers]
    for document, read in zip(documents, _read_with_parser(node, documents), strict=True):
        address = document.get("id") or document.get("@id")
        assert not read["said"], (address, read["said"])
        assert list(_named(read["written"])) == list(_named(document)), address
        assert _services(document) <= _services(read["written"]), address
        canvases, ranges = (sum(kind == each for each, _, _ in _named(document)) for kind in ("Canvas", "Range"))
        assert (read["kept"]["Canvas"], read["kept"]["Range"]) == (canvases, ranges), address


def test_what_is_not_as_it_is_said_to_be_is_seen() -> None:
    files: dict[str, bytes] = {}
    with site(files) as address:
        picture = io.BytesIO()
        Image.new("L", (4, 3)).save(picture, "PNG")
        files["/small.png"] = picture.getvalue()
        files["/other.json"] = json.dumps({"id": f"{address}/elsewhere.json", "type": "Range"}).encode()
        thumbnail = {"id": f"{address}/small.png", "type": "Image", "format": "image/jpeg", "width": 4, "height": 4}
        files["/start.json"] = json.dumps(
            {
                "id": f"{address}/start.json",
                "type": "Manifest",
                "thumbnail": [thumbnail],
                "items": [{"id": f"{address}/{name}.json", "type": "Canvas"} for name in ("gone", "other")],
                "seeAlso": [{"id": "https://example.org/not-asked.json", "type": "Dataset"}],
            }
        ).encode()
        found = Crawl(address)
        found.run(["/start.json"])
    away, gone, other, small, start = find_faults(found)
    places = f"(linked from {address}/start.json)"
    assert gone == f"{address}/gone.json: status 404 {places}"
    assert away == f"{address}/elsewhere.json: status 404 (linked from {address}/other.json)"
    assert f"its own id is {address}/elsewhere.json; it is said to be a Canvas and is a Range" in other
    assert "it is said to be (4, 4) pixels large and is (4, 3); it is said to be image/jpeg and is image/png" in small
    assert f"Access-Control-Allow-Origin is '' (linked from (start), {address}/start.json)" in start


def _read_with_parser(node: Path, documents: list[Any]) -> list[Any]:
    done = subprocess.run(
        [node, READER], input=json.dumps(documents), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    read: list[Any] = json.loads(done.stdout)
    return read


def _named(document: dict[str, Any]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield type, address and label of what a document is made of, in a form that both versions share."""
    pending: list[Any] = [document]
    while pending:
        node = pending.pop()
        kind = str(node.get("type") or node.get("@type")).removeprefix("sc:")
        if kind in {"Collection", "Manifest", "Canvas", "Range", "Sequence"} and "label" in node:
            yield kind, node.get("id") or node["@id"], _texts(node["label"])
        members: list[Any] = []
        for name in ("collections", "manifests", "sequences", "canvases", "items", "structures"):
            members += [each for each in node.get(name, []) if isinstance(each, dict)]
        pending += reversed(members)


def _services(tree: Any) -> set[str]:
    """Return the addresses of all services, of a document in either version."""
    if isinstance(tree, list):
        return {address for each in tree for address in _services(each)}
    if not isinstance(tree, dict):
        return set()
    services = tree.get("service", [])
    here = {str(each.get("id") or each.get("@id")) for each in (services if isinstance(services, list) else [services])}
    return here.union(*(_services(value) for value in tree.values()))


def _texts(label: Any) -> tuple[str, ...]:
    if isinstance(label, dict) and "@value" not in label:
        return tuple(sorted(text for values in label.values() for text in values))
    values = label if isinstance(label, list) else [label]
    return tuple(sorted(value["@value"] if isinstance(value, dict) else value for value in values))
