"""What one would write first: Flask and libvips under gunicorn's gthread worker, on a pyramidal TIFF.

It chooses the level, crops, resizes with lanczos3 and saves; handles are opened for each request.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.peers.peer import WORKERS, Peer
from tests.support.processes import answers, free_port, running

REPOSITORY = Path(__file__).parents[2]
FOLDER = "BENCH_PYRAMIDS"


def make_application() -> Any:
    """Return the Flask application: regions, sizes `w,h` and `!w,h`, `max`, JPEG; and info.json."""
    import pyvips  # type: ignore[import-untyped]  # it has none
    from flask import Flask, Response, jsonify

    app = Flask(__name__)
    folder = Path(os.environ[FOLDER])

    @app.get("/iiif/3/<image>/info.json")
    def info(image: str) -> Any:
        opened = pyvips.Image.new_from_file(str(folder / image))
        return jsonify({"id": image, "width": opened.width, "height": opened.height, "profile": "level2"})

    @app.get("/iiif/3/<image>/<region>/<size>/0/default.jpg")
    def picture(image: str, region: str, size: str) -> Any:
        path = str(folder / image)
        full = pyvips.Image.new_from_file(path)
        x, y, w, h = (
            (0, 0, full.width, full.height) if region == "full" else tuple(int(part) for part in region.split(","))
        )
        w, h = min(w, full.width - x), min(h, full.height - y)
        if size == "max":
            width, height = w, h
        else:
            width, height = (int(part) for part in size.lstrip("!").split(","))
            if size.startswith("!"):
                scale = min(width / w, height / h)
                width, height = round(w * scale), round(h * scale)
        level = 0
        while w >> (level + 1) >= width and h >> (level + 1) >= height and level + 1 < full.get("n-pages"):
            level += 1
        shown = pyvips.Image.tiffload(path, page=level, access="random") if level else full
        shown = shown.crop(x >> level, y >> level, min(w >> level, shown.width), min(h >> level, shown.height))
        if (shown.width, shown.height) != (width, height):
            shown = shown.resize(width / shown.width, vscale=height / shown.height, kernel="lanczos3")
        body = shown.jpegsave_buffer(Q=85, keep="none")
        return Response(body, mimetype="image/jpeg", headers={"Access-Control-Allow-Origin": "*"})

    return app


@contextmanager
def flask_vips(pyramids: Path, images: dict[str, str]) -> Iterator[Peer]:
    """Serve pyramids with two processes of four threads."""
    port = free_port()
    command: list[str | Path] = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "4",
        "--workers", str(WORKERS), "--keep-alive", "30", "--no-control-socket", "--log-level", "warning",
        "benchmarks.peers.flask_vips:make_application()",
    ]  # fmt: skip
    log = pyramids / f"flask-{port}.log"
    own = os.environ | {FOLDER: str(pyramids), "VIPS_CONCURRENCY": "1"}
    with running(command, log, answers(port), env=own, cwd=REPOSITORY) as process:
        yield Peer("Flask + libvips", port, "/iiif/3", images, (process,), "lanczos3", log)
