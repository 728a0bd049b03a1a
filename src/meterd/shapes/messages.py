"""Readings in messages of MQTT: the payload is a number, or JSON that holds numbers.

    points: {energy_import: {topic: tele/plug/SENSOR, field: ENERGY.Total}}

A message carries no time that could be relied on, so its reading is of when it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from meterd.events import Reading
from meterd.shapes.entries import EntryError, reading
from meterd.specs import MeterSpec


class Wanted(NamedTuple):
    """What a message holds for a meter. path: the keys to it in JSON, () for the payload."""

    meter: str
    quantity: str
    path: tuple[str, ...] = ()


def heard(
    wanted: Iterable[Wanted], payload: bytes, specs: Mapping[str, MeterSpec], now_ms: int
) -> list[Reading]:
    """The readings in a message, one for each meter. What it does not hold is left out.

    Raises EntryError for a payload that holds no such thing, or no number there.
    """
    items: dict[str, dict[str, Any]] = {}
    whole: Any = None
    for one in wanted:
        if one.path and whole is None:
            whole = _decoded(payload)
        value = _at(whole, one.path) if one.path else payload.decode("utf-8", "replace").strip()
        if value is not None and one.meter in specs:
            items.setdefault(one.meter, {})[one.quantity] = value
    return [reading(specs[meter], item, now_ms, "") for meter, item in items.items()]


def _decoded(payload: bytes) -> Any:
    try:
        return msgspec.json.Decoder(Any, float_hook=str).decode(payload)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise EntryError("", f"is no JSON: {error}") from error


def _at(whole: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(whole, dict):
            return None
        whole = whole.get(key)
    return whole
