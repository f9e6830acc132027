"""Reading decisions.json, which a partner institution saves from the report (`server/quality/html.py`).

It came by e-mail: nothing in it is believed before it is checked, and what it is bound to is compared with what was
checked (`server/catalogue/reviews.py`).
"""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from server.catalogue.deliveries import Decision
from server.catalogue.reviews import Mark, Review
from server.errors import FormatError
from server.told import Told, together, told, verbatim

SCHEMA = "vitrine-decisions/1"
MAX_BYTES = 64 * 2**20
_REMEDY = told("ask for the file that the report saves, as it is")
_FAULTS = 3


def _plain(text: str) -> str:
    for letter in text:
        if (ord(letter) < 32 and letter not in "\n\r\t") or "\ud800" <= letter <= "\udfff":
            raise ValueError("holds a control character")
    return text.strip()


Plain = Annotated[str, AfterValidator(_plain)]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Delivery(_Strict):
    name: Plain = Field(max_length=1000)
    identifier: Plain = Field(max_length=300)
    digest: Digest


class _View(_Strict):
    item: Plain = Field(max_length=300)
    view: int = Field(ge=1, le=2**31 - 1)
    path: Plain = Field(max_length=4000)
    digest: Digest | Literal[""]
    mark: Literal["fine", "redo", "known", "none"]
    comment: Plain = Field(max_length=2000)


class _Decisions(_Strict):
    schema_: Literal["vitrine-decisions/1"] = Field(alias="schema")
    delivery: _Delivery
    institution: Plain = Field(max_length=80)
    by: Plain = Field(min_length=1, max_length=200)
    decision: Literal["accepted", "refused"]
    reason: Plain = Field(max_length=4000)
    views: list[_View] = Field(max_length=1_000_000)


def read_decisions(path: Path) -> Review:
    """Return what a file says. Raises FormatError that says what is wrong with it."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FormatError(path.name, told("is larger than {most:,} bytes", most=MAX_BYTES), _REMEDY)
        body = path.read_bytes()
    except OSError as error:
        raise FormatError(path.name, told("cannot be read: {strerror}", strerror=error.strerror), _REMEDY) from None
    try:
        said = _Decisions.model_validate(json.loads(body.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise FormatError(path.name, told("is not in UTF-8"), _REMEDY) from None
    except (json.JSONDecodeError, RecursionError, ValueError) as error:
        raise FormatError(
            path.name, told("is not a {schema} file: {fault}", schema=SCHEMA, fault=_fault(error)), _REMEDY
        ) from None
    places = [(view.item, view.view) for view in said.views]
    if len(set(places)) < len(places):
        raise FormatError(path.name, told("speaks twice of a view"), _REMEDY)
    accepted = said.decision == "accepted"
    return Review(
        digest=said.delivery.digest.removeprefix("sha256:"),
        name=said.delivery.name,
        # the page asks for a reason where the check found errors; without one the catalogue refuses it
        decision=Decision(accepted, said.by, said.institution, said.reason, despite_errors=accepted),
        marks=tuple(
            Mark(view.item, view.view, view.digest.removeprefix("sha256:"), view.mark, view.comment)
            for view in said.views
        ),
        source=hashlib.sha256(body).hexdigest(),
    )


def _fault(error: Exception) -> Told:
    if isinstance(error, ValidationError):
        return together(
            told(
                "{key}: {fault}",
                key=".".join(str(part) for part in fault["loc"]) or told("the whole"),
                fault=told("is missing") if fault["type"] == "missing" else verbatim(fault["msg"]),
            )
            for fault in error.errors(include_url=False, include_input=False)[:_FAULTS]
        )
    if isinstance(error, json.JSONDecodeError):
        return told("it is not JSON (line {line})", line=error.lineno)
    return verbatim(str(error)[:200]) if isinstance(error, ValueError) else told("it is nested too deep")
