"""Cells of CSV that a spreadsheet will open: what is text stays text."""

from __future__ import annotations

from typing import Any, Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def guarded(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is quoted with '; numbers are not."""
    if isinstance(value, str) and value.startswith(FORMULA):
        number = value.lstrip("+-").replace(".", "", 1).isdecimal()
        return value if number else f"'{value}"
    return value
