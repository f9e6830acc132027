"""The deliveries of this repository, published; the whole tree is walked from its top in both versions of the API."""

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from server.asgi import create_application
from server.catalogue.registers import read_registers
from server.delivery.opening import open_delivery
from server.delivery.values import Context
from server.iiif.build.validate import validate_collection, validate_manifest
from server.iiif.build.validate2 import validate_collection_2, validate_manifest_2
from server.ingest.run import ingest
from server.settings import Settings
from tests.support.asgi import Answered, request
from tests.support.workshops import Quiet, accept, make_workshop, publish_all

DELIVERIES = ("courrier-deule-1909-03-07", "images-roubaix", "lettre-delattre", "registre-tisserands")


@pytest.fixture
def published(settings: Settings, tmp_path: Path, repository: Path) -> Settings:
    """An installation in which the deliveries are published."""
    workshop = make_workshop(settings, tmp_path / "registers")
    with workshop.catalogue.write() as session:
        read_registers(session, repository / "data", repository / "manifests")
    for name in DELIVERIES:
        delivery = open_delivery(repository / "data" / "deliveries" / name, Context())
        summary = ingest(delivery, workshop, Quiet())
        accept(workshop, summary.delivery, delivery.context.institution)
    outcomes = publish_all(workshop)
    assert {outcome.state for outcome in outcomes} == {"published"}, outcomes
    workshop.catalogue.close()
    return settings


def texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for value in tree.values():
            yield from texts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from texts(value)
    elif isinstance(tree, str):
        yield tree


async def walk(settings: Settings, version: int) -> tuple[dict[str, Any], dict[str, Answered]]:
    """Follow every address of ours from the top collection; return the documents and the pictures by address."""
    application = create_application(settings)
    api, images = f"{settings.base}/iiif/presentation/{version}/", f"{settings.base}/iiif/image/{version}/"
    documents: dict[str, Any] = {}
    pictures: dict[str, Answered] = {}
    pending = {f"{api}collection/top"}
    try:
        while pending:
            address = pending.pop()
            answer = await request(application, address.removeprefix(settings.base))
            if address.startswith(images):
                assert answer.status in (200, 303), (address, answer.body)
                pictures[address] = answer
                continue
            assert answer.status == 200, (address, answer.body)
            documents[address] = json.loads(answer.body)
            said = {text.partition("#")[0] for text in texts(documents[address])}
            if version == 2:
                said = {text for text in said if not text.endswith("/text")}
            pending |= {text for text in said if text.startswith((api, images))} - documents.keys() - pictures.keys()
    finally:
        application.close()
    return documents, pictures


def test_the_tree_leads_to_everything_and_both_versions_say_the_same(published: Settings) -> None:
    third, pictures = asyncio.run(walk(published, 3))
    second, pictures_2 = asyncio.run(walk(published, 2))
    manifests = _must_be_valid(third, "type", validate_collection, validate_manifest)
    assert len(manifests) == len(_must_be_valid(second, "@type", validate_collection_2, validate_manifest_2)) == 6
    for picture in _shown(pictures) + _shown(pictures_2):
        Image.open(io.BytesIO(picture.body)).load()
    for manifest in manifests:
        other = second[manifest["id"].replace("/presentation/3/", "/presentation/2/")]
        canvases = other["sequences"][0]["canvases"]
        assert [(canvas["width"], canvas["height"]) for canvas in canvases] == [
            (canvas["width"], canvas["height"]) for canvas in manifest["items"]
        ]
        assert len(other["metadata"]) == len(manifest["metadata"])
        said = set(texts(other))
        for language_map in (manifest["label"], manifest["requiredStatement"]["value"]):
            assert {text for values in language_map.values() for text in values} <= said


def _must_be_valid(
    documents: dict[str, Any], key: str, collection: Callable[[Any], None], manifest: Callable[[Any], None]
) -> list[Any]:
    """Check every collection and manifest; return the manifests."""
    found = [document for document in documents.values() if document[key].removeprefix("sc:") == "Manifest"]
    for document in found:
        manifest(document)
    for document in documents.values():
        if document[key].removeprefix("sc:") == "Collection":
            collection(document)
    kinds = {document[key].removeprefix("sc:") for document in documents.values()}
    assert {"Canvas", "Range", "Collection", "Manifest"} <= kinds
    assert any("/titre-" in address and address.endswith("-1909") for address in documents)
    return found


def _shown(pictures: dict[str, Answered]) -> list[Answered]:
    found = [picture for address, picture in pictures.items() if address.endswith(".jpg")]
    assert len(found) > 20
    return found
