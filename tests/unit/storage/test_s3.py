"""What S3 does beyond the common promises, and which settings are refused."""

import sys
from pathlib import Path
from typing import Any

import pytest

from server.errors import SettingsError, StorageError
from server.settings import load_settings
from server.storage import open_storage
from server.storage.local import LocalStorage
from server.storage.s3 import S3Storage


def test_nothing_lies_on_this_machine(s3_storage: S3Storage) -> None:
    s3_storage.put("a", b"x")
    assert s3_storage.local_path("a") is None  # type: ignore[func-returns-value]  # None is the promise
    assert s3_storage.free_bytes() is None  # type: ignore[func-returns-value]  # None is the promise


def test_prefix_keeps_stores_apart(s3_storage: S3Storage, s3_server: Any) -> None:
    other = S3Storage(
        f"s3://{s3_server.bucket}/{s3_storage.url.rsplit('/', 1)[1]}-other",
        endpoint=s3_server.endpoint,
        access_key_id=s3_server.access_key,
        secret_access_key=s3_server.secret_key,
    )
    s3_storage.put("a", b"x")
    assert not other.exists("a")
    assert list(other.list()) == []


def test_settings_choose_the_store(s3_server: Any, tmp_path: Path) -> None:
    store = open_storage(
        load_settings(
            storage_url=f"s3://{s3_server.bucket}/by-settings",
            s3_endpoint=s3_server.endpoint,
            s3_access_key_id=s3_server.access_key,
            s3_secret_access_key=s3_server.secret_key,
        )
    )
    assert isinstance(store, S3Storage)
    store.put("a", b"x")
    assert store.get("a") == b"x"
    assert isinstance(open_storage(load_settings(home_dir=tmp_path)), LocalStorage)


def test_unknown_bucket_is_not_ready(s3_server: Any) -> None:
    store = S3Storage(
        "s3://no-such-bucket-here",
        endpoint=s3_server.endpoint,
        access_key_id=s3_server.access_key,
        secret_access_key=s3_server.secret_key,
    )
    with pytest.raises(StorageError):
        store.check()


def test_wrong_key_is_told(s3_server: Any) -> None:
    store = S3Storage(
        f"s3://{s3_server.bucket}", endpoint=s3_server.endpoint, access_key_id="wrong", secret_access_key="wrong"
    )
    with pytest.raises(StorageError, match="S3 service"):
        store.put("a", b"x")


@pytest.mark.parametrize("endpoint", ["http://s3.example.org", "ftp://127.0.0.1", "127.0.0.1:9000", "https://"])
def test_endpoints_in_the_clear_are_refused(endpoint: str) -> None:
    with pytest.raises(SettingsError, match="VITRINE_S3_ENDPOINT"):
        S3Storage("s3://bucket", endpoint=endpoint)


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "gs://bucket"])
def test_addresses_without_bucket_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="VITRINE_STORAGE_URL"):
        S3Storage(url)


def test_obstore_is_not_loaded_with_the_package(tmp_path: Path) -> None:
    import subprocess

    script = (
        "import sys; from pathlib import Path; import server.storage.s3; from server.settings import load_settings\n"
        "from server.storage import open_storage; open_storage(load_settings(home_dir=Path(sys.argv[1])))\n"
        "sys.exit('obstore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=30).returncode == 0
