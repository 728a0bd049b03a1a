"""What an operator asks for, one frozen struct each; the pipeline takes them like any input.

Each carries who gave it and when. What becomes of an order is told by events: what cannot be
carried out leaves one of a kind that ends in `_refused`, with a sentence in `why`.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

RecordOrder = Literal["cutover", "pause", "resume", "cancel"]
RECORD_ORDERS: Final[tuple[RecordOrder, ...]] = ("cutover", "pause", "resume", "cancel")

REFUSED: Final = "_refused"
"""How the kind of an event ends that says why an order was not carried out."""


class RecordOrdered(msgspec.Struct, frozen=True, gc=False):
    """To cut, pause, resume or cancel the record of a configuration now."""

    record: str
    at_ms: int
    actor: str
    order: RecordOrder


class ReplacementOrdered(msgspec.Struct, frozen=True, gc=False):
    """The device of a meter was replaced: now, or when the readings have shown it already.

    quantity: the register, "" for all of the meter's. swapped_ms: when it was replaced, None
    for now. old_final, new_initial: what the old register last showed and the new one first,
    base units. serial: of the new device. force: believe more use than the ceiling allows.
    """

    meter: str
    at_ms: int
    actor: str
    quantity: str = ""
    swapped_ms: int | None = None
    old_final: int | None = None
    new_initial: int | None = None
    serial: str | None = None
    force: bool = False


class RecordEdit(msgspec.Struct, frozen=True, gc=False):
    """An operator's own columns of a record, as they are to be. id: plain, without dashes."""

    id: str
    columns: dict[str, Any]
    modified_ms: int
    modified_by: str


EDITABLE: Final = {
    "enabled": bool,
    "notes": str,
    "spare1": str,
    "spare2": str,
    "spare3": str,
    "description": str,
    "to_be_pruned": bool,
}
"""The columns that belong to the operator, and their types; texts may be null (seed 001)."""
