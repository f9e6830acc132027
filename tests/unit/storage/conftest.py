"""The two stores that every storage test runs on."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from server.storage import Storage
from server.storage.local import LocalStorage
from server.storage.s3 import S3Storage


@pytest.fixture
def local_storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "store")


@pytest.fixture
def s3_storage(s3_server: Any) -> S3Storage:
    return S3Storage(
        f"s3://{s3_server.bucket}/test-{uuid4().hex}",
        endpoint=s3_server.endpoint,
        access_key_id=s3_server.access_key,
        secret_access_key=s3_server.secret_key,
    )


@pytest.fixture(params=["local", "s3"])
def any_storage(request: pytest.FixtureRequest) -> Storage:
    storage: Storage = request.getfixturevalue(f"{request.param}_storage")
    return storage
