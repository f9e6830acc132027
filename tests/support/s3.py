"""A real S3 server: SeaweedFS (`weed mini`) from its wheel, on loopback, every port chosen, telemetry off."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from tests.support.processes import free_ports, running

PORTS = tuple(
    f"{server}.{kind}" for server in ("s3", "master", "volume", "filer", "admin") for kind in ("port", "port.grpc")
)
OFF = (
    "-webdav=false",
    "-admin.ui=false",
    "-master.telemetry=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
)
REGION = "us-east-1"


@dataclass(frozen=True)
class S3Server:
    """A running S3 server with one empty bucket."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str
    region: str
    ports: tuple[int, ...]
    process: subprocess.Popen[bytes]

    def store(self) -> S3Store:
        """Return obstore's own client on the bucket, for tests that look behind `server.storage`."""
        return _client(self.endpoint, self.bucket, self.access_key, self.secret_key)


def _client(endpoint: str, bucket: str, access_key: str, secret_key: str) -> S3Store:
    return S3Store(
        bucket,
        endpoint=endpoint,
        access_key_id=access_key,
        secret_access_key=secret_key,
        region=REGION,
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )


@contextlib.contextmanager
def s3_server(folder: Path, bucket: str = "vitrine") -> Iterator[S3Server]:
    """Run SeaweedFS with its data in `folder` while the block lasts."""
    ports = free_ports(len(PORTS))
    endpoint = f"http://127.0.0.1:{ports[0]}"
    access_key, secret_key = "test-access-key", "test-secret-key"
    logs = folder.with_suffix(
        ".logs"
    )  # else it writes them into the system's folder for temporary files, and leaves them
    logs.mkdir(exist_ok=True)
    command: list[str | Path] = [
        Path(sys.executable).with_name("weed"),
        f"-logdir={logs}",
        "mini",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-bucket={bucket}",
        f"-filer.localSocket={folder / 'filer.sock'}",
        f"-s3.localSocket={folder / 's3.sock'}",
        *OFF,
        *(f"-{name}={port}" for name, port in zip(PORTS, ports, strict=True)),
    ]
    environment = os.environ | {
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "HOME": str(folder),
    }
    client = _client(endpoint, bucket, access_key, secret_key)

    def ready() -> bool:
        try:
            obstore.put(client, "ready", b"")
            obstore.delete(client, "ready")
        except (BaseError, OSError):
            return False
        return True

    with running(command, folder.with_suffix(".log"), ready, env=environment, cwd=folder) as process:
        yield S3Server(endpoint, access_key, secret_key, bucket, REGION, tuple(ports), process)
