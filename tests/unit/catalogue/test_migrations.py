import json
from dataclasses import replace

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.catalogue import migrations
from server.catalogue.activities import count_activities, list_activities
from server.catalogue.publication_models import MementoRow, PublishedImageRow
from server.catalogue.published import find_image, moment
from server.catalogue.session import Catalogue
from server.catalogue.values import ITEM
from server.errors import CatalogueError
from server.iiif.build.manifest import document_label
from server.model.description import Title, TitleKind
from server.model.item import Item
from tests.support.publications import make_newspaper, make_postcard, renamed

_HELD = (
    "insert into institution values ('lille', '{}', '', '', '', '', '', '', '')",
    (
        "insert into delivery (identifier, name, path, digest, kind, institution, state, received_at, errors, "
        "warnings, decided_by, reason) values ('d', 'd', 'd', 'd', 'table', 'lille', 'checked', '2026-01-01', 0, 0, '', '')"
    ),
)


def test_from_empty_the_tables_are_those_of_the_models(bare_database_url: str) -> None:
    catalogue = Catalogue(bare_database_url)
    migrations.upgrade(catalogue)
    assert migrations.differences(catalogue) == []
    assert migrations.present_revision(catalogue) == migrations.newest_revision()
    migrations.upgrade(catalogue)  # a second time changes nothing
    migrations.must_be_current(catalogue)
    catalogue.close()


def test_from_the_previous_revision_nothing_is_lost(bare_database_url: str) -> None:
    catalogue = Catalogue(bare_database_url)
    migrations.upgrade(catalogue, "-1" if migrations.newest_revision() == "0001" else "0001")
    with catalogue.write() as session:
        session.execute(text("insert into supplier (name, label) values ('numerix', 'Numérix')"))
    with pytest.raises(CatalogueError, match="revision 0001, this version needs"):
        migrations.must_be_current(catalogue)
    migrations.upgrade(catalogue)
    with catalogue.read() as session:
        assert session.scalar(text("select label from supplier")) == "Numérix"
    assert migrations.differences(catalogue) == []
    catalogue.close()


def test_files_are_kept_when_views_may_share_them(bare_database_url: str) -> None:
    catalogue = Catalogue(bare_database_url)
    migrations.upgrade(catalogue, "0002")
    with catalogue.write() as session:
        for statement in (
            *_HELD,
            "insert into ark values ('v1', '2026-01-01')",
            (
                "insert into item (name, institution, identifier, delivery, state, failure, input_digest, typology, "
                "rights_status, description, structure, viewing_direction, paged, created_at, publish_wanted) values "
                "('v1', 'lille', 'c1', 'd', 'ready', '', '', '', '', '{}', '[]', '', false, '2026-01-01', false)"
            ),
            "insert into \"file\" values ('v1', 'master', 'a.png', 1, 'x', 5, 'k', null)",
            "insert into \"file\" values ('v1', 'source', 'notices.csv', null, 'y', 6, 'l', null)",
        ):
            session.execute(text(statement))
    migrations.upgrade(catalogue)
    with catalogue.write() as session:
        rows = session.execute(text('select path, view, size, key from "file" order by path')).all()
        assert [tuple(row) for row in rows] == [("a.png", 1, 5, "k"), ("notices.csv", 0, 6, "l")]
        session.execute(text("insert into \"file\" values ('v1', 'master', 'a.png', 2, 'x', 3000000000, 'm', null)"))
    assert migrations.differences(catalogue) == []
    catalogue.close()


