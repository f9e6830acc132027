"""The source record of a document as readers get it: as it was delivered, as what it is, and only where they may."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from server.asgi import Dispatcher, create_application
from server.delivery.opening import open_delivery
from server.delivery.values import Context
from server.ingest.run import ingest
from server.model.rights import Rights, RightsStatus
from server.model.source import is_given, media_type_of, suffix_of
from server.model.view import ViewKind
from server.publish.run import publish_item
from server.publish.withdraw import withdraw_view
from server.workshop import Workshop
from tests.support.asking import Answer, ask_now
from tests.support.bnf import write_refnum
from tests.support.kinds import write_finding_aid, write_notices, write_pdf, write_xml_notices
from tests.support.supplied import write_mets, write_table
from tests.support.workshops import Quiet, accept

ABOUT = Context(institution="bm-lille", typology="livres-imprimes", rights="public-domain", language="fre")
KINDS: dict[str, tuple[Callable[[Path], Path], str, str, bytes, str]] = {
    "mets": (write_mets, "source.xml", "application/mets+xml", b"<mets:mets", "METS"),
    "refnum": (write_refnum, "source.xml", "application/xml", b"<refNum", "XML"),
    "table": (write_table, "source.csv", "text/csv; charset=utf-8", b"dc:identifier", "CSV"),
    "unimarc": (write_notices, "source.mrc", "application/marc", b"\x1d", "ISO 2709"),
    "unimarc-xml": (write_xml_notices, "source.xml", "application/marcxml+xml", b"<record", "MARC"),
    "ead": (write_finding_aid, "source.xml", "application/ead+xml", b"<unittitle>Fonds Lallemand</unittitle>", "EAD"),
    "pdf": (write_pdf, "source.pdf", "application/pdf", b"%PDF-", "PDF tel"),
}


def bring(workshop: Workshop, folder: Path, about: Context = ABOUT) -> str:
    """Take a delivery the whole way; return the name of its first document."""
    summary = ingest(open_delivery(folder, about), workshop, Quiet())
    assert not summary.failed, summary
    accept(workshop, summary.delivery)
    for outcome in summary.outcomes:
        assert publish_item(workshop, outcome.name).state == "published"
    return summary.outcomes[0].name


def ask(workshop: Workshop, path: str) -> Answer:
    application: Dispatcher = create_application(workshop.settings)
    try:
        return ask_now(application, path, {"host": "127.0.0.1:8000"})
    finally:
        application.close()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_its_source_record_as_what_it_is(workshop: Workshop, tmp_path: Path, kind: str) -> None:
    write, file, media_type, begins, label = KINDS[kind]
    delivery = write(tmp_path / "delivery")
    name = bring(workshop, delivery)
    answer = ask(workshop, f"/renderings/{name}/{file}")
    assert answer.status == 200
    assert answer.header("content-type") == media_type
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("content-security-policy") == "default-src 'none'; sandbox"
    assert answer.header("content-disposition").startswith("attachment; ")
    assert begins in answer.body
    if kind in ("mets", "refnum", "pdf"):
        assert answer.body in {path.read_bytes() for path in delivery.rglob("*") if path.is_file()}
    manifest = ask(workshop, f"/iiif/presentation/3/{name}/manifest").text
    assert f"/renderings/{name}/{file}" in manifest
    page = ask(workshop, f"/fr/ark:/99999/{name}").text
    assert f"/renderings/{name}/{file}" in page
    assert label in page
    assert "Source record" in ask(workshop, f"/en/ark:/99999/{name}").text or kind == "pdf"


def test_what_tells_of_a_view_is_gone_when_the_view_is(workshop: Workshop, tmp_path: Path) -> None:
    name = bring(workshop, write_mets(tmp_path / "delivery"))
    withdraw_view(workshop, name, 2, "droit à l’image")
    assert ask(workshop, f"/renderings/{name}/source.xml").status == 404
    assert "source.xml" not in ask(workshop, f"/iiif/presentation/3/{name}/manifest").text


@pytest.mark.parametrize(("write", "status"), [(write_table, 200), (write_pdf, 404)])
def test_a_document_that_may_only_be_looked_at_gives_its_description_and_not_itself(
    workshop: Workshop, tmp_path: Path, write: Callable[[Path], Path], status: int
) -> None:
    folder = write(tmp_path / "delivery")
    if (folder / "items.csv").exists():
        table = folder / "items.csv"
        table.write_text(table.read_text().replace("Domaine public", "Protégé par le droit d’auteur"))
    name = bring(workshop, folder, replace(ABOUT, rights="in-copyright"))
    suffix = "csv" if status == 200 else "pdf"
    assert ask(workshop, f"/renderings/{name}/document.pdf").status == 404
    assert ask(workshop, f"/renderings/{name}/source.{suffix}").status == status


@pytest.mark.parametrize(
    ("media_type", "views", "given"),
    [
        ("application/mets+xml", [(ViewKind.PAGE, True), (ViewKind.TARGET, True)], True),
        ("application/mets+xml", [(ViewKind.PAGE, False)], False),
        ("application/pdf", [(ViewKind.PAGE, False)], False),
        ("text/csv", [(ViewKind.PAGE, False)], True),
        ("application/json", [], False),
    ],
)
def test_who_may_have_it(media_type: str, views: list[tuple[ViewKind, bool]], given: bool) -> None:
    rights = Rights(RightsStatus.PUBLIC_DOMAIN, "", "")
    assert is_given(media_type, rights, views) is given
    assert media_type_of(f"sources/v1/0123456789abcdef{suffix_of(media_type)}") == media_type
