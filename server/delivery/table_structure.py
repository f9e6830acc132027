"""The column `structure` of an items table: `label @ first view`, entries in the order of the views.

An entry runs to the view before the next entry; a label that begins with `- ` is inside the one before it.
"""

import re

from server.delivery.rules import Notes
from server.model.structure import Range, Target
from server.told import told

_DEPTH = re.compile(r"(?:-\s+)*")
_VIEW = re.compile(r"f?(\d{1,6})")


def read_structure(entries: tuple[str, ...], count: int, notes: Notes) -> tuple[Range, ...]:
    """Return the ranges of a document with `count` views; entries that are not understood are noted and left out."""
    read: list[tuple[int, str, int]] = []
    for entry in entries:
        before, _, after = entry.rpartition("@")
        view = _VIEW.fullmatch(after.strip())
        depth = _DEPTH.match(before)
        label = before[depth.end() :].strip() if depth else ""
        if not view or not depth or not label or not 1 <= int(view[1]) <= count:
            notes.add(
                "range-target-unknown",
                told(
                    "the structure entry {entry!r} is not `label @ view` with a view from 1 to {count}",
                    entry=entry[:80],
                    count=count,
                ),
            )
            continue
        read.append((depth[0].count("-"), label, int(view[1])))
    return _nest(read, count)


def _nest(entries: list[tuple[int, str, int]], last: int) -> tuple[Range, ...]:
    ranges = []
    position = 0
    while position < len(entries):
        depth, label, view = entries[position]
        end = next((i for i in range(position + 1, len(entries)) if entries[i][0] <= depth), len(entries))
        # the next entry may begin on the view where this one ends
        until = max(view, entries[end][2] - 1) if end < len(entries) else max(view, last)
        children = _nest(entries[position + 1 : end], until)
        targets = tuple(Target(number) for number in range(view, until + 1))
        ranges.append(Range("section", label, None, targets, children))
        position = end
    return tuple(ranges)