def test_an_image_that_is_published_gets_the_label_of_its_document(bare_database_url: str) -> None:
    catalogue = Catalogue(bare_database_url)
    migrations.upgrade(catalogue, "0003")
    parallel = (Title("The Belfry", "en", TitleKind.PARALLEL), Title("Une tour", "fr", TitleKind.PARALLEL))
    items = [
        renamed(make_postcard(), "v1a", "Le beffroi"),
        renamed(make_postcard(), "v1b", "Le tramway"),
        make_newspaper("v1c"),
        renamed(make_postcard(), "v1d", "La gare"),
    ]
    titles = (Title("La tour", "fr", TitleKind.ALTERNATIVE), *items[0].description.titles, *parallel)
    items[0] = replace(items[0], description=replace(items[0].description, titles=titles))
    items[1] = replace(items[1], description=replace(items[1].description, titles=(Title("Le tramway"),)))
    with catalogue.write() as session:
        for statement in _HELD:
            session.execute(text(statement))
        for item in items:
            state = "withdrawn" if item.name == "v1d" else "live"
            _publish_as_before_labels(session, item, state)
    migrations.upgrade(catalogue)
    with catalogue.snapshot() as connection:
        labels = {
            item.name: [find_image(connection, view.image).label for view in item.public_views] for item in items[:-1]
        }
        dated = set(connection.scalars(text("select datestamp from published_image")))
    assert labels["v1a"] == [{"fr": ["Le beffroi"], "en": ["The Belfry"]}] * 2
    assert labels["v1b"] == [{"none": ["Le tramway"]}] * 2
    assert labels == {item.name: [document_label(item)] * len(item.public_views) for item in items[:-1]}
    assert dated == {7}, "no document has changed"
    with catalogue.read() as session:
        withdrawn = session.scalars(select(PublishedImageRow.label).where(PublishedImageRow.name == "v1d")).all()
    assert withdrawn == [{"fr": ["La gare"]}] * 2
    assert migrations.differences(catalogue) == []
    with pytest.raises(IntegrityError, match=r"(?i)check"), catalogue.write() as session:
        session.execute(text("update published_image set state = 'lost'"))
    catalogue.close()


def test_change_discovery_begins_with_what_the_journal_knows(bare_database_url: str) -> None:
    catalogue = Catalogue(bare_database_url)
    migrations.upgrade(catalogue, "0003")
    with catalogue.write() as session:
        for statement in (
            *_HELD,
            "insert into installation values ('base_url', 'https://v.test')",
            "insert into installation values ('naan', '99999')",
        ):
            session.execute(text(statement))
        for name, state in (("v1a", "live"), ("v1b", "withdrawn")):
            _publish_as_before_labels(session, renamed(make_postcard(), name, "Le beffroi"), state)
        for statement in (
            "insert into journal values (1, 50, 'Create', 'v1a', null, '')",
            "insert into journal values (2, 60, 'Create', 'v1b', null, '')",
            "insert into journal values (3, 70, 'Delete', 'v1b', null, 'demande')",
            "insert into published_collection values ('type-x', 'typology', '{}', '{}', 3, 70)",
            "insert into published_collection values ('vide', 'typology', '{}', '{}', 3, 70)",
            "insert into member values ('type-x', 'v1a', 'a', '')",
        ):
            session.execute(text(statement))
    migrations.upgrade(catalogue)
    with catalogue.snapshot() as connection:
        total, modified = count_activities(connection)
        listed = list_activities(connection, 0, 100)
    assert listed is not None
    assert (total, modified, len(listed.bodies)) == (10, moment(70), 10)
    told = [json.loads(body) for body in listed.bodies]
    assert [
        (each["type"], each["object"]["id"].removeprefix("https://v.test/iiif/presentation/")) for each in told
    ] == [
        (activity, f"{version}/{path}")
        for activity, path in (
            ("Create", "v1a/manifest"),
            ("Create", "v1b/manifest"),
            ("Delete", "v1b/manifest"),
            ("Create", "collection/type-x"),
            ("Create", "collection/top"),
        )
        for version in (3, 2)
    ]
    assert told[0]["object"]["canonical"] == "ark:/99999/v1a"
    assert told[0]["endTime"] == "1970-01-01T00:00:50Z"
    assert migrations.differences(catalogue) == []
    catalogue.close()


def test_change_discovery_does_not_begin_between_two_addresses(bare_database_url: str) -> None:
    catalogue = Catalogue(bare_database_url)
    migrations.upgrade(catalogue, "0003")
    with catalogue.write() as session:
        for statement in (
            *_HELD,
            "insert into installation values ('base_url', 'https://v.test')",
            "insert into installation values ('naan', '99999')",
            "insert into installation values ('rebasing_to', 'https://w.test')",
        ):
            session.execute(text(statement))
        _publish_as_before_labels(session, renamed(make_postcard(), "v1a", "Le beffroi"), "live")
        session.execute(text("insert into journal values (1, 50, 'Create', 'v1a', null, '')"))
    with pytest.raises(CatalogueError, match=r"a rebase to https://w\.test is not finished"):
        migrations.upgrade(catalogue)
    assert migrations.present_revision(catalogue) == "0003"
    catalogue.close()


