"""Which tests stay in one worker of xdist: those of a file, and all that use the sample holdings.

The fixtures of a module are then made once; the sample holdings, which take minutes, too. Tests of killing are many and
long, and share nothing: each may go where there is time.
"""

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # the wheel has no types

HOLDINGS = (
    "tests/browser/test_accessible.py",
    "tests/browser/test_keyboard.py",
    "tests/browser/test_mirador.py",
    "tests/browser/test_other_viewers.py",
    "tests/browser/test_pages.py",
    "tests/browser/test_quick.py",
    "tests/browser/test_reader.py",
    "tests/browser/test_repositories.py",
    "tests/browser/test_search.py",
    "tests/browser/test_share.py",
    "tests/conformance/oai/test_holdings.py",
    "tests/integration/test_demo.py",
    "tests/integration/test_help_examples.py",
    "tests/integration/test_published_links.py",
)
ALONE = ("tests/integration/test_kill.py",)


class ByRoom(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Gives each worker a file at a time, in the order of the files."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        if path in ALONE:
            return nodeid
        return "holdings" if path in HOLDINGS else path
