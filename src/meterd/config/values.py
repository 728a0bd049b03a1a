"""The kinds of single values that a configuration holds, and how each is read.

A kind is a plain type with a note for the walker (`read.py`) and for the JSON Schema: a
Duration is an int of milliseconds, a Ratio keeps its text. Reading raises WrongValueError,
to which the walker adds the value as the file has it, or less if that is secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Final

from msgspec import Meta

from meterd.config.scalars import Plain

MAX_DECIMAL_PLACES: Final = 30
"""Of a number, before and after the point: no scale or price needs more."""
MAX_CONTENT_BYTES: Final = 32 << 20
"""Of a file that the configuration draws in: a year of prices every five minutes has 4 MiB."""
MAX_DURATION_MS: Final = 100 * 366 * 86_400_000

_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
_TITLE: Final = r"^[A-Za-z0-9][A-Za-z0-9_. -]*$"
_UNITS_MS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
DURATION: Final = r"^[0-9]{1,12}(ms|s|m|h|d)$"
RATIO: Final = r"^[0-9]{1,9}(\.[0-9]{1,6})?:[0-9]{1,9}(\.[0-9]{1,6})?$"

ScalePoint = str | tuple[str, ...] | None
"""Of the same meter: what holds the power of ten, or several things, whose powers add up."""


def holders(said: ScalePoint) -> tuple[str, ...]:
    """The quantities that hold a point's power of ten."""
    return (said,) if isinstance(said, str) else said or ()


def _kind(name: str, **schema: Any) -> Meta:
    return Meta(extra={"kind": name}, extra_json_schema={"x-kind": name, **schema})


Duration = Annotated[int, _kind("duration", pattern=DURATION, examples=["500ms", "10s", "5m"])]
"""Milliseconds, written 500ms, 10s, 5m, 1h or 7d."""
Ratio = Annotated[str, _kind("ratio", pattern=RATIO, examples=["400:5"])]
"""A transformer's ratio, written 400:5; `ratio_of` gives the number."""
Own = Annotated[Any, _kind("own")]
"""A value of a field of the site's own; the definition says what it must be."""
FilePath = Annotated[str, _kind("file")]
"""A path; a relative one starts at the configuration's folder."""
Content = Annotated[str, _kind("content")]
"""A path as above; the value is the text of the file, read with the configuration."""
Name = Annotated[
    str,
    Meta(
        pattern=_NAME,
        extra={"remedy": "Use letters, digits, _ . and -, with a letter or digit first."},
    ),
]
Title = Annotated[
    str,
    Meta(
        pattern=_TITLE,
        extra={"remedy": "Use letters, digits, blanks, _ . and -, a letter or digit first."},
    ),
]
TimeOfDay = Annotated[
    str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", extra={"remedy": "Write it as 03:00."})
]
Currency = Annotated[
    str, Meta(pattern=r"^[A-Z]{3}$", extra={"remedy": "Write its ISO 4217 code, as in EUR."})
]
Port = Annotated[int, Meta(ge=1, le=65535)]
Positive = Annotated[Decimal, Meta(extra={"gt": 0})]
NotNegative = Annotated[Decimal, Meta(extra={"ge": 0})]
NonZero = Annotated[Decimal, Meta(extra={"not": 0})]
Percent = Annotated[Decimal, Meta(extra={"ge": 0, "le": 100})]
LoadPercent = Annotated[Decimal, Meta(extra={"gt": 0, "le": 200})]
"""Of a rated capacity, which a load may exceed."""
Factor = Annotated[Decimal, Meta(extra={"ge": 0, "le": 1})]
"""A power factor."""


class WrongValueError(ValueError):
    """A value of the wrong kind: "is no date", with the remedy as a sentence."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def ratio_of(text: str | None) -> Fraction:
    """What 400:5 multiplies by; 1 without a ratio."""
    if text is None:
        return Fraction(1)
    primary, secondary = text.split(":")
    return Fraction(primary) / Fraction(secondary)


def duration_text(duration_ms: int) -> str:
    """A duration as the file writes it, in the largest unit that is whole."""
    fitting = [unit for unit, length in _UNITS_MS.items() if duration_ms % length == 0]
    return f"{duration_ms // _UNITS_MS[fitting[-1]]}{fitting[-1]}"


def _text(value: Plain) -> str:
    if isinstance(value, str):
        return value
    raise WrongValueError("is not text here", "Put it in quotes.")


def _whole(value: Plain) -> int:
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 20:
        value = int(value) if value == int(value) else value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise WrongValueError("is not a whole number", "Write digits only, without quotes or unit.")


def _flag(value: Plain) -> bool:
    if isinstance(value, bool):
        return value
    raise WrongValueError("is neither true nor false", "Write true or false.")


def _decimal(value: Plain) -> Decimal:
    if isinstance(value, str) and re.fullmatch(r"[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?", value):
        value = Decimal(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise WrongValueError("is not a number", "Write it as 0.25, without a unit.")
    exponent = value.as_tuple().exponent
    if value.adjusted() >= MAX_DECIMAL_PLACES or int(exponent) < -MAX_DECIMAL_PLACES:
        raise WrongValueError("is out of all range", f"Stay within {MAX_DECIMAL_PLACES} places.")
    return value


def _duration(value: Plain) -> int:
    if isinstance(value, str) and (match := re.match(DURATION, value)):
        unit = match.group(1)
        length_ms = int(value.removesuffix(unit)) * _UNITS_MS[unit]
        if length_ms <= MAX_DURATION_MS:
            return length_ms
        raise WrongValueError("is longer than a hundred years", "Write a shorter time.")
    remedy = "Write a whole number and a unit, as in 500ms, 10s, 5m, 1h or 7d."
    raise WrongValueError("is no length of time", remedy)


def _ratio(value: Plain) -> str:
    if isinstance(value, str) and re.match(RATIO, value):
        sides = value.split(":")
        if all(Fraction(side) > 0 for side in sides):
            return value
    raise WrongValueError("is no ratio", 'Write primary:secondary, as in "400:5".')


def _date(value: Plain) -> date:
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError as error:
        raise WrongValueError("is not in the calendar", "Correct the date.") from error
    raise WrongValueError("is no date", "Write it as 2026-01-31.")


READERS: Final[dict[object, Callable[[Plain], Any]]] = {
    str: _text,
    int: _whole,
    bool: _flag,
    Decimal: _decimal,
    date: _date,
    "duration": _duration,
    "ratio": _ratio,
    "file": _text,
    "content": _text,
    "own": lambda value: value,
}
"""Type or kind -> how its value is read."""