def _publish_as_before_labels(session: Session, item: Item, state: str) -> None:
    about = {"name": item.name, "state": state}
    for statement in (
        "insert into ark values (:name, '2026-01-01')",
        (
            "insert into item (name, institution, identifier, delivery, state, failure, input_digest, typology, "
            "rights_status, description, structure, viewing_direction, paged, created_at, publish_wanted) values "
            "(:name, 'lille', :name, 'd', 'ready', '', '', '', '', '{}', '[]', '', false, '2026-01-01', false)"
        ),
    ):
        session.execute(text(statement), about)
    kept = text("insert into publication values (:name, :state, 1, 1, 1, 1, '', :item, '')")
    session.execute(kept, about | {"item": ITEM.dump_json(item).decode()})
    for view in item.public_views:
        session.execute(
            text("insert into published_image values (:image, :name, :number, :state, 1, 1, 'p', 'i', 'v', '', 7)"),
            about | {"image": view.image, "number": view.number},
        )


def test_records_stay_when_a_record_may_have_no_publication(bare_database_url: str) -> None:
    catalogue = Catalogue(bare_database_url)
    migrations.upgrade(catalogue, "0003")
    with catalogue.write() as session:
        for statement in _HELD:
            session.execute(text(statement))
        _publish_as_before_labels(session, renamed(make_postcard(), "v1a", "Le beffroi"), "live")
        for number in range(3):
            session.execute(
                text(
                    "insert into oai_record (repository, prefix, name, sequence, datestamp, deleted, fingerprint, header, "
                    f"body) values ('', 'p{number}', 'v1a', 1, 7, false, 'f', :header, :body)"
                ),
                {"header": b"<header/>", "body": b"<metadata/>"},
            )
    migrations.upgrade(catalogue)
    with catalogue.write() as session:
        rows = session.execute(
            text("select prefix, name, sequence, deleted, header, body from oai_record order by prefix")
        )
        assert [(row.prefix, row.name, row.sequence, bool(row.deleted), bytes(row.body)) for row in rows] == [
            (f"p{number}", "v1a", 1, False, b"<metadata/>") for number in range(3)
        ]
        session.execute(text("update oai_record set name = 'titre-x' where prefix = 'p2'"))
    assert migrations.differences(catalogue) == []
    with pytest.raises(IntegrityError, match=r"(?i)check"), catalogue.write() as session:
        session.execute(text("insert into oai_standing values ('gallica', 'v1a', 'lost', '', '[]')"))
    catalogue.close()


def test_the_newest_step_is_the_one_that_alembic_takes_for_it() -> None:
    assert ScriptDirectory.from_config(migrations._config()).get_heads() == [migrations.newest_revision()]


def test_an_empty_catalogue_says_what_to_do(bare_database_url: str) -> None:
    catalogue = Catalogue(bare_database_url)
    with pytest.raises(CatalogueError, match="run `vitrine init` first"):
        migrations.must_be_current(catalogue)
    catalogue.close()


def test_versions_begin_with_what_stands_and_bytes_that_nobody_names_go(bare_database_url: str) -> None:
    catalogue = Catalogue(bare_database_url)
    migrations.upgrade(catalogue, "0003")
    with catalogue.write() as session:
        for statement in _HELD:
            session.execute(text(statement))
        for name in ("v1a", "v1b"):
            _publish_as_before_labels(session, renamed(make_postcard(), name, "Le beffroi"), "live")
        session.execute(text("update published_image set state = 'withdrawn' where image = 'v1b.f2'"))
        for digest, name in (("a", "v1a"), ("b", "v1b"), ("orphan", "v1c")):
            body = f'{{"items":[{{"id":"{name}/canvas/f1"}},{{"id":"{name}/canvas/f2"}}]}}'.encode()
            session.execute(text("insert into payload values (:d, :b, :b, :b)"), {"d": digest, "b": body})
        for name, kind, digest in (("v1a", "manifest/3", "a"), ("v1a", "manifest/2", "a"), ("v1b", "manifest/3", "b")):
            session.execute(
                text("insert into document values (:n, :k, :d, 3, 70)"), {"n": name, "k": kind, "d": digest}
            )
    migrations.upgrade(catalogue)
    with catalogue.read() as session:
        rows = session.scalars(select(MementoRow).order_by(MementoRow.version)).all()
        kept = [(row.name, row.version, row.sequence, row.datestamp, row.payload, row.views) for row in rows]
        assert kept == [("v1a", 2, 3, 70, "a", [1, 2]), ("v1a", 3, 3, 70, "a", [1, 2])], "v1b shows what was withdrawn"
        assert sorted(session.scalars(text("select digest from payload"))) == ["a", "b"]
    assert migrations.differences(catalogue) == []
    catalogue.close()
