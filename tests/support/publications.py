"""Publications written by hand: rows as `publish` would leave them, for tests of what reads them."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import brotli
from sqlalchemy.orm import Session

from server.catalogue import migrations
from server.catalogue.models import AliasRow, ArkRow, DeliveryRow, InstallationRow, InstitutionRow, ItemRow
from server.catalogue.publication_models import (
    DocumentRow,
    JournalRow,
    MemberRow,
    PayloadRow,
    PublicationRow,
    PublishedCollectionRow,
    PublishedImageRow,
)
from server.catalogue.session import Catalogue
from server.catalogue.values import ITEM
from server.iiif.build.collection import collection_name, memberships
from server.iiif.build.manifest import document_label
from server.model.description import (
    TYPOLOGY_LABELS,
    Date,
    Description,
    Person,
    Place,
    Subject,
    Text,
    Title,
    TitleKind,
    Typology,
)
from server.model.item import Campaign, Institution, Item, PublishedView
from server.model.rights import Rights, RightsStatus
from server.model.structure import Range, Target
from server.model.view import Author, ViewDescription, ViewKind, ViewNotes
from server.publish.traits import forget_traits, keep_traits

MOMENT = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
NAAN = "99999"


@dataclass
class Shelf:
    """A catalogue in which items are put by hand, with sequence and datestamp rising."""

    catalogue: Catalogue
    sequence: int = 0

    def prepare(self, base_url: str, repository_id: str = "vitrine.example.org") -> None:
        """Make the tables and fix the addresses, as the first publication does."""
        migrations.upgrade(self.catalogue)
        with self.catalogue.write() as session:
            fixed = {"base_url": base_url, "repository_id": repository_id, "naan": NAAN}
            session.add_all(InstallationRow(key=key, value=value) for key, value in fixed.items())

    def put(
        self, item: Item, *, texts: Mapping[int, str] | None = None, aliases: Mapping[str, str] | None = None
    ) -> None:
        """Publish an item; `texts` are lines by view number, `aliases` former values by kind."""
        self.sequence += 1
        stamp = int(MOMENT.timestamp()) + self.sequence
        with self.catalogue.write() as session:
            self._hold(session, item)
            session.add(
                PublicationRow(
                    name=item.name, state="live", sequence=self.sequence, datestamp=stamp,
                    first_sequence=self.sequence, first_datestamp=stamp, fingerprint="0" * 64,
                    item=ITEM.dump_python(item, mode="json"), reason="",
                )
            )  # fmt: skip
            session.flush()
            session.add(
                JournalRow(
                    sequence=self.sequence, datestamp=stamp, activity="Create", name=item.name, manifest=None, reason=""
                )
            )
            for view in item.public_views:
                session.add(
                    PublishedImageRow(
                        image=view.image, name=item.name, number=view.number, state="live", width=view.width,
                        height=view.height, pyramid_key=f"pyramids/{view.image}.tif",
                        index_key=f"pyramids/{view.image}.idx", version="0" * 16, rights="", label=document_label(item),
                        datestamp=stamp,
                    )
                )  # fmt: skip
            for number, lines in (texts or {}).items():
                self._document(session, item.name, f"text/f{number}", _annotation_page(lines), stamp)
            for kind, value in (aliases or {}).items():
                session.add(AliasRow(kind=kind, value=value, item=item.name))
            self._join(session, item, stamp)
            keep_traits(session, item)

    def withdraw(self, name: str, reason: str) -> None:
        """Withdraw an item."""
        self.sequence += 1
        with self.catalogue.write() as session:
            row = session.get_one(PublicationRow, name)
            row.state, row.reason, row.sequence = "withdrawn", reason, self.sequence
            session.query(MemberRow).filter(MemberRow.name == name).delete()
            forget_traits(session, name)
            session.query(PublishedImageRow).filter(PublishedImageRow.name == name).update({"state": "withdrawn"})
            session.add(
                JournalRow(
                    sequence=self.sequence, datestamp=int(MOMENT.timestamp()) + self.sequence, activity="Delete",
                    name=name, manifest=None, reason=reason,
                )
            )  # fmt: skip

    def _hold(self, session: Session, item: Item) -> None:
        institution = item.institution
        if session.get(InstitutionRow, institution.name) is None:
            session.add(InstitutionRow(name=institution.name, label=institution.label))
        if session.get(DeliveryRow, "by-hand") is None:
            session.add(
                DeliveryRow(
                    identifier="by-hand", name="by-hand", path="", digest="0" * 64, kind="table", received_at=MOMENT
                )
            )
        session.add(ArkRow(name=item.name, minted_at=MOMENT))
        session.flush()
        session.add(
            ItemRow(
                name=item.name, institution=institution.name, identifier=item.name, delivery="by-hand", state="ready",
                input_digest="0" * 64, typology=item.description.typology.value,
                rights_status=item.description.rights.status.value, description={}, structure=[], created_at=MOMENT,
            )
        )  # fmt: skip
        session.flush()

    def _document(self, session: Session, name: str, kind: str, body: bytes, stamp: int) -> None:
        digest = hashlib.sha256(body).hexdigest()
        if session.get(PayloadRow, digest) is None:
            session.add(
                PayloadRow(
                    digest=digest,
                    plain=body,
                    gzip=gzip.compress(body, mtime=0),
                    brotli=brotli.compress(body, quality=1),
                )
            )
            session.flush()
        session.add(DocumentRow(name=name, kind=kind, payload=digest, sequence=self.sequence, datestamp=stamp))

    def _join(self, session: Session, item: Item, stamp: int) -> None:
        typology = item.description.typology
        kept: list[tuple[str, str, dict[str, str]]] = [
            ("typology", typology.value, TYPOLOGY_LABELS[typology]),
            ("institution", item.institution.name, item.institution.label),
        ]
        if item.campaign is not None:
            kept.append(("campaign", item.campaign.name, item.campaign.theme))
        joined = [(collection_name(kind, slug), kind, label, "") for kind, slug, label in kept]
        joined += [
            (each.name, each.kind, dict(each.label), each.parent)
            for each in memberships(item)
            if each.kind in ("title", "year", "work")
        ]
        for name, kind, label, parent in joined:
            row = session.get(PublishedCollectionRow, name)
            if row is None:
                row = PublishedCollectionRow(name=name, kind=kind, summary={}, parent=parent)
                session.add(row)
            row.label, row.sequence, row.datestamp = label, self.sequence, stamp
            session.flush()
            session.add(
                MemberRow(collection=name, name=item.name, sort_key=item.description.title.value, fragment=b"{}")
            )


def _annotation_page(lines: str) -> bytes:
    items = [
        {
            "type": "Annotation",
            "motivation": "supplementing",
            "textGranularity": "line",
            "body": {"type": "TextualBody", "value": line},
        }
        for line in lines.splitlines()
    ]
    return json.dumps({"type": "AnnotationPage", "items": items}).encode()


LILLE = Institution(
    "bm-lille",
    {"fr": "Bibliothèque municipale de Lille", "en": "Lille Municipal Library"},
    homepage="https://bm-lille.example.org/",
)
DOUAI = Institution("bm-douai", {"fr": "Bibliothèque Marceline Desbordes-Valmore, Douai"})
CAMPAIGN = Campaign("2025-villes", 2025, {"fr": "Villes et faubourgs", "en": "Towns and suburbs"})


def make_view(name: str, number: int, size: tuple[int, int] = (2400, 3200), **notes: object) -> PublishedView:
    """Return a view with the sizes of its pyramid."""
    sizes = tuple((-(-size[0] // factor), -(-size[1] // factor)) for factor in (16, 8, 4, 2, 1))
    has_text = bool(notes.pop("has_text", False))
    return PublishedView(number, f"{name}.f{number}", *size, ViewNotes(**notes), has_text, sizes)  # type: ignore[arg-type]


def make_postcard(name: str = "v1bcdfg0") -> Item:
    """Return a postcard: recto and verso, a place, a description for those who cannot see it."""
    recto = make_view(
        name, 1, (3200, 2000), kind=ViewKind.RECTO, label="recto",
        descriptions=(
            ViewDescription(Text("Une place bordée de maisons à pignons, un tramway au centre.", "fr")),
            ViewDescription(Text("A square lined with gabled houses, a tram in the middle.", "en"), Author.MACHINE),
        ),
    )  # fmt: skip
    verso = make_view(
        name, 2, (3200, 2000), kind=ViewKind.VERSO, label="verso",
        transcriptions=(Text("Chère tante,\nnous sommes bien arrivés.", "fr"),),
    )  # fmt: skip
    description = Description(
        titles=(Title("Lille. – La Grand’Place", "fr"),),
        typology=Typology.POSTCARDS,
        rights=Rights(RightsStatus.PUBLIC_DOMAIN, "éditeur mort en 1931", "M. Lefebvre"),
        people=(Person("Cayez, Edmond", "1861-1931", "pbl"),),
        dates=(Date("1908-05", ""),),
        places=(Place("Lille (Nord)", 50.6365, 3.0635, "https://www.geonames.org/2998324"),),
        subjects=(Subject("Tramways -- Lille", "https://data.bnf.fr/ark:/12148/cb11933650k"),),
        shelfmark="CP 1204",
        extent="1 carte postale ; 9 × 14 cm",
    )
    return Item(name, NAAN, description, LILLE, (recto, verso), campaign=CAMPAIGN)


def make_newspaper(name: str = "v1hjkmn0", pages: int = 4) -> Item:
    """Return a newspaper issue with text and articles; the colour target is not public."""
    views = tuple(
        make_view(name, number, (3600, 5000), kind=ViewKind.PAGE, label=f"page {number}", has_text=number == 1)
        for number in range(1, pages + 1)
    )
    target = make_view(name, pages + 1, kind=ViewKind.TARGET)
    description = Description(
        titles=(
            Title("L’Écho du Nord. Nº 12", "fr"),
            Title("Acta diurna septentrionalia", "la", TitleKind.PARALLEL),
        ),
        typology=Typology.PRESS,
        rights=Rights(RightsStatus.LICENCE_OUVERTE, "domaine public", "M. Lefebvre"),
        dates=(Date("1848-03-01", ""),),
        languages=("fre",),
        shelfmark="J 12",
        abstracts=(Text("Numéro du 1er mars.", "fr"),),
    )
    structure = (
        Range(
            "issue",
            "Nº 12",
            "fr",
            (),
            (
                Range("article", "Nouvelles de Paris", "fr", (Target(1),)),
                Range("article", "Cours des grains", "fr", (Target(3),)),
                Range("article", "Mire de couleur", "fr", (Target(pages + 1),)),
            ),
        ),
    )
    return Item(name, NAAN, description, DOUAI, (*views, target), structure=structure)


def renamed(item: Item, name: str, title: str) -> Item:
    """Return an item under another name and title."""
    views = tuple(replace(view, image=f"{name}.f{view.number}") for view in item.views)
    return replace(item, name=name, views=views, description=replace(item.description, titles=(Title(title, "fr"),)))
