"""Peers asked in turn, round after round, so that what else the machine does befalls all alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.load import Failed, Round, median, wrk_anew
from benchmarks.peers.peer import Peer

CHANCE = 0.1
"""Share by which the bodies of a round may be larger or smaller than those that were verified."""
MOST_HEADER_BYTES = 1000
"""Bytes of the header lines of an answer at most."""


@dataclass(slots=True)
class Measured:
    """What was measured of one peer: a figure for each round, its bodies, its memory in bytes at the end."""

    peer: Peer
    paths: list[str]
    mean_bytes: float
    rounds: list[Round] = field(default_factory=list)
    paced_p99: list[float] = field(default_factory=list)
    memory: int = 0

    @property
    def rate(self) -> float:
        """Median of answers a second."""
        return median([each.rate for each in self.rounds])

    @property
    def spread(self) -> float:
        """How many times as fast the best round was as the worst: 1 is calm, 2 means that chance decided."""
        rates = [each.rate for each in self.rounds]
        return max(rates) / min(rates)

    @property
    def p99(self) -> float:
        """Median of the rounds' p99 in milliseconds."""
        return median([each.p99 for each in self.rounds])


def take_turns(everybody: Sequence[Measured], number: int, seconds: float) -> None:
    """Ask each peer for so many seconds, beginning with another one in each round. Raises Failed."""
    turn = number % len(everybody)
    for each in (*everybody[turn:], *everybody[:turn]):
        found = wrk_anew(each.peer.name, each.peer.port, each.paths, seconds=seconds, seed=number + 1)
        # A body cut short would be fast: what arrives must be as large as what was verified, with its headers. Of slow
        # peers some hundred answers are compared with a sample: chance alone is within a tenth.
        least, most = (1 - CHANCE) * each.mean_bytes, (1 + CHANCE) * each.mean_bytes + MOST_HEADER_BYTES
        if not least <= found.bytes_each <= most:
            raise Failed(
                f"{each.peer.name}: {found.bytes_each:.0f} bytes an answer where bodies have {each.mean_bytes:.0f} on average"
            )
        each.rounds.append(found)


def thousands(value: float) -> str:
    """Return a figure as tables show it: `12 345`, and small ones with a decimal."""
    return f"{value:,.0f}".replace(",", " ") if value >= 100 else f"{value:.1f}"
