"""Resumption tokens (OAI-PMH 2.0 §3.5): stateless and signed, so any machine takes them, before and after a restart.

A token holds verb, repository, format, set, the two places in the publication sequence between which the list lies (the
request's `from` and `until` became them at the first page), the place reached, the size of the whole list, the records
delivered so far, and when it expires. It is base64url of compact JSON behind an HMAC-SHA256: letters, digits, `-` and
`_` only, so nothing in it is ever escaped. A token may be used again: it always stands for the same place.

A random number names the harvest that the token belongs to, for the log of harvests; tokens that an earlier version of
this software gave have none, and stay good.
"""

import base64
import hashlib
import hmac
import json
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from server.oai.errors import BadToken
from server.oai.sentences import fault

_PURPOSE = b"vitrine oai-pmh resumption token 1\0"
_SIGNATURE = 16
_LONGEST = 1500


@dataclass(frozen=True, slots=True)
class Position:
    """Where a list goes on. `after` is a publication sequence, or a setSpec for ListSets; `expires` in seconds since 1970.

    `first` and `upto` bound the list: after the first, up to and with the second.
    """

    verb: str
    repository: str
    prefix: str
    spec: str
    first: int
    upto: int
    after: int | str
    size: int
    cursor: int
    expires: int
    harvest: str = ""

    @property
    def expiration(self) -> datetime:
        """The moment until which the token is good."""
        return datetime.fromtimestamp(self.expires, UTC)


def write_token(position: Position, keys: Sequence[str]) -> str:
    """Return the token of a position, signed with the newest key."""
    fields = [
        position.verb,
        position.repository,
        position.prefix,
        position.spec,
        position.first,
        position.upto,
        position.after,
        position.size,
        position.cursor,
        position.expires,
        position.harvest,
    ]
    payload = json.dumps(fields, separators=(",", ":"), ensure_ascii=True).encode()
    return base64.urlsafe_b64encode(_sign(payload, keys[0]) + payload).rstrip(b"=").decode()


def read_token(token: str, verb: str, repository: str, keys: Sequence[str], now: datetime) -> Position:
    """Return the position that a token stands for; any of the keys may have signed it.

    Raises BadToken where it is not ours, was changed, is for another verb or repository, or has expired.
    """
    payload = _verified(token, keys)
    if payload is None:
        raise _bad("foreign token")
    position = Position(*json.loads(payload))
    if position.verb != verb:
        raise _bad("token of a verb", theirs=position.verb, verb=verb)
    if position.repository != repository:
        raise _bad("token of a repository")
    if position.expires <= now.timestamp():
        raise _bad("token expired", moment=f"{position.expiration:%Y-%m-%dT%H:%M:%SZ}")
    return position


def _bad(which: str, **values: object) -> BadToken:
    return BadToken([fault("badResumptionToken", which, **values)])


def _verified(token: str, keys: Sequence[str]) -> bytes | None:
    if len(token) > _LONGEST or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (NotBase64, ValueError):
        return None
    signature, payload = raw[:_SIGNATURE], raw[_SIGNATURE:]
    known = [hmac.compare_digest(signature, _sign(payload, key)) for key in keys]
    # the same bytes written in another way (spare bits of the last letter) are not the token that we gave
    if not any(known) or base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        return None
    return payload


def _sign(payload: bytes, key: str) -> bytes:
    return hmac.new(key.encode(), _PURPOSE + payload, hashlib.sha256).digest()[:_SIGNATURE]
