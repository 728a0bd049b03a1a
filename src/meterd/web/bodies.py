"""From what the API is sent to a meter in the words of the configuration file.

Fields are called and typed as the site's definition has them; what is ours and no field
(`connection`, `points`, ...) is written as in the file. Every mistake is told, by its field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from meterd.config.field_values import kept, plain_text
from meterd.config.fields import snake
from meterd.config.findings import Finding
from meterd.config.meters import MeterConfig
from meterd.config.values import WrongValueError
from meterd.shapes.meters import ENTITY, FIELDS, LEVEL
from meterd.specs import FieldSpec
from meterd.web.problems import Problem, guess

NAME_MAX: Final = 64
DEPTH_MAX: Final = 6
"""A point's lists are the deepest thing in a meter, and lie four levels down."""

OWN: Final = tuple(
    key for key in MeterConfig.__struct_fields__ if key not in {*map(snake, FIELDS), "custom"}
)
"""Our own keys of a meter, which are no fields of the definition."""
VIRTUAL: Final = "virtual"

_HEAD: Final[dict[str, Callable[[Any], bool]]] = {
    "entity": lambda value: value == ENTITY,
    "level": lambda value: value == LEVEL and not isinstance(value, bool),
    "comboKey": lambda value: isinstance(value, str),
}
"""What an object says beside its fields, and whether it says it rightly."""
_DEFINITIONS: Final = f"GET /v1/objects/{ENTITY}?entity=DEFINITION lists them."

Body = dict[str, Any]
Wrong = list[tuple[str, str]]


def decoded(data: bytes) -> dict[str, Any]:
    """The JSON object that was sent; its numbers are exact. Raises Problem 400."""
    try:
        found = msgspec.json.Decoder(Any, float_hook=Decimal).decode(data)
    except (msgspec.DecodeError, ValueError, ArithmeticError, RecursionError) as error:
        raise Problem(400, f"The body is no JSON that can be read: {error}.") from None
    if not isinstance(found, dict):
        raise Problem(400, 'The body is no JSON object; send {"name": "main", ...}.')
    return found


def plain(asked: Mapping[str, Any]) -> Body:
    """An object in the words of the file, as it was sent; with nothing in it that no file could
    hold. Raises Problem 422, which names the key.
    """
    body = {}
    for key, value in asked.items():
        try:
            body[key] = _plain(value)
        except WrongValueError as wrong:
            raise refused([(key, f"{wrong}. {wrong.remedy}")]) from None
    return body


def changed(asked: Mapping[str, Any], fields: Sequence[FieldSpec], before: Body) -> Body:
    """The meter as it is to be. before: as it is, {} for a new one.

    null takes a value away. Raises Problem 422, which names every field that is wrong.
    """
    codes = {field.code: field for field in fields}
    body: Body = {**before, "custom": dict(before.get("custom", {}))}
    wrong: Wrong = []
    for code, value in asked.items():
        field = codes.get(code)
        unknown = field is None and code not in _HEAD and code not in OWN
        trouble = _stranger(code, fields) if unknown else _take(body, code, value, field)
        if trouble is not None:
            wrong.append((code, trouble))
    told = {code for code, _ in wrong}
    for field in fields:
        if field.required and field.code not in told and not _says(body, field):
            wrong.append((field.code, "is required"))
    if wrong:
        raise refused(wrong)
    return {
        key: body[key]
        for key in MeterConfig.__struct_fields__
        if body.get(key) is not None and body[key] != {}
    }


def refused(wrong: Wrong) -> Problem:
    """Every field that is wrong, in words and one by one."""
    detail = "; ".join(f"{field} {trouble}".rstrip(".") for field, trouble in wrong)
    return Problem(422, detail if detail.endswith("?") else f"{detail}.", errors=wrong)


def misfits(findings: Iterable[Finding], fields: Sequence[FieldSpec]) -> Problem:
    """What the configuration's own checks have found in a meter."""
    codes = {snake(field.source): field.code for field in fields if not field.added}
    codes |= {f"custom.{field.source}": field.code for field in fields if field.added}
    wrong = []
    for finding in findings:
        key = codes.get(finding.path) or finding.path or "name"
        wrong.append((key, f"{finding.message}. {finding.remedy}".strip()))
    detail = " ".join(f"{field}: {trouble}" for field, trouble in wrong)
    return Problem(422, detail, errors=wrong)


def _stranger(code: str, fields: Sequence[FieldSpec]) -> str:
    """What is wrong with a name that is no field: another was meant, or it was renamed."""
    renamed = next((f" It is {field.code} here." for field in fields if field.source == code), "")
    near = renamed or guess(code, [*OWN, *(field.code for field in fields)])
    return f"is no field.{near} {_DEFINITIONS}"


def _take(body: Body, code: str, value: Any, field: FieldSpec | None) -> str | None:
    """Put one value where it belongs; what is wrong with it, or None."""
    if code in _HEAD:
        return None if _HEAD[code](value) else f"is not that of a {ENTITY}"
    try:
        if field is None:
            body[code] = None if value is None else _plain(value)
        else:
            _set(body, field, value)
    except WrongValueError as wrong:
        return f"{wrong}. {wrong.remedy}"
    return None


def _set(body: Body, field: FieldSpec, value: Any) -> None:
    """Raises WrongValueError."""
    if field.readonly:
        raise WrongValueError("is read-only", "It is measured, and nobody can write it.")
    key = snake(field.source)
    if key == "name":
        value = _name(value, body.get("name"))
    elif key == "protocol" and value == VIRTUAL:
        pass  # no protocol of the seed's, and yet what the file has here
    elif value is not None:
        value = kept(field, value)
    target = body["custom"] if field.added else body
    target[field.source if field.added else key] = value
    if value is None:
        del target[field.source if field.added else key]


def _name(value: Any, before: str | None) -> str:
    if before is not None and value != before:
        remedy = "Its history is kept under it; make another meter."
        raise WrongValueError("is what the meter is known by, and stays", remedy)
    if len(plain_text(value)) > NAME_MAX:
        raise WrongValueError("is too long", f"It may have up to {NAME_MAX} characters.")
    return str(value)


def _says(body: Body, field: FieldSpec) -> bool:
    return field.source in body["custom"] if field.added else snake(field.source) in body


def _plain(value: Any, depth: int = 0) -> Any:
    """A value of our own keys, with nothing in it that no file could hold."""
    if depth > DEPTH_MAX:
        raise WrongValueError("is nested too deeply", "Write it as the file has it.")
    if isinstance(value, dict):
        return {plain_text(key): _plain(child, depth + 1) for key, child in value.items()}
    if isinstance(value, list):
        return [_plain(child, depth + 1) for child in value]
    return plain_text(value) if isinstance(value, str) else value
