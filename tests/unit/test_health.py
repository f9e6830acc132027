from collections.abc import Iterator
from pathlib import Path

import pytest

from server.catalogue.models import InstallationRow
from server.catalogue.session import Catalogue
from server.errors import CatalogueError, SettingsError
from server.health import check_addresses, find_faults
from server.settings import Settings, load_settings
from server.storage.local import LocalStorage
from tests.support.publications import Shelf

BASE = "http://127.0.0.1:8000"


@pytest.fixture
def catalogue(database_url: str) -> Iterator[Catalogue]:
    catalogue = Catalogue(database_url)
    yield catalogue
    catalogue.close()


def test_all_is_well(catalogue: Catalogue, tmp_path: Path, settings: Settings) -> None:
    Shelf(catalogue).prepare(BASE)
    assert find_faults(catalogue, LocalStorage(tmp_path / "storage")) == {}
    check_addresses(settings, catalogue)


def test_an_empty_database_is_a_fault(bare_database_url: str, tmp_path: Path, settings: Settings) -> None:
    catalogue = Catalogue(bare_database_url)
    assert list(find_faults(catalogue, LocalStorage(tmp_path / "storage"))) == ["database"]
    with pytest.raises(CatalogueError):
        check_addresses(settings, catalogue)
    catalogue.close()


def test_an_interrupted_rebase_must_be_run_to_its_end(catalogue: Catalogue, settings: Settings) -> None:
    Shelf(catalogue).prepare(BASE)
    with catalogue.write() as session:
        session.add(InstallationRow(key="rebasing_to", value="https://new.test"))
    with pytest.raises(SettingsError, match=r"vitrine rebase https://new\.test"):
        check_addresses(settings, catalogue)


def test_another_base_is_refused_with_both_remedies(catalogue: Catalogue, settings: Settings) -> None:
    Shelf(catalogue).prepare("https://old.test")
    with pytest.raises(SettingsError) as refused:
        check_addresses(settings, catalogue)
    assert "VITRINE_BASE_URL=https://old.test" in str(refused.value)
    assert f"vitrine rebase {settings.base}" in str(refused.value)


def test_nothing_published_binds_to_nothing(catalogue: Catalogue, settings: Settings) -> None:
    Shelf(catalogue).prepare(BASE)
    with catalogue.write() as session:
        session.query(InstallationRow).delete()
    check_addresses(load_settings(base_url="https://any.test", home_dir=settings.home_dir), catalogue)
