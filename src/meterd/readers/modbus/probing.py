"""Reading a meter's words twice, and judging all they could mean (`guesses.py`)."""

from __future__ import annotations

from meterd.clock import Clock
from meterd.config.points import ModbusDevice
from meterd.readers.modbus.guesses import Guess, ranking, wanted
from meterd.readers.modbus.options import Seen
from meterd.readers.modbus.talk import Talk, snapshot


async def probe(talk: Talk, device: ModbusDevice, seconds: float, clock: Clock) -> list[Guess]:
    """Every guess that gives values, the best first; ReadFailed if the device does not answer.

    seconds: between the two readings, in which counters should rise.
    """
    places = wanted(device.points)
    before = await snapshot(talk, device.unit, places, device.max_words)
    began_ms = clock.mono_ms()
    await clock.sleep_until(began_ms + round(1000 * seconds))
    now = await snapshot(talk, device.unit, before.keys(), device.max_words)
    passed_s = (clock.mono_ms() - began_ms) / 1000
    return ranking(device.points, Seen(before, now, passed_s))
