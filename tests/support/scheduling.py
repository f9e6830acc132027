"""Which tests stay in one worker of xdist, those of a file, and which come first: what takes long.

The fixtures of a module are then made once. Tests of killing are many and long, and share nothing: each may go where
there is time. The sample holdings take minutes to be made. Whoever needs them first makes them for all workers
(`tests/support/demo.py`), so one file that needs them comes first of all, and the others when they are there.
"""

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # the wheel has no types
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]  # as above

ALONE = ("tests/integration/test_kill.py",)

FIRST = (
    "tests/integration/test_demo.py",
    "tests/integration/test_kill.py",
    "tests/unit/quality/test_picture_rates.py",
    "tests/property/test_rule_histories.py",
    "tests/property/test_version_histories.py",
    "tests/integration/test_whole_path.py",
    "tests/integration/test_howto.py",
    "tests/browser/test_accessible.py",
    "tests/browser/test_share.py",
    "tests/integration/test_published_links.py",
    "tests/browser/test_mirador.py",
)
"""The longest, so that no worker is left with one of them when the others have ended."""


class ByRoom(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Gives each worker a file at a time: the longest first, the others in their order."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return nodeid if path in ALONE else path

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(min(self.workqueue, key=_place), last=False)
        super()._assign_work_unit(node)


def _place(scope: str) -> int:
    path = scope.split("::", 1)[0]
    return FIRST.index(path) if path in FIRST else len(FIRST)
