"""What an unquoted YAML scalar means: the core schema of YAML 1.2, section 10.3.

`no`, `400:5` and `2026-01-31` are text, `012` is 12, `0x1F`, `0o17` and `1e3` are numbers.
A number with a point or an exponent is a Decimal made from its own digits, never a float.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

MAX_DIGITS: Final = 64
"""A longer run of digits is text: a card number or an attack, but no quantity."""

Plain = str | int | Decimal | bool | None

_INTEGER: Final = re.compile(r"[-+]?[0-9]+\Z")
_BASED: Final = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL: Final = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def scalar(text: str) -> Plain:
    """The value of a plain scalar. `.inf` and `.nan` become Decimals that are not finite."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > MAX_DIGITS or text[0] not in "+-.0123456789":
        return text
    if _INTEGER.match(text):
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        return Decimal(text)
    return Decimal(text.replace(".", "")) if _SPECIAL.match(text) else text
