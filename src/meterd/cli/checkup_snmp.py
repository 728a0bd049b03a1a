"""What `meterd doctor` says of the clocks of SNMP agents, by which their restarts are known."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator
from typing import Final

from meterd.cli.checkup import Check
from meterd.clock import SystemClock
from meterd.config.models import Config
from meterd.config.snmp import snmp_links
from meterd.readers.line import Surroundings
from meterd.readers.snmp.clocks import Watched, watch

NAME: Final = "agent's clock"
WRAP: Final = 1 << 32
"""Where sysUpTime, hundredths of a second, starts again."""
SOON: Final = 7 * 86_400 * 100
NEAR_MS: Final = 300
"""An agent's clock may be coarse and its answer late."""
BOOTS_MAX: Final = (1 << 31) - 1


def agent_clocks(config: Config) -> Iterator[Check]:
    """A check for every agent that is read; each is asked twice, a second apart."""
    around = Surroundings(SystemClock(), lambda _: None, random.Random())  # noqa: S311 - ids
    for link in snmp_links(config):
        yield from verdicts(asyncio.run(watch(link, around)))


def verdicts(seen: Iterable[Watched]) -> Iterator[Check]:
    """What was seen, and what it means."""
    engines: dict[bytes, str] = {}
    for one in seen:
        other = engines.setdefault(one.engine_id, one.place) if one.engine_id else one.place
        yield _verdict(one)
        if other != one.place:
            what = f"its engine id is that of {other}: one is a copy of the other"
            remedy = "Give each an engine id of its own: their notifications cannot be told apart."
            yield Check(NAME, one.place, False, what, remedy)
        if one.boots == BOOTS_MAX:
            what = "its engine's boots are used up, so it takes no authenticated message"
            yield Check(NAME, one.place, False, what, "Set its users up anew (RFC 3414, 2.2.2).")


def _verdict(one: Watched) -> Check:
    first, last = one.ticks
    if one.failure:
        return Check(NAME, one.place, False, one.failure, "Is it on, and is the login right?")
    if first is None or last is None:
        remedy = "Give its meters a point uptime, if it has another."
        return Check(NAME, one.place, None, "it has no sysUpTime to know a restart by", remedy)
    went_ms = (last - first) % WRAP * 10
    said = f"its sysUpTime went on {went_ms / 1000:.2f} s in {one.elapsed_ms / 1000:.2f} s"
    if went_ms > WRAP * 5:
        return Check(NAME, one.place, False, "it restarted just now", "See whether it does again.")
    if not went_ms:
        what = "its sysUpTime stands still, so a restart is seen by its value alone"
        return Check(NAME, one.place, False, what, "Look for a newer firmware.")
    if abs(went_ms - one.elapsed_ms) > NEAR_MS + one.elapsed_ms // 10:
        return Check(
            NAME, one.place, False, said, "It will seem to restart; a newer firmware may help."
        )
    days = (WRAP - last) / 8_640_000
    if WRAP - last < SOON:
        said += f"; it wraps in {days:.1f} days, which is no restart"
    return Check(NAME, one.place, True, said)
