"""The POWERMETER definition as people see it, and a meter's fields as it wants them shown.

Source: seed 000: "GET the DEFINITION object whose id matches POWERMETER".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from math import isfinite
from typing import Any, Final

from meterd.metering.calendar import iso, parse_iso
from meterd.specs import FieldSpec


def field_row(field: FieldSpec) -> dict[str, Any]:
    """A field of the DEFINITION object.

    original: what seed 000 calls it, where the site calls it otherwise."""
    shown: dict[str, Any] = {
        "code": field.code,
        "label": field.label,
        "type": field.type,
        "panel": field.panel,
        "required": field.required,
        "readonly": field.readonly,
    }
    if field.code != field.source:
        shown["original"] = field.source
    if field.multiline:
        shown["multiline"] = True
    if field.options:
        shown["options"] = [{"id": n, "label": label} for n, label in enumerate(field.options, 1)]
    if field.target:
        shown["reference"] = field.target
    return shown


def defined(
    values: Mapping[str, Any], fields: Sequence[FieldSpec], shipped: Iterable[str]
) -> dict[str, Any]:
    """A meter's values, by the names and types of the definition and in its order.

    values: by the names they have without any change. What is neither a field of the
    definition nor one of those that are `shipped` follows as it is.
    """
    shown = {field.code: converted(field, values.get(field.source)) for field in fields}
    known = {*shipped, *(field.source for field in fields)}
    return shown | {name: value for name, value in values.items() if name not in known}


def converted(field: FieldSpec, value: Any) -> Any:
    """A value as a re-typed field shows it; None where it does not fit the type."""
    if value is None or not field.was:
        return value
    try:
        return _CONVERSIONS[field.type](field, value)
    except ValueError:
        return None


def _text(_field: FieldSpec, value: Any) -> str:
    return str(value["label"] if isinstance(value, dict) else value)


def _number(_field: FieldSpec, value: Any) -> int | float:
    number = float(value)
    if not isfinite(number):
        raise ValueError(f"{value!r} has no end")
    return int(number) if number.is_integer() else number


def _enum(field: FieldSpec, value: Any) -> dict[str, Any]:
    return {"id": field.options.index(value) + 1, "label": value}


_CONVERSIONS: Final[dict[str, Callable[[FieldSpec, Any], Any]]] = {
    "text": _text,
    "number": _number,
    "date": lambda _field, value: date.fromisoformat(value).isoformat(),
    "datetime": lambda _field, value: iso(parse_iso(value)),
    "enum": _enum,
    "reference": _text,
}
