"""Writing reports to files: whole or not at all."""

import os
import secrets
from dataclasses import replace
from pathlib import Path

import click

from server.delivery.values import Delivery
from server.errors import DeliveryError
from server.quality.checking import Report
from server.quality.comparison import Comparison
from server.quality.earlier import make_earlier, room_before
from server.quality.examine import Progress
from server.quality.html import About, to_html
from server.quality.pictures import Kept, make_pictures
from server.quality.rates import show_rates
from server.told import told
from server.workshop import Workshop

FILE = click.Path(dir_okay=False, path_type=Path)
FRAME_BYTES = 250_000
"""What a page weighs without pictures and findings."""
VIEW_BYTES = 1_000
"""What a view weighs without its pictures."""


def write_page(
    path: Path,
    delivery: Delivery,
    report: Report,
    about: About,
    comparison: Comparison | None,
    *,
    room: int,
    tools: Workshop,
    progress: Progress,
) -> None:
    """Write the HTML report: pictures in what the words leave of `room` bytes. Raises DeliveryError."""
    must_be_writable(path)
    words = FRAME_BYTES + VIEW_BYTES * report.views + sum(5 * len(found.message) + 300 for found in report.findings)
    left = max(0, room - words)
    was = comparison.was if comparison else {}
    before = room_before(was, left)
    about = replace(about, before=make_earlier(was, tools, before))
    pictures = make_pictures(
        delivery,
        report.findings,
        room=left - before,
        max_pixels=tools.settings.max_master_pixels,
        processes=tools.settings.processes,
        progress=progress,
        kept=Kept(tools.settings.home_dir),
    )
    write_whole(path, to_html(report, delivery, show_rates(report), pictures, about))


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file under a name of its own, then give it its name. Raises DeliveryError where it cannot be written."""
    must_be_writable(path)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        fresh.replace(path)
    except OSError as error:
        raise DeliveryError(
            told("{path}: cannot be written: {strerror}; choose another place", path=str(path), strerror=error.strerror)
        ) from None
    finally:
        fresh.unlink(missing_ok=True)


def must_be_writable(path: Path) -> None:
    """Raise DeliveryError where the folder of a file is not there or may not be written to."""
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise DeliveryError(
            told("{path}: its folder is not there or may not be written to; choose another place", path=str(path))
        )
