"""A host that has booted without a clock: nothing is read until its clock is set.

A board without a battery begins in 1970 and is set by the network a little later. What was
dated before that could not be undone: periods would close, and intervals fill half a century.
Meters count meanwhile, and what they counted is booked when they are first read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog

from meterd.clock import Clock
from meterd.daemon.notify import Notifier
from meterd.metering.calendar import iso, parse_iso

log = structlog.get_logger()

FIRST_MS: Final = parse_iso("2025-01-01T00:00:00Z")
"""No meterd is older than this, so no clock that says so is right."""
LOOK_MS: Final = 1_000
PATIENCE_US: Final = 60_000_000
"""How long systemd is asked, again and again, not to take the start for hung."""


async def until_set(clock: Clock, environ: Mapping[str, str]) -> None:
    """Return when the clock tells a time that can be."""
    began_ms = clock.now_ms()
    if began_ms >= FIRST_MS:
        return
    says = iso(began_ms)
    log.warning("The host's clock is not set; nothing is read until it is.", clock=says)
    notifier = Notifier(environ)
    while clock.now_ms() < FIRST_MS:
        notifier.send(
            STATUS=f"waiting for the host's clock to be set: it says {iso(clock.now_ms())}",
            EXTEND_TIMEOUT_USEC=str(PATIENCE_US),
        )
        await clock.sleep_until(clock.mono_ms() + LOOK_MS)
    log.info("The host's clock is set.", clock=iso(clock.now_ms()))
