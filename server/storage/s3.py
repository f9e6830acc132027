"""An S3-compatible service as a store, through obstore (the only module that may import it).

obstore is not fork-safe: make an instance in the process that uses it. `obstore` is imported on first use, so that a
single machine with a folder never loads it. S3 itself makes a put atomic; files above a few MiB go up in parts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.errors import NotStored, SettingsError, StorageError, StorageFull
from server.storage.base import Stored, checked_key, checked_prefix
from server.told import told

if TYPE_CHECKING:
    from obstore.store import S3Config

    from server.settings import Settings

_LIST_CHUNK = 1000
_NO_ROOM = ("507", "InsufficientStorage", "StorageFull", "QuotaExceeded", "no space left")


class S3Storage:
    """Bytes in a bucket, below a prefix."""

    def __init__(
        self,
        url: str,
        *,
        endpoint: str = "",
        access_key_id: str = "",
        secret_access_key: str = "",
        region: str = "us-east-1",
    ) -> None:
        from datetime import timedelta

        import obstore
        from obstore.exceptions import BaseError
        from obstore.store import S3Store

        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc:
            raise SettingsError(told("VITRINE_STORAGE_URL={url!r}: must be a folder or s3://bucket/prefix", url=url))
        prefix = checked_prefix(parts.path.strip("/"))
        _check_endpoint(endpoint)
        self.url = url
        self._obstore = obstore
        config: S3Config = {"region": region, "virtual_hosted_style_request": False}
        if endpoint:
            config["endpoint"] = endpoint
        if access_key_id:
            config["access_key_id"] = access_key_id
        if secret_access_key:
            config["secret_access_key"] = secret_access_key
        try:
            self._store = S3Store(
                parts.netloc,
                prefix=prefix or None,
                config=config,
                client_options={
                    "allow_http": endpoint.startswith("http://"),
                    "connect_timeout": timedelta(seconds=5),
                    "timeout": timedelta(seconds=60),
                },
                retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
            )
        except BaseError as error:
            raise SettingsError(
                told("VITRINE_STORAGE_URL={url!r}: {fault}", url=url, fault=_first_line(error))
            ) from error

    def put(self, key: str, data: bytes) -> None:
        """Store `data`, replacing what was there."""
        with self._told(checked_key(key)):
            self._obstore.put(self._store, key, data)

    def put_file(self, key: str, path: Path, *, move: bool = False) -> None:
        """Store the content of a file, in parts where it is large; with `move` the file is removed afterwards."""
        with self._told(checked_key(key)):
            # An empty file has no parts: sent whole.
            if path.stat().st_size:
                self._obstore.put(self._store, key, path, max_concurrency=4)
            else:
                self._obstore.put(self._store, key, b"")
            if move:
                path.unlink()

    def get(self, key: str) -> bytes:
        """Return everything under a key."""
        with self._told(checked_key(key)):
            return bytes(self._obstore.get(self._store, key).bytes())

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from `offset`."""
        checked_key(key)
        if length == 0:
            return b""
        with self._told(key):
            data = bytes(self._obstore.get_range(self._store, key, start=offset, length=length))
        if len(data) != length:
            raise StorageError(
                told(
                    "{key}: ends before byte {end}; it is damaged, ingest its view again",
                    key=key,
                    end=offset + length,
                )
            )
        return data

    def size(self, key: str) -> int:
        """Return the size in bytes."""
        with self._told(checked_key(key)):
            return int(self._obstore.head(self._store, key)["size"])

    def exists(self, key: str) -> bool:
        """Tell whether something is stored under a key."""
        try:
            self.size(key)
        except NotStored:
            return False
        return True

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Yield all that lies below a folder, in the order that the service answers (not every one sorts)."""
        folder = checked_prefix(prefix)
        with self._told(folder or self.url):
            for chunk in self._obstore.list(self._store, folder or None, chunk_size=_LIST_CHUNK):
                for found in chunk:
                    yield Stored(str(found["path"]), int(found["size"]))

    def delete(self, key: str) -> None:
        """Forget a key."""
        try:
            with self._told(checked_key(key)):
                self._obstore.delete(self._store, key)
        except NotStored:
            return

    def free_bytes(self) -> None:
        """Return None: S3 does not tell."""

    def local_path(self, key: str) -> None:
        """Return None: nothing lies on this machine."""
        checked_key(key)

    def remove_leftovers(self) -> int:
        """Return 0: parts of abandoned uploads are removed by a lifecycle rule of the bucket."""
        return 0

    def check(self) -> None:
        """Raise StorageError where the bucket does not answer."""
        with self._told(self.url):
            next(iter(self._obstore.list(self._store, chunk_size=1)), None)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Turn errors of obstore and of the local disk into ours, with the key in the message."""
        from obstore.exceptions import BaseError, NotFoundError

        try:
            yield
        except (NotFoundError, FileNotFoundError) as error:
            raise NotStored(told("{what}: nothing is stored under this key", what=what)) from error
        except (BaseError, OSError) as error:
            text = _first_line(error)
            if any(sign.lower() in text.lower() for sign in _NO_ROOM):
                raise StorageFull(
                    told(
                        "{what}: the S3 service has no room left; free some, then run the same command again", what=what
                    )
                ) from error
            raise StorageError(told("{what}: the S3 service did not do it: {text}", what=what, text=text)) from error


def open_s3(settings: "Settings") -> S3Storage:
    """Open the bucket that the settings name."""
    return S3Storage(
        settings.storage,
        endpoint=settings.s3_endpoint,
        access_key_id=settings.s3_access_key_id,
        secret_access_key=settings.s3_secret_access_key,
        region=settings.s3_region,
    )


def _check_endpoint(endpoint: str) -> None:
    """Refuse an endpoint that would send keys in the clear over a network."""
    if not endpoint:
        return
    parts = urlsplit(endpoint)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return
    raise SettingsError(
        told(
            "VITRINE_S3_ENDPOINT={endpoint!r}: must be an https address; http is for a service on this machine "
            "only (127.0.0.1)",
            endpoint=endpoint,
        )
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
