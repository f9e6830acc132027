"""How this process asks the system for memory, said before anything large is imported.

glibc gives each thread a heap of its own and keeps what is freed: a worker that renders in threads then grows for days.
With two heaps, large blocks mapped one by one, and what is free given back, it stays as small as its work. Four megabytes
of each heap are kept: what a page of records frees, the next one takes, and the system need not clear it each time.
"""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
"""Parameters of mallopt(3)."""


def keep_small() -> None:
    """Set the allocator of this process and of those it forks. It counts only while no thread has begun."""
    with suppress(OSError, AttributeError):  # another C library has its own ways
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_ARENA_MAX, 2)
        mallopt(_MMAP_THRESHOLD, 2**20)
        mallopt(_TRIM_THRESHOLD, 2**22)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Look for no cycles in the block: among millions of values that make none it takes most of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
