"""The server under test, once for each version of the API that a test is marked for."""

from collections.abc import Iterator

import pytest

from tests.conformance.image.serving import Server
from tests.conformance.image.trials import real_servers


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """Our own service over the known pictures, its answers kept; both versions on one event loop, as in a worker."""
    with real_servers(tmp_path_factory.mktemp("conformance")) as found:
        yield found


@pytest.fixture
def server(request: pytest.FixtureRequest, servers: dict[str, Server]) -> Server:
    """The server in one version of the API."""
    return servers[request.param]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each version that it proves rows of."""
    if "server" in metafunc.fixturenames:
        metafunc.parametrize("server", list(metafunc.function.proves), indirect=True)
