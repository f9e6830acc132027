"""What the supplier's files do not say: `delivery.toml` in the delivery, and what the command line adds.

It lies at the delivery's root (beside `bagit.txt` in a bag) or at the root of the payload. What is said on the command
line wins, key by key.
"""

import re
import tomllib
from dataclasses import fields, replace

from server.delivery.folder import Folder
from server.delivery.values import Context, Parts
from server.errors import DeliveryError, FormatError
from server.model.clearance import rights_status
from server.model.description import TYPOLOGY_LABELS, Typology
from server.model.languages import iso639_2b
from server.model.rights import RightsStatus
from server.model.words import fold
from server.told import told

FILE_NAME = "delivery.toml"
_KEYS = tuple(field.name for field in fields(Context))
_LISTS = {"collections": '["a", "b"]', "brings": '["description"]'}
_MAX_BYTES = 2**16


def read_context(folder: Folder, explicit: Context) -> tuple[Context, tuple[str, ...]]:
    """Return the context of a delivery and the paths of the files that it was read from.

    Raises FormatError, with the line, for an unknown key or a value of the wrong type; DeliveryError for a typology,
    a right or a language that does not exist.
    """
    paths = tuple(dict.fromkeys(path for path in (FILE_NAME, folder.payload + FILE_NAME) if path in folder.files))
    context = Context()
    for path in reversed(paths):
        context = _over(context, _read(folder, path))
    return checked(_over(context, explicit)), paths


def checked(context: Context) -> Context:
    """Return the context in the words that we use. Raises DeliveryError naming the value that is not known."""
    typology = context.typology and find_typology(context.typology)
    if typology is None:
        raise DeliveryError(
            told(
                "typology {typology!r} is not known; choose one of {allowed}",
                typology=context.typology,
                allowed=tuple(Typology),
            )
        )
    rights = context.rights and rights_status(context.rights)
    if rights is None:
        raise DeliveryError(
            told(
                "rights {rights!r} are not known; choose one of {allowed}",
                rights=context.rights,
                allowed=tuple(RightsStatus),
            )
        )
    language = context.language and iso639_2b(context.language)
    if context.language and not language:
        raise DeliveryError(
            told("language {language!r} is not known; give an ISO 639 code such as fre", language=context.language)
        )
    for part in context.brings:
        if part not in set(Parts):
            raise DeliveryError(
                told(
                    "brings {part!r} is not known; a delivery may bring {parts} of what is held",
                    part=part,
                    parts=tuple(Parts),
                )
            )
    brings = tuple(part.value for part in Parts if part in context.brings)
    return replace(context, typology=str(typology), rights=str(rights), language=language, brings=brings)


def find_typology(said: str) -> Typology | None:
    """Return the typology of a slug or of a label in French or English, or None."""
    folded = fold(said)
    for typology in Typology:
        if folded in {fold(typology.value), *(fold(label) for label in TYPOLOGY_LABELS[typology].values())}:
            return typology
    return None


def _read(folder: Folder, path: str) -> Context:
    body = folder.read(path, max_bytes=_MAX_BYTES)
    try:
        text = body.decode("utf-8-sig")
        said = tomllib.loads(text)
    except UnicodeDecodeError:
        raise FormatError(path, told("is not in UTF-8"), told("save it in UTF-8")) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        raise FormatError(
            path,
            told("is not TOML: {error}", error=str(error)),
            told("see docs/reference/delivery-table.md"),
            int(line[1]) if line else None,
        ) from None
    values: dict[str, str | tuple[str, ...]] = {}
    for key, value in said.items():
        line_number = _line_of(text, key)
        if key not in _KEYS:
            raise FormatError(
                path,
                told("the key {key!r} is not known", key=key),
                told("keys are {keys}", keys=_KEYS),
                line_number,
            )
        if key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
                raise FormatError(
                    path,
                    told("{key} is not a list of names", key=key),
                    told("write {what}", what=f"{key} = {_LISTS[key]}"),
                    line_number,
                )
            values[key] = tuple(value)
        elif isinstance(value, str):
            values[key] = value.strip()
        else:
            raise FormatError(
                path, told("{key} is not a text", key=key), told("write {what}", what=f'{key} = "…"'), line_number
            )
    return Context(**values)  # type: ignore[arg-type]  # the keys are those of Context, the types were checked


def _over(under: Context, over: Context) -> Context:
    return replace(under, **{key: value for key in _KEYS if (value := getattr(over, key))})


def _line_of(text: str, key: str) -> int | None:
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(rf"\s*(?:\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*[=\].]", line):
            return number
    return None
