"""How often each meter has something new to say."""

from __future__ import annotations

from typing import Final

from meterd.config.expressions import known
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.metering.expression import Expression

VIRTUAL: Final = "virtual"
WAIT: Final = frozenset({"push", "manual"})
"""Protocols of meters that are told when somebody sends, not when we ask."""


def rhythm(config: Config) -> dict[str, int]:
    """Meter -> milliseconds between two of its readings, 0 where nobody knows.

    A virtual meter is as slow as the slowest of its parts.
    """
    derived = {meter.name: meter for meter in config.meters if meter.protocol == VIRTUAL}
    found = {
        meter.name: _asked(config, meter) for meter in config.meters if meter.name not in derived
    }
    catalogue = known(config.meters) if derived else {}

    def slowest(name: str) -> int:
        if name not in found:
            texts = (point.expression for point in derived[name].points.values())
            named = [Expression(text, catalogue).references for text in texts if text]
            parts = [slowest(one.meter) for references in named for one in references]
            found[name] = max(parts) if parts and all(parts) else 0
        return found[name]

    return {meter.name: slowest(meter.name) for meter in config.meters}


def _asked(config: Config, meter: MeterConfig) -> int:
    link = config.connections.get(meter.connection or "")
    return 0 if link is None or link.protocol in WAIT else meter.every
