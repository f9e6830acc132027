"""libvips, set up once for this process. Every module of imaging takes `pyvips` from here, nobody else imports it.

One thread per process (the work is spread over processes), no cache of operations (every image is used once, and
cached handles only grow), and no warnings on the terminal: what is wrong with an image is said by our errors.
"""

import os

os.environ.setdefault("VIPS_CONCURRENCY", "1")
os.environ.setdefault("VIPS_WARNING", "1")  # its presence silences libvips; read when the library starts

# The two variables must stand before libvips starts.
import pyvips  # type: ignore[import-untyped]  # it has no types

pyvips.cache_set_max(0)
pyvips.cache_set_max_mem(0)
pyvips.cache_set_max_files(0)

__all__ = ["pyvips", "reason"]


def reason(error: Exception) -> str:
    """Return what libvips said was wrong, on one line, without its own call names."""
    detail = getattr(error, "detail", "") or str(error)
    lines = [line.strip() for line in detail.splitlines() if line.strip() and "unable to call" not in line]
    return "; ".join(dict.fromkeys(lines))[:300] or "libvips gives no reason"
