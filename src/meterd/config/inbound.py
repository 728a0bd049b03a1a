"""Topics of MQTT on which meters of protocol `push` publish their readings themselves."""

from __future__ import annotations

from meterd.config.connections import Push
from meterd.config.models import Config
from meterd.config.points import UNREAD
from meterd.shapes.messages import Wanted


def inbound(config: Config) -> dict[str, tuple[Wanted, ...]]:
    """Topic -> what its messages hold. Only for a configuration without errors."""
    found: dict[str, tuple[Wanted, ...]] = {}
    for meter in config.meters:
        link = config.connections.get(meter.connection or "")
        if not isinstance(link, Push) or meter.status in UNREAD:
            continue
        for quantity, point in meter.points.items():
            if point.topic is not None:
                path = tuple(point.field.split(".")) if point.field else ()
                wanted = Wanted(meter.name, quantity, path)
                found[point.topic] = (*found.get(point.topic, ()), wanted)
    return found
