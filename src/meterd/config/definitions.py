"""Changes to the POWERMETER definition: fields added, removed, renamed, re-typed, required.

definitions:
  POWERMETER:
    add: {tenant: {type: text, label: Tenant, panel: General}}
    remove: [rack]
    rename: {meterName: displayName}
    retype: {building: {type: enum, options: [North, South]}, serialNumber: number}
    require: [serialNumber]
    optional: [meterPoint]

Fields are named as seed 000 names them, or as `add` does, whatever `rename` makes of them.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Type = Literal["text", "number", "date", "datetime", "enum", "reference"]
Panel = Literal["General", "Readings", "Consumption", "Thresholds", "Maintenance"]

CHANGES: Final[dict[str, frozenset[str]]] = {
    "text": frozenset({"number", "date", "datetime", "enum", "reference"}),
    "reference": frozenset({"text", "enum"}),
    "number": frozenset({"text"}),
    "date": frozenset({"text"}),
    "datetime": frozenset({"text"}),
    "enum": frozenset({"text"}),
}
"""What a field of a type may be made: whatever holds every value that it can have, and for
text and references, which hold anything, a narrower type that each value is checked against."""


class FieldConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field, or what becomes of one. label: default its name. options: of an enum, in the
    order of their ids, which start at 1. to: what a reference points at, as in ROOM."""

    type: Type = "text"
    label: str | None = None
    panel: Panel = "General"
    required: bool = False
    options: tuple[str, ...] = ()
    to: str | None = None


class RetypeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new type that needs more than its name. options, to: as of a field."""

    type: Type
    options: tuple[str, ...] = ()
    to: str | None = None


class DefinitionConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is other than seed 000 ships it."""

    add: dict[str, FieldConfig] = {}
    remove: tuple[str, ...] = ()
    rename: dict[str, str] = {}
    retype: dict[str, Type | RetypeConfig] = {}
    require: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


class DefinitionsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="upper"):
    """The definitions that can be changed: one."""

    powermeter: DefinitionConfig = DefinitionConfig()


def retyped(change: Type | RetypeConfig) -> RetypeConfig:
    """The same, whichever way it was written."""
    return change if isinstance(change, RetypeConfig) else RetypeConfig(change)
