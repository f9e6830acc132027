"""What nginx serves: files as they lie (the limit), and our server behind `deploy/nginx.conf` with its cache."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.peers.peer import Peer
from tests.support.nginx import nginx_server
from tests.support.processes import free_port

REPOSITORY = Path(__file__).parents[2]
CACHE_LOG = "cache.log"

_TEMPORARY = "".join(f"    {kind}_temp_path {kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))

STATIC = """
worker_processes 2;
events {{ worker_connections 1024; }}
http {{
{temporary}
    access_log off; default_type image/jpeg; sendfile on; tcp_nopush on; keepalive_requests 1000000;
    open_file_cache max=10000 inactive=60s;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        location / {{ types {{ }} add_header Access-Control-Allow-Origin *; add_header Cache-Control max-age=60; }}
    }}
}}
"""

FASTCGI = """
worker_processes {workers};
events {{ worker_connections 1024; }}
http {{
{temporary}
    access_log off; keepalive_requests 1000000;
    upstream iip {{ least_conn; {servers} {keep} }}
    server {{
        listen 127.0.0.1:{port};
        location /iiif/ {{
            fastcgi_pass iip;
            {keep_conn}
            fastcgi_buffers 32 16k;
            fastcgi_param PATH_INFO $fastcgi_script_name;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param SERVER_PROTOCOL $server_protocol;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param HTTP_HOST $http_host;
        }}
    }}
}}
"""


@contextmanager
def static(files: Mapping[str, bytes], images: Mapping[str, str]) -> Iterator[Peer]:
    """Serve bodies from files named as their addresses: what a server can do at most on this machine."""
    folder = Path(tempfile.mkdtemp(prefix="vitrine-static-"))
    try:
        folder.chmod(0o755)
        for path, body in files.items():
            target = folder / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
        port = free_port()
        with nginx_server(STATIC.format(temporary=_TEMPORARY, port=port, root=folder), port) as served:
            yield Peer("nginx static", port, "/iiif/image/3", images, (served.process,))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fastcgi_text(port: int, backends: list[int], *, keep: bool) -> str:
    """Return the configuration of nginx before FastCGI programs on these ports.

    A program answers one connection at a time, so a kept one must belong to the one worker that there is: another's
    request would wait behind it for ever.
    """
    return FASTCGI.format(
        workers=1 if keep else 2,
        temporary=_TEMPORARY,
        port=port,
        servers=" ".join(f"server 127.0.0.1:{each};" for each in backends),
        keep=f"keepalive {len(backends)};" if keep else "",
        keep_conn="fastcgi_keep_conn on;" if keep else "",
    )


@contextmanager
def proxied(origin: Peer) -> Iterator[tuple[Peer, Path]]:
    """Put `deploy/nginx.conf` in front of a server; also gives the log in which nginx notes HIT or MISS of each answer.

    Of the configuration only addresses, folders and the log are altered.
    """
    port = free_port()
    text = (REPOSITORY / "deploy" / "nginx.conf").read_text()
    for theirs, here in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{origin.port};"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("proxy_cache_path /var/cache/nginx/vitrine", "proxy_cache_path cache"),
        (
            "access_log off;",
            f"log_format hits '$upstream_cache_status'; access_log {CACHE_LOG} hits buffer=256k flush=1s;",
        ),
        ("http {\n", f"http {{\n{_TEMPORARY}"),
    ):
        if text.count(theirs) != 1:
            raise RuntimeError(f"deploy/nginx.conf has no line {theirs!r} any more: alter benchmarks/peers/nginx.py")
        text = text.replace(theirs, here)
    with nginx_server(text, port) as served:
        peer = Peer(
            "Vitrine behind nginx",
            port,
            origin.prefix,
            origin.images,
            (served.process, *origin.programs),
            origin.kernel,
        )
        yield peer, served.folder / CACHE_LOG


def count_hits(log: Path) -> Counter[str]:
    """Return how many answers were HIT, MISS, EXPIRED, REVALIDATED, ..."""
    return Counter(log.read_text().split()) if log.exists() else Counter()
