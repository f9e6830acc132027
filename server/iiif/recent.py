"""Answers that were just given, kept in this worker for a moment: a class that opens one manifest asks the catalogue once.

Never kept longer than a part of what the server promises about age (`VITRINE_IMAGE_MAX_AGE`), so that who asks after
that time sees a withdrawal. Used on the event loop only. Must not import flask.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

MOST_SECONDS_KEPT = 2.0
MOST_BYTES_KEPT = 16 * 2**20

Key = TypeVar("Key")
Answer = TypeVar("Answer")


class Recent(Generic[Key, Answer]):
    """The last answers by what was asked. `seconds` is how long one is good, counted from before it was looked for."""

    def __init__(
        self, seconds: float, most_bytes: int = MOST_BYTES_KEPT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._most_bytes, self.now = seconds, most_bytes, clock
        self._kept: OrderedDict[Key, tuple[float, int, Answer]] = OrderedDict()
        self.size = 0
        """Bytes of all that is kept."""

    def get(self, key: Key) -> Answer | None:
        """Return an answer that is still good."""
        found = self._kept.get(key)
        if found is None:
            return None
        if found[0] <= self.now():
            self._forget(key)
            return None
        return found[2]

    def keep(self, key: Key, answer: Answer, size: int, asked: float) -> None:
        """Keep an answer of `size` bytes that was looked for since `asked`; the oldest make room."""
        self._forget(key)
        if size > self._most_bytes // 4 or asked + self._seconds <= self.now():
            return
        self._kept[key] = (asked + self._seconds, size, answer)
        self.size += size
        while self.size > self._most_bytes:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: Key) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self.size -= found[1]
