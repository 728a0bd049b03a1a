"""BACnet's names for object types and properties, and their numbers (ASHRAE 135, clause 21).

A type or property that is not here, a vendor's own included, is written as its number.
"""

from __future__ import annotations

import re
from typing import Final

OBJECT_TYPES: Final[dict[str, int]] = {
    "analog-input": 0,
    "analog-output": 1,
    "analog-value": 2,
    "averaging": 18,
    "binary-input": 3,
    "binary-output": 4,
    "binary-value": 5,
    "device": 8,
    "loop": 12,
    "multi-state-input": 13,
    "multi-state-output": 14,
    "multi-state-value": 19,
    "trend-log": 20,
    "accumulator": 23,
    "pulse-converter": 24,
    "load-control": 28,
    "characterstring-value": 40,
    "integer-value": 45,
    "large-analog-value": 46,
    "positive-integer-value": 48,
    "lighting-output": 54,
    "network-port": 56,
    "timer": 31,
}
PROPERTIES: Final[dict[str, int]] = {
    "adjust-value": 176,
    "average-value": 125,
    "count": 177,
    "cov-increment": 22,
    "description": 28,
    "device-type": 31,
    "firmware-revision": 44,
    "high-limit": 45,
    "local-date": 56,
    "local-time": 57,
    "log-buffer": 131,
    "low-limit": 59,
    "max-apdu-length-accepted": 62,
    "max-pres-value": 65,
    "maximum-value": 135,
    "min-pres-value": 69,
    "minimum-value": 136,
    "model-name": 70,
    "object-list": 76,
    "object-name": 77,
    "out-of-service": 81,
    "polarity": 84,
    "prescale": 185,
    "present-value": 85,
    "pulse-rate": 186,
    "reliability": 103,
    "resolution": 106,
    "scale": 187,
    "scale-factor": 188,
    "serial-number": 372,
    "status-flags": 111,
    "units": 117,
    "value-before-change": 190,
    "value-change-time": 192,
    "value-set": 191,
    "vendor-name": 121,
}
REAL_TYPES: Final = frozenset({0, 1, 2, 18, 24})
"""Object types whose present value is a REAL: a float32."""
INSTANCE_MAX: Final = 4_194_302
"""The highest instance of an object or device; the next means "any"."""

_OBJECT: Final = re.compile(r"([a-z0-9-]+)[,:]([0-9]{1,7})\Z")
_NAMES: Final = {number: name for name, number in OBJECT_TYPES.items()}
TYPES_MAX: Final = 1024
"""Object types are ten bits wide."""


def object_id(text: str) -> tuple[int, int] | None:
    """`analog-input,3` as (type, instance); None for what is none."""
    match = _OBJECT.match(text)
    if match is None:
        return None
    word, instance = match[1], int(match[2])
    kind = int(word) if word.isdecimal() else OBJECT_TYPES.get(word, TYPES_MAX)
    return (kind, instance) if kind < TYPES_MAX and instance <= INSTANCE_MAX else None


def object_name(oid: tuple[int, int]) -> str:
    """(0, 3) as `analog-input,3`."""
    return f"{_NAMES.get(oid[0], oid[0])},{oid[1]}"


def property_id(text: str) -> int | None:
    """`present-value` or 85 as 85; None for what is none."""
    return int(text) if text.isdecimal() and len(text) < 8 else PROPERTIES.get(text)


def is_real(text: str | None) -> bool:
    """Whether an object as the file writes it counts in float32."""
    oid = object_id(text or "")
    return oid is not None and oid[0] in REAL_TYPES
