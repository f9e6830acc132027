from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from server.catalogue.session import Catalogue
from server.errors import Busy, CatalogueError, SettingsError, StorageFull
from server.workshop import Workshop


def test_the_clock_is_the_one_that_all_machines_share(workshop: Workshop) -> None:
    now = workshop.catalogue.clock()
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)
    assert (now.tzinfo, now.microsecond) == (UTC, 0)


def test_a_lock_is_held_by_one_and_shared_by_many(workshop: Workshop) -> None:
    catalogue = workshop.catalogue
    assert not catalogue.is_publishing()
    with catalogue.publication_lock():
        assert catalogue.is_publishing()
        with pytest.raises(Busy), catalogue.lock("publication", wait=False):
            pass
        with catalogue.lock("something else", wait=False):
            pass
    assert not catalogue.is_publishing()
    with catalogue.lock("publication", shared=True):
        assert not catalogue.is_publishing()  # two readers who look at once do not take each other for a publisher


def test_what_raises_in_a_transaction_is_undone(workshop: Workshop) -> None:
    def change_and_fail() -> None:
        with workshop.catalogue.write() as session:
            session.execute(text("delete from partnership"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    with workshop.catalogue.read() as session:
        assert session.scalar(text("select count(*) from partnership")) == 2


def test_a_reader_keeps_its_snapshot(workshop: Workshop) -> None:
    with workshop.catalogue.read() as reader:
        assert reader.scalar(text("select count(*) from partnership")) == 2
        with workshop.catalogue.write() as writer:
            writer.execute(text("delete from partnership"))
        assert reader.scalar(text("select count(*) from partnership")) == 2
    with workshop.catalogue.read() as later:
        assert later.scalar(text("select count(*) from partnership")) == 0


def test_sqlite_is_set_up_for_readers_beside_a_writer(bare_sqlite_url: str) -> None:
    catalogue = Catalogue(bare_sqlite_url)
    with catalogue.snapshot() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar() == "wal"
        assert connection.execute(text("pragma foreign_keys")).scalar() == 1
    with catalogue.write() as session:
        session.execute(text("create table t (x integer)"))
        with catalogue.engine.connect() as other:
            other.exec_driver_sql("pragma busy_timeout = 0")
            with pytest.raises(DatabaseError, match="locked"):
                other.exec_driver_sql("begin immediate")
    catalogue.close()


@pytest.mark.parametrize("url", ["not an address", "mysql://host/name", "sqlite://", "sqlite:///:memory:"])
def test_a_wrong_address_names_the_variable(url: str) -> None:
    with pytest.raises(SettingsError, match="VITRINE_DATABASE_URL"):
        Catalogue(url)


def test_an_empty_database_is_not_ready(bare_database_url: str) -> None:
    catalogue = Catalogue(bare_database_url)
    with pytest.raises(CatalogueError, match="does not answer"):
        catalogue.check()
    catalogue.close()


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    catalogue = Catalogue(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    with catalogue.engine.connect() as connection, connection.begin():
        connection.execute(text("pragma max_page_count = 2"))
        with pytest.raises(StorageFull, match="the disk of the catalogue is full; nothing was changed"):
            connection.execute(text("create table filler as select randomblob(1000000) as said"))
    catalogue.close()
