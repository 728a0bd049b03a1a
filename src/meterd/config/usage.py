"""The usage of a record: one counter of one meter.

    usage: water_1.volume
    usage: meter("rack-12").energy_import

What is more than that is an expression, and not built yet.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import msgspec

_QUOTED: Final = re.compile(
    r"""\s*meter\(\s*(["'])(?P<meter>[^"']+)\1\s*\)\.(?P<quantity>\w+)\s*\Z"""
)
_PLAIN: Final = re.compile(r"\s*(?P<meter>[A-Za-z0-9][\w.-]*)\.(?P<quantity>[a-z]\w*)\s*\Z")


class Usage(msgspec.Struct, frozen=True):
    """A counter."""

    meter: str
    quantity: str


def parse_usage(text: str, meters: Collection[str]) -> Usage | None:
    """The counter a usage names, or None for an expression.

    meters: the names there are; `a.x-b.y` is the counter of a meter a.x-b if it exists, and
    a difference if not.
    """
    match = _QUOTED.match(text) or _PLAIN.match(text)
    if match is None or (match["meter"] not in meters and "." in match["meter"]):
        return None
    return Usage(match["meter"], match["quantity"])
