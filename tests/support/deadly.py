"""A stand-in for the work of a worker process that some masters kill, as one that takes all memory does."""

import os
import signal

from server.ingest import workers
from server.ingest.views import FinishedView, ViewTask

_honest_work = workers._work


def deadly_work(task: ViewTask) -> FinishedView:
    """Make a view, or be killed by a master that is called deadly."""
    if task.master.name.startswith("deadly"):
        os.kill(os.getpid(), signal.SIGKILL)
    return _honest_work(task)
