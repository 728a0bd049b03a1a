"""What a meter that is not made yet reads now: one reading of its device, for whoever adds it."""

from __future__ import annotations

import random

from meterd.clock import Clock
from meterd.config.compile import site_spec
from meterd.config.links import links
from meterd.config.models import Config
from meterd.readers.line import ReadFailed, Surroundings
from meterd.readers.protocols import reader
from meterd.shapes.read_rows import rows_of
from meterd.web.world import Peeked


async def peek(config: Config, name: str, clock: Clock) -> Peeked:
    """One reading, on a line of its own beside the one that is polled. config: with the meter."""
    spec = next(spec for spec in site_spec(config).meters if spec.name == name)
    for link in links(config):
        for device in link.devices:
            if device.meter == name:
                registers = [register.quantity for register in spec.registers]
                around = Surroundings(clock, lambda _: None, random.Random())  # noqa: S311 - jitter
                try:
                    read = await reader(link.protocol).read_once(link, device, registers, around)
                except ReadFailed as error:
                    return Peeked(trouble=str(error))
                return Peeked(tuple(rows_of(spec, read)))
    return Peeked(trouble="it is on no connection that can be read now")
