"""From the file's `locations:`, `equipment:` and `meter_types:` to what the store lists."""

from __future__ import annotations

from meterd.config.models import Config
from meterd.records.inventory import Equipment, Inventory, MeterType, Place


def inventory(config: Config) -> Inventory:
    """What the file lists for records to refer to; what has no name goes by its tag."""
    return Inventory(
        locations=tuple(
            Place(tag, place.name or tag, place.description)
            for tag, place in config.locations.items()
        ),
        equipment=tuple(
            Equipment(tag, thing.name or tag, thing.description, thing.location)
            for tag, thing in config.equipment.items()
        ),
        meter_types=tuple(
            MeterType(
                tag,
                kind.name or tag,
                kind.usage_unit,
                kind.cost_unit or config.site.currency,
                kind.description,
            )
            for tag, kind in config.meter_types.items()
        ),
    )
