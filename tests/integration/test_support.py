"""The real servers of the tests: they answer, keep to loopback, and end with their block."""

import contextlib
import ipaddress
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import obstore
import psutil
import pytest
import pytest_socket
import sqlalchemy

from tests.support import demo
from tests.support.nginx import Nginx
from tests.support.postgres import Postgres
from tests.support.processes import listeners, running
from tests.support.s3 import S3Server


def test_a_database_is_empty_and_takes_a_table(bare_database_url: str) -> None:
    engine = sqlalchemy.create_engine(bare_database_url)
    assert sqlalchemy.inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE t (n INTEGER)"))
        connection.execute(sqlalchemy.text("INSERT INTO t VALUES (1)"))
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT n FROM t")).scalar_one() == 1
    engine.dispose()


def test_databases_of_one_server_are_apart(postgres: Postgres) -> None:
    with postgres.database() as one, postgres.database() as two:
        assert one != two


def test_postgresql_listens_on_no_network(postgres: Postgres) -> None:
    pid = int((postgres.folder / "postmaster.pid").read_text().split()[0])
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    assert family[0].name() == "postgres"
    connections = []
    for each in family:
        with contextlib.suppress(psutil.NoSuchProcess):  # one that vacuums may have ended meanwhile
            connections += each.net_connections(kind="inet")
    assert connections == []
    assert family[0].is_running()


def test_s3_keeps_what_it_is_given(s3_server: S3Server) -> None:
    obstore.put(s3_server.store(), "support/key", b"0123456789")
    assert bytes(obstore.get_range(s3_server.store(), "support/key", start=2, length=3)) == b"234"


def test_s3_refuses_a_stranger(s3_server: S3Server) -> None:
    stranger = obstore.store.S3Store(
        s3_server.bucket,
        endpoint=s3_server.endpoint,
        access_key_id="stranger",
        secret_access_key="wrong",
        region=s3_server.region,
        client_options={"allow_http": True},
    )
    with pytest.raises(obstore.exceptions.PermissionDeniedError):
        obstore.get(stranger, "support/key")


def test_s3_listens_on_loopback_and_on_chosen_ports_only(s3_server: S3Server) -> None:
    found = listeners(s3_server.process)
    assert {port for _, port in found} <= set(s3_server.ports)
    assert found
    assert all(ipaddress.ip_address(address).is_loopback for address, _ in found)


def configuration(port: int, places: str) -> str:
    return f"events {{}} http {{ access_log off; server {{ listen 127.0.0.1:{port}; {places} }} }}"


def test_nginx_serves(nginx: Callable[[str, int], Nginx], free_port: int) -> None:
    server = nginx(configuration(free_port, "location / { return 200 'here'; }"), free_port)
    with socket.create_connection(("127.0.0.1", free_port), 5) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert connection.makefile("rb").read().endswith(b"here")
    assert all(ipaddress.ip_address(address).is_loopback for address, _ in listeners(server.process))


def test_node_is_the_one_of_the_wheel(node: Path) -> None:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("v2")
    assert "site-packages" in str(node)


def test_a_program_that_does_not_start_is_reported_with_its_log(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match=r"(?s)ended with status 3.*no room at the inn"),
        running(["sh", "-c", "echo no room at the inn; exit 3"], tmp_path / "log", lambda: False),
    ):
        pytest.fail("it did start")


def test_a_program_ends_with_its_block(tmp_path: Path) -> None:
    with running(["sleep", "600"], tmp_path / "log", lambda: True) as process:
        family = psutil.Process(process.pid).children(recursive=True)
    assert process.poll() is not None
    assert not [child for child in family if child.is_running()]


def test_no_test_reaches_outside() -> None:
    with pytest.raises(pytest_socket.SocketConnectBlockedError), pytest.warns(UserWarning, match="192.0.2.1"):
        socket.create_connection(("192.0.2.1", 80), 1)


def test_the_sample_holdings_are_made_once_and_served_until_the_last_has_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = []

    @contextlib.contextmanager
    def serve(home: Path, port: int) -> Iterator[None]:
        said.append(f"served {home.name}")
        yield
        said.append("ended")

    monkeypatch.setattr(demo, "make_holdings", lambda home, port: said.append("made"))
    monkeypatch.setattr(demo, "_server", serve)
    first, second = (demo.shared_demo(tmp_path / "demo") for _ in range(2))
    assert first.__enter__() == second.__enter__()
    leaving = threading.Thread(target=first.__exit__, args=(None, None, None))
    leaving.start()
    leaving.join(0.5)
    assert leaving.is_alive()
    assert said == ["made", "served home"]
    second.__exit__(None, None, None)
    leaving.join(20)
    assert not leaving.is_alive()
    assert said == ["made", "served home", "ended"]
