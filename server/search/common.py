"""The commonest words of French, folded, and the pairs of them that are stored as words of their own.

A phrase of two common words (`de la`) is on so many views that looking for both words narrows nothing. So each pair of
neighbours that are both in this list is stored too: a phrase is then found by its rarest part. The list may grow only
together with `server.search.write.RECIPE`. Pure.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

MARK = "_"
"""Begins what is no word; no folded word holds it."""

COMMON = frozenset(
    """
    a ai ainsi apres au aussi autre aux avait avec avoir ayant bien bon c ce cela celle celui ces cet cette ceux chez comme
    contre d dans de depuis des deux dire dit dont du elle elles en encore entre est et etait etaient ete etre eux fait
    faire fut grand grande homme hommes il ils j je jour jusque l la le les leur leurs lorsque lui m ma mais me meme mieux
    moi moins mon monsieur n ne ni nous o on ont or ou par pas peu peut plus point pour puis qu quand que quelque quelques
    qui quoi rien s sa sans se sera ses si son sont sous sur t temps tous tout toute toutes tres trois tu un une vers vos
    votre vous y
    """.split()  # noqa: SIM905  # a list of words is read as one
)


def pairs(words: Sequence[str]) -> Iterable[str]:
    """Return what stands for each pair of neighbours that are both common."""
    return (f"{MARK}{one}{MARK}{other}" for one, other in pairwise(words) if one in COMMON and other in COMMON)
