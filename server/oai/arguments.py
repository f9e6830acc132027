"""The arguments of an OAI-PMH request (OAI-PMH 2.0 §3.1, §3.3, §3.6): strict, and telling every fault at once.

Which argument belongs to which verb is the toolkit's table (`oaipmh.validation`). No I/O; must not import flask.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from oaipmh.validation import ResumptionValidationSpec  # type: ignore[import-untyped]  # it ships no types

from server.oai.errors import BAD_ARGUMENT, BAD_VERB, BadToken, OaiError, Refused
from server.oai.formats.xml import is_uri, without_controls
from server.oai.sentences import fault

VERBS = ("Identify", "ListMetadataFormats", "ListSets", "ListIdentifiers", "ListRecords", "GetRecord")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_PREFIX = re.compile(r"[A-Za-z0-9_.!~*'()-]+")
_SET = re.compile(r"[A-Za-z0-9_.!~*'()-]+(?::[A-Za-z0-9_.!~*'()-]+)*")
_MAX_FIELDS = 100
_LONGEST = 2000
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Request:
    """A well-formed request: `since` and `until` are datestamps (seconds since 1970), both inclusive.

    `echo` holds verb and arguments exactly as they were sent.
    """

    verb: str
    echo: dict[str, str] = field(default_factory=dict)
    identifier: str = ""
    prefix: str = ""
    spec: str = ""
    since: int | None = None
    until: int | None = None
    token: str = ""


def decode_arguments(encoded: bytes) -> list[tuple[str, str]]:
    """Return the names and values of a query or form. Bytes that are no UTF-8 stay as they are: no argument takes them."""
    try:
        text = encoded.decode("utf-8", "surrogateescape")
        return parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=_MAX_FIELDS)
    except ValueError:
        return [("", f"more than {_MAX_FIELDS} arguments")]


def parse_request(pairs: Sequence[tuple[str, str]]) -> Request:
    """Return the request that names and values make, in the order in which they came. Raises Refused with every fault."""
    verb = _verb([value for name, value in pairs if name == "verb"])
    sent = {name: value for name, value in pairs if name != "verb"}
    faults = [
        _bad("repeated", name=_shown(name), times=times)
        for name, times in Counter(n for n, _ in pairs).items()
        if times > 1
    ]
    faults.extend(_set_faults(verb, sent))
    since, until = _dates(sent, faults)
    if not _PREFIX.fullmatch(sent.get("metadataPrefix", "oai_dc")):
        faults.append(_bad("prefix", prefix=_shown(sent["metadataPrefix"])))
    if not _SET.fullmatch(sent.get("set", "type")):
        faults.append(_bad("set", spec=_shown(sent["set"])))
    faults.extend(
        _bad("too long", name=_shown(name), longest=_LONGEST) for name, value in sent.items() if len(value) > _LONGEST
    )
    if sent.get("identifier") and not is_uri(sent["identifier"]):
        # `<request>` could not repeat it: its attribute is a URI (OAI-PMH.xsd, identifierType)
        faults.append(_bad("identifier", identifier=_shown(sent["identifier"])))
    for name in ("identifier", "resumptionToken"):
        if sent.get(name) == "":
            faults.append(_bad("empty", name=name))
    if faults:
        raise Refused(faults)
    if (token := sent.get("resumptionToken", "")) != without_controls(token):
        # `<request>` could not repeat it either
        raise BadToken([fault("badResumptionToken", "no token", token=_shown(token))])
    return Request(
        verb=verb,
        echo={"verb": verb, **sent},
        identifier=sent.get("identifier", ""),
        prefix=sent.get("metadataPrefix", ""),
        spec=sent.get("set", ""),
        since=since,
        until=until,
        token=sent.get("resumptionToken", ""),
    )


def _verb(verbs: Sequence[str]) -> str:
    if not verbs:
        raise Refused([fault(BAD_VERB, "verb missing", verbs=", ".join(VERBS))])
    if len(verbs) > 1:
        raise Refused([fault(BAD_VERB, "verb repeated")])
    if verbs[0] not in VERBS:
        raise Refused([fault(BAD_VERB, "no verb", verb=_shown(verbs[0]), verbs=", ".join(VERBS))])
    return verbs[0]


def _set_faults(verb: str, sent: dict[str, str]) -> list[OaiError]:
    """What the toolkit's table says of the names: unknown, exclusive and not alone, required and missing."""
    table: dict[str, str] = {name.rstrip("_"): rule for name, rule in getattr(ResumptionValidationSpec, verb).items()}
    faults = [_bad("unknown", verb=verb, name=_shown(name)) for name in sent if name not in table]
    exclusive = next((name for name, rule in table.items() if rule == "exclusive"), None)
    if exclusive in sent:
        if len(sent) > 1:
            faults.append(_bad("exclusive", name=exclusive))
        return faults
    faults.extend(
        _bad("required", verb=verb, name=name)
        for name, rule in table.items()
        if rule == "required" and name not in sent
    )
    return faults


def _dates(sent: dict[str, str], faults: list[OaiError]) -> tuple[int | None, int | None]:
    found: dict[str, datetime] = {}
    for name in ("from", "until"):
        if name in sent:
            moment = _moment(sent[name])
            if moment is None:
                faults.append(_bad("date", name=name, date=_shown(sent[name])))
            else:
                found[name] = moment
    if len(found) == 2:
        if len(sent["from"]) != len(sent["until"]):
            faults.append(_bad("granularities"))
        elif found["from"] > found["until"]:
            faults.append(_bad("turned", since=sent["from"], until=sent["until"]))
    if "until" in found and _DAY.fullmatch(sent["until"]):
        # a day ends with its last second (§2.7.1: until is inclusive)
        found["until"] += timedelta(hours=23, minutes=59, seconds=59)
    seconds = {name: int(moment.timestamp()) for name, moment in found.items()}
    return seconds.get("from"), seconds.get("until")


def _moment(text: str) -> datetime | None:
    try:
        if _DAY.fullmatch(text):
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        if _SECOND.fullmatch(text):
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return None


def _bad(which: str, **values: object) -> OaiError:
    return fault(BAD_ARGUMENT, which, **values)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
