"""The rule for skips, tried in a pytest of its own."""

import pytest

from tests.support import skips


def run(pytester: pytest.Pytester, source: str) -> pytest.RunResult:
    pytester.makepyfile(f"import pytest\nfrom tests.support import skips\n{source}")
    return pytester.runpytest_inprocess(
        "-p", "tests.support.skips", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"
    )


def test_a_run_without_skips_passes(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(): pass")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["Not run: nothing*"])


def test_an_allowed_skip_is_counted_and_named(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(skips.ALLOWED, skips.NO_SHARED, lambda: True)
    result = run(pytester, "def test_it(): skips.skip(skips.NO_SHARED)\ndef test_other(): skips.skip(skips.NO_SHARED)")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines([f"Not run: 2 tests: {skips.NO_SHARED}"])


def test_an_allowed_reason_that_is_not_true_fails(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(skips.ALLOWED, skips.NO_SHARED, lambda: False)
    result = run(pytester, "def test_it(): skips.skip(skips.NO_SHARED)")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"NOT ALLOWED to skip: *test_it: {skips.NO_SHARED}"])


FORBIDDEN = """
import pytest

def test_call(): pytest.skip('no time')

@pytest.mark.skip(reason='no time')
def test_mark(): pass

@pytest.mark.skipif(True, reason='no time')
def test_condition(): pass

@pytest.mark.xfail(reason='no time')
def test_expected_failure(): assert False

@pytest.mark.xfail(reason='no time')
def test_unexpected_success(): pass

def test_xfail_call(): pytest.xfail('no time')

@pytest.fixture
def late(): pytest.skip('no time')

def test_fixture(late): pass
"""


def test_any_other_skip_fails_the_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_functions=FORBIDDEN,
        test_module="import pytest\npytest.skip('no time', allow_module_level=True)",
        test_import="import pytest\npytest.importorskip('nowhere_to_be_found')",
    )
    result = run(pytester, "def test_it(): pass")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    refused = {
        line.removeprefix("NOT ALLOWED to skip: ").split(": ")[0].split("::")[-1]
        for line in result.outlines
        if line.startswith("NOT ALLOWED")
    }
    tests = {f"test_{name}" for name in ("call", "mark", "condition", "expected_failure", "xfail_call", "fixture")}
    assert refused == tests | {"test_unexpected_success", "test_module.py", "test_import.py"}


def test_a_module_that_skips_itself_is_enough_to_fail(pytester: pytest.Pytester) -> None:
    result = run(pytester, "pytest.skip('no time', allow_module_level=True)")
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_failure_stays_a_failure(pytester: pytest.Pytester) -> None:
    assert run(pytester, "def test_it(): assert 1 == 2").ret == pytest.ExitCode.TESTS_FAILED


def test_an_unknown_reason_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no allowed reason"):
        skips.skip("no time")


def test_the_workers_of_xdist_report_to_the_rule(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\ndef test_it(): pytest.skip('no time')")
    result = pytester.runpytest_subprocess("-p", "tests.support.skips", "-n", "1", "-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["NOT ALLOWED to skip: *test_it: no time"])
