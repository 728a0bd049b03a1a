"""How a device refuses a request, and what that says about it. Pure.

Codes after ASHRAE 135, clauses 18 and 20.1.
"""

from __future__ import annotations

from typing import Final, Literal

Kind = Literal["error", "reject", "abort"]

_UNRECOGNIZED_SERVICE: Final = 9
_WORDS: Final = {
    ("abort", 1): "its buffer overflows",
    ("abort", 4): "it cannot send an answer in parts",
    ("abort", 9): "it is out of resources",
    ("abort", 11): "the answer is too long for it",
    ("reject", 1): "its buffer overflows",
    ("reject", 7): "that is too much at once",
    ("reject", 9): "it does not know the service",
    ("error", 25): "it is out of resources",
    ("error", 31): "it has no such object",
    ("error", 32): "the object has no such property",
    ("error", 29): "it does not offer the service",
    ("error", 27): "reading is denied",
    ("error", 43): "it takes no such subscription",
    ("error", 45): "the object cannot be subscribed to",
}


class RefusedError(Exception):
    """An answer that is a refusal of the whole request. group: an error's class, else 0."""

    def __init__(self, kind: Kind, code: int, group: int = 0) -> None:
        said = f"{kind} {group}/{code}" if kind == "error" else f"{kind} {code}"
        super().__init__(f"{_WORDS.get((kind, code), 'it refuses')} ({said})")
        self.kind = kind
        self.code = code
        self.group = group

    @property
    def knows_no_service(self) -> bool:
        """Whether the device does not have the service at all."""
        return self.kind == "reject" and self.code == _UNRECOGNIZED_SERVICE


UNKNOWN: Final = frozenset({31, 32, 42})
"""Codes of an error that asking again does not change: no such object, property or element."""
