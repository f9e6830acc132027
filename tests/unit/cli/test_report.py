"""The yearly table: what stands in it is what the catalogue knows, in a spreadsheet and in a page."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from server.catalogue.harvest_models import HarvestRow
from server.catalogue.publication_models import OaiRecordRow
from server.delivery.costs import read_costs
from server.errors import FormatError
from server.settings import load_settings
from server.workshop import open_workshop
from tests.support.deliveries import Row, write_table
from tests.support.typed import Typed


@pytest.fixture
def campaign(typed: Typed, tmp_path: Path) -> Path:
    """A campaign with a refused delivery and an accepted one, of which one document is public and was harvested."""
    typed.well("init")
    bad = write_table(tmp_path / "mars" / "cartes", [Row("c1")])
    (bad / "c1_0002.png").write_bytes(b"no image")
    typed.badly("check", bad)
    typed.well("refuse", bad, "--by", "Mme Petit", "--for", "bm-lille", "--reason", "verso illisible")
    good = write_table(tmp_path / "avril" / "cartes", [Row("c1"), Row("c2", not_before="2999-01-01")])
    typed.well("check", good)
    typed.well("accept", good, "--by", "Mme Petit", "--for", "bm-lille")
    typed.well("ingest", good)
    typed.well("publish", "--all")
    tools = open_workshop(load_settings())
    with tools.catalogue.write() as session:
        last = max(row.sequence for row in session.query(OaiRecordRow))
        at = datetime(2026, 6, 1, tzinfo=UTC)
        session.add(
            HarvestRow(
                number="1", repository="", verb="ListRecords", prefix="oai_dc", agent="BnF", began=at, ended=at, pages=1,
                records=1, first=0, upto=last, reached=last, is_whole=True,
            )
        )  # fmt: skip
    tools.catalogue.close()
    return tmp_path


def test_the_table_says_what_became_of_a_campaign(typed: Typed, campaign: Path) -> None:
    order = campaign / "commande.csv"
    order.write_text("cote;nombre de vues;Coût HT\nc1;2;12,50\nc2;2;7\n", encoding="utf-8")
    told = typed.well("report", "2026-fetes", "--order", order, "--to", campaign)
    assert "2026-fetes: 2 documents, 4 views, 1 online, 1 refusal of deliveries." in told
    book = CalamineWorkbook.from_path(str(campaign / "2026-fetes.ods"))
    assert book.sheet_names == ["Synthèse", "Documents", "Livraisons"]
    header, row, total = book.get_sheet_by_name("Synthèse").to_python()
    said = dict(zip(header, row, strict=True))
    assert said == {
        "Établissement": "Bibliothèque de Lille", "Typologie": "Cartes postales", "Prestataire": "Numérix", "Documents": 2,
        "Vues": 4, "Documents en ligne": 1, "Vues en ligne": 2, "Documents non repris": 0, "Moissonnés : tous": 1,
        "Coût HT": 19.5,
    }  # fmt: skip
    assert total[0] == "Total"
    assert total[3:] == row[3:]
    header, first, second = book.get_sheet_by_name("Documents").to_python()
    one, two = (dict(zip(header, cells, strict=True)) for cells in (first, second))
    assert (one["Identifiant"], one["État"], one["Coût HT"]) == ("c1", "en ligne", 12.5)
    assert str(one["Moissonné : tous"]) == "2026-06-01"
    assert re.fullmatch(r"ark:/99999/\w+", str(one["Adresse pérenne"]))
    assert (two["Identifiant"], two["État"], two["Adresse pérenne"]) == ("c2", "conservé, non publié", "")
    header, refused, accepted = book.get_sheet_by_name("Livraisons").to_python()
    one, two = (dict(zip(header, cells, strict=True)) for cells in (refused, accepted))
    assert (one["État"], one["Refus"], one["Motif"], one["Vues"]) == ("refusée", 1, "verso illisible", 2)
    assert (two["État"], two["Refus"], two["Documents"]) == ("acceptée", 0, 2)


def test_the_page_is_in_both_languages_and_asks_nobody(typed: Typed, campaign: Path) -> None:
    typed.well("report", "2026-fetes", "--to", campaign, "--language", "en")
    page = (campaign / "2026-fetes.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert "Campaign 2026: Festivals and parades" in page
    assert "Harvested: everything" in page
    assert not re.search(r"(?:src|@import|url)\s*[=(]", page)
    assert re.search(r'<a href="http://[^"]+/ark:/99999/\w+">ark:/99999/', page)
    typed.well("report", "2026-fetes", "--to", campaign)
    assert "Campagne 2026 : Fêtes et cortèges" in (campaign / "2026-fetes.html").read_text(encoding="utf-8")


def test_mistakes_are_sentences(typed: Typed, tmp_path: Path) -> None:
    typed.well("init")
    assert "there is no campaign 1999" in typed.badly("report", "1999")
    assert "its folder is not there" in typed.badly("report", "2026-fetes", "--to", tmp_path / "none")
    order = tmp_path / "o.csv"
    for body, fault in (
        ("titre;coût\na;1\n", "no column is called shelfmark or cote"),
        ("cote;coût\nc1;cher\n", "line 2: 'cher' is no amount"),
        ("cote;coût\n;1\n", "line 2: this row has no shelfmark"),
    ):
        order.write_text(body, encoding="utf-8")
        with pytest.raises(FormatError, match=fault):
            read_costs(order)


def test_amounts_are_read_as_people_write_them(tmp_path: Path) -> None:
    order = tmp_path / "o.csv"
    order.write_text("Cote;Prix unitaire;Montant TTC;vues\nMs 12;1 250,50 €;3.5;7\nMs 13;;;\n", encoding="utf-8")
    costs = read_costs(order)
    assert costs.columns == ("Prix unitaire", "Montant TTC")
    assert costs.of("x", "ms 12") == (1250.5, 3.5)
    assert costs.of("Ms 13") == (None, None)
    assert costs.of("unknown") == (None, None)
