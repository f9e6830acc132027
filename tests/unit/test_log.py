import logging

import pytest

from server import log


def test_a_line_holds_moment_level_room_and_request(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("of-this-test")
    log.configure_logging(room=logger.name)
    log.configure_logging(room=logger.name)
    number = log.new_request()
    logger.warning("the page %s failed", "x")
    logger.debug("not worth a line")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f"WARNING of-this-test [{number}] the page x failed")
    assert line[:4].isdigit()


def test_each_request_has_a_number_of_its_own() -> None:
    numbers = {log.new_request() for _ in range(100)}
    assert len(numbers) == 100
    assert all(len(number) == 12 and int(number, 16) >= 0 for number in numbers)
