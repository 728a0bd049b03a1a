"""Values of the POWERMETER's fields: how the API and `custom:` write them, how they are kept.

A value is kept as the configuration file has it: an enumeration of the seed by its word, one
of the site's own by its label, a number exact, dates and times as ISO 8601 text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from meterd.config.enums import is_enum, words
from meterd.config.fields import SHIPPED, snake
from meterd.config.values import READERS, WrongValueError
from meterd.metering.calendar import iso, parse_iso
from meterd.specs import FieldSpec

TEXT_MAX: Final = 255
NOTE_MAX: Final = 4_000
"""Characters of a text, and of one of several lines."""
_LINES: Final = frozenset("\n\t")
_UNPRINTABLE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, halves of characters, and lines that no editor shows as such."""


def kept(field: FieldSpec, value: Any) -> Any:
    """A value as it is kept. Raises WrongValueError: "is not a number", and what to do."""
    return _as_shipped(field, _KINDS[field.type](field, value))


def plain_text(value: Any, *, multiline: bool = False) -> str:
    """A text that can be shown anywhere. Raises WrongValueError."""
    if not isinstance(value, str):
        raise WrongValueError("is not text", "Write it in quotes.")
    limit = NOTE_MAX if multiline else TEXT_MAX
    if len(value) > limit:
        raise WrongValueError("is too long", f"It may have up to {limit} characters.")
    for char in value:
        if not (multiline and char in _LINES) and (
            unicodedata.category(char) in _UNPRINTABLE or _is_no_character(char)
        ):
            message = f"holds the control character U+{ord(char):04X}"
            raise WrongValueError(message, "Take it out.")
    return value


def _is_no_character(char: str) -> bool:
    """The code points that Unicode keeps free for ever."""
    return ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF


def _as_shipped(field: FieldSpec, value: Any) -> Any:
    """A value of a re-typed field, as the field's own key of the file takes it."""
    shipped = SHIPPED.get(field.source)
    if shipped is None:
        return value
    if shipped.type == "enum":
        own = value if field.type == "enum" else _option(shipped, value)
        return words(snake(field.source))[shipped.options.index(own)]
    return str(value) if shipped.type in {"text", "reference"} else value


def _text(field: FieldSpec, value: Any) -> str:
    return plain_text(value, multiline=field.multiline)


def _number(_field: FieldSpec, value: Any) -> Decimal:
    if isinstance(value, str):
        raise WrongValueError("is not a number", "Write it as 0.25, without quotes or unit.")
    found: Decimal = READERS[Decimal](Decimal(str(value)) if isinstance(value, float) else value)
    return found


def _date(_field: FieldSpec, value: Any) -> str:
    found: date = READERS[date](value)
    return found.isoformat()


def _datetime(_field: FieldSpec, value: Any) -> str:
    try:
        return iso(parse_iso(value if isinstance(value, str) else ""))
    except (ValueError, OverflowError) as error:
        remedy = "Write it as 2026-01-31T12:00:00Z."
        raise WrongValueError("is no time with an offset", remedy) from error


def _reference(_field: FieldSpec, value: Any) -> str:
    """An id, or the object that has it."""
    if isinstance(value, dict) and set(value) <= {"id", "label"}:
        value = value.get("id")
    return plain_text(value)


def _option(field: FieldSpec, value: Any) -> str:
    """An option by its id, its label or both; one of the seed's by its word too. The label."""
    if isinstance(value, dict) and set(value) <= {"id", "label"}:
        both = [_option(field, part) for part in value.values()]
        if both and all(option == both[0] for option in both):
            return both[0]
    elif isinstance(value, int) and not isinstance(value, bool):
        if 0 < value <= len(field.options):
            return field.options[value - 1]
    elif isinstance(value, str):
        known = dict(zip(_words(field), field.options, strict=False))
        option = known.get(value, value)
        if option in field.options:
            return option
    told = ", ".join(f"{n} ({label})" for n, label in enumerate(field.options, 1))
    raise WrongValueError("is no option of it", f"Its ids are {told}.")


def _words(field: FieldSpec) -> tuple[str, ...]:
    """The configuration file's words for the options of the seed's enumerations."""
    key = snake(field.source)
    return words(key) if is_enum(key) and not field.added and not field.was else ()


_KINDS: Final[dict[str, Callable[[FieldSpec, Any], Any]]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "enum": _option,
    "reference": _reference,
}
