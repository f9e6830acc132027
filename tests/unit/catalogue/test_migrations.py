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


def test_an_empty_catalogue_says_what_to_do(database_url: str) -> None:
    catalogue = Catalogue(database_url)
    with pytest.raises(CatalogueError, match="run `vitrine init` first"):
        migrations.must_be_current(catalogue)
    catalogue.close()
