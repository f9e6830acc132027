import pytest
from sqlalchemy import text

from server.catalogue import migrations
from server.catalogue.session import Catalogue
from server.errors import CatalogueError


def test_from_empty_the_tables_are_those_of_the_models(database_url: str) -> None:
    catalogue = Catalogue(database_url)
    migrations.upgrade(catalogue)
    assert migrations.differences(catalogue) == []
    assert migrations.present_revision(catalogue) == migrations.newest_revision()
    migrations.upgrade(catalogue)  # a second time changes nothing
    migrations.must_be_current(catalogue)
    catalogue.close()


def test_from_the_previous_revision_nothing_is_lost(database_url: str) -> None:
    catalogue = Catalogue(database_url)
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


def test_files_are_kept_when_views_may_share_them(database_url: str) -> None:
    catalogue = Catalogue(database_url)
    migrations.upgrade(catalogue, "0002")
    with catalogue.write() as session:
        for statement in (
            "insert into institution values ('lille', '{}', '', '', '', '', '', '', '')",
            "insert into ark values ('v1', '2026-01-01')",
            (
                "insert into delivery (identifier, name, path, digest, kind, institution, state, received_at, errors, "
                "warnings, decided_by, reason) values ('d', 'd', 'd', 'd', 'table', 'lille', 'checked', '2026-01-01', 0, 0, '', '')"
            ),
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


def test_an_empty_catalogue_says_what_to_do(database_url: str) -> None:
    catalogue = Catalogue(database_url)
    with pytest.raises(CatalogueError, match="run `vitrine init` first"):
        migrations.must_be_current(catalogue)
    catalogue.close()
